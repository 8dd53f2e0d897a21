"""Let orders earn points when they are complete, and take them back with what is refunded.

Revision: 0061, after 0060.
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

_KINDS = "'issue', 'adjustment', 'refund', 'earning', 'redemption', 'give_back', 'expiry'"
_WORTH = "(worth_minor IS NULL) = (worth_currency IS NULL) AND (worth_minor IS NULL OR {which})"


def upgrade() -> None:
    """Create what this revision adds."""
    _recheck("kind_known", f"kind IN ({_KINDS}, 'take_back')")
    _recheck("reversal_fits", "(kind IN ('give_back', 'take_back')) = (reverses IS NOT NULL)")
    _recheck("worth_fits", _WORTH.format(which="kind IN ('redemption', 'earning')"))


def downgrade() -> None:
    """Remove what this revision added."""
    _recheck("worth_fits", _WORTH.format(which="kind = 'redemption'"))
    _recheck("reversal_fits", "(kind = 'give_back') = (reverses IS NOT NULL)")
    _recheck("kind_known", f"kind IN ({_KINDS})")


def _recheck(name: str, condition: str) -> None:
    """Put another condition in the place of one."""
    constraint = op.f(f"ck_wallet_movement_{name}")
    op.drop_constraint(constraint, "wallet_movement")
    op.create_check_constraint(constraint, "wallet_movement", condition)
