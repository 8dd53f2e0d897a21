"""Every write, killed at every point: asked again, it is done once, as if nothing had happened."""

import os
from pathlib import Path

import pytest

from jiedan import wiring
from tests import enumerations
from tests.base import web_client
from tests.conftest import Urls
from tests.crashes import ground, scenarios, unwalked, walking

PARTS = 4
"""The suite's workers share the walk."""

SLICES = 40

LAST, EVERY = 4, 12
"""Points of a scenario that a slice takes: the last ones, where the commit is, and now and then one before."""


@pytest.mark.proof
@pytest.mark.parametrize("part", range(PARTS))
async def test_what_was_killed_anywhere_is_done_once_when_asked_again(
    fresh_urls: Urls, tmp_path: Path, part: int
) -> None:
    is_whole = bool(os.environ.get(enumerations.REPORT))
    told = f"part {part + 1} of {PARTS}"
    faults: list[walking.Fault] = []
    count = 0
    async with ground.open_ground(fresh_urls, tmp_path) as at:
        before = await at.rest()
        of_this_part = list(scenarios.every(at.client))[part::PARTS]
        for scenario in enumerations.cases(f"writes to be killed, {told}", of_this_part, slices=SLICES):
            walk = await walking.begin(at, scenario)
            for point in walk.points:
                if is_whole or point % EVERY == 0 or point >= len(walk.points) - LAST:
                    faults += await walk.faults(point)
                    count += 1
            at.bring_back(before)
    firsts = {fault.scenario: fault for fault in reversed(faults)}
    assert not faults, f"{len(faults)} of {count}, the first of each write:\n" + "\n".join(map(str, firsts.values()))
    assert sum(1 for _ in enumerations.cases(f"crash points, {told}", range(count), slices=1))


async def test_every_write_has_its_stage_and_every_exception_its_write() -> None:
    async with web_client.open_client(routers=wiring.ROUTERS) as client:
        found = list(scenarios.every(client))
    names = {scenario.name for scenario in found}
    assert len(names) == len(found) > 180
    assert {*scenarios.AGAIN, *scenarios.MAY_REPEAT, *scenarios.READS, *scenarios.IN_STEPS} <= names
    assert {f"POST {path}" for path in scenarios.FORMS} <= names
    writes = {f"{method} {path}" for method, path in scenarios.writes(client)}
    works = {f"handler {each.name}" for several in wiring.SUBSCRIPTIONS.values() for each in several}
    works |= {f"periodic {each.name}" for each in wiring.PERIODIC} | {f"task {each.name}" for each in wiring.TASKS}
    by_api = {f"POST {path}" for path in unwalked.AS_BY_API}
    walked = {name for name in names if not name.startswith("drain after ") and ", " not in name}
    assert walked | by_api | unwalked.NOT_YET == writes | works
    assert not walked & (by_api | unwalked.NOT_YET)
    assert set(unwalked.AS_BY_API.values()) <= walked
