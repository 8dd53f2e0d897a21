"""What a draft says that the form of a new order has no input for: kept as it is, shown, put back. Pure.

A program may have written the draft. The page carries what it does not edit, of the order and of each row, as JSON;
whoever does not want it takes it out by its name. Prices by hand are carried, too, by those who may not set any.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from jiedan.accounts.values import PAYMENT_METHODS, PaymentMethod, PaymentTerms
from jiedan.base import errors, i18n, money
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_, Phrase
from jiedan.base.web import bodies
from jiedan.base.web.errors import MalformedJson
from jiedan.base.web.forms import Filled
from jiedan.console.money_words import METHODS
from jiedan.console.order_edit import ADDRESS_FIELDS
from jiedan.customers import rules as customer_rules
from jiedan.customers.values import Address
from jiedan.orders.values import NewLine, NewOrder

KEPT, ROW_KEPT, KEPT_OUT = "kept", "row_kept", "remove_kept"

KEPT_CHARS_MAX = 65_536
"""A draft is no longer, as JSON."""

EDITED = frozenset(
    {
        *("lines", "channel", "customer_id", "contact", "ship_to", "payment_terms", "payment_method"),
        *("delivery_wish", "location", "tags", "notes", "discount", "coupons", "gifts", "attributes", "wallets"),
        "shipping_method",
    }
)
"""What of an order the form has inputs for; of some of it only a part."""

EDITED_IN_PART = frozenset({"ship_to", "tags", "notes", "discount", "payment_method"})
"""What of it may be kept nevertheless, as there is more to it than its inputs say."""

PAID: Mapping[str, PaymentTerms] = {
    "card": "prepaid",
    "bank_transfer": "prepaid",
    "cash_on_delivery": "on_delivery",
}
"""Payment methods that the form offers, and what they mean for when the goods may leave; others are kept."""

METHOD_OF: Mapping[str, PaymentMethod] = {method: method for method in PAYMENT_METHODS if method in PAID}

LINE_PRICED = ("unit_price_minor", "price_reason")
"""What of a line has inputs for those alone who may set prices by hand."""

LINE_EDITED = frozenset({"sku", "quantity", *LINE_PRICED})

DEPTH_MAX = 100
"""Levels that may stand inside each other in what is kept: more than any order has."""

_COMMAS = re.compile(r"[,，、]")


class Shown(NamedTuple):
    """Something that is kept: its name, a label and what it says; `word` is a text to be translated instead."""

    name: str
    label: str
    value: str
    word: str = ""


LABELS: Mapping[str, str] = {
    "currency": N_("Currency"),
    "locale": N_("Language"),
    "external_id": N_("External id"),
    "bill_to": N_("Billing address"),
    "ship_to": N_("Point on the map"),
    "split": N_("Several parcels for one order"),
    "notes": N_("More notes"),
    "tags": N_("Tags"),
    "discount": N_("Discount on the whole order"),
    "payment_method": N_("Payment method"),
    "shipping_minor": N_("Shipping as sold"),
    "shipping_tax_minor": N_("Tax of shipping as sold"),
    "history": N_("Placed elsewhere"),
    "cart_id": N_("Cart"),
    "expected_total_minor": N_("Total that was seen"),
}
"""What is kept of an order, by its field; what is not known is called by its own name."""

SPLITS: Mapping[str, str] = {"never": N_("Never"), "when_needed": N_("When needed"), "freely": N_("Freely")}

LINE_LABELS: Mapping[str, str] = {
    "location": N_("Ships from"),
    "as_sold": N_("As it was sold elsewhere"),
    "unit_price_minor": N_("Price by hand"),
    "price_reason": N_("Reason"),
    "attributes": N_("Attributes"),
}


def mapping(given: Any) -> Mapping[str, Any]:
    """Return a part of a draft, whoever wrote it; nothing where it has none."""
    return given if isinstance(given, Mapping) else {}


def listed(given: Any) -> Sequence[Any]:
    """Return a list of a draft, whoever wrote it; nothing where it has none."""
    return given if isinstance(given, list | tuple) else ()


def raw_of(data: Mapping[str, Any], *, can_price: bool = True) -> dict[str, list[str]]:
    """Return what the page carries of a draft beside its inputs, nothing where they have everything.

    Without the inputs of prices by hand, those are carried as well.
    """
    rest = {name: value for name, value in data.items() if name not in EDITED}
    if more := listed(data.get("notes"))[1:]:
        rest["notes"] = list(more)
    if tags := [tag for tag in listed(data.get("tags")) if not is_typed(tag)]:
        rest["tags"] = tags
    if (method := data.get("payment_method")) and not is_offered(method, data.get("payment_terms")):
        rest["payment_method"] = method
    ship_to, discount = mapping(data.get("ship_to")), mapping(data.get("discount"))
    if ship_to.keys() - set(ADDRESS_FIELDS):
        rest["ship_to"] = dict(ship_to)
    if discount.get("rate_ppm") is not None or (discount and not can_price):
        rest["discount"] = dict(discount)
    lines = [mapping(line) for line in listed(data.get("lines")) if isinstance(line, Mapping)]
    reason = reason_of(lines)
    rows = [_rest_of_line(line, reason if can_price else None) for line in lines]
    raw = {KEPT: [_written(rest)]} if rest else {}
    return raw | ({ROW_KEPT: [_written(row) if row else "" for row in rows]} if any(rows) else {})


def is_offered(method: Any, terms: Any) -> bool:
    """Tell whether the form offers to pay by a method on these terms."""
    return isinstance(method, str) and method in PAID and PAID[method] == terms


def is_typed(tag: Any) -> bool:
    """Tell whether a tag can be typed among others, between commas."""
    return not _COMMAS.search(str(tag))


def reason_of(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the reason for prices by hand that the form shows: the first one that a line has."""
    return next((str(line["price_reason"]) for line in lines if line.get("price_reason")), "")


