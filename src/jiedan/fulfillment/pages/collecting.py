"""The collection desk: somebody stands there with a code; find what is theirs and hand it over."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import terms
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.pages import words
from jiedan.fulfillment.values import Collection, Readiness
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.values import Order

SHOWN_MAX = 200
LONG = timedelta(days=7)
"""Goods that wait longer stand under a tab of their own: nobody may come for them any more."""

TABS = ("ready", "long", "packed")


EYES_MAX = 5
"""Of so many rows each has a camera for its code; of more, one of them finds the row first."""


class CodeForm(Form):
    """The code that somebody shows."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class NothingForm(Form):
    """A button without fields."""


@get("/collect", permission="fulfillment:ship")
async def desk_page(unit: Unit) -> Response[str]:
    """Show what waits to be collected at a location; `q` finds it by the order's number or the customer's name."""
    return await _answer(unit)


@post("/collect/{fulfillment_id:uuid}", permission="fulfillment:ship")
async def hand_over(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Hand goods over to whoever shows the code; a wrong one counts, and after some there is a pause."""
    form = await forms.read(unit, CodeForm)
    sent = form.value
    if sent is not None:
        wish = Collection(fulfillment_id, sent.code)
        (outcome,) = await unit.write(lambda tx: service.collect_fulfillments(tx, wishes=[wish]))
        if not isinstance(outcome, Refusal):
            return pages.redirect(unit, _back(unit), flash=N_("The goods were handed over."))
        form.refuse(outcome)
    return await _answer(unit, form=form, about=fulfillment_id)


@post("/collect/{fulfillment_id:uuid}/code", permission="fulfillment:ship")
async def new_code(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Make packed goods ready, or give them a new code; it is shown on the page that answers, and never again."""
    form = await forms.read(unit, NothingForm)
    (outcome,) = await unit.write(lambda tx: service.make_ready(tx, wishes=[Readiness(fulfillment_id)]))
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return await _answer(unit, form=form, about=fulfillment_id)
    return await _answer(unit, about=fulfillment_id, code=outcome.code)


def _back(unit: Unit) -> str:
    query = str(unit.request.url.query)
    return "/collect" + (f"?{query}" if query else "")


async def _answer(
    unit: Unit, *, form: "Filled[Any] | None" = None, about: UUID | None = None, code: str = ""
) -> Response[str]:
    """Show the desk; `form` is what was sent about one fulfillment and did not go through, `code` its new one."""
    asked = unit.request.query_params
    text = (asked.get("q") or "").strip()
    tab = asked.get("tab") if asked.get("tab") in TABS else TABS[0]
    async with unit.read() as tx:
        places = await tx.load_one(stock.locations())
        place = next((x.location_id for x in places if x.code == asked.get("location")), None)
        found = await queries.to_collect(tx, location_id=place, limit=SHOWN_MAX)
        known = await orders.orders(tx, {x.order_id for x in found})
        long_ago = tx.now - LONG
    by_tab: dict[str, list[Any]] = {name: [] for name in TABS}
    for x in found:
        name = "packed" if x.ready_at is None else "long" if x.ready_at < long_ago else "ready"
        by_tab[name].append(x)
    rows = [x for x in found if _is_sought(known[x.order_id].order, x.number, text)] if text else by_tab[tab or "ready"]
    return pages.render(
        unit,
        "fulfillment/collect.html",
        form=form,
        eyes_max=EYES_MAX,
        rows=rows,
        orders=known,
        counts={name: len(of) for name, of in by_tab.items()},
        names={x.location_id: x.name for x in places},
        places=places,
        location=asked.get("location") or "",
        tab=tab,
        text=text,
        about=about,
        code=code,
        long_ago=long_ago,
        words=words,
        query=str(unit.request.url.query),
    )


def _is_sought(order: Order, number: str, text: str) -> bool:
    wanted = terms.normalize(text)
    return any(wanted in terms.normalize(x) for x in (order.number, number, order.contact.name) if x)


HANDLERS: tuple[Any, ...] = (desk_page, hand_over, new_code)
