"""The caller: who it is, and where it is signed in."""

from uuid import UUID

import msgspec
from litestar import delete, get

from jiedan.accounts import errors, queries, service, values
from jiedan.accounts.values import Session, StaffId
from jiedan.base.ids import TenantId
from jiedan.base.web.auth import Authentication
from jiedan.base.web.unit import Unit


class Me(msgspec.Struct, frozen=True):
    """Who is calling and what they may do; `kind` is staff or api_key."""

    tenant_id: TenantId
    merchant: str
    slug: str
    kind: str
    id: str
    name: str
    permissions: list[str]


@get("/me", permission=values.SELF, summary="Tell who is calling")
async def get_me(unit: Unit) -> Me:
    """Answer the caller, its merchant and its permissions."""
    caller = unit.principal
    permissions = sorted(caller.permissions & values.ALL_PERMISSIONS)
    return Me(caller.tenant, caller.merchant, caller.slug, caller.actor.kind, caller.actor.id, caller.name, permissions)


@get("/me/sessions", permission=values.SELF, summary="List own sessions")
async def list_sessions(unit: Unit) -> list[Session]:
    """Answer where the caller is signed in; nothing for an API key."""
    caller = _staff_id(unit)
    if caller is None:
        return []
    async with unit.read() as tx:
        return list(await queries.sessions(tx, staff_id=caller))


@delete("/me/sessions/{session_id:uuid}", permission=values.SELF, summary="End one of one's own sessions")
async def revoke_session(unit: Unit, session_id: UUID) -> None:
    """Sign out there."""
    caller = _staff_id(unit)
    if caller is None:
        raise errors.SessionNotFound
    await unit.write(lambda tx: service.revoke_session(tx, staff_id=caller, session_id=session_id))
    unit.part(Authentication).forget(unit.tenant)


def _staff_id(unit: Unit) -> StaffId | None:
    """Return which of the staff is calling; None for an API key."""
    return StaffId(UUID(unit.principal.actor.id)) if unit.principal.actor.kind == "staff" else None


HANDLERS = (get_me, list_sessions, revoke_session)
