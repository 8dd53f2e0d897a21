"""Create the tables of replays of prices.

Revision: 0059, after 0058.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

FIGURES = (
    "'same', 'changed', 'refused', 'unlike', 'canceled', 'imported', 'total', 'discount', 'shipping', 'tax', 'gifts', "
    "'risen', 'fallen', 'limited', 'gifts_assumed', 'kept', 'codes', 'bounded', 'sku', 'customer'"
)


def upgrade() -> None:
    """Create what this revision adds."""
    _create_price_replay()
    _create_price_replay_sum()
    _create_price_replay_order()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("price_replay_order")
    op.drop_table("price_replay_sum")
    op.drop_table("price_replay")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_price_replay() -> None:
    table = op.create_table(
        "price_replay",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("replay_id", sa.UUID(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locale", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("after_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after_id", sa.UUID(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("stopped_by", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'completed', 'canceled', 'failed')",
            name=op.f("ck_price_replay_status_known"),
        ),
        sa.CheckConstraint("days >= 1 AND from_at < until_at", name=op.f("ck_price_replay_looks_back")),
        sa.CheckConstraint("done >= 0 AND done <= total", name=op.f("ck_price_replay_counted")),
        sa.CheckConstraint("status <> 'completed' OR done = total", name=op.f("ck_price_replay_completed_is_whole")),
        sa.CheckConstraint("base_version >= 0 AND changes >= 0", name=op.f("ck_price_replay_rules_known")),
        sa.PrimaryKeyConstraint("tenant_id", "replay_id", name=op.f("pk_price_replay")),
    )
    op.create_index(
        "uq_price_replay_under_way",
        "price_replay",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    _protect(table)


def _create_price_replay_sum() -> None:
    table = op.create_table(
        "price_replay_sum",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("replay_id", sa.UUID(), nullable=False),
        sa.Column("figure", sa.Text(collation="C"), nullable=False),
        sa.Column("subject", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("before_minor", sa.BigInteger(), nullable=False),
        sa.Column("after_minor", sa.BigInteger(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"figure IN ({FIGURES})", name=op.f("ck_price_replay_sum_figure_known")),
        sa.CheckConstraint(
            "(subject = '') = (figure NOT IN ('sku', 'customer'))",
            name=op.f("ck_price_replay_sum_subject_where_asked"),
        ),
        sa.CheckConstraint("orders >= 0", name=op.f("ck_price_replay_sum_orders_counted")),
        sa.CheckConstraint(
            "difference_minor = after_minor - before_minor", name=op.f("ck_price_replay_sum_difference_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replay_id"],
            ["price_replay.tenant_id", "price_replay.replay_id"],
            name=op.f("fk_price_replay_sum_tenant_id_replay_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "replay_id", "figure", "subject", "currency", name=op.f("pk_price_replay_sum")
        ),
    )
    op.create_index(
        "ix_price_replay_sum_most",
        "price_replay_sum",
        ["tenant_id", "replay_id", "figure", "currency", "difference_minor", "subject"],
    )
    _protect(table)


def _create_price_replay_order() -> None:
    table = op.create_table(
        "price_replay_order",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("replay_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("outcome", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("before_minor", sa.BigInteger(), nullable=False),
        sa.Column("after_minor", sa.BigInteger(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("detail", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('changed', 'refused', 'unlike')", name=op.f("ck_price_replay_order_outcome_known")
        ),
        sa.CheckConstraint(
            "difference_minor = after_minor - before_minor", name=op.f("ck_price_replay_order_difference_adds_up")
        ),
        sa.CheckConstraint("outcome <> 'refused' OR code <> ''", name=op.f("ck_price_replay_order_refused_has_a_code")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replay_id"],
            ["price_replay.tenant_id", "price_replay.replay_id"],
            name=op.f("fk_price_replay_order_tenant_id_replay_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "replay_id", "order_id", name=op.f("pk_price_replay_order")),
    )
    op.create_index(
        "ix_price_replay_order_outcome", "price_replay_order", ["tenant_id", "replay_id", "outcome", "order_id"]
    )
    op.create_index(
        "ix_price_replay_order_most",
        "price_replay_order",
        ["tenant_id", "replay_id", "outcome", "currency", "difference_minor", "order_id"],
    )
    _protect(table)
