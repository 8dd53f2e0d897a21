"""The map of a parcel's way, drawn on the server: a pure function from stops to the lines and letters of an SVG.

Mercator's projection, land and water without borders, the way in two parts: what is done, and what lies ahead. It is
drawn once for wide pages and once for phones, because letters do not grow smaller with the picture. The template
`base/route_map.html` writes it, with a title, a description and the way as a list.
"""

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Protocol

from jiedan.base.web import land
from jiedan.base.web.land import Box, Outline, Spot

StopState = Literal["past", "now", "ahead"]
Anchor = Literal["middle", "start", "end"]

LATITUDE_MAX = 84.0
SPAN_DEGREES_MIN = 4.0
"""A way within one town is still shown with its surroundings."""

MARGIN_SHARE = 0.17
"""What stays empty on each side, of the width of the picture."""

ENDS = 2
"""A way has two; of fewer places there is nothing to draw."""

SAME_PLACE_DEGREES = 0.02
"""Stops nearer than this, some two kilometers, are drawn as one."""

LETTER_PX = 12.5
LETTER_OF_LATIN = 0.58
"""How wide other letters are than those of Chinese and its neighbors, which begin at `FIRST_WIDE`."""

FIRST_WIDE = "\u2e80"
RADIUS_PX = 5
STEP_PX_MIN = 1.5
"""Corners of the coast nearer than this are left out; on a map of half the world, twice as near ones."""

ISLAND_PX_MIN = 3.0
"""Islands smaller than this are left out, likewise."""

WORLD_DEGREES = 60.0
"""A picture wider than this shows half the world."""

GRID_DEGREES = (0.5, 1, 2, 5, 10, 20, 30)
GRID_LINES_MAX = 8
BEND = 0.16
"""How far the line between two stops is bent, of its length."""


class Stop(Protocol):
    """A place on the way: `name` in the reader's language; degrees, or neither where nobody knows them."""

    @property
    def name(self) -> str:
        """Return what is written beside it."""
        ...

    @property
    def state(self) -> StopState:
        """Return whether it is behind, reached last, or ahead."""
        ...

    @property
    def lat(self) -> float | None:
        """Return its latitude."""
        ...

    @property
    def lon(self) -> float | None:
        """Return its longitude."""
        ...


class _Known(NamedTuple):
    """A stop whose place is known; `lon` leaves the range of 180 degrees where the way crosses the line of dates."""

    name: str
    state: StopState
    spot: Spot


class Size(NamedTuple):
    """How large a picture is, in its own units."""

    width: int
    height: int


WIDE = Size(720, 400)
NARROW = Size(360, 280)


class Mark(NamedTuple):
    """A stop as it is drawn, with its name beside it; an empty `name` is not written, for want of room."""

    x: float
    y: float
    state: StopState
    name: str
    text_x: float
    text_y: float
    anchor: Anchor


class Picture(NamedTuple):
    """The parts of an SVG: paths, and marks with their names. `land` is empty on a plain grid."""

    width: int
    height: int
    land: str
    grid: str
    done: str
    ahead: str
    marks: tuple[Mark, ...]


class _Frame(NamedTuple):
    """What part of the earth is shown how large; `x0`, `y0` is the upper left corner in Mercator's units of degrees."""

    x0: float
    y0: float
    scale: float
    size: Size

    def x(self, lon: float) -> float:
        return round((lon - self.x0) * self.scale, 1)

    def y(self, lat: float) -> float:
        return round((self.y0 - _mercator(lat)) * self.scale, 1)

    @property
    def box(self) -> Box:
        beyond = 6 / self.scale  # so that the cut coast is not seen
        south = _latitude(self.y0 - self.size.height / self.scale - beyond)
        return Box(
            self.x0 - beyond, south, self.x0 + self.size.width / self.scale + beyond, _latitude(self.y0 + beyond)
        )


