"""What the pack station shows of one fulfillment: its lines with what was scanned, the open box, parcels and papers."""

import math
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Account
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import Scannable, SkuId, Source
from jiedan.fulfillment import queries
from jiedan.fulfillment.pages import pictures
from jiedan.fulfillment.pages.shown import Shown, ShownLine, ShownParcel, shown
from jiedan.fulfillment.rules import scanning
from jiedan.fulfillment.values import PackingBox, ParcelId, Printed, Scanned

FILLED = 0.8
"""How full of goods a box can be, for all the air between them."""


class BenchLine(NamedTuple):
    """A line at the pack station: `scanned` of `wanted` units are in the open box, `packed` in parcels."""

    line: ShownLine
    scanned: int
    wanted: int
    packed: int

    @property
    def left(self) -> int:
        """Return how many units are still to be scanned."""
        return self.wanted - self.packed - self.scanned


class BenchShown(NamedTuple):
    """Everything the pack station shows of a fulfillment; weights are grams, and None where one is unknown."""

    shown: Shown
    lines: list[BenchLine]
    scans: list[Scanned]
    last: BenchLine | None
    weight_g: int | None
    suggested: PackingBox | None
    boxes: list[PackingBox]
    makers: list[Account]
    carriers: list[Account]
    prints: Mapping[ParcelId, list[Printed]]
    pictures: Mapping[UUID, Source]
    """What SKUs look like, by id; nothing for who may not see it."""

    @property
    def left(self) -> int:
        """Return how many units are still to be scanned."""
        return sum(x.left for x in self.lines)

    @property
    def box_choices(self) -> list[tuple[str, str]]:
        """Return kinds of boxes as a form offers them: code, and name with sizes in centimetres."""
        return [
            (x.code, f"{x.name} · {x.length_mm / 10:g} × {x.width_mm / 10:g} × {x.height_mm / 10:g} cm")
            for x in self.boxes
        ]

    @property
    def maker_choices(self) -> list[tuple[str, str]]:
        """Return the carriers that make labels as a form offers them."""
        return [(x.code, x.name) for x in self.makers]

    @property
    def parcels(self) -> list[ShownParcel]:
        """Return the closed parcels, the latest first."""
        return [x for x in reversed(self.shown.parcels) if x.parcel.state != "unpacked"]


async def bench(tx: ReadTx, fulfillment_id: UUID, *, time_zone: str, sees_goods: bool) -> BenchShown:
    """Read what the pack station shows: twenty statements at most. Raises FulfillmentNotFound."""
    found = await shown(tx, fulfillment_id, time_zone=time_zone)
    parcel_ids = [x.parcel.parcel_id for x in found.parcels]
    sku_ids = {x.work.sku_id for x in found.lines}
    scans, skus, images, boxes, accounts, prints = await tx.load(
        queries.open_scans([fulfillment_id]),
        catalog.scannable(sku_ids),
        catalog.images_of_skus(sku_ids if sees_goods else ()),
        queries.boxes(),
        carriers.carriers(),
        queries.prints(parcel_ids),
    )
    in_box: list[Scanned] = scans.get(found.fulfillment.fulfillment_id, [])
    lines = [_line(x, in_box) for x in found.lines if x.work.wanted]
    active = [x for x in boxes.values() if x.is_active]
    suggested = _suggested(lines, skus, active)
    carrying = [x for x in accounts.values() if x.is_active]
    return BenchShown(
        shown=found,
        lines=lines,
        scans=in_box,
        last=next((x for x in lines if in_box and x.line.work.line_id == in_box[-1].line_id), None),
        weight_g=_weight_g(lines, skus, suggested),
        suggested=suggested,
        boxes=active,
        makers=[x for x in carrying if x.adapter != "hand"],
        carriers=carrying,
        prints=prints,
        pictures=pictures.by_sku(images),
    )


def _line(line: ShownLine, scans: list[Scanned]) -> BenchLine:
    scanned = sum(x.quantity for x in scans if x.line_id == line.work.line_id)
    return BenchLine(line, min(scanned, scanning.room(line.work)), line.work.wanted, line.work.packed)


def _weight_g(lines: list[BenchLine], skus: Mapping[SkuId, Scannable], box: PackingBox | None) -> int | None:
    """Return what the goods in the open box weigh with the suggested box; None where a weight is unknown."""
    total = 0 if box is None else box.tare_g
    for x in lines:
        sku = skus.get(x.line.work.sku_id)
        if x.scanned and (sku is None or sku.weight_g is None):
            return None
        if x.scanned and sku is not None and sku.weight_g is not None:
            total += x.scanned * sku.weight_g
    return total if any(x.scanned for x in lines) else None


def _suggested(lines: list[BenchLine], skus: Mapping[SkuId, Scannable], boxes: list[PackingBox]) -> PackingBox | None:
    """Return the smallest kind of box into which everything that is not packed goes; None where a size is unknown."""
    volume, longest = 0, 0
    for x in lines:
        count = x.wanted - x.packed
        sku = skus.get(x.line.work.sku_id)
        if not count:
            continue
        if sku is None or not (sku.length_mm and sku.width_mm and sku.height_mm):
            return None
        volume += count * sku.length_mm * sku.width_mm * sku.height_mm
        longest = max(longest, sku.length_mm, sku.width_mm, sku.height_mm)
    fitting = [
        x
        for x in boxes
        if x.volume_mm3 * FILLED >= volume and math.hypot(x.length_mm, x.width_mm, x.height_mm) >= longest
    ]
    return min(fitting, key=lambda x: (x.volume_mm3, x.code), default=None) if volume else None
