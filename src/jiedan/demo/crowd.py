"""The crowd: the many orders of a large play, whose lives are told wholly by their stories. Pure.

Time goes in waves. What an order goes through, and in which wave, follows from its story alone; so a play that was
killed knows what is left without having lived through it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from jiedan.demo.stories import Fate, Story

WAVE = timedelta(hours=12)
LANES = 2
"""The crowd buys at as many warehouses, each its own, so that lanes do not wait for each other's stock."""

WAREHOUSES = ("SH-1", "GZ-1")

FATES: Mapping[Fate, int] = {
    "smooth": 670,
    "several_parcels": 60,
    "on_delivery": 60,
    "on_account": 40,
    "unpaid": 45,
    "canceled": 45,
    "line_canceled": 30,
    "held": 40,
    "overpaid": 10,
}
"""Of a thousand orders. What needs somebody at a shelf, at a counter or at a card is left to the stories played one by
one."""

Deed = Literal[
    "hold", "lift", "cancel", "cancel_line", "ship_part", "ship", "perform", "deliver", "settle", "give_back"
]

DEEDS: tuple[Deed, ...] = (
    "hold", "cancel", "cancel_line", "lift", "give_back", "ship_part", "ship", "perform", "deliver", "settle",
)  # fmt: skip
"""In which order the deeds of one wave are done."""

SERVICE = "SVC-"
"""How codes of services begin."""

_LATE_EVERY = 45
_LATE = timedelta(days=9)
_KEPT_EVERY = 5
"""Of the refunds that are due, every so manieth is left as a case."""

_REST_AFTER = 2
_GIVEN_BACK_AFTER = 3
_LIFTED_AFTER = 2
_ACCOUNT_DUE = timedelta(days=20)


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


def dues(story: Story, *, since: datetime) -> list[Due]:
    """Return what an order goes through, in waves since the beginning. What lies after the end is never done."""
    placed = wave_of(story.placed_at, since=since)
    match story.fate:
        case "unpaid":
            return []
        case "canceled":
            return [Due(placed, "cancel"), *_given_back(story, placed)]
        case "line_canceled":
            return [Due(placed, "cancel_line"), *_given_back(story, placed), *_way(story, placed + 1, since=since)]
        case "held":
            lifted = placed + _LIFTED_AFTER
            return [Due(placed, "hold"), Due(lifted, "lift"), *_way(story, lifted + 1, since=since)]
        case _:
            return _way(story, placed + 1, since=since)


def _given_back(story: Story, canceled: int) -> list[Due]:
    return [Due(canceled + _GIVEN_BACK_AFTER, "give_back")] if _turn(story) % _KEPT_EVERY else []


def _way(story: Story, earliest: int, *, since: datetime) -> list[Due]:
    """Return how the goods go: not before the wave in which the release and the promise of its order are known."""
    late = _LATE if _turn(story) % _LATE_EVERY == 0 else timedelta(0)
    picked = story.placed_at + story.picked_after + story.shipped_after + late
    shipped = max(earliest, wave_of(picked, since=since))
    kept = story.lines[1:] if story.fate == "line_canceled" else story.lines
    services = [code for code, _ in kept if code.startswith(SERVICE)]
    served = [Due(shipped, "perform")] if services else []
    if len(services) == len(kept):
        return served + _settled(story, shipped)
    found = [Due(shipped, "ship")]
    if story.fate == "several_parcels":
        found = [Due(shipped, "ship_part"), Due(shipped := shipped + _REST_AFTER, "ship")]
    arrived = shipped + max(1, story.delivered_after // WAVE)
    found += [*served, Due(arrived, "deliver")]
    return found + _settled(story, arrived)


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