def picture(stops: Iterable[Stop], size: Size, outlines: tuple[Outline, ...] = ()) -> Picture | None:
    """Return how a way is drawn, None where fewer than two different places of it are known."""
    known = _known(stops)
    if len(known) < ENDS:
        return None
    frame = _frame([stop.spot for stop in known], size)
    points = [(frame.x(lon), frame.y(lat)) for _, _, (lon, lat) in known]
    reached = max((i for i, stop in enumerate(known) if stop.state != "ahead"), default=0)
    return Picture(
        width=size.width,
        height=size.height,
        land=_coast(frame, outlines),
        grid=_grid(frame),
        done=_way(points[: reached + 1]),
        ahead=_way(points[reached:]),
        marks=_marks(known, points, size),
    )


def pictures(stops: Sequence[Stop]) -> tuple[Picture, ...]:
    """Return how a way is drawn on wide pages and on phones, upon the land of this build; nothing for no way."""
    made = (picture(stops, size, land.built()) for size in (WIDE, NARROW))
    return tuple(x for x in made if x is not None)


def _known(stops: Iterable[Stop]) -> list[_Known]:
    """Return the stops whose place is known; the way goes the short way round the earth.

    Of several at one spot in a row, one is shown: the last, under the name of the first.
    """
    found: list[_Known] = []
    for stop in stops:
        if stop.lat is None or stop.lon is None:
            continue
        spot = (stop.lon, stop.lat)
        if found:
            spot = (stop.lon + 360 * round((found[-1].spot[0] - stop.lon) / 360), stop.lat)
            if _is_same(found[-1].spot, spot):
                found[-1] = found[-1]._replace(state=stop.state)
                continue
        found.append(_Known(stop.name, stop.state, spot))
    return found


def _is_same(a: Spot, b: Spot) -> bool:
    return math.dist(a, b) < SAME_PLACE_DEGREES


def _mercator(lat: float) -> float:
    """Return the height of a latitude on a map on which a degree of longitude has width 1."""
    phi = math.radians(max(-LATITUDE_MAX, min(LATITUDE_MAX, lat)))
    return math.degrees(math.log(math.tan(math.pi / 4 + phi / 2)))


def _latitude(height: float) -> float:
    return math.degrees(2 * math.atan(math.exp(math.radians(height))) - math.pi / 2)


def _frame(spots: Sequence[Spot], size: Size) -> _Frame:
    """Return the part of the earth that holds all spots with room around them.

    Its scale is one of few and its corner lies on a coarse grid, so that many ways share the drawing of one coast.
    """
    xs, ys = [lon for lon, _ in spots], [_mercator(lat) for _, lat in spots]
    room = size.width * MARGIN_SHARE
    span_x, span_y = max(xs) - min(xs), max(ys) - min(ys)
    wanted = max(
        span_x * size.width / (size.width - 2 * room),
        span_y * size.width / (size.height - 1.2 * room),
        SPAN_DEGREES_MIN,
    )
    span = 1.15 ** math.ceil(math.log(wanted, 1.15))
    scale, raster = size.width / span, span / 24
    x0 = (max(xs) + min(xs)) / 2 - span / 2
    y0 = (max(ys) + min(ys)) / 2 + size.height / scale / 2
    return _Frame(round(x0 / raster) * raster, round(y0 / raster) * raster, scale, size)


@functools.lru_cache(maxsize=256)
def _coast(frame: _Frame, outlines: tuple[Outline, ...]) -> str:
    rough = 2 if frame.size.width / frame.scale > WORLD_DEGREES else 1
    least = rough * ISLAND_PX_MIN / frame.scale
    large = [x for x in outlines if max(x.box.east - x.box.west, x.box.north - x.box.south) >= least]
    return "".join(
        "M" + " ".join(f"{x:g} {y:g}" for x, y in spots) + "Z"
        for part in land.within(large, frame.box)
        if len(spots := _thinned([(frame.x(x), frame.y(y)) for x, y in part], rough * STEP_PX_MIN)) >= land.CORNERS_MIN
    )


def _thinned(spots: Sequence[Spot], step: float) -> list[Spot]:
    kept = [spots[0]]
    for spot in spots[1:]:
        if abs(spot[0] - kept[-1][0]) + abs(spot[1] - kept[-1][1]) >= step:
            kept.append(spot)
    return kept


