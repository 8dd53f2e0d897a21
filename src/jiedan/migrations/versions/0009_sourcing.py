"""Create the tables of sourcing.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_postal_area()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("postal_area")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_postal_area() -> None:
    table = op.create_table(
        "postal_area",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("country", sa.Text(collation="C"), nullable=False),
        sa.Column("prefix", sa.Text(collation="C"), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.CheckConstraint("lat BETWEEN -90 AND 90", name=op.f("ck_postal_area_lat_range")),
        sa.CheckConstraint("lon BETWEEN -180 AND 180", name=op.f("ck_postal_area_lon_range")),
        sa.PrimaryKeyConstraint("tenant_id", "country", "prefix", name=op.f("pk_postal_area")),
    )
    _protect(table)
