"""Lists: the wallets of a customer, gift cards, entries, rules of loyalty."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import ids, paging
from jiedan.base.db import Load, ReadTx
from jiedan.customers import queries as customers
from jiedan.wallets import errors
from jiedan.wallets.queries import loads
from jiedan.wallets.tables import GiftCard as CardTable
from jiedan.wallets.tables import WalletEntry, WalletLot
from jiedan.wallets.values import CardState, Entry, GiftCard, LoyaltyRule, MovementKind, Wallet, WalletId

CARDS_OF_CUSTOMER_MAX = 200
ENTRIES_MAX = 10_000

_LATEST_CARD = paging.Keyset((CardTable.wallet_id,))
_LATEST_ENTRY = paging.Keyset((WalletEntry.movement_id,))


async def wallet(tx: ReadTx, wallet_id: UUID) -> Wallet:
    """Return one wallet, also a gift card's. Raises WalletNotFound."""
    rows = await tx.sql(loads.SQL["wallet"], wallet_id=wallet_id)
    if not rows:
        raise errors.WalletNotFound
    return loads.wallet_of(rows[0])


async def wallets_of(tx: ReadTx, customer_id: UUID, *, known_as: Sequence[UUID] = ()) -> list[Wallet]:
    """Return the store credit and points of a customer, and of everybody merged into that one.

    Two statements, or one where the caller has read what the customer is `known_as`.
    """
    return await tx.load_one(wallets_known_as(known_as or await _known_as(tx, customer_id)))


def wallets_known_as(customer_ids: Sequence[UUID]) -> Load[list[Wallet]]:
    """Load the store credit and points of somebody who is known under `customer_ids`."""
    parameters = {"customer_ids": list(customer_ids)}
    return Load(loads.SQL["wallets_of"], parameters, lambda rows: [loads.wallet_of(row) for row in rows])


async def cards_of(tx: ReadTx, customer_id: UUID, *, known_as: Sequence[UUID] = ()) -> list[GiftCard]:
    """Return the gift cards of a customer, latest first, at most `CARDS_OF_CUSTOMER_MAX`.

    Three statements, or two where the caller has read what the customer is `known_as`.
    """
    known = known_as or await _known_as(tx, customer_id)
    rows = await tx.sql(loads.SQL["card_ids_of"], customer_ids=list(known), limit=CARDS_OF_CUSTOMER_MAX)
    found = await tx.load_one(loads.cards([row[0] for row in rows], now=tx.now))
    return [found[WalletId(row[0])] for row in rows]


async def _known_as(tx: ReadTx, customer_id: UUID) -> list[UUID]:
    return (await tx.load_one(customers.identities([customer_id]))).get(customer_id, [customer_id])


async def card(tx: ReadTx, wallet_id: UUID) -> GiftCard:
    """Return one gift card. Raises GiftCardNotFound."""
    found = (await tx.load_one(loads.cards([wallet_id], now=tx.now))).get(WalletId(wallet_id))
    if found is None:
        raise errors.GiftCardNotFound
    return found


async def card_rows(
    tx: ReadTx,
    *,
    request: paging.Request,
    last_four: str | None = None,
    state: CardState | None = None,
    over_by: datetime | None = None,
) -> paging.Page[GiftCard]:
    """Return a page of gift cards, latest first. Two statements.

    Those whose code ends so, that are good for this now, and whose time is over by then; or all.
    """
    statement = sa.select(CardTable.wallet_id).where(CardTable.tenant_id == tx.tenant)
    if last_four is not None:
        statement = statement.where(CardTable.last_four == last_four)
    if state is not None:
        statement = statement.where(*_in_state(tx, state))
    if over_by is not None:
        statement = statement.where(CardTable.expires_at > tx.now, CardTable.expires_at <= over_by)
    keys = (await tx.execute(_LATEST_CARD.apply(statement, request))).scalars().all()
    found = await tx.load_one(loads.cards(keys, now=tx.now))
    return _LATEST_CARD.page(keys, request, make=lambda key: found[WalletId(key)], position=lambda key: (key,))


def _in_state(tx: ReadTx, state: CardState) -> list[sa.ColumnElement[bool]]:
    """Return what holds of cards in a state, as `rules.state_of` says it of one."""
    if state == CardState.blocked:
        return [CardTable.blocked_at.is_not(None)]
    is_there = sa.exists().where(
        WalletLot.tenant_id == tx.tenant,
        WalletLot.wallet_id == CardTable.wallet_id,
        WalletLot.remaining > 0,
        sa.or_(WalletLot.expires_at.is_(None), WalletLot.expires_at > tx.now),
    )
    if state == CardState.usable:
        return [CardTable.blocked_at.is_(None), is_there]
    is_over = CardTable.expires_at <= tx.now
    never = sa.or_(CardTable.expires_at.is_(None), CardTable.expires_at > tx.now)
    return [CardTable.blocked_at.is_(None), sa.not_(is_there), is_over if state == CardState.expired else never]


async def entry_rows(tx: ReadTx, *, request: paging.Request, wallet_ids: Collection[UUID]) -> paging.Page[Entry]:
    """Return a page of the entries of wallets, latest first. Two statements."""
    t = WalletEntry
    statement = sa.select(t.movement_id, t.wallet_id, t.unit, t.amount, t.balance).where(
        t.tenant_id == tx.tenant, t.wallet_id.in_(sorted(wallet_ids))
    )
    rows = (await tx.execute(_LATEST_ENTRY.apply(statement, request))).all()
    words = await tx.sql(loads.SQL["words_of"], movement_ids=sorted(row.movement_id for row in rows))
    told = {movement_id: of for movement_id, *of in words}

    return _LATEST_ENTRY.page(
        rows, request, make=lambda row: _entry(row, told[row.movement_id]), position=lambda row: (row.movement_id,)
    )


async def every_entry(tx: ReadTx, wallet_ids: Collection[UUID]) -> dict[UUID, list[Entry]]:
    """Return the entries of wallets, by wallet, latest first; the latest `ENTRIES_MAX` of all. One statement."""
    rows = await tx.sql(loads.SQL["every_entry"], wallet_ids=ids.in_order(wallet_ids), limit=ENTRIES_MAX)
    found: dict[UUID, list[Entry]] = {}
    for movement_id, wallet_id, kind, *rest in rows:
        found.setdefault(wallet_id, []).append(Entry(movement_id, wallet_id, MovementKind(kind), *rest))
    return found


async def wallets_with_money(tx: ReadTx, customer_ids: Collection[UUID]) -> int:
    """Count the store credit and gift cards of customers that are not used up; points are no money. One statement."""
    ((count,),) = await tx.sql(loads.SQL["wallets_with_money"], customer_ids=ids.in_order(customer_ids))
    return int(count)


def _entry(row: sa.Row[Any], words: Sequence[Any]) -> Entry:
    kind, reason, *rest = words
    return Entry(row.movement_id, row.wallet_id, MovementKind(kind), reason, row.unit, row.amount, row.balance, *rest)


async def loyalty_rules(tx: ReadTx) -> list[LoyaltyRule]:
    """Return how points are earned, by currency."""
    return [LoyaltyRule(*row) for row in await tx.sql(loads.SQL["loyalty_rules"])]


async def loyal_since(tx: ReadTx) -> dict[str, datetime | None]:
    """Return since when points are earned without a break, by currency; None: since before that was kept."""
    return dict(await tx.sql(loads.SQL["loyal_since"]))
