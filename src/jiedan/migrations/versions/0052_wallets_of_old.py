"""Let the roles of old see and move store credit, gift cards and points, and find the cards that are blocked.

Revision: 0052, after 0051.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_GRANT = """/* across tenants: a migration looks at the rows of every merchant */
UPDATE role SET permissions = array_append(permissions, 'wallets:{verb}')
WHERE code IN ({codes}) AND NOT 'wallets:{verb}' = ANY (permissions)"""
_REVOKE = """/* across tenants: a migration looks at the rows of every merchant */
UPDATE role SET permissions = array_remove(array_remove(permissions, 'wallets:read'), 'wallets:write')"""


def upgrade() -> None:
    """Create what this revision adds."""
    _change_roles(
        _GRANT.format(verb="read", codes="'manager', 'sales', 'finance', 'support', 'read_only'"),
        _GRANT.format(verb="write", codes="'manager', 'finance', 'support'"),
    )
    op.create_index(
        "ix_gift_card_blocked",
        "gift_card",
        ["tenant_id", "wallet_id"],
        postgresql_where=sa.text("blocked_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_index("ix_gift_card_blocked", "gift_card")
    _change_roles(_REVOKE)


def _change_roles(*statements: str) -> None:
    """Run statements over the roles of every merchant: the owner's policy would hide them."""
    op.execute("ALTER TABLE role NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    op.execute("ALTER TABLE role FORCE ROW LEVEL SECURITY")
