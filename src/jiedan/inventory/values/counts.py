"""Counts of stock."""

import dataclasses
from datetime import datetime

from jiedan.catalog.values import SkuId
from jiedan.inventory.values.moves import Moved
from jiedan.inventory.values.words import CountId, CountLineState, LocationId


@dataclasses.dataclass(frozen=True, slots=True)
class NewCount:
    """A count to open: the SKUs to be counted at one location. `key` as in `NewTransfer`."""

    location_id: LocationId
    sku_ids: tuple[SkuId, ...]
    reference: str = ""
    key: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Tally:
    """What somebody counted of a SKU, without being shown what the books say.

    The same operation key again is the same round, so that a repeated request does not agree with itself.
    """

    count_id: CountId
    sku_id: SkuId
    counted: int
    operation_key: str


@dataclasses.dataclass(frozen=True, slots=True)
class Tallied:
    """A round that was noted, and where its line stands now; it does not say what the books say."""

    count_id: CountId
    sku_id: SkuId
    round: int
    state: CountLineState


@dataclasses.dataclass(frozen=True, slots=True)
class CountApplied:
    """A count whose differences are in the books."""

    count_id: CountId
    moved: tuple[Moved, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class CountCanceled:
    """A count that ended without effect."""

    count_id: CountId


@dataclasses.dataclass(frozen=True, slots=True)
class CountRound:
    """One counting of a line: what was found and what the books said at that moment."""

    counted: int
    on_hand: int
    operation_key: str

    @property
    def difference(self) -> int:
        """Found beyond (+) or short of (−) the books."""
        return self.counted - self.on_hand


@dataclasses.dataclass(frozen=True, slots=True)
class CountLine:
    """A SKU to count, with its rounds so far, first to last."""

    sku_id: SkuId
    rounds: tuple[CountRound, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """A count of some SKUs at one location; `closed_at` ends it, applied or canceled."""

    count_id: CountId
    location_id: LocationId
    reference: str
    created_at: datetime
    closed_at: datetime | None
    is_applied: bool
    lines: tuple[CountLine, ...]
