"""Transfers between locations."""

import dataclasses
from datetime import datetime

from jiedan.catalog.values import SkuId
from jiedan.inventory.values.words import LocationId, TransferId


@dataclasses.dataclass(frozen=True, slots=True)
class TransferLine:
    """How much of a SKU is to move, has left, has arrived, and was given up as missing."""

    sku_id: SkuId
    quantity: int
    shipped: int
    received: int
    missing: int

    @property
    def in_transit(self) -> int:
        """What has left and is neither arrived nor given up."""
        return self.shipped - self.received - self.missing


@dataclasses.dataclass(frozen=True, slots=True)
class Transfer:
    """Goods on their way from one location to another; `closed_at` ends it."""

    transfer_id: TransferId
    from_location_id: LocationId
    to_location_id: LocationId
    reference: str
    created_at: datetime
    closed_at: datetime | None
    lines: tuple[TransferLine, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class NewTransfer:
    """A transfer to open: quantities by SKU, reserved at once where they are, all or none.

    `key` is the caller's idempotency key: the same key again leads to the same transfer.
    """

    from_location_id: LocationId
    to_location_id: LocationId
    quantities: tuple[tuple[SkuId, int], ...]
    reference: str = ""
    key: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class TransferStep:
    """Some of a transfer's SKU leaves or arrives. See `Shipment` for the operation key."""

    transfer_id: TransferId
    sku_id: SkuId
    quantity: int
    operation_key: str


@dataclasses.dataclass(frozen=True, slots=True)
class TransferClosed:
    """A transfer that has ended: what never left was freed, what never arrived is missing."""

    transfer_id: TransferId
    freed: int
    missing: int
