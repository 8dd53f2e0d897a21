"""Keep the scans of certificates by which customers pay no tax.

Revision: 0078, after 0077.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

_CHECKS = {
    "media_type_known": "media_type IN ('application/pdf', 'image/jpeg', 'image/png')",
    "document_bounded": "octet_length(document) BETWEEN 1 AND 5000000",
    "digest_is_sha256": "octet_length(digest) = 32",
}


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "customer_tax_certificate",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("exemption_id", sa.UUID(), nullable=False),
        sa.Column("media_type", sa.Text(collation="C"), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id", "exemption_id"],
            [f"customer_tax_exemption.{name}" for name in ("tenant_id", "customer_id", "exemption_id")],
            name=op.f("fk_customer_tax_certificate_tenant_id_customer_id_exemption_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", "exemption_id", name=op.f("pk_customer_tax_certificate")),
        *[
            sa.CheckConstraint(condition, name=op.f(f"ck_customer_tax_certificate_{name}"))
            for name, condition in _CHECKS.items()
        ],
    )
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("customer_tax_certificate")
