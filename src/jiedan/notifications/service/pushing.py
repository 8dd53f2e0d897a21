"""Notices are pushed to the browsers of staff: claimed, written, sent outside of any transaction, and settled.

A push that died on its way is sent again: its tag is the notice's, and a browser shows one notice per tag. A browser
that takes pushes no more is forgotten.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
import structlog

from jiedan.accounts import queries as accounts
from jiedan.accounts import rules as account_rules
from jiedan.base import errors, gateway, i18n, sql
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.base.sealing import SealBroken, Sealer
from jiedan.notifications import events, rules
from jiedan.notifications.notices import NOTICES
from jiedan.notifications.post.office import Office
from jiedan.notifications.post.pusher import Outcome
from jiedan.notifications.service import devices
from jiedan.notifications.values import Push, audience_of

SQL = sql.load("jiedan.notifications.service", "pushing.sql")

DEVICES_TOLD_MAX = 5_000
PUSHES_PER_RUN_MAX = 500
RUN_S_MAX = 60.0
"""Whatever is left then is pushed by the next run: browsers whose services answer slowly keep nobody else waiting."""

DROPPED_PER_SET_MAX = 1_000
BODY_CHARACTERS_MAX = 300

log = structlog.get_logger()


class PutUp(NamedTuple):
    """A notice that is new under the bell, and whom it is for."""

    notice_id: UUID
    audience: str


class Shown(msgspec.Struct, frozen=True):
    """What the service worker shows and opens (base/web/static/sw.js)."""

    title: str
    body: str
    url: str
    tag: str


class Claimed(NamedTuple):
    """A push that is one sender's until a moment, which names the try."""

    push_id: UUID
    subscription_id: UUID
    notice_id: UUID
    attempts: int
    until: datetime


class Ready(NamedTuple):
    """A push and what came of writing it: where to and what, or why it is not sent."""

    claimed: Claimed
    staff_id: UUID | None = None
    to: Push | None = None
    content: bytes = b""
    why_not: Outcome = "refused"


async def queue_pushes(tx: Tx, notices: Sequence[PutUp]) -> int:
    """Queue new notices for the browsers of those they are for; return how many pushes that makes."""
    if not notices:
        return 0
    watching = await tx.sql(SQL["devices_that_watch"], limit=DEVICES_TOLD_MAX)
    pairs = [
        (subscription_id, notice.notice_id)
        for subscription_id, staff_id, role, permissions in watching
        for notice in notices
        if _is_for(notice.audience, staff_id, role, permissions)
    ]
    if not pairs:
        return 0
    return await tx.sql_count(
        SQL["queue_pushes"],
        push_ids=tx.new_ids(len(pairs)),
        subscription_ids=[pair[0] for pair in pairs],
        notice_ids=[pair[1] for pair in pairs],
        at=tx.now,
    )


async def push_due(database: Database, tenant: TenantId, office: Office) -> int:
    """Push what is queued and due for one merchant, one after the other; return how many were tried.

    What could not be pushed for a day is dropped: it is read under the bell.
    """
    scope = Scope(tenant)
    loop = asyncio.get_running_loop()
    until_s = loop.time() + RUN_S_MAX
    while await database.write(scope, _drop_stale) == DROPPED_PER_SET_MAX:
        pass
    count = 0
    while count < PUSHES_PER_RUN_MAX and loop.time() < until_s:
        claimed = await database.write(scope, _claim)
        if claimed is None:
            break
        await _try(database, scope, office, claimed)
        count += 1
    return count


async def _drop_stale(tx: Tx) -> int:
    return await tx.sql_count(
        SQL["drop_stale_pushes"], before=tx.now - rules.PUSH_WAITING_MAX, limit=DROPPED_PER_SET_MAX
    )


async def _claim(tx: Tx) -> Claimed | None:
    until = tx.now + rules.PUSHING_MAX
    rows = await tx.sql(SQL["claim_push"], at=tx.now, until=until)
    if not rows:
        return None
    push_id, subscription_id, notice_id, attempts = rows[0]
    return Claimed(push_id, subscription_id, notice_id, attempts, until)


async def _try(database: Database, scope: Scope, office: Office, claimed: Claimed) -> None:
    """Push one; what cannot be written is tried again later, and holds up none of the others."""

    async def outside(ready: Ready) -> Outcome:
        if ready.to is None or office.pusher is None:
            return ready.why_not
        return await office.pusher.push(ready.to, ready.content, now=database.clock.now())

    try:
        await gateway.call(
            database, scope, before=lambda tx: _written(tx, office, claimed), outside=outside, after=_settle
        )
    except errors.Unavailable:
        raise
    except Exception:
        log.exception("push.not_written", push=str(claimed.push_id))
        await database.write(scope, lambda tx: _settle(tx, Ready(claimed), "later"))


async def _written(tx: Tx, office: Office, claimed: Claimed) -> Ready:
    """Write a notice in its reader's language; what was read, or is not for them any more, is not pushed."""
    rows = await tx.sql(SQL["push_to"], push_id=claimed.push_id)
    if not rows:
        return Ready(claimed)
    sealed, staff_id, locale, role, permissions, kind_name, audience, subject_id, data = rows[0]
    kind = NOTICES.get(kind_name)
    if kind is None or not _is_for(audience, staff_id, role, permissions):
        return Ready(claimed)
    try:
        to = _opened(tx.tenant, office.sealer, claimed.subscription_id, sealed)
    except SealBroken:  # another installation's secret sealed it: nobody will ever push there
        return Ready(claimed, staff_id, why_not="gone")
    merchant = await tx.load_one(accounts.settings())
    shown = Shown(
        i18n.gettext(locale, kind.label),
        kind.words(locale, data)[:BODY_CHARACTERS_MAX],
        f"/c/{merchant.slug}{kind.path(subject_id, data)}",
        str(claimed.notice_id),
    )
    return Ready(claimed, staff_id, to, msgspec.json.encode(shown))


async def _settle(tx: Tx, ready: Ready, outcome: Outcome) -> None:
    """Store what came of a try, once; one that another has claimed meanwhile is theirs."""
    claimed = ready.claimed
    again_at = rules.push_again_at(attempts=claimed.attempts, at=tx.now) if outcome == "later" else None
    of_try = {"push_id": claimed.push_id, "until": claimed.until}
    if again_at is not None:
        await tx.sql_count(SQL["put_off_push"], available_at=again_at, **of_try)
        return
    await tx.sql_count(SQL["settle_push"], **of_try)
    if outcome == "gone" and ready.staff_id is not None:
        gone = await tx.sql(
            devices.SQL["remove_devices"], staff_id=ready.staff_id, subscription_ids=[claimed.subscription_id]
        )
        if gone:
            tx.emit(events.DeviceRemoved(staff_id=ready.staff_id, subscription_id=claimed.subscription_id))


def _is_for(audience: str, staff_id: UUID, role: str, permissions: Sequence[str]) -> bool:
    held = account_rules.effective_permissions(role, permissions)
    return audience in held or audience == audience_of(staff_id)


def _opened(tenant: UUID, sealer: Sealer, subscription_id: UUID, sealed: bytes) -> Push:
    plain = sealer.open(sealed, place=devices.place(tenant, subscription_id))
    return msgspec.json.decode(plain, type=Push)
