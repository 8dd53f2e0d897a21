"""Decide what an edit changes of an order: which fields, and what the law of another country makes of its tax."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.errors import Refusal
from jiedan.customers.values import Address
from jiedan.inventory.values import STORE_KINDS, Location
from jiedan.orders import errors
from jiedan.orders.rules import drafts, quoting, remeasuring
from jiedan.orders.rules.reshipping import Reshipped
from jiedan.orders.values import FREEING, STOCKED_KINDS, Contact, Line, Order, OrderEdit, OrderWithLines
from jiedan.pricing import rules as pricing
from jiedan.pricing.values import NO_STATUS, Place, Taxable, Taxed, TaxNote

FIELDS = ("contact", "ship_to", "bill_to", "delivery_wish", "location", "tags", "notes")

FIXED_BY_RELEASE = ("contact", "ship_to", "bill_to", "delivery_wish", "location", "shipping_method")
"""What a location works by, so it stays as it is once the order is released; notes reach it, tags are for staff."""


def check(
    found: OrderWithLines, edit: OrderEdit, *, now: datetime, country: str
) -> tuple[OrderEdit, Sequence[Refusal]]:
    """Return the edit with its phones in E.164, and every reason why an order cannot be edited like this.

    What placement refuses is refused here, too; a contact or delivery wish that stays as it is is not looked at again.
    Imported history may have been wanted on any day.
    `country` is where the order goes before the edit: the contact's phone is read as of it unless `ship_to` changes.
    """
    order = found.order
    if order.lifecycle != "open":
        return edit, [errors.OrderEnded(order.number, order.lifecycle)]
    if any(line.shipped for line in found.lines):
        return edit, [errors.AlreadyShipped(order.number)]
    is_fixed = edit.measures or any(getattr(edit, name) is not msgspec.UNSET for name in FIXED_BY_RELEASE)
    if is_fixed and any(line.released for line in found.lines):
        return edit, [errors.AlreadyReleased(order.number)]
    reasons: list[Refusal] = list(remeasuring.check(found, edit.measures))
    dialable: dict[str, Any] = {}
    if isinstance(edit.contact, Contact) and edit.contact != order.contact:
        drafts.check_email(edit.contact.email, reasons)
        place = edit.ship_to.country if isinstance(edit.ship_to, Address) else country
        phone = drafts.dialable(edit.contact.phone, place, "contact.phone", reasons)
        dialable["contact"] = msgspec.structs.replace(edit.contact, phone=phone)
    for name, address in (("ship_to", edit.ship_to), ("bill_to", edit.bill_to)):
        if isinstance(address, Address):
            drafts.check_address(address, name, reasons)
            dialable[name] = drafts.with_dialable_phone(address, name, reasons)
    if isinstance(edit.delivery_wish, date) and edit.delivery_wish != order.delivery_wish and not order.history:
        drafts.check_delivery_wish(edit.delivery_wish, now, reasons)
    if isinstance(edit.tags, tuple):
        drafts.check_tags(edit.tags, reasons)
    return msgspec.structs.replace(edit, **dialable), reasons


def uncollectable(found: OrderWithLines, location: Location | None, ship_to: Address | None) -> Sequence[Refusal]:
    """Return that nobody can collect the goods of an order at a location, where it is sent nowhere; history may be."""
    if location is None or location.kind in STORE_KINDS or ship_to is not None or found.order.history:
        return ()
    is_goods = any(line.kind in STOCKED_KINDS for line in found.lines)
    return (errors.LocationWithoutCounter(location.name, field="location"),) if is_goods else ()


def difference(before: Mapping[str, Any], edit: OrderEdit) -> dict[str, tuple[Any, Any]]:
    """Return what changes, by field: (before, after). `before` has the values of `FIELDS` as they are."""
    changed: dict[str, tuple[Any, Any]] = {}
    for name in FIELDS:
        after = getattr(edit, name)
        if name == "notes":
            if after:
                changed[name] = (None, after)
        elif after is not msgspec.UNSET and _comparable(after) != _comparable(before[name]):
            changed[name] = (before[name], after)
    return changed


def _comparable(value: Any) -> Any:
    return sorted(value) if isinstance(value, tuple) else value


def applied(order: Order, edit: OrderEdit, location_id: UUID | None, to: Reshipped | None = None) -> Order:
    """Return the order itself with the edit's contact, wish, location and shipping method."""
    changes: dict[str, Any] = {}
    if to is not None:
        changes |= {"shipping_method": to.method.code, "shipping_name": to.method.name, "line_count": len(to.lines)}
    if edit.contact is not msgspec.UNSET:
        changes["contact"] = edit.contact
    if edit.delivery_wish is not msgspec.UNSET:
        changes["delivery_wish"] = edit.delivery_wish
    if edit.location is not msgspec.UNSET:
        changes["requested_location_id"] = location_id
    return msgspec.structs.replace(order, **changes)


