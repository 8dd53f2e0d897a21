"""Decide what is scanned into the open box, taken out of it again, and closed into a parcel."""

from collections.abc import Mapping, Sequence

from jiedan.catalog.rules import scanning
from jiedan.catalog.values import Scannable, SkuId
from jiedan.fulfillment import errors
from jiedan.fulfillment.rules import picking
from jiedan.fulfillment.rules.floor import Floor
from jiedan.fulfillment.values import (
    Closing,
    Fulfillment,
    FulfillmentId,
    FulfillmentLine,
    Pack,
    ParcelId,
    Pick,
    Scan,
    ScanId,
    Scanned,
    Undo,
)
from jiedan.orders.values import LineQuantity


class Bench:
    """The open boxes of some fulfillments, with everything decided so far; `others` are SKUs that were scanned."""

    def __init__(
        self,
        scans: Mapping[FulfillmentId, Sequence[Scanned]],
        skus: Mapping[SkuId, Scannable],
        others: Sequence[Scannable] = (),
    ) -> None:
        self._open = {key: list(of) for key, of in scans.items()}
        self.skus = skus
        self.others = others
        self.made: list[Scanned] = []
        self.undone: list[ScanId] = []
        self.closed: dict[ScanId, ParcelId] = {}

    def in_box(self, fulfillment_id: FulfillmentId) -> list[Scanned]:
        """Return what is in the open box, in the order in which it was scanned."""
        return self._open.get(fulfillment_id, [])

    def put_in(self, scan: Scanned) -> None:
        """Put units into the open box."""
        self._open.setdefault(scan.fulfillment_id, []).append(scan)
        self.made.append(scan)

    def take_out(self, scan: Scanned) -> None:
        """Take what was scanned at once out of the open box."""
        self._open[scan.fulfillment_id].remove(scan)
        self.undone.append(scan.scan_id)

    def close(self, fulfillment_id: FulfillmentId, parcel_id: ParcelId) -> None:
        """Empty the open box into a parcel."""
        self.closed.update((scan.scan_id, parcel_id) for scan in self._open.pop(fulfillment_id))


def room(line: FulfillmentLine) -> int:
    """Return how many units of a line are still to come into boxes, those in the open one included."""
    return max(0, line.wanted - line.packed)


def scan(floor: Floor, bench: Bench, wish: Scan, *, scan_id: ScanId) -> ScanId:
    """Put a unit, or all of a pack, into the open box.

    Of several lines with the same SKU the first that has room fills up first. Raises FulfillmentNotFound, WorkStopped,
    CodeUnknown, WrongItem, TooManyScanned, PackTooLarge.
    """
    found = floor.find(wish.fulfillment_id)
    floor.check_going(found)
    units = {x.line_id: n for x in found.lines if (n := _units(bench, x, wish.code)) is not None}
    meant = [x for x in found.lines if x.line_id in units]
    if not any(x.wanted for x in meant):
        raise _foreign(bench, wish.code)
    left = {x.line_id: room(x) - count(bench, found, x) for x in meant}
    line = next((x for x in meant if left[x.line_id] >= units[x.line_id]), None)
    if line is None:
        name = bench.skus[meant[0].sku_id].name
        if (most := max(left.values())) > 0:
            raise errors.PackTooLarge(name, min(units.values()), most, field="code")
        raise errors.TooManyScanned(name, sum(map(room, meant)), field="code")
    bench.put_in(Scanned(scan_id, found.fulfillment_id, line.line_id, wish.code, floor.at, units[line.line_id]))
    return scan_id


def _units(bench: Bench, line: FulfillmentLine, code: str) -> int | None:
    return scanning.units(bench.skus[line.sku_id], code) if line.sku_id in bench.skus else None


def count(bench: Bench, found: Fulfillment, line: FulfillmentLine) -> int:
    """Return how many units of a line are in the open box."""
    return sum(x.quantity for x in bench.in_box(found.fulfillment_id) if x.line_id == line.line_id)


def to_pick(found: Fulfillment, bench: Bench, code: str) -> Pick:
    """Return what a scan at the shelf picks: a unit, or all of a pack, of the first line that still wants so many.

    Raises CodeUnknown, WrongItem; where nothing more is to be picked, picking it says so.
    """
    units = {x.line_id: n for x in found.lines if (n := _units(bench, x, code)) is not None}
    meant = [x for x in found.lines if x.line_id in units]
    if not any(x.wanted for x in meant):
        raise _foreign(bench, code)
    line = next((x for x in meant if x.to_pick >= units[x.line_id]), meant[0])
    return Pick(found.fulfillment_id, line.line, units[line.line_id])


def undo(floor: Floor, bench: Bench, wish: Undo) -> ScanId:
    """Take what was scanned last out of the open box. Raises FulfillmentNotFound, NothingScanned."""
    found = floor.find(wish.fulfillment_id)
    scans = bench.in_box(found.fulfillment_id)
    if not scans:
        raise errors.NothingScanned(found.number)
    last = scans[-1]
    bench.take_out(last)
    return last.scan_id


def close(floor: Floor, bench: Bench, wish: Closing, *, parcel_id: ParcelId) -> ParcelId:
    """Close the open box into a parcel; what nobody has picked before counts as picked now.

    Raises NothingScanned, ScannedNotWanted and what packing raises: WorkStopped, NotesUnread, WeightOutOfRange.
    """
    found = floor.find(wish.fulfillment_id)
    counts = {x.line: n for x in found.lines if (n := count(bench, found, x))}
    if not counts:
        raise errors.NothingScanned(found.number)
    for line in found.lines:
        over = counts.get(line.line, 0) - room(line)
        if over > 0:
            raise errors.ScannedNotWanted(bench.skus[line.sku_id].name, over)
        unpicked = line.packed + counts.get(line.line, 0) - line.picked
        if unpicked > 0:
            picking.pick(floor, Pick(found.fulfillment_id, line.line, unpicked))
    lines = tuple(LineQuantity(*x) for x in sorted(counts.items()))
    made = picking.pack(floor, Pack(found.fulfillment_id, lines, wish.weight_g, box=wish.box), parcel_id=parcel_id)
    bench.close(found.fulfillment_id, made)
    return made


def _foreign(bench: Bench, code: str) -> errors.WrongItem | errors.CodeUnknown:
    other = next((x for x in bench.others if scanning.units(x, code) is not None), None)
    if other is None:
        return errors.CodeUnknown(code.strip(), field="code")
    return errors.WrongItem(other.name, field="code")
