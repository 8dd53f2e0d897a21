"""Values of wallets that cross borders."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, NewType
from uuid import UUID

from jiedan.base import money
from jiedan.base.i18n import N_, Phrase, Told
from jiedan.base.money import AMOUNT_MINOR_MAX

WalletId = NewType("WalletId", UUID)
MovementId = NewType("MovementId", UUID)

POINTS = "points"
"""The unit of loyalty points; every other unit is a currency (ISO 4217), counted in its minor unit."""

AMOUNT_MAX = AMOUNT_MINOR_MAX
"""Largest amount of one movement, and largest balance, in minor units or points."""

BATCH_MAX = 500
"""Most rows of one call."""

NOTE_CHARACTERS_MAX = 500
OPERATION_KEY_CHARACTERS_MAX = 500
LIVES_DAYS_MAX = 3_650
POINTS_PER_STEP_MAX = 1_000_000
SHARE_PERCENT_MAX = 100
PAYS_MINOR_MAX = 1_000_000_000

LAST_CHARACTERS = 4
"""How much of a gift card's code is kept in clear."""


class WalletKind(StrEnum):
    """What a wallet holds."""

    credit = "credit"
    gift_card = "gift_card"
    points = "points"


class MovementKind(StrEnum):
    """Why a balance changed."""

    issue = "issue"
    adjustment = "adjustment"
    refund = "refund"
    earning = "earning"
    take_back = "take_back"
    redemption = "redemption"
    give_back = "give_back"
    expiry = "expiry"


class Reason(StrEnum):
    """Why staff issue or adjust."""

    sale = "sale"
    goodwill = "goodwill"
    correction = "correction"
    payout = "payout"


KIND_LABELS: Mapping[str, str] = MappingProxyType(
    {"credit": N_("Store credit"), "gift_card": N_("Gift card"), "points": N_("Points")}
)

MOVEMENT_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "issue": N_("Issued"),
        "adjustment": N_("Adjusted"),
        "refund": N_("Refunded"),
        "earning": N_("Earned"),
        "take_back": N_("Taken back again"),
        "redemption": N_("Paid with"),
        "give_back": N_("Came back"),
        "expiry": N_("Ran out"),
    }
)

REASON_LABELS: Mapping[str, str] = MappingProxyType(
    {"goodwill": N_("Goodwill"), "sale": N_("A sale"), "correction": N_("Correction"), "payout": N_("Paid out")}
)


class Account(StrEnum):
    """The merchant's side of a movement: where value in wallets came from, or went."""

    sales = "sales"
    goodwill = "goodwill"
    corrections = "corrections"
    payouts = "payouts"
    refunds = "refunds"
    rewards = "rewards"
    orders = "orders"
    breakage = "breakage"


class WalletKey(NamedTuple):
    """The one wallet of a kind and unit that a customer has, or is to have. Gift cards have no such key."""

    customer_id: UUID
    kind: WalletKind
    unit: str


@dataclasses.dataclass(frozen=True, slots=True)
class Wallet:
    """A balance, in minor units of a currency or in points; the merchant owes it."""

    wallet_id: WalletId
    kind: WalletKind
    customer_id: UUID | None
    unit: str
    balance: int
    opened_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class GiftCard:
    """A gift card; of its code only the last four characters are known.

    `spendable` is what of the balance has not run out; it differs until the hourly job has written that down.
    """

    wallet: Wallet
    spendable: int
    last_four: str
    issued: int
    expires_at: datetime | None
    blocked_at: datetime | None
    note: str
    version: int

    @property
    def good_until(self) -> datetime | None:
        """The last moment of it, for telling the day: what ends at midnight is good until the day before."""
        return None if self.expires_at is None else self.expires_at - timedelta(microseconds=1)


class CardState(StrEnum):
    """What a gift card is good for now."""

    usable = "usable"
    used_up = "used_up"
    expired = "expired"
    blocked = "blocked"


CARD_SIGNS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "usable": (N_("Usable"), "ok", "full"),
        "used_up": (N_("Used up"), "", "empty"),
        "expired": (N_("Expired"), "warn", "empty"),
        "blocked": (N_("Blocked"), "bad", "empty"),
    }
)
"""How a state is shown: its word, its tone, how full its circle is."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A movement of one wallet as its leg tells it: the signed amount and the balance it left."""

    movement_id: MovementId
    wallet_id: WalletId
    kind: MovementKind
    reason: str
    unit: str
    amount: int
    balance: int
    note: str
    subject_id: UUID | None
    actor_kind: str
    actor_id: str
    recorded_at: datetime


class Change(NamedTuple):
    """Something to put into a wallet, or with a negative `amount` to take out of it.

    `target` is a wallet, or the key of one, which is opened where something comes in. What comes in lives until
    `expires_at`, a gift card's as long as the card. At most one movement is made under an `operation_key`.
    """

    target: WalletId | WalletKey
    amount: int
    kind: MovementKind
    operation_key: str
    reason: str = ""
    note: str = ""
    subject_id: UUID | None = None
    expires_at: datetime | None = None


class Redemption(NamedTuple):
    """So much of a wallet is to pay for a subject, an order. `customer_id` buys: credit and points must be theirs."""

    wallet_id: WalletId
    unit: str
    amount: int
    subject_id: UUID
    operation_key: str
    customer_id: UUID | None = None


