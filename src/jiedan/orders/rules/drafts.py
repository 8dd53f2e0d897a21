"""What can be said of a draft, or of an edit, without the database: a draft is refused before the queue."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from jiedan.base.errors import Refusal
from jiedan.base.events import SYSTEM
from jiedan.customers import errors as customer_errors
from jiedan.customers import rules as customers
from jiedan.customers.values import Address
from jiedan.orders import errors
from jiedan.orders.values import LINES_PER_ORDER_MAX, ORDER_ROWS_MAX, QUANTITY_MAX, Draft, NewLine, NewOrder
from jiedan.orders.values.quotes import QuoteCart
from jiedan.pricing.rules import attributes, formulas

PLACED_AT_MIN = date(1990, 1, 1)
DELIVERY_WISH_DAYS_MAX = 730
CLOCK_SKEW = timedelta(days=1)
"""Where the caller is, the day may be another one."""

ATTRIBUTE_NAME_SHOWN_MAX = 60
"""Characters of a name that cannot be one, in the refusal."""

_NOTHING_SAID: frozenset[tuple[str, float | str]] = frozenset()
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def check(body: NewOrder, *, now: datetime) -> tuple[Refusal, ...]:
    """Return every reason to refuse `body` that needs no look at the merchant's data."""
    reasons: list[Refusal] = []
    if not body.lines and body.history is None:
        reasons.append(errors.NoLines(field="lines"))
    lines_max = LINES_PER_ORDER_MAX if body.history is None else ORDER_ROWS_MAX  # what happened elsewhere is no choice
    if len(body.lines) > lines_max:
        return (errors.TooManyLines(len(body.lines), lines_max, field="lines"),)
    _check_lines(body, reasons)
    _check_dates(body, now, reasons)
    _check_wallets(body, reasons)
    check_tags(body.tags, reasons)
    _check_attributes(body, reasons)
    check_email(body.contact.email, reasons)
    if body.history is None:  # where something went once needs no house number
        check_address(body.ship_to, "ship_to", reasons)
        check_address(body.bill_to, "bill_to", reasons)
    else:
        _check_place(body.ship_to, "ship_to", reasons)
        _check_place(body.bill_to, "bill_to", reasons)
    return tuple(reasons)


def order_of(cart: QuoteCart) -> NewOrder:
    """Return the order that a cart would be."""
    return NewOrder(
        lines=tuple(
            NewLine(
                sku=line.sku,
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                price_reason=line.price_reason,
                attributes=line.attributes,
            )
            for line in cart.lines
        ),
        channel=cart.channel,
        currency=cart.currency,
        customer_id=cart.customer_id,
        ship_to=cart.ship_to,
        location=cart.location,
        payment_terms=cart.payment_terms,
        payment_method=cart.payment_method,
        coupons=cart.coupons,
        gifts=cart.gifts,
        attributes=cart.attributes,
        discount=cart.discount,
        shipping_method=cart.shipping_method,
        shipping_minor=cart.shipping_minor,
    )


def unsent(body: NewOrder) -> Draft:
    """Return a draft that is only looked at: nobody places it, and it has no number."""
    return Draft(body, 0, SYSTEM, "", "", "", b"")


def check_cart(body: NewOrder) -> tuple[Refusal, ...]:
    """Return every reason not to price `body`, which need not be an order: where it goes to may have gaps."""
    reasons: list[Refusal] = []
    if not body.lines:
        reasons.append(errors.NoLines(field="lines"))
    if len(body.lines) > LINES_PER_ORDER_MAX:
        return (errors.TooManyLines(len(body.lines), LINES_PER_ORDER_MAX, field="lines"),)
    _check_lines(body, reasons)
    _check_attributes(body, reasons)
    _check_place(body.ship_to, "ship_to", reasons)
    return tuple(reasons)


def check_moment(at: datetime, now: datetime, field: str) -> None:
    """Raise DateOutOfRange for a moment of which nobody asks what something costs."""
    reasons: list[Refusal] = []
    _check_date(at.date(), PLACED_AT_MIN, (now + timedelta(days=DELIVERY_WISH_DAYS_MAX)).date(), field, reasons)
    if reasons:
        raise reasons[0]


def check_tags(tags: Sequence[str], reasons: list[Refusal]) -> None:
    """Add RepeatedTag to `reasons` when a tag stands twice."""
    if len(set(tags)) < len(tags):
        tag = next(tag for i, tag in enumerate(tags) if tag in tags[:i])
        reasons.append(errors.RepeatedTag(tag, field="tags"))


def _check_attributes(body: NewOrder, reasons: list[Refusal]) -> None:
    reasons += [
        errors.AttributeNameInvalid(name[:ATTRIBUTE_NAME_SHOWN_MAX], field="attributes")
        for name in body.attributes
        if not attributes.is_name(name)
    ]


def check_email(email: str, reasons: list[Refusal]) -> None:
    """Add EmailInvalid to `reasons` unless the contact's `email` is empty or may be right."""
    if email and not _EMAIL.fullmatch(email):
        reasons.append(errors.EmailInvalid(email, field="contact.email"))


