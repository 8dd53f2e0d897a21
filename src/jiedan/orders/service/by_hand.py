"""Set prices and discounts of placed orders by hand, and take back those that nobody approves."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base import cards, money, once
from jiedan.base.db import Tx
from jiedan.base.errors import accepted, one_of
from jiedan.orders import changes, errors, events, queries, writing
from jiedan.orders.queries.hanging import Details
from jiedan.orders.rules import askable, at_placement, derived, editing, homes
from jiedan.orders.rules import by_hand as rules
from jiedan.orders.service import approving, asking, holds, owed, versions
from jiedan.orders.service.measure import rules_of
from jiedan.orders.values import (
    REASON_CHARS_MAX,
    HoldId,
    LiftRequest,
    Line,
    Order,
    OrderId,
    OrderWithLines,
    PriceEdit,
    RefuseRequest,
)
from jiedan.pricing.values import OrderDiscount


class Repriced(NamedTuple):
    """An order before its prices were changed by hand and after, and whether somebody must approve them."""

    before: OrderWithLines
    order: Order
    lines: tuple[Line, ...]
    is_held: bool


async def set_prices(tx: Tx, *, order_id: UUID, edit: PriceEdit, version: int | None) -> Repriced:
    """Set prices and discount of an order by hand before it leaves.

    Where more is taken off than the caller's role may, the order stands on hold until somebody approves it; within the
    limit that hold goes away. Raises OrderNotFound, StaleVersion, OrderEnded, AlreadyShipped, AlreadyReleased,
    NothingToEdit, or Rejections with every fault of the prices.
    """
    found = (await queries.orders_for_update(tx, [order_id])).get(OrderId(order_id))
    if found is None:
        raise errors.OrderNotFound(str(order_id))
    await versions.check_version(tx, order=found.order, expected=version)
    if refused := rules.check(found):
        raise one_of(refused)
    priced = OrderWithLines(found.order, editing.unrelieved(found.lines))
    lines, reasons = rules.edited(priced, edit)
    if reasons:
        raise one_of(reasons)
    if lines == priced.lines:
        raise errors.NothingToEdit
    details = (await queries.details(tx, [order_id]))[found.order.order_id]
    after = await _save(tx, found, lines, _why(edit), details)
    reason = _why(edit) or rules.reasons_of(after.lines, "")
    is_held = await asking.hold(tx, after, details, reason)
    await owed.follow(tx, before=found.order, after=after.order)  # cases are locked last
    return Repriced(found, after.order, after.lines, is_held)


def _why(edit: PriceEdit) -> str:
    """Return why, in the words of the edit."""
    told = dict.fromkeys(x.price_reason for x in edit.lines if x.price_reason)
    if isinstance(edit.discount, OrderDiscount):
        told[edit.discount.reason] = None
    return cards.masked(" · ".join(told))[:REASON_CHARS_MAX]


async def _save(tx: Tx, found: OrderWithLines, lines: tuple[Line, ...], why: str, details: Details) -> OrderWithLines:
    """Tax the lines at their prices, write what differs, and tell it; return the order as it is then.

    Lines keep what they cost when they were placed.
    """
    order = found.order
    settings = await tx.load_one(accounts.settings())
    place = askable.place_of(details.addresses.get("ship_to"), settings.country)
    by_rules = await rules_of(tx, found, settings)
    retaxed = editing.taxed(order, lines, place, by_rules)
    taxed = at_placement.kept(found.lines, retaxed.lines)
    noted = homes.noted(order, retaxed.notes, by_rules)
    after = derived.refreshed(noted, taxed, at=tx.now, expiry_minutes=settings.expiry_minutes)
    differ = [new for new, old in zip(taxed, found.lines, strict=True) if new != old]
    version = await writing.set_prices(tx, noted, differ, is_noted=noted.tax != order.tax)
    await changes.save(tx, [changes.Change(OrderWithLines(order, taxed), after, taxed)])
    private = _told(found.lines, taxed, order.currency)
    if why:
        private["why"] = ["", why]
    fields = tuple(name for name in private if name != "why")
    tx.emit(events.OrderEdited(order_id=order.order_id, fields=fields, version=version), private=private)
    return OrderWithLines(after, taxed)


def _told(before: Sequence[Line], after: Sequence[Line], currency: str) -> dict[str, Any]:
    """Return what differs, before and after, as the timeline shows it."""
    told: dict[str, Any] = {}
    pairs = [
        (a, b)
        for a, b in zip(before, after, strict=True)
        if (a.unit_minor, a.price_source, a.price_reason) != (b.unit_minor, b.price_source, b.price_reason)
    ]
    if pairs:
        told["prices"] = [[_price(x, currency) for x in side] for side in zip(*pairs, strict=True)]
    was, now = (sum(x.by_hand_minor for x in lines) for lines in (before, after))
    if was != now or not pairs:
        told["discount"] = [_amount(was, currency), _amount(now, currency)]
    return told


def _price(line: Line, currency: str) -> str:
    return f"{line.code}: {_amount(line.unit_minor, currency)}"


def _amount(minor: int, currency: str) -> str:
    return f"{money.decimal_amount(minor, currency)} {currency}"


async def refuse_prices(tx: Tx, *, request: RefuseRequest, key: str | None) -> None:
    """Do not let prices by hand pass: take them and the discount back, and lift the hold, once per `key`.

    What promotions gave stays. Raises KeyReused, OrderNotFound, HoldNotFound, HoldAlreadyLifted, NotForApproval,
    BeyondLimit, ReasonMissing, OrderEnded, AlreadyShipped, AlreadyReleased, or why the prices of the rules cannot come
    back; then the key is free again.
    """

    async def work(_: Sequence[RefuseRequest]) -> Sequence[OrderId]:
        return [await _refuse(tx, request)]

    await once.done(tx, operation="orders.refuse_prices", key=key, wish=request, work=work)


async def _refuse(tx: Tx, request: RefuseRequest) -> OrderId:
    order_id = OrderId(request.order_id)
    found = (await queries.orders_for_update(tx, [order_id])).get(order_id)
    if found is None:
        raise errors.OrderNotFound(str(order_id))
    details = (await queries.details(tx, [order_id]))[order_id]
    hold = next((x for x in details.holds if x.hold_id == request.hold_id), None)
    if hold is None:
        raise errors.HoldNotFound(str(request.hold_id))
    if hold.lifted_at is not None:
        raise errors.HoldAlreadyLifted(str(hold.hold_id))
    if hold.kind != rules.APPROVAL:
        raise errors.NotForApproval(str(hold.hold_id))
    reason = cards.masked(request.reason)
    if not 0 < len(reason.strip()) <= REASON_CHARS_MAX:
        raise errors.ReasonMissing(REASON_CHARS_MAX, field="reason")
    refused: Mapping[OrderId, errors.BeyondLimit] = await approving.beyond(tx, [found])
    if order_id in refused:
        raise refused[order_id]
    if no := rules.check(found):
        raise one_of(no)
    priced = OrderWithLines(found.order, editing.unrelieved(found.lines))
    lines, reasons = rules.edited(priced, rules.without(priced))
    if reasons:
        raise one_of(reasons)
    after = found if lines == priced.lines else await _save(tx, found, lines, reason, details)
    lift = LiftRequest(HoldId(hold.hold_id), reason, frozenset({hold.lift_permission}), order_id)
    accepted(await holds.lift_holds(tx, requests=[lift]))
    order = after.order
    told = events.PricesRefused(
        order_id=order_id, hold_id=hold.hold_id, currency=order.currency, total_minor=order.total_minor
    )
    tx.emit(told, private={"reason": reason})
    await owed.follow(tx, before=found.order, after=order)
    return order_id
