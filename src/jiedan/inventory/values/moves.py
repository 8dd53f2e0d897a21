"""What moves stock: claims, shipments, receipts, adjustments, and the movements they leave."""

import dataclasses
from datetime import datetime
from uuid import UUID

from jiedan.catalog.values import SkuId
from jiedan.inventory.values.keys import Owner, StockKey
from jiedan.inventory.values.words import (
    AdjustmentReason,
    LocationId,
    MovementId,
    MovementKind,
    ReceiptKind,
    ReceiptReason,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A wish to reserve `quantity` for `owner`. A cart's claim says when it expires, no other does."""

    owner: Owner
    sku_id: SkuId
    location_id: LocationId
    quantity: int
    expires_at: datetime | None = None

    @property
    def key(self) -> StockKey:
        """The counter it concerns."""
        return StockKey(self.sku_id, self.location_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Reserved:
    """A claim that was granted."""

    claim: Claim


@dataclasses.dataclass(frozen=True, slots=True)
class Free:
    """A wish to give up `quantity` of what `owner` holds at a key; None means all of it."""

    owner: Owner
    sku_id: SkuId
    location_id: LocationId
    quantity: int | None = None

    @property
    def key(self) -> StockKey:
        """The counter it concerns."""
        return StockKey(self.sku_id, self.location_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Freed:
    """What was given up; 0 when everything was asked for and nothing was held any more."""

    free: Free
    quantity: int


@dataclasses.dataclass(frozen=True, slots=True)
class Reservation:
    """What an owner holds at a key."""

    owner: Owner
    sku_id: SkuId
    location_id: LocationId
    quantity: int
    created_at: datetime
    expires_at: datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class Shipment:
    """Goods that leave: `quantity` of what `owner` holds at a key goes out of the door.

    `operation_key` is unique per merchant: the same key twice is one effect. `reference` is a code people know.
    History that holds nothing is not `is_held`: its goods leave from what nobody holds.
    """

    owner: Owner
    sku_id: SkuId
    location_id: LocationId
    quantity: int
    operation_key: str
    reference: str = ""
    is_held: bool = True

    @property
    def key(self) -> StockKey:
        """The counter it concerns."""
        return StockKey(self.sku_id, self.location_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """Goods that come in, bought (`receipt`) or sent back (`return`). See `Shipment` for key and reference.

    A receipt may have a `reason`: `opening_balance` for what was there when the books began.
    """

    sku_id: SkuId
    location_id: LocationId
    quantity: int
    operation_key: str
    kind: ReceiptKind = "receipt"
    reference: str = ""
    reason: ReceiptReason = ""

    @property
    def key(self) -> StockKey:
        """The counter it concerns."""
        return StockKey(self.sku_id, self.location_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction of on hand by `delta`, not 0, for a reason. See `Shipment` for key and reference."""

    sku_id: SkuId
    location_id: LocationId
    delta: int
    reason: AdjustmentReason
    operation_key: str
    reference: str = ""

    @property
    def key(self) -> StockKey:
        """The counter it concerns."""
        return StockKey(self.sku_id, self.location_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Moved:
    """A movement that stands in the ledger; `repeated` when its operation key had done its work before."""

    movement_id: MovementId
    key: StockKey
    quantity: int
    on_hand: int
    """On hand right after the movement."""
    repeated: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Movement:
    """One entry of the ledger: a signed change of on hand."""

    movement_id: MovementId
    sku_id: SkuId
    location_id: LocationId
    kind: MovementKind
    quantity: int
    on_hand: int
    """On hand right after it."""
    reason: str
    reference: str
    subject_id: UUID | None
    """The owner of what was shipped, the transfer or the count that moved it."""
    operation_key: str
    actor_kind: str
    actor_id: str
    recorded_at: datetime
