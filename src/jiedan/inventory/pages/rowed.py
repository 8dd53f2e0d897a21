"""Forms of rows: a SKU and a quantity each, typed or scanned; what is wrong is told at its row.

A row is named `rows[3]` in refusals. All rows are done or none: what was typed stays for its next try.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec

from jiedan.base import errors as base_errors
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.web import bodies, problems
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import errors as catalog_errors
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku, SkuId, SkuKind
from jiedan.inventory import errors, queries
from jiedan.inventory.values import BATCH_MAX, QUANTITY_MAX, Location, LocationId

T = TypeVar("T")

ROWS = 4
ROWS_MORE = 5
SCAN, MORE, SAVE = "scan", "rows", "save"

_PLACE = re.compile(r"rows\[(\d+)\]")

Typed = Annotated[list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=BATCH_MAX)]


class RowsForm(Form):
    """SKUs with a quantity each; `scan` is a SKU or a barcode, which adds as many of it as that stands for."""

    action: str = SAVE
    scan: Annotated[str, msgspec.Meta(max_length=100)] = ""
    location: bodies.Code | None = None
    reference: Annotated[str, msgspec.Meta(max_length=bodies.CODE_LENGTH_MAX)] = ""
    sku: Typed = msgspec.field(default_factory=list)
    quantity: Typed = msgspec.field(default_factory=list)


class Row(NamedTuple):
    """A row as the form shows it: what was typed, what the SKU is called, and what is wrong with it."""

    sku: str
    quantity: str
    name: str = ""
    problem: str = ""


class Wanted(NamedTuple):
    """A row that can be understood; `place` is where it stands in the form."""

    place: int
    sku: str
    quantity: int


class Known(NamedTuple):
    """What the codes of a form stand for."""

    skus: Mapping[str, SellableSku]
    places: Mapping[str, Location]

    def sku_id(self, row: Wanted) -> SkuId:
        """Return the id of goods. Raises UnknownSku or CannotHoldStock, naming the row."""
        sku = self.skus.get(row.sku)
        if sku is None:
            raise errors.UnknownSku(row.sku, field=field(row.place))
        if sku.kind != SkuKind.goods:
            raise errors.CannotHoldStock(sku.sku_id, LocationId(sku.sku_id), field=field(row.place))
        return sku.sku_id

    def sku_ids(self, rows: Sequence[Wanted]) -> list[SkuId]:
        """Return the ids of all rows. Raises Rejections naming every row whose SKU is none."""
        found: list[SkuId] = []
        reasons: list[Refusal] = []
        for row in rows:
            try:
                found.append(self.sku_id(row))
            except Refusal as refusal:
                reasons.append(refusal)
        if reasons:
            raise Rejections(tuple(reasons))
        return found

    def location(self, code: str | None, *, name: str = "location") -> Location:
        """Return a location. Raises UnknownLocation at the input `name`."""
        if code is None or code not in self.places:
            raise errors.UnknownLocation(code or "", field=name)
        return self.places[code]


def field(place: int) -> str:
    """Return the name that refusals give a row."""
    return f"rows[{place}]"


def typed(form: Filled[Any]) -> list[tuple[str, str]]:
    """Return the rows as they were typed, empty ones too."""
    codes, quantities = form.raw.get("sku", []), form.raw.get("quantity", [])
    quantities = [*quantities, *[""] * (len(codes) - len(quantities))]
    return list(zip(codes, quantities, strict=False))


def wanted(form: Filled[Any], *, quantity_min: int = 1, signed: bool = False) -> list[Wanted]:
    """Return the rows that are filled in.

    Raises RowsMissing, or Rejections naming each row without a SKU or with what is no quantity.
    """
    found: list[Wanted] = []
    reasons: list[Refusal] = []
    for place, (code, text) in enumerate(typed(form)):
        if not code and not text:
            continue
        quantity = _whole(text)
        least = -QUANTITY_MAX if signed else quantity_min
        if not code:
            reasons.append(errors.RowWithoutSku(field=field(place)))
        elif quantity is None or not least <= quantity <= QUANTITY_MAX or (signed and not quantity):
            reasons.append(errors.RowQuantityUnreadable(text, field=field(place)))
        else:
            found.append(Wanted(place, code, quantity))
    if reasons:
        raise Rejections(tuple(reasons))
    if not found:
        raise errors.RowsMissing
    return found


def _whole(text: str) -> int | None:
    digits = text.removeprefix("-").removeprefix("+").removeprefix("−")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(QUANTITY_MAX)):
        return None
    return -int(digits) if text[0] in "-−" else int(digits)


async def known(tx: ReadTx, rows: Sequence[Wanted]) -> Known:
    """Read what these SKUs and all locations are. Two statements in one pipeline."""
    skus, places = await tx.load(catalog.sellable_skus({row.sku for row in rows}), queries.locations())
    return Known(skus, {place.code: place for place in places})


def all_done(rows: Sequence[Wanted], outcomes: Sequence[T | Refusal]) -> list[T]:
    """Return the outcomes of all rows. Raises Rejections naming each row that was refused, so that none is done."""
    reasons: list[Refusal] = []
    done: list[T] = []
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            outcome.field = field(row.place)
            reasons.append(outcome)
        else:
            done.append(outcome)
    if reasons:
        raise Rejections(tuple(reasons))
    return done


async def scanned(tx: ReadTx, form: Filled[Any], code: str) -> list[tuple[str, str]]:
    """Return the rows with what was scanned, a barcode or a SKU, counted in. Raises SkuNotFound at the field."""
    sku, units = await meant(tx, code)
    rows = [(known, quantity) for known, quantity in typed(form) if known or quantity]
    for place, (known_code, quantity) in enumerate(rows):
        if known_code == sku:
            rows[place] = (sku, str((_whole(quantity) or 0) + units if quantity else units))
            return rows
    return [*rows, (sku, str(units))]


async def meant(tx: ReadTx, code: str) -> tuple[str, int]:
    """Return the SKU and how many units of it a scanned text stands for. Raises SkuNotFound at the field `scan`."""
    if code in await tx.load_one(catalog.sellable_skus([code])):
        return code, 1
    try:
        _, sku, units = await catalog.sku_by_barcode(tx, barcode=code)
    except catalog_errors.SkuNotFound as refusal:
        refusal.field = "scan"
        raise
    return sku.code, units


def refuse(form: Filled[Any], refusal: Refusal) -> dict[int, str]:
    """Show a refusal in its form, and return by row what is told there."""
    by_row: dict[int, str] = {}
    others: list[Refusal] = []
    for reason in base_errors.reasons_of(refusal):
        found = _PLACE.match(reason.field or "")
        if found is None:
            others.append(reason)
        else:
            by_row.setdefault(int(found[1]), i18n.say(form.locale, reason))
    if others:
        form.refuse(base_errors.one_of(others))
    else:
        form.status = problems.status_of(base_errors.one_of(base_errors.reasons_of(refusal)))
    form.value = None
    return by_row


async def shown(
    tx: ReadTx, unit: Unit, rows: Sequence[tuple[str, str]], problems_by_row: Mapping[int, str], *, more: int = 0
) -> list[Row]:
    """Return rows for the form, with the names of known SKUs, and empty ones to go on with."""
    codes = {code for code, _ in rows if code}
    skus = await tx.load_one(catalog.sellable_skus(codes)) if codes and unit.may("catalog:read") else {}
    found = [
        Row(code, quantity, skus[code].name if code in skus else "", problems_by_row.get(place, ""))
        for place, (code, quantity) in enumerate(rows)
    ]
    empty = max(more, ROWS - len(found), 1 if found and found[-1].sku else 0)
    return [*found, *[Row("", "")] * empty][:BATCH_MAX]
