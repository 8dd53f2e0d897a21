"""The rows that an order is made of: its lines, the components of kits, gifts, fees. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base import cards
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.orders.rules import bespoke, quoting
from jiedan.orders.values import LineKind, NewOrder, PriceSource
from jiedan.pricing.values import Said, TaxPart
from jiedan.pricing.values.quotes import PricedFee, PricedGift

Components = Mapping[SkuId, SellableSku]


class PlannedLine(NamedTuple):
    """A line row to be: its place in the order, what it is, what it costs. `part_of` is the draft's line (from 0)."""

    line: int
    part_of: int
    kind: LineKind
    parent_line: int | None
    sku_id: UUID | None
    code: str
    name: str
    location_id: UUID | None
    ordered: int
    unit_minor: int
    discount_minor: int
    tax_minor: int
    tax_rate_ppm: int
    tax_class: str
    total_minor: int
    price_source: PriceSource
    price_reason: str | None
    weight_g: int | None
    ruled_minor: int | None = None
    by_hand_minor: int = 0
    relief_minor: int = 0
    formula: str | None = None
    attributes: tuple[Said, ...] = ()
    taxes: tuple[TaxPart, ...] = ()


def lines_of(
    body: NewOrder,
    skus: Sequence[SellableSku],
    locations: Sequence[UUID | None],
    quote: quoting.Quoted,
    parts: Components,
) -> tuple[PlannedLine, ...]:
    """Return the rows: the draft's lines under their own numbers, then components of kits, then gifts, then fees.

    `parts` are the components of kits by id.
    """
    ruled, said = quote.ruled, quote.said
    # By position: an order has many rows, and names cost a third more.
    rows = [
        PlannedLine(
            i + 1,
            i,
            sku.kind.value,
            None,
            sku.sku_id,
            sku.code,
            sku.name,
            location_id,
            line.quantity,
            priced.unit_minor,
            priced.discount_minor,
            priced.tax_minor,
            quoting.rate_ppm(priced.taxes),
            sku.tax_class,
            priced.total_minor,
            quoting.source_of(why),
            cards.masked(line.price_reason) if line.price_reason else None,
            sku.weight_g,
            ruled.get(i),
            quoting.by_hand_of(line, priced) if priced.reductions else 0,
            priced.relief_minor,
            *said.get(i, bespoke.UNSAID),
            priced.taxes,
        )
        for i, (line, sku, location_id, priced, why) in enumerate(
            zip(body.lines, skus, locations, quote.priced.lines, quote.trace.units, strict=True)
        )
    ]
    for kit in [row for row in rows if row.kind == "kit"]:
        rows += _components(kit, skus[kit.part_of], parts, after=len(rows))
    for gift in quote.priced.gifts:
        sku = quote.gifts[gift.sku]
        given = _gift(gift, sku, quote.names[gift.promotion], len(rows) + 1)
        rows.append(given)
        rows += _components(given, sku, parts, after=len(rows))
    rows += [_fee(fee, len(rows) + 1 + i) for i, fee in enumerate(quote.priced.fees)]
    return tuple(rows)


def _components(kit: PlannedLine, sku: SellableSku, parts: Components, *, after: int) -> list[PlannedLine]:
    """Return the goods inside a kit: they carry the stock, the kit bears the price."""
    rows = []
    for i, component in enumerate(sku.components, start=1):
        part = parts[component.sku_id]
        rows.append(
            PlannedLine(
                line=after + i,
                part_of=kit.part_of,
                kind="component",
                parent_line=kit.line,
                sku_id=part.sku_id,
                code=part.code,
                name=part.name,
                location_id=kit.location_id,
                ordered=kit.ordered * component.quantity,
                unit_minor=0,
                discount_minor=0,
                tax_minor=0,
                tax_rate_ppm=0,
                tax_class=part.tax_class,
                total_minor=0,
                price_source="included",
                price_reason=None,
                weight_g=part.weight_g,
            )
        )
    return rows


def _gift(gift: PricedGift, sku: SellableSku, name: str, line: int) -> PlannedLine:
    """Return the row of a gift: for nothing, under the name of the promotion that gives it."""
    return PlannedLine(
        line=line,
        part_of=-1,
        kind=sku.kind.value,
        parent_line=None,
        sku_id=sku.sku_id,
        code=sku.code,
        name=sku.name,
        location_id=None,
        ordered=gift.quantity,
        unit_minor=0,
        discount_minor=0,
        tax_minor=0,
        tax_rate_ppm=0,
        tax_class=gift.tax_class,
        total_minor=0,
        price_source="gift",
        price_reason=name,
        weight_g=sku.weight_g,
    )


def _fee(fee: PricedFee, line: int) -> PlannedLine:
    return PlannedLine(
        line=line,
        part_of=-1,
        kind="fee",
        parent_line=None,
        sku_id=None,
        code=fee.code,
        name=fee.code,
        location_id=None,
        ordered=1,
        unit_minor=fee.unit_minor,
        discount_minor=fee.discount_minor,
        tax_minor=fee.tax_minor,
        tax_rate_ppm=quoting.rate_ppm(fee.taxes),
        tax_class=fee.tax_class,
        total_minor=fee.total_minor,
        price_source="rule",
        price_reason=fee.method or None,
        weight_g=None,
        relief_minor=fee.relief_minor,
        taxes=fee.taxes,
    )