def _grid(frame: _Frame) -> str:
    box = frame.box
    step = next((x for x in GRID_DEGREES if (box.east - box.west) / x <= GRID_LINES_MAX), GRID_DEGREES[-1])
    upright = [frame.x(i * step) for i in range(math.ceil(box.west / step), math.floor(box.east / step) + 1)]
    level = [frame.y(i * step) for i in range(math.ceil(box.south / step), math.floor(box.north / step) + 1)]
    return "".join([f"M{x:g} 0V{frame.size.height}" for x in upright] + [f"M0 {y:g}H{frame.size.width}" for y in level])


def _way(points: Sequence[Spot]) -> str:
    """Return a line through points, bent upwards between each two; empty for fewer than two."""
    if len(points) < ENDS:
        return ""
    pieces = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for a, b in itertools.pairwise(points):
        x, y = _bend(a, b)
        pieces.append(f"Q{x:.1f} {y:.1f} {b[0]:g} {b[1]:g}")
    return "".join(pieces)


def _bend(a: Spot, b: Spot) -> Spot:
    """Return the point that a line from `a` to `b` is drawn towards."""
    (ax, ay), (bx, by) = a, b
    side = BEND if bx >= ax else -BEND
    return (ax + bx) / 2 + (by - ay) * side, (ay + by) / 2 - (bx - ax) * side


def _along(points: Sequence[Spot]) -> list[Spot]:
    """Return points along the way, close enough that no name fits between them."""
    found = []
    for a, b in itertools.pairwise(points):
        x, y = _bend(a, b)
        steps = max(4, int(math.dist(a, b) / LETTER_PX))
        for i in range(1, steps):
            t = i / steps
            u = 1 - t
            found.append((u * u * a[0] + 2 * u * t * x + t * t * b[0], u * u * a[1] + 2 * u * t * y + t * t * b[1]))
    return found


class _Area(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Area") -> bool:
        return (
            self.left < other.right and self.right > other.left and self.top < other.bottom and self.bottom > other.top
        )


def _marks(stops: Sequence[_Known], points: Sequence[Spot], size: Size) -> tuple[Mark, ...]:
    """Put each name where it covers no stop and no other name, nor the way if it can be; the latest stop comes first.

    Then come the ends. What finds no room is not written: the way is told as a list, too.
    """
    taken = [_Area(x - 8, y - 8, x + 8, y + 8) for x, y in points]
    way = [_Area(x - 1, y - 1, x + 1, y + 1) for x, y in _along(points)]
    order = sorted(range(len(stops)), key=lambda i: (stops[i].state != "now", i not in {0, len(stops) - 1}, i))
    placed: dict[int, Mark] = {}
    for i in order:
        mark, area = _named(stops[i], points[i], (taken[:i] + taken[i + 1 :], way), size)
        if area is not None:
            taken.append(area)
        placed[i] = mark
    return tuple(placed[i] for i in range(len(stops)))


def _named(
    stop: _Known, point: Spot, others: tuple[Sequence[_Area], Sequence[_Area]], size: Size
) -> tuple[Mark, _Area | None]:
    x, y = point
    width = sum(LETTER_PX * (1 if letter >= FIRST_WIDE else LETTER_OF_LATIN) for letter in stop.name)
    spots: tuple[tuple[float, float, Anchor, float], ...] = (
        (x, y - 12, "middle", x - width / 2),
        (x, y + 22, "middle", x - width / 2),
        (x + 11, y + 4.5, "start", x + 11),
        (x - 11, y + 4.5, "end", x - 11 - width),
    )
    taken, way = others
    for avoided in ((*taken, *way), taken):
        for text_x, text_y, anchor, left in spots:
            area = _Area(left - 2, text_y - LETTER_PX, left + width + 2, text_y + 4)
            is_inside = area.left >= 0 and area.right <= size.width and area.top >= 0 and area.bottom <= size.height
            if is_inside and not any(area.meets(other) for other in avoided):
                return Mark(x, y, stop.state, stop.name, round(text_x, 1), round(text_y, 1), anchor), area
    return Mark(x, y, stop.state, "", x, y, "middle"), None
