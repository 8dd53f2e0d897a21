"""Where there is land, for the ground of our maps: outlines of land only, no borders.

The outlines are those of `land.json` among the built assets (TopoJSON of world-atlas, made from Natural Earth). A build
without it has none, and maps lie on a plain grid.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from typing import NamedTuple

import msgspec

FILE = ("static", "dist", "land.json")

AROUND_DEGREES = 360
CORNERS_MIN = 3
"""Fewer enclose nothing."""

Spot = tuple[float, float]
"""Longitude and latitude in degrees."""


class Box(NamedTuple):
    """A rectangle in degrees; `east` may be above 180 where it spans the line of dates."""

    west: float
    south: float
    east: float
    north: float


class Outline(NamedTuple):
    """A closed line between land and water, and the box around it. One within another is water again."""

    spots: tuple[Spot, ...]
    box: Box


class _Geometry(msgspec.Struct):
    type: str
    arcs: msgspec.Raw = msgspec.Raw(b"[]")
    geometries: "tuple[_Geometry, ...]" = ()


class _Transform(msgspec.Struct):
    scale: tuple[float, float]
    translate: tuple[float, float]


class _Topology(msgspec.Struct):
    objects: dict[str, msgspec.Raw]
    arcs: list[list[tuple[float, float]]]
    transform: _Transform | None = None


@functools.cache
def built() -> tuple[Outline, ...]:
    """Return the outlines of this build, none where it was made without them."""
    file = resources.files("jiedan.base.web").joinpath(*FILE)
    return outlines(file.read_bytes()) if file.is_file() else ()


def outlines(topology: bytes) -> tuple[Outline, ...]:
    """Return the outlines of the object `land` of a TopoJSON document. Raises msgspec.ValidationError."""
    found = msgspec.json.decode(topology, type=_Topology)
    arcs = [_unpacked(arc, found.transform) for arc in found.arcs]
    geometry = msgspec.json.decode(found.objects["land"], type=_Geometry)
    return tuple(_outline(ring, arcs) for ring in _rings(geometry))


def _unpacked(arc: Iterable[Spot], transform: _Transform | None) -> list[Spot]:
    """Return an arc in degrees: quantized ones hold differences."""
    if transform is None:
        return [(x, y) for x, y in arc]
    (kx, ky), (dx, dy) = transform.scale, transform.translate
    spots = []
    x = y = 0.0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        spots.append((x * kx + dx, y * ky + dy))
    return spots


def _rings(geometry: _Geometry) -> list[list[int]]:
    """Return the rings of all polygons, each the numbers of its arcs."""
    rings = [ring for part in geometry.geometries for ring in _rings(part)]
    if geometry.type == "MultiPolygon":
        return rings + list(itertools.chain(*msgspec.json.decode(geometry.arcs, type=list[list[list[int]]])))
    return rings + msgspec.json.decode(geometry.arcs, type=list[list[int]])


def _outline(ring: Iterable[int], arcs: Sequence[Sequence[Spot]]) -> Outline:
    """Join arcs; a negative number names one that runs backwards."""
    spots: list[Spot] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        spots += arc[1:] if spots else arc
    spots = _unrolled(spots)
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    return Outline(tuple(spots), Box(min(xs), min(ys), max(xs), max(ys)))


def _unrolled(spots: Sequence[Spot]) -> list[Spot]:
    """Return a line without leaps across the line of dates; one that runs around a pole is closed there."""
    found: list[Spot] = [spots[0]]
    for x, y in spots[1:]:
        found.append((x + AROUND_DEGREES * round((found[-1][0] - x) / AROUND_DEGREES), y))
    if abs(found[-1][0] - found[0][0]) > AROUND_DEGREES / 2:
        pole = -90.0 if found[0][1] < 0 else 90.0
        found += [(found[-1][0], pole), (found[0][0], pole)]
    return found


def within(land: Iterable[Outline], box: Box) -> list[list[Spot]]:
    """Return the parts of outlines within a box, as closed lines; what lies beyond the line of dates is moved there."""
    found = []
    for outline in land:
        for turn in (-360.0, 0.0, 360.0):
            if (
                outline.box.west + turn <= box.east
                and outline.box.east + turn >= box.west
                and outline.box.south <= box.north
                and outline.box.north >= box.south
            ):
                part = _clipped([(x + turn, y) for x, y in outline.spots], box)
                if len(part) >= CORNERS_MIN:
                    found.append(part)
    return found


def _clipped(spots: list[Spot], box: Box) -> list[Spot]:
    """Return a closed line cut at four sides, one after another (Sutherland and Hodgman, 1974)."""
    for axis, limit, sign in ((0, box.west, 1), (0, box.east, -1), (1, box.south, 1), (1, box.north, -1)):
        spots = _cut(spots, _side(axis, limit, sign), axis, limit)
    return spots


def _side(axis: int, limit: float, sign: int) -> Callable[[Spot], bool]:
    return lambda spot: (spot[axis] - limit) * sign >= 0


def _cut(spots: list[Spot], is_inside: Callable[[Spot], bool], axis: int, limit: float) -> list[Spot]:
    kept: list[Spot] = []
    if not spots:
        return kept
    before = spots[-1]
    was_inside = is_inside(before)
    for spot in spots:
        inside = is_inside(spot)
        if inside != was_inside:
            kept.append(_crossing(before, spot, axis, limit))
        if inside:
            kept.append(spot)
        before, was_inside = spot, inside
    return kept


def _crossing(a: Spot, b: Spot, axis: int, limit: float) -> Spot:
    share = (limit - a[axis]) / (b[axis] - a[axis])
    other = a[1 - axis] + share * (b[1 - axis] - a[1 - axis])
    return (limit, other) if axis == 0 else (other, limit)