def check_delivery_wish(wish: date, now: datetime, reasons: list[Refusal]) -> None:
    """Add DateOutOfRange to `reasons` when nobody could deliver on that day."""
    earliest = (now - CLOCK_SKEW).date()
    latest = earliest + timedelta(days=DELIVERY_WISH_DAYS_MAX)
    _check_date(wish, earliest, latest, "delivery_wish", reasons)


def check_address(address: Address | None, name: str, reasons: list[Refusal]) -> None:
    """Add to `reasons` what is wrong with an address, its fields named behind `name`."""
    if address is None:
        return
    for refusal in customers.check_address(address):
        refusal.field = f"{name}.{refusal.field}" if refusal.field else name
        reasons.append(refusal)


def _check_place(address: Address | None, name: str, reasons: list[Refusal]) -> None:
    """Add to `reasons` what no address can have, whatever its gaps: coordinates off the earth, an unknown country."""
    if address is None:
        return
    for refusal in customers.check_address(address):
        if not isinstance(refusal, customer_errors.AddressFieldMissing | customer_errors.PostalCodeInvalid):
            refusal.field = f"{name}.{refusal.field}" if refusal.field else name
            reasons.append(refusal)


def dialable(text: str, country: str, field: str, reasons: list[Refusal]) -> str:
    """Return a phone number in E.164, read as of `country`; add PhoneInvalid to `reasons` when it is none."""
    if not text:
        return ""
    phone = customers.normalize_phone(text, country)
    if phone is None:
        reasons.append(errors.PhoneInvalid(text, field=field))
    return phone or text


def with_dialable_phone(address: Address, name: str, reasons: list[Refusal]) -> Address:
    """Return an address with its phone as `dialable` returns it, read as of the address's country."""
    phone = dialable(address.phone, address.country, f"{name}.phone", reasons)
    return address if phone == address.phone else msgspec.structs.replace(address, phone=phone)


def _check_lines(body: NewOrder, reasons: list[Refusal]) -> None:
    first_at: dict[tuple[str, str | None, int | None, frozenset[tuple[str, float | str]]], int] = {}
    for i, line in enumerate(body.lines):
        if not 1 <= line.quantity <= QUANTITY_MAX:
            reasons.append(errors.QuantityOutOfRange(line.quantity, field=f"lines[{i}].quantity"))
        if line.as_sold is not None:
            _check_as_sold(body, i, line, reasons)
            reasons += formulas.problems_of_names(line.attributes, field=f"lines[{i}].attributes")
        price = line.unit_price_minor if line.as_sold is None else line.as_sold.unit_minor
        said = frozenset(line.attributes.items()) if line.attributes else _NOTHING_SAID
        first = first_at.setdefault((line.sku, line.location, price, said), i)
        if first != i:
            reasons.append(errors.RepeatedLine(line.sku, first + 1, field=f"lines[{i}].sku"))


def _check_wallets(body: NewOrder, reasons: list[Refusal]) -> None:
    if body.wallets and body.history is not None:
        reasons.append(errors.WalletsNotTaken(field="wallets"))
    for i, use in enumerate(body.wallets):
        named = (use.code is not None) + (use.wallet_id is not None)
        if named != (use.kind == "gift_card") or (use.points is not None and use.kind != "points"):
            reasons.append(errors.WalletUnclear(field=f"wallets[{i}]"))


def _check_as_sold(body: NewOrder, i: int, line: NewLine, reasons: list[Refusal]) -> None:
    sold = line.as_sold
    if sold is None or body.history is None:
        reasons.append(errors.AsSoldNotAllowed(field=f"lines[{i}].as_sold"))
    elif (
        min(sold.unit_minor, sold.discount_minor, sold.tax_minor) < 0
        or sold.discount_minor > sold.unit_minor * line.quantity
    ):
        reasons.append(errors.AsSoldInvalid(field=f"lines[{i}].as_sold"))


def _check_dates(body: NewOrder, now: datetime, reasons: list[Refusal]) -> None:
    if body.history is not None:
        placed_on = body.history.placed_at.date()
        _check_date(placed_on, PLACED_AT_MIN, (now + CLOCK_SKEW).date(), "history.placed_at", reasons)
        if body.history.promised_at is not None:
            latest = (now + CLOCK_SKEW).date() + timedelta(days=DELIVERY_WISH_DAYS_MAX)
            _check_date(body.history.promised_at.date(), PLACED_AT_MIN, latest, "history.promised_at", reasons)
    elif body.delivery_wish is not None:
        check_delivery_wish(body.delivery_wish, now, reasons)


def _check_date(given: date, earliest: date, latest: date, field: str, reasons: list[Refusal]) -> None:
    if not earliest <= given <= latest:
        reasons.append(errors.DateOutOfRange(given.isoformat(), earliest.isoformat(), latest.isoformat(), field=field))
