"""Every operation does something on the stage, and two that change the same row are about the same object."""

import itertools

from tests.interleavings import playing
from tests.interleavings.operation import Operation
from tests.interleavings.operations import OPERATIONS
from tests.interleavings.playing import Theater

REFUSED_ALONE = {
    "edit": "already_released",  # until the work is taken back
    "move": "already_released",
    "release": "gate_closed",  # until the refund is there
    "complete": "goods_outstanding",  # until they have left
    "edit away": "already_shipped",
    "cancel away": "already_shipped",
    "edit ended": "order_ended",  # until it is opened again
    "place what is left": "insufficient_stock",  # until pots come in
    "lose pots": "below_reserved",  # until some are given up
    "open a count": "counted_already",  # until the count ends
    "go on with a bulk job": "bulk_job_under_way",  # until it was stopped
    "begin a replay": "replay_under_way",  # until it was canceled
    "take a version back": "price_book_not_found",  # until one is published for later
}
"""What is refused on the stage until another operation has been done, with the refusal."""

OF_NO_OBJECT = frozenset({"event_log", "event_private", "outbox", "idempotency_key", "event_stream", "drain_lease"})


async def _alone(theater: Theater, operation: Operation) -> tuple[str, frozenset[str]]:
    """Return what an operation is answered when it comes alone, and the rows that it changes or removes."""
    tenant = await theater.copier.copy()
    words: dict[str, str] = {**theater.stage.ids, "side": "0", "key": "key-0-"}
    said = playing.said(await theater.perform(0, operation, words, tenant))
    gone = theater.untouched - await theater.stored(tenant)
    return said, frozenset(row for row in gone if row.partition(":")[0] not in OF_NO_OBJECT)


async def test_two_that_change_one_row_are_about_one_object(theater: Theater) -> None:
    alone = {operation.name: await _alone(theater, operation) for operation in OPERATIONS}
    refused = {name: said.partition(" ")[2] for name, (said, _) in alone.items() if said.startswith("4")}
    assert refused == REFUSED_ALONE
    missing = [
        f"{one.name} / {other.name}: {sorted({row.partition(':')[0] for row in common})}"
        for one, other in itertools.combinations(OPERATIONS, 2)
        if (common := alone[one.name][1] & alone[other.name][1]) and not one.on & other.on
    ]
    assert not missing, "\n".join(missing)
