"""Counters, their keys and who holds them."""

import dataclasses
from typing import NamedTuple
from uuid import UUID

from jiedan.catalog.values import SkuId
from jiedan.inventory.values.words import LocationId, OwnerKind


class StockKey(NamedTuple):
    """One counter: a SKU at a location. Keys sort in the order in which they are locked."""

    sku_id: SkuId
    location_id: LocationId


class Owner(NamedTuple):
    """Who holds a reservation: a cart, an order line or a transfer, by its id."""

    kind: OwnerKind
    id: UUID


@dataclasses.dataclass(frozen=True, slots=True)
class Availability:
    """The counters of one key; `safety` is the safety stock that is never promised."""

    on_hand: int
    reserved: int
    safety: int
    incoming: int

    @property
    def available(self) -> int:
        """What may still be promised; negative when the safety stock is eaten into."""
        return self.on_hand - self.reserved - self.safety
