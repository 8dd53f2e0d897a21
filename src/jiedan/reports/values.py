"""What is counted by the hour."""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

Figure = Literal["placed", "sales", "shipped", "delivered", "on_time"]

FIGURES: tuple[Figure, ...] = ("placed", "sales", "shipped", "delivered", "on_time")
"""Orders placed and what they come to; parcels that left, that arrived, and those of them by the day promised."""

HOUR = timedelta(hours=1)
KEPT = timedelta(days=70)
"""Older hours are not counted: pages look back two months."""

HOURS_PER_SET = 24


class Amount(NamedTuple):
    """How much of a figure one hour has; money in minor units of `currency`.

    `channel` is that of the orders, empty for parcels and where those of all channels are told together.
    """

    hour: datetime
    figure: Figure
    currency: str
    amount: int
    channel: str = ""


class DayAmount(NamedTuple):
    """How much of a figure one day of the merchant has; `until` is what of it there was by the time of day it is now.

    Money is in minor units of `currency`; `channel` is that of the orders, empty for parcels.
    """

    day: date
    figure: Figure
    currency: str
    channel: str
    amount: int
    until: int
