"""Ids, enumerations and values of inventory, as other modules see them. Quantities are integer stock units of a SKU."""

import dataclasses
from datetime import datetime
from typing import Literal, NamedTuple, NewType
from uuid import UUID

from jiedan.catalog.values import SkuId

LocationId = NewType("LocationId", UUID)
MovementId = NewType("MovementId", UUID)
TransferId = NewType("TransferId", UUID)
CountId = NewType("CountId", UUID)

QUANTITY_MAX = 1_000_000_000
"""Largest quantity of one operation, in stock units; sums of a million of them stay inside 64 bits."""

BATCH_MAX = 1000
"""Most rows of one operation on a set."""

LOCATIONS_MAX = 1000
"""Most locations of one merchant; placement looks at all of them."""

LocationKind = Literal["warehouse", "store", "kitchen", "third_party", "supplier", "other"]
OwnerKind = Literal["cart", "order_line", "transfer"]
MovementKind = Literal["receipt", "return", "shipment", "adjustment", "count", "transfer_out", "transfer_in"]
ReceiptKind = Literal["receipt", "return"]
AdjustmentReason = Literal[
    "correction", "damaged", "expired", "found", "lost", "opening", "quality", "sample", "stolen", "used"
]
TransferStatus = Literal["open", "in_transit", "received", "closed", "canceled"]
CountLineState = Literal["uncounted", "recount", "settled"]

LOCATION_KINDS: tuple[LocationKind, ...] = ("warehouse", "store", "kitchen", "third_party", "supplier", "other")
OWNER_KINDS: tuple[OwnerKind, ...] = ("cart", "order_line", "transfer")
MOVEMENT_KINDS: tuple[MovementKind, ...] = (
    "receipt", "return", "shipment", "adjustment", "count", "transfer_out", "transfer_in",
)  # fmt: skip
ADJUSTMENT_REASONS: tuple[AdjustmentReason, ...] = (
    "correction", "damaged", "expired", "found", "lost", "opening", "quality", "sample", "stolen", "used",
)  # fmt: skip


class StockKey(NamedTuple):
    """One counter: a SKU at a location. Keys sort in the order in which they are locked."""

    sku_id: SkuId
    location_id: LocationId


class Owner(NamedTuple):
    """Who holds a reservation: a cart, an order line or a transfer, by its id."""

    kind: OwnerKind
    id: UUID


@dataclasses.dataclass(frozen=True, slots=True)
class Location:
    """A place that holds stock. Lower `priority` comes first; coordinates are degrees (WGS 84), both or neither."""

    location_id: LocationId
    code: str
    name: str
    kind: LocationKind
    lat: float | None
    lon: float | None
    priority: int
    is_active: bool
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class NewLocation:
    """A location to create or what to change one into."""

    code: str
    name: str
    kind: LocationKind = "warehouse"
    lat: float | None = None
    lon: float | None = None
    priority: int = 100
    is_active: bool = True


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
    """

    owner: Owner
    sku_id: SkuId
    location_id: LocationId
    quantity: int
    operation_key: str
    reference: str = ""

    @property
    def key(self) -> StockKey:
        """The counter it concerns."""
        return StockKey(self.sku_id, self.location_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """Goods that come in, bought (`receipt`) or sent back (`return`). See `Shipment` for key and reference."""

    sku_id: SkuId
    location_id: LocationId
    quantity: int
    operation_key: str
    kind: ReceiptKind = "receipt"
    reference: str = ""

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


@dataclasses.dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement as a list shows it; `sku` and `location` are codes."""

    sku: str
    location: str
    movement: Movement


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
