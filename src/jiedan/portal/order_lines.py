"""The lines of an order as its customer sees them: what each costs now, how far it is, where it comes. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.catalog.values import SellableSku, SkuId, Source
from jiedan.fulfillment.values import Fulfillment, ParcelId
from jiedan.fulfillment.values.signs import Sign
from jiedan.orders.rules import kits, totals
from jiedan.orders.values import Line, OrderWithLines
from jiedan.portal import order_steps


class ShownLine(NamedTuple):
    """A line of goods, a kit with its parts, or a service. `product_id` is None for what is not sold any more.

    `total_minor` is what it costs now as its price is written: with the tax where that is in it, else before tax.
    `sign` tells how far so many `units` are, `parcels` are the places of those it is in.
    """

    line: Line
    parts: Sequence[Line]
    total_minor: int
    image: Source | None
    product_id: UUID | None
    sign: Sign
    units: int
    parcels: tuple[int, ...]


def shown_lines(
    found: OrderWithLines,
    skus: Mapping[SkuId, SellableSku],
    images: Mapping[UUID, Source],
    inside: Mapping[UUID, Sequence[int]],
    *,
    is_collected: bool,
) -> list[ShownLine]:
    """Return the lines; `images` are by SKU, `inside` the places of parcels by line."""
    parts_by_kit = kits.parts_by_kit(found.lines)
    told = []
    for line in found.lines:
        if line.kind in {"fee", "component"}:
            continue
        parts = parts_by_kit.get(line.line, [])
        sku = None if line.sku_id is None else skus.get(line.sku_id)
        sign, units = order_steps.line_sign(_of_parts(line, parts), is_collected=is_collected)
        places = {place for x in (line, *parts) for place in inside.get(x.line_id, ())}
        told.append(
            ShownLine(
                line=line,
                parts=parts,
                total_minor=priced_minor(line),
                image=None if line.sku_id is None else images.get(line.sku_id),
                product_id=sku.product_id if sku is not None and sku.is_active else None,
                sign=sign,
                units=units,
                parcels=tuple(sorted(places)),
            )
        )
    return told


def total_minor(line: Line) -> int:
    """Return what a line costs now, without its canceled units."""
    return totals.line_total(totals.LineTotal(line.total_minor, line.tax_minor, line.ordered, line.canceled))


def priced_minor(line: Line) -> int:
    """Return what a line costs now as its price is written: before tax where that is on top."""
    if line.tax_included:
        return total_minor(line)
    return total_minor(line) - totals.order_tax(
        [totals.LineTotal(line.total_minor, line.tax_minor, line.ordered, line.canceled)]
    )


def _of_parts(line: Line, parts: Sequence[Line]) -> Line:
    """Return a kit as far as each of its components is; any other line as it is."""
    if not parts:
        return line
    each = {x.line_id: x.ordered // line.ordered for x in parts}
    shipped, delivered = (min(getattr(x, name) // each[x.line_id] for x in parts) for name in ("shipped", "delivered"))
    waiting = max(-(-x.waiting // each[x.line_id]) for x in parts)
    allocated = max(0, line.ordered - line.canceled - shipped - waiting)
    return msgspec.structs.replace(line, kind="goods", shipped=shipped, delivered=delivered, allocated=allocated)


def inside(found: OrderWithLines, fulfillments: Sequence[Fulfillment]) -> dict[ParcelId, list[tuple[str, int]]]:
    """Return what is in each parcel: names of goods and how many of them."""
    lines = {line.line_id: line for line in found.lines}
    return {
        parcel.parcel_id: [
            (lines[x.line_id].name, x.quantity)
            for x in sorted(parcel.lines, key=lambda x: kits.place(lines[x.line_id]))
        ]
        for fulfillment in fulfillments
        for parcel in fulfillment.parcels
    }


def places_by_line(
    fulfillments: Sequence[Fulfillment], place_by_parcel: Mapping[ParcelId, int]
) -> dict[UUID, list[int]]:
    """Return in which parcels each line is, by their places."""
    found: dict[UUID, list[int]] = {}
    for fulfillment in fulfillments:
        for parcel in fulfillment.parcels:
            if parcel.parcel_id in place_by_parcel:
                for x in parcel.lines:
                    found.setdefault(x.line_id, []).append(place_by_parcel[parcel.parcel_id])
    return found
