"""How many points a purchase earns."""

from jiedan.wallets.values import LoyaltyRule


def earned_points(spent_minor: int, rule: LoyaltyRule) -> int:
    """Return the points for an amount: `rule.points` for each whole step, nothing for what is left over."""
    return max(spent_minor, 0) // rule.step_minor * rule.points
