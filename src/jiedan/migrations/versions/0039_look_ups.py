"""Let guests look for their order by a mailed code; let mails go to the addresses of one-time links.

Revision: 0039, after 0038.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_ORDER = ["orders.tenant_id", "orders.order_id"]
_RECIPIENTS = "ck_mail_message_recipient_kind_known"


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "order_look_up",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("look_up_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("attempts BETWEEN 0 AND 5", name=op.f("ck_order_look_up_attempts_bounded")),
        sa.ForeignKeyConstraint(["tenant_id", "order_id"], _ORDER, name=op.f("fk_order_look_up_tenant_id_order_id")),
        sa.PrimaryKeyConstraint("tenant_id", "look_up_id", name=op.f("pk_order_look_up")),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_order_look_up_tenant_id_secret_hash")),
    )
    op.create_index("ix_order_look_up_order", "order_look_up", ["tenant_id", "order_id"])
    op.create_index("ix_order_look_up_expires", "order_look_up", ["tenant_id", "expires_at"])
    for statement in protection.protect(table):
        op.execute(statement)
    _let_mails_go_to("'order', 'customer', 'staff', 'link'")


def downgrade() -> None:
    """Remove what this revision added. Mails to addresses of links have to be gone before."""
    _let_mails_go_to("'order', 'customer', 'staff'")
    op.drop_table("order_look_up")


def _let_mails_go_to(kinds: str) -> None:
    op.drop_constraint(op.f(_RECIPIENTS), "mail_message")
    op.create_check_constraint(op.f(_RECIPIENTS), "mail_message", f"recipient_kind IN ({kinds})")
