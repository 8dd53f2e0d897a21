"""Let merchants say until when customers cancel and change orders by themselves, and how long links to orders work.

Revision: 0037, after 0036.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_CHECKS = (
    ("ck_storefront_cancel_until_known", "cancel_until IN ('never', 'released', 'picked', 'shipped')"),
    ("ck_storefront_edit_until_known", "edit_until IN ('never', 'released')"),
    ("ck_storefront_link_days_in_range", "link_days BETWEEN 1 AND 3650"),
)


def upgrade() -> None:
    """Create what this revision adds."""
    for name, kind, default in (
        ("cancel_until", sa.Text(collation="C"), "picked"),
        ("edit_until", sa.Text(collation="C"), "released"),
        ("link_days", sa.BigInteger(), "90"),
    ):
        op.add_column("storefront", sa.Column(name, kind, nullable=False, server_default=default))
        op.alter_column("storefront", name, server_default=None)
    for name, condition in _CHECKS:
        op.create_check_constraint(op.f(name), "storefront", condition)


def downgrade() -> None:
    """Remove what this revision added."""
    for name, _ in _CHECKS:
        op.drop_constraint(op.f(name), "storefront")
    for name in ("link_days", "edit_until", "cancel_until"):
        op.drop_column("storefront", name)
