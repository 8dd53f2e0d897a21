"""What is counted by the hour."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Figure = Literal["placed", "sales", "shipped", "delivered", "on_time"]

FIGURES: tuple[Figure, ...] = ("placed", "sales", "shipped", "delivered", "on_time")
"""Orders placed and what they come to; parcels that left, that arrived, and those of them by the day promised."""

HOUR = timedelta(hours=1)
KEPT = timedelta(days=70)
"""Older hours are not counted: pages look back two months."""

HOURS_PER_SET = 24


class Amount(NamedTuple):
    """How much of a figure one hour has; money in minor units of `currency`."""

    hour: datetime
    figure: Figure
    currency: str
    amount: int
