"""Shipments: the list of parcels, a parcel with its way, what people tell of it, and what is handed to a carrier."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.enums import MediaType

from jiedan.base import code128, i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages, route_map
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.pages import DEFAULT_TIME_ZONE
from jiedan.base.web.templates import View
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Account, TrackingState
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.pages import words
from jiedan.fulfillment.pages.results import Result, told
from jiedan.fulfillment.pages.shown import of_parcel
from jiedan.fulfillment.queries.shipments import GROUPS, Shipment, Sought
from jiedan.fulfillment.values import ParcelId, Report, Ship
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.rules import derived
from jiedan.orders.values import OrderId, OrderWithLines
from jiedan.pricing import queries as pricing

ROWS = 50
SOUGHT_CHARS_MAX = 100


class ShipsForm(Form):
    """Parcels that leave as their labels say."""

    chosen: Annotated[list[UUID], msgspec.Meta(max_length=ROWS)] = msgspec.field(default_factory=list)


class ReportForm(Form):
    """What somebody tells of a parcel; `at` is a local time, empty for now."""

    state: TrackingState
    at: Annotated[str, msgspec.Meta(max_length=40)] = ""
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    text: Annotated[str, msgspec.Meta(max_length=500)] = ""


@get("/shipments", permission="fulfillment:read")
async def shipments_page(unit: Unit) -> Response[str]:
    """Show parcels by where they are; `q` finds them by their numbers or their order's."""
    asked = unit.request.query_params
    group = asked.get("state") if asked.get("state") in GROUPS else "under_way"
    carrier, is_late = asked.get("carrier") or None, asked.get("late") == "1"
    text = (asked.get("q") or "").strip()[:SOUGHT_CHARS_MAX]
    sent_by = asked.get("shipping") or None
    filters = {"state": group, "carrier": carrier, "late": is_late, "shipping": sent_by}
    request = unit.page("shipments", filters=filters, limit=ROWS, cursor=asked.get("cursor") or None)
    async with unit.read() as tx:
        today = tx.now.astimezone(ZoneInfo(unit.principal.time_zone)).date()
        page = None
        if text:
            rows = await queries.find_parcels(tx, text)
        else:
            sought = Sought(GROUPS[group or "under_way"], carrier, today if is_late else None, sent_by)
            page = await queries.shipment_page(tx, request=request, sought=sought)
            rows = page.items
        known = await orders.orders(tx, {x.order_id for x, _ in rows})
        counts = await queries.group_counts(tx)
        ways = await pricing.shipping_methods(tx)
        places, accounts = await tx.load(stock.locations(), carriers.carriers())
    return pages.render(
        unit,
        "fulfillment/shipments.html",
        words=words,
        rows=rows,
        page=page,
        orders=known,
        late={key: derived.days_late(x.order, today=today) for key, x in known.items()},
        names={x.location_id: x.name for x in places},
        carriers=_carriers(accounts, [carrier, *(parcel.carrier for _, parcel in rows)]),
        carrier_names={x.code: x.name for x in accounts.values()},
        counts=counts,
        group=group,
        carrier=carrier,
        is_late=is_late,
        shipping=sent_by,
        shipping_names=words.with_asked(ways, sent_by),
        text=text,
        today=today,
    )


@post("/shipments/leaving", permission="fulfillment:ship")
async def ship_many(unit: Unit) -> Response[str]:
    """Let the parcels that were ticked leave as their labels say, and tell what came of each."""
    form = await forms.read(unit, ShipsForm)
    chosen = list(dict.fromkeys(form.value.chosen)) if form.value is not None else []
    if not chosen:
        return pages.redirect(unit, "/shipments?state=packed", flash=N_("Tick some rows first."), tone="warn")
    outcomes = await unit.write(lambda tx: service.ship_parcels(tx, wishes=[Ship(x) for x in chosen]))
    async with unit.read() as tx:
        found = await queries.parcels(tx, chosen)
    results = [
        Result(
            found[ParcelId(key)][1].number if ParcelId(key) in found else str(key),
            f"/shipments/{key}",
            outcome if isinstance(outcome, Refusal) else None,
        )
        for key, outcome in zip(chosen, outcomes, strict=True)
    ]
    return told(unit, results, title=N_("Shipped"), back="/shipments?state=packed")


