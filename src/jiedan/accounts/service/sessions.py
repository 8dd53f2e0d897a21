"""Sessions: begun at sign-in, ended by sign-out, revocation, a new password or another role."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, events, rules, tables
from jiedan.accounts.service import credentials
from jiedan.accounts.values import SessionId, SignedIn, StaffId, Visitor
from jiedan.base.db import Tx

USER_AGENT_CHARACTERS_MAX = 200
THROTTLES_KEPT = timedelta(days=1)


async def begin(tx: Tx, *, staff_id: StaffId, visitor: Visitor, replaced: str | None = None) -> SignedIn:
    """Begin a session with a fresh secret; the one of the secret `replaced`, if it is this merchant's, ends.

    A secret that came from outside is never taken over, so nobody can plant a session in somebody's browser.
    """
    secret = credentials.new_secret()
    session_id = SessionId(tx.new_id())
    if replaced:
        await _end_secret(tx, replaced, followers={staff_id: session_id})
    expires_at = tx.now + rules.SESSION_ABSOLUTE
    await tx.execute(
        sa.insert(tables.StaffSession).values(
            tenant_id=tx.tenant,
            session_id=session_id,
            staff_id=staff_id,
            secret_hash=credentials.secret_hash(secret),
            created_at=tx.now,
            last_seen_at=tx.now,
            expires_at=expires_at,
            network=visitor.network,
            user_agent=visitor.user_agent[:USER_AGENT_CHARACTERS_MAX],
        )
    )
    await _sweep(tx)
    return SignedIn(staff_id, session_id, credentials.session_credential(tx.tenant, secret), expires_at)


async def end(
    tx: Tx, *, staff_id: StaffId, session_ids: Collection[UUID] | None = None, kept: UUID | None = None
) -> int:
    """End a person's sessions: those of `session_ids`, or all but `kept`; return how many."""
    s = tables.StaffSession
    chosen = [s.tenant_id == tx.tenant, s.staff_id == staff_id]
    if session_ids is not None:
        chosen.append(s.session_id.in_(list(session_ids)))
    if kept is not None:
        chosen.append(s.session_id != kept)
    ended = (await tx.execute(sa.delete(s).where(*chosen).returning(s.session_id))).scalars().all()
    if ended:
        tx.emit(events.SessionsEnded(staff_id=staff_id, session_ids=tuple(sorted(ended))))
    return len(ended)


async def revoke_session(tx: Tx, *, staff_id: StaffId, session_id: UUID) -> None:
    """End one of a person's own sessions. Raises SessionNotFound, also for somebody else's."""
    if not await end(tx, staff_id=staff_id, session_ids=[session_id]):
        raise errors.SessionNotFound


async def sign_out(tx: Tx, *, secret: str) -> None:
    """End the session of a secret; one that has ended already is no error."""
    await _end_secret(tx, secret, followers={})


async def _end_secret(tx: Tx, secret: str, *, followers: Mapping[StaffId, SessionId]) -> None:
    """End the session of a secret; `followers` is the one that its person goes on by, if it is theirs."""
    s = tables.StaffSession
    ended: Any = await tx.execute(
        sa.delete(s)
        .where(s.tenant_id == tx.tenant, s.secret_hash == credentials.secret_hash(secret))
        .returning(s.staff_id, s.session_id)
    )
    for staff_id, session_id in ended:
        follower_id = followers.get(staff_id)
        tx.emit(events.SessionsEnded(staff_id=staff_id, session_ids=(session_id,), follower_id=follower_id))


async def _sweep(tx: Tx) -> None:
    """Delete what has run out: a merchant signs in often enough to keep its own tables short."""
    s, k, h = tables.StaffSession, tables.StaffLink, tables.SignInThrottle
    await tx.execute(sa.delete(s).where(s.tenant_id == tx.tenant, s.expires_at <= tx.now))
    await tx.execute(
        sa.delete(k).where(k.tenant_id == tx.tenant, k.purpose == "password_reset", k.expires_at <= tx.now)
    )
    await tx.execute(sa.delete(h).where(h.tenant_id == tx.tenant, h.window_started_at <= tx.now - THROTTLES_KEPT))
