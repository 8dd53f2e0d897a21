"""Keep of lines what they cost when they were placed, and tell discounts by hand of orders of before.

Revision: 0066, after 0065. What a discount by hand took off a line is what came off it beside promotions and tiers. It
is not known, and stays 0, where what promotions took off is not kept line by line (very many lines), where more lines
needed explaining than are kept, where prices were set by hand since, and of erased orders. What a line cost when it was
placed is not known of one whose price was set by hand before this revision: it counts as placed so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

_SOURCES = "'list', 'manual', 'as_sold', 'rule', 'included', 'gift'"
_FIGURES = (
    "'same', 'changed', 'refused', 'unlike', {}'canceled', 'imported', 'total', 'discount', 'shipping', 'tax', "
    "'gifts', 'risen', 'fallen', 'limited', 'gifts_assumed', 'kept', 'codes', 'bounded', {}'sku', 'customer'"
)
_FILL = """/* across tenants: a migration looks at the rows of every merchant */
UPDATE order_line l
SET by_hand_minor = k.by_hand_minor
FROM (
    SELECT x.tenant_id, x.line_id, x.discount_minor - coalesce(p.minor, 0) - coalesce(t.minor, 0) AS by_hand_minor
    FROM order_decision d
    JOIN order_line x ON x.tenant_id = d.tenant_id AND x.order_id = d.order_id
    LEFT JOIN LATERAL (
        SELECT sum((part.off ->> 1)::bigint) AS minor
        FROM jsonb_array_elements(coalesce(d.data -> 'applied', '[]'::jsonb)) AS a (rule)
        CROSS JOIN LATERAL jsonb_array_elements(coalesce(a.rule -> 'lines', '[]'::jsonb)) AS part (off)
        WHERE (part.off ->> 0)::bigint = x.line
    ) AS p ON true
    LEFT JOIN LATERAL (
        SELECT sum((u.unit ->> 'tier_off_minor')::bigint) AS minor
        FROM jsonb_array_elements(coalesce(d.data -> 'prices', '[]'::jsonb)) AS u (unit)
        WHERE (u.unit ->> 'line')::bigint = x.line
    ) AS t ON true
    WHERE d.kind = 'placement' AND d.decision_id = d.order_id AND coalesce(d.data ->> 'discount', '') <> ''
        AND x.kind IN ('goods', 'service', 'kit') AND x.parent_line IS NULL
        AND x.price_source IN ('list', 'rule', 'manual') AND x.by_hand_minor = 0 AND x.discount_minor > 0
        AND jsonb_array_length(coalesce(d.data -> 'prices', '[]'::jsonb)) < 20
        AND NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(coalesce(d.data -> 'applied', '[]'::jsonb)) AS a (rule)
            WHERE (a.rule ->> 'amount_minor')::bigint > coalesce((a.rule ->> 'fee_minor')::bigint, 0)
                AND jsonb_array_length(coalesce(a.rule -> 'lines', '[]'::jsonb)) = 0
        )
        AND NOT EXISTS (
            SELECT 1 FROM event_log e
            CROSS JOIN LATERAL jsonb_array_elements_text(e.data -> 'fields') AS f (field)
            WHERE e.tenant_id = d.tenant_id AND e.subject_id = d.order_id AND e.kind = 'orders.order_edited'
                AND f.field IN ('prices', 'discount')
        )
) AS k
WHERE l.tenant_id = k.tenant_id AND l.line_id = k.line_id AND k.by_hand_minor > 0"""

_FORGET_ORDERS = """/* across tenants: a migration looks at the rows of every merchant */
DELETE FROM price_replay_order WHERE outcome = 'by_hand'"""
_FORGET_SUMS = """/* across tenants: a migration looks at the rows of every merchant */
DELETE FROM price_replay_sum WHERE figure IN ('by_hand', 'cut')"""


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("order_line", sa.Column("placed_source", sa.Text(collation="C"), nullable=True))
    op.add_column("order_line", sa.Column("placed_unit_minor", sa.BigInteger(), nullable=True))
    op.add_column("order_line", sa.Column("placed_discount_minor", sa.BigInteger(), nullable=True))
    op.add_column("order_line", sa.Column("placed_by_hand_minor", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_order_line_placed_source_known"), "order_line", f"placed_source IN ({_SOURCES})"
    )
    op.create_check_constraint(
        op.f("ck_order_line_placed_is_whole"),
        "order_line",
        "(placed_source IS NULL) = (placed_unit_minor IS NULL)"
        " AND (placed_source IS NULL) = (placed_discount_minor IS NULL)"
        " AND (placed_source IS NULL) = (placed_by_hand_minor IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_order_line_placed_not_negative"),
        "order_line",
        "placed_unit_minor >= 0 AND placed_by_hand_minor BETWEEN 0 AND placed_discount_minor",
    )
    _recheck(_FIGURES.format("'by_hand', ", "'cut', "), "'by_hand', 'changed', 'refused', 'unlike'")
    _of_every_merchant(("order_line", "order_decision", "event_log"), (_FILL,))


def downgrade() -> None:
    """Remove what this revision added; of replays what the former one cannot tell."""
    _of_every_merchant(("price_replay_order", "price_replay_sum"), (_FORGET_ORDERS, _FORGET_SUMS))
    _recheck(_FIGURES.format("", ""), "'changed', 'refused', 'unlike'")
    for name in ("placed_not_negative", "placed_is_whole", "placed_source_known"):
        op.drop_constraint(op.f(f"ck_order_line_{name}"), "order_line")
    for name in ("placed_by_hand_minor", "placed_discount_minor", "placed_unit_minor", "placed_source"):
        op.drop_column("order_line", name)


def _recheck(figures: str, outcomes: str) -> None:
    """Put other figures and outcomes of replays in the place of those that are known."""
    for table, column, known in (("price_replay_sum", "figure", figures), ("price_replay_order", "outcome", outcomes)):
        constraint = op.f(f"ck_{table}_{column}_known")
        op.drop_constraint(constraint, table)
        op.create_check_constraint(constraint, table, f"{column} IN ({known})")


def _of_every_merchant(tables: tuple[str, ...], statements: tuple[str, ...]) -> None:
    """Run statements over the rows of every merchant: the owner's policy would hide them."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
