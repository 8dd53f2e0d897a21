"""Everything that the page of an order shows, read from the modules that know it."""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.accounts import queries as accounts
from jiedan.base.db import Load, ReadTx
from jiedan.base.web import route_map
from jiedan.base.web.route_map import Picture
from jiedan.base.web.unit import Unit
from jiedan.cases import queries as cases
from jiedan.cases.values import Case
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import sources
from jiedan.catalog.values import Image, SellableSku, SkuId, Source
from jiedan.console import order_prices, order_steps, timeline
from jiedan.console.order_prices import Prices
from jiedan.console.order_steps import Deed, Step
from jiedan.console.timeline import Timeline
from jiedan.customers import queries as customers
from jiedan.fulfillment import queries as fulfillment
from jiedan.fulfillment.queries import Route, Way
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders import queries
from jiedan.orders.queries import Decision, Details, Spending
from jiedan.orders.rules import by_hand, derived, kits, statuses, taxing, totals
from jiedan.orders.values import OWNER_KIND, Line, Order, OrderId, OrderWithLines
from jiedan.payments import queries as payments
from jiedan.payments import rules as payment_rules
from jiedan.payments.values import BY_HAND, WALLET, Entry, Operation, Payment
from jiedan.pricing.values import TaxRow
from jiedan.wallets import queries as wallets
from jiedan.wallets.values import Wallet, WalletKind

MAPS_MAX = 1
"""Parcels whose way is drawn on the page of their order, the latest; each has a page of its own."""


PICTURES_KEPT_MAX = 256
"""Drawn ways that a process remembers."""


class ShownLine(NamedTuple):
    """A line with where its goods are, and what is left of it; `kit` is the name of what it is a part of."""

    line: Line
    kit: str
    places: list[tuple[str, int]]
    total_minor: int
    cancelable: int
    performable: int


class ShownPayment(NamedTuple):
    """A tender with its ledger and what can be done with it."""

    payment: Payment
    entries: Sequence[Entry]
    unsettled: Sequence[Operation]
    can_confirm: bool
    can_capture: bool
    can_refund: bool

    @property
    def outstanding_minor(self) -> int:
        """What is set aside and neither captured nor let go."""
        return payment_rules.outstanding(self.payment.sums)

    @property
    def refundable_minor(self) -> int:
        """What was received and has not gone back."""
        return payment_rules.refundable(self.payment.sums)


class ShownRoute(NamedTuple):
    """The way of a parcel, place by place, and as it is drawn; without pictures too few places are known."""

    steps: Route
    pictures: Sequence[Picture]


class ShownApproval(NamedTuple):
    """What waits to be approved of prices by hand: who took off how much, in percent of a price at most."""

    by: str
    off_minor: int
    percent: float


class Shown(NamedTuple):
    """Everything an order's page shows."""

    order: Order
    lines: list[ShownLine]
    details: Details
    status: str
    days_late: int
    missing: tuple[tuple[str, int], ...]
    steps: list[Step]
    deed: Deed | None
    timeline: Timeline
    decisions: list[Decision]
    prices: Prices | None
    cases: list[Case]
    payments: list[ShownPayment] | None
    locations: Mapping[UUID, str]
    images: Mapping[UUID, Source]
    ways: list[Way]
    routes: Mapping[UUID, ShownRoute]
    spending: Spending | None
    credit_minor: int
    """Store credit of its customer in its currency; 0 for who may not see it."""

    cancelable: bool
    editable: bool
    reopenable: bool
    approval: ShownApproval | None

    @property
    def taxes(self) -> tuple[TaxRow, ...]:
        """Its tax by rate; nothing where only the sum is known, or the sum says it all."""
        return taxing.told(taxing.table(x.line for x in self.lines))

    @property
    def refundable(self) -> list[Line]:
        """The lines whose units cost something."""
        return refundable(x.line for x in self.lines)


def refundable(lines: Iterable[Line]) -> list[Line]:
    """Return the lines whose units cost something: parts of kits are in the price of their kit."""
    return [line for line in lines if line.kind != "component" and line.total_minor > 0]


