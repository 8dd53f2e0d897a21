"""Values of sourcing: what is wanted, who could ship it, what was chosen and why."""

from collections.abc import Mapping
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

SOURCING_CANDIDATES_MAX = 8
"""Locations looked at per order."""

TRACE_LOSERS_MAX = 4
"""Candidates that did not win, kept in the stored trace; the whole is recomputed on demand."""

Split = Literal["never", "when_needed", "freely"]


class Point(NamedTuple):
    """A place on earth, in degrees (WGS 84)."""

    lat: float
    lon: float


class Candidate(NamedTuple):
    """A location that could ship. A smaller `priority` is preferred where distance cannot decide."""

    location_id: UUID
    code: str
    priority: int
    point: Point | None


class Demand(NamedTuple):
    """One line's wish: `quantity` of a SKU, fixed to one location or not."""

    line: int
    sku_id: UUID
    quantity: int
    location_id: UUID | None = None


class Wanted(NamedTuple):
    """What an order asks of sourcing."""

    demands: tuple[Demand, ...]
    split: Split
    backorder: bool
    destination: Point | None = None


class Assignment(NamedTuple):
    """`quantity` of one line taken from one location."""

    line: int
    sku_id: UUID
    location_id: UUID
    quantity: int


class Scored(msgspec.Struct, frozen=True, omit_defaults=True):
    """A candidate as the trace tells it: how far (km), what it covers (units), how it ended."""

    location: str
    covers: int
    of: int
    outcome: str
    """`chosen`, `covers_less`, `farther`; `lower_priority` where no distance is known."""
    distance_km: int | None = None


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why these locations: the rule that decided, what it ranked by, and the candidates with their scores."""

    rule: str
    ranked_by: str
    parcels: int
    chosen: tuple[Scored, ...] = ()
    lost: tuple[Scored, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    beyond: int = 0


class Choice(NamedTuple):
    """What was chosen; `missing` is the quantity per line that no looked-at location has."""

    assignments: tuple[Assignment, ...]
    missing: Mapping[int, int]


class ListedArea(NamedTuple):
    """A postal area as the table has it: `prefix` of a postal code in `country`, and its centre in degrees."""

    country: str
    prefix: str
    lat: float
    lon: float
