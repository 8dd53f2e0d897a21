"""Bound the days of tax exemptions to years that somebody means, as the rules do.

Revision: 0073, after 0072. A beginning before those years and an end after them are none: nobody sees the difference.
What was over before them, or begins after, stays so.
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

_BOUND = """
/* across tenants: a migration looks at the rows of every merchant */
UPDATE customer_tax_exemption
SET from_at = CASE WHEN from_at >= '1900-01-01 00:00:00+00:00' THEN LEAST(from_at, '2199-12-31 00:00:00+00:00') END,
    until_at = CASE WHEN until_at < '2200-01-01 00:00:00+00:00' THEN GREATEST(until_at, '1900-01-02 00:00:00+00:00') END
WHERE NOT (
    coalesce(from_at >= '1900-01-01 00:00:00+00:00' AND from_at < '2200-01-01 00:00:00+00:00', true)
    AND coalesce(until_at >= '1900-01-01 00:00:00+00:00' AND until_at < '2200-01-01 00:00:00+00:00', true)
)
"""


def upgrade() -> None:
    """Bound the days that are kept, then all to come."""
    op.execute("ALTER TABLE customer_tax_exemption NO FORCE ROW LEVEL SECURITY")
    op.execute(_BOUND)
    op.execute("ALTER TABLE customer_tax_exemption FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(op.f(_NAME), "customer_tax_exemption", _MEANT)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f(_NAME), "customer_tax_exemption")
