"""Tables of inventory: locations, counters, the ledger of movements, reservations, transfers, counts."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, STORAGE, TenantTable, one_of
from jiedan.inventory import values


class Location(TenantTable):
    """A place that holds stock."""

    __tablename__ = "location"

    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    priority: Mapped[int]
    is_active: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(server_default="")
    hours: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        one_of("kind", values.LOCATION_KINDS),
        sa.CheckConstraint(
            f"char_length(address) <= {values.ADDRESS_CHARS_MAX} AND char_length(hours) <= {values.HOURS_CHARS_MAX}"
            f" AND char_length(phone) <= {values.PHONE_CHARS_MAX}",
            name="told_in_few_words",
        ),
        sa.UniqueConstraint("tenant_id", "code"),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="coordinates_together"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="coordinates_on_earth"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class Stock(TenantTable):
    """The counters of a SKU at a location; `version` counts the edits of what staff set, not the movements."""

    __tablename__ = "stock"

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    reserved: Mapped[int]
    incoming: Mapped[int]
    safety_stock: Mapped[int]
    low_threshold: Mapped[int | None]
    restock_level: Mapped[int | None]
    low_since: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "location_id"], ["location.tenant_id", "location.location_id"]),
        sa.CheckConstraint("reserved BETWEEN 0 AND on_hand", name="reserved_is_there"),
        sa.CheckConstraint("incoming >= 0", name="incoming_counted"),
        sa.CheckConstraint("safety_stock >= 0", name="safety_counted"),
        sa.CheckConstraint("low_threshold >= 0", name="threshold_counted"),
        sa.CheckConstraint("restock_level > low_threshold", name="restock_above_threshold"),
        sa.CheckConstraint(
            "(low_since IS NOT NULL) = coalesce(on_hand - reserved - safety_stock <= low_threshold, false)",
            name="low_is_derived",
        ),
        sa.Index("ix_stock_location", "tenant_id", "location_id", "sku_id"),
        sa.Index(
            "ix_stock_low",
            "tenant_id",
            "low_since",
            "sku_id",
            "location_id",
            postgresql_where=sa.text("low_since IS NOT NULL"),
        ),
        # The counters change with every order; room in the page keeps those updates off the indexes (HOT), which is
        # also why the list of low stock has a column that changes on crossing only.
        {"info": {STORAGE: {"fillfactor": 70}}},
    )


class StockMovement(TenantTable):
    """The ledger: one signed change of on hand each, at most one per operation key, never edited."""

    __tablename__ = "stock_movement"

    movement_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID]
    location_id: Mapped[UUID]
    kind: Mapped[str]
    quantity: Mapped[int]
    on_hand: Mapped[int]
    reason: Mapped[str]
    reference: Mapped[str]
    subject_id: Mapped[UUID | None]
    operation_key: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        one_of("kind", values.MOVEMENT_KINDS),
        one_of("reason", (*values.RECEIPT_REASONS, *values.ADJUSTMENT_REASONS)),
        sa.CheckConstraint(
            "(kind = 'adjustment' AND reason NOT IN ('', 'opening_balance'))"
            " OR (kind = 'receipt' AND reason IN ('', 'opening_balance'))"
            " OR (kind NOT IN ('adjustment', 'receipt') AND reason = '')",
            name="reason_fits",
        ),
        sa.CheckConstraint("quantity <> 0", name="quantity_moves"),
        sa.CheckConstraint("on_hand >= 0", name="on_hand_counted"),
        sa.UniqueConstraint("tenant_id", "operation_key"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id", "location_id"], ["stock.tenant_id", "stock.sku_id", "stock.location_id"]
        ),
        sa.Index("ix_stock_movement_key", "tenant_id", "sku_id", "location_id", "movement_id"),
        sa.Index("ix_stock_movement_sku", "tenant_id", "sku_id", "movement_id"),
        sa.Index("ix_stock_movement_location", "tenant_id", "location_id", "movement_id"),
        {"info": {APPEND_ONLY: True}},
    )


class Reservation(TenantTable):
    """What an owner holds of a SKU at a location, until shipped or freed; a cart's also until it expires."""

    __tablename__ = "reservation"

    owner_kind: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("owner_kind", values.OWNER_KINDS),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("(owner_kind = 'cart') = (expires_at IS NOT NULL)", name="carts_expire"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id", "location_id"], ["stock.tenant_id", "stock.sku_id", "stock.location_id"]
        ),
        sa.Index("ix_reservation_key", "tenant_id", "sku_id", "location_id", "created_at"),
        sa.Index("ix_reservation_due", "tenant_id", "expires_at", postgresql_where=sa.text("expires_at IS NOT NULL")),
    )


