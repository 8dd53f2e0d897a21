"""Let a SKU say in which quantities it is ordered: a minimum, a maximum, steps and packs.

Revision: 0065, after 0064. SKUs that were there before are ordered in any quantity, as they were.
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

COLUMNS = {"order_minimum": "0", "order_maximum": "0", "order_step": "1", "order_pack": "1"}
CHECKS = {
    "order_quantities_within": "order_minimum BETWEEN 0 AND 1000000000 AND order_maximum BETWEEN 0 AND 1000000000"
    " AND order_step BETWEEN 1 AND 1000000000 AND order_pack BETWEEN 1 AND 1000000000",
    "order_maximum_reached": "order_maximum = 0"
    " OR order_maximum >= greatest(coalesce(nullif(order_minimum, 0), order_step), order_pack)",
    "order_steps_meet_packs": "order_minimum % gcd(order_step, order_pack) = 0",
}


def upgrade() -> None:
    """Create what this revision adds."""
    for name, default in COLUMNS.items():
        op.add_column("sku", sa.Column(name, sa.BigInteger(), server_default=sa.text(default), nullable=False))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_sku_{name}"), "sku", condition)


def downgrade() -> None:
    """Remove what this revision added."""
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_sku_{name}"), "sku")
    for name in COLUMNS:
        op.drop_column("sku", name)
