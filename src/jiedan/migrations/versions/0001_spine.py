"""Create the tables of the first release.

Revision: 0001, after nothing.
"""

from alembic import op

from jiedan import schema
from jiedan.base import schema as protection

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    schema.metadata.create_all(op.get_bind())
    for statement in protection.everything(schema.metadata):
        op.execute(statement)
    op.execute(f"GRANT USAGE ON SCHEMA public TO {protection.APP_ROLE}, {protection.DISPATCH_ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {protection.APP_ROLE}")


def downgrade() -> None:
    """Remove what this revision added."""
    schema.metadata.drop_all(op.get_bind())
