"""What holds for every cart and every set of promotions: sums, bounds, order, and the best combination."""

import itertools
from collections.abc import Iterator, Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedan.base import money
from jiedan.pricing.rules import promotions as rules
from jiedan.pricing.rules.promotions import goods as shelves
from jiedan.pricing.rules.promotions import sets
from jiedan.pricing.values import promoted, promotions
from jiedan.pricing.values.lots import Lot
from tests.pricing.promotion_factories import amounts, buy_get, facts, lot, promotion

CATEGORIES = ("x", "y", "z")
GIFTS = {"MUG": promoted.GiftStock(3, 700), "PEN": promoted.GiftStock(9, 100)}

minors = st.integers(1, 3000)
rates = st.sampled_from([1, 50_000, 100_000, 333_333, 500_000, 1_000_000])
chosen = st.builds(
    lambda any_of, none_of: promotions.Goods(
        tuple(f"category:{name}" for name in sorted(any_of)),
        (),
        tuple(f"category:{name}" for name in sorted(none_of - any_of)),
    ),
    st.sets(st.sampled_from(CATEGORIES), max_size=2),
    st.sets(st.sampled_from(CATEGORIES), max_size=1),
)
money_steps = st.builds(
    lambda start, step, off, more: promotions.Steps(
        steps=(
            promotions.Step(from_amounts={"CNY": start}, amounts={"CNY": off}),
            promotions.Step(from_amounts={"CNY": start + step}, amounts={"CNY": off + more}),
        )
    ),
    minors,
    minors,
    minors,
    minors,
)
plain = st.one_of(
    st.builds(lambda rate, per: promotions.PercentOff(rate, per=per), rates, st.sampled_from(["goods", "order"])),
    st.builds(lambda rate, cap: promotions.PercentOff(rate, at_most={"CNY": cap}), rates, minors),
    st.builds(
        lambda minor, per: promotions.AmountOff({"CNY": minor}, per=per),
        minors,
        st.sampled_from(["unit", "line", "order"]),
    ),
    st.builds(lambda minor: promotions.FixedPrice({"CNY": minor}), minors),
)
in_sets = st.one_of(
    st.builds(
        lambda buy, get, rate, among, times: buy_get(
            buy,
            get,
            rate,
            among=among,
            times_max=times,
            other=promotions.Goods(("category:y",)) if among == "other" else None,
        ),
        st.integers(1, 3),
        st.integers(1, 2),
        rates,
        st.sampled_from(["set", "sku", "other"]),
        st.none() | st.integers(1, 3),
    ),
    st.builds(
        lambda a, b, n, minor: promotions.Bundle((promotions.Slot(a, n), promotions.Slot(b)), {"CNY": minor}),
        chosen,
        chosen,
        st.integers(1, 3),
        minors,
    ),
)
perks = st.one_of(
    st.builds(lambda skus: promotions.Gift(tuple(sorted(skus))), st.sets(st.sampled_from(["MUG", "PEN"]), min_size=1)),
    st.builds(promotions.ShippingOff, rates),
)
carts = st.lists(
    st.builds(
        lambda number, quantity, unit, traits, short: lot(
            f"A{number}", quantity, unit, *sorted(traits), worth=max(0, quantity * unit - short)
        ),
        st.integers(0, 4),
        st.integers(1, 7),
        st.integers(0, 2000),
        st.sets(st.sampled_from(CATEGORIES), max_size=2),
        st.integers(0, 5),
    ),
    max_size=5,
)


@st.composite
def some_promotions(draw: st.DrawFn, *, most: int = 5) -> list[promotions.Promotion]:
    """Draw promotions of every kind, in groups, alone, with thresholds and counted units."""
    made = []
    for number in range(draw(st.integers(1, most))):
        offer = draw(st.one_of(plain, in_sets, money_steps, perks))
        spend = draw(st.none() | minors)
        counts = isinstance(offer, promotions.FixedPrice)
        made.append(
            promotions.Promotion(
                id=f"P{number}",
                name="any",
                offer=offer,
                goods=promotions.ALL_GOODS if isinstance(offer, promotions.Bundle) else draw(chosen),
                when=promotions.When(min_spend={} if spend is None else {"CNY": spend}),
                priority=draw(st.integers(0, 2)),
                group=draw(st.sampled_from(["", "", "g", "h"])),
                stacking=draw(st.sampled_from(["stack", "stack", "stack", "alone"])),
                caps=promotions.Caps(units_per_order=draw(st.none() | st.integers(1, 4)) if counts else None),
            )
        )
    return made


def run(cart: Sequence[Lot], made: Sequence[promotions.Promotion], *, every: bool = False) -> promoted.Promoted:
    return rules.promote(cart, facts(gifts=GIFTS, shipping_minor=900), rules.compile_promotions(made), every=every)


def worth(told: promoted.Promoted) -> int:
    """Return what a combination is worth: discounts, gifts, what is off the shipping fee."""
    gifts = sum(GIFTS[one.sku].unit_minor * one.quantity for one in told.gifts)
    return sum(told.discounts) + gifts + sum(rules.shipping_off(900, told.shipping))


