"""What wallets keep of a customer who is to be forgotten: amounts under an id that leads to nobody."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import LockRank, Tx

SQL = sql.load("jiedan.wallets.service", "erasure.sql")


async def erase_wallets(tx: Tx, *, customer_ids: Collection[UUID]) -> list[UUID]:
    """Wipe every word beside the movements and gift cards of customers, and return the ids of their wallets."""
    tx.will_lock(LockRank.WALLET)
    wanted = {"customer_ids": ids.in_order(customer_ids)}
    _, _, found = await tx.sql_many(
        [
            (SQL["erase_notes_of_movements"], wanted),
            (SQL["erase_notes_of_cards"], wanted),
            (SQL["wallet_ids_of"], wanted),
        ]
    )
    return [row[0] for row in found]
