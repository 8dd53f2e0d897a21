"""Decide what an edit changes of an order: which fields, and what the law of another country makes of its tax."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from jiedan.base.errors import Refusal
from jiedan.customers.values import Address
from jiedan.orders import errors
from jiedan.orders.rules import drafts
from jiedan.orders.values import Contact, Line, Order, OrderEdit, OrderWithLines
from jiedan.pricing import rules as pricing
from jiedan.pricing import values as prices

FIELDS = ("contact", "ship_to", "bill_to", "delivery_wish", "location", "tags", "notes")

FIXED_BY_RELEASE = ("contact", "ship_to", "bill_to", "delivery_wish", "location")
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
    if any(line.released for line in found.lines) and any(
        getattr(edit, name) is not msgspec.UNSET for name in FIXED_BY_RELEASE
    ):
        return edit, [errors.AlreadyReleased(order.number)]
    reasons: list[Refusal] = []
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


def applied(order: Order, edit: OrderEdit, location_id: UUID | None) -> Order:
    """Return the order itself with the edit's contact, wish and location."""
    changes: dict[str, Any] = {}
    if edit.contact is not msgspec.UNSET:
        changes["contact"] = edit.contact
    if edit.delivery_wish is not msgspec.UNSET:
        changes["delivery_wish"] = edit.delivery_wish
    if edit.location is not msgspec.UNSET:
        changes["requested_location_id"] = location_id
    return msgspec.structs.replace(order, **changes)


def taxed_for(lines: Sequence[Line], country: str, rules: prices.PriceRules) -> tuple[Line, ...]:
    """Return the lines with the taxes of `country`: prices and discounts stay, totals follow.

    What was imported as sold keeps its tax. Each rate is computed on the sum of its lines and spread by largest
    remainder, as at placement.
    """
    taxable = [x for x in lines if x.kind not in {"component", "fee"} and x.price_source != "as_sold"]
    fees = [x for x in lines if x.kind == "fee" and x.price_source != "as_sold"]
    rates = {x.line_id: pricing.rate(rules, country, x.tax_class) for x in (*taxable, *fees)}
    nets = {x.line_id: x.unit_minor * x.ordered - x.discount_minor for x in (*taxable, *fees)}
    taxes: dict[UUID, int] = {}
    for rate in sorted({rates[x.line_id] for x in taxable}):
        members = [x for x in taxable if rates[x.line_id] == rate]
        shares = pricing.spread_tax([nets[x.line_id] for x in members], rate, included=members[0].tax_included)
        taxes.update(zip((x.line_id for x in members), shares, strict=True))
    for fee in fees:
        taxes[fee.line_id] = pricing.tax_of(nets[fee.line_id], rates[fee.line_id], included=fee.tax_included)
    return tuple(
        msgspec.structs.replace(
            line,
            tax_minor=taxes[line.line_id],
            tax_rate_ppm=rates[line.line_id],
            total_minor=nets[line.line_id] + (0 if line.tax_included else taxes[line.line_id]),
        )
        if line.line_id in taxes
        else line
        for line in lines
    )
