"""What an open page of an order hears every few seconds: who else looks at it, and what has happened since."""

from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, post

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.events import Actor
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Form
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.console.order import address
from jiedan.console.timeline import changes_of, event_id, name_of
from jiedan.orders import queries, service
from jiedan.orders.queries import Happening
from jiedan.payments import queries as payments


class PulseForm(Form):
    """The last event that the page shows, where it shows the latest."""

    seen: str = ""


class Pulse(NamedTuple):
    """Who else has the order open, and what others did since the page was made, newest first."""

    names: list[str]
    news: list[Happening]
    by: str
    fields: list[str]


@post("/orders/{order_id:uuid}/pulse", permission="orders:read")
async def pulse(unit: Unit, order_id: UUID) -> Response[str]:
    """Hear that somebody has the order open, and tell who else has and what happened; a fragment."""
    form = await forms.read(unit, PulseForm)
    seen = event_id(form.text("seen"))
    found = await unit.write(lambda tx: _pulse(tx, unit, order_id, seen))
    return pages.render(unit, "console/_pulse.html", pulse=found, seen=seen, words=words, at=address(unit, order_id))


async def _pulse(tx: Tx, unit: Unit, order_id: UUID, seen: UUID | None) -> Pulse:
    """Note who looks and read who else does: eight statements at most. Raises OrderNotFound."""
    await queries.order(tx, order_id)
    me = unit.principal.actor
    lookers: list[Actor] = []
    if me.kind == "staff":
        await service.look_at(tx, order_id=order_id, staff_id=UUID(me.id))
        found = await queries.looking(tx, order_id, but=UUID(me.id))
        lookers = [Actor("staff", str(staff_id)) for staff_id in found]
    news: list[Happening] = []
    if seen is not None:
        subjects = [order_id]
        if unit.may("payments:read"):
            subjects += await payments.payment_ids_of_order(tx, order_id)
        told = await queries.news(tx, subjects, after=seen)
        news = [x for x in told if x.actor != me]
    actors = {*lookers, *(x.actor for x in news[:1])}
    names = await tx.load_one(accounts.actor_names(actors)) if actors else {}
    return Pulse(
        [names[actor] for actor in lookers],
        news,
        name_of(unit, news[0].actor, names) if news else "",
        [change.label for change in changes_of(news[0])] if news else [],
    )


HANDLERS: tuple[Any, ...] = (pulse,)
