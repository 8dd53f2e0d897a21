"""Take in what history tells: orders without lines, opening balances, installments.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_REASONS = "'correction', 'damaged', 'expired', 'found', 'lost', 'opening', 'quality', 'sample', 'stolen', 'used'"
_REASON_FITS = (
    "(kind = 'adjustment' AND reason NOT IN ('', 'opening_balance'))"
    " OR (kind = 'receipt' AND reason IN ('', 'opening_balance'))"
    " OR (kind NOT IN ('adjustment', 'receipt') AND reason = '')"
)


def upgrade() -> None:
    """Create what this revision adds."""
    op.drop_constraint(op.f("ck_orders_has_lines"), "orders", type_="check")
    op.create_check_constraint(op.f("ck_orders_has_lines"), "orders", "line_count >= 1 OR (line_count = 0 AND history)")
    op.drop_constraint(op.f("ck_stock_movement_adjustment_has_reason"), "stock_movement", type_="check")
    op.drop_constraint(op.f("ck_stock_movement_reason_known"), "stock_movement", type_="check")
    op.create_check_constraint(
        op.f("ck_stock_movement_reason_known"), "stock_movement", f"reason IN ('', 'opening_balance', {_REASONS})"
    )
    op.create_check_constraint(op.f("ck_stock_movement_reason_fits"), "stock_movement", _REASON_FITS)
    op.add_column("payment", sa.Column("installments", sa.BigInteger(), nullable=False, server_default="1"))
    op.alter_column("payment", "installments", server_default=None)
    op.create_check_constraint(op.f("ck_payment_installments_counted"), "payment", "installments >= 0")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_payment_installments_counted"), "payment", type_="check")
    op.drop_column("payment", "installments")
    op.drop_constraint(op.f("ck_stock_movement_reason_fits"), "stock_movement", type_="check")
    op.drop_constraint(op.f("ck_stock_movement_reason_known"), "stock_movement", type_="check")
    op.create_check_constraint(op.f("ck_stock_movement_reason_known"), "stock_movement", f"reason IN ('', {_REASONS})")
    op.create_check_constraint(
        op.f("ck_stock_movement_adjustment_has_reason"), "stock_movement", "(kind = 'adjustment') = (reason <> '')"
    )
    op.drop_constraint(op.f("ck_orders_has_lines"), "orders", type_="check")
    op.create_check_constraint(op.f("ck_orders_has_lines"), "orders", "line_count >= 1")
