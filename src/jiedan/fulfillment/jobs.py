"""What follows from events: orders are released when their gate opens, and taken back when it closes."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.fulfillment import service


async def _reconsider(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    await service.reconsider(tx, order_ids={event.subject_id for event in stored})


RECONSIDER = Handler("fulfillment.reconsider_release", _reconsider)
"""Makes releases what the gate says now; doing it again changes nothing."""
