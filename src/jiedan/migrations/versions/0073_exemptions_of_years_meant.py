"""Bound the days of tax exemptions to years that somebody means, as the rules do.

Revision: 0073, after 0072.
"""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

_NAME = "ck_customer_tax_exemption_of_years_meant"
_MEANT = " AND ".join(
    f"{end} >= '1900-01-01 00:00:00+00:00' AND {end} < '2200-01-01 00:00:00+00:00'" for end in ("from_at", "until_at")
)


def upgrade() -> None:
    """Create what this revision adds."""
    op.create_check_constraint(op.f(_NAME), "customer_tax_exemption", _MEANT)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f(_NAME), "customer_tax_exemption")
