"""Create the tables of accounts.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_merchant()
    _create_role()
    _create_sign_in_throttle()
    _create_staff()
    _create_api_key()
    _create_staff_link()
    _create_staff_session()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("staff_session")
    op.drop_table("staff_link")
    op.drop_table("api_key")
    op.drop_table("staff")
    op.drop_table("sign_in_throttle")
    op.drop_table("role")
    op.drop_table("merchant")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_merchant() -> None:
    table = op.create_table(
        "merchant",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("country", sa.Text(collation="C"), nullable=False),
        sa.Column("time_zone", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("currencies", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("locale", sa.Text(collation="C"), nullable=False),
        sa.Column("locales", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("order_number_pattern", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_terms", sa.Text(collation="C"), nullable=False),
        sa.Column("expiry_minutes", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.Text(collation="C"), nullable=False),
        sa.Column("backorder", sa.Boolean(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("release_on_authorization", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "payment_terms IN ('prepaid', 'on_delivery', 'on_account')", name=op.f("ck_merchant_payment_terms_known")
        ),
        sa.CheckConstraint("split IN ('never', 'when_needed', 'freely')", name=op.f("ck_merchant_split_known")),
        sa.CheckConstraint("currency = ANY (currencies)", name=op.f("ck_merchant_currency_accepted")),
        sa.CheckConstraint("expiry_minutes >= 1", name=op.f("ck_merchant_expiry_positive")),
        sa.CheckConstraint("locale = ANY (locales)", name=op.f("ck_merchant_locale_offered")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_merchant_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_merchant")),
    )
    _protect(table)


def _create_role() -> None:
    table = op.create_table(
        "role",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("role_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_role_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "role_id", name=op.f("pk_role")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_role_tenant_id_code")),
    )
    _protect(table)


def _create_sign_in_throttle() -> None:
    table = op.create_table(
        "sign_in_throttle",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_sign_in_throttle_attempts_counted")),
        sa.PrimaryKeyConstraint("tenant_id", "subject", name=op.f("pk_sign_in_throttle")),
    )
    op.create_index("ix_sign_in_throttle_window", "sign_in_throttle", ["tenant_id", "window_started_at"], unique=False)
    _protect(table)


def _create_staff() -> None:
    table = op.create_table(
        "staff",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(collation="C"), nullable=False),
        sa.Column("email_key", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("locale", sa.Text(collation="C"), nullable=False),
        sa.Column("role_id", sa.UUID(), nullable=False),
        sa.Column("password_hash", sa.Text(collation="C"), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_staff_version_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"], ["role.tenant_id", "role.role_id"], name=op.f("fk_staff_tenant_id_role_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "staff_id", name=op.f("pk_staff")),
        sa.UniqueConstraint("tenant_id", "email_key", name=op.f("uq_staff_tenant_id_email_key")),
    )
    op.create_index("ix_staff_role", "staff", ["tenant_id", "role_id"], unique=False)
    _protect(table)


def _create_api_key() -> None:
    table = op.create_table(
        "api_key",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("api_key_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("hint", sa.Text(collation="C"), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["staff.tenant_id", "staff.staff_id"],
            name=op.f("fk_api_key_tenant_id_created_by"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "api_key_id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_api_key_tenant_id_secret_hash")),
    )
    op.create_index("ix_api_key_created_by", "api_key", ["tenant_id", "created_by"], unique=False)
    _protect(table)


def _create_staff_link() -> None:
    table = op.create_table(
        "staff_link",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(collation="C"), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('invitation', 'password_reset')", name=op.f("ck_staff_link_purpose_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"],
            ["staff.tenant_id", "staff.staff_id"],
            name=op.f("fk_staff_link_tenant_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "staff_id", name=op.f("pk_staff_link")),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_staff_link_tenant_id_secret_hash")),
    )
    _protect(table)


def _create_staff_session() -> None:
    table = op.create_table(
        "staff_session",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network", sa.Text(collation="C"), nullable=False),
        sa.Column("user_agent", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"],
            ["staff.tenant_id", "staff.staff_id"],
            name=op.f("fk_staff_session_tenant_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "session_id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_staff_session_tenant_id_secret_hash")),
    )
    op.create_index("ix_staff_session_expires", "staff_session", ["tenant_id", "expires_at"], unique=False)
    op.create_index("ix_staff_session_staff", "staff_session", ["tenant_id", "staff_id", "session_id"], unique=False)
    _protect(table)
