"""The ground of maps: land around stops, and nothing for what is no box."""

from typing import NamedTuple

import pytest

from jiedan.base.web import land, maps
from jiedan.base.web.route_map import StopState
from tests.base import web_client


class Stop(NamedTuple):
    name: str
    lat: float | None
    lon: float | None
    state: StopState = "past"


SHANGHAI, BEIJING = Stop("上海", 31.23, 121.47), Stop("北京", 39.9, 116.4)


def test_the_box_lies_around_the_stops_in_whole_degrees_and_on_the_earth() -> None:
    assert maps.land_address([SHANGHAI, BEIJING]) == "/maps/land/103,18,135,53"
    assert maps.land_address([Stop("?", None, None), SHANGHAI]) == "/maps/land/118,28,125,35"
    assert maps.land_address([Stop("Fiji", -17.7, 178.0), Stop("Samoa", -13.8, 188.2)]) == "/maps/land/162,-33,204,2"
    assert maps.land_address([Stop("Alert", 82.5, -62.3), Stop("Quito", -0.2, -78.5)]) == "/maps/land/-180,-90,62,90"


async def test_land_is_one_polygon_within_the_box() -> None:
    async with web_client.open_client() as client:
        answer = await client.get("/maps/land/103,18,135,53")
    shape = answer.json()
    assert shape["type"] == "Polygon"
    spots = [spot for ring in shape["coordinates"] for spot in ring]
    assert all(103 <= x <= 135 and 18 <= y <= 53 for x, y in spots)
    assert all(ring[0] == ring[-1] for ring in shape["coordinates"])
    assert bool(spots) is bool(land.built()), "a bare build has no land, and a map without is a plain one"


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "10,0,5,5", "0,5,5,0", "0,0,999,1", "0,-91,1,1", "1,2,3,4,5"])
async def test_what_is_no_box_is_not_there(box: str) -> None:
    async with web_client.open_client() as client:
        assert (await client.get(f"/maps/land/{box}")).status_code == 404
