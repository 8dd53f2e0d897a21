"""The ground of the maps that people move about in: land within a box, as GeoJSON."""

import functools
import math
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Request, Response, get

from jiedan.base.web import land, routing
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.land import Box
from jiedan.base.web.route_map import Stop

PATH = "/maps/land"
MARGIN_DEGREES_MIN = 3
MARGIN_SHARE = 1.5
"""What lies around the stops on each side, of their span: a phone is tall, and somebody will move and zoom out."""

CACHE = "public, max-age=86400"
BOXES_KEPT = 64
CORNERS = 4


def land_address(stops: Iterable[Stop]) -> str:
    """Return the address of the land around stops whose place is known, at least one; in whole degrees."""
    spots = [(stop.lon, stop.lat) for stop in stops if stop.lon is not None and stop.lat is not None]
    west, east = min(x for x, _ in spots), max(x for x, _ in spots)
    south, north = min(y for _, y in spots), max(y for _, y in spots)
    margin = max(MARGIN_DEGREES_MIN, (east - west) * MARGIN_SHARE, (north - south) * MARGIN_SHARE)
    box = (math.floor(west - margin), math.floor(south - margin), math.ceil(east + margin), math.ceil(north + margin))
    return f"{PATH}/{','.join(map(str, _inside(*box)))}"


def _inside(west: int, south: int, east: int, north: int) -> tuple[int, int, int, int]:
    return max(west, -180), max(south, -90), min(east, 360), min(north, 90)


@get(PATH + "/{box:str}", public=True)
async def land_within(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer the land within west, south, east, north. Raises NoSuchPage for what is no box."""
    given = str(request.path_params["box"]).split(",")
    if len(given) != CORNERS or not all(part.removeprefix("-").isdecimal() and len(part) <= CORNERS for part in given):
        raise NoSuchPage
    west, south, east, north = map(int, given)
    if _inside(west, south, east, north) != (west, south, east, north) or west >= east or south >= north:
        raise NoSuchPage
    content = _ground(Box(west, south, east, north))
    return Response(content, media_type="application/json", headers={"Cache-Control": CACHE})


@functools.lru_cache(maxsize=BOXES_KEPT)
def _ground(box: Box) -> bytes:
    """Return one polygon of all outlines: one within another is water again."""
    rings = [[(round(x, 3), round(y, 3)) for x, y in [*ring, ring[0]]] for ring in land.within(land.built(), box)]
    return msgspec.json.encode({"type": "Polygon", "coordinates": rings})


ROUTER = routing.root([land_within])
