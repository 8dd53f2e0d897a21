"""Notices are put up, read and taken down."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.db import Tx
from jiedan.base.events import StoredEvent
from jiedan.notifications import queries
from jiedan.notifications.notices import NOTICES
from jiedan.notifications.service import pushing, queueing
from jiedan.notifications.service.pushing import PutUp
from jiedan.notifications.service.statements import SQL
from jiedan.notifications.values import NewMessage, NewNotice, audience_of

NOTICES_KEPT = timedelta(days=90)
TAKEN_DOWN_PER_SET_MAX = 1_000


class Told(NamedTuple):
    """How many mails and pushes notices have made."""

    mails: int
    pushes: int


async def put_up_notices(tx: Tx, stored: Sequence[StoredEvent]) -> Told:
    """Put up what these events tell staff; queue it for those who want it as mail, and for browsers that want pushes.

    Doing it again changes nothing.
    """
    found: list[NewNotice] = []
    for kind in NOTICES.values():
        causes = {cause.kind for cause in kind.causes}
        told = [event for event in stored if event.kind in causes]
        if told:
            found += await kind.tell(tx, told)
    if not found:
        return Told(0, 0)
    new = await tx.sql(
        SQL["put_up_notices"],
        notice_ids=tx.new_ids(len(found)),
        event_ids=[x.event_id for x in found],
        kinds=[x.kind for x in found],
        audiences=[x.audience for x in found],
        subject_ids=[x.subject_id for x in found],
        data=[msgspec.json.encode(x.data).decode() for x in found],
        at=tx.now,
    )
    wishers = await queries.who_wants(tx, {x.kind for x in found})
    messages = [
        NewMessage(notice.event_id, f"notice_{notice.kind}", "staff", wisher.staff_id)
        for notice in found
        for wisher in wishers.get(notice.kind, ())
        if notice.audience in {*wisher.permissions, audience_of(wisher.staff_id)}
    ]
    return Told(len(await queueing.queue(tx, messages)), await pushing.queue_pushes(tx, [PutUp(*row) for row in new]))


async def read_notices(
    tx: Tx, *, staff_id: UUID, permissions: Collection[str], notice_ids: Collection[UUID] | None
) -> int:
    """Note that one of the staff has read notices, all there are when `notice_ids` is None; return how many were new.

    Those that are for others are left out, as if they were not there.
    """
    audiences = queries.audiences(staff_id, permissions)
    if notice_ids is None:
        known = await queries.notices(tx, staff_id=staff_id, permissions=permissions)
        notice_ids = [notice.notice_id for notice in known if not notice.is_read]
    if not notice_ids:
        return 0
    read = await tx.sql(
        SQL["read_notices"], staff_id=staff_id, audiences=audiences, notice_ids=sorted(set(notice_ids)), at=tx.now
    )
    return len(read)


async def take_down_notices(tx: Tx) -> int:
    """Take old notices down, a bounded set; return how many."""
    before = tx.now - NOTICES_KEPT
    return await tx.sql_count(SQL["take_down_notices"], before=before, limit=TAKEN_DOWN_PER_SET_MAX)
