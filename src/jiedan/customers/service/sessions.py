"""Sessions of customers: begun at sign-in under a fresh secret, ended by sign-out, a new password or by staff."""

from uuid import UUID

from jiedan.accounts import service as accounts
from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.customers import events, queries, rules
from jiedan.customers.values import Browser, CustomerId, SessionId, SignedIn

SQL = sql.load("jiedan.customers.service", "accounts.sql")

USER_AGENT_CHARACTERS_MAX = 200
FORGOTTEN_PER_SIGN_IN_MAX = 500
"""So many rows that ran out go with each sign-in: a shop that is used keeps its own tables short."""


async def begin(tx: Tx, *, account_id: UUID, browser: Browser, replaced: str | None = None) -> SignedIn:
    """Begin a session with a fresh secret; the one of the secret `replaced`, if it is this merchant's, ends.

    A secret that came from outside is never taken over, so nobody can plant a session in somebody's browser.
    """
    if replaced:
        await sign_out(tx, secret=replaced)
    secret = accounts.new_secret()
    session_id = SessionId(tx.new_id())
    expires_at = tx.now + rules.SESSION_ABSOLUTE
    await tx.sql(
        SQL["insert_session"],
        session_id=session_id,
        customer_id=account_id,
        secret_hash=accounts.secret_hash(secret),
        at=tx.now,
        expires_at=expires_at,
        network=browser.network,
        user_agent=browser.user_agent[:USER_AGENT_CHARACTERS_MAX],
    )
    run_out = {"at": tx.now, "rows_max": FORGOTTEN_PER_SIGN_IN_MAX}
    await tx.sql_many([(SQL["forget_sessions"], run_out), (SQL["forget_links"], run_out)])
    tx.emit(events.AccountEntered(customer_id=account_id, session_id=session_id))
    return SignedIn(CustomerId(account_id), session_id, accounts.session_credential(tx.tenant, secret), expires_at)


async def note_seen(tx: Tx, *, session_id: UUID) -> None:
    """Write down that a session was used."""
    await tx.sql_count(SQL["touch_session"], session_id=session_id, at=tx.now)


async def sign_out(tx: Tx, *, secret: str) -> None:
    """End the session of a secret; one that has ended already is no error."""
    for account_id, session_id in await tx.sql(SQL["end_session"], secret_hash=accounts.secret_hash(secret)):
        tx.emit(events.AccountSessionsEnded(customer_id=account_id, session_ids=(session_id,)))


async def sign_out_everywhere(tx: Tx, *, account_id: UUID) -> int:
    """End every session of an account, also one that begins meanwhile; return how many. Raises AccountNotFound."""
    await queries.access_for_update(tx, account_id)  # as whoever begins one does
    return await end_all(tx, account_id=account_id)


async def end_all(tx: Tx, *, account_id: UUID, kept: UUID | None = None) -> int:
    """End every session of a locked account but `kept`; return how many."""
    # No session has the id of an account, so that ends them all.
    ended = await tx.sql(SQL["end_sessions"], customer_id=account_id, kept=kept or account_id)
    if ended:
        session_ids = tuple(sorted(row[0] for row in ended))
        tx.emit(events.AccountSessionsEnded(customer_id=account_id, session_ids=session_ids))
    return len(ended)
