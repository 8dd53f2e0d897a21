"""API keys: made with a scope inside their maker's, shown once, revoked for good."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, events, queries, rules, tables
from jiedan.accounts.service import credentials, history
from jiedan.accounts.values import ApiKey, ApiKeyId, NewApiKey, StaffId
from jiedan.base import once
from jiedan.base.db import Tx


async def create_api_key(
    tx: Tx,
    *,
    name: str,
    permissions: Collection[str],
    held: frozenset[str],
    expires_at: datetime | None = None,
    key: str | None = None,
) -> NewApiKey:
    """Make an API key by the actor of this transaction, who holds `held`.

    A key never does more than the person who made it may do at that moment, and stops when they are deactivated. A key
    made with another key belongs to the same person and does not outlive that key; one made from the command line
    belongs to nobody. Raises NameInvalid, PermissionUnknown, PermissionNotHeld, ScopeEmpty, ExpiryPast, TooMany,
    KeyReused, or SecretShown when the same idempotency `key` has made one: its secret is nowhere to be read again.
    """
    past: list[errors.ExpiryPast] = []
    if expires_at is not None and expires_at <= tx.now:
        past = [errors.ExpiryPast(field="expires_at")]
    history.refuse(
        [
            *rules.check_name(name, field="name"),
            *rules.check_permissions(permissions, held=held),
            *past,
        ]
    )
    body = (name, sorted(permissions), expires_at)
    wish = await once.subject(tx, operation="accounts.create_api_key", key=key, body=body)
    if not wish.is_fresh:
        raise errors.SecretShown(api_key=str(wish.id))
    await queries.lock_staff(tx)
    if await queries.live_api_keys(tx) >= queries.API_KEYS_MAX:
        raise errors.TooMany(limit=queries.API_KEYS_MAX)
    created_by, expires_at = await _maker(tx, expires_at)
    secret = credentials.new_secret()
    made = ApiKey(
        ApiKeyId(wish.id), name, credentials.hint(secret), frozenset(permissions),
        created_by, tx.now, expires_at, None, None,
    )  # fmt: skip
    await tx.execute(
        sa.insert(tables.ApiKey).values(
            tenant_id=tx.tenant,
            api_key_id=made.api_key_id,
            name=name,
            hint=made.hint,
            secret_hash=credentials.secret_hash(secret),
            permissions=sorted(made.permissions),
            created_by=created_by,
            created_at=tx.now,
            expires_at=expires_at,
        )
    )
    tx.emit(
        events.ApiKeyCreated(
            api_key_id=made.api_key_id, permissions=tuple(sorted(made.permissions)), expires_at=expires_at
        ),
        private={"name": name},
    )
    return NewApiKey(made, credentials.api_key_credential(tx.tenant, secret))


async def _maker(tx: Tx, expires_at: datetime | None) -> tuple[StaffId | None, datetime | None]:
    """Return the person a new key belongs to, and when it ends at the latest."""
    if tx.actor.kind == "staff":
        return StaffId(UUID(tx.actor.id)), expires_at
    if tx.actor.kind == "api_key":
        parent = await queries.api_key(tx, UUID(tx.actor.id))
        return parent.created_by, min(filter(None, (expires_at, parent.expires_at)), default=None)
    return None, expires_at


async def revoke_api_key(tx: Tx, *, api_key_id: UUID) -> ApiKey:
    """Revoke an API key and return it; one that is revoked already stays so. Raises ApiKeyNotFound.

    It fails in the next batch of the desk, and everywhere within a minute.
    """
    key = await queries.api_key_for_update(tx, api_key_id)
    if key.revoked_at is not None:
        return key
    k = tables.ApiKey
    await tx.execute(sa.update(k).where(k.tenant_id == tx.tenant, k.api_key_id == api_key_id).values(revoked_at=tx.now))
    tx.emit(events.ApiKeyRevoked(api_key_id=api_key_id))
    return await queries.api_key(tx, api_key_id)
