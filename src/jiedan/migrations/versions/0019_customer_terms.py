"""Find whether a customer has a term by index alone.

Revision: 0019, after 0018.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the term into the index by customer."""
    op.drop_index("ix_customer_term_customer", "customer_term")
    op.create_index("ix_customer_term_customer", "customer_term", ["tenant_id", "customer_id", "term"])


def downgrade() -> None:
    """Take the term out again."""
    op.drop_index("ix_customer_term_customer", "customer_term")
    op.create_index("ix_customer_term_customer", "customer_term", ["tenant_id", "customer_id"])
