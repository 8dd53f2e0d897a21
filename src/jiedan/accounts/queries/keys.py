"""Reads of passkeys and API keys."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, tables
from jiedan.accounts.queries.rows import all_rows, one_row
from jiedan.accounts.values import ApiKey, ApiKeyId, Passkey
from jiedan.base.db import ReadTx, Tx

API_KEYS_MAX = 500


async def passkeys(tx: ReadTx, *, staff_id: UUID) -> Sequence[Passkey]:
    """Return a person's passkeys, in the order they were made."""
    found = await all_rows(tx, _passkeys(tx, staff_id).order_by(tables.Passkey.passkey_id))
    return [Passkey(*row) for row in found]


async def passkey_for_update(tx: Tx, *, staff_id: UUID, passkey_id: UUID) -> Passkey:
    """Return one of a person's passkeys, locked. Raises PasskeyNotFound."""
    k = tables.Passkey
    locked = _passkeys(tx, staff_id).where(k.passkey_id == passkey_id).order_by(k.passkey_id)
    found = await one_row(tx, locked.with_for_update(key_share=True))
    if found is None:
        raise errors.PasskeyNotFound
    return Passkey(*found)


def _passkeys(tx: ReadTx, staff_id: UUID) -> Any:
    k = tables.Passkey
    return sa.select(k.passkey_id, k.name, k.is_synced, k.version, k.created_at, k.last_used_at).where(
        k.tenant_id == tx.tenant, k.staff_id == staff_id
    )


async def live_api_keys(tx: ReadTx) -> int:
    """Return how many API keys are not revoked."""
    k = tables.ApiKey
    counted = await tx.execute(
        sa.select(sa.func.count()).select_from(k).where(k.tenant_id == tx.tenant, k.revoked_at.is_(None))
    )
    return int(counted.scalar_one())


async def api_keys(tx: ReadTx) -> Sequence[ApiKey]:
    """Return API keys: those that are good first, then revoked ones, each newest first; `API_KEYS_MAX` at most."""
    k = tables.ApiKey
    found = await all_rows(
        tx, _api_keys(tx).order_by(k.revoked_at.is_not(None), k.api_key_id.desc()).limit(API_KEYS_MAX)
    )
    return [_api_key(row) for row in found]


async def api_key(tx: ReadTx, api_key_id: UUID) -> ApiKey:
    """Return an API key. Raises ApiKeyNotFound."""
    found = await one_row(tx, _api_keys(tx).where(tables.ApiKey.api_key_id == api_key_id))
    if found is None:
        raise errors.ApiKeyNotFound
    return _api_key(found)


async def api_key_for_update(tx: Tx, api_key_id: UUID) -> ApiKey:
    """Return an API key, locked. Raises ApiKeyNotFound."""
    k = tables.ApiKey
    locked = _api_keys(tx).where(k.api_key_id == api_key_id).order_by(k.api_key_id).with_for_update(key_share=True)
    found = await one_row(tx, locked)
    if found is None:
        raise errors.ApiKeyNotFound
    return _api_key(found)


def _api_keys(tx: ReadTx) -> Any:
    k = tables.ApiKey
    return sa.select(
        k.api_key_id, k.name, k.hint, k.permissions, k.created_by, k.created_at, k.expires_at, k.revoked_at
    ).add_columns(k.last_used_at).where(k.tenant_id == tx.tenant)  # fmt: skip


def _api_key(row: Any) -> ApiKey:
    api_key_id, name, hint, permissions, *rest = row
    return ApiKey(ApiKeyId(api_key_id), name, hint, frozenset(permissions), *rest)