class Source(NamedTuple):
    """Where money for an order comes from: a gift card, or with no `wallet_id` the credit or points of who orders.

    Without an amount it gives as much as it has and the order still needs. Points may be asked for by their number as
    well; with both, they must be what the amount costs. One that is named by its id and not by its code must be the
    customer's: `is_own`.
    """

    wallet_id: WalletId | None
    amount: int | None = None
    is_own: bool = False
    kind: WalletKind = WalletKind.credit
    points: int | None = None


class Paying(NamedTuple):
    """An order of which `due` is to be paid out of wallets, as far as they go, one source after the other."""

    subject_id: UUID
    unit: str
    due: int
    sources: tuple[Source, ...]
    customer_id: UUID | None = None
    again: str = ""
    """Sets apart what is paid after it was placed: a wallet may have paid for it before."""


class Piece(NamedTuple):
    """So much money of an order comes out of one wallet, in which `left` can still be spent; `place` counts sources.

    `taken` and `left` are in the unit of the wallet: of points it is how many pay the amount.
    """

    place: int
    wallet_id: WalletId
    kind: WalletKind
    last_four: str
    amount: int
    taken: int
    left: int


class Step(NamedTuple):
    """How points were earned: so many for each whole so many minor units."""

    points: int
    minor: int


class Worth(NamedTuple):
    """What points stand for in money: what they paid, or what was spent to earn them, by which steps."""

    amount_minor: int
    currency: str
    step: Step | None = None


class GiveBack(NamedTuple):
    """So much of what a subject was paid with out of wallets is to go back there, last in first out.

    With a `wallet_id` only to that one. Where points paid, `amount` is the money that is given back of it, and `before`
    what of it had been: as many points go back as that makes at the rate they were taken at.
    """

    subject_id: UUID
    unit: str
    amount: int
    operation_key: str
    wallet_id: WalletId | None = None
    before: int = 0


class Moved(NamedTuple):
    """A movement in the ledger; `repeated` says that its operation key had made it before."""

    movement_id: MovementId
    wallet_id: WalletId
    amount: int
    balance: int
    repeated: bool = False


class GivenBack(NamedTuple):
    """What went back, by the movements that brought it there, latest redemption first."""

    moved: tuple[Moved, ...]
    repeated: bool = False


class NewCard(NamedTuple):
    """A gift card to issue; `key` makes issuing it again the same card. `customer_id` has it in the portal."""

    amount: int
    currency: str
    reason: Reason = Reason.sale
    expires_at: datetime | None = None
    customer_id: UUID | None = None
    note: str = ""
    key: str | None = None


class IssuedCard(NamedTuple):
    """An issued gift card with its code, which is nowhere stored."""

    card: GiftCard
    code: str


class Rekeyed(NamedTuple):
    """What became of a set of cards: how many there were, were moved, and are of a secret that nobody knows."""

    seen: int
    moved: int
    unknown: int
    last: UUID


class LoyaltyRule(NamedTuple):
    """For each whole `step_minor` of `currency` that is spent, `points` are earned, which live so many days.

    Each `pays_points` of them pay `pays_minor` of an order, 0 where points pay nothing: from `pays_points_min` on, and
    at most `pays_share_percent` of it.
    """

    currency: str
    points: int
    step_minor: int
    lives_days: int | None
    version: int = 0
    pays_points: int = 0
    pays_minor: int = 1
    pays_points_min: int = 0
    pays_share_percent: int = SHARE_PERCENT_MAX


class RunningOut(NamedTuple):
    """So many points that run out at a moment; at none, which never do."""

    expires_at: datetime | None
    points: int

    @property
    def good_until(self) -> datetime | None:
        """The last moment of them, for telling the day."""
        return None if self.expires_at is None else self.expires_at - timedelta(microseconds=1)


class Earning(NamedTuple):
    """So much was spent by a customer for a subject, an order, and not given back: it earns points by the rules.

    What is spent beyond what has earned already earns them where it `begins` now; money that goes back earns none.
    `before_minor` of it had come before points are earned, `since` then: of that counts what had earned some of old.
    """

    customer_id: UUID
    currency: str
    spent_minor: int
    subject_id: UUID
    begins: bool = True
    before_minor: int = 0
    since: datetime | None = None


class Earned(NamedTuple):
    """What a subject has earned for `worth_minor`, by which movement, how much of it was taken back, and ran out.

    Of points that are older than what is kept, no `step` is known: they go back in proportion.
    """

    movement_id: MovementId
    wallet_id: WalletId
    points: int
    worth_minor: int
    taken_back: int
    ran_out: int = 0
    step: Step | None = None
    earned_at: datetime | None = None
    back_before: int = 0
    """How much of it was taken back before points were earned without a break."""


def told(amount: int, unit: str) -> Told | int:
    """Return an amount that messages say as money or points; of a unit that is none, as the number it is."""
    if unit == POINTS:
        words = Phrase("1 point") if amount == 1 else Phrase("{points} points", points=f"{amount:,}")
        return Told(amount, words)
    return Told.money(amount, unit) if money.is_currency(unit) else amount
