"""Create the tables of orders.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_order_term()
    _create_saved_view()
    _create_orders()
    _create_order_address()
    _create_order_decision()
    _create_order_draft()
    _create_order_hold()
    _create_order_note()
    _create_order_tag()
    _create_order_line()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("order_line")
    op.drop_table("order_tag")
    op.drop_table("order_note")
    op.drop_table("order_hold")
    op.drop_table("order_draft")
    op.drop_table("order_decision")
    op.drop_table("order_address")
    op.drop_table("orders")
    op.drop_table("saved_view")
    op.drop_table("order_term")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_order_term() -> None:
    table = op.create_table(
        "order_term",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "term", "placed_at", "order_id", name=op.f("pk_order_term")),
    )
    op.create_index("ix_order_term_order", "order_term", ["tenant_id", "order_id", "term"], unique=False)
    _protect(table)


def _create_saved_view() -> None:
    table = op.create_table(
        "saved_view",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("view_id", sa.UUID(), nullable=False),
        sa.Column("list_name", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 100", name=op.f("ck_saved_view_name_length")),
        sa.CheckConstraint("pg_column_size(filters) <= 8192", name=op.f("ck_saved_view_filters_bounded")),
        sa.PrimaryKeyConstraint("tenant_id", "view_id", name=op.f("pk_saved_view")),
    )
    op.create_index(
        "ix_saved_view_list", "saved_view", ["tenant_id", "list_name", "owner_id", "position", "view_id"], unique=False
    )
    _protect(table)


def _create_orders() -> None:
    table = op.create_table(
        "orders",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("channel", sa.Text(collation="C"), nullable=False),
        sa.Column("external_id", sa.Text(collation="C"), nullable=True),
        sa.Column("external_fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("contact_name", sa.Text(collation="C"), nullable=False),
        sa.Column("contact_phone", sa.Text(collation="C"), nullable=False),
        sa.Column("contact_email", sa.Text(collation="C"), nullable=False),
        sa.Column("lifecycle", sa.Text(collation="C"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("locale", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_terms", sa.Text(collation="C"), nullable=False),
        sa.Column("split", sa.Text(collation="C"), nullable=False),
        sa.Column("requested_location_id", sa.UUID(), nullable=True),
        sa.Column("delivery_wish", sa.Date(), nullable=True),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("authorized_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_back_minor", sa.BigInteger(), nullable=False),
        sa.Column("processing_count", sa.BigInteger(), nullable=False),
        sa.Column("payment_status", sa.Text(collation="C"), nullable=False),
        sa.Column("fulfillment_status", sa.Text(collation="C"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(collation="C"), nullable=True),
        sa.Column("price_rules_version", sa.BigInteger(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "(lifecycle = 'canceled') = (canceled_at IS NOT NULL)", name=op.f("ck_orders_canceled_when")
        ),
        sa.CheckConstraint(
            "(lifecycle = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_orders_completed_when")
        ),
        sa.CheckConstraint(
            "expires_at IS NULL OR (lifecycle = 'open' AND NOT history)", name=op.f("ck_orders_only_open_expires")
        ),
        sa.CheckConstraint(
            "fulfillment_status IN ('not_needed', 'waiting', 'partly_allocated', 'allocated', 'partly_shipped', 'shipped', 'partly_delivered', 'delivered', 'partly_returned', 'returned', 'canceled')",
            name=op.f("ck_orders_fulfillment_status_known"),
        ),
        sa.CheckConstraint("lifecycle IN ('open', 'completed', 'canceled')", name=op.f("ck_orders_lifecycle_known")),
        sa.CheckConstraint(
            "payment_status IN ('not_due', 'pending', 'processing', 'partly_authorized', 'authorized', 'partly_paid', 'paid', 'overpaid', 'partly_refunded', 'refunded', 'charged_back')",
            name=op.f("ck_orders_payment_status_known"),
        ),
        sa.CheckConstraint(
            "payment_terms IN ('prepaid', 'on_delivery', 'on_account')", name=op.f("ck_orders_payment_terms_known")
        ),
        sa.CheckConstraint("split IN ('never', 'when_needed', 'freely')", name=op.f("ck_orders_split_known")),
        sa.CheckConstraint(
            "(external_id IS NULL) = (external_fingerprint IS NULL)", name=op.f("ck_orders_external_whole")
        ),
        sa.CheckConstraint(
            "authorized_minor >= 0 AND captured_minor >= 0 AND refunded_minor >= 0 AND charged_back_minor >= 0 AND processing_count >= 0",
            name=op.f("ck_orders_money_not_negative"),
        ),
        sa.CheckConstraint("line_count >= 1", name=op.f("ck_orders_has_lines")),
        sa.CheckConstraint("total_minor >= 0 AND tax_minor >= 0", name=op.f("ck_orders_amounts_not_negative")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_orders_version_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_orders_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requested_location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_orders_tenant_id_requested_location_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", name=op.f("pk_orders")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_orders_tenant_id_number")),
    )
    op.create_index(
        "ix_orders_customer",
        "orders",
        ["tenant_id", "customer_id", "placed_at", "order_id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_expiry",
        "orders",
        ["tenant_id", "expires_at", "order_id"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_fulfillment",
        "orders",
        ["tenant_id", "lifecycle", "fulfillment_status", "placed_at", "order_id"],
        unique=False,
    )
    op.create_index(
        "ix_orders_payment",
        "orders",
        ["tenant_id", "lifecycle", "payment_status", "placed_at", "order_id"],
        unique=False,
    )
    op.create_index("ix_orders_placed", "orders", ["tenant_id", "placed_at", "order_id"], unique=False)
    op.create_index(
        "uq_orders_external",
        "orders",
        ["tenant_id", "channel", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    _protect(table)


def _create_order_address() -> None:
    table = op.create_table(
        "order_address",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("country", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("phone", sa.Text(collation="C"), nullable=False),
        sa.Column("company", sa.Text(collation="C"), nullable=False),
        sa.Column("region", sa.Text(collation="C"), nullable=False),
        sa.Column("city", sa.Text(collation="C"), nullable=False),
        sa.Column("district", sa.Text(collation="C"), nullable=False),
        sa.Column("line1", sa.Text(collation="C"), nullable=False),
        sa.Column("line2", sa.Text(collation="C"), nullable=False),
        sa.Column("postal_code", sa.Text(collation="C"), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.CheckConstraint("kind IN ('ship_to', 'bill_to')", name=op.f("ck_order_address_kind_known")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_order_address_on_earth")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_address_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "kind", name=op.f("pk_order_address")),
    )
    _protect(table)


def _create_order_decision() -> None:
    table = op.create_table(
        "order_decision",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("decision_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("rules_version", sa.BigInteger(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pg_column_size(data) <= 32768", name=op.f("ck_order_decision_data_bounded")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_decision_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "decision_id", name=op.f("pk_order_decision")),
        info={"append_only": True},
    )
    _protect(table)


def _create_order_draft() -> None:
    table = op.create_table(
        "order_draft",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("draft_id", sa.UUID(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("pg_column_size(data) <= 262144", name=op.f("ck_order_draft_data_bounded")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_order_draft_version_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_draft_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "draft_id", name=op.f("pk_order_draft")),
    )
    op.create_index(
        "ix_order_draft_open",
        "order_draft",
        ["tenant_id", "updated_at", "draft_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NULL"),
    )
    _protect(table)


def _create_order_hold() -> None:
    table = op.create_table(
        "order_hold",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("hold_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("lift_permission", sa.Text(collation="C"), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("placed_by_id", sa.Text(collation="C"), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_kind", sa.Text(collation="C"), nullable=True),
        sa.Column("lifted_by_id", sa.Text(collation="C"), nullable=True),
        sa.Column("lift_reason", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_kind IS NULL) AND (lifted_at IS NULL) = (lifted_by_id IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL)",
            name=op.f("ck_order_hold_lifted_whole"),
        ),
        sa.CheckConstraint("char_length(kind) BETWEEN 1 AND 40", name=op.f("ck_order_hold_kind_length")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_hold_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "hold_id", name=op.f("pk_order_hold")),
    )
    op.create_index("ix_order_hold_order", "order_hold", ["tenant_id", "order_id", "hold_id"], unique=False)
    op.create_index(
        "ix_order_hold_queue",
        "order_hold",
        ["tenant_id", "kind", "placed_at", "hold_id"],
        unique=False,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_index(
        "uq_order_hold_standing",
        "order_hold",
        ["tenant_id", "order_id", "kind"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    _protect(table)


def _create_order_note() -> None:
    table = op.create_table(
        "order_note",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("note_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("text", sa.Text(collation="C"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("author_id", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('delivery', 'packaging', 'customer', 'internal')", name=op.f("ck_order_note_kind_known")
        ),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 2000", name=op.f("ck_order_note_text_length")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_note_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "note_id", name=op.f("pk_order_note")),
    )
    op.create_index("ix_order_note_order", "order_note", ["tenant_id", "order_id", "note_id"], unique=False)
    _protect(table)


def _create_order_tag() -> None:
    table = op.create_table(
        "order_tag",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("tag", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("char_length(tag) BETWEEN 1 AND 50", name=op.f("ck_order_tag_tag_length")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_tag_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "tag", name=op.f("pk_order_tag")),
    )
    _protect(table)


def _create_order_line() -> None:
    table = op.create_table(
        "order_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("parent_line", sa.BigInteger(), nullable=True),
        sa.Column("sku_id", sa.UUID(), nullable=True),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("requested_location_id", sa.UUID(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered", sa.BigInteger(), nullable=False),
        sa.Column("canceled", sa.BigInteger(), nullable=False),
        sa.Column("allocated", sa.BigInteger(), nullable=False),
        sa.Column("shipped", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("performed", sa.BigInteger(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_ppm", sa.BigInteger(), nullable=False),
        sa.Column("tax_class", sa.Text(collation="C"), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_source", sa.Text(collation="C"), nullable=False),
        sa.Column("price_reason", sa.Text(collation="C"), nullable=True),
        sa.Column("weight_g", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'component') = (parent_line IS NOT NULL)", name=op.f("ck_order_line_component_has_kit")
        ),
        sa.CheckConstraint("(kind = 'fee') = (sku_id IS NULL)", name=op.f("ck_order_line_sku_unless_fee")),
        sa.CheckConstraint("kind <> 'component' OR total_minor = 0", name=op.f("ck_order_line_component_is_included")),
        sa.CheckConstraint("kind = 'service' OR performed = 0", name=op.f("ck_order_line_only_services_are_performed")),
        sa.CheckConstraint(
            "kind IN ('goods', 'component') OR (allocated = 0 AND shipped = 0)",
            name=op.f("ck_order_line_only_goods_move"),
        ),
        sa.CheckConstraint(
            "kind IN ('goods', 'service', 'fee', 'kit', 'component')", name=op.f("ck_order_line_kind_known")
        ),
        sa.CheckConstraint(
            "price_source <> 'manual' OR price_reason IS NOT NULL", name=op.f("ck_order_line_manual_price_has_reason")
        ),
        sa.CheckConstraint(
            "price_source IN ('list', 'manual', 'as_sold', 'rule', 'included')",
            name=op.f("ck_order_line_price_source_known"),
        ),
        sa.CheckConstraint(
            "canceled + allocated + shipped + performed <= ordered", name=op.f("ck_order_line_within_ordered")
        ),
        sa.CheckConstraint(
            "canceled >= 0 AND allocated >= 0 AND shipped >= 0 AND performed >= 0",
            name=op.f("ck_order_line_quantities_not_negative"),
        ),
        sa.CheckConstraint("delivered BETWEEN 0 AND shipped", name=op.f("ck_order_line_delivered_was_shipped")),
        sa.CheckConstraint("line >= 1 AND ordered >= 1", name=op.f("ck_order_line_positive")),
        sa.CheckConstraint("parent_line < line", name=op.f("ck_order_line_kit_comes_first")),
        sa.CheckConstraint("returned BETWEEN 0 AND shipped", name=op.f("ck_order_line_returned_was_shipped")),
        sa.CheckConstraint(
            "total_minor = unit_minor * ordered - discount_minor + CASE WHEN tax_included THEN 0 ELSE tax_minor END",
            name=op.f("ck_order_line_total_adds_up"),
        ),
        sa.CheckConstraint(
            "unit_minor >= 0 AND discount_minor >= 0 AND tax_minor >= 0 AND tax_rate_ppm >= 0 AND total_minor >= 0",
            name=op.f("ck_order_line_amounts_not_negative"),
        ),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_order_line_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_line_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requested_location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_order_line_tenant_id_requested_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_order_line_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "line_id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("tenant_id", "order_id", "line", name=op.f("uq_order_line_tenant_id_order_id_line")),
    )
    op.create_index(
        "ix_order_line_waiting",
        "order_line",
        ["tenant_id", "sku_id", "placed_at", "line_id"],
        unique=False,
        postgresql_where=sa.text("kind IN ('goods', 'component') AND ordered > canceled + shipped + allocated"),
    )
    _protect(table)
