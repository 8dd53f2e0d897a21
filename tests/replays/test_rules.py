"""What a replay sums up, by which rules it prices, and what it says that it cannot know."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from jiedan.base.errors import Refusal
from jiedan.orders import errors as order_errors
from jiedan.orders.values import OrderId
from jiedan.orders.values.replays import Assumed, LineChange, Replayed, ReplayOutcome, Sums, ToReplay
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import PercentOff, Promotion, When
from jiedan.replays import errors, rules
from jiedan.replays.values import DAYS_MAX, ORDERS_PER_REPLAY_MAX, Sum, SumKey

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
CUSTOMER = UUID(int=7)


def one(
    before: int, after: int, outcome: ReplayOutcome = "changed", currency: str = "CNY", **facts: object
) -> Replayed:
    """Return an order that was charged, and would come to, so much."""
    made = Replayed(OrderId(uuid4()), NOW, currency, None, outcome, Sums(before), Sums(after))
    return made._replace(**facts)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize("days", [0, -1, DAYS_MAX + 1])
def test_days_that_nobody_looks_back_are_refused(days: int) -> None:
    with pytest.raises(errors.ReplayDaysInvalid):
        rules.check(days=days, orders=1)


def test_none_and_too_many_orders_are_refused() -> None:
    rules.check(days=1, orders=ORDERS_PER_REPLAY_MAX)
    with pytest.raises(errors.NothingToReplay):
        rules.check(days=1, orders=0)
    with pytest.raises(errors.TooManyToReplay):
        rules.check(days=1, orders=ORDERS_PER_REPLAY_MAX + 1)


def test_what_begins_later_is_tried_as_if_it_had_always_held() -> None:
    def promotion(code: str, from_at: datetime | None, until_at: datetime | None) -> Promotion:
        return Promotion(code, code, PercentOff(1), when=When(from_at=from_at, until_at=until_at))

    coming = promotion("coming", NOW + DAY, NOW + 2 * DAY)
    begun, over = promotion("begun", NOW - DAY, NOW + DAY), promotion("over", None, NOW - DAY)
    trade = PriceList("trade", "CNY", from_at=NOW + DAY)
    book = RuleBook(promotions=(coming, begun, over), price_lists=(trade,))
    tried = rules.as_begun(book, NOW)
    assert rules.yet_to_begin(book, NOW) == (coming,)
    assert tried.promotions == (promotion("coming", None, None), begun, over)
    assert tried.price_lists == (PriceList("trade", "CNY"),)


def test_one_set_is_priced_by_one_version() -> None:
    found = [ToReplay(uuid4(), NOW, version) for version in (1, 1, 2, 1)]
    assert rules.of_one_version(found) == found[:2]
    assert rules.of_one_version(found[:2]) == found[:2]
    assert rules.of_one_version([]) == []


def test_each_currency_is_summed_up_for_itself() -> None:
    sums = rules.summed([one(1_000, 900), one(1_000, 1_200), one(500, 500, "same"), one(700, 650, currency="USD")])
    assert sums[SumKey("total", "", "CNY")] == Sum(3, 2_500, 2_600)
    assert sums[SumKey("fallen", "", "CNY")] == Sum(1, 1_000, 900)
    assert sums[SumKey("risen", "", "CNY")] == Sum(1, 1_000, 1_200)
    assert sums[SumKey("same", "", "CNY")] == Sum(1, 500, 500)
    assert sums[SumKey("total", "", "USD")] == Sum(1, 700, 650)
    assert rules.currencies(sums) == ["CNY", "USD"]


@pytest.mark.parametrize("outcome", ["refused", "unlike", "by_hand", "canceled", "imported"])
def test_what_is_not_compared_is_in_no_figure(outcome: ReplayOutcome) -> None:
    sums = rules.summed([one(1_000, 1_000, outcome)])
    after = 0 if outcome == "refused" else 1_000
    assert sums == {SumKey(outcome, "", "CNY"): Sum(1, 1_000, after)}


def test_skus_and_customers_are_summed_up_where_something_differs() -> None:
    lines = (LineChange("TEA", 500, 400), LineChange("TEA", 300, 250), LineChange("CUP", 200, 250))
    sums = rules.summed([one(1_000, 900, lines=lines, customer_id=CUSTOMER)])
    assert sums[SumKey("sku", "TEA", "CNY")] == Sum(1, 800, 650)
    assert sums[SumKey("sku", "CUP", "CNY")] == Sum(1, 200, 250)
    assert sums[SumKey("customer", str(CUSTOMER), "CNY")] == Sum(1, 1_000, 900)


def test_what_is_kept_one_by_one_says_why() -> None:
    why: Refusal = order_errors.UnknownSku("TEA")
    found = rules.rows([one(1_000, 1_000, "refused", reason=why), one(1, 1, "same"), one(9, 8)], locale="en")
    assert [(row.outcome, row.before_minor, row.after_minor, row.code) for row in found] == [
        ("refused", 1_000, 0, why.code),
        ("changed", 9, 8, ""),
    ]
    assert "TEA" in found[0].detail


def test_what_nobody_knows_is_told_with_what_hangs_on_it() -> None:
    assumed = Assumed(limited_minor=300, gifts=2, is_price_kept=True, codes=1, is_bounded=True, cut_minor=250)
    others = [one(500, 500, "unlike"), one(600, 600, "by_hand"), one(1, 1, "canceled")]
    sums = rules.summed([one(1_000, 700, assumed=assumed), *others])
    notes = {note.code: note.text for note in rules.notes("en", sums, ["Spring"])}
    assert notes.keys() == {
        "unlike", "by_hand", "cut", "limited", "gifts_assumed", "kept", "codes", "bounded", "canceled", "coming",
        "of_today", "behavior",
    }  # fmt: skip
    assert "¥6.00" in notes["by_hand"]
    assert "¥2.50 too much" in notes["cut"]
    assert "tags" in notes["of_today"]
    assert "¥3.00" in notes["limited"]
    assert "gifts more: 2" in notes["gifts_assumed"]
    assert "¥5.00" in notes["unlike"]
    assert "Spring" in notes["coming"]


def test_what_is_always_so_is_always_told() -> None:
    assert [note.code for note in rules.notes("en", {}, [])] == ["of_today", "behavior"]
    many = rules.notes("en", {}, [str(i) for i in range(9)])[0]
    assert "4 more" in many.text
