"""Save: one portable batch insert per table, all in one round trip; then the stock; then the events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import psycopg.errors

from jiedan.accounts.values import MerchantSettings
from jiedan.base import errors, idempotency, numbers, sql, turns
from jiedan.base.db import Tx
from jiedan.carts import service as carts
from jiedan.carts.values import OWNER_KIND as CART
from jiedan.catalog.values import SkuId
from jiedan.customers.values import ADDRESS_FIELDS
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Claim, Free, LocationId, Owner
from jiedan.orders import events
from jiedan.orders.placement import holding
from jiedan.orders.placement.load import SQL
from jiedan.orders.rules import lifecycle, resourcing, statuses
from jiedan.orders.rules.planning import Key, Plan
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.values import (
    OPERATION,
    OWNER_KIND,
    Approval,
    LineFacts,
    LineId,
    OrderFacts,
    OrderId,
    Placed,
    Promise,
)
from jiedan.orders.values.prices import AppliedRule, PlaceNote
from jiedan.pricing.values import TaxNote, UnitTrace
from jiedan.pricing.values.promoted import CouponOutcome, Outcome
from jiedan.sourcing.values import Trace as SourcingTrace

EXTERNAL_INDEX = "uq_orders_external"

Write = tuple[sql.Statement, dict[str, Any]]


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of why an order was placed as it was."""

    prices: tuple[UnitTrace, ...] = ()
    discount: str = ""
    shipping: str = ""
    sourcing: SourcingTrace | None = None
    applied: tuple[AppliedRule, ...] = ()
    near_misses: tuple[Outcome, ...] = ()
    tax_notes: tuple[TaxNote, ...] = ()
    coupons: tuple[CouponOutcome, ...] = ()
    place: PlaceNote = ""
    left_out: tuple[Outcome, ...] = ()
    discount_ppm: int | None = None
    method: str = ""
    payment_method: str = ""
    payment_methods: tuple[str, ...] = ()


class _Order(NamedTuple):
    """A plan with its ids, its moment and what is derived from it."""

    plan: Plan
    placed: Placed
    line_ids: list[LineId]
    allocated: dict[int, int]
    hold: holding.Hold | None
    promise: Promise | None


async def save(
    tx: Tx,
    plans: Sequence[tuple[OrderId, Plan]],
    settings: MerchantSettings,
    given_back: Sequence[idempotency.Claim],
    held: Mapping[UUID, Mapping[Key, int]],
    *,
    approvals: Mapping[OrderId, Approval],
    promises: Mapping[OrderId, Promise],
) -> list[Placed]:
    """Make `plans` into orders with reserved stock, and give back the keys of what was refused.

    Those of `approvals` stand on hold until somebody has decided about their prices; `promises` say when they arrive.
    The plans' counters are locked and hold what the plans take. Raises Overtaken when another transaction placed the
    same (channel, external id) meanwhile.
    """
    orders = await turns.taken(_orders(tx, plans, settings, approvals, promises))
    writes: list[Write] = []
    if orders:
        writes += [await _order_rows(tx, orders), *await _line_rows(orders), *_extras(tx, orders)]
        held_up = [(x.hold, x.placed, x.plan) for x in orders if x.hold is not None]
        writes += [await _decisions(tx, orders), *holding.rows(held_up)]
    if saved := {x.plan.draft.saved.draft_id: x.placed.order_id for x in orders if x.plan.draft.saved is not None}:
        writes.append((SQL["close_drafts"], {"draft_ids": list(saved), "order_ids": list(saved.values())}))
    if given_back:
        writes.append(idempotency.give_back_statement(operation=OPERATION, claims=given_back))
    if writes:
        try:
            await tx.sql_many(writes)
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name == EXTERNAL_INDEX:
                raise errors.Overtaken from error
            raise
    await _reserve(tx, orders, held)
    _tell(tx, orders)
    return [order.placed for order in orders]


async def _reserve(tx: Tx, orders: Sequence[_Order], held: Mapping[UUID, Mapping[Key, int]]) -> None:
    """Reserve for the orders' lines; what their carts held goes over in the same step, and the carts are closed."""
    claims = _claims(orders)
    order_ids: dict[UUID, UUID] = {
        order.plan.draft.body.cart_id: order.placed.order_id
        for order in orders
        if order.plan.draft.body.cart_id is not None
    }
    frees = [
        Free(Owner(CART, cart_id), SkuId(sku_id), LocationId(location_id))
        for cart_id in order_ids
        for sku_id, location_id in held.get(cart_id, {})
    ]
    if frees:
        errors.accepted(await inventory.exchange_many(tx, frees=frees, claims=claims, locked=True))
    elif claims:
        await inventory.reserve_many(tx, claims=claims, locked=True, are_first=True)
    await carts.close_carts(tx, order_ids=order_ids)


