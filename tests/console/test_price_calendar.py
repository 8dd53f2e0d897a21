"""Which days of a month a promotion holds, by the merchant's clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from jiedan.console.prices import calendar, week
from jiedan.console.prices.calendar import Span
from jiedan.console.prices.week import Times
from jiedan.pricing.values.promotions import Hours, PercentOff, Promotion, When

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOVEMBER = dt.date(2026, 11, 1)


def local(day: int, hour: int = 0, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=SHANGHAI).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("when", "span"),
    [
        (When(), Span(0, 30, 0)),
        (When(from_at=local(11)), Span(10, 20, 0)),
        # Until the beginning of the 12th, so the 11th is the last day.
        (When(from_at=local(11), until_at=local(12)), Span(10, 1, 19)),
        (When(from_at=local(11, 18), until_at=local(12, 2)), Span(10, 2, 18)),
        (When(from_at=local(11, 8), until_at=local(11, 10)), Span(10, 1, 19)),
        (When(from_at=local(20, 0, 10), until_at=local(5, 0, 12)), Span(0, 30, 0)),
        (When(until_at=local(1)), None),
        (When(from_at=local(1, 0, 12)), None),
        (When(until_at=local(1, 1)), Span(0, 1, 29)),
    ],
)
def test_a_promotion_holds_on_each_day_it_touches(when: When, span: Span | None) -> None:
    promotion = Promotion("p1", "P", PercentOff(10_000), when=when)
    assert calendar.span_of(promotion, NOVEMBER, SHANGHAI) == span


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-02", dt.date(2026, 2, 1)),
        ("2026-13", NOVEMBER),
        ("soon", NOVEMBER),
        ("0001-01", NOVEMBER),
        ("", NOVEMBER),
        ("99999999-1", NOVEMBER),
    ],
)
def test_what_is_no_month_is_this_one(text: str, month: dt.date) -> None:
    assert calendar.month_of(text, dt.date(2026, 11, 22)) == month


def test_months_follow_one_another() -> None:
    assert calendar.following(dt.date(2026, 12, 1)) == dt.date(2027, 1, 1)
    assert calendar.following(dt.date(2028, 2, 1)) == dt.date(2028, 3, 1)


EVENING = Hours((3,), "18:00", "22:00")
NIGHT = Hours((), "22:00", "06:00")


@pytest.mark.parametrize(
    ("times", "hours"),
    [
        (Times(), []),
        (Times(local(11), local(12)), []),
        (Times(local(12)), None),
        (Times(until_at=local(11)), None),
        (Times(local(11, 8), local(11, 20)), ["08:00–20:00"]),
        (Times(local(11, 8)), ["08:00–24:00"]),
        (Times(hours=(EVENING,)), ["18:00–22:00"]),
        (Times(hours=(NIGHT, EVENING)), ["18:00–22:00", "22:00–06:00"]),
        (Times(until_at=local(11, 23), hours=(NIGHT,)), ["22:00–23:00"]),
        (Times(hours=(Hours((4,)),)), None),
        (Times(hours=(Hours((3,)),)), []),
    ],
)
def test_a_rule_is_active_at_its_hours(times: Times, hours: list[str] | None) -> None:
    # The eleventh of November 2026 is a Wednesday.
    assert week.hours_on(dt.date(2026, 11, 11), times, SHANGHAI) == hours


@pytest.mark.parametrize(
    ("text", "monday"),
    [("2026-11-11", 9), ("2026-11-09", 9), ("2026-11-15", 9), ("soon", 16), ("9999-12-31", 16), ("", 16)],
)
def test_a_week_begins_on_monday(text: str, monday: int) -> None:
    assert week.monday_of(text, dt.date(2026, 11, 22)) == dt.date(2026, 11, monday)
