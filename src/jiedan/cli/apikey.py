"""`jiedan apikey create | list | revoke`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import cyclopts

from jiedan.accounts import queries, service
from jiedan.accounts.values import ALL_PERMISSIONS, NewApiKey
from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.cli import merchant, output, runtime

app = cyclopts.App(name="apikey", help=N_("Create, list and revoke API keys."))

DAYS_MAX = 3650
"""Longest life of a key that ends at all."""

_CREATED = N_("The key of {name}, shown only now:\n{credential}")
_EVERYTHING = N_("everything")
_REVOKED = N_("The key of {name} was revoked.")
_HEADINGS = {
    "name": N_("Name"),
    "hint": N_("Ends with"),
    "permissions": N_("Permissions"),
    "created_at": N_("Created"),
    "last_used_at": N_("Last used"),
    "expires_at": N_("Expires"),
    "revoked_at": N_("Revoked"),
    "api_key_id": N_("Id"),
}


@app.command
async def create(
    slug: str,
    name: str,
    *,
    permission: Annotated[Sequence[str], cyclopts.Parameter(negative=())] = (),
    all_permissions: Annotated[bool, cyclopts.Parameter(name="--all", negative=())] = False,
    days: Annotated[int | None, cyclopts.Parameter(validator=cyclopts.validators.Number(gte=1, lte=DAYS_MAX))] = None,
) -> None:
    """Create an API key and print it, this once.

    Parameters
    ----------
    slug
        The merchant.
    name
        The program that will use the key.
    permission
        Something the key may do, like orders:write; may be repeated.
    all_permissions
        Let the key do everything.
    days
        The key expires after so many days; default never.

    """
    permissions = sorted(ALL_PERMISSIONS) if all_permissions else list(permission)

    async def make(tx: Tx) -> NewApiKey:
        expires_at = None if days is None else tx.now + timedelta(days=days)
        return await service.create_api_key(
            tx, name=name, permissions=permissions, held=ALL_PERMISSIONS, expires_at=expires_at
        )

    async with runtime.running() as jiedan:
        made = await jiedan.database.write(await merchant.scope_of(jiedan.database, slug), make)
    output.result(
        {"api_key_id": made.api_key.api_key_id, "credential": made.credential, "expires_at": made.api_key.expires_at},
        _CREATED,
        name=name,
        credential=made.credential,
    )


@app.command(name="list")
async def list_(slug: str) -> None:
    """List a merchant's API keys, without their secrets.

    Parameters
    ----------
    slug
        The merchant.

    """
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        async with jiedan.database.read(scope) as tx:
            keys = await queries.api_keys(tx)
    rows = [{name: getattr(key, name) for name in _HEADINGS} for key in keys]
    output.table([row | {"permissions": _permissions(row["permissions"])} for row in rows], _HEADINGS)


def _permissions(held: frozenset[str]) -> list[str] | str:
    """Return what a key may do: a list as JSON; for people in a row, or one word where it is all there is."""
    if output.is_json():
        return sorted(held)
    return output.translated(_EVERYTHING) if held == ALL_PERMISSIONS else " ".join(sorted(held))


@app.command
async def revoke(slug: str, api_key_id: UUID) -> None:
    """Revoke an API key for good.

    Parameters
    ----------
    slug
        The merchant.
    api_key_id
        The key, as listed.

    """
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        key = await jiedan.database.write(scope, lambda tx: service.revoke_api_key(tx, api_key_id=api_key_id))
    output.result({"api_key_id": key.api_key_id, "revoked_at": key.revoked_at}, _REVOKED, name=key.name)