def _rest_of_line(line: Mapping[str, Any], reason: str | None) -> dict[str, Any]:
    """Return what the inputs of a row do not say; without a `reason` they say nothing of prices by hand."""
    rest = {name: value for name, value in line.items() if name not in LINE_EDITED}
    if reason is None:
        rest |= {name: value for name in LINE_PRICED if (value := line.get(name)) is not None}
    elif line.get("price_reason") and line["price_reason"] != reason:
        rest["price_reason"] = line["price_reason"]
    if "as_sold" in rest:
        rest["quantity"] = line.get("quantity")
    return {"sku": line.get("sku"), **rest} if rest else {}


def check(form: Filled[Any]) -> None:
    """Read what a form keeps as bodies are read. Raises the Refusal of the first that is none."""
    for name in (KEPT, ROW_KEPT):
        for text in filter(None, form.raw.get(name, ())):
            _check(text, name)


def _check(text: str, name: str) -> None:
    try:
        is_deep = _is_deep(bodies.decode(text.encode(), dict[str, Any]))
    except RecursionError:  # deep, with what may be the number of a card
        is_deep = True
    except Refusal as refusal:
        raise errors.renamed(refusal, lambda field: f"{name}.{field}") from refusal
    if is_deep:
        raise MalformedJson(problem=_DEEP, field=name)


def of(form: Filled[Any]) -> dict[str, Any]:
    """Return what a form keeps of an order, by field; of what has inputs, only what there is more of."""
    kept = _read(form.text(KEPT)).items()
    return {name: value for name, value in kept if name not in EDITED or name in EDITED_IN_PART}


def of_row(text: str, sku: str, quantity: str, shown: Iterable[str] = ()) -> dict[str, Any]:
    """Return what a row keeps: nothing of another SKU, and what was sold elsewhere only in the quantity it was sold in.

    Attributes that the row asks for, `shown`, are what it says of them.
    """
    rest = _read(text)
    if rest.pop("sku", None) != sku:
        return {}
    if str(rest.pop("quantity", quantity)) != quantity:
        rest.pop("as_sold", None)
    asked = set(shown)
    said = {name: value for name, value in mapping(rest.pop("attributes", None)).items() if name not in asked}
    return {**rest, "attributes": said} if said else rest


def take_out(form: Filled[Any]) -> None:
    """Forget what a form does not want to keep any more."""
    rest = of(form)
    if form.text(KEPT_OUT) in rest:
        rest.pop(form.text(KEPT_OUT))
        form.raw = {**form.raw, KEPT: [_written(rest)] if rest else []}
    form.raw = {**form.raw, KEPT_OUT: []}


def currency_of(form: Filled[Any], own: str) -> str:
    """Return the currency of a form's amounts: its draft's, else the merchant's `own`."""
    return currency_named(of(form).get("currency"), own)


def currency_named(kept: Any, own: str) -> str:
    """Return the currency that a draft names, the merchant's `own` where it names none."""
    return kept if isinstance(kept, str) and money.is_currency(kept) else own