def _orders(
    tx: Tx,
    plans: Sequence[tuple[OrderId, Plan]],
    settings: MerchantSettings,
    approvals: Mapping[OrderId, Approval],
    promises: Mapping[OrderId, Promise],
) -> Iterator[_Order]:
    ids = iter(tx.new_ids(sum(len(plan.lines) for _, plan in plans)))
    zone = ZoneInfo(settings.time_zone)
    today = tx.now.astimezone(zone)
    for order_id, plan in plans:
        history = plan.draft.body.history
        placed_at = tx.now if history is None else history.placed_at
        local = today if history is None else placed_at.astimezone(zone)
        number = numbers.format_number(settings.order_number_pattern, plan.draft.number, local)
        allocated: dict[int, int] = {}
        for assignment in plan.choice.assignments:
            allocated[assignment.line] = allocated.get(assignment.line, 0) + assignment.quantity
        placed = _placed(plan, allocated, order_id=order_id, number=number, placed_at=placed_at, settings=settings)
        line_ids = [LineId(next(ids)) for _ in plan.lines]
        hold = holding.begun(tx, plan, approvals.get(order_id) if approvals else None)
        yield _Order(plan, placed, line_ids, allocated, hold, promises.get(order_id) if promises else None)


def _placed(
    plan: Plan,
    allocated: dict[int, int],
    *,
    order_id: OrderId,
    number: str,
    placed_at: datetime,
    settings: MerchantSettings,
) -> Placed:
    facts = (LineFacts(x.kind, x.ordered, allocated=allocated.get(x.line, 0)) for x in plan.lines)
    return Placed(
        order_id=order_id,
        number=number,
        lifecycle="open",
        payment_status=statuses.payment_status(OrderFacts("open", plan.total_minor)),
        fulfillment_status=statuses.fulfillment_status(facts),
        currency=plan.header.currency,
        total_minor=plan.total_minor,
        tax_minor=plan.tax_minor,
        placed_at=placed_at,
        expires_at=lifecycle.expires_at(
            terms=plan.header.payment_terms,
            total_minor=plan.total_minor,
            placed_at=placed_at,
            expiry_minutes=settings.expiry_minutes,
            is_history=plan.draft.body.history is not None,
        ),
        allocated=plan.allocated,
        waiting=plan.waiting,
    )


