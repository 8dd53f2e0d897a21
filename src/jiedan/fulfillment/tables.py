"""Tables of fulfillment. Quantities are stock units, weights grams."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, ERASABLE, TenantTable, one_of
from jiedan.fulfillment.values import METHODS, PAPERS, PARCEL_STATES, REPRINT_REASONS, STATUSES

_UNSHIPPED = "state IN ('packed', 'unpacked')"


class Fulfillment(TenantTable):
    """The work that one location has with one order; `status` repeats what follows from its lines and parcels."""

    __tablename__ = "fulfillment"

    fulfillment_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    location_id: Mapped[UUID]
    sequence: Mapped[int]
    number: Mapped[str]
    method: Mapped[str]
    status: Mapped[str]
    released_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    code_salt: Mapped[bytes | None]
    code_hash: Mapped[bytes | None]
    code_tries: Mapped[int]
    code_locked_until: Mapped[datetime | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.order_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "location_id"], ["location.tenant_id", "location.location_id"]),
        sa.UniqueConstraint("tenant_id", "order_id", "sequence"),
        sa.UniqueConstraint("tenant_id", "number"),
        one_of("method", METHODS),
        one_of("status", STATUSES),
        sa.CheckConstraint("sequence >= 1 AND code_tries >= 0", name="counted"),
        sa.CheckConstraint("(code_salt IS NULL) = (code_hash IS NULL)", name="code_whole"),
        sa.CheckConstraint("(code_hash IS NULL) = (ready_at IS NULL)", name="ready_has_a_code"),
        sa.CheckConstraint("ready_at IS NULL OR method = 'collect'", name="only_collected_waits"),
        sa.Index("ix_fulfillment_queue", "tenant_id", "status", "released_at", "fulfillment_id"),
        sa.Index("ix_fulfillment_location", "tenant_id", "location_id", "status", "released_at", "fulfillment_id"),
    )


class FulfillmentLine(TenantTable):
    """How far a location has come with one line of an order."""

    __tablename__ = "fulfillment_line"

    fulfillment_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int]
    sku_id: Mapped[UUID]
    released: Mapped[int]
    short: Mapped[int]
    withdrawn: Mapped[int]
    picked: Mapped[int]
    packed: Mapped[int]
    shipped: Mapped[int]
    delivered: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id"], ["fulfillment.tenant_id", "fulfillment.fulfillment_id"]
        ),
        sa.ForeignKeyConstraint(["tenant_id", "line_id"], ["order_line.tenant_id", "order_line.line_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.CheckConstraint("released >= 1 AND short >= 0 AND withdrawn >= 0", name="counted"),
        sa.CheckConstraint("picked BETWEEN 0 AND released", name="picked_was_released"),
        sa.CheckConstraint("packed BETWEEN 0 AND picked", name="packed_was_picked"),
        sa.CheckConstraint("shipped BETWEEN 0 AND packed", name="shipped_was_packed"),
        sa.CheckConstraint("delivered BETWEEN 0 AND shipped", name="delivered_was_shipped"),
        sa.CheckConstraint("short + withdrawn + shipped <= released", name="within_released"),
        sa.Index("ix_fulfillment_line_line", "tenant_id", "line_id"),
    )


class Parcel(TenantTable):
    """One box: packed, on its way, arrived; or unpacked again before it left. Several may share a tracking number."""

    __tablename__ = "parcel"

    parcel_id: Mapped[UUID] = mapped_column(primary_key=True)
    fulfillment_id: Mapped[UUID]
    sequence: Mapped[int]
    number: Mapped[str]
    state: Mapped[str]
    weight_g: Mapped[int | None]
    box: Mapped[str | None]
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    packed_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    unpacked_at: Mapped[datetime | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id"], ["fulfillment.tenant_id", "fulfillment.fulfillment_id"]
        ),
        sa.UniqueConstraint("tenant_id", "fulfillment_id", "sequence"),
        sa.UniqueConstraint("tenant_id", "number"),
        one_of("state", PARCEL_STATES),
        sa.CheckConstraint(f"({_UNSHIPPED}) = (shipped_at IS NULL)", name="shipped_when"),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_when"),
        sa.CheckConstraint("(state = 'unpacked') = (unpacked_at IS NOT NULL)", name="unpacked_when"),
        sa.CheckConstraint("tracking_number IS NULL OR carrier IS NOT NULL", name="number_has_carrier"),
        sa.CheckConstraint("weight_g >= 1 AND sequence >= 1", name="counted"),
        sa.Index(
            "ix_parcel_tracking", "tenant_id", "carrier", "tracking_number",
            postgresql_where=sa.text("tracking_number IS NOT NULL"),
        ),
        sa.Index(
            "ix_parcel_shipped", "tenant_id", "shipped_at",
            postgresql_where=sa.text("shipped_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_parcel_delivered", "tenant_id", "delivered_at",
            postgresql_where=sa.text("delivered_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_parcel_number", "tenant_id", "tracking_number", "parcel_id",
            postgresql_where=sa.text("tracking_number IS NOT NULL"),
        ),
        sa.Index("ix_parcel_state", "tenant_id", "state", "packed_at", "parcel_id"),
        sa.Index("ix_parcel_carrier", "tenant_id", "carrier", "state", "packed_at", "parcel_id"),
    )  # fmt: skip


class ParcelLine(TenantTable):
    """What a parcel holds of one line; an unpacked parcel keeps what it held."""

    __tablename__ = "parcel_line"

    parcel_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    quantity: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.parcel_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "line_id"], ["order_line.tenant_id", "order_line.line_id"]),
        sa.CheckConstraint("quantity >= 1", name="quantity_positive"),
        sa.Index("ix_parcel_line_line", "tenant_id", "line_id"),
        {"info": {APPEND_ONLY: True}},
    )


class NoteAcknowledgement(TenantTable):
    """Who has read a note of the order before the goods were packed, and when."""

    __tablename__ = "note_acknowledgement"

    fulfillment_id: Mapped[UUID] = mapped_column(primary_key=True)
    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    acknowledged_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id"], ["fulfillment.tenant_id", "fulfillment.fulfillment_id"]
        ),
        sa.ForeignKeyConstraint(["tenant_id", "note_id"], ["order_note.tenant_id", "order_note.note_id"]),
        {"info": {APPEND_ONLY: True}},
    )


class ParcelLabel(TenantTable):
    """The carrier's transport document of a parcel, as it was made."""

    __tablename__ = "parcel_label"

    parcel_id: Mapped[UUID] = mapped_column(primary_key=True)
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    media_type: Mapped[str]
    document: Mapped[bytes]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.parcel_id"]),
        sa.CheckConstraint("octet_length(document) BETWEEN 1 AND 1048576", name="document_bounded"),
        {"info": {APPEND_ONLY: True, ERASABLE: ("document", "media_type")}},
    )


