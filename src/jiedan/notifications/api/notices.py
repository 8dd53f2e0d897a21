"""REST of notices: what is under one's own bell, and what of it comes as mail, too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import get, post, put

from jiedan.accounts.values import SELF
from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries, rules, service
from jiedan.notifications.notices import NOTICES
from jiedan.notifications.values import NOTICES_PER_CALL_MAX, Notice


class NoticeView(msgspec.Struct, frozen=True):
    """A line under the bell: `text` in the caller's language, `path` the page of the console that it leads to."""

    notice_id: UUID
    kind: str
    text: str
    path: str
    data: Mapping[str, Any]
    created_at: datetime
    is_read: bool


class UnreadView(msgspec.Struct, frozen=True):
    """How many notices the caller has not read; it stops counting at some hundreds."""

    unread: int


class ReadBody(bodies.Body):
    """Which notices were read; without the field, all."""

    __example__: ClassVar[dict[str, Any]] = {"notice_ids": ["0193a000-0000-7000-8000-000000000001"]}

    notice_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=NOTICES_PER_CALL_MAX)] | None = None


class NoticeMailsBody(bodies.Body):
    """Which kinds of notices come as mail, too; the others do not."""

    __example__: ClassVar[dict[str, Any]] = {"kinds": ["low_stock", "money_case"]}

    kinds: Annotated[list[bodies.Code], msgspec.Meta(max_length=len(NOTICES))]


class NoticeMailsView(msgspec.Struct, frozen=True):
    """Which kinds of notices come as mail, too, of those there are."""

    kinds: list[str]
    known: list[str]


@get("/notices", permission=SELF, summary="List your notices")
async def list_notices(unit: Unit) -> list[NoticeView]:
    """Return the newest notices for the caller, newest first. Raises ForPeopleOnly for an API key."""
    staff_id = rules.person_of(unit.principal.actor)
    async with unit.read() as tx:
        found = await queries.notices(tx, staff_id=staff_id, permissions=unit.principal.permissions)
    return [_view(notice, unit.locale) for notice in found if notice.kind in NOTICES]


@get("/notices/unread", permission=SELF, summary="Count your unread notices")
async def count_unread(unit: Unit) -> UnreadView:
    """Return how many notices the caller has not read: the number at the bell."""
    staff_id = rules.person_of(unit.principal.actor)
    async with unit.read() as tx:
        return UnreadView(await queries.unread(tx, staff_id=staff_id, permissions=unit.principal.permissions))


@post("/notices/read", permission=SELF, status_code=200, summary="Mark notices as read")
async def read_notices(unit: Unit, data: ReadBody) -> UnreadView:
    """Note that the caller has read notices, and return how many are left; those for others are left out."""
    staff_id, permissions = rules.person_of(unit.principal.actor), unit.principal.permissions
    await unit.write(
        lambda tx: service.read_notices(tx, staff_id=staff_id, permissions=permissions, notice_ids=data.notice_ids)
    )
    async with unit.read() as tx:
        return UnreadView(await queries.unread(tx, staff_id=staff_id, permissions=permissions))


@get("/notices/mails", permission=SELF, summary="Get which notices you want as mail")
async def get_notice_mails(unit: Unit) -> NoticeMailsView:
    """Return which kinds of notices come to the caller as mail, too."""
    staff_id = rules.person_of(unit.principal.actor)
    async with unit.read() as tx:
        return NoticeMailsView(sorted(await queries.wishes_of(tx, staff_id=staff_id)), list(NOTICES))


@put("/notices/mails", permission=SELF, summary="Choose which notices you want as mail")
async def choose_notice_mails(unit: Unit, data: NoticeMailsBody) -> NoticeMailsView:
    """Let these kinds of notices, and no other, come to the caller as mail, too."""
    staff_id = rules.person_of(unit.principal.actor)
    chosen = await unit.write(lambda tx: service.choose_notice_mails(tx, staff_id=staff_id, kinds=data.kinds))
    return NoticeMailsView(sorted(chosen), list(NOTICES))


def _view(notice: Notice, locale: str) -> NoticeView:
    kind = NOTICES[notice.kind]
    return NoticeView(
        notice.notice_id,
        notice.kind,
        kind.words(locale, notice.data),
        kind.path(notice.subject_id, notice.data),
        notice.data,
        notice.created_at,
        notice.is_read,
    )


HANDLERS = (list_notices, count_unread, read_notices, get_notice_mails, choose_notice_mails)
