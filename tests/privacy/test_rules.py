"""What stands in the way of an erasure, and what confirms it."""

import pytest

from jiedan.base import i18n
from jiedan.orders.values.erasing import Obstacle, Why
from jiedan.privacy import errors, rules
from jiedan.privacy.values import NUMBERS_SHOWN_MAX


def test_nothing_stands_in_the_way_of_who_owes_and_expects_nothing() -> None:
    assert rules.refusals([], {}) == []


def test_all_that_stands_in_the_way_is_told_at_once_each_with_its_remedy() -> None:
    kinds: tuple[Why, ...] = ("owed_by", "open", "moving", "owed_to")
    found = rules.refusals([Obstacle(f"SO-{why}", why) for why in kinds], {"refund_due": 2})
    assert [x.code for x in found] == [
        "erasure_orders_open",
        "erasure_money_moving",
        "erasure_money_owed_to_customer",
        "erasure_money_owed_by_customer",
        "erasure_cases_open",
    ]
    assert all(x.remedy for x in found)
    assert i18n.say_message("en", found[0]) == "Orders are still open: SO-open."
    assert i18n.say_message("en", found[-1]) == "Cases are still open: Refund due."


def test_a_refusal_names_few_orders_and_counts_the_others() -> None:
    (found,) = rules.refusals([Obstacle(f"SO-{i}", "open") for i in range(NUMBERS_SHOWN_MAX + 3)], {})
    assert isinstance(found, errors.OrdersOpen)
    assert (found.count, str(found.numbers)) == (8, "SO-0, SO-1, SO-2, SO-3, SO-4, 3 more")


@pytest.mark.parametrize(
    ("texts", "word"),
    [(("  Wang   Min ", "wang@example.com", ""), "Wang Min"), (("", "", "+8613800138000", "id"), "+8613800138000")],
)
def test_what_confirms_is_the_first_that_names_the_customer(texts: tuple[str, ...], word: str) -> None:
    assert rules.word_of(*texts) == word


@pytest.mark.parametrize(("typed", "is_right"), [(" wang  MIN", True), ("Wang", False), ("", False)])
def test_typing_is_compared_without_case_and_white_space(typed: str, *, is_right: bool) -> None:
    assert rules.is_confirmed(typed, "Wang Min") is is_right


def test_money_in_wallets_stands_in_the_way() -> None:
    (found,) = rules.refusals([], {}, wallets=2)
    assert (found.code, found.data()) == ("erasure_money_in_wallets", {"count": 2})
