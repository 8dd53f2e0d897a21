"""How long a desk rests while it sends people away: by the share of them, by no clock."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from jiedan.base import ids, queueing
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.queueing import Item
from tests.base.wishes import Counter, make
from tests.patience import until


def _counter(*, joined: int, refused: int) -> queueing.Counter[str]:
    counter: queueing.Counter[str] = queueing.Counter()
    loop = asyncio.new_event_loop()
    scope = Scope(ids.TenantId(UUID(int=0)))
    for number in range(joined):
        counter.join(Item(scope, "", f"{number}", "x", loop.create_future()))
    loop.close()
    counter.refuse(refused)
    return counter


@pytest.mark.parametrize(
    ("joined", "refused", "rest_s"),
    [
        (200, 0, 0.0),
        (190, 10, 0.0005),
        (100, 200, 0.8 / 9),
        (0, 100, 0.2),
        (0, 0, 0.0),
    ],
)
def test_it_rests_by_the_square_of_the_share_of_those_who_were_sent_away(
    joined: int, refused: int, rest_s: float
) -> None:
    assert _counter(joined=joined, refused=refused).rest_s(0.2) == pytest.approx(rest_s)


def test_it_never_rests_for_long() -> None:
    assert _counter(joined=1, refused=99).rest_s(60.0) == queueing.REST_S_MAX


def test_each_batch_counts_for_itself() -> None:
    counter = _counter(joined=1, refused=1)
    assert counter.rest_s(1.0) > 0
    assert counter.rest_s(1.0) == 0


@pytest.mark.parametrize("load", [0.5, 0.95, 1.0, 1.05, 3.0])
def test_a_rest_ends_with_the_load_that_caused_it(load: float) -> None:
    """Whatever share was sent away once: a load that fits sends nobody away in the end, for the rest's sake neither."""
    refused = 0.9
    for _ in range(1_000):
        counter = _counter_of_share(refused)
        served = 1 / (1 + counter.rest_s(0.1) / 0.1)
        refused = max(0.0, 1 - served / load)
    if load <= 1:
        assert refused < 0.001
    else:
        assert 1 - 1 / load <= refused <= (1 - 1 / load) * 1.2


def _counter_of_share(share: float) -> queueing.Counter[str]:
    counter: queueing.Counter[str] = queueing.Counter()
    counter._joined, counter._refused = round((1 - share) * 1_000_000), round(share * 1_000_000)
    return counter


async def test_the_desk_rests_after_a_batch_and_counts_that_to_its_pace(
    db: Database, counter: Counter, scope: Scope
) -> None:
    desk = make(db, counter, batch_max=2, queue_max=2)
    loop = asyncio.get_running_loop()
    began_s: list[float] = []
    rests_s: list[float] = []

    async def note(_tx: Tx, _items: Sequence[Item[str]]) -> None:
        began_s.append(loop.time())
        rests_s.append(2 * desk._item_s - desk._batch_s)  # after the first full batch, its pace is all that is known

    counter.before = note
    counter.gate.clear()
    tasks = [asyncio.create_task(desk.submit(scope, f"first {i}")) for i in range(2)]
    await counter.entered.wait()
    tasks += [asyncio.create_task(desk.submit(scope, f"second {i}")) for i in range(2)]
    await until(lambda: desk.waiting == 2)
    for _ in range(4):
        with pytest.raises(queueing.QueueFull):
            await desk.submit(scope, "too many")
    await asyncio.sleep(0.3)  # the batch takes at least so long
    counter.gate.set()
    await asyncio.gather(*tasks)
    assert [len(batch) for batch in counter.batches] == [2, 2]
    assert rests_s[1] >= 0.07, "half of those who came were sent away while the first was under way"
    assert began_s[1] - began_s[0] >= 0.07
