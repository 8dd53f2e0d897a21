import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiedan.base.ids import UuidFactory

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - aware by zone


def milliseconds(made: UUID) -> int:
    return made.int >> 80


@given(moments)
def test_an_id_is_a_uuid_of_version_7_that_tells_its_moment(at: datetime) -> None:
    made = UuidFactory().new(at)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert abs(milliseconds(made) - at.timestamp() * 1000) <= 1


@given(st.lists(st.tuples(moments, st.integers(0, 50)), max_size=20))
def test_ids_rise_even_when_the_clock_steps_back(readings: list[tuple[datetime, int]]) -> None:
    factory = UuidFactory()
    made = [new for at, count in readings for new in factory.new_many(at, count)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_many_ids_in_one_millisecond_rise_and_stay_near_it() -> None:
    factory = UuidFactory()
    made = factory.new_many(AT, 20_000)
    assert made == sorted(set(made))
    assert milliseconds(made[-1]) - milliseconds(made[0]) <= 1


def test_an_overflowing_counter_borrows_the_next_millisecond() -> None:
    factory = UuidFactory()
    first = factory.new(AT)
    factory._counter = (1 << 42) - 1
    second, third = factory.new_many(AT, 2)
    assert first < second < third
    assert milliseconds(second) == milliseconds(first) + 1


def test_two_processes_make_different_ids() -> None:
    assert set(UuidFactory().new_many(AT, 1000)).isdisjoint(UuidFactory().new_many(AT, 1000))


def test_threads_share_one_factory() -> None:
    factory = UuidFactory()
    made: list[UUID] = []
    threads = [threading.Thread(target=lambda: made.extend(factory.new_many(AT, 2_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000


def test_a_later_moment_makes_a_higher_id_whoever_makes_it() -> None:
    assert UuidFactory().new(AT) < UuidFactory().new(AT + timedelta(milliseconds=1))
