"""What rows of orders say: which rows are one order, and the order they ask for. Pure."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from jiedan.accounts.values import MerchantSettings
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Phrase
from jiedan.customers.values import CustomerId
from jiedan.imports import cells, errors
from jiedan.imports.values import Outcome, Row
from jiedan.orders.rules import drafts
from jiedan.orders.values import CHANNEL_IMPORT, NewLine, NewOrder, Rejected
from jiedan.pricing.rules import attributes
from jiedan.pricing.values.promotions import AttributeValue

ADDRESS = ("country", "region", "city", "district", "line1", "line2", "postal_code")
ONCE = ("customer", "currency", "payment_terms", "payment_method", "shipping_method")
"""What an order has once: rows that say different things about it are refused."""

FEES = ("shipping", "shipping_tax")
"""What an order has once, too, but where systems fill it in, some do in the first row alone."""

_LINE_FIELDS = {"as_sold": "price", "unit_price_minor": "price", "attributes": "measures"}
_ORDER_FIELDS = {
    "external_id": "order_id",
    "customer_id": "customer",
    "notes": "note",
    "lines": "sku",
    "shipping_minor": "shipping",
    "shipping_tax_minor": "shipping_tax",
}
_LINE = re.compile(r"\$?\.?lines\[(\d+)\]\.?(\w*)")


class Known(NamedTuple):
    """What rows are read by: the merchant's settings, customers by the merchant's own id, and the present."""

    settings: MerchantSettings
    customers: Mapping[str, CustomerId]
    now: datetime


class Wanted(NamedTuple):
    """The order that rows ask for; `rows_by_line` are the rows that each of its lines adds up."""

    body: NewOrder
    said: tuple[Any, ...]
    rows: tuple[Row, ...]
    rows_by_line: tuple[tuple[Row, ...], ...]


Outcomes = dict[int, Outcome]
"""What became of rows, by their number."""


def documents(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Return the rows that name the same order id and follow each other, with that id."""
    grouped = itertools.groupby(rows, key=lambda row: row.values.get("order_id", f"\0{row.number}"))
    return [(order_id, list(of)) for order_id, of in grouped]


def wanted(document: Sequence[Row], known: Known, outcomes: Outcomes) -> Wanted | None:
    """Return the order that the rows of one document ask for; None when there is none, and `outcomes` say why.

    Rows that are no sale are set aside with their reason and keep the others from nothing. Rows that cannot be read
    refuse the whole order, with every reason. Rows of one SKU, place, price and measures are added up to one line.
    """
    faults = cells.Faults()
    kept: list[Row] = []
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    rows_by_line: dict[tuple[Any, ...], list[Row]] = {}
    for row in document:
        line = _line(row, known, faults)
        if isinstance(line, Refusal):
            outcomes[row.number] = (line,)
            continue
        kept.append(row)
        if line is not None:
            said = tuple(sorted((name, str(value)) for name, value in line.get("attributes", {}).items()))
            key = (line["sku"], line.get("location"), line.get("as_sold", {}).get("unit_minor"), said)
            _add(lines.setdefault(key, line), line)
            rows_by_line.setdefault(key, []).append(row)
    if not kept:
        return None
    _disagreements(kept, faults)
    head, said = _head(kept, known, faults)
    told, of_lines = tuple(lines.values()), tuple(map(tuple, rows_by_line.values()))
    body = _body(head, told, kept, of_lines, faults)
    if body is not None:
        found = Wanted(body, (said, told), tuple(kept), of_lines)
        reasons = drafts.check(body, now=known.now)
        if not reasons and not faults.by_row:
            return found
        for number, reason in _placed(found, reasons):
            faults.add(number, reason)
    outcomes |= _spread(kept, faults.by_row)
    return None


def refusals(order: Wanted, rejected: Rejected) -> Outcomes:
    """Return the reasons against an order by the rows they are about; the other rows are told which those are."""
    by_row: dict[int, list[Refusal]] = {}
    for number, reason in _placed(order, rejected.reasons):
        by_row.setdefault(number, []).append(reason)
    return _spread(order.rows, by_row)


