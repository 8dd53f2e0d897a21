"""What wallets tell: ids, codes of kinds, amounts."""

from uuid import UUID

from jiedan.base.events import Event


class WalletMoved(Event, frozen=True, kw_only=True):
    """A balance changed; `amount` is signed, `unit` a currency (minor units) or points."""

    kind = "wallets.moved"
    subject_kind = "wallet"
    subject = "wallet_id"

    wallet_id: UUID
    movement_id: UUID
    movement_kind: str
    reason: str
    unit: str
    amount: int
    balance: int
    about_id: UUID | None


class GiftCardIssued(Event, frozen=True, kw_only=True):
    """A gift card exists; what is on it is told by its first movement."""

    kind = "wallets.gift_card_issued"
    subject_kind = "wallet"
    subject = "wallet_id"

    wallet_id: UUID
    customer_id: UUID | None


class GiftCardChanged(Event, frozen=True, kw_only=True):
    """A gift card was blocked, or let work again."""

    kind = "wallets.gift_card_changed"
    subject_kind = "wallet"
    subject = "wallet_id"

    wallet_id: UUID
    fields: tuple[str, ...]
    is_blocked: bool
    version: int


class LoyaltyRuleChanged(Event, frozen=True, kw_only=True):
    """How points are earned in a currency, and what they pay there, was set: this is the history of the rates.

    The numbers are those of `values.LoyaltyRule`; events of before points paid have none.
    """

    kind = "wallets.loyalty_rule_changed"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: UUID
    currency: str
    version: int
    points: int | None = None
    step_minor: int | None = None
    lives_days: int | None = None
    pays_points: int | None = None
    pays_minor: int | None = None
    pays_points_min: int | None = None
    pays_share_percent: int | None = None
