"""Tell who holds a secret inside a merchant; `base.web` asks, and remembers the answer for a minute."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from jiedan.accounts import rules, tables, values
from jiedan.accounts.queries import actors
from jiedan.accounts.service import credentials
from jiedan.base.connections import driver_error
from jiedan.base.db import Scope, Tx
from jiedan.base.errors import Unavailable
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.web.principals import BEARER, SESSION, Principal

log = structlog.get_logger()


class SessionAuthenticator:
    """Know the staff by the secret in their cookie."""

    scheme = SESSION

    async def authenticate(self, runtime: Runtime, tenant: TenantId, secret: str) -> Principal | None:
        """Return whose session this is, or None when there is none or it has expired; note that it was seen."""
        row = await _holder(runtime, tenant, "session_holder", secret)
        if row is None:
            return None
        session_id, last_seen_at, expires_at, staff_id, name, locale, role, permissions, *merchant = row
        now = runtime.clock.now()
        if rules.session_ends(last_seen_at=last_seen_at, expires_at=expires_at) <= now:
            return None
        if now - last_seen_at >= rules.SESSION_SEEN_EVERY:
            await _note(runtime, tenant, lambda tx: _seen(tx, session_id))
            last_seen_at = now
        return Principal(
            tenant=tenant,
            actor=Actor("staff", str(staff_id)),
            permissions=rules.effective_permissions(role, permissions) | {values.SELF},
            caller=f"staff:{staff_id}",
            name=name,
            scheme=SESSION,
            locale=locale,
            credential_id=session_id,
            expires_at=rules.session_ends(last_seen_at=last_seen_at, expires_at=expires_at),
            **_of_merchant(merchant),
        )


class ApiKeyAuthenticator:
    """Know programs by their API key."""

    scheme = BEARER

    async def authenticate(self, runtime: Runtime, tenant: TenantId, secret: str) -> Principal | None:
        """Return whose key this is, or None when it is unknown, revoked or expired; note roughly that it was used."""
        row = await _holder(runtime, tenant, "api_key_holder", secret)
        if row is None:
            return None
        api_key_id, last_used_at, expires_at, name, scope, created_by, role, role_permissions, *merchant = row
        now = runtime.clock.now()
        if expires_at is not None and expires_at <= now:
            return None
        if last_used_at is None or now - last_used_at >= rules.API_KEY_USED_EVERY:
            await _note(runtime, tenant, lambda tx: _used(tx, api_key_id))
        maker = values.ALL_PERMISSIONS if created_by is None else rules.effective_permissions(role, role_permissions)
        return Principal(
            tenant=tenant,
            actor=Actor("api_key", str(api_key_id)),
            permissions=rules.key_permissions(scope, maker=maker) | {values.SELF},
            caller=f"api_key:{api_key_id}",
            name=name,
            scheme=BEARER,
            credential_id=api_key_id,
            expires_at=expires_at,
            **_of_merchant(merchant),
        )


async def _holder(runtime: Runtime, tenant: TenantId, statement: str, secret: str) -> tuple[Any, ...] | None:
    async with runtime.database.read(Scope(tenant)) as tx:
        rows = await tx.sql(actors.SQL[statement], secret_hash=credentials.secret_hash(secret))
    return rows[0] if rows else None


def _of_merchant(columns: list[Any]) -> dict[str, Any]:
    slug, name, time_zone, currency, hue = columns
    return {"slug": slug, "merchant": name, "time_zone": time_zone, "currency": currency, "hue": hue}


async def _note(runtime: Runtime, tenant: TenantId, work: Callable[[Tx], Awaitable[None]]) -> None:
    """Write down that a credential was used; where nothing can be written (a full disk), its holder may still read."""
    try:
        await runtime.database.write(Scope(tenant), work)
    except Exception as error:
        if driver_error(error) is None and not isinstance(error, Unavailable):
            raise
        log.warning("accounts.use_not_noted", tenant=str(tenant), error=repr(error))


async def _seen(tx: Tx, session_id: UUID) -> None:
    s = tables.StaffSession
    await tx.execute(
        sa.update(s).where(s.tenant_id == tx.tenant, s.session_id == session_id).values(last_seen_at=tx.now)
    )


async def _used(tx: Tx, api_key_id: UUID) -> None:
    k = tables.ApiKey
    await tx.execute(
        sa.update(k).where(k.tenant_id == tx.tenant, k.api_key_id == api_key_id).values(last_used_at=tx.now)
    )
