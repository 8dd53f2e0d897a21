"""Keep with each line of an order which formula priced its piece.

Revision: 0072, after 0067.
"""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("order_line", sa.Column("formula", sa.Text(collation="C"), nullable=True))
    op.create_check_constraint(
        op.f("ck_order_line_formula_is_a_code"), "order_line", "char_length(formula) BETWEEN 1 AND 400"
    )


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_order_line_formula_is_a_code"), "order_line")
    op.drop_column("order_line", "formula")
