"""Gifts in the decisions about drafts, whatever there is: never in the way of what is bought, never oversold."""

from hypothesis import given
from hypothesis import strategies as st

from jiedan.orders.rules import earning, gifting, placing
from jiedan.orders.rules.planning import Circumstances, Plan
from jiedan.orders.values import NewOrder, Rejected
from jiedan.pricing.rules import compile_book
from jiedan.pricing.rules.gifts import Glance, still_earned, within_reach
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.lots import Lot
from jiedan.pricing.values.promotions import Caps, Gift, Goods, Promotion, When
from jiedan.pricing.values.taxes import TaxRate
from tests.orders import made
from tests.orders.test_rules import BODIES, NOW, STOCKS, body, circumstances, draft, essence, left_after

TEA = Goods(any_of=("sku:TEA",))
GIFTS = (
    Promotion("pots", "Pot", Gift(("POT", "SET"), per="time"), TEA, When(min_quantity=3)),
    Promotion("cups", "Cup", Gift(("CUP", "POT"), quantity=2), when=When(min_spend={"CNY": 500})),
)
RULES = compile_book(
    RuleBook(promotions=GIFTS, tax_rates=(TaxRate("standard", 130_000),)), version=1, prices_include_tax=True
)

Stock = dict[tuple[str, str], int]


def generous(stock: Stock, *, backorder: bool) -> Circumstances:
    """Return a shop that gives pots, sets and cups."""
    c = circumstances(stock, backorder=backorder)
    gifts = {code: c.skus[code] for code in ("CUP", "POT", "SET")}
    skus = {code: one._replace(traits=frozenset({f"sku:{code}"})) for code, one in c.prices.skus.items()}
    return c._replace(prices=c.prices._replace(rules=RULES, skus=skus, gifts=gifts))


def bought(plan: Plan) -> list[tuple[str, int, int]]:
    """Return the lines that are no gifts: code, units, and those that found stock."""
    found = [sum(a.quantity for a in plan.choice.assignments if a.line == x.line) for x in plan.lines]
    return [
        (x.code, x.ordered, got)
        for x, got in zip(plan.lines, found, strict=True)
        if x.line not in plan.gift_lines
    ]  # fmt: skip


def assert_gifts_are_there(plan: Plan) -> None:
    for line in plan.lines:
        if line.line in plan.gift_lines and line.kind != "kit":
            assert sum(a.quantity for a in plan.choice.assignments if a.line == line.line) == line.ordered
    assert not plan.gift_lines & plan.choice.missing.keys()
    assert [x.line for x in plan.lines] == list(range(1, len(plan.lines) + 1))


@given(stock=STOCKS, bodies=BODIES, backorder=st.booleans())
def test_a_gift_never_stands_in_the_way_of_what_is_bought(
    *, stock: Stock, bodies: list[NewOrder], backorder: bool
) -> None:
    c = generous(stock, backorder=backorder)
    plain = circumstances(stock, backorder=backorder)
    for wanted in bodies:
        (outcome,) = placing.plan_all([draft(wanted)], c)
        (without,) = placing.plan_all([draft(wanted)], plain)
        if isinstance(outcome, Plan) and isinstance(without, Plan):
            assert_gifts_are_there(outcome)
            assert outcome.total_minor == without.total_minor
            assert bought(outcome) == bought(without)
        else:
            assert essence(outcome) == essence(without)


@given(stock=STOCKS, bodies=BODIES, backorder=st.booleans())
def test_one_by_one_the_same_gifts_are_given_as_in_a_batch(
    *, stock: Stock, bodies: list[NewOrder], backorder: bool
) -> None:
    c = generous(stock, backorder=backorder)
    together = placing.plan_all([draft(wanted) for wanted in bodies], c)
    apart: list[Plan | Rejected] = []
    for wanted in bodies:
        apart += placing.plan_all([draft(wanted)], c._replace(stock=left_after(c.stock, apart)))
    assert [essence(o) for o in together] == [essence(o) for o in apart]


@given(seen=STOCKS, real=STOCKS, bodies=BODIES, backorder=st.booleans())
def test_whatever_the_locked_rows_say_gifts_are_there_or_left_out(
    *, seen: Stock, real: Stock, bodies: list[NewOrder], backorder: bool
) -> None:
    c = generous(seen, backorder=backorder)
    plans = [p for p in placing.plan_all([draft(wanted) for wanted in bodies], c) if isinstance(p, Plan)]
    there = circumstances(real).stock
    keys = placing.keys_to_lock(plans, c)
    settled = placing.settle(plans, c, {key: there[key] for key in keys if key in there})
    assert min(left_after({key: there.get(key, 0) for key in keys}, settled).values(), default=0) >= 0
    for outcome in settled:
        if isinstance(outcome, Plan):
            assert_gifts_are_there(outcome)
    unchanged = {key: c.stock[key] for key in keys}
    again = placing.settle(plans, c, unchanged)
    assert [essence(o) for o in again] == [essence(p) for p in plans]
    assert not placing.fits_elsewhere(plans, again, c, unchanged)


