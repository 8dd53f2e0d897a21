"""What follows from customers' events: search terms."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.events import StoredEvent
from jiedan.customers import events, saving


async def write_terms(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    """Bring the search terms of the customers concerned up to date; a merge concerns both."""
    ids = {event.subject_id for event in stored}
    for event in stored:
        if event.kind in {events.CustomersMerged.kind, events.MergeUndone.kind}:
            ids.add(events.CustomersMerged.of(event).merged_id)
    await saving.write_terms(tx, ids)
