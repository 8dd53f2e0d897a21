"""Edit an order before it leaves: contact, addresses, wishes, location, method, notes, tags, and measures of pieces.

A new address or location is sourced again, and where other taxes hold it is taxed again: by the rules that priced the
order, as they were dated then, for a later version was never shown to whoever ordered. A preview shows the same without
doing it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location, LocationId, StockKey
from jiedan.orders import changes, errors, events, queries, writing
from jiedan.orders.queries.hanging import Details
from jiedan.orders.rules import askable, derived, editing, homes, remeasuring, resourcing
from jiedan.orders.rules import reshipping as reshipping_rules
from jiedan.orders.rules.reshipping import Reshipped
from jiedan.orders.rules.resourcing import Resourced
from jiedan.orders.service import asking, measure, owed, reshipping, resource, versions
from jiedan.orders.service.cancel import held_by
from jiedan.orders.service.measure import rules_of
from jiedan.orders.values import NOTES_KEPT_MAX, Line, Order, OrderEdit, OrderId, OrderWithLines
from jiedan.sourcing.values import Trace


class Edited(NamedTuple):
    """What an edit does: the order before and after, what changed by field, and where the goods come from then."""

    before: OrderWithLines
    order: Order
    lines: tuple[Line, ...]
    changed: Mapping[str, tuple[Any, Any]]
    sourcing: Trace | None


class _To(NamedTuple):
    """What an edit makes of lines, their tax still as it was, of the location, and of the shipping method."""

    lines: tuple[Line, ...]
    location_id: LocationId | None
    method: Reshipped | None


async def edit_order(
    tx: Tx, *, order_id: UUID, edit: OrderEdit, version: int | None, is_preview: bool = False, may_price: bool = False
) -> Edited:
    """Edit one order, or with `is_preview` only say what the edit would do.

    Who `may_price` may have measures that make discounts a larger part of the price, within the limit of the role.

    Raises OrderNotFound, OrderEnded, AlreadyShipped, StaleVersion (who changed what), UnknownLocation,
    LocationWithoutCounter, NothingToEdit, or Rejections with every fault of what is new; InsufficientStock for lines
    that would lose their goods where the merchant takes no backorders; ShippingMethodUnavailable for a method that does
    not serve, also one that was chosen and does not go to the new address.
    """
    found = (await queries.orders_for_update(tx, [order_id])).get(OrderId(order_id))
    if found is None:
        raise errors.OrderNotFound(str(order_id))
    await versions.check_version(tx, order=found.order, expected=version)
    details = (await queries.details(tx, [order_id]))[OrderId(order_id)]
    ship_to = details.addresses.get("ship_to")
    country = ship_to.country if ship_to is not None else (await tx.load_one(accounts.settings())).country
    edit, reasons = editing.check(found, edit, now=tx.now, country=country)
    if len(details.notes) + len(edit.notes) > NOTES_KEPT_MAX:
        reasons = [*reasons, errors.TooManyNotes(len(details.notes), field="notes")]
    _raise_all(reasons)
    places = {x.code: x for x in await tx.load_one(stock.locations()) if x.is_active}
    changed = editing.difference(_before(found.order, details, places), edit)
    lines = await measure.remeasured(tx, found, edit.measures)
    if lines != found.lines:
        changed["measures"] = remeasuring.told(found.lines, lines)
    other = await reshipping.reshipped(tx, found=found, details=details, edit=edit, lines=lines, changed=changed)
    if other is not None:
        changed["shipping_method"] = found.order.shipping_name or "", other.method.name
    if not changed:
        raise errors.NothingToEdit
    location = _location(edit, places)
    if "location" in changed:
        goes_to = edit.ship_to if isinstance(edit.ship_to, Address) else ship_to
        _raise_all(editing.uncollectable(found, location, goes_to))
    to = _To(lines if other is None else other.lines, None if location is None else location.location_id, other)
    edited, got = await _decide(tx, found, details, edit, changed, to, may_price=may_price)
    if not is_preview:
        await _save(tx, edited, edit, got)
        if "measures" in changed:
            after = OrderWithLines(edited.order, edited.lines)
            await asking.follow(tx, after, details, may_price=may_price)
        await owed.follow(tx, before=edited.before.order, after=edited.order)  # cases are locked last
    return edited


def _raise_all(reasons: Sequence[Refusal]) -> None:
    if reasons:
        raise one_of(reasons)


def _location(edit: OrderEdit, places: Mapping[str, Location]) -> Location | None:
    if not isinstance(edit.location, str):
        return None
    if edit.location not in places:
        raise errors.UnknownLocation(edit.location, field="location")
    return places[edit.location]


def _before(order: Order, details: Details, places: Mapping[str, Location]) -> dict[str, Any]:
    by_id = {place.location_id: code for code, place in places.items()}
    location_id = order.requested_location_id
    return {
        "contact": order.contact,
        "ship_to": details.addresses.get("ship_to"),
        "bill_to": details.addresses.get("bill_to"),
        "delivery_wish": order.delivery_wish,
        "location": None if location_id is None else by_id.get(LocationId(location_id), str(location_id)),
        "tags": details.tags,
    }


async def _decide(  # noqa: PLR0917 - all that an edit is decided by
    tx: Tx,
    found: OrderWithLines,
    details: Details,
    edit: OrderEdit,
    changed: Mapping[str, tuple[Any, Any]],
    to: _To,
    *,
    may_price: bool,
) -> tuple[Edited, Resourced | None]:
    lines = to.lines
    settings = await tx.load_one(accounts.settings())
    order = editing.applied(found.order, edit, to.location_id, to.method)
    old = details.addresses.get("ship_to")
    new = edit.ship_to if isinstance(edit.ship_to, Address) else old
    here, there = (askable.place_of(address, settings.country) for address in (old, new))
    if "measures" in changed or to.method is not None:
        rules = await rules_of(tx, found, settings)
        lines, notes = editing.taxed(order, lines, there, rules)
        order, lines = homes.noted(order, notes, rules), reshipping_rules.kept(found, lines)
        old_lines = OrderWithLines(order, lines[: len(found.lines)])
        await measure.require_limit(tx, found, old_lines, edit.measures, may_price=may_price)
    elif here != there:
        rules = await rules_of(tx, found, settings)
        lines, notes = editing.taxed_for(OrderWithLines(order, lines), here, there, rules)
        order = homes.noted(order, notes, rules)
    got = None
    moves = ("ship_to" in changed or "location" in changed) and order.claims_stock
    if moves and any(x.allocated or x.waiting for x in lines):
        got = await _resourced(tx, OrderWithLines(order, lines), new)
        if not settings.backorder:
            field = "location" if "location" in changed else "ship_to"
            _raise_all(resourcing.shortfalls(lines, got.lines, field=field))
        lines = got.lines
    order = derived.refreshed(order, lines, at=tx.now, expiry_minutes=settings.expiry_minutes)
    return Edited(found, order, lines, changed, None if got is None else got.trace), got


async def _resourced(tx: Tx, found: OrderWithLines, ship_to: Address | None) -> Resourced:
    held = await held_by(tx, [found])
    where = await resource.places(tx, [] if ship_to is None else [ship_to])
    ours = {StockKey(r.sku_id, r.location_id) for of in held.values() for r in of}
    available = await resource.lock_available(tx, resource.stocked_skus(found), ours)
    return resourcing.reassign(
        found,
        held,
        available,
        where.among({**available, **dict.fromkeys(ours, 0)}),
        location_id=found.order.requested_location_id,
        destination=where.of(ship_to),
    )


def _is_repriced(was: Line, now: Line) -> bool:
    """Tell whether a piece has other measures, or shipping another method: its price is written, not only its tax."""
    return (was.attributes, was.price_reason, was.unit_minor) != (now.attributes, now.price_reason, now.unit_minor)


async def _save(tx: Tx, edited: Edited, edit: OrderEdit, got: Resourced | None) -> None:
    order_id = edited.order.order_id
    addresses = {name: edited.changed[name][1] for name in ("ship_to", "bill_to") if name in edited.changed}
    await writing.replace_addresses(tx, order_id, addresses)
    if "tags" in edited.changed:
        await writing.replace_tags(tx, order_id, edited.changed["tags"][1])
    await writing.add_notes(tx, order_id, edit.notes)
    count = len(edited.before.lines)
    pairs = zip(edited.before.lines, edited.lines[:count], strict=True)
    await writing.add_fees(tx, edited.lines[count:])
    await writing.set_measures(tx, [now for was, now in pairs if _is_repriced(was, now)])
    version = await writing.update_head(tx, edited.order)
    before = OrderWithLines(edited.before.order, (*edited.before.lines, *edited.lines[count:]))
    await changes.save(tx, [changes.Change(before, edited.order, edited.lines)])
    if got is not None:
        await resource.save_resourced(tx, [(before, got)], kind="edit")
    private = {
        name: [msgspec.to_builtins(before), msgspec.to_builtins(after)]
        for name, (before, after) in edited.changed.items()
    }
    told = events.OrderEdited(order_id=order_id, fields=tuple(edited.changed), version=version)
    tx.emit(told, private=private)
