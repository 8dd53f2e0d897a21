"""The work queue: what waits at which step, what was promised first at the top; and what is done to many at once."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Form
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.pages import papers, words
from jiedan.fulfillment.pages.results import Result, told
from jiedan.fulfillment.queries import Queued
from jiedan.fulfillment.values import METHODS, STATUSES, Fulfillment, FulfillmentId, Method, Pick, Readiness, Status
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.rules import derived
from jiedan.pricing import queries as pricing

ROWS = 50

CHOSEN_MAX = 50
"""What one page shows can be chosen."""

NEEDED = {"pick": "fulfillment:pick", "ready": "fulfillment:ship"}
"""What an act needs that is no paper."""

Chosen = Annotated[list[FulfillmentId], msgspec.Meta(max_length=CHOSEN_MAX)]


class BulkForm(Form):
    """What is done to which fulfillments."""

    act: Literal["pick", "print", "ready", "pick-list", "delivery-note", "packing-slip"]
    chosen: Chosen = msgspec.field(default_factory=list)


@get("/fulfillment", permission="fulfillment:read")
async def queue_page(unit: Unit) -> Response[str]:
    """Show the queue of one step, at one location or all."""
    asked = unit.request.query_params
    status: Status = next((x for x in STATUSES if x == asked.get("status")), "released")
    method: Method | None = next((x for x in METHODS if x == asked.get("method")), None)
    code, is_late = asked.get("location") or None, asked.get("late") == "1"
    sent_by = asked.get("shipping") or None
    filters = {"status": status, "location": code, "method": method, "late": is_late, "shipping": sent_by}
    request = unit.page("fulfillment-queue", filters=filters, limit=ROWS, cursor=asked.get("cursor") or None)
    async with unit.read() as tx:
        places = await tx.load_one(stock.locations())
        place: UUID | None = next((x.location_id for x in places if x.code == code), None)
        today = tx.now.astimezone(ZoneInfo(unit.principal.time_zone)).date()
        counts = await queries.status_counts(tx, location_id=place)
        queued = Queued((status,), place, method, today if is_late else None, sent_by)
        page = await queries.queue_page(tx, request=request, queued=queued)
        found = await orders.orders(tx, {x.order_id for x in page.items})
        ways = await pricing.shipping_methods(tx)
    return pages.render(
        unit,
        "fulfillment/queue.html",
        words=words,
        page=page,
        orders=found,
        late={key: derived.days_late(x.order, today=today) for key, x in found.items()},
        places={x.location_id: x for x in places},
        counts=counts,
        step=status,
        location=code,
        method=method,
        is_late=is_late,
        shipping=sent_by,
        shipping_names=words.with_asked(ways, sent_by),
        acts=_acts(unit, status),
    )


def _acts(unit: Unit, status: Status) -> list[tuple[str, str, str]]:
    """Return what can be done to many at this step: value, text, icon."""
    acts = []
    if status in {"released", "picking"}:
        if unit.may("fulfillment:pick"):
            acts.append(("pick", N_("All of it is picked"), "check"))
        acts.append(("print", N_("Print one pick list"), "printer"))
        acts.append(("pick-list", N_("Print pick lists"), "printer"))
    if status == "packed" and unit.may("fulfillment:ship"):
        acts.append(("ready", N_("Ready to collect"), "key"))
    if status not in {"released", "picking", "picked", "stopped", "canceled"}:
        acts.append(("packing-slip", N_("Print packing slips"), "printer"))
    if status not in {"stopped", "canceled"}:
        acts.append(("delivery-note", N_("Print delivery notes"), "printer"))
    return acts


@post("/fulfillment/bulk", permission="fulfillment:read")
async def bulk(unit: Unit) -> Response[str]:
    """Do something to the fulfillments that were ticked, and tell what came of each."""
    form = await forms.read(unit, BulkForm)
    sent = form.value
    if sent is None or not sent.chosen:
        return pages.redirect(unit, "/fulfillment", flash=N_("Tick some rows first."), tone="warn")
    if sent.act == "print":
        return pages.redirect(unit, "/pick-lists?" + "&".join(f"id={x}" for x in sent.chosen))
    if sent.act not in NEEDED:
        asked = {"document": sent.act, "works": papers.packed(sent.chosen)}
        return pages.redirect(unit, f"/papers?{urlencode(asked)}")
    unit.require(NEEDED[sent.act])
    async with unit.read() as tx:
        found = await queries.fulfillments(tx, sent.chosen)
    chosen = [found[key] for key in dict.fromkeys(sent.chosen) if key in found]
    results = await (_pick(unit, chosen) if sent.act == "pick" else _make_ready(unit, chosen))
    return told(
        unit, results, title=N_("Picked") if sent.act == "pick" else N_("Ready to collect"), back="/fulfillment"
    )


async def _pick(unit: Unit, chosen: Sequence[Fulfillment]) -> list[Result]:
    """Pick everything of these fulfillments; one row each, refused when any of its lines is."""
    picks = [Pick(x.fulfillment_id, line.line, line.to_pick) for x in chosen for line in x.lines if line.to_pick]
    outcomes = list(await unit.write(lambda tx: service.pick_lines(tx, picks=picks))) if picks else []
    refused: dict[UUID, Refusal] = {}
    for pick, outcome in zip(picks, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            refused.setdefault(pick.fulfillment_id, outcome)
    return [Result(x.number, f"/fulfillment/{x.fulfillment_id}", refused.get(x.fulfillment_id)) for x in chosen]


async def _make_ready(unit: Unit, chosen: Sequence[Fulfillment]) -> list[Result]:
    """Let packed goods wait to be collected; each code is shown on the page that answers, and never again."""
    wishes = [Readiness(x.fulfillment_id) for x in chosen]
    outcomes = await unit.write(lambda tx: service.make_ready(tx, wishes=wishes))
    return [
        Result(x.number, f"/fulfillment/{x.fulfillment_id}", outcome)
        if isinstance(outcome, Refusal)
        else Result(x.number, f"/fulfillment/{x.fulfillment_id}", None, f"{outcome.code[:4]} {outcome.code[4:]}")
        for x, outcome in zip(chosen, outcomes, strict=True)
    ]


HANDLERS: tuple[Any, ...] = (queue_page, bulk)
