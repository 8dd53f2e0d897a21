"""Say how the shop shows itself: open or closed, its host, its texts, its logo."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import psycopg.errors

from jiedan.accounts import errors, events, queries, rules, values
from jiedan.accounts.service import history
from jiedan.accounts.values import Logo, Storefront
from jiedan.base import directory, sql
from jiedan.base.db import Tx

SQL = sql.load("jiedan.accounts.service", "storefront.sql")

_KEPT = (
    "is_open", "tagline", "contact_email", "contact_phone", "terms", "transfer_instructions", "pays_on_delivery",
    "cancel_until", "edit_until", "link_days",
)  # fmt: skip


async def change_storefront(
    tx: Tx, *, changes: Mapping[str, Any], expected_version: int | None = None, own_host: str = ""
) -> Storefront:
    """Edit how the shop shows itself by field name, and return it; what changes nothing is no edit.

    `own_host` is where Jiedan itself answers. Raises StaleVersion, HostInvalid, HostTaken, EmailInvalid,
    StorefrontTextTooLong, ChoiceUnknown, LinkDaysOutOfRange.
    """
    await queries.lock_staff(tx)  # the first edit finds no row to lock
    before = await queries.storefront_for_update(tx)
    host = await directory.host(tx)
    before = dataclasses.replace(before, host=host)
    await history.check_version(
        tx,
        subject_id=tx.tenant,
        kind=events.StorefrontChanged.kind,
        current=before.version,
        expected=expected_version,
    )
    wanted = dict(changes)
    if wanted.get("host") is not None:
        wanted["host"] = str(wanted["host"]).strip().lower().rstrip(".") or None
    after = dataclasses.replace(before, **wanted)
    history.refuse(rules.check_storefront(after, own_host=own_host))
    diff = rules.changed(before, after)
    if not diff:
        return before
    if "host" in diff:
        await _take_host(tx, after.host)
    after = dataclasses.replace(after, version=before.version + 1)
    kept = {name: getattr(after, name) for name in _KEPT}
    await tx.sql_count(SQL["put_storefront"], **kept, version=after.version, now=tx.now)
    tx.emit(events.StorefrontChanged(merchant_id=tx.tenant, version=after.version, fields=tuple(sorted(diff))))
    return after


async def _take_host(tx: Tx, host: str | None) -> None:
    """Let the shop answer at `host` too, or at none. Raises HostTaken."""
    try:
        is_taken = not await directory.set_host(tx, host=host)
    except psycopg.errors.UniqueViolation:  # somebody else took it in this very moment
        is_taken = True
    if is_taken:
        raise errors.HostTaken(host=str(host), field="host")


async def set_logo(tx: Tx, *, logo: Logo | None) -> Storefront:
    """Show another logo, encoded anew by the caller, or none; the same once more is no edit. Raises LogoTooLarge."""
    if logo is not None and len(logo.content) > values.LOGO_BYTES_MAX:
        raise errors.LogoTooLarge(bytes_max=values.LOGO_BYTES_MAX, field="logo")
    await queries.lock_staff(tx)
    before = await queries.storefront_for_update(tx)
    if await queries.logo(tx) == logo:
        return before
    after = dataclasses.replace(before, has_logo=logo is not None, version=before.version + 1)
    if before.version == 0:
        kept = {name: getattr(after, name) for name in _KEPT}
        await tx.sql_count(SQL["put_storefront"], **kept, version=after.version, now=tx.now)
    await tx.sql_count(
        SQL["put_logo"],
        logo=logo.content if logo is not None else None,
        media_type=logo.media_type if logo is not None else "",
        version=after.version,
        now=tx.now,
    )
    tx.emit(events.StorefrontChanged(merchant_id=tx.tenant, version=after.version, fields=("logo",)))
    return after
