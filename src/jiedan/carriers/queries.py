"""Reads of carriers and of what they said."""

import itertools
from collections.abc import Collection, Mapping
from typing import Any

from jiedan.base import sql
from jiedan.base.db import Load, LockRank, ReadTx, Tx
from jiedan.carriers import errors
from jiedan.carriers.adapters import known
from jiedan.carriers.values import Account, Place, TrackingEvent, Transit

SQL = sql.load("jiedan.carriers", "queries.sql")

Rows = list[tuple[Any, ...]]
Numbered = tuple[str, str]
"""A carrier's code and a tracking number."""


class Tracking:
    """Where people follow a parcel."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts

    def url(self, carrier: str | None, number: str | None) -> str | None:
        """Return the page of a number; None for a carrier that was only typed, or that has no page."""
        account = self._accounts.get(carrier or "")
        if account is None or number is None:
            return None
        return known.find(account.adapter).tracking_url(account, number)


def carriers() -> Load[dict[str, Account]]:
    """Read every carrier of the merchant, inactive ones too, by code."""
    return Load(SQL["carriers"], {}, _accounts)


def tracking() -> Load[Tracking]:
    """Read where parcels are followed."""
    return Load(SQL["carriers"], {}, lambda rows: Tracking(_accounts(rows)))


def transit(accounts: Mapping[str, Account], destination: Place) -> tuple[str, Transit] | None:
    """Return how long the way takes with the first active carrier, by code, that says so; None when none does."""
    for code in sorted(accounts):
        if not accounts[code].is_active:
            continue
        found = known.find(accounts[code].adapter).transit(accounts[code], destination)
        if found is not None:
            return code, found
    return None


async def carrier(tx: ReadTx, code: str) -> Account:
    """Return one carrier. Raises CarrierNotFound."""
    found = (await tx.load_one(carriers())).get(code)
    if found is None:
        raise errors.CarrierNotFound(code)
    return found


async def carriers_for_update(tx: Tx) -> dict[str, Account]:
    """Lock every carrier of the merchant in key order and return them by code."""
    tx.will_lock(LockRank.FULFILLMENT)
    return _accounts(await tx.sql(SQL["carriers_for_update"]))


Said = dict[Numbered, tuple[TrackingEvent, ...]]
"""What carriers said, by number, in the order in which it happened; silent ones are absent."""


async def tracking_events(tx: ReadTx, numbers: Collection[Numbered]) -> Said:
    """Return what carriers said of these numbers."""
    return await tx.load_one(said(numbers))


def said(numbers: Collection[Numbered]) -> Load[Said]:
    """Read what carriers said of these numbers."""
    wanted = sorted(set(numbers))
    columns = {"carriers": [carrier for carrier, _ in wanted], "numbers": [number for _, number in wanted]}
    return Load(SQL["tracking_events"], columns, _said)


def _said(rows: Rows) -> Said:
    grouped = itertools.groupby((TrackingEvent(*row) for row in rows), key=lambda x: (x.carrier, x.number))
    return {key: tuple(of) for key, of in grouped}


def _accounts(rows: Rows) -> dict[str, Account]:
    return {row[0]: Account(*row) for row in rows}