def _placed(order: Wanted, reasons: Sequence[Refusal]) -> Iterator[tuple[int, Refusal]]:
    """Yield each reason with the row that it is about, and naming the row's field."""
    for reason in reasons:
        place, reason.field = field_of(reason.field or "")
        concerned = order.rows if place is None else order.rows_by_line[place]
        yield concerned[0].number, reason


def field_of(path: str) -> tuple[int | None, str]:
    """Return the line (from 0) that a path of an order is about, if any, and the field of the row it came from."""
    match = _LINE.match(path)
    if match is not None:
        return int(match[1]), _LINE_FIELDS.get(match[2], match[2] or "sku")
    head = path.removeprefix("$.").partition("[")[0]
    return None, _ORDER_FIELDS.get(head, head.rpartition(".")[2])


def _line(row: Row, known: Known, faults: cells.Faults) -> dict[str, Any] | Refusal | None:
    """Return the line that a row asks for, why it is no sale, or None when its `faults` were noted."""
    before = len(faults.by_row)
    for name in ("order_id", "sku", "quantity"):
        faults.read(row, cells.needed, name)
    quantity = faults.read(row, cells.integer, "quantity")
    if quantity is not None and quantity < 1:
        shown = row.values["quantity"][: cells.SHOWN_MAX]
        faults.add(row.number, errors.CellInvalid(shown, Phrase("1 or more"), field="quantity"))
    sold: dict[str, int | None] = {}
    currency = faults.read(row, cells.currency, "currency", known.settings.currency)
    if currency is not None:  # without it nobody knows what the amounts say
        sold = {name: faults.read(row, cells.amount, name, currency) for name in ("price", "discount", "tax")}
    measures = faults.read(row, _measures) if "measures" in row.values else None
    price, gifts = sold.get("price"), faults.read(row, cells.yes, "gifts")
    if price is not None and (price < 0 or (price == 0 and gifts is False)):
        faults.by_row.pop(row.number, None)
        return errors.NoSale(row.values["price"][: cells.SHOWN_MAX], field="price")
    if len(faults.by_row) > before:
        return None
    line: dict[str, Any] = {"sku": row.values["sku"], "quantity": quantity}
    if measures:
        line["attributes"] = measures
    if "location" in row.values:
        line["location"] = row.values["location"]
    if price is not None:
        line["as_sold"] = {
            "unit_minor": price,
            "discount_minor": sold["discount"] or 0,
            "tax_minor": sold["tax"] or 0,
        }
    return line


def _attributes(row: Row) -> Mapping[str, AttributeValue]:
    """Return the attributes written like `source=app; age=18`. Raises CellInvalid."""
    found, unread = attributes.read(row.values["attributes"])
    if unread:
        raise errors.CellInvalid(
            unread[: cells.SHOWN_MAX], Phrase("attributes like source=app; age=18"), field="attributes"
        )
    return found


def _measures(row: Row) -> dict[str, int | str]:
    """Return what a row says of a piece made to measure, like `width=2400 mm; fabric=linen`. Raises CellInvalid."""
    found, unread = attributes.read_said(row.values["measures"])
    if unread:
        raise errors.CellInvalid(
            unread[: cells.SHOWN_MAX], Phrase("measures like width=2400 mm; fabric=linen"), field="measures"
        )
    return found


def _add(line: dict[str, Any], more: dict[str, Any]) -> None:
    if line is more:
        return
    line["quantity"] += more["quantity"]
    for amount in ("discount_minor", "tax_minor") if "as_sold" in line else ():
        line["as_sold"][amount] += more["as_sold"][amount]


def _disagreements(rows: Sequence[Row], faults: cells.Faults) -> None:
    for name in (*ONCE, *FEES):
        telling = [row for row in rows if name in row.values] if name in FEES else rows
        for row in telling[1:]:
            first = telling[0]
            if row.values.get(name) != first.values.get(name):
                said = first.values.get(name, "")[: cells.SHOWN_MAX]
                faults.add(row.number, errors.RowsDisagree(first.number, said, field=name))


def _words(values: Mapping[str, str]) -> dict[str, str]:
    """Return the words that an order is told by; how it is paid may be written as people do: `Bank transfer`."""
    method = "_".join(re.split(r"[\s_-]+", values.get("payment_method", "").strip().casefold()))
    return {
        "payment_terms": values.get("payment_terms", ""),
        "payment_method": method,
        "shipping_method": values.get("shipping_method", ""),
    }


