"""Locked wallets with what is in them, and what is decided about them one after the other: pure.

What is taken comes out of the lots that run out first. Nothing is saved until a whole set is decided.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.wallets.values import (
    Account,
    Moved,
    MovementId,
    MovementKind,
    Reason,
    WalletId,
    WalletKey,
    WalletKind,
    Worth,
)

ACCOUNTS: Mapping[tuple[MovementKind, str], Account] = {
    **{
        (kind, reason): account
        for kind in (MovementKind.issue, MovementKind.adjustment)
        for reason, account in (
            (Reason.sale, Account.sales),
            (Reason.goodwill, Account.goodwill),
            (Reason.correction, Account.corrections),
            (Reason.payout, Account.payouts),
        )
    },
    (MovementKind.refund, ""): Account.refunds,
    (MovementKind.earning, ""): Account.rewards,
    (MovementKind.take_back, ""): Account.rewards,
    (MovementKind.redemption, ""): Account.orders,
    (MovementKind.give_back, ""): Account.orders,
    (MovementKind.expiry, ""): Account.breakage,
}
"""The other leg of each movement."""


class Card(NamedTuple):
    """What a gift card says of whether it may be used."""

    last_four: str
    expires_at: datetime | None
    is_blocked: bool


class Locked(NamedTuple):
    """A locked wallet; `owner_id` is its customer, or who that one was merged into."""

    wallet_id: WalletId
    kind: WalletKind
    customer_id: UUID | None
    owner_id: UUID | None
    unit: str
    balance: int
    card: Card | None


class Lot(NamedTuple):
    """What is left of something that came in."""

    lot_id: UUID
    remaining: int
    expires_at: datetime | None


class NewLot(NamedTuple):
    """Something that comes in, by the movement of this id."""

    wallet_id: WalletId
    lot_id: MovementId
    amount: int
    remaining: int
    expires_at: datetime | None


class Work(NamedTuple):
    """What a movement is to do; an operation key that did exactly this before has nothing left to do."""

    wallet_id: WalletId
    kind: MovementKind
    amount: int
    operation_key: str
    reason: str = ""
    subject_id: UUID | None = None
    reverses: UUID | None = None
    part: int = 0


class Made(NamedTuple):
    """A movement with both its legs: `work.amount` on the wallet, as much the other way on `account`."""

    movement_id: MovementId
    work: Work
    unit: str
    balance: int
    account: Account
    note: str = ""
    lives_until: datetime | None = None
    worth: Worth | None = None


class Taking(NamedTuple):
    """A redemption, and how much of it was given back so far; both positive. Of points, `worth_minor` they paid."""

    movement_id: UUID
    wallet_id: WalletId
    subject_id: UUID
    unit: str
    amount: int
    lives_until: datetime | None
    given_back: int
    worth_minor: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """A movement that an operation key made before, with the balance it left."""

    movement_id: MovementId
    work: Work
    balance: int


class Fold:
    """Locked wallets with what is in them and what keys have done before, and everything decided so far."""

    def __init__(
        self,
        wallets: Mapping[WalletId, Locked],
        lots: Mapping[WalletId, Sequence[Lot]],
        done: Mapping[str, Sequence[Done]],
        *,
        ids: Iterator[UUID],
        at: datetime,
    ) -> None:
        self.at = at
        self._wallets = wallets
        self._by_key = {
            WalletKey(x.customer_id, x.kind, x.unit): x
            for x in wallets.values()
            if x.customer_id is not None and x.kind != WalletKind.gift_card
        }
        self._lots = {key: list(of) for key, of in lots.items()}
        self._done = {key: list(of) for key, of in done.items()}
        self._ids = ids
        self._balances = {key: x.balance for key, x in wallets.items()}
        self.made: list[Made] = []
        self.new_lots: dict[UUID, NewLot] = {}
        self.taken: dict[tuple[WalletId, UUID], int] = {}

    def wallet(self, target: WalletId | WalletKey) -> Locked | None:
        """Return a wallet by its id or key."""
        return self._by_key.get(target) if isinstance(target, WalletKey) else self._wallets.get(target)

    def unit_of(self, wallet_id: WalletId) -> str | None:
        """Return what a wallet is counted in, None for one that is not locked."""
        wallet = self._wallets.get(wallet_id)
        return None if wallet is None else wallet.unit

    def wallet_ids(self) -> list[WalletId]:
        """Return the locked wallets, in key order."""
        return sorted(self._wallets)

    def balance(self, wallet_id: WalletId) -> int:
        """Return a balance as it stands after what is decided."""
        return self._balances[wallet_id]

    def spendable(self, wallet_id: WalletId) -> int:
        """Return how much can be spent: what has not run out, whether or not that was written down yet."""
        return sum(lot.remaining for lot in self._living(wallet_id))

    def done(self, operation_key: str) -> Sequence[Done]:
        """Return what an operation key has made, before or in this set, part by part."""
        return self._done.get(operation_key, ())

    def changes(self) -> dict[WalletId, int]:
        """Return what the set adds to each balance that it changes."""
        moved = {made.work.wallet_id for made in self.made}
        return {key: self._balances[key] - x.balance for key, x in self._wallets.items() if key in moved}

    def _living(self, wallet_id: WalletId) -> list[Lot]:
        lots = [x for x in self._lots.get(wallet_id, ()) if not is_over(x.expires_at, self.at)]
        return sorted(lots, key=lambda x: (x.expires_at is None, x.expires_at or self.at, x.lot_id))

    def put(self, work: Work, *, expires_at: datetime | None, note: str = "", worth: Worth | None = None) -> Moved:
        """Let something come in, as a lot of its own."""
        made = self._make(work, note=note, worth=worth)
        lot = NewLot(work.wallet_id, made.movement_id, work.amount, work.amount, expires_at)
        self.new_lots[lot.lot_id] = lot
        self._lots.setdefault(work.wallet_id, []).append(Lot(lot.lot_id, lot.amount, expires_at))
        return moved(made)

    def take(
        self, work: Work, *, note: str = "", lots: Sequence[Lot] | None = None, worth: Worth | None = None
    ) -> Moved:
        """Let something go out of `lots`, or of those that run out first, which must hold it."""
        left, used = -work.amount, []
        for lot in self._living(work.wallet_id) if lots is None else lots:
            piece = min(left, lot.remaining)
            if piece:
                used.append(lot)
                self._reduce(work.wallet_id, lot, piece)
                left -= piece
        ends = [lot.expires_at for lot in used]
        known = [end for end in ends if end is not None]
        lives_until = max(known) if len(known) == len(ends) and known else None
        return moved(self._make(work, note=note, lives_until=lives_until, worth=worth))

    def _reduce(self, wallet_id: WalletId, lot: Lot, piece: int) -> None:
        rest = lot._replace(remaining=lot.remaining - piece)
        self._lots[wallet_id] = [rest if x.lot_id == lot.lot_id else x for x in self._lots[wallet_id]]
        if lot.lot_id in self.new_lots:
            self.new_lots[lot.lot_id] = self.new_lots[lot.lot_id]._replace(remaining=rest.remaining)
        else:
            key = (wallet_id, lot.lot_id)
            self.taken[key] = self.taken.get(key, 0) + piece

    def _make(self, work: Work, *, note: str, lives_until: datetime | None = None, worth: Worth | None = None) -> Made:
        self._balances[work.wallet_id] += work.amount
        made = Made(
            MovementId(next(self._ids)),
            work,
            self._wallets[work.wallet_id].unit,
            self._balances[work.wallet_id],
            ACCOUNTS[work.kind, work.reason],
            note,
            lives_until,
            worth,
        )
        self.made.append(made)
        self._done.setdefault(work.operation_key, []).append(Done(made.movement_id, work, made.balance))
        return made

    def expired_lots(self, wallet_id: WalletId) -> list[Lot]:
        """Return the lots of a wallet that have run out, and are not empty."""
        lots = self._lots.get(wallet_id, ())
        return [x for x in lots if x.remaining and is_over(x.expires_at, self.at)]


def moved(made: Made) -> Moved:
    """Return the outcome of a movement."""
    return Moved(made.movement_id, made.work.wallet_id, made.work.amount, made.balance)


def is_over(expires_at: datetime | None, at: datetime) -> bool:
    """Tell whether something has run out by a moment."""
    return expires_at is not None and expires_at <= at
