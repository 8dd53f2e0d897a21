"""Keep which SKUs may be sold; find stored images; filter customers by tag and consent.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import terms

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_READ = ("sku", "product", "sku_component", "customer_tag", "customer_consent", "customer", "customer_term")
"""Tables whose rows of every merchant are read or written here: row-level security steps aside for their owner."""

_MAY_BE_SOLD = """
/* across tenants: a migration looks at the rows of every merchant */
UPDATE sku s SET may_be_sold = s.is_active AND p.status = 'active' AND NOT EXISTS (
    SELECT 1 FROM sku_component c
    JOIN sku part ON part.tenant_id = c.tenant_id AND part.sku_id = c.component_id
    JOIN product whole ON whole.tenant_id = part.tenant_id AND whole.product_id = part.product_id
    WHERE c.tenant_id = s.tenant_id AND c.sku_id = s.sku_id AND NOT (part.is_active AND whole.status <> 'archived')
)
FROM product p
WHERE p.tenant_id = s.tenant_id AND p.product_id = s.product_id
"""

_CONSENT_TERMS = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO customer_term (tenant_id, term, customer_id)
SELECT n.tenant_id, ':consent:' || n.purpose, n.customer_id
FROM (
    SELECT DISTINCT ON (tenant_id, customer_id, purpose) tenant_id, customer_id, purpose, is_granted
    FROM customer_consent
    ORDER BY tenant_id, customer_id, purpose, consent_id DESC
) AS n
JOIN customer c ON c.tenant_id = n.tenant_id AND c.customer_id = n.customer_id
WHERE n.is_granted AND c.merged_into IS NULL
ON CONFLICT DO NOTHING
"""

_TAGS = "/* across tenants: a migration looks at the rows of every merchant */ SELECT DISTINCT tag FROM customer_tag"

_TAG_TERMS = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO customer_term (tenant_id, term, customer_id)
SELECT t.tenant_id, :term, t.customer_id
FROM customer_tag t
JOIN customer c ON c.tenant_id = t.tenant_id AND c.customer_id = t.customer_id
WHERE t.tag = :tag AND c.merged_into IS NULL
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Create what this revision adds, and fill it from what is there."""
    op.add_column("sku", sa.Column("may_be_sold", sa.Boolean(), nullable=True))
    for table in _READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_MAY_BE_SOLD)
    _write_filter_terms()
    for table in _READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.alter_column("sku", "may_be_sold", nullable=False)
    op.create_index("ix_sku_may_be_sold", "sku", ["tenant_id", "may_be_sold", "sku_id"])
    op.create_index("ix_product_image_storage_key", "product_image", ["tenant_id", "storage_key"])
    op.create_index(
        "ix_customer_living", "customer", ["tenant_id", "customer_id"], postgresql_where=sa.text("merged_into IS NULL")
    )
    op.drop_index("ix_customer_created", "customer")
    op.drop_index("ix_customer_email", "customer")
    op.drop_index("ix_customer_phone", "customer")


def downgrade() -> None:
    """Remove what this revision added; terms of filters stay, as nothing reads them."""
    op.create_index("ix_customer_phone", "customer", ["tenant_id", "phone"], postgresql_where=sa.text("phone <> ''"))
    op.create_index("ix_customer_email", "customer", ["tenant_id", "email"], postgresql_where=sa.text("email <> ''"))
    op.create_index("ix_customer_created", "customer", ["tenant_id", "created_at", "customer_id"])
    op.drop_index("ix_customer_living", "customer")
    op.drop_index("ix_product_image_storage_key", "product_image")
    op.drop_index("ix_sku_may_be_sold", "sku")
    op.drop_column("sku", "may_be_sold")


def _write_filter_terms() -> None:
    connection = op.get_bind()
    connection.execute(sa.text(_CONSENT_TERMS))
    for (tag,) in connection.execute(sa.text(_TAGS)).all():
        term = f":tag:{terms.normalize(tag)}"[: terms.TERM_CHARS_MAX]
        connection.execute(sa.text(_TAG_TERMS), {"tag": tag, "term": term})
