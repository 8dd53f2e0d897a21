"""Put tags and notes on many orders, and take tags off: what `edit_order` does to one, for a set."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.orders import errors, events, queries, writing
from jiedan.orders.queries.hanging import Details
from jiedan.orders.rules import editing
from jiedan.orders.values import NOTES_KEPT_MAX, MarkRequest, NewNote, OrderEdit, OrderId, OrderWithLines
from jiedan.orders.values.words import TAGS_PER_ORDER_MAX


class _Marked(NamedTuple):
    """What becomes of one order: its tags before and after, and the notes it gets."""

    order_id: OrderId
    before: tuple[str, ...]
    after: tuple[str, ...]
    notes: tuple[NewNote, ...]

    def private(self) -> Mapping[str, Any]:
        """Return what is told of it where personal data may stand."""
        told: dict[str, Any] = {}
        if self.before != self.after:
            told["tags"] = [self.before, self.after]
        if self.notes:
            told["notes"] = [None, msgspec.to_builtins(self.notes)]
        return told


async def mark_orders(tx: Tx, *, requests: Sequence[MarkRequest]) -> list[OrderId | Refusal]:
    """Change the tags of orders and write notes on them: one outcome per request, same order.

    Outcomes are the order's id, OrderNotFound, OrderEnded, AlreadyShipped, TooManyTags, TooManyNotes or NothingToEdit.
    An order is asked for once. The statement count does not grow.
    """
    found = await queries.orders_for_update(tx, [request.order_id for request in requests])
    details = await queries.details(tx, list(found))
    outcomes = [_decide(tx, found, details, request) for request in requests]
    await _save(tx, [outcome for outcome in outcomes if isinstance(outcome, _Marked)])
    return [outcome.order_id if isinstance(outcome, _Marked) else outcome for outcome in outcomes]


def _decide(
    tx: Tx, found: Mapping[OrderId, OrderWithLines], details: Mapping[OrderId, Details], request: MarkRequest
) -> _Marked | Refusal:
    order = found.get(OrderId(request.order_id))
    if order is None:
        return errors.OrderNotFound(str(request.order_id))
    of = details[order.order.order_id]
    kept = [tag for tag in of.tags if tag not in request.without]
    tags = tuple(sorted({*kept, *request.tags}))
    _, reasons = editing.check(order, OrderEdit(tags=tags, notes=request.notes), now=tx.now, country="")
    if reasons:
        return reasons[0]
    if len(tags) > max(TAGS_PER_ORDER_MAX, len(of.tags)):
        return errors.TooManyTags(order.order.number, TAGS_PER_ORDER_MAX)
    if len(of.notes) + len(request.notes) > NOTES_KEPT_MAX:
        return errors.TooManyNotes(len(of.notes))
    marked = _Marked(order.order.order_id, tuple(sorted(of.tags)), tags, request.notes)
    return marked if marked.private() else errors.NothingToEdit()


async def _save(tx: Tx, marked: Sequence[_Marked]) -> None:
    if not marked:
        return
    added = [(x.order_id, tag) for x in marked for tag in x.after if tag not in x.before]
    removed = [(x.order_id, tag) for x in marked for tag in x.before if tag not in x.after]
    notes = [(x.order_id, note) for x in marked for note in x.notes]
    versions = await writing.mark(tx, [x.order_id for x in marked], added=added, removed=removed, notes=notes)
    for x in marked:
        private = x.private()
        told = events.OrderEdited(order_id=x.order_id, fields=tuple(private), version=versions[x.order_id])
        tx.emit(told, private=dict(private))
