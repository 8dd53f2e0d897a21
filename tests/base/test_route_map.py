"""The map of a way: what is drawn, what is written beside it, and the outlines of land."""

import itertools
import json
import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import towns
from jiedan.base.web import land, route_map
from jiedan.base.web.route_map import NARROW, WIDE, Picture, StopState


class Place(NamedTuple):
    """A stop."""

    name: str
    state: StopState = "past"
    lat: float | None = None
    lon: float | None = None


SHANGHAI = Place("上海一仓", "past", 31.23, 121.47)
WUHAN = Place("武汉转运中心", "now", 30.59, 114.31)
CHENGDU = Place("成都 · 锦江区", "ahead", 30.57, 104.07)

# One square of land with a lake in it, and an island that lies across the line of dates.
TOPOLOGY = json.dumps(
    {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "objects": {
            "land": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "MultiPolygon", "arcs": [[[0, 1], [2]], [[3]]]},
                ],
            }
        },
        "arcs": [
            [[100, 20], [20, 0], [0, 20]],
            [[120, 40], [-20, 0], [0, -20]],
            [[108, 28], [4, 0], [0, 4], [-4, 0], [0, -4]],
            [[175, 0], [10, 0], [0, 8], [-10, 0], [0, -8]],
        ],
    }
).encode()


def drawn(*stops: Place, size: route_map.Size = WIDE, outlines: tuple[land.Outline, ...] = ()) -> Picture:
    made = route_map.picture(stops, size, outlines)
    assert made is not None
    return made


def test_a_way_is_drawn_in_two_parts_that_meet_at_the_latest_stop() -> None:
    made = drawn(SHANGHAI, WUHAN, CHENGDU)
    now = next(x for x in made.marks if x.state == "now")
    assert made.done.endswith(f"{now.x:g} {now.y:g}")
    assert made.ahead.startswith(f"M{now.x:g} {now.y:g}Q")
    assert [x.name for x in made.marks] == ["上海一仓", "武汉转运中心", "成都 · 锦江区"]
    assert made.marks[0].x > now.x > made.marks[2].x  # from the coast inland
    assert made.land == ""


def test_all_done_leaves_nothing_ahead_and_nothing_done_leaves_all() -> None:
    assert drawn(SHANGHAI, CHENGDU._replace(state="now")).ahead == ""
    only_waits = drawn(SHANGHAI._replace(state="now"), CHENGDU)
    assert only_waits.done == ""
    assert only_waits.ahead


@pytest.mark.parametrize("stops", [(), (SHANGHAI,), (SHANGHAI, Place("somewhere", "ahead")), (SHANGHAI, SHANGHAI)])
def test_fewer_than_two_places_make_no_map(stops: tuple[Place, ...]) -> None:
    assert route_map.picture(stops, WIDE) is None


def test_stops_at_one_spot_are_one_under_the_first_name() -> None:
    made = drawn(SHANGHAI, SHANGHAI._replace(name="Shanghai", state="now"), CHENGDU)
    assert [(x.name, x.state) for x in made.marks] == [("上海一仓", "now"), ("成都 · 锦江区", "ahead")]


def test_a_way_over_the_ocean_goes_the_short_way_round() -> None:
    made = drawn(SHANGHAI, Place("Los Angeles", "ahead", 34.05, -118.24))
    assert made.marks[0].x < made.marks[1].x  # eastwards over the line of dates


@given(
    st.lists(
        st.tuples(st.floats(-80, 80), st.floats(-180, 180), st.text("上海abc ", max_size=24)), min_size=2, max_size=12
    ),
    st.sampled_from([WIDE, NARROW]),
)
def test_everything_lies_within_the_picture_and_no_two_names_cross(
    places: list[tuple[float, float, str]], size: route_map.Size
) -> None:
    made = route_map.picture([Place(name, "past", lat, lon) for lat, lon, name in places], size)
    if made is None:
        return
    areas = []
    for mark in made.marks:
        assert 0 <= mark.x <= size.width
        assert 0 <= mark.y <= size.height
        if mark.name:
            width = sum(route_map.LETTER_PX if ord(x) > 0x2E7F else route_map.LETTER_PX * 0.58 for x in mark.name)
            left = mark.text_x - {"middle": width / 2, "start": 0, "end": width}[mark.anchor]
            assert left >= -0.1
            assert left + width <= size.width + 0.1
            areas.append((left, left + width, mark.text_y))
    for (left, right, y), (other_left, other_right, other_y) in itertools.combinations(areas, 2):
        assert right <= other_left or other_right <= left or abs(y - other_y) >= route_map.LETTER_PX


def test_land_is_read_from_topojson() -> None:
    square, lake, island = land.outlines(TOPOLOGY)
    assert list(square.spots) == [(100, 20), (120, 20), (120, 40), (100, 40), (100, 20)]
    assert lake.box == land.Box(108, 28, 112, 32)
    assert island.box == land.Box(175, 0, 185, 8)


def test_land_is_cut_at_the_edges_and_shown_on_both_sides_of_the_line_of_dates() -> None:
    outlines = land.outlines(TOPOLOGY)
    (part,) = land.within(outlines[:1], land.Box(110, 30, 140, 50))
    assert {x for x, _ in part} == {110, 120}
    assert {y for _, y in part} == {30, 40}
    assert land.within(outlines[2:], land.Box(-190, -5, -170, 10))  # the same island, seen from the east
    assert not land.within(outlines, land.Box(0, 0, 10, 10))


def test_a_coast_around_a_pole_is_closed_there() -> None:
    ring = [[-180, -70], [120, 0], [120, 0], [119, 0]]
    south = json.dumps({"objects": {"land": {"type": "Polygon", "arcs": [[0]]}}, "arcs": [_summed(ring)]}).encode()
    (outline,) = land.outlines(south)
    assert outline.spots[-2:] == ((179, -90), (-180, -90))


def _summed(steps: list[list[int]]) -> list[list[int]]:
    return [[sum(x) for x in zip(*steps[: i + 1], strict=True)] for i in range(len(steps))]


def test_land_lies_under_the_way() -> None:
    made = drawn(SHANGHAI, CHENGDU, outlines=land.outlines(TOPOLOGY))
    assert re.fullmatch(r"(M[\d. -]+Z)+", made.land)


def test_outlines_of_another_kind_are_refused() -> None:
    with pytest.raises(Exception, match="objects"):
        land.outlines(b'{"arcs": []}')


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("快件到达武汉转运中心", "Wuhan"),
        ("臺北物流中心", "Taipei"),
        ("Departed SAO PAULO hub", "São Paulo"),
        ("Xi'an", "Xi'an"),
        ("Bathurst", None),
        ("", None),
    ],
)
def test_towns_are_found_in_what_carriers_write(text: str, english: str | None) -> None:
    found = towns.find(text)
    assert (found.name("en") if found else None) == english


def test_towns_have_three_names_and_lie_on_the_earth() -> None:
    for town in towns.towns():
        assert all(town.names[locale] for locale in towns.NAME_COLUMNS)
        assert -90 <= town.lat <= 90
        assert -180 <= town.lon <= 180
    assert towns.find("Wuhan") == towns.find("武漢")