def _head(rows: Sequence[Row], known: Known, faults: cells.Faults) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Return what the order has once, and what tells it from another one; what cannot be read is left out."""
    by_field = _by_field(rows)
    values = {name: row.values[name] for name, row in by_field.items()}
    currency = faults.read(by_field.get("currency", rows[0]), cells.currency, "currency", known.settings.currency)
    head: dict[str, Any] = {
        "channel": CHANNEL_IMPORT,
        "external_id": values.get("order_id"),
        "currency": currency,
        "contact": {name: values[name] for name in ("name", "phone", "email") if name in values},
    }
    if "customer" in values:
        head["customer_id"] = faults.read(by_field["customer"], customer_of, known)
    address = {name: values[name] for name in ADDRESS if name in values}
    if address.keys() - {"country"}:
        country = address.get("country", known.settings.country).upper()
        head["ship_to"] = {**address, "country": country, "name": values.get("name", "")}
    head |= {name: said for name, said in _words(values).items() if said}
    if "note" in values:
        head["notes"] = ({"text": values["note"]},)
    if "tags" in values:
        head["tags"] = tuple(tag.strip() for tag in re.split("[;；]", values["tags"]) if tag.strip())
    if "attributes" in values:
        head["attributes"] = faults.read(by_field["attributes"], _attributes) or {}
    for name in FEES if currency is not None else ():
        fee = faults.read(by_field.get(name, rows[0]), cells.amount, name, currency)
        if fee is not None:
            head[f"{name}_minor"] = fee
    said = (*((name, value) for name, value in head.items() if name != "customer_id"), values.get("customer"))
    placed_at = None
    if "placed_at" in values:
        placed_at = faults.read(by_field["placed_at"], cells.moment, "placed_at", ZoneInfo(known.settings.time_zone))
    if "placed_at" in values or "price" in values:
        head["history"] = {
            "placed_at": placed_at or known.now,
            "claims_stock": faults.read(by_field.get("claims_stock", rows[0]), cells.yes, "claims_stock") or False,
            "tax_included": faults.read(by_field.get("tax_included", rows[0]), cells.yes, "tax_included"),
        }
        # What was sold in the past cost what it cost: today's fees and rates have no part in it.
        head |= {f"{name}_minor": head.get(f"{name}_minor", 0) for name in FEES}
    return head, (*said, placed_at)


def _by_field(rows: Sequence[Row]) -> dict[str, Row]:
    """Return the first row that says something in a field, by field."""
    return {name: row for row in reversed(rows) for name in row.values}


def customer_of(row: Row, known: Known) -> CustomerId:
    """Return the customer of a row. Raises UnknownReference."""
    external_id = row.values["customer"]
    if external_id not in known.customers:
        raise errors.UnknownReference(Phrase("customer"), external_id[: cells.SHOWN_MAX], field="customer")
    return known.customers[external_id]


def _body(
    head: dict[str, Any],
    lines: Sequence[dict[str, Any]],
    rows: Sequence[Row],
    rows_by_line: Sequence[Sequence[Row]],
    faults: cells.Faults,
) -> NewOrder | None:
    """Return the order of a head and its lines; None when there are no lines, or when texts do not fit."""
    try:
        return msgspec.convert({**head, "lines": tuple(lines)}, NewOrder) if lines else None
    except msgspec.ValidationError:
        by_field = _by_field(rows)
        for path, error in cells.misfits(head, NewOrder):
            _, field = field_of(path)
            row = by_field.get(field, rows[0])
            faults.add(row.number, cells.misfit(error, row, field))
        for line, of in zip(lines, rows_by_line, strict=True):
            for path, error in cells.misfits(line, NewLine):
                _, field = field_of(f"lines[0].{path}")
                faults.add(of[0].number, cells.misfit(error, of[0], field))
        return None


def _spread(rows: Sequence[Row], refused: Mapping[int, Sequence[Refusal]]) -> Outcomes:
    culprit = min(refused)
    return {row.number: tuple(refused.get(row.number, (errors.OtherRowRefused(culprit),))) for row in rows}