class Retaxed(NamedTuple):
    """Lines with their taxes, and what became of what the customer had to show; without notes nothing has changed."""

    lines: tuple[Line, ...]
    notes: tuple[TaxNote, ...] | None = None


def taxed_for(found: OrderWithLines, old: Place, new: Place, rules: pricing.QuoteRules) -> Retaxed:
    """Return the lines of an order with the taxes of another place: prices and discounts stay, totals follow.

    Where both places have the same rates, and free the same, lines do not change. What was imported as sold keeps its
    tax. Tax is computed and spread as at placement, and by what the customer had to show then.
    """
    taxable = _taxable(found.lines)
    if not taxable:
        return Retaxed(found.lines)
    there = _tax(found.order, taxable, new, rules)
    if _rates(there) == _rates(_tax(found.order, taxable, old, rules)):
        return Retaxed(found.lines, there.notes)
    return Retaxed(_with_tax(found.lines, taxable, there), there.notes)


def taxed(order: Order, lines: Sequence[Line], place: Place, rules: pricing.QuoteRules) -> Retaxed:
    """Return the lines with the taxes that what they cost now bears at a place, and the totals that follow."""
    taxable = _taxable(lines)
    if not taxable:
        return Retaxed(tuple(lines))
    there = _tax(order, taxable, place, rules)
    return Retaxed(_with_tax(lines, taxable, there), there.notes)


def unrelieved(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines at what they cost who pays the tax in their prices; totals are as they were."""
    return tuple([
        msgspec.structs.replace(x, discount_minor=x.discount_minor - x.relief_minor, relief_minor=0)
        if x.relief_minor
        else x
        for x in lines
    ])  # fmt: skip


def _taxable(lines: Sequence[Line]) -> list[Line]:
    return [x for x in lines if x.kind != "component" and x.price_source != "as_sold"]


def _tax(order: Order, taxable: Sequence[Line], place: Place, rules: pricing.QuoteRules) -> Taxed:
    rules = rules.including_tax(included=taxable[0].tax_included)
    status = NO_STATUS if order.tax is None else order.tax.status
    amounts = [x.unit_minor * x.ordered - x.discount_minor + x.relief_minor for x in taxable]
    items = [
        Taxable(minor, x.tax_class, "fee" if x.kind == "fee" else "goods")
        for x, minor in zip(taxable, amounts, strict=True)
    ]
    return pricing.tax(items, place, status, rules.taxes, order.placed_at)


def _with_tax(lines: Sequence[Line], taxable: Sequence[Line], there: Taxed) -> tuple[Line, ...]:
    taxed_by_id = {x.line_id: item for x, item in zip(taxable, there.items, strict=True)}
    return tuple(
        msgspec.structs.replace(
            line,
            discount_minor=line.discount_minor - line.relief_minor + item.relief_minor,
            relief_minor=item.relief_minor,
            tax_minor=item.tax_minor,
            tax_rate_ppm=quoting.rate_ppm(item.parts),
            taxes=item.parts,
            total_minor=item.gross_minor,
        )
        if (item := taxed_by_id.get(line.line_id)) is not None
        else line
        for line in lines
    )


def _rates(taxed: Taxed) -> tuple[list[tuple[str, str, int, bool]], list[tuple[str, ...]]]:
    """Return which taxes are charged, wherever their rows stand in the table, and which classes are freed."""
    charged = sorted((x.tax_class, x.component, x.rate_ppm, x.is_compound) for x in taxed.found)
    return charged, sorted(note.classes for note in taxed.notes if note.code in FREEING)