def merged(data: Mapping[str, Any], rest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft with what is kept: the form wins where it says something itself.

    The point of an address stays while the address is the same; a rate of a discount while no amount is given.
    """
    both = {**rest, **data}
    for name in rest.keys() & {"notes", "tags"}:
        both[name] = [*listed(data.get(name)), *listed(rest[name])]
    if "ship_to" in rest:
        both.pop("ship_to")
        now, then = mapping(data.get("ship_to")), mapping(rest["ship_to"])
        if now:
            is_same = all((now.get(name) or "") == (then.get(name) or "") for name in ADDRESS_FIELDS)
            both["ship_to"] = dict(then) if is_same else dict(now)
    return both


def completed(body: NewOrder, rest: Mapping[str, Any]) -> NewOrder:
    """Return an order with what is kept of its draft. Raises the Refusal that names what cannot be."""
    if not rest:
        return body
    edited = msgspec.to_builtins(body)
    names = {"notes", "tags", "ship_to", "discount", "payment_method"}
    parts = {name: edited[name] for name in names if edited.get(name)}
    asked = merged(parts, rest)
    read: NewOrder = bodies.decode(msgspec.json.encode({**asked, "lines": []}), NewOrder)
    return msgspec.structs.replace(body, **{name: getattr(read, name) for name in (*rest, *parts)})


def completed_line(line: NewLine, rest: Mapping[str, Any], place: int) -> NewLine:
    """Return the line at `place` of an order with what its row keeps. Raises the Refusal that names what cannot be."""
    if not rest:
        return line
    data = {**msgspec.to_builtins(line), **rest}
    data["attributes"] = {**mapping(rest.get("attributes")), **line.attributes}
    try:
        read: NewLine = bodies.decode(msgspec.json.encode(data), NewLine)
    except Refusal as refusal:
        raise errors.renamed(refusal, lambda field: f"lines[{place}].{field}") from refusal
    return read


def shown(rest: Mapping[str, Any], currency: str, locale: str) -> list[Shown]:
    """Return what is kept of an order as people read it; amounts in `currency`, for `locale`."""
    return [_shown(name, value, currency, locale) for name, value in rest.items()]


def _shown(name: str, value: Any, currency: str, locale: str) -> Shown:
    label = LABELS.get(name, name)
    if name == "split" and isinstance(value, str) and value in SPLITS:
        return Shown(name, label, "", SPLITS[value])
    if name in {"shipping_minor", "shipping_tax_minor", "expected_total_minor"} and type(value) is int:
        return Shown(name, label, _money(value, currency, locale))
    if name == "payment_method" and isinstance(value, str) and value in METHODS:
        return Shown(name, label, "", METHODS[value])
    if name == "bill_to":
        return Shown(name, label, _address(value))
    if name == "ship_to":
        return Shown(name, label, ", ".join(str(mapping(value)[x]) for x in ("lat", "lon") if x in mapping(value)))
    if name == "notes":
        return Shown(name, label, " · ".join(str(mapping(note).get("text", "")) for note in listed(value)))
    if name == "tags":
        return Shown(name, label, " · ".join(map(str, listed(value))))
    if name == "discount":
        return Shown(name, label, _discount(mapping(value), currency, locale))
    if name == "history":
        return Shown(name, label, str(mapping(value).get("placed_at", "")))
    return Shown(name, label, value if isinstance(value, str) else _written(value))


def _discount(value: Mapping[str, Any], currency: str, locale: str) -> str:
    """Return what comes off and why, whoever wrote it."""
    ppm, minor, reason = value.get("rate_ppm"), value.get("amount_minor"), value.get("reason")
    told = [] if ppm is None else [f"{ppm / 10_000:g} %" if isinstance(ppm, int) else str(ppm)]
    told += [] if minor is None else [_money(minor, currency, locale) if type(minor) is int else str(minor)]
    return " · ".join([*told, *([str(reason)] if reason else [])])


def _address(value: Any) -> str:
    """Return an address in one line, whoever wrote it."""
    try:
        lines = customer_rules.written(msgspec.convert(value, Address))
    except msgspec.ValidationError:
        return _written(value)
    return ", ".join(lines)


def shown_of_row(rest: Mapping[str, Any], locale: str, currency: str) -> list[Shown]:
    """Return what a row keeps, as people read it; amounts in `currency`, for `locale`."""
    found = []
    for name, value in rest.items():
        text = value if isinstance(value, str) else _written(value)
        if name == "unit_price_minor" and type(value) is int:
            text = _money(value, currency, locale)
        elif name == "attributes":
            text = " · ".join(f"{key} {one}" for key, one in mapping(value).items())
        elif name == "as_sold" and type(minor := mapping(value).get("unit_minor")) is int:
            text = _money(minor, currency, locale)
        found.append(Shown(name, LINE_LABELS.get(name, name), text))
    return found


def _money(minor: int, currency: str, locale: str) -> str:
    return money.format_money(minor, currency, i18n.BABEL_BY_LOCALE[locale])


_DEEP = Phrase("it is nested too deeply")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [x for one in level for x in (one.values() if isinstance(one, dict) else listed(one))]
        if not level:
            return False
    return True


def _read(text: str) -> dict[str, Any]:
    """Return a JSON object, nothing where a text is none, which `check` refuses."""
    try:
        found: dict[str, Any] = bodies.decode(text.encode(), dict[str, Any]) if text else {}
    except (Refusal, RecursionError):
        return {}
    return found


def _written(value: Any) -> str:
    return msgspec.json.encode(value).decode()
