"""Let customers have accounts: what they sign in by, where they are signed in, links that prove an address.

Revision: 0036, after 0035.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_CUSTOMER = ["customer.tenant_id", "customer.customer_id"]
_ACCOUNT = ["customer_account.tenant_id", "customer_account.customer_id"]
_PURPOSES = "'registration', 'sign_in', 'password_reset', 'email_change'"


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Create what this revision adds."""
    account = op.create_table(
        "customer_account",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        _text("email"),
        _text("email_key"),
        _text("password_hash", nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _moment("created_at"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"], _CUSTOMER, name=op.f("fk_customer_account_tenant_id_customer_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name=op.f("pk_customer_account")),
        sa.UniqueConstraint("tenant_id", "email_key", name=op.f("uq_customer_account_tenant_id_email_key")),
    )
    session = op.create_table(
        "customer_session",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _moment("last_seen_at"),
        _moment("expires_at"),
        _text("network"),
        _text("user_agent"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"], _ACCOUNT, name=op.f("fk_customer_session_tenant_id_customer_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "session_id", name=op.f("pk_customer_session")),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_customer_session_tenant_id_secret_hash")),
    )
    op.create_index("ix_customer_session_customer", "customer_session", ["tenant_id", "customer_id", "session_id"])
    op.create_index("ix_customer_session_expires", "customer_session", ["tenant_id", "expires_at"])
    link = op.create_table(
        "customer_link",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("link_id", sa.UUID(), nullable=False),
        _text("purpose"),
        _text("email"),
        _text("email_key"),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        _text("locale"),
        _moment("created_at"),
        _moment("expires_at"),
        sa.CheckConstraint(f"purpose IN ({_PURPOSES})", name=op.f("ck_customer_link_purpose_known")),
        sa.CheckConstraint(
            "(purpose = 'registration') = (customer_id IS NULL)", name=op.f("ck_customer_link_belongs_to_an_account")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"], _ACCOUNT, name=op.f("fk_customer_link_tenant_id_customer_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "link_id", name=op.f("pk_customer_link")),
        sa.UniqueConstraint(
            "tenant_id", "email_key", "purpose", name=op.f("uq_customer_link_tenant_id_email_key_purpose")
        ),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_customer_link_tenant_id_secret_hash")),
    )
    op.create_index("ix_customer_link_customer", "customer_link", ["tenant_id", "customer_id"])
    op.create_index("ix_customer_link_expires", "customer_link", ["tenant_id", "expires_at"])
    for table in (account, session, link):
        for statement in protection.protect(table):
            op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("customer_link")
    op.drop_table("customer_session")
    op.drop_table("customer_account")
