"""Counts: when a difference is believed."""

from collections.abc import Sequence

from jiedan.inventory import errors
from jiedan.inventory.values import CountLine, CountLineState


def count_state(line: CountLine) -> CountLineState:
    """Say where a line stands: a difference is settled when two rounds in a row agree on it, no difference at once."""
    if not line.rounds:
        return "uncounted"
    last = line.rounds[-1].difference
    agreed = len(line.rounds) > 1 and line.rounds[-2].difference == last
    return "settled" if last == 0 or agreed else "recount"


def refuse_count(lines: Sequence[CountLine]) -> errors.CountNotSettled | None:
    """Refuse to apply a count while some lines are not settled."""
    states = [count_state(line) for line in lines]
    uncounted, recount = states.count("uncounted"), states.count("recount")
    return errors.CountNotSettled(uncounted, recount) if uncounted or recount else None
