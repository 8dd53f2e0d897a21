"""What rows of orders say: which rows are one order, and the order they ask for. Pure."""

import itertools
import re
from collections.abc import Mapping, Sequence
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
from jiedan.orders.values import CHANNEL_IMPORT, NewOrder, Rejected

ADDRESS = ("country", "region", "city", "district", "line1", "line2", "postal_code")
ONCE = ("customer", "currency", "payment_terms")
"""What an order has once: rows that say different things about it are refused."""

FEES = ("shipping", "shipping_tax")
"""What an order has once, too, but where systems fill it in, some do in the first row alone."""

_LINE_FIELDS = {"as_sold": "price", "unit_price_minor": "price"}
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
    refuse the whole order. Rows of one SKU, place and price are added up to one line.
    """
    kept: list[Row] = []
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    rows_by_line: dict[tuple[Any, ...], list[Row]] = {}
    refused: Outcomes = {}
    for row in document:
        try:
            currency = cells.currency(row, "currency", known.settings.currency)
            no_sale = _no_sale(row, currency)
            if no_sale is not None:
                outcomes[row.number] = (no_sale,)
                continue
            kept.append(row)
            line = _line(row, currency)
        except Refusal as refusal:
            kept += [row] if row not in kept else []
            refused[row.number] = (refusal,)
            continue
        sold = line.get("as_sold", {})
        key = (line["sku"], line.get("location"), sold.get("unit_minor"))
        _add(lines.setdefault(key, line), line)
        rows_by_line.setdefault(key, []).append(row)
    if not kept:
        return None
    refused |= _disagreements(kept)
    if not refused:
        try:
            head, said = _head(kept, known)
            body = msgspec.convert({**head, "lines": tuple(lines.values())}, NewOrder)
            found = Wanted(body, (said, tuple(lines.values())), tuple(kept), tuple(map(tuple, rows_by_line.values())))
            reasons = drafts.check(body, now=known.now)
        except Refusal as refusal:
            refused[kept[0].number] = (refusal,)
        except msgspec.ValidationError as error:
            refused[kept[0].number] = (cells.misfit(error, kept[0], lambda path: field_of(path)[1]),)
        else:
            if not reasons:
                return found
            outcomes |= refusals(found, Rejected(reasons))
            return None
    outcomes |= _spread(kept, refused)
    return None


def refusals(order: Wanted, rejected: Rejected) -> Outcomes:
    """Return the reasons against an order by the rows they are about; the other rows are told which those are."""
    by_row: dict[int, list[Refusal]] = {}
    for reason in rejected.reasons:
        place, field = field_of(reason.field or "")
        reason.field = field
        concerned = order.rows if place is None else order.rows_by_line[place]
        by_row.setdefault(concerned[0].number, []).append(reason)
    return _spread(order.rows, {number: tuple(reasons) for number, reasons in by_row.items()})


def field_of(path: str) -> tuple[int | None, str]:
    """Return the line (from 0) that a path of an order is about, if any, and the field of the row it came from."""
    match = _LINE.match(path)
    if match is not None:
        return int(match[1]), _LINE_FIELDS.get(match[2], match[2] or "sku")
    head = path.removeprefix("$.").partition("[")[0]
    return None, _ORDER_FIELDS.get(head, head.rpartition(".")[2])


def _no_sale(row: Row, currency: str) -> Refusal | None:
    price = cells.amount(row, "price", currency)
    gifts = cells.yes(row, "gifts")
    if price is not None and (price < 0 or (price == 0 and gifts is False)):
        return errors.NoSale(row.values["price"][: cells.SHOWN_MAX], field="price")
    return None


def _line(row: Row, currency: str) -> dict[str, Any]:
    """Return the line that a row asks for. Raises the first refusal of a cell."""
    cells.needed(row, "order_id")
    sku = cells.needed(row, "sku")
    cells.needed(row, "quantity")
    quantity = cells.integer(row, "quantity")
    if not quantity:
        raise errors.CellInvalid(row.values["quantity"][: cells.SHOWN_MAX], Phrase("1 or more"), field="quantity")
    line: dict[str, Any] = {"sku": sku, "quantity": quantity}
    if "location" in row.values:
        line["location"] = row.values["location"]
    price = cells.amount(row, "price", currency)
    if price is not None:
        line["as_sold"] = {
            "unit_minor": price,
            "discount_minor": cells.amount(row, "discount", currency) or 0,
            "tax_minor": cells.amount(row, "tax", currency) or 0,
        }
    return line


def _add(line: dict[str, Any], more: dict[str, Any]) -> None:
    if line is more:
        return
    line["quantity"] += more["quantity"]
    for amount in ("discount_minor", "tax_minor") if "as_sold" in line else ():
        line["as_sold"][amount] += more["as_sold"][amount]


def _disagreements(rows: Sequence[Row]) -> Outcomes:
    found: Outcomes = {}
    for name in (*ONCE, *FEES):
        telling = [row for row in rows if name in row.values] if name in FEES else rows
        for row in telling[1:]:
            first = telling[0]
            if row.values.get(name) != first.values.get(name):
                said = first.values.get(name, "")[: cells.SHOWN_MAX]
                found[row.number] = (errors.RowsDisagree(first.number, said, field=name),)
    return found


def _head(rows: Sequence[Row], known: Known) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Return what the order has once, and what tells it from another one. Raises the first refusal of a cell."""
    row = Row(rows[0].number, {**{k: v for r in reversed(rows) for k, v in r.values.items()}, **rows[0].values})
    head: dict[str, Any] = {
        "channel": CHANNEL_IMPORT,
        "external_id": row.values["order_id"],
        "currency": cells.currency(row, "currency", known.settings.currency),
        "contact": {name: row.values[name] for name in ("name", "phone", "email") if name in row.values},
    }
    if "customer" in row.values:
        head["customer_id"] = known.customers.get(row.values["customer"])
        if head["customer_id"] is None:
            raise errors.UnknownReference(
                Phrase("customer"), row.values["customer"][: cells.SHOWN_MAX], field="customer"
            )
    address = {name: row.values[name] for name in ADDRESS if name in row.values}
    if address.keys() - {"country"}:
        country = address.get("country", known.settings.country).upper()
        head["ship_to"] = {**address, "country": country, "name": row.values.get("name", "")}
    if "payment_terms" in row.values:
        head["payment_terms"] = row.values["payment_terms"]
    if "note" in row.values:
        head["notes"] = ({"text": row.values["note"]},)
    if "tags" in row.values:
        head["tags"] = tuple(tag.strip() for tag in re.split("[;；]", row.values["tags"]) if tag.strip())
    for name in FEES:
        fee = cells.amount(row, name, head["currency"])
        if fee is not None:
            head[f"{name}_minor"] = fee
    said = (*((name, value) for name, value in head.items() if name != "customer_id"), row.values.get("customer"))
    placed_at = cells.moment(row, "placed_at", ZoneInfo(known.settings.time_zone))
    if placed_at is not None or "price" in row.values:
        head["history"] = {
            "placed_at": placed_at or known.now,
            "claims_stock": cells.yes(row, "claims_stock") or False,
            "tax_included": cells.yes(row, "tax_included"),
        }
        # What was sold in the past cost what it cost: today's fees and rates have no part in it.
        head |= {f"{name}_minor": head.get(f"{name}_minor", 0) for name in FEES}
    return head, (*said, placed_at)


def _spread(rows: Sequence[Row], refused: Outcomes) -> Outcomes:
    culprit = min(refused)
    return {row.number: refused.get(row.number, (errors.OtherRowRefused(culprit),)) for row in rows}