def _columns(names: str, rows: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Return the columns of `rows` as parameters, by the space-separated `names`."""
    return {name: list(column) for name, column in zip(names.split(), zip(*rows, strict=True), strict=True)}


async def _order_rows(tx: Tx, orders: Sequence[_Order]) -> Write:
    names = (
        "order_id number placed_at total_minor tax_minor payment_status fulfillment_status expires_at"
        " channel external_id external_fingerprint delivery_wish history claims_stock promised_at"
        " currency locale payment_terms split customer_id requested_location_id"
        " contact_name contact_phone contact_email line_count price_rules_version actor_kind actor_id"
        " promised_p50_on promised_p90_on tax shipping_method shipping_name"
    )
    columns = _columns(names, await turns.taken(_order_row(order) for order in orders))
    return SQL["insert_orders"], {**columns, "created_at": tx.now}


def _order_row(order: _Order) -> tuple[Any, ...]:
    plan, placed = order.plan, order.placed
    draft, header = plan.draft, plan.header
    body = draft.body
    return (
        placed.order_id,
        placed.number,
        placed.placed_at,
        placed.total_minor,
        placed.tax_minor,
        placed.payment_status,
        placed.fulfillment_status,
        placed.expires_at,
        body.channel,
        body.external_id,
        draft.fingerprint if body.external_id is not None else None,
        body.delivery_wish,
        body.history is not None,
        body.history is None or body.history.claims_stock,
        None if body.history is None else body.history.promised_at,
        header.currency,
        header.locale,
        header.payment_terms,
        header.split,
        header.customer_id,
        header.location_id,
        header.contact.name,
        header.contact.phone,
        header.contact.email,
        len(plan.lines),
        plan.price_story.rules_version,
        draft.actor.kind,
        draft.actor.id,
        None if order.promise is None else order.promise.p50_on,
        None if order.promise is None else order.promise.p90_on,
        None if plan.tax is None else msgspec.json.encode(plan.tax).decode(),
        None if plan.method is None else plan.method.code,
        None if plan.method is None else plan.method.name,
    )


_LINE_NAMES = "line_id order_id placed_at tax_included allocated line part_of " + " ".join(
    "requested_location_id" if field == "location_id" else field for field in PlannedLine._fields[2:]
)


async def _line_rows(orders: Sequence[_Order]) -> list[Write]:
    if not any(order.line_ids for order in orders):
        return []
    rows = (
        (
            line_id,
            order.placed.order_id,
            order.placed.placed_at,
            order.plan.tax_included,
            allocated,
            *line[:-2],
            said,
            msgspec.json.encode(line.taxes).decode(),
        )
        for order in orders
        for line_id, line in zip(order.line_ids, order.plan.lines, strict=True)
        for allocated in (order.allocated.get(line.line, 0),)
        for said in (msgspec.json.encode(line.attributes).decode() if line.attributes else None,)
    )
    columns = _columns(_LINE_NAMES, await turns.taken(rows))
    del columns["part_of"]
    return [(SQL["insert_lines"], columns)]


def _extras(tx: Tx, orders: Sequence[_Order]) -> list[Write]:
    """Write what not every order has; what none has costs no statement."""
    writes: list[Write] = []
    addresses = [
        (order.placed.order_id, kind, *(getattr(address, field) for field in ADDRESS_FIELDS))
        for order in orders
        for kind, address in (("ship_to", order.plan.header.ship_to), ("bill_to", order.plan.header.bill_to))
        if address is not None
    ]
    if addresses:
        writes.append((SQL["insert_addresses"], _columns(f"order_id kind {' '.join(ADDRESS_FIELDS)}", addresses)))
    notes = [(order, note) for order in orders for note in order.plan.draft.body.notes]
    if notes:
        rows = (
            (note_id, order.placed.order_id, note.kind, note.text, *order.plan.draft.actor)
            for note_id, (order, note) in zip(tx.new_ids(len(notes)), notes, strict=True)
        )
        columns = _columns("note_id order_id kind text author_kind author_id", rows)
        writes.append((SQL["insert_notes"], {**columns, "written_at": tx.now}))
    tags = [(order.placed.order_id, tag) for order in orders for tag in order.plan.draft.body.tags]
    if tags:
        writes.append((SQL["insert_tags"], _columns("order_id tag", tags)))
    attributes = [
        (order.placed.order_id, name, msgspec.json.encode(value).decode())
        for order in orders
        for name, value in order.plan.draft.body.attributes.items()
    ]
    if attributes:
        writes.append((SQL["insert_attributes"], _columns("order_id name value", attributes)))
    return writes


async def _decisions(tx: Tx, orders: Sequence[_Order]) -> Write:
    rows = (
        (
            order.placed.order_id,
            order.plan.price_story.rules_version,
            msgspec.json.encode(decision(order.plan)).decode(),
        )
        for order in orders
    )
    columns = _columns("order_id rules_version data", await turns.taken(rows))
    return SQL["insert_decisions"], {**columns, "decided_at": tx.now}


def decision(plan: Plan) -> Decision:
    """Return what is kept of why `plan` is as it is: prices that need explaining, and the choice of locations."""
    story = plan.price_story
    sourcing = None if plan.sourcing_trace is None else resourcing.kept(plan.sourcing_trace)
    return Decision(
        story.lines,
        story.discount,
        story.shipping,
        sourcing,
        story.applied,
        story.near_misses,
        story.tax_notes,
        story.coupons,
        story.place,
        story.left_out,
        story.discount_ppm,
        story.method,
        story.payment_method,
        story.payment_methods,
    )


def _claims(orders: Sequence[_Order]) -> list[Claim]:
    return [
        Claim(
            Owner(OWNER_KIND, order.line_ids[assignment.line - 1]),
            SkuId(assignment.sku_id),
            LocationId(assignment.location_id),
            assignment.quantity,
        )
        for order in orders
        for assignment in order.plan.choice.assignments
    ]


def _tell(tx: Tx, orders: Sequence[_Order]) -> None:
    for order in orders:
        plan, placed = order.plan, order.placed
        is_history = plan.draft.body.history is not None
        told = events.OrderPlaced(
            order_id=placed.order_id,
            number=placed.number,
            channel=plan.draft.body.channel,
            customer_id=plan.header.customer_id,
            currency=placed.currency,
            total_minor=placed.total_minor,
            payment_terms=plan.header.payment_terms,
            line_count=len(plan.lines),
            waiting=placed.waiting,
            promised=order.promise is not None,
        )
        tx.emit(
            told,
            actor=plan.draft.actor,
            request_id=plan.draft.request_id,
            occurred_at=placed.placed_at,
            history=is_history,
        )
        if order.promise is not None:
            promised = events.DeliveryPromised(**order.promise._asdict())
            tx.emit(promised, request_id=plan.draft.request_id, occurred_at=placed.placed_at)
        if order.hold is not None:
            holding.tell(tx, order.hold, placed, plan)
        if plan.choice.missing:
            waiting = tuple(
                events.LineQuantity(order.line_ids[line - 1], quantity)
                for line, quantity in sorted(plan.choice.missing.items())
            )
            tx.emit(
                events.LinesBackordered(order_id=placed.order_id, lines=waiting),
                actor=plan.draft.actor,
                request_id=plan.draft.request_id,
                occurred_at=placed.placed_at,
                history=is_history,
            )