async def shown(tx: ReadTx, unit: Unit, order_id: UUID) -> Shown:
    """Read everything about an order. Raises OrderNotFound.

    Fourteen statements at most; two more for pictures of goods and for the ways of its parcels, three for what its
    customer has bought and has of store credit. Where promotions made something of it, four more, and one where prices
    by hand wait for approval.
    """
    found = await queries.order(tx, order_id)
    order = found.order
    read = await _read(tx, unit, found)
    details = queries.hung([order_id], read["hanging"])[OrderId(order_id)]
    locations, decisions = read["locations"], read["decisions"]
    ways = [way for way in read["ways"] if way.status != "canceled"]
    names = {place.location_id: place.name for place in locations}
    tenders = await _tenders(tx, read["payments"]) if "payments" in read else None
    subjects = [order_id, *(tender.payment.payment_id for tender in tenders or ())]
    told = await timeline.timeline(tx, unit, subjects)
    parcel_ids = [box.parcel_id for way in ways for box in way.boxes]
    held = read["held"]
    called = {x.line: x.name for x in found.lines}
    lines = [
        _line(x, called, [(names[r.location_id], r.quantity) for r in held.get(x.line_id, ())])
        for x in kits.as_read(found.lines)
    ]
    moments = _moments(order, tenders or (), decisions, ways)
    beside = await _beside(tx, unit, order, about=[*subjects, *parcel_ids], skus=read["skus"], read=read)
    editable = order.lifecycle == "open" and not any(line.shipped for line in found.lines)
    reopenable = order.lifecycle == "canceled" and not order.history
    return Shown(
        order=order,
        lines=lines,
        details=details,
        status=statuses.merchant_status(
            order.lifecycle,
            order.payment_status,
            order.fulfillment_status,
            standing_holds=len(details.standing_holds),
        ),
        days_late=derived.days_late(order, today=tx.now.astimezone(ZoneInfo(unit.principal.time_zone)).date()),
        missing=derived.completion(order, found.lines).missing if order.lifecycle == "open" else (),
        steps=order_steps.steps(order, moments),
        deed=order_steps.deed(found, details, ways, tenders, unit.principal.permissions),
        timeline=told,
        decisions=decisions,
        prices=await order_prices.prices(tx, unit, found, decisions),
        cases=beside.get("cases", []),
        payments=tenders,
        locations=names,
        images=_images(read["skus"], beside.get("images", {})),
        ways=ways,
        routes=await _routes(tx, unit, order, details, ways=ways, locations=locations),
        spending=beside.get("spending"),
        credit_minor=_credit(order, beside.get("wallets", ())),
        cancelable=order.lifecycle == "open" and any(line.cancelable for line in lines),
        editable=editable,
        reopenable=reopenable,
        approval=await _approval(tx, unit, found, details),
    )


async def _read(tx: ReadTx, unit: Unit, found: OrderWithLines) -> dict[str, Any]:
    """Read what belongs to an order, as far as `unit` may see it, in one round trip."""
    order = found.order
    loads: dict[str, Load[Any]] = {
        "held": stock.reservations_of_owners(OWNER_KIND, [x.line_id for x in found.lines if x.allocated]),
        "locations": stock.locations(),
        "ways": fulfillment.ways(order.order_id),
        "skus": catalog.skus_by_id([x.sku_id for x in found.lines if x.sku_id is not None]),
        "decisions": queries.decided(order.order_id),
    }
    if unit.may("payments:read"):
        loads["payments"] = payments.payments_with_entries(order.order_id)
    if order.customer_id is not None and unit.may("customers:read"):
        loads["identities"] = customers.identities([order.customer_id])
    answers = await tx.load(*loads.values(), *queries.hanging([order.order_id]))
    return {**dict(zip(loads, answers, strict=False)), "hanging": answers[len(loads) :]}


async def _beside(
    tx: ReadTx,
    unit: Unit,
    order: Order,
    *,
    about: Collection[UUID],
    skus: Mapping[SkuId, SellableSku],
    read: Mapping[str, Any],
) -> dict[str, Any]:
    """Read what stands beside an order: cases, pictures of its goods, what its customer has and has bought."""
    loads: dict[str, Load[Any]] = {}
    if unit.may("cases:read"):
        loads["cases"] = cases.about(about)
    if skus and unit.may("catalog:read"):
        loads["images"] = catalog.first_images_of({sku.product_id for sku in skus.values()})
    known_as = read.get("identities", {}).get(order.customer_id, ())
    if known_as:
        zone = unit.principal.time_zone
        today = tx.now.astimezone(ZoneInfo(zone)).date()
        loads["spending"] = queries.spending(known_as, currency=order.currency, time_zone=zone, today=today)
        if unit.may("wallets:read"):
            loads["wallets"] = wallets.wallets_known_as(known_as)
    return dict(zip(loads, await tx.load(*loads.values()), strict=True)) if loads else {}


