"""Orders that locations were not told to pick, or not all of: what each waits for; and releasing them."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Form
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.pages import words
from jiedan.fulfillment.pages.results import Result, told
from jiedan.fulfillment.values import ReleaseRequest
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.rules import derived
from jiedan.orders.values import OrderId

ROWS = 50


class ReleaseForm(Form):
    """Orders to be released."""

    chosen: Annotated[list[OrderId], msgspec.Meta(max_length=ROWS)] = msgspec.field(default_factory=list)


@get("/fulfillment/waiting", permission="fulfillment:read")
async def waiting_page(unit: Unit) -> Response[str]:
    """Show what is not released, oldest first, with the reasons of the gate; of one kind of reason, or all."""
    asked = unit.request.query_params
    reason = asked.get("reason") if asked.get("reason") in words.GATE else None
    cursor = asked.get("cursor") or None
    request = unit.page("unreleased", filters={}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.unreleased_page(tx, request=request)
        traces = await service.explain_orders(tx, order_ids=page.items)
        found = await orders.orders(tx, page.items)
        places = await tx.load_one(stock.locations())
        today = tx.now.astimezone(ZoneInfo(unit.principal.time_zone)).date()
    rows = []
    for order_id in page.items:
        trace = traces[order_id]
        reasons = list(dict.fromkeys([*trace.reasons, *(x for line in trace.lines for x in line.reasons)]))
        free = sum(line.releasable for line in trace.lines)
        if reason is None or reason in reasons or (reason == "releasable" and free):
            rows.append((found[order_id].order, trace, reasons, free))
    return pages.render(
        unit,
        "fulfillment/waiting.html",
        page=page,
        rows=rows,
        reason=reason,
        late={key: derived.days_late(x.order, today=today) for key, x in found.items()},
        names={x.location_id: x.name for x in places},
        words=words,
    )


@post("/fulfillment/releases", permission="fulfillment:release")
async def release(unit: Unit) -> Response[str]:
    """Tell locations to pick the orders that were ticked."""
    form = await forms.read(unit, ReleaseForm)
    chosen = list(dict.fromkeys(form.value.chosen)) if form.value is not None else []
    if not chosen:
        return pages.redirect(unit, "/fulfillment/waiting", flash=N_("Tick some rows first."), tone="warn")
    requests = [ReleaseRequest(x) for x in chosen]
    outcomes = await unit.write(lambda tx: service.release_orders(tx, requests=requests))
    async with unit.read() as tx:
        found = await orders.orders(tx, chosen)
    results = [
        Result(
            found[key].order.number if key in found else str(key),
            f"/orders/{key}",
            outcome if isinstance(outcome, Refusal) else None,
        )
        for key, outcome in zip(chosen, outcomes, strict=True)
    ]
    return told(unit, results, title=N_("Released"), back="/fulfillment/waiting")


HANDLERS: tuple[Any, ...] = (waiting_page, release)
