"""Give prices permissions of their own, and roles of old what new roles of the same name have.

Revision: 0055, after 0054.
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

HOLDERS = ("role", "api_key")

_FOLLOW = """/* across tenants: a migration looks at the rows of every merchant */
UPDATE {holder} SET permissions = array_append(permissions, 'prices:{verb}')
WHERE permissions && ARRAY[{held}] AND NOT 'prices:{verb}' = ANY (permissions)"""
_GRANT = """/* across tenants: a migration looks at the rows of every merchant */
UPDATE role SET permissions = array_append(permissions, '{permission}')
WHERE code IN ({codes}) AND version = 1 AND NOT '{permission}' = ANY (permissions)"""
_REVOKE = """/* across tenants: a migration looks at the rows of every merchant */
UPDATE {holder} SET permissions
    = array_remove(array_remove(array_remove(permissions, 'prices:read'), 'prices:write'), 'prices:publish')
WHERE permissions && ARRAY['prices:read', 'prices:write', 'prices:publish']"""

PRICES = {
    "read": "'catalog:read'",
    "write": "'catalog:write'",
    "publish": "'catalog:write', 'settings:write'",
}
"""What lets somebody do what the permission of this verb is asked for now."""

OF_OLD = {
    "mail:read": "'manager', 'sales', 'finance', 'support', 'read_only'",
    "mail:send": "'manager', 'sales', 'support'",
    "customers:erase": "'manager'",
}
"""What came after merchants had opened, and which of the roles that every merchant starts with have it.

A role that somebody has edited stays as they left it.
"""


def upgrade() -> None:
    """Give permissions."""
    _change(
        *[_FOLLOW.format(holder=holder, verb=verb, held=held) for holder in HOLDERS for verb, held in PRICES.items()],
        *[_GRANT.format(permission=permission, codes=codes) for permission, codes in OF_OLD.items()],
    )


def downgrade() -> None:
    """Take the permissions of prices; the others may have been given by hand, so they stay."""
    _change(*[_REVOKE.format(holder=holder) for holder in HOLDERS])


def _change(*statements: str) -> None:
    """Run statements over the rows of every merchant: the owner's policy would hide them."""
    for holder in HOLDERS:
        op.execute(f"ALTER TABLE {holder} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    for holder in HOLDERS:
        op.execute(f"ALTER TABLE {holder} FORCE ROW LEVEL SECURITY")
