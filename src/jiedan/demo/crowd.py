"""The crowd: the many orders of a large play, whose lives are told wholly by their stories. Pure.

Time goes in waves. What an order goes through, and in which wave, follows from its story alone; so a play that was
killed knows what is left without having lived through it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from jiedan.demo.stories import Fate, Story

WAVE = timedelta(hours=12)
LANES = 2
"""The crowd buys at as many warehouses, each its own, so that lanes do not wait for each other's stock."""

WAREHOUSES = ("SH-1", "GZ-1")

FATES: Mapping[Fate, int] = {
    "smooth": 768,
    "several_parcels": 30,
    "on_delivery": 50,
    "on_account": 30,
    "unpaid": 40,
    "canceled": 35,
    "line_canceled": 15,
    "held": 25,
    "overpaid": 7,
}
"""Of a thousand orders. What needs somebody at a shelf, at a counter or at a card is left to the stories played one by
one."""

BASKETS = (86, 10, 3, 1)
"""How many orders of a hundred are of one line, of two, three and four: as in a real marketplace, where nine of ten are
of one. The stories played one by one have larger ones."""

Deed = Literal[
    "hold",
    "lift",
    "cancel",
    "cancel_line",
    "ship_part",
    "ship",
    "bring",
    "perform",
    "deliver",
    "settle",
    "give_back",
]
"""What is done with an order; one that is brought is told of when it has arrived, with when it had left."""

DEEDS: tuple[Deed, ...] = (
    "hold", "cancel", "cancel_line", "lift", "give_back", "ship_part", "ship", "bring", "perform", "deliver",
    "settle",
)  # fmt: skip
"""In which order the deeds of one wave are done."""

AHEAD: frozenset[Deed] = frozenset({"ship_part", "ship", "bring", "perform", "deliver", "settle"})
"""Deeds that no reaction to other orders can meet: they may be done while the wave before is being reacted to."""

SERVICE = "SVC-"
"""How codes of services begin."""

_LATE_EVERY = 45
_LATE = timedelta(days=9)
_FOLLOWED_EVERY = 10
"""Of the parcels every so manieth is told of as it leaves; of the others when they have arrived."""

_RELEASED_AFTER = timedelta(minutes=30)
"""From the beginning of a wave until what the wave before has brought is released."""

_KEPT_EVERY = 5
"""Of the refunds that are due, every so manieth is left as a case."""

_REST_AFTER = 2
_GIVEN_BACK_AFTER = 3
_LIFTED_AFTER = 2
_ACCOUNT_DUE = timedelta(days=20)


class Span(NamedTuple):
    """From when to when a play is, in `days`; the numbers of the crowd's stories; the first wave not done yet."""

    until: datetime
    days: int
    numbers: range
    first: int = 0

    @property
    def since(self) -> datetime:
        """When it begins."""
        return self.until - timedelta(days=self.days)


class Way(NamedTuple):
    """When the goods of an order leave, the first and the last of them, and when they have arrived."""

    left_at: datetime
    left_last_at: datetime
    arrived_at: datetime


class Due(NamedTuple):
    """A deed, and the wave it belongs to."""

    wave: int
    deed: Deed


def waves(days: int) -> int:
    """Return how many waves there are in so many days."""
    return days * (timedelta(days=1) // WAVE)


def wave_of(moment: datetime, *, since: datetime) -> int:
    """Return the wave that a moment belongs to; a wave ends with its last moment."""
    return max(0, -(-(moment - since) // WAVE) - 1)


def is_paid_at_once(story: Story) -> bool:
    """Tell whether an order is paid as it is placed."""
    return story.fate not in {"unpaid", "on_delivery", "on_account"}


def dues(story: Story, *, since: datetime, last: int) -> list[Due]:
    """Return what an order goes through, in waves since the beginning; nobody does what lies after the `last`."""
    placed = wave_of(story.placed_at, since=since)
    match story.fate:
        case "unpaid":
            return []
        case "canceled":
            found = [Due(placed, "cancel"), *_given_back(story, placed)]
        case "line_canceled":
            found = [Due(placed, "cancel_line"), *_given_back(story, placed), *_way(story, since=since, last=last)]
        case "held":
            lifted = Due(placed + _LIFTED_AFTER, "lift")
            found = [Due(placed, "hold"), lifted, *_way(story, since=since, last=last)]
        case _:
            found = _way(story, since=since, last=last)
    return [due for due in found if due.wave <= last]


def ahead(dues: Collection[Due], *, placed: int) -> frozenset[int]:
    """Return the waves whose deeds need not wait for the reactions to the wave before, which left the order alone.

    `dues` are those of one order, which is placed in the wave `placed`.
    """
    touched = {placed, *(due.wave for due in dues)}
    waiting = {due.wave for due in dues if due.deed not in AHEAD} | {wave + 1 for wave in touched} | {placed}
    return frozenset(touched - waiting)


def way(story: Story, *, since: datetime) -> Way:
    """Return how the goods go: not before the wave in which the release and the promise of their order are known."""
    known = wave_of(story.placed_at, since=since) + 1 + (_LIFTED_AFTER if story.fate == "held" else 0)
    late = _LATE if _turn(story) % _LATE_EVERY == 0 else timedelta(0)
    picked = story.placed_at + story.picked_after + story.shipped_after + late
    left_at = max(since + WAVE * known + _RELEASED_AFTER, picked)
    left_last_at = left_at + _REST_AFTER * WAVE if story.fate == "several_parcels" else left_at
    return Way(left_at, left_last_at, left_last_at + max(WAVE, story.delivered_after))


def _given_back(story: Story, canceled: int) -> list[Due]:
    return [Due(canceled + _GIVEN_BACK_AFTER, "give_back")] if _turn(story) % _KEPT_EVERY else []


def _way(story: Story, *, since: datetime, last: int) -> list[Due]:
    left, left_last, arrived = (wave_of(at, since=since) for at in way(story, since=since))
    kept = story.lines[1:] if story.fate == "line_canceled" else story.lines
    services = [code for code, _ in kept if code.startswith(SERVICE)]
    served = [Due(left, "perform")] if services else []
    if len(services) == len(kept):
        return served + _settled(story, left)
    is_told_late = story.fate != "several_parcels" and _turn(story) % _FOLLOWED_EVERY and arrived <= last
    if is_told_late:
        return [*served, Due(arrived, "bring"), *_settled(story, arrived)]
    parts = [Due(left, "ship_part")] if story.fate == "several_parcels" else []
    return [*parts, *served, Due(left_last, "ship"), Due(arrived, "deliver"), *_settled(story, arrived)]


def _settled(story: Story, arrived: int) -> list[Due]:
    """Return when what was not paid before is paid."""
    match story.fate:
        case "on_delivery":
            return [Due(arrived, "settle")]
        case "on_account":
            return [Due(arrived + _ACCOUNT_DUE // WAVE, "settle")]
        case _:
            return []


def _turn(story: Story) -> int:
    """Return which of its lane's stories it is."""
    return story.number // LANES