class ParcelPrint(TenantTable):
    """That a paper of a parcel was printed, by whom, and why again."""

    __tablename__ = "parcel_print"

    print_id: Mapped[UUID] = mapped_column(primary_key=True)
    parcel_id: Mapped[UUID]
    document: Mapped[str]
    reason: Mapped[str | None]
    printed_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.parcel_id"]),
        one_of("document", PAPERS),
        one_of("reason", REPRINT_REASONS),
        sa.Index("ix_parcel_print_parcel", "tenant_id", "parcel_id", "document"),
        sa.Index(
            "uq_parcel_print_first", "tenant_id", "parcel_id", "document",
            unique=True, postgresql_where=sa.text("reason IS NULL"),
        ),
        {"info": {APPEND_ONLY: True}},
    )  # fmt: skip


class PackingScan(TenantTable):
    """Units scanned at once, one or a carton: into the open box, taken out again, or closed into a parcel."""

    __tablename__ = "packing_scan"

    scan_id: Mapped[UUID] = mapped_column(primary_key=True)
    fulfillment_id: Mapped[UUID]
    line_id: Mapped[UUID]
    code: Mapped[str]
    quantity: Mapped[int]
    scanned_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    undone_at: Mapped[datetime | None]
    parcel_id: Mapped[UUID | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id", "line_id"],
            ["fulfillment_line.tenant_id", "fulfillment_line.fulfillment_id", "fulfillment_line.line_id"],
        ),
        sa.ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.parcel_id"]),
        sa.CheckConstraint("undone_at IS NULL OR parcel_id IS NULL", name="undone_or_packed"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.Index("ix_packing_scan_fulfillment", "tenant_id", "fulfillment_id", "scanned_at", "scan_id"),
        sa.Index("ix_packing_scan_parcel", "tenant_id", "parcel_id", postgresql_where=sa.text("parcel_id IS NOT NULL")),
    )


class PackingBox(TenantTable):
    """A kind of box that goods are packed into; inner sizes are millimeters, `tare_g` what it weighs empty."""

    __tablename__ = "packing_box"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    tare_g: Mapped[int]
    is_active: Mapped[bool]
    version: Mapped[int]

    __table_args__ = (
        sa.CheckConstraint("length_mm >= 1 AND width_mm >= 1 AND height_mm >= 1 AND tare_g >= 0", name="sized"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )


class LocationHandling(TenantTable):
    """How many days a location takes from the release to the door: in half of the cases, in nine of ten."""

    __tablename__ = "location_handling"

    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    p50_days: Mapped[int]
    p90_days: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "location_id"], ["location.tenant_id", "location.location_id"]),
        sa.CheckConstraint("p50_days >= 0 AND p50_days <= p90_days AND p90_days <= 365", name="days_rise"),
    )
