"""Decide when an order arrives: the days its locations take, and the days on the way. Pure."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jiedan.carriers.values import Transit

HANDLING_DEFAULT = Transit(1, 2)
"""Days that a location takes where nobody has said so."""


class Arrival(NamedTuple):
    """The day by which an order arrives in half of such cases, and in nine of ten."""

    p50_on: date
    p90_on: date


def arrival(
    since: datetime,
    *,
    time_zone: str,
    handling: Collection[Transit],
    transit: Transit | None,
    delivery_wish: date | None,
) -> Arrival | None:
    """Return when an order arrives that is whole and allocated; None when nobody knows how long the way takes.

    Days count from the day of `since` in the merchant's time zone: when it was placed, or edited. The slowest location
    decides. Days of handling and transit are added up, which for the ninety per cent is on the careful side. A customer
    who wishes for a later day gets that one.
    """
    if transit is None or not handling:
        return None
    begun_on = since.astimezone(ZoneInfo(time_zone)).date()
    p50_on = begun_on + timedelta(days=max(x.p50_days for x in handling) + transit.p50_days)
    p90_on = begun_on + timedelta(days=max(x.p90_days for x in handling) + transit.p90_days)
    if delivery_wish is None:
        return Arrival(p50_on, p90_on)
    return Arrival(max(p50_on, delivery_wish), max(p90_on, delivery_wish))
