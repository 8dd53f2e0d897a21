"""Mails: what went out, what did not and why, and sending it again."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries, service
from jiedan.notifications.mails import MAILS
from jiedan.notifications.post.office import Office
from jiedan.notifications.values import FAILURES, STATE_LABELS, STATES, State

PATH = "/mail"
ROWS = 50
COUNTED: tuple[State, ...] = ("queued", "failed", "unknown")


class RequeueForm(forms.Form):
    """Which mails are to be sent again."""

    message_id: list[UUID] = msgspec.field(default_factory=list)


@get(PATH, permission="mail:read")
async def mails_page(unit: Unit) -> Response[str]:
    """Show mails, newest first."""
    return await _page(unit, None)


@post("/mail/requeue", permission="mail:send")
async def requeue(unit: Unit) -> Response[str]:
    """Send the ticked mails again."""
    form = await forms.read(unit, RequeueForm)
    if form.value is None:
        return await _page(unit, form)
    wanted = form.value.message_id
    outcomes = await unit.write(lambda tx: service.requeue_messages(tx, message_ids=wanted))
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    for refusal in refused:
        form.refuse(refusal)
    if refused:
        return await _page(unit, form)
    return pages.redirect(unit, PATH, flash=N_("They are sent again: {number}."), number=len(outcomes))


async def _page(unit: Unit, form: "Filled[Any] | None") -> Response[str]:
    given = unit.request.query_params
    state = next((x for x in STATES if x == given.get("state")), None)
    about = _about(given.get("about"))
    filters = {"state": state, "about": about}
    cursor = given.get("cursor") or None
    request = unit.page("console-mails", filters=filters, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.messages(tx, request=request, state=state, recipient_id=about)
        names = await queries.names_of_recipients(tx, {x.recipient_id for x in page.items}) if page.items else {}
        numbers = await queries.counts_by_state(tx, COUNTED)
    return pages.render(
        unit,
        "notifications/mails.html",
        form=form,
        page=page,
        names=names,
        numbers=numbers,
        counted_max=queries.COUNTED_MAX,
        asked=state,
        about=about,
        mails=MAILS,
        states=STATE_LABELS,
        failures=FAILURES,
        has_server=unit.part(Office).smtp is not None,
    )


def _about(text: str | None) -> UUID | None:
    """Return whom the list is about; an id that is none is nobody's."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


HANDLERS = (mails_page, requeue)
