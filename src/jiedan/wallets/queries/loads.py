"""Loads for pipelines, of this module and of higher ones, and locking reads in key order."""

import itertools
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Load
from jiedan.wallets import rules
from jiedan.wallets.values import (
    Earned,
    GiftCard,
    MovementId,
    MovementKind,
    Step,
    Wallet,
    WalletId,
    WalletKey,
    WalletKind,
)

SQL = sql.load("jiedan.wallets.queries", "loads.sql")

Rows = list[tuple[Any, ...]]


class Facts(NamedTuple):
    """What is read about a wallet once it is locked."""

    owner_id: UUID | None
    card: rules.Card | None


def key_columns(keys: Collection[WalletKey]) -> dict[str, Any]:
    """Return keys as the columns that statements take."""
    return {
        "customer_ids": [key.customer_id for key in keys],
        "kinds": [key.kind for key in keys],
        "units": [key.unit for key in keys],
    }


def wallets_by_key(keys: Collection[WalletKey]) -> Load[dict[WalletKey, WalletId]]:
    """Load the wallets of these keys; keys without one are absent."""

    def parse(rows: Rows) -> dict[WalletKey, WalletId]:
        return {WalletKey(row[0], WalletKind(row[1]), row[2]): WalletId(row[3]) for row in rows}

    return Load(SQL["wallets_by_key"], key_columns(keys), parse)


def wallets_for_update(wallet_ids: Collection[UUID]) -> Load[list[rules.Locked]]:
    """Lock wallets in key order; the caller has told the transaction."""
    return Load(SQL["wallets_for_update"], {"wallet_ids": ids.in_order(wallet_ids)}, _locked)


def wallets_to_refund_to_for_update(
    wallet_ids: Collection[UUID], subject_ids: Collection[UUID]
) -> Load[list[rules.Locked]]:
    """Lock, in key order, these wallets and every one that the subjects were paid out of; told by the caller."""
    parameters = {"wallet_ids": ids.in_order(wallet_ids), "subject_ids": ids.in_order(subject_ids)}
    return Load(SQL["wallets_to_refund_to_for_update"], parameters, _locked)


class PayingWith(NamedTuple):
    """Gift cards by their ids, and wallets of these kinds of customers."""

    card_ids: Collection[UUID]
    customer_ids: Collection[UUID]
    kinds: Collection[WalletKind]

    def columns(self) -> dict[str, Any]:
        """Return it as statements take it."""
        return {
            "card_ids": ids.in_order(self.card_ids),
            "customer_ids": ids.in_order(self.customer_ids),
            "kinds": sorted(self.kinds),
        }


def wallets_to_pay_with(asked: PayingWith) -> Load[list[rules.Locked]]:
    """Load gift cards, and what customers have of what is asked for, as it is at this moment: nothing is locked."""
    return Load(SQL["wallets_to_pay_with"], asked.columns(), _locked)


def wallets_to_pay_with_for_update(asked: PayingWith) -> Load[list[rules.Locked]]:
    """Lock, in key order, what `wallets_to_pay_with` loads; the caller has told the transaction."""
    return Load(SQL["wallets_to_pay_with_for_update"], asked.columns(), _locked)


def wallets_due_for_update(*, now: datetime, limit: int) -> Load[list[rules.Locked]]:
    """Lock, in key order, wallets in which something has run out; those that are locked already are left out."""
    return Load(SQL["wallets_due_for_update"], {"now": now, "limit": limit}, _locked)


def _locked(rows: Rows) -> list[rules.Locked]:
    return [
        rules.Locked(WalletId(wallet_id), WalletKind(kind), customer_id, customer_id, unit, balance, None)
        for wallet_id, kind, customer_id, unit, balance in rows
    ]


def facts(wallet_ids: Collection[UUID]) -> Load[dict[WalletId, Facts]]:
    """Load whose wallets these are now, and what their cards say."""

    def parse(rows: Rows) -> dict[WalletId, Facts]:
        return {
            WalletId(wallet_id): Facts(owner_id, None if last_four is None else rules.Card(last_four, *card))
            for wallet_id, owner_id, last_four, *card in rows
        }

    return Load(SQL["facts"], {"wallet_ids": ids.in_order(wallet_ids)}, parse)