def test_what_could_be_given_instead_is_locked_too_where_a_gift_is_scarce() -> None:
    c = generous({("TEA", "W1"): 500, ("POT", "W1"): 1, ("CUP", "W1"): 500, ("CUP", "W2"): 4}, backorder=False)
    (plan,) = placing.plan_all([draft(body(("TEA", 3)))], c)
    assert isinstance(plan, Plan)
    assert gifting.given_by(plan) == {"POT": 1}
    keys = placing.keys_to_lock([plan], c)
    assert {c.stock[key] for key in keys} == {500, 1, 4}  # the set instead is made of tea and cups
    lost = {**{key: c.stock[key] for key in keys}, **{key: 0 for key in keys if c.stock[key] == 1}}
    (settled,) = placing.settle([plan], c, lost)
    assert isinstance(settled, Plan)
    assert gifting.given_by(settled) == {"SET": 1}
    assert settled.price_story.applied[0].gift is not None
    assert settled.price_story.applied[0].gift.line == 2


def test_only_what_a_cart_may_earn_is_read() -> None:
    glance = Glance(frozenset({"TEA"}), 3, "CNY", "portal", NOW)

    def found(one: Promotion, cart: Glance = glance) -> bool:
        return bool(within_reach([one], [cart]))

    plain = Promotion("p", "P", Gift(("MUG",)), TEA)
    assert found(plain)
    assert not found(plain, glance._replace(codes=frozenset({"CUP"})))
    assert found(Promotion("p", "P", Gift(("MUG",)), Goods(any_of=("category:X",))))
    for when in (
        When(from_at=NOW.replace(year=2027)),
        When(until_at=NOW),
        When(channels=("api",)),
        When(min_quantity=4),
        When(min_spend={"USD": 1}),
        When(coupon="required"),
        When(groups=("CLUB",)),
        When(counted=Goods(any_of=("sku:CUP",))),
    ):
        assert not found(Promotion("p", "P", Gift(("MUG",)), TEA, when)), when
    assert not found(Promotion("p", "P", Gift(("MUG",)), TEA, caps=Caps(per_customer=1)))
    assert found(Promotion("p", "P", Gift(("MUG",)), TEA, When(coupon="required")), glance._replace(has_coupons=True))


def test_each_promotion_of_an_order_gives_a_choice_of_its_own() -> None:
    c = generous({("TEA", "W1"): 50, ("POT", "W1"): 50, ("CUP", "W1"): 50}, backorder=False)
    for bought_of, named, expected in (
        (("TEA", 5), ("POT", "CUP"), {"CUP": 2, "POT": 1}),
        (("TEA", 5), ("SET", "POT"), {"POT": 2, "SET": 1}),
        (("TEA", 5), ("POT",), {"POT": 3}),
        (("TEA", 5), ("CUP", "CUP"), {"CUP": 2, "POT": 1}),
        (("TEA", 3), ("POT", "SET"), {"POT": 1}),  # cups are not earned, and take no pot
        (("CUP", 6), ("SET", "POT"), {"POT": 2}),
    ):
        (plan,) = placing.plan_all([draft(body(bought_of, gifts=named))], c)
        assert isinstance(plan, Plan)
        assert gifting.given_by(plan) == expected, named


def test_what_is_left_of_an_order_earns_as_much_as_it_is_worth() -> None:
    def left(units: int, each: int = 100) -> list[Lot]:
        return [Lot("TEA", units, each, units * each, frozenset({"sku:TEA"}))]

    pots, cups = GIFTS
    assert [still_earned(pots, left(units), "CNY") for units in (2, 3, 5, 6)] == [0, 1, 1, 2]
    assert [still_earned(cups, left(units), "CNY") for units in (4, 5, 9)] == [0, 2, 2]
    assert still_earned(pots, [Lot("CUP", 9, 100, 900, frozenset({"sku:CUP"}))], "CNY") == 0


def test_who_is_not_asked_for_tax_earns_gifts_as_whoever_pays_it() -> None:
    pot = Promotion("pot", "Pot", Gift(("POT",)), when=When(min_spend={"CNY": 100_000}))
    of = earning.Earning({3: pot}, {})
    # 1,100.00 hold 175.63 of tax at 19 %, 100.00 hold 15.97.
    lines = [
        made.line(line=1, unit_minor=110_000, discount_minor=17_563, relief_minor=17_563, total_minor=92_437),
        made.line(line=2, code="CUP", unit_minor=10_000, discount_minor=1_597, relief_minor=1_597, total_minor=8_403),
        made.line(line=3, code="POT", unit_minor=500, discount_minor=500, total_minor=0, price_source="gift"),
    ]
    assert earning.unearned(lines, {2: 1}, of, "CNY") == []
    assert earning.unearned(lines, {1: 1}, of, "CNY") == [(3, 1)]
    # Set by hand since: what counts is what it cost when it was placed, whatever is not asked of it now.
    cheap = {"unit_minor": 50_000, "discount_minor": 7_983, "relief_minor": 7_983, "price_source": "manual"}
    kept = {"placed_source": "list", "placed_unit_minor": 110_000, "placed_discount_minor": 5_000}
    lines[0] = made.line(line=1, **cheap, **kept, placed_by_hand_minor=0)
    assert earning.unearned(lines, {2: 1}, of, "CNY") == []