@get("/shipments/{parcel_id:uuid}", permission="fulfillment:read")
async def shipment_page(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Show one parcel: what is in it, where it is, its way."""
    return await _answer(unit, parcel_id)


@post("/shipments/{parcel_id:uuid}/reports", permission="fulfillment:deliver")
async def report(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Keep what somebody tells of a parcel on its way."""
    form = await forms.read(unit, ReportForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, parcel_id, form)
    try:
        at = _moment(sent.at, ZoneInfo(unit.principal.time_zone))
    except ValueError:
        form.status = 422
        form.errors_by_field["at"] = i18n.gettext(unit.locale, N_("Enter a day and a time, or nothing."))
        return await _answer(unit, parcel_id, form)
    wish = Report(parcel_id, sent.state, at, sent.place, sent.text)

    async def work(tx: Tx) -> list[ParcelId | Refusal]:
        return await service.report_parcels(tx, reports=[wish])

    (outcome,) = await unit.write(work)
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return await _answer(unit, parcel_id, form)
    return pages.redirect(unit, f"/shipments/{parcel_id}", flash=N_("Noted."))


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that was typed in the merchant's time; None for now. Raises ValueError."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=zone)


async def _answer(unit: Unit, parcel_id: UUID, form: "Filled[Any] | None" = None) -> Response[str]:
    async with unit.read() as tx:
        found, parcel = await of_parcel(tx, parcel_id, time_zone=unit.principal.time_zone)
        ways, places, prints, accounts = await tx.load(
            queries.ways(found.order.order_id),
            stock.locations(),
            queries.prints([parcel_id]),
            carriers.carriers(),
        )
        routes = await queries.routes(
            tx, ways=ways, address=found.address, places=places, locale=unit.locale, due_on=found.order.promised_p90_on
        )
    steps = routes.get(ParcelId(parcel_id), ())
    return pages.render(
        unit,
        "fulfillment/shipment.html",
        form=form,
        shown=found,
        x=parcel,
        p=parcel.parcel,
        steps=steps,
        pictures=route_map.pictures(steps),
        prints=prints.get(ParcelId(parcel_id), []),
        carrier_names={x.code: x.name for x in accounts.values()},
        report_choices=[(key, i18n.gettext(unit.locale, text)) for key, text in words.REPORTS.items()],
        words=words,
    )


@get("/shipments/manifest", permission="fulfillment:read")
async def manifest(unit: Unit) -> Response[str]:
    """Print what a carrier takes along on a day: what left with it, and what waits with its label."""
    asked = unit.request.query_params
    zone = ZoneInfo(unit.principal.time_zone)
    async with unit.read() as tx:
        today = tx.now.astimezone(zone).date()
        day = _day(asked.get("day"), today)
        places, accounts = await tx.load(stock.locations(), carriers.carriers())
        code = asked.get("carrier") or next((x.code for x in accounts.values() if x.is_active), "")
        place = next((x for x in places if x.code == asked.get("location")), None)
        since = datetime.combine(day, time(), zone)
        rows = await queries.handed_over(
            tx,
            carrier=code,
            since=since,
            until=since + timedelta(days=1),
            location_id=None if place is None else place.location_id,
        )
        known = await _orders(tx, rows)
    number = f"{code if code.isascii() else ''}-{day:%Y%m%d}".strip("-")
    text = unit.exchange.site.templates.render(
        "fulfillment/manifest.html",
        View(unit.locale, unit.principal.time_zone or DEFAULT_TIME_ZONE, unit.runtime.clock.now()),
        {
            "lang": i18n.LANG_BY_LOCALE[unit.locale],
            "merchant": unit.principal.merchant,
            "rows": rows,
            "orders": known,
            "day": day,
            "code": code,
            "carrier": accounts[code].name if code in accounts else code,
            "carriers": _carriers(accounts, [code]),
            "places": places,
            "place": place,
            "number": number,
            "bars": code128.path(number),
            "bars_length": code128.length(number),
            "weight_g": sum(parcel.weight_g or 0 for _, parcel in rows),
        },
    )
    return Response(text, media_type=MediaType.HTML)


async def _orders(tx: ReadTx, rows: Sequence[Shipment]) -> dict[OrderId, OrderWithLines]:
    return await orders.orders(tx, {x.order_id for x, _ in rows})


def _carriers(accounts: Mapping[str, Account], others: Iterable[str | None]) -> list[tuple[str, str]]:
    """Return carriers to choose from: those that are set up, and others that somebody typed, by code and name."""
    typed = sorted({x for x in others if x and x not in accounts})
    return [*((x.code, x.name) for x in accounts.values()), *((x, x) for x in typed)]


def _day(text: str | None, today: date) -> date:
    """Return the day that is asked for; today where none is, or what is typed is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return today


HANDLERS: tuple[Any, ...] = (shipments_page, ship_many, manifest, shipment_page, report)
