"""Keep with each line of an order which formula priced its piece, and what is said of it in each language.

Revision: 0072, after 0067 and 0070.
"""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

_BYTES_MAX, _BYTES_BEFORE = 64_000, 24_000
"""Labels and choices in three languages, of as many measures as a formula may ask for, are longer than in one."""

_FORGET = """
/* across tenants: a migration looks at the rows of every merchant */
UPDATE order_line
SET attributes = (
        SELECT jsonb_agg(one - 'labels' - 'words' ORDER BY n) FROM jsonb_array_elements(attributes)
        WITH ORDINALITY AS of_line (one, n)
    ),
    placed_attributes = CASE WHEN placed_attributes IS NOT NULL THEN (
        SELECT jsonb_agg(one - 'labels' - 'words' ORDER BY n) FROM jsonb_array_elements(placed_attributes)
        WITH ORDINALITY AS of_line (one, n)
    ) END
WHERE attributes IS NOT NULL
"""


_BOUNDED = (("attributes", ""), ("placed_attributes", "placed_source IS NOT NULL AND attributes IS NOT NULL AND "))


def _bound(bytes_max: int) -> None:
    for column, more in _BOUNDED:
        op.drop_constraint(op.f(f"ck_order_line_{column}_bounded"), "order_line")
        op.create_check_constraint(
            op.f(f"ck_order_line_{column}_bounded"),
            "order_line",
            f"CASE WHEN jsonb_typeof({column}) = 'array' THEN {more}jsonb_array_length({column}) BETWEEN 1 AND 20"
            f" AND octet_length({column}::text) <= {bytes_max} ELSE {column} IS NULL END",
        )


def upgrade() -> None:
    """Create what this revision adds."""
    _bound(_BYTES_MAX)
    op.add_column("order_line", sa.Column("formula", sa.Text(collation="C"), nullable=True))
    op.create_check_constraint(
        op.f("ck_order_line_formula_is_a_code"), "order_line", "char_length(formula) BETWEEN 1 AND 400"
    )


def downgrade() -> None:
    """Remove what this revision added, and what lines say in other languages."""
    op.execute("ALTER TABLE order_line NO FORCE ROW LEVEL SECURITY")
    op.execute(_FORGET)
    op.execute("ALTER TABLE order_line FORCE ROW LEVEL SECURITY")
    _bound(_BYTES_BEFORE)
    op.drop_constraint(op.f("ck_order_line_formula_is_a_code"), "order_line")
    op.drop_column("order_line", "formula")
