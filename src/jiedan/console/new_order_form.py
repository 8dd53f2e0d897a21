"""What the form of a new order says, as an order and as a draft, and a draft or another order as what the form says."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from uuid import UUID

import msgspec

from jiedan.accounts.values import PaymentTerms
from jiedan.base import money
from jiedan.base.web.forms import Filled
from jiedan.console import amounts, new_order_kept, new_order_paying_form
from jiedan.console.errors import AttributesUnreadable, LocationToCollect, QuantityMissing
from jiedan.console.new_order_kept import KEPT_CHARS_MAX, ROW_KEPT
from jiedan.console.new_order_paying_form import PayingForm
from jiedan.console.order_edit import ADDRESS_FIELDS, address_of, contact_of, tags_of, texts_of
from jiedan.customers.values import Address, CustomerId
from jiedan.orders.queries import Details
from jiedan.orders.rules import gifting
from jiedan.orders.values import (
    ATTRIBUTES_PER_ORDER_MAX,
    CHANNEL_CONSOLE,
    LINE_ATTRIBUTES_MAX,
    LINES_PER_ORDER_MAX,
    NOTE_CHARS_MAX,
    NOTE_KINDS,
    PROMOTION_CHARS_MAX,
    REASON_CHARS_MAX,
    Channel,
    Contact,
    GiftChoice,
    Line,
    NewLine,
    NewNote,
    NewOrder,
    NoteKind,
    OrderWithLines,
)
from jiedan.pricing.rules import attributes
from jiedan.pricing.values import OrderDiscount
from jiedan.pricing.values.formulas import WRITING_CHARACTERS_MAX
from jiedan.pricing.values.promotions import AttributeValue

Codes = Annotated[list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=LINES_PER_ORDER_MAX)]
GiftsOf = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=PROMOTION_CHARS_MAX)]], msgspec.Meta(max_length=LINES_PER_ORDER_MAX)
]
Quantities = Annotated[list[int], msgspec.Meta(max_length=LINES_PER_ORDER_MAX)]
Amounts = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=LINES_PER_ORDER_MAX)]
Said = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=WRITING_CHARACTERS_MAX)]],
    msgspec.Meta(max_length=LINES_PER_ORDER_MAX * LINE_ATTRIBUTES_MAX),
]
Kept = Annotated[str, msgspec.Meta(max_length=KEPT_CHARS_MAX)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
How = Literal["ship", "collect"]
Pay = Literal["", "card", "bank_transfer", "cash_on_delivery", "on_account"]

CHANNELS = ("phone", "email", CHANNEL_CONSOLE)

TERMS: Mapping[str, PaymentTerms] = {**new_order_kept.PAID, "on_account": "on_account"}
"""What a way of paying means for when the goods may leave."""

ROWS = 8
"""Rows that a form has at least; scripts show the empty ones one after the other."""

ROWS_MORE = 8

ATTRIBUTES_CHARS_MAX = 2_000

QUANTITY_DIGITS_MAX = 15


class NewOrderForm(PayingForm, kw_only=True):
    """What somebody orders; `key` makes sending it twice harmless, `draft_id` tells what it is kept as.

    `sku`, `quantity` and `price` are of rows; what is said of pieces made to measure tells its row and the SKU that it
    was asked for, `gift_choice` are the gifts chosen where there is a choice, `gift_of` the promotions they are of.
    `customer` is what was typed to find somebody, `pick` who was chosen, `use` which of their addresses. `kept` is what
    the draft says that has no input, `row_kept` that of each row.
    """

    __as_sent__: ClassVar = PayingForm.__as_sent__ | {"kept", "row_kept"}

    key: Key
    action: str = "preview"
    draft_id: UUID | None = None
    draft_version: int | None = None
    customer: Annotated[str, msgspec.Meta(max_length=100)] = ""
    customer_id: UUID | None = None
    pick: UUID | None = None
    use: UUID | None = None
    keep: bool = False
    channel: Channel = "phone"
    how: How = "ship"
    pay: Pay = ""
    sku: Codes = msgspec.field(default_factory=list)
    quantity: Quantities = msgspec.field(default_factory=list)
    price: Amounts = msgspec.field(default_factory=list)
    said_row: Said = msgspec.field(default_factory=list)
    said_sku: Said = msgspec.field(default_factory=list)
    said_name: Said = msgspec.field(default_factory=list)
    said_value: Said = msgspec.field(default_factory=list)
    gift_choice: Codes = msgspec.field(default_factory=list)
    gift_of: GiftsOf = msgspec.field(default_factory=list)
    price_reason: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)] = ""
    discount: Annotated[str, msgspec.Meta(max_length=40)] = ""
    discount_reason: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)] = ""
    note: Annotated[str, msgspec.Meta(max_length=NOTE_CHARS_MAX)] = ""
    note_kind: NoteKind = "internal"
    attributes: Annotated[str, msgspec.Meta(max_length=ATTRIBUTES_CHARS_MAX)] = ""
    kept: Kept = ""
    row_kept: Annotated[list[Kept], msgspec.Meta(max_length=LINES_PER_ORDER_MAX)] = msgspec.field(default_factory=list)
    remove_kept: Annotated[str, msgspec.Meta(max_length=KEPT_CHARS_MAX)] = ""


SAID_COLUMNS = ("said_row", "said_sku", "said_name", "said_value")


class RowTyped(NamedTuple):
    """A row of the form as it was typed, with its place among the order's lines if it is one.

    `said` are measures by name, of a piece made to measure; `kept` is what else its draft says of it, by field.
    """

    sku: str
    quantity: str
    price: str
    line: int | None
    said: Mapping[str, str] = MappingProxyType({})
    kept: Mapping[str, Any] = MappingProxyType({})


def rows_typed(form: Filled[Any]) -> list[RowTyped]:
    """Return the rows as they were typed; those without a SKU are no lines."""
    codes = form.raw.get("sku", ())
    quantities = [*form.raw.get("quantity", ()), *[""] * len(codes)]
    prices = [*form.raw.get("price", ()), *[""] * len(codes)]
    rests = [*form.raw.get(ROW_KEPT, ()), *[""] * len(codes)]
    said: dict[tuple[str, str], dict[str, str]] = {}
    shown: dict[tuple[str, str], set[str]] = {}
    for row, sku, name, text in zip(*[form.raw.get(column, ()) for column in SAID_COLUMNS], strict=False):
        shown.setdefault((row, sku), set()).add(name)
        if name and text:
            said.setdefault((row, sku), {})[name] = text
    found: list[RowTyped] = []
    lines = 0
    for i, (code, quantity, price, rest) in enumerate(zip(codes, quantities, prices, rests, strict=False)):
        row = str(i), code
        kept = new_order_kept.of_row(rest, code, quantity, shown.get(row, ())) if rest else {}
        found.append(RowTyped(code, quantity, price, lines if code else None, said.get(row, {}), kept))
        lines += bool(code)
    return found


def order_of(form: Filled[NewOrderForm], sent: NewOrderForm, currency: str) -> NewOrder:
    """Return the order that the form asks for.

    Raises QuantityMissing, AmountUnreadable, LocationToCollect, AttributesUnreadable, and what is wrong with what is
    kept.
    """
    lines: list[NewLine] = []
    for i, row in enumerate(rows_typed(form)):
        if not row.sku:
            continue
        if not row.quantity:
            raise QuantityMissing(i + 1, field=f"row-{i}")
        by_hand = amounts.typed_if_any(row.price, currency, field=f"row-{i}")
        reason = sent.price_reason if by_hand is not None else ""
        line = NewLine(
            sku=row.sku,
            quantity=int(row.quantity),
            unit_price_minor=by_hand,
            price_reason=reason,
            attributes=dict(row.said),
        )
        lines.append(new_order_kept.completed_line(line, _of_price(row.kept, by_hand), len(lines)))
    if sent.how == "collect" and not sent.location:
        raise LocationToCollect(field="location")
    off = amounts.typed_if_any(sent.discount, currency, field="discount")
    said, unread = attributes.read(sent.attributes)
    if unread or len(said) > ATTRIBUTES_PER_ORDER_MAX:
        raise AttributesUnreadable(unread or sent.attributes, field="attributes")
    body = NewOrder(
        lines=tuple(lines),
        channel=sent.channel,
        customer_id=None if sent.customer_id is None else CustomerId(sent.customer_id),
        contact=contact_of(sent),
        ship_to=address_of(sent) if sent.how == "ship" else None,
        payment_terms=TERMS.get(sent.pay),
        payment_method=new_order_kept.METHOD_OF.get(sent.pay),
        delivery_wish=sent.delivery_wish,
        location=sent.location or None,
        shipping_method=sent.shipping_method or None if sent.how == "ship" else None,
        tags=tags_of(sent),
        notes=(NewNote(kind=sent.note_kind, text=sent.note),) if sent.note.strip() else (),
        attributes=said,
        discount=None if off is None else OrderDiscount(sent.discount_reason, amount_minor=off),
        gifts=_gifts(form),
    )
    return new_order_kept.completed(body, new_order_kept.of(form))


def draft_of(form: Filled[Any], currency: str) -> dict[str, Any]:
    """Return what a draft keeps of the form: a new order as far as it is known, whatever may still be wrong with it."""
    lines: list[dict[str, Any]] = []
    for row in rows_typed(form):
        if row.sku:
            line: dict[str, Any] = {"sku": row.sku, "quantity": _count(row.quantity)}
            if (by_hand := _readable(row.price, currency)) is not None:
                line |= {"unit_price_minor": by_hand, "price_reason": form.text("price_reason")}
            line |= _of_price(row.kept, by_hand)
            if said := {**new_order_kept.mapping(row.kept.get("attributes")), **row.said}:
                line["attributes"] = said
            lines.append(line)
    data: dict[str, Any] = {"lines": lines, "channel": form.text("channel") or CHANNEL_CONSOLE}
    contact = {name: form.text(f"contact_{name}") for name in ("name", "phone", "email")}
    texts = {name: form.text(name) for name in ADDRESS_FIELDS if form.text(name)}
    is_sent = form.text("how", "ship") == "ship" and texts.keys() - {"country"}
    optional: dict[str, Any] = {
        "customer_id": form.text("customer_id"),
        "contact": {name: text for name, text in contact.items() if text},
        "ship_to": {"country": "", **texts} if is_sent else None,
        "payment_terms": TERMS.get(form.text("pay")),
        "payment_method": form.text("pay") if form.text("pay") in new_order_kept.PAID else None,
        "delivery_wish": form.text("delivery_wish"),
        "location": form.text("location"),
        "shipping_method": form.text("shipping_method"),
        "attributes": attributes.read(form.text("attributes"))[0],
        "tags": [tag.strip() for tag in form.text("tags").replace("，", ",").split(",") if tag.strip()],
        "gifts": msgspec.to_builtins(list(_gifts(form))),
        "notes": [{"kind": form.text("note_kind", "internal"), "text": form.text("note")}] if form.text("note") else [],
        **new_order_paying_form.kept_of(form, currency),
    }
    off = _readable(form.text("discount"), currency)
    if off is not None:
        optional["discount"] = {"reason": form.text("discount_reason"), "amount_minor": off}
    return new_order_kept.merged(
        data | {name: value for name, value in optional.items() if value}, new_order_kept.of(form)
    )


def _gifts(form: Filled[Any]) -> tuple[str | GiftChoice, ...]:
    return gifting.chosen(form.raw.get("gift_choice", ()), form.raw.get("gift_of", ()))


def _of_price(kept: Mapping[str, Any], by_hand: int | None) -> dict[str, Any]:
    """Return what a row keeps: a price by hand unless one was typed, a reason only with the price that it is of."""
    gone = set()
    if by_hand is not None:
        gone.add("unit_price_minor")
    elif kept.get("unit_price_minor") is None:
        gone.add("price_reason")
    return {name: value for name, value in kept.items() if name not in gone}


def _said(given: Any) -> dict[str, AttributeValue]:
    """Return the attributes of a draft, whoever wrote it, as far as they are any."""
    said = given.items() if isinstance(given, Mapping) else ()
    return {str(name): value for name, value in said if isinstance(value, bool | int | str)}


def _measures(given: Any) -> dict[str, str]:
    """Return what a line of a draft says of a piece, numbers with decimals as they were written."""
    told = new_order_kept.mapping(given).items()
    return {
        str(name): f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)
        for name, value in told
        if isinstance(value, float | int | str) and not isinstance(value, bool)
    }


def _count(text: str) -> int:
    """Return a quantity as far as it is typed, 1 for what is none."""
    is_count = text.isascii() and text.isdigit() and len(text) <= QUANTITY_DIGITS_MAX
    return int(text) if is_count else 1


def _readable(text: str, currency: str) -> int | None:
    try:
        return money.parse_amount(text, currency) if text else None
    except ValueError:
        return None


def _pay(data: Mapping[str, Any]) -> str | None:
    """Return what the form says of how a draft is paid: its method, else the last that has its terms."""
    method, asked = data.get("payment_method"), data.get("payment_terms")
    if new_order_kept.is_offered(method, asked):
        return str(method)
    last: dict[str, str] = {terms: pay for pay, terms in TERMS.items()}
    return last.get(str(asked))


def raw_of_draft(data: Mapping[str, Any], own: str, *, can_price: bool = True) -> dict[str, list[str]]:
    """Return what the form says of a draft, whoever wrote it; amounts in its currency, else the merchant's `own`.

    Who cannot price has no inputs for prices by hand.
    """
    currency = new_order_kept.currency_named(data.get("currency"), own)
    contact, ship_to, discount = [new_order_kept.mapping(data.get(x)) for x in ("contact", "ship_to", "discount")]
    lines = [line for line in new_order_kept.listed(data.get("lines")) if isinstance(line, Mapping)]
    note = new_order_kept.mapping(next(iter(new_order_kept.listed(data.get("notes"))), None))
    off = discount.get("amount_minor") if can_price else None
    gifts = gifting.as_typed(new_order_kept.listed(data.get("gifts")))
    by_hand = [line.get("unit_price_minor") for line in lines if can_price]
    texts = {
        **{f"contact_{name}": contact.get(name) for name in ("name", "phone", "email")},
        **{name: ship_to.get(name) for name in ADDRESS_FIELDS},
        "customer_id": data.get("customer_id"),
        "channel": data.get("channel") or CHANNEL_CONSOLE,
        "how": "collect" if data.get("location") and not ship_to else "ship",
        "pay": _pay(data),
        "delivery_wish": data.get("delivery_wish"),
        "location": data.get("location"),
        "shipping_method": data.get("shipping_method"),
        "tags": ", ".join(str(tag) for tag in new_order_kept.listed(data.get("tags")) if new_order_kept.is_typed(tag)),
        "attributes": attributes.written(_said(data.get("attributes"))),
        "note": note.get("text"),
        "note_kind": note.get("kind") if note.get("kind") in NOTE_KINDS else None,
        "discount": _written(off, currency),
        "discount_reason": None if off is None else discount.get("reason"),
        "price_reason": new_order_kept.reason_of(lines) if can_price else None,
    }
    return {
        "sku": [str(line.get("sku", "")) for line in lines],
        "quantity": [str(line.get("quantity", "")) for line in lines],
        **raw_of_said([(str(line.get("sku", "")), _measures(line.get("attributes"))) for line in lines]),
        "gift_choice": [sku for sku, _ in gifts],
        "gift_of": [of for _, of in gifts],
        "price": [_written(minor, currency) for minor in by_hand],
        **{name: [str(text)] for name, text in texts.items() if text},
        **new_order_paying_form.raw_of(data, currency),
        **new_order_kept.raw_of(data, can_price=can_price),
    }


def raw_of_said(rows: Sequence[tuple[str, Mapping[str, object]]]) -> dict[str, list[str]]:
    """Return what the form says of pieces made to measure, given the SKU and the measures of each row."""
    told = [
        (str(i), sku, name, str(value)) for i, (sku, said) in enumerate(rows) for name, value in said.items()
    ]  # fmt: skip
    return {column: [row[place] for row in told] for place, column in enumerate(SAID_COLUMNS)} if told else {}


def _written(minor: Any, currency: str) -> str:
    return amounts.written(minor, currency) if isinstance(minor, int) else ""


def wanted_again(found: OrderWithLines) -> list[Line]:
    """Return the lines of an order that one like it begins with: goods and services, gifts apart."""
    return [
        line for line in found.lines
        if line.kind in {"goods", "service", "kit"} and line.price_source != "gift" and line.ordered > line.canceled
    ]  # fmt: skip


def raw_of_order(
    found: OrderWithLines, details: Details, said: Sequence[Mapping[str, str] | None]
) -> dict[str, list[str]]:
    """Return what the form says of an order like another one: the same goods, for the same people.

    `said` is what its lines can say of pieces today, None of one that cannot be made any more as it was.
    """
    order = found.order
    wanted = wanted_again(found)
    texts = texts_of(order.contact, details.addresses.get("ship_to"))
    return {
        "sku": [line.code for line in wanted],
        "quantity": [str(line.ordered - line.canceled) for line in wanted],
        **raw_of_said([(line.code, of_piece or {}) for line, of_piece in zip(wanted, said, strict=True)]),
        "customer_id": [str(order.customer_id)] if order.customer_id is not None else [],
        **{name: [text] for name, text in texts.items()},
    }


def raw_of_people(contact: Contact, ship_to: Address | None) -> dict[str, list[str]]:
    """Return what the form says of whom to speak to and where the goods go."""
    return {name: [text] for name, text in texts_of(contact, ship_to).items()}
