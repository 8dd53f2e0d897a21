"""Days of channels, and periods beside those before: pure."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jiedan.reports import rules
from jiedan.reports.rules import Day
from jiedan.reports.values import Amount, DayAmount

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 21)


def placed(days_ago: int, channel: str, amount: int, until: int = 0) -> DayAmount:
    return DayAmount(TODAY - timedelta(days=days_ago), "placed", "CNY", channel, amount, until)


def test_hours_are_parts_of_their_days_up_to_this_time_of_day() -> None:
    now = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)  # 11:30 in Shanghai
    hours = [Amount(now.replace(hour=x, minute=0), "placed", "CNY", 1, "web") for x in (2, 3, 16)]
    found = rules.as_days(hours, now=now, zone=ZONE)
    assert [(x.day, x.amount, x.until) for x in found] == [
        (TODAY, 1, 1),
        (TODAY, 1, 1),
        (TODAY + timedelta(days=1), 1, 1),
    ]
    late = rules.as_days([Amount(now.replace(hour=4, minute=0), "placed", "CNY", 1, "web")], now=now, zone=ZONE)
    assert [(x.day, x.until) for x in late] == [(TODAY, 0)]


def test_the_days_before_end_at_this_time_of_day() -> None:
    told = [placed(0, "web", 5, 5), placed(2, "web", 7, 3), placed(3, "web", 11, 2)]
    told += [DayAmount(TODAY, "sales", "USD", "web", 900, 900), DayAmount(TODAY, "sales", "CNY", "web", 700, 700)]
    now = rules.told_days(told, currency="CNY", last=TODAY, number=2)
    before = rules.days_until(told, currency="CNY", last=TODAY - timedelta(days=2), number=2)
    assert now == [Day(), Day(placed=5, sales=700)]
    assert before == [Day(placed=11), Day(placed=3)]
    assert rules.summed([*now, *before]) == Day(placed=19, sales=700)
    assert rules.summed([]) == Day()


@pytest.mark.parametrize(
    ("channels_max", "expected"),
    [
        (3, {"web": [1, 9], "api": [4, 0], "phone": [0, 2]}),
        (2, {"web": [1, 9], None: [4, 2]}),
        (1, {None: [5, 11]}),
    ],
)
def test_channels_with_few_orders_are_told_together(channels_max: int, expected: dict[str | None, list[int]]) -> None:
    told = [placed(0, "web", 9), placed(1, "web", 1), placed(1, "api", 4), placed(0, "phone", 2), placed(2, "old", 99)]
    told.append(DayAmount(TODAY, "sales", "CNY", "old", 99, 99))
    found = rules.by_channel(told, last=TODAY, number=2, channels_max=channels_max)
    assert found == expected
    assert list(found) == list(expected), "those with most first, the others last"
