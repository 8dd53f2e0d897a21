"""Every write, killed at every point: asked again, it is done once, as if nothing had happened."""

import os
from pathlib import Path

import pytest

from jiedan import wiring
from jiedan.base.web import gate
from tests import enumerations
from tests.base import web_client
from tests.conftest import Urls
from tests.crashes import books, ground, on_carts, on_paying, scenarios, unwalked, walking
from tests.security import crossing

PARTS = 4
"""The suite's workers share the walk."""

SLICES = 40

LAST, EVERY = 4, 12
"""Points of a scenario that a slice takes: the last ones, where the commit is, and now and then one before."""

NOTED = frozenset({"api_key", "customer_session", "staff_session"})
"""Where it is written down that somebody was here, whatever they asked for."""

LOOKS_AT_ONCE = 16
"""Pages after which all rows are compared: that takes longer than the pages."""

LOOKED_AT_MIN = 150


@pytest.mark.proof
@pytest.mark.parametrize("part", range(PARTS))
async def test_what_was_killed_anywhere_is_done_once_when_asked_again(
    fresh_urls: Urls, tmp_path: Path, part: int
) -> None:
    is_whole = bool(os.environ.get(enumerations.REPORT))
    told = f"part {part + 1} of {PARTS}"
    faults: list[walking.Fault] = []
    asked_again = untouched = 0
    async with ground.open_ground(fresh_urls, tmp_path) as at:
        before = await at.rest()
        of_this_part = list(scenarios.every(at.client))[part::PARTS]
        for scenario in enumerations.cases(f"writes to be killed, {told}", of_this_part, slices=SLICES):
            walk = await walking.begin(at, scenario)
            for point in walk.points:
                if is_whole or point % EVERY == 0 or point >= len(walk.points) - LAST:
                    tried = await walk.tried(point)
                    faults += tried.faults
                    asked_again += tried.is_asked_again
                    untouched += not tried.is_asked_again
            at.bring_back(before)
    firsts = {fault.scenario: fault for fault in reversed(faults)}
    told_first = "\n".join(map(str, firsts.values()))
    assert not faults, f"{len(faults)} of {asked_again + untouched} points, the first of each write:\n{told_first}"
    for kind, count in (("asked again", asked_again), ("that left nothing, as if nobody had asked", untouched)):
        if is_whole or count:  # a slice may have no point of a kind
            assert sum(1 for _ in enumerations.cases(f"crash points {kind}, {told}", range(count), slices=1))


async def test_every_write_has_its_stage_and_every_exception_its_write() -> None:
    async with web_client.open_client(routers=wiring.ROUTERS) as client:
        found = list(scenarios.every(client))
        keyed = {f"{method} {path}" for method, path, h in crossing.routes(client) if h.opt.get(gate.IDEMPOTENT)}
    names = {scenario.name for scenario in found}
    assert len(names) == len(found) > 180
    assert {*scenarios.AGAIN, *scenarios.MAY_REPEAT, *scenarios.READS, *scenarios.IN_STEPS} <= names
    assert {*scenarios.BUT_FOR, *on_carts.LEADS} <= names
    assert scenarios.AGAIN.keys() & keyed <= scenarios.BUT_FOR.keys() | scenarios.SHOWN_ONCE, "a key has one answer"
    assert {f"POST {path}" for path in scenarios.FORMS} <= names
    writes = {f"{method} {path}" for method, path in scenarios.writes(client)}
    works = {f"handler {each.name}" for several in wiring.SUBSCRIPTIONS.values() for each in several}
    works |= {f"periodic {each.name}" for each in wiring.PERIODIC} | {f"task {each.name}" for each in wiring.TASKS}
    by_api = {f"POST {path}" for path in unwalked.AS_BY_API}
    walked = {name for name in names if not name.startswith("drain after ") and ", " not in name}
    assert walked | by_api | unwalked.NOT_YET == writes | works
    assert not walked & (by_api | unwalked.NOT_YET)
    assert set(unwalked.AS_BY_API.values()) <= walked


async def test_what_is_only_looked_at_stays_as_it_is(fresh_urls: Urls, tmp_path: Path) -> None:
    """Ask for every page and answer there is: what changes something has its stage."""
    async with ground.open_ground(fresh_urls, tmp_path) as at:
        before, wrote, count = at.rows(), [], 0
        asked = [
            path
            for method, path, _ in crossing.routes(at.client)
            if method == "GET" and path not in crossing.STREAMS and (method, path) not in on_paying.CALLS
            if not _is_file(path)
        ]
        for some in (asked[i : i + LOOKS_AT_ONCE] for i in range(0, len(asked), LOOKS_AT_ONCE)):
            for path in some:
                answer = await at.client.get(at.world.address(path), headers=_looks(at, path))
                count += answer.status_code == 200
            if moved := books.changed(before, at.rows()).keys() - NOTED:
                wrote.append(f"one of {some} changed {sorted(moved)}")
                before = at.rows()
    assert not wrote, "\n".join(wrote)
    assert count > LOOKED_AT_MIN


def _is_file(path: str) -> bool:
    """Tell whether an address is that of a file, which is the same for everybody."""
    return not {"digest", "path"}.isdisjoint(crossing.PARAMETER.findall(path))


def _looks(at: ground.Ground, path: str) -> dict[str, str]:
    """Return the headers of somebody who may look at an address."""
    if path.startswith("/s/"):
        return crossing.shop_headers(at.client, at.world.shopper)
    return at.world.headers if path.startswith(scenarios.OF_PROGRAMS) else at.world.session_headers