@given(cart=carts, made=some_promotions(most=8))
@settings(max_examples=400, deadline=None)
def test_the_parts_are_the_whole_and_nothing_falls_below_nothing(
    cart: list[Lot], made: list[promotions.Promotion]
) -> None:
    assert [rules.problems_of_promotion(one) for one in made] == [()] * len(made)
    told = run(cart, made, every=True)
    by_lot = [0] * len(cart)
    for one in told.applied:
        assert one.amount_minor == sum(part.minor for part in one.lots)
        assert all(part.minor > 0 for part in one.lots)
        for part in one.lots:
            by_lot[part.lot] += part.minor
    assert told.discounts == tuple(by_lot)
    assert all(0 <= off <= sold.worth_minor for off, sold in zip(told.discounts, cart, strict=True))
    assert [one.promotion for one in told.outcomes] == [
        one.id for one in sorted(made, key=lambda one: (one.priority, one.id))
    ]
    assert {one.promotion for one in told.outcomes if one.code == "applied"} == {one.promotion for one in told.applied}
    assert told.evaluations <= promoted.EVALUATIONS_MAX


@given(cart=carts, made=some_promotions(most=6), data=st.data())
@settings(max_examples=200, deadline=None)
def test_neither_the_order_of_lots_nor_that_of_promotions_matters(
    cart: list[Lot], made: list[promotions.Promotion], data: st.DataObject
) -> None:
    by_key = {(one.code, one.unit_minor, one.worth_minor): one for one in cart}  # the same goods are one lot
    cart = list(by_key.values())
    shuffled = data.draw(st.permutations(cart))
    told, again = run(cart, made), run(shuffled, data.draw(st.permutations(made)))
    assert amounts(told) == amounts(again)
    assert told.outcomes == again.outcomes
    assert {id(one): off for one, off in zip(cart, told.discounts, strict=True)} == {
        id(one): off for one, off in zip(shuffled, again.discounts, strict=True)
    }


def _legal(made: Sequence[promotions.Promotion]) -> Iterator[tuple[promotions.Promotion, ...]]:
    for size in range(len(made) + 1):
        for some in itertools.combinations(made, size):
            groups = [one.group for one in some if one.group]
            is_alone = any(one.stacking == "alone" for one in some)
            if len(set(groups)) == len(groups) and not (is_alone and size > 1):
                yield some


@given(cart=carts, made=some_promotions(most=5))
@settings(max_examples=300, deadline=None)
def test_no_legal_combination_is_worth_more(cart: list[Lot], made: list[promotions.Promotion]) -> None:
    told = run(cart, made)
    assert told.search == "complete"
    # Each by itself and in groups of its own, so that nothing is left to be chosen but what is left out here.
    best = max(worth(run(cart, some)) for some in _legal(made))
    # Spreading by largest remainder may move a minor unit to goods that another promotion does not reduce.
    assert worth(told) >= best - len(made)


@given(
    units=st.lists(st.integers(0, 60), min_size=0, max_size=14),
    buy=st.integers(1, 4),
    get=st.integers(1, 3),
    rate=rates,
)
@settings(max_examples=300, deadline=None)
def test_runs_of_units_are_reduced_as_units_one_by_one_would_be(
    units: list[int], buy: int, get: int, rate: int
) -> None:
    cart = [lot(f"U{price:02}", units.count(price), price) for price in sorted(set(units))]
    told = run(cart, [promotion(buy_get(buy, get, rate))])
    dearest = sorted(units, reverse=True)
    size = buy + get
    full = len(dearest) // size * size
    got = [price for place, price in enumerate(dearest[:full]) if place % size >= buy]
    assert sum(told.discounts) == money.round_half_up(sum(got) * rate, 1_000_000)


@given(
    kinds=st.lists(st.tuples(st.integers(1, 7), st.integers(1, 5)), max_size=6),
    needs=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
)
@settings(max_examples=200, deadline=None)
def test_so_many_sets_are_made_as_units_can_fill(kinds: list[tuple[int, int]], needs: tuple[int, int, int]) -> None:
    counts: dict[int, int] = {}
    for fits, count in kinds:
        counts[fits] = counts.get(fits, 0) + count
    assert sets.sets_of(needs, counts) == max(times for times in range(31) if _fills(needs, counts, times))


def _fills(needs: Sequence[int], counts: dict[int, int], times: int) -> bool:
    """Tell, by finding a place for one unit after the other (Kuhn), whether all slots of so many sets are filled."""
    places = [slot for slot, need in enumerate(needs) for _ in range(need * times)]
    units = [fits for fits, count in counts.items() for _ in range(count)]
    if len(places) > len(units):
        return False
    holds: dict[int, int] = {}

    def fill(place: int, seen: set[int]) -> bool:
        for unit, fits in enumerate(units):
            if fits >> places[place] & 1 and unit not in seen:
                seen.add(unit)
                if unit not in holds or fill(holds[unit], seen):
                    holds[unit] = place
                    return True
        return False

    return all(fill(place, set()) for place in range(len(places)))


@given(amount=st.integers(0, 10_000), weights=st.lists(st.integers(0, 999), min_size=1, max_size=9))
def test_amounts_are_spread_as_everywhere(amount: int, weights: list[int]) -> None:
    amount = min(amount, sum(weights))
    if amount:
        assert shelves.spread(amount, weights) == money.share_out(amount, weights)


@given(cart=carts, made=some_promotions(most=4))
@settings(max_examples=150, deadline=None)
def test_what_merchants_write_survives_storage(cart: list[Lot], made: list[promotions.Promotion]) -> None:
    kept = msgspec.json.decode(msgspec.json.encode(made), type=list[promotions.Promotion])
    assert kept == made
    told = run(cart, kept)
    assert msgspec.json.decode(msgspec.json.encode(told.outcomes), type=tuple[promoted.Outcome, ...]) == told.outcomes
    assert msgspec.json.decode(msgspec.json.encode(told.applied), type=tuple[promoted.Applied, ...]) == told.applied