class Transfer(TenantTable):
    """Goods on their way from one location to another."""

    __tablename__ = "transfer"

    transfer_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_location_id: Mapped[UUID]
    to_location_id: Mapped[UUID]
    reference: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "from_location_id"], ["location.tenant_id", "location.location_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "to_location_id"], ["location.tenant_id", "location.location_id"]),
        sa.Index("ix_transfer_from", "tenant_id", "from_location_id"),
        sa.Index("ix_transfer_to", "tenant_id", "to_location_id"),
        sa.Index("ix_transfer_open", "tenant_id", "transfer_id", postgresql_where=sa.text("closed_at IS NULL")),
        sa.Index("ix_transfer_closed", "tenant_id", "transfer_id", postgresql_where=sa.text("closed_at IS NOT NULL")),
        sa.CheckConstraint("from_location_id <> to_location_id", name="leads_elsewhere"),
    )


class TransferLine(TenantTable):
    """A SKU of a transfer: to move, has left, has arrived, given up as missing."""

    __tablename__ = "transfer_line"

    transfer_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    shipped: Mapped[int]
    received: Mapped[int]
    missing: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "transfer_id"], ["transfer.tenant_id", "transfer.transfer_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("shipped BETWEEN 0 AND quantity", name="shipped_in_quantity"),
        sa.CheckConstraint("received >= 0 AND missing >= 0", name="arrivals_counted"),
        sa.CheckConstraint("received + missing <= shipped", name="arrivals_in_shipped"),
    )


class StockCount(TenantTable):
    """A count of some SKUs at one location."""

    __tablename__ = "stock_count"

    count_id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID]
    reference: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    is_applied: Mapped[bool]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "location_id"], ["location.tenant_id", "location.location_id"]),
        sa.CheckConstraint("closed_at IS NOT NULL OR NOT is_applied", name="applied_is_closed"),
        sa.Index("ix_stock_count_location", "tenant_id", "location_id"),
        sa.Index("ix_stock_count_open", "tenant_id", "count_id", postgresql_where=sa.text("closed_at IS NULL")),
        sa.Index("ix_stock_count_closed", "tenant_id", "count_id", postgresql_where=sa.text("closed_at IS NOT NULL")),
    )


class StockCountLine(TenantTable):
    """A SKU on the list of a count."""

    __tablename__ = "stock_count_line"

    count_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "count_id"], ["stock_count.tenant_id", "stock_count.count_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        {"info": {APPEND_ONLY: True}},
    )


class StockCountTally(TenantTable):
    """One counting of a line: what was found, what the books said then, who counted."""

    __tablename__ = "stock_count_tally"

    count_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted: Mapped[int]
    on_hand: Mapped[int]
    operation_key: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "count_id", "sku_id"],
            ["stock_count_line.tenant_id", "stock_count_line.count_id", "stock_count_line.sku_id"],
        ),
        sa.UniqueConstraint("tenant_id", "count_id", "operation_key"),
        sa.CheckConstraint("round >= 1", name="round_positive"),
        sa.CheckConstraint("counted >= 0 AND on_hand >= 0", name="quantities_counted"),
        {"info": {APPEND_ONLY: True}},
    )
