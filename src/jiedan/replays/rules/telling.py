"""Tell in words what a replay cannot know, what it assumed instead, and how much hangs on it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from jiedan.base import i18n, money
from jiedan.base.i18n import N_
from jiedan.orders.values.replays import ReplayOutcome
from jiedan.replays.values import Note, Sum, SumKey

NAMES_SHOWN_MAX = 5
"""Promotions that begin later, by name; of more it is said how many there are."""


def currencies(sums: Mapping[SumKey, Sum]) -> list[str]:
    """Return the currencies of a replay, that of most orders first."""
    orders: dict[str, int] = {}
    for key, one in sums.items():
        if not key.subject and key.figure in _OUTCOMES:
            orders[key.currency] = orders.get(key.currency, 0) + one.orders
    return sorted(orders, key=lambda currency: (-orders[currency], currency))


_OUTCOMES = get_args(ReplayOutcome)

_WITH_AMOUNT: tuple[tuple[str, str], ...] = (
    (
        "refused",
        N_(
            "Orders that the draft would not have taken: {orders}, {amount} in all. They are not in the figures, but in"
            " a list of their own with the reasons."
        ),
    ),
    (
        "unlike",
        N_(
            "Orders that cannot be compared: {orders}, {amount} in all. Priced today by their own rules they do not"
            " come to what was charged. They are not in the figures."
        ),
    ),
    (
        "by_hand",
        N_(
            "Orders whose prices somebody has set by hand since they were placed: {orders}, {amount} in all. They are"
            " not in the figures, but in a list of their own; the history of each tells who did it, and why."
        ),
    ),
    (
        "cut",
        N_(
            "Orders with a discount by hand that is more than their goods would cost: {orders}, {amount} too much in"
            " all. Their goods count as free."
        ),
    ),
    (
        "limited",
        N_(
            "Orders in which promotions with limits would take something off: {orders}, {amount} in all. Whether the"
            " limits were used up by then, by others or by the same customer, is not known: they count as free, so"
            " this is the most it can be."
        ),
    ),
)
_COUNTED: tuple[tuple[str, str], ...] = (
    (
        "gifts_assumed",
        N_(
            "Orders with more gifts than were given: {orders}; gifts more: {count}. Whether those were in stock then is"
            " not known: they count as if they had been."
        ),
    ),
    (
        "kept",
        N_(
            "Orders with goods that have another price today: {orders}. Their unit prices stayed as charged: what the"
            " draft changes of unit prices does not show there."
        ),
    ),
    ("codes", N_("Orders with a coupon that the draft does not know: {orders}. They are priced without it.")),
    ("bounded", N_("Orders in which so many offers meet that not every combination was weighed: {orders}.")),
    ("canceled", N_("Orders that were canceled, and are not in the figures: {orders}.")),
    ("imported", N_("Orders imported with prices of another system, which are not in the figures: {orders}.")),
)
_COMING = N_("These begin later, and were replayed as if they had always held: {names}.")
_COMING_MORE = N_("{names} and {count} more")
_OF_TODAY = N_(
    "Who is in which customer group, what goods weigh, and which brand, categories and tags they have is as it is"
    " today: what it was when the orders were placed is not kept."
)
_BEHAVIOR = N_(
    "What customers would have bought at other prices nobody can know: every order is taken as it was placed."
)


def notes(locale: str, sums: Mapping[SumKey, Sum], coming: Sequence[str]) -> list[Note]:
    """Return what has to be known beside the figures, what weighs most first; `coming` are names of promotions."""
    return list(_notes(locale, sums, coming))


def _notes(locale: str, sums: Mapping[SumKey, Sum], coming: Sequence[str]) -> Iterator[Note]:
    for figure, message in _WITH_AMOUNT:
        for currency in currencies(sums):
            found = sums.get(SumKey(figure, "", currency))
            if found is not None and found.orders:
                minor = found.after_minor if figure == "limited" else found.before_minor
                amount = money.format_money(minor, currency, i18n.BABEL_BY_LOCALE[locale])
                yield Note(figure, i18n.translate(locale, message, orders=found.orders, amount=amount))
    for figure, message in _COUNTED:
        found = _together(sums, figure)
        if found.orders:
            yield Note(figure, i18n.translate(locale, message, orders=found.orders, count=found.after_minor))
    if coming:
        names = i18n.listed(locale, coming[:NAMES_SHOWN_MAX])
        if len(coming) > NAMES_SHOWN_MAX:
            names = i18n.translate(locale, _COMING_MORE, names=names, count=len(coming) - NAMES_SHOWN_MAX)
        yield Note("coming", i18n.translate(locale, _COMING, names=names))
    yield Note("of_today", i18n.translate(locale, _OF_TODAY))
    yield Note("behavior", i18n.translate(locale, _BEHAVIOR))


def _together(sums: Mapping[SumKey, Sum], figure: str) -> Sum:
    """Return how many orders of all currencies a figure is of; what is counted of it may be added, amounts may not."""
    found = [one for key, one in sums.items() if key.figure == figure]
    return Sum(sum(one.orders for one in found), 0, sum(one.after_minor for one in found))
