"""Rows of lists."""

import dataclasses
from datetime import datetime

from jiedan.catalog.values import SkuId
from jiedan.inventory.values.moves import Movement
from jiedan.inventory.values.words import LocationId


@dataclasses.dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement as a list shows it; `sku` and `location` are codes."""

    sku: str
    location: str
    movement: Movement


@dataclasses.dataclass(frozen=True, slots=True)
class StockRow:
    """The counters of a key with what staff set for it; `sku` and `location` are codes."""

    sku_id: SkuId
    sku: str
    location_id: LocationId
    location: str
    on_hand: int
    reserved: int
    incoming: int
    available: int
    safety_stock: int
    low_threshold: int | None
    restock_level: int | None
    low_since: datetime | None
    """When what is available fell to the threshold or below; None while it is above."""
    suggested: int
    """How much to order or transfer in; 0 while stock is not low."""
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class StockTotals:
    """The counters of a SKU over all active locations: at `places` of them, and low at `low_places`."""

    on_hand: int
    reserved: int
    safety_stock: int
    available: int
    incoming: int
    places: int
    low_places: int
