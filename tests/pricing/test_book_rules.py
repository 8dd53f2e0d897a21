"""Which versions of the rules are still to begin."""

from datetime import timedelta

from jiedan.base.events import SYSTEM
from jiedan.pricing.values.drafts import BookBrief
from tests.conftest import NOON

SECOND = timedelta(seconds=1)


def test_what_began_at_once_does_not_wait_for_whoever_looks_with_an_earlier_clock() -> None:
    at_once = BookBrief(1, NOON + SECOND, "", None, NOON + SECOND, SYSTEM)
    later = BookBrief(2, NOON + 2 * SECOND, "", None, NOON, SYSTEM)
    assert not at_once.waits(NOON)
    assert [later.waits(NOON + n * SECOND) for n in (0, 1, 2)] == [True, True, False]
