"""Let staff sign in by passkeys: a device that knows its person, instead of password and second step.

Revision: 0038, after 0037.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_STAFF = ["staff.tenant_id", "staff.staff_id"]


def upgrade() -> None:
    """Create what this revision adds."""
    passkey = op.create_table(
        "passkey",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("passkey_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "octet_length(credential_id) BETWEEN 1 AND 1023", name=op.f("ck_passkey_credential_bounded")
        ),
        sa.CheckConstraint("octet_length(public_key) <= 4096", name=op.f("ck_passkey_public_key_bounded")),
        sa.CheckConstraint("uses >= 0", name=op.f("ck_passkey_uses_counted")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_passkey_version_positive")),
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], _STAFF, name=op.f("fk_passkey_tenant_id_staff_id_staff")),
        sa.PrimaryKeyConstraint("tenant_id", "passkey_id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("tenant_id", "credential_id", name=op.f("uq_passkey_tenant_id_credential_id")),
    )
    op.create_index("ix_passkey_staff", "passkey", ["tenant_id", "staff_id", "passkey_id"])
    spent = op.create_table(
        "spent_challenge",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("challenge_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "challenge_hash", name=op.f("pk_spent_challenge")),
    )
    op.create_index("ix_spent_challenge_expires", "spent_challenge", ["tenant_id", "expires_at"])
    for table in (passkey, spent):
        for statement in protection.protect(table):
            op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("spent_challenge")
    op.drop_table("passkey")
