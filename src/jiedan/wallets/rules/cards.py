"""What a gift card is good for now."""

from datetime import datetime

from jiedan.wallets.values import CardState, GiftCard


def state_of(card: GiftCard, *, at: datetime) -> CardState:
    """Return what a card is good for; what went back to one that had expired can be spent for a while."""
    if card.blocked_at is not None:
        return CardState.blocked
    if card.spendable:
        return CardState.usable
    is_over = card.expires_at is not None and card.expires_at <= at
    return CardState.expired if is_over else CardState.used_up