def with_facts(locked: Sequence[rules.Locked], found: Mapping[WalletId, Facts]) -> dict[WalletId, rules.Locked]:
    """Return locked wallets by id, with what was read about them."""
    return {x.wallet_id: x._replace(**found[x.wallet_id]._asdict()) for x in locked}


def lots(wallet_ids: Collection[UUID]) -> Load[dict[WalletId, list[rules.Lot]]]:
    """Load what is in wallets, lot by lot."""

    def parse(rows: Rows) -> dict[WalletId, list[rules.Lot]]:
        found: dict[WalletId, list[rules.Lot]] = defaultdict(list)
        for wallet_id, *lot in rows:
            found[WalletId(wallet_id)].append(rules.Lot(*lot))
        return dict(found)

    return Load(SQL["lots"], {"wallet_ids": ids.in_order(wallet_ids)}, parse)


def done(operation_keys: Collection[str]) -> Load[dict[str, list[rules.Done]]]:
    """Load what operation keys have made, part by part."""

    def parse(rows: Rows) -> dict[str, list[rules.Done]]:
        found: dict[str, list[rules.Done]] = defaultdict(list)
        for key, movement_id, wallet_id, kind, amount, reason, subject_id, reverses, part, balance in rows:
            work = rules.Work(WalletId(wallet_id), MovementKind(kind), amount, key, reason, subject_id, reverses, part)
            found[key].append(rules.Done(MovementId(movement_id), work, balance))
        return dict(found)

    return Load(SQL["done"], {"operation_keys": sorted(set(operation_keys))}, parse)


def takings(subject_ids: Collection[UUID]) -> Load[list[rules.Taking]]:
    """Load what subjects were paid with out of wallets."""
    parameters = {"subject_ids": ids.in_order(subject_ids)}
    return Load(SQL["takings"], parameters, lambda rows: [rules.Taking(*row) for row in rows])


def earned(subject_ids: Collection[UUID]) -> Load[dict[UUID, tuple[Earned, ...]]]:
    """Load what subjects have earned, one after the other; those that have not are absent."""

    def parse(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, tuple[Earned, ...]]:
        return {key: tuple([_earned(row) for row in of]) for key, of in itertools.groupby(rows, lambda row: row[0])}

    return Load(SQL["earned"], {"subject_ids": ids.in_order(subject_ids)}, parse)


def _earned(row: tuple[Any, ...]) -> Earned:
    _, *plain, points, minor, earned_at, back_before = row
    values: Any = (*plain, None if points is None else Step(points, minor), earned_at, back_before)
    return Earned(*values)


def card_ids_by_hash(code_hashes: Collection[bytes]) -> Load[dict[bytes, WalletId]]:
    """Load which gift cards have codes of these hashes; unknown ones are absent."""
    parameters = {"code_hashes": sorted(set(code_hashes))}
    return Load(SQL["card_ids_by_hash"], parameters, lambda rows: {bytes(key): WalletId(found) for key, found in rows})


def card_hashes(wallet_ids: Collection[UUID]) -> Load[dict[WalletId, bytes]]:
    """Load what is stored of the codes of gift cards; unknown ones are absent."""
    parameters = {"wallet_ids": ids.in_order(wallet_ids)}
    return Load(SQL["card_hashes"], parameters, lambda rows: {WalletId(row[0]): bytes(row[1]) for row in rows})


def card_hashes_after(after: UUID, *, limit: int) -> Load[dict[WalletId, bytes]]:
    """Load what is stored of the codes of the next gift cards, by id."""
    parameters = {"after": after, "limit": limit}
    return Load(SQL["card_hashes_after"], parameters, lambda rows: {WalletId(row[0]): bytes(row[1]) for row in rows})


def cards(wallet_ids: Collection[UUID], *, now: datetime) -> Load[dict[WalletId, GiftCard]]:
    """Load gift cards by id; unknown ones are absent."""

    def parse(rows: Rows) -> dict[WalletId, GiftCard]:
        return {WalletId(row[0]): GiftCard(wallet_of(row[:6]), *row[6:]) for row in rows}

    return Load(SQL["cards"], {"wallet_ids": ids.in_order(wallet_ids), "now": now}, parse)


def wallet_of(row: tuple[Any, ...]) -> Wallet:
    """Return the wallet of a row."""
    wallet_id, kind, customer_id, unit, balance, opened_at = row
    return Wallet(WalletId(wallet_id), WalletKind(kind), customer_id, unit, balance, opened_at)
