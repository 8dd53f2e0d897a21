"""What is told of an act: one event for the picks of a fulfillment, however many lines they were asked for by. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from jiedan.fulfillment import events
from jiedan.fulfillment.rules.floor import Told, quantities
from jiedan.orders.values import LineId

_BY_LINE = (events.LinesPicked, events.GoodsPutBack)


def acts(told: Sequence[Told]) -> list[Told]:
    """Return what is told in its order, with lines of one fulfillment that one act concerns in one event."""
    made: list[Told] = []
    first_at: dict[tuple[Any, ...], int] = {}
    for each in told:
        event = each.event
        if not isinstance(event, _BY_LINE):
            made.append(each)
            continue
        first = first_at.setdefault((type(event), event.fulfillment_id, each.at), len(made))
        if first == len(made):
            made.append(each)
        else:
            made[first] = made[first]._replace(event=_together(made[first].event, event))
    return made


def _together(one: Any, more: events.LinesPicked | events.GoodsPutBack) -> Any:
    """Return an event of the lines of both, each line once."""
    sums: dict[LineId, int] = {}
    for line_id, quantity in ((LineId(x.line_id), x.quantity) for x in (*one.lines, *more.lines)):
        sums[line_id] = sums.get(line_id, 0) + quantity
    return msgspec.structs.replace(one, lines=quantities(sums.items()))
