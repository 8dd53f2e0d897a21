"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Remove what this revision added."""
    ${downgrades if downgrades else "pass"}
