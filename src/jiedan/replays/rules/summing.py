"""What a replay sums up, order by order, and by which rules it prices. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from jiedan.base import i18n
from jiedan.orders.values.replays import NOT_COMPARED, Replayed, ToReplay
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.promotions import Promotion
from jiedan.replays import errors
from jiedan.replays.values import DAYS_MAX, LISTED, ORDERS_PER_REPLAY_MAX, OrderRow, Sum, SumKey


def check(*, days: int, orders: int) -> None:
    """Refuse what cannot be replayed. Raises ReplayDaysInvalid, TooManyToReplay, NothingToReplay."""
    check_days(days)
    if orders > ORDERS_PER_REPLAY_MAX:
        raise errors.TooManyToReplay(ORDERS_PER_REPLAY_MAX, field="days")
    if not orders:
        raise errors.NothingToReplay(field="days")


def check_days(days: int) -> None:
    """Refuse a number of days that nobody looks back. Raises ReplayDaysInvalid."""
    if not 1 <= days <= DAYS_MAX:
        raise errors.ReplayDaysInvalid(DAYS_MAX, field="days")


def yet_to_begin(book: RuleBook, at: datetime) -> tuple[Promotion, ...]:
    """Return the promotions of a book that begin after a moment."""
    return tuple(one for one in book.promotions if one.when.from_at is not None and one.when.from_at > at)


def as_begun(book: RuleBook, at: datetime) -> RuleBook:
    """Return a book as if what begins after a moment had always held: what it would have done is the question.

    Promotions and price lists that begin later lose both their beginning and their end; all other periods hold.
    """
    coming = {one.id for one in yet_to_begin(book, at)}
    return replace(
        book,
        promotions=tuple([
            replace(one, when=replace(one.when, from_at=None, until_at=None)) if one.id in coming else one
            for one in book.promotions
        ]),
        price_lists=tuple([
            replace(one, from_at=None, until_at=None) if one.from_at is not None and one.from_at > at else one
            for one in book.price_lists
        ]),
    )  # fmt: skip


def of_one_version(found: Sequence[ToReplay]) -> Sequence[ToReplay]:
    """Return the orders up to the first that other rules priced: one set is priced by one version."""
    for place, one in enumerate(found):
        if one.version != found[0].version:
            return found[:place]
    return found


def summed(outcomes: Iterable[Replayed]) -> Mapping[SumKey, Sum]:
    """Return what orders add to the figures; of each currency for itself."""
    sums: dict[SumKey, Sum] = {}
    for one in outcomes:
        for figure, subject, orders, before_minor, after_minor in _parts(one):
            key = SumKey(figure, subject, one.currency)
            sums[key] = sums.get(key, Sum()).plus(orders, before_minor, after_minor)
    return sums


def _parts(one: Replayed) -> Iterable[tuple[str, str, int, int, int]]:
    """Yield figure, subject, orders, before and after."""
    before, after = one.before, one.after
    yield one.outcome, "", 1, before.total_minor, 0 if one.outcome == "refused" else after.total_minor
    if one.outcome in NOT_COMPARED or one.outcome == "refused":
        return
    yield "total", "", 1, before.total_minor, after.total_minor
    for figure, was, now in (
        ("discount", before.discount_minor, after.discount_minor),
        ("shipping", before.shipping_minor, after.shipping_minor),
        ("tax", before.tax_minor, after.tax_minor),
        ("gifts", before.gifts, after.gifts),
    ):
        if was or now:
            yield figure, "", int(was != now), was, now
    difference = one.difference_minor
    if difference:
        yield "risen" if difference > 0 else "fallen", "", 1, before.total_minor, after.total_minor
        if one.customer_id is not None:
            yield "customer", str(one.customer_id), 1, before.total_minor, after.total_minor
    for code, (was, now) in _by_sku(one).items():
        yield "sku", code, 1, was, now
    yield from _assumptions(one)


def _by_sku(one: Replayed) -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for line in one.lines:
        was, now = found.get(line.code, (0, 0))
        found[line.code] = (was + line.before_minor, now + line.after_minor)
    return found


def _assumptions(one: Replayed) -> Iterable[tuple[str, str, int, int, int]]:
    assumed = one.assumed
    if assumed.limited_minor:
        yield "limited", "", 1, 0, assumed.limited_minor
    if assumed.gifts:
        yield "gifts_assumed", "", 1, 0, assumed.gifts
    if assumed.is_price_kept:
        yield "kept", "", 1, 0, 0
    if assumed.codes:
        yield "codes", "", 1, assumed.codes, 0
    if assumed.cut_minor:
        yield "cut", "", 1, assumed.cut_minor, 0
    if assumed.is_bounded:
        yield "bounded", "", 1, 0, 0


def rows(outcomes: Iterable[Replayed], *, locale: str) -> list[OrderRow]:
    """Return the orders that are kept one by one, and why in words."""
    return [
        OrderRow(
            one.order_id,
            one.outcome,
            one.currency,
            one.before.total_minor,
            0 if one.outcome == "refused" else one.after.total_minor,
            "" if one.reason is None else one.reason.code,
            "" if one.reason is None else i18n.say(locale, one.reason),
        )
        for one in outcomes
        if one.outcome in LISTED
    ]
