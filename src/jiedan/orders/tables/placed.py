"""Orders and their lines."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.accounts.values import PAYMENT_TERMS, SPLITS
from jiedan.base.tables import TenantTable, one_of
from jiedan.orders.values import (
    FULFILLMENT_STATUSES,
    LIFECYCLES,
    LINE_ATTRIBUTES_BYTES_MAX,
    LINE_ATTRIBUTES_MAX,
    LINE_KINDS,
    LINE_TAXES_BYTES_MAX,
    PAYMENT_STATUSES,
    PRICE_SOURCES,
    TAX_BYTES_MAX,
    UNDELIVERED,
)
from jiedan.pricing.values.drafts import RULE_CODE_CHARACTERS_MAX

_WAITING = "kind IN ('goods', 'component') AND ordered > canceled + shipped + allocated"

_PROMISED = f"promised_p90_on IS NOT NULL AND lifecycle = 'open' AND fulfillment_status IN {UNDELIVERED}"
"""Orders that somebody waits for, in the words of the condition that finds the late ones."""


def order_key() -> sa.ForeignKeyConstraint:
    """Return the foreign key of what belongs to an order."""
    return sa.ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.order_id"])


class Order(TenantTable):
    """A customer's commitment to buy; `version` counts edits by people, not movements of goods and money.

    `external_fingerprint` is the SHA-256 of the draft that had `external_id`: it tells a repetition from a clash. Lines
    of imported history take stock only where the order `claims_stock`. `ordered_minor` is the total as it was placed.
    `tax` is what its customer had to show then to pay none, and what came of it. `shipping_name` is what the method
    that ships it was called when it was taken.
    """

    __tablename__ = "orders"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    channel: Mapped[str]
    external_id: Mapped[str | None]
    external_fingerprint: Mapped[bytes | None]
    customer_id: Mapped[UUID | None]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    contact_email: Mapped[str]
    lifecycle: Mapped[str]
    placed_at: Mapped[datetime]
    currency: Mapped[str]
    locale: Mapped[str]
    payment_terms: Mapped[str]
    split: Mapped[str]
    requested_location_id: Mapped[UUID | None]
    delivery_wish: Mapped[date | None]
    line_count: Mapped[int]
    total_minor: Mapped[int]
    tax_minor: Mapped[int]
    authorized_minor: Mapped[int]
    captured_minor: Mapped[int]
    refunded_minor: Mapped[int]
    charged_back_minor: Mapped[int]
    processing_count: Mapped[int]
    payment_status: Mapped[str]
    fulfillment_status: Mapped[str]
    expires_at: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    promised_p50_on: Mapped[date | None]
    promised_p90_on: Mapped[date | None]
    completed_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    price_rules_version: Mapped[int]
    history: Mapped[bool]
    claims_stock: Mapped[bool] = mapped_column(server_default=sa.true())
    version: Mapped[int]
    created_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    assignee_id: Mapped[UUID | None]
    from_wallets_minor: Mapped[int] = mapped_column(server_default="0")
    ordered_minor: Mapped[int | None]
    refunding_minor: Mapped[int] = mapped_column(server_default="0")
    tax: Mapped[dict[str, Any] | None] = mapped_column(pg.JSONB(none_as_null=True))
    shipping_method: Mapped[str | None]
    shipping_name: Mapped[str | None]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "number"),
        sa.Index(
            "uq_orders_external",
            "tenant_id",
            "channel",
            "external_id",
            unique=True,
            postgresql_where=sa.text("external_id IS NOT NULL"),
        ),
        sa.ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "requested_location_id"], ["location.tenant_id", "location.location_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "assignee_id"], ["staff.tenant_id", "staff.staff_id"]),
        sa.CheckConstraint("(external_id IS NULL) = (external_fingerprint IS NULL)", name="external_whole"),
        one_of("lifecycle", LIFECYCLES),
        one_of("payment_terms", PAYMENT_TERMS),
        one_of("split", SPLITS),
        one_of("payment_status", PAYMENT_STATUSES),
        one_of("fulfillment_status", FULFILLMENT_STATUSES),
        sa.CheckConstraint("total_minor >= 0 AND tax_minor >= 0", name="amounts_not_negative"),
        sa.CheckConstraint(
            "authorized_minor >= 0 AND captured_minor >= 0 AND refunded_minor >= 0 AND charged_back_minor >= 0"
            " AND processing_count >= 0",
            name="money_not_negative",
        ),
        sa.CheckConstraint("from_wallets_minor BETWEEN 0 AND captured_minor", name="wallets_are_money"),
        sa.CheckConstraint("ordered_minor >= 0", name="ordered_not_negative"),
        sa.CheckConstraint("refunding_minor >= 0", name="refunding_not_negative"),
        sa.CheckConstraint(
            f"jsonb_typeof(tax) = 'object' AND octet_length(tax::text) <= {TAX_BYTES_MAX}", name="tax_bounded"
        ),
        sa.CheckConstraint(
            "(shipping_method IS NULL) = (shipping_name IS NULL) AND shipping_method <> ''", name="shipping_whole"
        ),
        sa.CheckConstraint("claims_stock OR history", name="only_history_is_told"),
        sa.CheckConstraint("line_count >= 1 OR (line_count = 0 AND history)", name="has_lines"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.CheckConstraint(
            "(promised_p50_on IS NULL) = (promised_p90_on IS NULL) AND promised_p50_on <= promised_p90_on",
            name="promise_whole",
        ),
        sa.CheckConstraint("(lifecycle = 'completed') = (completed_at IS NOT NULL)", name="completed_when"),
        sa.CheckConstraint("(lifecycle = 'canceled') = (canceled_at IS NOT NULL)", name="canceled_when"),
        sa.CheckConstraint("expires_at IS NULL OR (lifecycle = 'open' AND NOT history)", name="only_open_expires"),
        sa.Index("ix_orders_placed", "tenant_id", "placed_at", "order_id"),
        sa.Index("ix_orders_payment", "tenant_id", "lifecycle", "payment_status", "placed_at", "order_id"),
        sa.Index("ix_orders_fulfillment", "tenant_id", "lifecycle", "fulfillment_status", "placed_at", "order_id"),
        sa.Index(
            "ix_orders_customer",
            "tenant_id",
            "customer_id",
            "placed_at",
            "order_id",
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_orders_assignee", "tenant_id", "assignee_id", "placed_at", "order_id",
            postgresql_where=sa.text("assignee_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_orders_promised", "tenant_id", "promised_p90_on", "placed_at", "order_id",
            postgresql_where=sa.text(_PROMISED),
        ),
        sa.Index(
            "ix_orders_expiry", "tenant_id", "expires_at", "order_id",
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        ),
    )  # fmt: skip


class OrderLine(TenantTable):
    """One SKU at one price and quantity, one fee, or one component of a kit.

    `total_minor` is the total of all `ordered` units; what canceled units carry of it is computed, never stored. A
    kit bears the price, its components carry the stock. `allocated` repeats the sum of the line's live reservations,
    which know the location; `released` of them are handed to a location to be picked. `parent_line` is the kit's
    `line`. `ruled_minor` is what all units cost by the rules before promotions, where that is not price times quantity;
    `by_hand_minor` is what of the discount was given by hand. `placed_` are price and discount as they were when the
    order was placed, that without relief, kept once somebody sets them by hand. `attributes` are what was said of a
    piece made to measure, each with how it was asked for. `relief_minor` is what of the discount is tax in the price,
    not asked of the exempt. `formula` is the code of the one that judged what was said, in the version that priced the
    order: goods may come to another since. `taxes` are what each tax makes of it, by the places of `TaxPart`; none of
    lines that are older than what is kept.
    """

    __tablename__ = "order_line"

    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    line: Mapped[int]
    kind: Mapped[str]
    parent_line: Mapped[int | None]
    sku_id: Mapped[UUID | None]
    code: Mapped[str]
    name: Mapped[str]
    requested_location_id: Mapped[UUID | None]
    placed_at: Mapped[datetime]
    ordered: Mapped[int]
    canceled: Mapped[int]
    allocated: Mapped[int]
    shipped: Mapped[int]
    delivered: Mapped[int]
    returned: Mapped[int]
    performed: Mapped[int]
    released: Mapped[int] = mapped_column(server_default="0")
    unit_minor: Mapped[int]
    discount_minor: Mapped[int]
    tax_minor: Mapped[int]
    tax_rate_ppm: Mapped[int]
    tax_class: Mapped[str]
    tax_included: Mapped[bool]
    total_minor: Mapped[int]
    price_source: Mapped[str]
    price_reason: Mapped[str | None]
    weight_g: Mapped[int | None]
    ruled_minor: Mapped[int | None]
    by_hand_minor: Mapped[int] = mapped_column(server_default="0")
    placed_source: Mapped[str | None]
    placed_unit_minor: Mapped[int | None]
    placed_discount_minor: Mapped[int | None]
    placed_by_hand_minor: Mapped[int | None]
    attributes: Mapped[list[Any] | None] = mapped_column(pg.JSONB(none_as_null=True))
    placed_attributes: Mapped[list[Any] | None] = mapped_column(pg.JSONB(none_as_null=True))
    relief_minor: Mapped[int] = mapped_column(server_default="0")
    formula: Mapped[str | None]
    taxes: Mapped[list[Any] | None] = mapped_column(pg.JSONB(none_as_null=True))

    __table_args__ = (
        order_key(),
        sa.UniqueConstraint("tenant_id", "order_id", "line"),
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "requested_location_id"], ["location.tenant_id", "location.location_id"]),
        one_of("kind", LINE_KINDS),
        one_of("price_source", PRICE_SOURCES),
        sa.CheckConstraint("line >= 1 AND ordered >= 1", name="positive"),
        sa.CheckConstraint(
            "canceled >= 0 AND allocated >= 0 AND shipped >= 0 AND performed >= 0", name="quantities_not_negative"
        ),
        sa.CheckConstraint("canceled + allocated + shipped + performed <= ordered", name="within_ordered"),
        sa.CheckConstraint("released BETWEEN 0 AND allocated", name="released_is_allocated"),
        sa.CheckConstraint("delivered BETWEEN 0 AND shipped", name="delivered_was_shipped"),
        sa.CheckConstraint("returned BETWEEN 0 AND shipped", name="returned_was_shipped"),
        sa.CheckConstraint(
            "kind IN ('goods', 'component') OR (allocated = 0 AND shipped = 0)", name="only_goods_move"
        ),
        sa.CheckConstraint("kind = 'service' OR performed = 0", name="only_services_are_performed"),
        sa.CheckConstraint("(kind = 'fee') = (sku_id IS NULL)", name="sku_unless_fee"),
        sa.CheckConstraint("(kind = 'component') = (parent_line IS NOT NULL)", name="component_has_kit"),
        sa.CheckConstraint("parent_line < line", name="kit_comes_first"),
        sa.CheckConstraint("kind <> 'component' OR total_minor = 0", name="component_is_included"),
        sa.CheckConstraint(
            "unit_minor >= 0 AND discount_minor >= 0 AND tax_minor >= 0 AND tax_rate_ppm >= 0 AND total_minor >= 0",
            name="amounts_not_negative",
        ),
        sa.CheckConstraint(
            "total_minor = unit_minor * ordered - discount_minor + CASE WHEN tax_included THEN 0 ELSE tax_minor END",
            name="total_adds_up",
        ),
        sa.CheckConstraint("price_source <> 'manual' OR price_reason IS NOT NULL", name="manual_price_has_reason"),
        sa.CheckConstraint(
            "price_source <> 'gift' OR (total_minor = 0 AND price_reason IS NOT NULL)", name="gift_is_free_and_told"
        ),
        sa.CheckConstraint("weight_g >= 0", name="weight_not_negative"),
        sa.CheckConstraint("ruled_minor >= 0", name="ruled_not_negative"),
        sa.CheckConstraint("by_hand_minor BETWEEN 0 AND discount_minor", name="by_hand_is_discount"),
        sa.CheckConstraint(
            "relief_minor BETWEEN 0 AND discount_minor AND (tax_included OR relief_minor = 0)",
            name="relief_is_discount",
        ),
        one_of("placed_source", PRICE_SOURCES),
        sa.CheckConstraint(
            "(placed_source IS NULL) = (placed_unit_minor IS NULL)"
            " AND (placed_source IS NULL) = (placed_discount_minor IS NULL)"
            " AND (placed_source IS NULL) = (placed_by_hand_minor IS NULL)",
            name="placed_is_whole",
        ),
        sa.CheckConstraint(
            "placed_unit_minor >= 0 AND placed_by_hand_minor BETWEEN 0 AND placed_discount_minor",
            name="placed_not_negative",
        ),
        sa.CheckConstraint(
            "CASE WHEN jsonb_typeof(attributes) = 'array' THEN jsonb_array_length(attributes) BETWEEN 1 AND"
            f" {LINE_ATTRIBUTES_MAX} AND octet_length(attributes::text) <= {LINE_ATTRIBUTES_BYTES_MAX}"
            " ELSE attributes IS NULL END",
            name="attributes_bounded",
        ),
        sa.CheckConstraint(
            "CASE WHEN jsonb_typeof(placed_attributes) = 'array' THEN placed_source IS NOT NULL"
            " AND attributes IS NOT NULL"
            f" AND jsonb_array_length(placed_attributes) BETWEEN 1 AND {LINE_ATTRIBUTES_MAX}"
            f" AND octet_length(placed_attributes::text) <= {LINE_ATTRIBUTES_BYTES_MAX}"
            " ELSE placed_attributes IS NULL END",
            name="placed_attributes_bounded",
        ),
        sa.CheckConstraint(
            f"jsonb_typeof(taxes) = 'array' AND octet_length(taxes::text) <= {LINE_TAXES_BYTES_MAX}",
            name="taxes_bounded",
        ),
        sa.CheckConstraint(f"char_length(formula) BETWEEN 1 AND {RULE_CODE_CHARACTERS_MAX}", name="formula_is_a_code"),
        sa.Index(
            "ix_order_line_waiting", "tenant_id", "sku_id", "placed_at", "line_id", postgresql_where=sa.text(_WAITING)
        ),
    )  # fmt: skip
