"""What staff set per key."""

import dataclasses

from jiedan.catalog.values import SkuId
from jiedan.inventory.values.keys import Availability, StockKey
from jiedan.inventory.values.words import LocationId


@dataclasses.dataclass(frozen=True, slots=True)
class Thresholds:
    """What staff set for a key: units kept back, the level that alarms, the level to fill up to. None = no alarm."""

    safety_stock: int = 0
    low_threshold: int | None = None
    restock_level: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ThresholdsWish:
    """What to set for a key; `expected_version`, where given, is the version that was read before."""

    sku_id: SkuId
    location_id: LocationId
    thresholds: Thresholds
    expected_version: int | None = None

    @property
    def key(self) -> StockKey:
        """The counter it concerns."""
        return StockKey(self.sku_id, self.location_id)


@dataclasses.dataclass(frozen=True, slots=True)
class ThresholdsState:
    """What stands for a key, with the counters it is compared with; `version` rises with each edit."""

    counters: Availability
    thresholds: Thresholds
    version: int
