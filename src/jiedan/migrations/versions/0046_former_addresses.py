"""Let mails go to the address that an account had before.

Revision: 0046, after 0045.
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_RECIPIENTS = "ck_mail_message_recipient_kind_known"


def upgrade() -> None:
    """Let one more kind of recipient be."""
    _let_mails_go_to("'order', 'customer', 'staff', 'link', 'former'")


def downgrade() -> None:
    """Let it be no more. Mails to former addresses have to be gone before."""
    _let_mails_go_to("'order', 'customer', 'staff', 'link'")


def _let_mails_go_to(kinds: str) -> None:
    op.drop_constraint(op.f(_RECIPIENTS), "mail_message")
    op.create_check_constraint(op.f(_RECIPIENTS), "mail_message", f"recipient_kind IN ({kinds})")