async def _approval(tx: ReadTx, unit: Unit, found: OrderWithLines, details: Details) -> ShownApproval | None:
    """Return what waits to be approved of prices by hand. One statement where something does."""
    hold = next((hold for hold in details.standing_holds if hold.kind == by_hand.APPROVAL), None)
    if hold is None:
        return None
    off = by_hand.taken_off(found.lines)
    names = await tx.load_one(accounts.actor_names({hold.placed_by}))
    by = timeline.name_of(unit, hold.placed_by, names)
    return ShownApproval(by, off.off_minor, by_hand.percent(off.off_ppm))


def _images(skus: Mapping[SkuId, SellableSku], first: Mapping[UUID, Image]) -> dict[UUID, Source]:
    """Return the picture of each SKU whose product has one."""
    by_product = {key: sources.source(image, f"/api/v1/images/{image.image_id}") for key, image in first.items()}
    return {key: by_product[sku.product_id] for key, sku in skus.items() if sku.product_id in by_product}


def _line(line: Line, called: Mapping[int, str], places: list[tuple[str, int]]) -> ShownLine:
    left = line.ordered - line.canceled - line.shipped - line.performed
    total = totals.line_total(totals.LineTotal(line.total_minor, line.tax_minor, line.ordered, line.canceled))
    return ShownLine(
        line,
        "" if line.parent_line is None else called[line.parent_line],
        places,
        total,
        left if line.kind in {"goods", "service", "kit"} else 0,
        left if line.kind == "service" else 0,
    )


async def tenders_of(tx: ReadTx, order_id: UUID) -> list[ShownPayment]:
    """Return the tenders of an order, as its page and those of its cases show them."""
    found = await tx.load_one(payments.payments_with_entries(order_id))
    return await _tenders(tx, found)


async def _tenders(tx: ReadTx, found: Sequence[tuple[Payment, Sequence[Entry]]]) -> list[ShownPayment]:
    """Return tenders with what is still asked of them: one statement where something may be."""
    waiting = [payment.payment_id for payment, _ in found if payment.state in _WAITING]
    asked = await payments.operations_of(tx, waiting) if waiting else {}
    return [
        ShownPayment(
            payment,
            entries,
            unsettled=[o for o in asked.get(payment.payment_id, ()) if payment_rules.may_settle(o, at=tx.now)],
            can_confirm=payment.provider in BY_HAND and not payment.sums.captured,
            can_capture=payment.provider not in {*BY_HAND, WALLET} and payment_rules.outstanding(payment.sums) > 0,
            can_refund=payment_rules.refundable(payment.sums) > 0,
        )
        for payment, entries in found
    ]


_WAITING = frozenset({"unknown", "processing", "action_needed"})


def _moments(
    order: Order, tenders: Sequence[ShownPayment], decisions: Sequence[Decision], ways: Sequence[Way]
) -> Mapping[str, datetime | None]:
    """Return when each step of an order's way was last made, as far as what is on the page tells."""
    money = [x.occurred_at for tender in tenders for x in tender.entries if x.kind in {"authorization", "capture"}]
    boxes = [box for way in ways for box in way.boxes]
    return {
        "placed": order.placed_at,
        "paid": max(money, default=None),
        "allocated": max((x.decided_at for x in decisions), default=None),
        "shipped": max((box.shipped_at for box in boxes if box.shipped_at is not None), default=None),
        "delivered": max((box.delivered_at for box in boxes if box.delivered_at is not None), default=None),
        "completed": order.completed_at,
        "canceled": order.canceled_at,
    }


async def _routes(
    tx: ReadTx, unit: Unit, order: Order, details: Details, *, ways: Sequence[Way], locations: Sequence[Location]
) -> dict[UUID, ShownRoute]:
    found = await fulfillment.routes(
        tx,
        ways=ways,
        address=details.addresses.get("ship_to"),
        places=locations,
        locale=unit.locale,
        due_on=order.promised_p90_on,
    )
    latest = list(found)[-MAPS_MAX:]
    return {parcel_id: _route(found[parcel_id]) for parcel_id in latest}


def _route(steps: Route) -> ShownRoute:
    return ShownRoute(steps, _pictures(steps))


@functools.lru_cache(maxsize=PICTURES_KEPT_MAX)
def _pictures(steps: Route) -> tuple[Picture, ...]:
    """Return how a way is drawn, which takes a sixth of the page's time; it changes only with its stops."""
    return route_map.pictures(steps)


def _credit(order: Order, found: Iterable[Wallet]) -> int:
    """Return the store credit among wallets in the currency of the order."""
    return sum(x.balance for x in found if x.kind == WalletKind.credit and x.unit == order.currency)
