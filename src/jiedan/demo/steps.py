"""What comes next in the life of a story, and when. Pure."""

from datetime import timedelta
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
    "ship",
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
        case "cancel" | "collect" | "settle":
            return None


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
