"""What is under the bell: read, opened, marked as read; and which of it comes as mail, too."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts.values import SELF
from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries, rules, service
from jiedan.notifications.notices import NOTICES
from jiedan.notifications.values import NoticeId

PATH = "/notices"


class ShownNotice(NamedTuple):
    """A notice in the reader's words."""

    notice_id: NoticeId
    label: str
    text: str
    icon: str
    created_at: datetime
    is_read: bool


class MailsForm(forms.Form):
    """The kinds of notices that come as mail, too."""

    kinds: list[bodies.Code] = msgspec.field(default_factory=list)


@get(PATH, permission=SELF)
async def notices_page(unit: Unit) -> Response[str]:
    """Show the newest notices."""
    staff_id = rules.person_of(unit.principal.actor)
    async with unit.read() as tx:
        found = await queries.notices(tx, staff_id=staff_id, permissions=unit.principal.permissions)
        wishes = await queries.wishes_of(tx, staff_id=staff_id)
    shown = [
        ShownNotice(
            notice.notice_id,
            i18n.gettext(unit.locale, kind.label),
            kind.words(unit.locale, notice.data),
            kind.icon,
            notice.created_at,
            notice.is_read,
        )
        for notice in found
        if (kind := NOTICES.get(notice.kind)) is not None
    ]
    kinds = [kind for kind in NOTICES.values() if not kind.permission or unit.may(kind.permission)]
    return pages.render(
        unit,
        "notifications/notices.html",
        notices=shown,
        unread=sum(not notice.is_read for notice in shown),
        kinds=kinds,
        wishes=wishes,
    )


@post("/notices/{notice_id:uuid}/open", permission=SELF)
async def open_notice(unit: Unit, notice_id: UUID) -> Response[str]:
    """Note that a notice was read, and go where it leads; one that is not there any more leads back to the list."""
    staff_id, permissions = rules.person_of(unit.principal.actor), unit.principal.permissions
    async with unit.read() as tx:
        found = await queries.notices(tx, staff_id=staff_id, permissions=permissions)
    notice = next((x for x in found if x.notice_id == notice_id and x.kind in NOTICES), None)
    if notice is None:
        return pages.redirect(unit, PATH)
    await unit.write(
        lambda tx: service.read_notices(tx, staff_id=staff_id, permissions=permissions, notice_ids=[notice_id])
    )
    _forget(unit)
    return pages.redirect(unit, NOTICES[notice.kind].path(notice.subject_id, notice.data))


@post("/notices/read", permission=SELF)
async def read_all(unit: Unit) -> Response[str]:
    """Note that everything was read."""
    staff_id, permissions = rules.person_of(unit.principal.actor), unit.principal.permissions
    await unit.write(lambda tx: service.read_notices(tx, staff_id=staff_id, permissions=permissions, notice_ids=None))
    _forget(unit)
    return pages.redirect(unit, PATH, flash=N_("All notices are marked as read."))


@post("/notices/mails", permission=SELF)
async def choose_mails(unit: Unit) -> Response[str]:
    """Let the ticked kinds, and no other, come as mail, too."""
    staff_id = rules.person_of(unit.principal.actor)
    form = await forms.read(unit, MailsForm)
    if form.value is None:
        return pages.redirect(unit, PATH)
    kinds = form.value.kinds
    await unit.write(lambda tx: service.choose_notice_mails(tx, staff_id=staff_id, kinds=kinds))
    return pages.redirect(unit, PATH, flash=N_("Your choice was saved."))


def _forget(unit: Unit) -> None:
    """Let the number at the bell be counted anew."""
    unit.exchange.site.waiting.forget(unit.tenant, unit.principal.caller)


HANDLERS = (notices_page, open_notice, read_all, choose_mails)
