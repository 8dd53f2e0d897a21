"""The way of a parcel as people are shown it: from the location over what the carrier said to the customer's town."""

from datetime import date, datetime
from typing import Literal, NamedTuple

StepState = Literal["past", "now", "ahead"]


class RouteStep(NamedTuple):
    """One place of the way: `name` is the town in the reader's language, `label` a message id of what happens.

    `place` and `text` are the carrier's own words. Degrees are known or not; `due_on` is the day promised.
    """

    name: str
    state: StepState
    label: str
    at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    place: str = ""
    text: str = ""
    due_on: date | None = None


class Spot(NamedTuple):
    """A named place; degrees are known or not."""

    name: str
    lat: float | None
    lon: float | None


class Trip(NamedTuple):
    """What is known of a parcel's way besides what its carrier said."""

    origin: Spot
    destination: Spot
    shipped_at: datetime | None
    delivered_at: datetime | None
    due_on: date | None
    comes_back: bool
