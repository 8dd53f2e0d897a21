import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import db as databases
from jiedan.base import ids, numbers
from jiedan.base.recorder import StatementRecorder
from tests.conftest import FakeClock

AT = datetime(2026, 11, 21, 16, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))


def test_a_number_carries_the_merchants_own_date() -> None:
    assert numbers.format_number("SO-{date}-{number:06d}", 42, AT) == "SO-20261122-000042"


def test_every_placeholder_is_filled() -> None:
    assert numbers.format_number("单{year}/{month}/{day}#{number}", 7, AT) == "单2026/11/22#7"


def test_a_number_wider_than_its_padding_is_not_cut() -> None:
    assert numbers.format_number("{number:03d}", 12_345, AT) == "12345"


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "SO-{date}",
        "{number}{number}",
        "{number:06x}",
        "{number:6d}",
        "{number:099d}",
        "{number!r}",
        "{number.__class__}",
        "{0}{number}",
        "{{number}}",
        "{number}}",
        "{tenant}-{number}",
        "SO {number}",
        "SO-{number}\n",
        "\u0000{number}",
        "x" * numbers.PATTERN_CHARACTERS_MAX + "{number}",
    ],
)
def test_a_pattern_that_cannot_number_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(numbers.PatternInvalid) as refused:
        numbers.check_pattern(pattern, field="settings.order_number_pattern")
    assert refused.value.field == "settings.order_number_pattern"
    assert "{number:06d}" in str(refused.value)


parts = st.sampled_from(["{date}", "{year}", "{month}", "{day}", "SO", "-", "9"])
moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1))  # noqa: DTZ001 - the merchant's own time
issued = st.tuples(st.integers(1, 10**7), moments)


@given(
    st.lists(parts, max_size=3),
    st.lists(parts, max_size=1),
    st.sampled_from(["{number}", "{number:06d}"]),
    issued,
    issued,
)
def test_two_numbers_of_a_series_never_look_the_same(
    before: list[str], after: list[str], number: str, one: tuple[int, datetime], two: tuple[int, datetime]
) -> None:
    pattern = numbers.check_pattern("".join([*before, number, *after]))
    if one[0] != two[0]:
        assert numbers.format_number(pattern, *one) != numbers.format_number(pattern, *two)


async def test_numbers_are_unique_and_rising_across_processes(db: databases.Database, tenant: ids.TenantId) -> None:
    processes = [numbers.NumberLeases() for _ in range(3)]
    taken: list[list[int]] = [[] for _ in processes]
    for count in (1, 3, 2, 7, 1, 1, 20, 4):
        for process, seen in zip(processes, taken, strict=True):
            seen.extend(await process.take(db, tenant, "order", count))
    assert all(seen == sorted(seen) for seen in taken)
    everything = [number for seen in taken for number in seen]
    assert len(set(everything)) == len(everything) == 3 * 39
    assert min(everything) == 1


async def test_takers_at_once_share_one_hand(db: databases.Database, tenant: ids.TenantId) -> None:
    leases = numbers.NumberLeases()
    answers = await asyncio.gather(*(leases.take(db, tenant, "order", 5) for _ in range(20)))
    everything = [number for answer in answers for number in answer]
    assert len(set(everything)) == 100
    assert all(answer == sorted(answer) for answer in answers)


async def test_series_and_merchants_count_apart(
    db: databases.Database, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    leases = numbers.NumberLeases()
    assert await leases.take(db, tenant, "order", 2) == [1, 2]
    assert await leases.take(db, tenant, "return", 1) == [1]
    assert await leases.take(db, other_tenant, "order", 1) == [1]


async def test_blocks_grow_under_load_and_shrink_when_it_is_over(
    db: databases.Database, tenant: ids.TenantId, clock: FakeClock, recorder: StatementRecorder
) -> None:
    leases = numbers.NumberLeases()
    with recorder.watching() as sent:
        for _ in range(2_000):
            await leases.take(db, tenant, "order", 1)
    assert len(sent) <= 15
    hand = leases._hands[tenant, "order"]
    grown = hand.block
    for _ in range(5):
        clock.advance(timedelta(minutes=2))
        await leases.take(db, tenant, "order", hand.end - hand.next + 1)
    assert hand.block <= grown // 16


async def test_a_quiet_merchants_numbers_have_no_gaps_at_first(db: databases.Database, tenant: ids.TenantId) -> None:
    assert await numbers.NumberLeases().take(db, tenant, "order", 1) == [1]
    assert await numbers.NumberLeases().take(db, tenant, "order", 1) == [2]


async def test_the_series_used_longest_ago_is_forgotten_and_goes_on_later(
    db: databases.Database, tenant: ids.TenantId, shrunk: Callable[[int], None]
) -> None:
    shrunk(2)
    leases = numbers.NumberLeases()
    for series in ("a", "b", "c"):
        await leases.take(db, tenant, series, 1)
    assert (tenant, "a") not in leases._hands
    assert await leases.take(db, tenant, "a", 1) == [2]


@pytest.fixture
def shrunk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda count: monkeypatch.setattr(numbers, "SERIES_IN_HAND_MAX", count)
