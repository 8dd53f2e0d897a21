"""The crowd lives in sets through the services: every state comes about, the books balance, a killed play goes on."""

import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jiedan.base import verify
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.demo import crowd
from jiedan.demo.apart import LaneApart, LaneFailed
from jiedan.demo.crowd import Span
from jiedan.demo.lane import Casting
from jiedan.demo.people import people
from jiedan.demo.stories import Story
from tests.conftest import NOON, Urls
from tests.demo.theater import FOLK, SEED, Killed, Theater
from tests.enumerations import cases

Open = Callable[[str], Awaitable[Theater]]

DAYS = 3
PLAYED, CROWD = 4, 196
KILLED_AFTER = (None, *range(20, 200, 30))
"""So many orders were placed when the play was killed; None where it was not."""

STATES = (
    "SELECT lifecycle, payment_status, fulfillment_status, count(*), sum(total_minor)"
    " FROM orders WHERE tenant_id = :tenant GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
)
NUMBERS = "SELECT external_id, number, placed_at, promised_p90_on FROM orders WHERE tenant_id = :tenant ORDER BY 1"
WORK = "SELECT status, count(*) FROM fulfillment WHERE tenant_id = :tenant GROUP BY 1 ORDER BY 1"
MONEY = "SELECT kind, count(*), sum(amount_minor) FROM payment_entry WHERE tenant_id = :tenant GROUP BY 1 ORDER BY 1"
CASES = "SELECT kind, state, count(*) FROM case_file WHERE tenant_id = :tenant GROUP BY 1, 2 ORDER BY 1, 2"
STOCK = "SELECT kind, sum(quantity) FROM stock_movement WHERE tenant_id = :tenant GROUP BY 1 ORDER BY 1"
FACTS = (STATES, WORK, MONEY, CASES, STOCK)


@pytest.fixture
async def theater(urls: Urls, tmp_path: Path) -> AsyncIterator[Open]:
    """Return what opens another theater, by its name."""
    made = []

    async def opened(name: str) -> Theater:
        folder = tmp_path / name
        folder.mkdir()
        made.append(Theater(urls, folder))
        await made[-1].open(f"{tmp_path.name}-{name}")
        return made[-1]

    yield opened
    for each in made:
        await each.database.close()


async def played(theater: Theater) -> list[list[tuple[Any, ...]]]:
    """Return what came of a play."""
    return [await theater.count(statement) for statement in FACTS]


@pytest.mark.proof
async def test_a_crowd_ends_in_every_state_and_comes_to_the_same_again(theater: Open) -> None:
    whole = await theater("whole")
    done = await whole.play(days=DAYS, played=PLAYED, crowd=CROWD)
    assert done.orders == PLAYED + CROWD
    assert not done.refusals

    states = {(lifecycle, payment, goods) for lifecycle, payment, goods, _, _ in await whole.count(STATES)}
    assert ("completed", "paid", "delivered") in states
    assert {"open", "completed", "canceled"} == {lifecycle for lifecycle, _, _ in states}
    assert {"partly_shipped", "shipped"} <= {goods for _, _, goods in states}
    assert {"capture", "refund"} <= {kind for kind, _, _ in await whole.count(MONEY)}
    assert {("refund_due", "open"), ("refund_due", "resolved")} <= {(k, s) for k, s, _ in await whole.count(CASES)}
    assert await whole.count("SELECT count(*) FROM outbox WHERE tenant_id = :tenant") == [(0,)]
    async with whole.database.read(whole.scope) as tx:
        assert await verify.run(tx, verify.checks()) == []

    numbers = {external_id: int(number.rsplit("-", 1)[-1]) for external_id, number, _, _ in await whole.count(NUMBERS)}
    assert len(set(numbers.values())) == PLAYED + CROWD
    leased = sorted((numbers[f"demo-{story.number}"], turn) for turn, story in told(whole))
    assert [turn for _, turn in leased] == sorted(turn for turn, _ in told(whole))

    for after in cases("plays of a crowd once more", KILLED_AFTER, slices=len(KILLED_AFTER)):
        again = await theater(f"again{after or 0}")
        with contextlib.suppress(Killed):
            await again.play(days=DAYS, played=PLAYED, crowd=CROWD, killed_after=after)
        if after is not None:
            assert again.waves < 2 * DAYS
            assert (await again.play(days=DAYS, played=PLAYED, crowd=CROWD)).orders == PLAYED + CROWD
        else:
            assert await again.count(NUMBERS) == await whole.count(NUMBERS)
        assert await played(again) == await played(whole)
        async with again.database.read(again.scope) as tx:
            assert await verify.run(tx, verify.checks()) == []


def told(theater: Theater) -> list[tuple[tuple[int, int], Story]]:
    """Return the stories of the crowd, each with its turn to get a number: its wave, and in that its lane."""
    span = Span(NOON, DAYS, range(PLAYED + 1, PLAYED + CROWD + 1))
    folk = people(FOLK, seed=SEED)
    castings = [
        Casting(place, house, span, SEED, theater.scope, theater.open_database, folk, ())
        for place, house in enumerate(crowd.WAREHOUSES)
    ]
    return [
        ((crowd.wave_of(story.placed_at, since=span.since), casting.place), story)
        for casting in castings
        for story in casting.stories()
    ]


async def test_a_lane_that_cannot_go_on_says_why() -> None:
    nowhere = functools.partial(Database, "postgresql://nobody@127.0.0.1:1/nothing")
    scope = Scope(TenantId(UUID(int=1)))
    casting = Casting(0, "SH-1", Span(NOON, 1, range(1, 9)), 1, scope, nowhere, people(3, seed=1), ())
    lane = LaneApart(casting, advance=lambda _: None)
    try:
        told = [await lane.tell(wave) for wave in range(2)]
        with pytest.raises(LaneFailed, match="DatabaseUnavailable"):
            await lane.place(1, range(told[-1]))
    finally:
        await lane.leave()
