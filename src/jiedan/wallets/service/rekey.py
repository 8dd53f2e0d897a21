"""Gift cards of before the secret was changed are found by the present one."""

from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.wallets import queries, rules
from jiedan.wallets.values import Rekeyed

SQL = sql.load("jiedan.wallets.service", "cards.sql")

CARDS_PER_SET = 500


async def rekey_cards(tx: Tx, *, codes: rules.Codes, after: UUID) -> Rekeyed | None:
    """Store the present hash of the codes of the next set of cards; None when there are no more. Two statements.

    Codes stay what they are. Doing it again changes nothing.
    """
    found = await tx.load_one(queries.card_hashes_after(after, limit=CARDS_PER_SET))
    if not found:
        return None
    behind = {key: codes.code_behind(stored, tx.tenant, key) for key, stored in found.items()}
    wanted = {key: codes.hash_of(code) for key, code in behind.items() if code is not None}
    changed = [key for key, now in wanted.items() if now != found[key]]
    moved = 0
    if changed:
        moved = await tx.sql_count(
            SQL["rekey_cards"],
            wallet_ids=changed,
            stored=[found[key] for key in changed],
            code_hashes=[wanted[key] for key in changed],
        )
    return Rekeyed(len(found), moved, len(found) - len(wanted), max(found))
