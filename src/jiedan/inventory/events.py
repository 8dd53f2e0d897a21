"""What inventory tells. Reserving, freeing and shipping have no event here: the owner's own event tells it."""

from uuid import UUID

from jiedan.base.events import Event


class LocationCreated(Event, frozen=True, kw_only=True):
    """A location exists."""

    kind = "inventory.location_created"
    subject_kind = "location"
    subject = "location_id"

    location_id: UUID
    code: str


class LocationChanged(Event, frozen=True, kw_only=True):
    """A location was edited; `changed` are the names of the fields."""

    kind = "inventory.location_changed"
    subject_kind = "location"
    subject = "location_id"

    location_id: UUID
    version: int
    changed: list[str]


class LocationRemoved(Event, frozen=True, kw_only=True):
    """A location that never held stock was removed."""

    kind = "inventory.location_removed"
    subject_kind = "location"
    subject = "location_id"

    location_id: UUID
    code: str


class StockReceived(Event, frozen=True, kw_only=True):
    """Goods came in, bought or sent back."""

    kind = "inventory.stock_received"
    subject_kind = "sku"
    subject = "sku_id"

    sku_id: UUID
    location_id: UUID
    movement_id: UUID
    movement_kind: str
    quantity: int
    on_hand: int


class StockAdjusted(Event, frozen=True, kw_only=True):
    """On hand was corrected, by hand or by a count; `quantity` is signed."""

    kind = "inventory.stock_adjusted"
    subject_kind = "sku"
    subject = "sku_id"

    sku_id: UUID
    location_id: UUID
    movement_id: UUID
    movement_kind: str
    reason: str
    quantity: int
    on_hand: int


class StockBecameAvailable(Event, frozen=True, kw_only=True):
    """More of a SKU can be promised than before; waiting lines may be filled."""

    kind = "inventory.stock_became_available"
    subject_kind = "sku"
    subject = "sku_id"

    sku_id: UUID
    location_id: UUID
    available: int


class StockRanLow(Event, frozen=True, kw_only=True):
    """What can be promised fell to the threshold or below it; told once, on crossing."""

    kind = "inventory.stock_ran_low"
    subject_kind = "sku"
    subject = "sku_id"

    sku_id: UUID
    location_id: UUID
    available: int
    low_threshold: int
    suggested: int


class ThresholdsSet(Event, frozen=True, kw_only=True):
    """Safety stock, low-stock threshold or restock level of a key changed."""

    kind = "inventory.thresholds_set"
    subject_kind = "sku"
    subject = "sku_id"

    sku_id: UUID
    location_id: UUID
    version: int
    safety_stock: int
    low_threshold: int | None
    restock_level: int | None
    changed: list[str]


class ReservationExpired(Event, frozen=True, kw_only=True):
    """A cart held its claim too long and lost it."""

    kind = "inventory.reservation_expired"
    subject_kind = "cart"
    subject = "cart_id"

    cart_id: UUID
    sku_id: UUID
    location_id: UUID
    quantity: int


class TransferOpened(Event, frozen=True, kw_only=True):
    """Goods were set aside to go elsewhere."""

    kind = "inventory.transfer_opened"
    subject_kind = "transfer"
    subject = "transfer_id"

    transfer_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: int


class TransferShipped(Event, frozen=True, kw_only=True):
    """Some of a transfer left."""

    kind = "inventory.transfer_shipped"
    subject_kind = "transfer"
    subject = "transfer_id"

    transfer_id: UUID
    sku_id: UUID
    movement_id: UUID
    quantity: int


class TransferReceived(Event, frozen=True, kw_only=True):
    """Some of a transfer arrived."""

    kind = "inventory.transfer_received"
    subject_kind = "transfer"
    subject = "transfer_id"

    transfer_id: UUID
    sku_id: UUID
    movement_id: UUID
    quantity: int


class TransferEnded(Event, frozen=True, kw_only=True):
    """A transfer was closed: `freed` units never left, `missing` units never arrived."""

    kind = "inventory.transfer_ended"
    subject_kind = "transfer"
    subject = "transfer_id"

    transfer_id: UUID
    freed: int
    missing: int


class CountOpened(Event, frozen=True, kw_only=True):
    """A count began."""

    kind = "inventory.count_opened"
    subject_kind = "count"
    subject = "count_id"

    count_id: UUID
    location_id: UUID
    skus: int


class CountTallied(Event, frozen=True, kw_only=True):
    """Somebody counted a SKU; what they found stands in the count, not here, so that the next round stays blind."""

    kind = "inventory.count_tallied"
    subject_kind = "count"
    subject = "count_id"

    count_id: UUID
    sku_id: UUID
    round: int


class CountEnded(Event, frozen=True, kw_only=True):
    """A count was applied to the books, or canceled."""

    kind = "inventory.count_ended"
    subject_kind = "count"
    subject = "count_id"

    count_id: UUID
    is_applied: bool
    differences: int
