"""What comes next in the life of a story, and when. Pure."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from jiedan.demo.stories import Story

Step = Literal[
    "decline",
    "pay",
    "hold",
    "lift",
    "cancel",
    "cancel_line",
    "short",
    "pick",
    "pick_part",
    "pack",
    "ship",
    "track",
    "deliver",
    "ready",
    "collect",
    "settle",
]

TRIED_AGAIN_AFTER = timedelta(hours=8)
"""When a location looks again whether it may pick."""

_COLLECTED_AFTER = timedelta(hours=5)
_CANCELED_AFTER = timedelta(minutes=40)
_LIFTED_AFTER = timedelta(hours=20)
_PAID_AGAIN_AFTER = timedelta(minutes=6)
_NEXT_PARCEL_AFTER = timedelta(hours=22)
_ACCOUNT_DUE_AFTER = timedelta(days=20)
_AT_ONCE = timedelta(0)

_TURNS = 8
_PICKED_LAST = timedelta(days=1)
_SHIPPED_LAST = timedelta(days=2)
_COLLECTED_LAST = timedelta(days=4)
_DELIVERED_LAST = timedelta(days=2)
"""How long before the end of the play work begins to lie undone."""

_FORGOTTEN_EVERY = 23
_FORGOTTEN_DAYS = timedelta(days=14)
"""Of the parcels of the last days every so manieth was forgotten, and is late."""


class Next(NamedTuple):
    """The next step, so long after this one."""

    step: Step
    after: timedelta


def first(story: Story) -> Next | None:
    """Return what follows when the order is placed; None for one that nobody ever pays."""
    match story.fate:
        case "unpaid":
            return None
        case "on_delivery" | "on_account":
            return Next("pick", story.picked_after)
        case "held":
            return Next("hold", timedelta(seconds=30))
        case "declined":
            return Next("decline", story.paid_after)
        case _:
            return Next("pay", story.paid_after)


def following(story: Story, done: Step, *, left: bool) -> Next | None:
    """Return what follows `done`; `left` says that something of the order has still to leave."""
    match done:
        case "decline":
            return Next("pay", _PAID_AGAIN_AFTER)
        case "hold":
            return Next("pay", story.paid_after)
        case "pay":
            return _after_payment(story)
        case "lift" | "cancel_line" | "short":
            return Next("pick", story.picked_after)
        case "pick":
            return Next("ready" if story.fate == "collected" else "ship", story.shipped_after)
        case "ship":
            return Next("ship", _NEXT_PARCEL_AFTER) if left else Next("deliver", story.delivered_after)
        case "ready":
            return Next("collect", _COLLECTED_AFTER)
        case "deliver":
            return _after_delivery(story)
        case "cancel" | "collect" | "settle" | "pick_part" | "pack" | "track":
            return None


def as_far_as(story: Story, step: Step, *, due: datetime, until: datetime) -> Step | None:
    """Return how far staff come with a step that is due at `due`: at the end of the play some work lies undone.

    None where they have not begun. What was left lying is late by now: nobody comes back to it.
    """
    turn = story.number % _TURNS
    left = until - due
    if step == "ship" and story.number % _FORGOTTEN_EVERY == 0 and left < _FORGOTTEN_DAYS:
        return None
    match step:
        case "pick" if left < _PICKED_LAST and turn < 3:  # noqa: PLR2004 - three of eight
            return "pick_part" if turn == 0 else None
        case "ship" if left < _SHIPPED_LAST and turn < 5:  # noqa: PLR2004 - five of eight
            return "pack" if turn < 3 else None  # noqa: PLR2004 - three of eight
        case "collect" if left < _COLLECTED_LAST and turn < 6:  # noqa: PLR2004 - six of eight
            return None
        case "deliver" if left < _DELIVERED_LAST and turn < 4:  # noqa: PLR2004 - half
            return "track"
        case _:
            return step


def _after_payment(story: Story) -> Next:
    match story.fate:
        case "held":
            return Next("lift", _LIFTED_AFTER)
        case "canceled":
            return Next("cancel", _CANCELED_AFTER)
        case "line_canceled":
            return Next("cancel_line", _CANCELED_AFTER)
        case "short_pick":
            return Next("short", story.picked_after)
        case _:
            return Next("pick", story.picked_after)


def _after_delivery(story: Story) -> Next | None:
    match story.fate:
        case "on_delivery":
            return Next("settle", _AT_ONCE)
        case "on_account":
            return Next("settle", _ACCOUNT_DUE_AFTER)
        case _:
            return None
