"""Wallets for tests."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID, uuid4

from jiedan.base.db import Database, Scope, Tx
from jiedan.wallets import queries, rules, service
from jiedan.wallets.values import (
    POINTS,
    Change,
    Earning,
    GiveBack,
    IssuedCard,
    Moved,
    MovementKind,
    NewCard,
    Reason,
    Redemption,
    Wallet,
    WalletId,
    WalletKey,
    WalletKind,
)
from tests.customers import factories as customers

T = TypeVar("T")

CODES = rules.Codes("a secret for tests")


async def act(db: Database, scope: Scope, use_case: Callable[..., Awaitable[T]], **arguments: object) -> T:
    """Run one use case in a transaction of its own."""
    async with db.begin(scope) as tx:
        return await use_case(tx, **arguments)


async def customer(db: Database, scope: Scope, **fields: object) -> UUID:
    """Return the id of a new customer."""
    (found,) = await customers.save(db, scope, [customers.wang(**fields)])
    return found


def credit(customer_id: UUID, amount: int, *, unit: str = "CNY", reason: Reason = Reason.goodwill) -> Change:
    """Return store credit to give, or to take."""
    key = WalletKey(customer_id, WalletKind.credit, unit)
    return Change(key, amount, MovementKind.adjustment, str(uuid4()), reason)


def points(customer_id: UUID, amount: int, *, reason: Reason = Reason.goodwill) -> Change:
    """Return points to give, or to take."""
    key = WalletKey(customer_id, WalletKind.points, POINTS)
    return Change(key, amount, MovementKind.adjustment, str(uuid4()), reason)


def earning(customer_id: UUID, spent_minor: int, *, subject_id: UUID | None = None, currency: str = "CNY") -> Earning:
    """Return what was spent on an order."""
    return Earning(customer_id, currency, spent_minor, subject_id or uuid4())


def spend(
    wallet_id: UUID, amount: int, *, subject_id: UUID | None = None, customer_id: UUID | None = None, unit: str = "CNY"
) -> Redemption:
    """Return a redemption for an order."""
    return Redemption(WalletId(wallet_id), unit, amount, subject_id or uuid4(), str(uuid4()), customer_id)


def back(subject_id: UUID, amount: int, *, unit: str = "CNY") -> GiveBack:
    """Return a wish to give back."""
    return GiveBack(subject_id, unit, amount, str(uuid4()))


async def cards(db: Database, scope: Scope, news: Sequence[NewCard]) -> list[IssuedCard]:
    """Issue cards that must be fine."""
    outcomes = await act(db, scope, service.issue_cards, codes=CODES, cards=news)
    made = [outcome for outcome in outcomes if isinstance(outcome, IssuedCard)]
    assert len(made) == len(news), outcomes
    return made


async def card(db: Database, scope: Scope, amount: int, **fields: object) -> IssuedCard:
    """Issue one card that must be fine."""
    (made,) = await cards(db, scope, [NewCard(amount, "CNY")._replace(**fields)])  # type: ignore[arg-type]  # test shorthand
    return made


async def moved(db: Database, scope: Scope, *changes: Change) -> list[Moved]:
    """Change balances; every change must be fine."""
    outcomes = await act(db, scope, service.adjust_many, changes=changes)
    made = [outcome for outcome in outcomes if isinstance(outcome, Moved)]
    assert len(made) == len(changes), outcomes
    return made


async def balance(db: Database, scope: Scope, wallet_id: UUID) -> int:
    """Return the balance of a wallet."""
    async with db.read(scope) as tx:
        found: Wallet = await queries.wallet(tx, wallet_id)
    return found.balance


Work = Callable[[Tx], Awaitable[T]]
