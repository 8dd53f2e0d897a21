"""Create the tables of customers.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_customer()
    _create_customer_term()
    _create_customer_address()
    _create_customer_consent()
    _create_customer_contact()
    _create_customer_merge()
    _create_customer_note()
    _create_customer_tag()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("customer_tag")
    op.drop_table("customer_note")
    op.drop_table("customer_merge")
    op.drop_table("customer_contact")
    op.drop_table("customer_consent")
    op.drop_table("customer_address")
    op.drop_table("customer_term")
    op.drop_table("customer")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_customer() -> None:
    table = op.create_table(
        "customer",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("phone", sa.Text(collation="C"), nullable=False),
        sa.Column("email", sa.Text(collation="C"), nullable=False),
        sa.Column("tax_number", sa.Text(collation="C"), nullable=False),
        sa.Column("external_id", sa.Text(collation="C"), nullable=True),
        sa.Column("locale", sa.Text(collation="C"), nullable=False),
        sa.Column("merged_into", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'company')", name=op.f("ck_customer_kind_known")),
        sa.CheckConstraint("merged_into <> customer_id", name=op.f("ck_customer_not_merged_into_itself")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "merged_into"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_tenant_id_merged_into"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name=op.f("pk_customer")),
        sa.UniqueConstraint("tenant_id", "external_id", name=op.f("uq_customer_tenant_id_external_id")),
    )
    op.create_index("ix_customer_created", "customer", ["tenant_id", "created_at", "customer_id"], unique=False)
    op.create_index(
        "ix_customer_email", "customer", ["tenant_id", "email"], unique=False, postgresql_where=sa.text("email <> ''")
    )
    op.create_index(
        "ix_customer_merged_into",
        "customer",
        ["tenant_id", "merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "ix_customer_phone", "customer", ["tenant_id", "phone"], unique=False, postgresql_where=sa.text("phone <> ''")
    )
    _protect(table)


def _create_customer_term() -> None:
    table = op.create_table(
        "customer_term",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "term", "customer_id", name=op.f("pk_customer_term")),
    )
    op.create_index("ix_customer_term_customer", "customer_term", ["tenant_id", "customer_id"], unique=False)
    _protect(table)


def _create_customer_address() -> None:
    table = op.create_table(
        "customer_address",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("address_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("country", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("phone", sa.Text(collation="C"), nullable=False),
        sa.Column("company", sa.Text(collation="C"), nullable=False),
        sa.Column("region", sa.Text(collation="C"), nullable=False),
        sa.Column("city", sa.Text(collation="C"), nullable=False),
        sa.Column("district", sa.Text(collation="C"), nullable=False),
        sa.Column("line1", sa.Text(collation="C"), nullable=False),
        sa.Column("line2", sa.Text(collation="C"), nullable=False),
        sa.Column("postal_code", sa.Text(collation="C"), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_address_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "address_id", name=op.f("pk_customer_address")),
    )
    op.create_index("ix_customer_address_customer", "customer_address", ["tenant_id", "customer_id"], unique=False)
    op.create_index(
        "uq_customer_address_default",
        "customer_address",
        ["tenant_id", "customer_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    _protect(table)


def _create_customer_consent() -> None:
    table = op.create_table(
        "customer_consent",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("consent_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(collation="C"), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('marketing_email', 'marketing_sms', 'marketing_phone', 'profiling')",
            name=op.f("ck_customer_consent_purpose_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_consent_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "consent_id", name=op.f("pk_customer_consent")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_customer_consent_customer",
        "customer_consent",
        ["tenant_id", "customer_id", "purpose", "consent_id"],
        unique=False,
    )
    _protect(table)


def _create_customer_contact() -> None:
    table = op.create_table(
        "customer_contact",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'email')", name=op.f("ck_customer_contact_kind_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_contact_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", "kind", "value", name=op.f("pk_customer_contact")),
    )
    _protect(table)


def _create_customer_merge() -> None:
    table = op.create_table(
        "customer_merge",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("merge_id", sa.UUID(), nullable=False),
        sa.Column("survivor_id", sa.UUID(), nullable=False),
        sa.Column("merged_id", sa.UUID(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Text(collation="C"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "merged_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_merge_tenant_id_merged_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survivor_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_merge_tenant_id_survivor_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "merge_id", name=op.f("pk_customer_merge")),
    )
    op.create_index("ix_customer_merge_survivor", "customer_merge", ["tenant_id", "survivor_id"], unique=False)
    op.create_index(
        "uq_customer_merge_standing",
        "customer_merge",
        ["tenant_id", "merged_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    _protect(table)


def _create_customer_note() -> None:
    table = op.create_table(
        "customer_note",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("note_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(collation="C"), nullable=False),
        sa.Column("author", sa.Text(collation="C"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_note_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "note_id", name=op.f("pk_customer_note")),
    )
    op.create_index("ix_customer_note_customer", "customer_note", ["tenant_id", "customer_id", "note_id"], unique=False)
    _protect(table)


def _create_customer_tag() -> None:
    table = op.create_table(
        "customer_tag",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("tag", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_customer_tag_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", "tag", name=op.f("pk_customer_tag")),
    )
    op.create_index("ix_customer_tag_tag", "customer_tag", ["tenant_id", "tag", "customer_id"], unique=False)
    _protect(table)
