from hypothesis import given
from hypothesis import strategies as st

from jiedan.base.ratelimit import TokenBuckets


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    buckets = TokenBuckets(rate_per_s=2, burst=3)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a", 0.0) == 0.5
    assert buckets.take("a", 0.5) == 0
    assert buckets.take("a", 0.5) == 0.5


def test_keys_do_not_share_a_bucket() -> None:
    buckets = TokenBuckets(rate_per_s=1, burst=1)
    assert buckets.take("a", 0.0) == 0
    assert buckets.take("b", 0.0) == 0
    assert buckets.take("a", 0.0) > 0


def test_peek_takes_nothing_and_forget_forgives() -> None:
    buckets = TokenBuckets(rate_per_s=1, burst=1)
    assert buckets.peek("a", 0.0) == 0
    assert buckets.take("a", 0.0) == 0
    assert buckets.peek("a", 0.25) == 0.75
    buckets.forget("a")
    assert buckets.take("a", 0.25) == 0


def test_the_number_of_buckets_is_bounded() -> None:
    buckets = TokenBuckets(rate_per_s=1, burst=1, keys_max=10)
    for key in range(100):
        buckets.take(key, 0.0)
    assert len(buckets._buckets) == 10
    assert buckets.peek(99, 0.0) > 0


@given(st.lists(st.floats(min_value=0, max_value=5), min_size=1, max_size=60))
def test_no_stretch_of_time_lets_more_through_than_burst_and_rate(pauses: list[float]) -> None:
    buckets = TokenBuckets(rate_per_s=3, burst=5)
    at_s, passed = 0.0, 0
    for pause in pauses:
        at_s += pause
        passed += buckets.take("a", at_s) == 0
    assert passed <= 5 + 3 * at_s + 1e-6
