"""The crowd lives in sets through the services: every state comes about, the books balance, a killed play goes on."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jiedan.base import verify
from tests.conftest import Urls
from tests.demo.theater import Killed, Theater

DAYS = 5
PLAYED, CROWD = 6, 594

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
async def theaters(urls: Urls, tmp_path: Path) -> AsyncIterator[list[Theater]]:
    made = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        made.append(Theater(urls, folder))
        await made[-1].open(f"{tmp_path.name}-{name}")
    yield made
    for theater in made:
        await theater.database.close()


async def played(theater: Theater) -> list[list[tuple[Any, ...]]]:
    """Return what came of a play."""
    return [await theater.count(statement) for statement in FACTS]


async def test_a_crowd_ends_in_every_state_the_same_each_time_and_after_a_kill(theaters: list[Theater]) -> None:
    whole, killed = theaters
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

    for after in (200, 400):
        with contextlib.suppress(Killed):
            await killed.play(days=DAYS, played=PLAYED, crowd=CROWD, killed_after=after)
    assert 0 < killed.waves < 2 * DAYS
    assert (await killed.play(days=DAYS, played=PLAYED, crowd=CROWD)).orders == PLAYED + CROWD
    assert await played(killed) == await played(whole)
    async with killed.database.read(killed.scope) as tx:
        assert await verify.run(tx, verify.checks()) == []
