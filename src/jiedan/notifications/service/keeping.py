"""The mailbox is kept small: a mail stays some days, and only so many stay."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from jiedan.base import ids
from jiedan.base.db import Tx
from jiedan.notifications.service.statements import SQL

MAILS_KEPT = timedelta(days=7)
MAILS_KEPT_MAX = 1_000
EMPTIED_PER_SET_MAX = 500


async def erase_kept_mails(tx: Tx, *, recipient_ids: Collection[UUID]) -> None:
    """Throw away the mails in the mailbox to customers and about their orders, and those with links to anybody."""
    await tx.sql_count(SQL["erase_kept_mails"], recipient_ids=ids.in_order(recipient_ids))


async def empty_mailbox(tx: Tx) -> int:
    """Throw away mails that were kept long enough, or that are too many, a bounded set; return how many."""
    before = tx.now - MAILS_KEPT
    beyond = await tx.sql(SQL["oldest_kept"], mails_max=MAILS_KEPT_MAX)
    if beyond:
        before = max(before, beyond[0][0])
    return await tx.sql_count(SQL["empty_mailbox"], before=before, limit=EMPTIED_PER_SET_MAX)
