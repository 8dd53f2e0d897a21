"""The price of a unit: what was given, reckoned or listed, what options add, and nothing lost between lines."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.catalog.values import OrderQuantity
from jiedan.pricing import errors, rules, values
from jiedan.pricing.values import Surcharge, Tier, Wanted

AT = datetime(2026, 11, 11, 10, tzinfo=UTC)
DESK = values.Formula(
    "desk",
    "length * rate + setup / quantity",
    attributes=(
        values.FormulaAttribute("length", unit="cm", counted_in="m", minimum=Decimal(50), maximum=Decimal(300)),
    ),
    constants=(
        values.FormulaConstant("rate", amounts={"CNY": 10_000}),
        values.FormulaConstant("setup", amounts={"CNY": 3_000}),
    ),
)
SURCHARGES = (
    Surcharge("red", option="color", value="red", amounts={"CNY": 150, "KWD": 75}),
    Surcharge("engraving", option="engraving", amounts={"CNY": 2_000}),
    Surcharge("oak-large", trait="category:tables", option="size", value="large", rate_ppm=155_000),
    Surcharge("clearance", trait="tag:clearance", rate_ppm=-250_000),
    Surcharge("dear", trait="tag:dear", amounts={"CNY": 1}),
    Surcharge("bare", option="box", value="none", amounts={"CNY": -700}),
)
TEA = (Tier(1, 1_000), Tier(10, 900))
SKUS = {
    "TEA": values.SkuPrices(frozenset({"sku:TEA"}), (), {"CNY": TEA, "KWD": (Tier(1, 12_345),)}),
    "OLD": values.SkuPrices(frozenset({"sku:OLD", "tag:clearance"}), (), {"CNY": (Tier(1, 333),)}),
    "CUP": values.SkuPrices(
        frozenset({"sku:CUP"}),
        (values.ListEntry("bands", (Tier(1, 1_000), Tier(10, 900), Tier(20, 500)), "graduated"),),
        {"CNY": (Tier(1, 1_100),)},
        options=(("color", "red"),),
    ),
    "TABLE": values.SkuPrices(frozenset({"sku:TABLE", "category:tables"}), (), {"CNY": (Tier(1, 9_999),)}),
    "DESK": values.SkuPrices(frozenset({"sku:DESK"}), (), {"CNY": (Tier(1, 50),)}),
    "GOLD": values.SkuPrices(frozenset({"tag:dear"}), (), {"CNY": (Tier(1, 10**15),)}),
    "EGG": values.SkuPrices(frozenset(), (), {"CNY": (Tier(1, 50),)}, quantities=OrderQuantity(pack=6)),
}


def rule_set(*surcharges: Surcharge) -> rules.UnitRules:
    rate = values.ExchangeRate("CNY", "EUR", AT, "0.128")
    return rules.UnitRules(
        rules.compile_lists([values.PriceList("bands", "CNY")]),
        rules.compile_exchange("CNY", [rate], {"EUR": values.Rounding(100, 1)}),
        rules.compile_surcharges(surcharges or SURCHARGES),
        {"desk": rules.compile_formula(DESK)},
        {"sku:DESK": "desk"},
    )


RULES = rule_set()


def priced(*lines: Wanted, currency: str = "CNY") -> values.UnitPrices:
    return rules.unit_prices(lines, SKUS, RULES, values.Buyer(currency, AT))


def lines(*wanted: tuple[str, int], **more: object) -> list[Wanted]:
    return [Wanted(i, code, n, **more) for i, (code, n) in enumerate(wanted, 1)]  # type: ignore[arg-type]  # shorthand


@pytest.mark.parametrize(
    ("wanted", "units", "offs"),
    [
        # 6 + 4 = 10 units of tea: both lines cost 9.00, whichever comes first.
        ([("TEA", 6), ("TEA", 4)], [900, 900], [0, 0]),
        ([("TEA", 6), ("OLD", 1), ("TEA", 3)], [1_000, 250, 1_000], [0, 0, 0]),
        # 3.33 − 25 % = 3.33 − 0.8325 → 0.83 → 2.50.
        ([("OLD", 1)], [250], [0]),
        # Cups in red: 10.00 + 1.50. Graduated: of 12 units 3 lie beyond the ninth: 3.00 off, over 8 and 4: 2.00, 1.00.
        ([("CUP", 8), ("CUP", 4)], [1_150, 1_150], [200, 100]),
        # 21 units: 12 × 1.00 beyond the ninth + 2 × 4.00 beyond the nineteenth = 20.00, over 10, 10 and 1:
        # 2000 × 10/21 = 952.38 (twice), 2000/21 = 95.23; the missing unit goes to the first of the largest rests.
        ([("CUP", 10), ("CUP", 10), ("CUP", 1)], [1_150] * 3, [953, 952, 95]),
        # 99.99 + 15.5 % is added for large tables alone: none here.
        ([("TABLE", 2)], [9_999], [0]),
    ],
)
def test_all_units_of_a_sku_count_together(wanted: list[tuple[str, int]], units: list[int], offs: list[int]) -> None:
    found = priced(*lines(*wanted))
    assert [line.unit_minor for line in found.lines] == units
    assert [line.tier_off_minor for line in found.lines] == offs
    for lot in found.lots:
        own = [(x, w[1]) for x, w, of in zip(found.lines, wanted, found.lot_of, strict=True) if found.lots[of] == lot]
        assert lot.worth_minor == sum(x.unit_minor * n - x.tier_off_minor for x, n in own)


@pytest.mark.parametrize(
    ("line", "currency", "unit", "told"),
    [
        # Red: 10.00 + 1.50.
        (Wanted(1, "TEA", 1, (("color", "red"),)), "CNY", 1_150, [("red", 150)]),
        # Another color costs nothing more.
        (Wanted(1, "TEA", 1, (("color", "blue"),)), "CNY", 1_000, []),
        # Any engraving costs 20.00; no text is no engraving.
        (Wanted(1, "TEA", 1, (("engraving", "for 小明"),)), "CNY", 3_000, [("engraving", 2_000)]),
        (Wanted(1, "TEA", 1, (("engraving", ""),)), "CNY", 1_000, []),
        # 99.99 × 15.5 % = 15.49845 → 15.50.
        (Wanted(1, "TABLE", 1, (("size", "large"),)), "CNY", 11_549, [("oak-large", 1_550)]),
        # Both, each of the price before: 99.99 + 20.00 + 15.50.
        (Wanted(1, "TABLE", 1, (("size", "large"), ("engraving", "x"))), "CNY", 13_549,
         [("engraving", 2_000), ("oak-large", 1_550)]),
        # 3.33 − 0.83 − 7.00: below 0 it is told as what it took. By code: bare takes 3.33, clearance nothing more.
        (Wanted(1, "OLD", 1, (("box", "none"),)), "CNY", 0, [("bare", -333), ("clearance", 0)]),
        # 3.33 + 20.00 − 7.00 − 0.83 = 15.50.
        (Wanted(1, "OLD", 1, (("box", "none"), ("engraving", "x"))), "CNY", 1_550,
         [("bare", -700), ("clearance", -83), ("engraving", 2_000)]),
        # KWD has three decimals: 12.345 + 0.075.
        (Wanted(1, "TEA", 1, (("color", "red"),)), "KWD", 12_420, [("red", 75)]),
        # EUR is converted: 10.00 × 0.128 = 1.28 → 0.99 (nearer than 1.99); 1.50 × 0.128 = 0.192 → 0.19, as it is.
        (Wanted(1, "TEA", 1, (("color", "red"),)), "EUR", 118, [("red", 19)]),
        # Bespoke: 1.2 m × 100.00 + 30.00 = 150.00.
        (Wanted(1, "DESK", 1, attributes={"length": 120}), "CNY", 15_000, []),
        # The same in EUR: 150.00 × 0.128 = 19.20 → 18.99; and engraved: 20.00 × 0.128 = 2.56.
        (Wanted(1, "DESK", 1, (("engraving", "x"),), {"length": 120}), "EUR", 2_155, [("engraving", 256)]),
        # Given prices are taken as they are.
        (Wanted(1, "TABLE", 1, (("size", "large"),), given_minor=5, reason="friend"), "CNY", 5, []),
        (Wanted(1, "GONE", 1, given_minor=77, given_as="as_sold"), "CNY", 77, []),
    ],
)  # fmt: skip
def test_the_price_of_one_unit_adds_up(line: Wanted, currency: str, unit: int, told: list[tuple[str, int]]) -> None:
    (found,) = priced(line, currency=currency).lines
    assert (found.unit_minor, found.trace.unit_minor) == (unit, unit)
    assert [(s.code, s.amount_minor) for s in found.trace.surcharges] == told


def test_the_trace_says_where_a_price_came_from() -> None:
    found = priced(
        *lines(("TEA", 3), ("CUP", 1)),
        Wanted(3, "DESK", 2, attributes={"length": "120"}),
        Wanted(4, "TEA", 7, given_minor=1, reason="sample"),
    )
    sources = [(x.trace.source, x.trace.counted, x.trace.reason) for x in found.lines]
    assert sources == [("catalog", 10, ""), ("list", 1, ""), ("formula", 2, ""), ("manual", 10, "sample")]
    tea, cup, desk, _ = (x.trace for x in found.lines)
    assert tea.listed is not None
    assert tea.listed.tier_from == 10, "seven given away have counted"
    assert cup.listed is not None
    assert (cup.listed.list_code, cup.listed.next_list, cup.listed.won_by) == ("bands", "", "list")
    assert desk.formula == values.FormulaTrace("desk", {"length": "120"})
    assert desk.unit_minor == 13_500, "1.2 × 100.00 + 30.00 / 2"
    assert [lot.promotable for lot in found.lots] == [True, True, False, True], "by code and price; not what was given"
    assert msgspec.json.decode(msgspec.json.encode(tea))["listed"] == {"tier_from": 10}


def test_bespoke_pieces_alike_share_their_setup_however_lines_are_split() -> None:
    # Four of 1.2 m: 120.00 + 30.00 / 4 = 127.50; one of 1 m: 100.00 + 30.00.
    alike = [Wanted(1, "DESK", 3, attributes={"length": 120}), Wanted(2, "DESK", 1, attributes={"length": "120.0"})]
    found = priced(*alike, Wanted(3, "DESK", 1, attributes={"length": 100}))
    assert [x.unit_minor for x in found.lines] == [12_750, 12_750, 13_000]
    assert [(lot.quantity, lot.worth_minor) for lot in found.lots] == [(4, 51_000), (1, 13_000)]


def test_graduated_reductions_of_given_prices_fall_to_nobody() -> None:
    # 12 cups: 3.00 off in all, a third of it on the 4 that were given away.
    found = priced(Wanted(1, "CUP", 8), Wanted(2, "CUP", 4, given_minor=0, reason="gift"))
    assert [x.tier_off_minor for x in found.lines] == [200, 0]
    assert [(lot.unit_minor, lot.worth_minor) for lot in found.lots] == [(0, 0), (1_150, 9_000)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([Wanted(1, "NONE", 1)], [("price_missing", "lines[0].sku")]),
        ([Wanted(1, "GOLD", 1)], [("amount_out_of_range", "lines[0].unit_price_minor")]),
        # A price by hand is no leave to order a piece that cannot be made; what was sold elsewhere is not judged.
        ([Wanted(1, "DESK", 1, attributes={"length": 49}, given_minor=1, reason="x")],
         [("attribute_out_of_range", "lines[0].attributes.length")]),
        ([Wanted(1, "DESK", 1, given_minor=1, given_as="as_sold")], []),
        ([Wanted(1, "TEA", 0)], [("quantity_out_of_range", "lines[0].quantity")]),
        ([Wanted(1, "TEA", -5), Wanted(2, "NONE", 1)],
         [("quantity_out_of_range", "lines[0].quantity"), ("price_missing", "lines[1].sku")]),
        ([Wanted(1, "TEA", 10**10)], [("quantity_out_of_range", "lines[0].quantity")]),
        ([Wanted(1, "EGG", 4), Wanted(2, "EGG", 3)], [("quantity_off_pack", "lines[0].quantity")]),
        ([Wanted(1, "EGG", 5, given_minor=1, given_as="as_sold")], []),
        ([Wanted(1, "TEA", 1, attributes={"length": 1})], [("not_bespoke", "lines[0].attributes")]),
        ([Wanted(1, "DESK", 1, attributes={"length": 60, "color": "red"})],
         [("attribute_unknown", "lines[0].attributes.color")]),
        ([Wanted(1, "DESK", 1, attributes={"length": "60 kg"})],
         [("attribute_unit_wrong", "lines[0].attributes.length")]),
        ([Wanted(1, "DESK", 1)], [("attribute_missing", "lines[0].attributes.length")]),
        ([Wanted(1, "DESK", 1, attributes={"length": 49})], [("attribute_out_of_range", "lines[0].attributes.length")]),
        ([Wanted(1, "TEA", 1, given_minor=-1, reason="x")], [("amount_out_of_range", "lines[0].unit_price_minor")]),
        ([Wanted(1, "TEA", 1, given_minor=1)], [("reason_missing", "lines[0].price_reason")]),
        ([Wanted(1, "TEA", 1, given_minor=1, reason="x" * 201)], [("reason_missing", "lines[0].price_reason")]),
    ],
)  # fmt: skip
def test_what_has_no_price_is_refused_by_field(wanted: Sequence[Wanted], expected: list[tuple[str, str]]) -> None:
    if not expected:
        assert priced(*wanted).lines
        return
    with pytest.raises(errors.CannotPrice) as refused:
        priced(*wanted)
    assert [(r.code, r.field) for r in refused.value.reasons] == expected


def test_an_option_without_an_amount_in_the_currency_is_refused() -> None:
    line = Wanted(1, "TEA", 1, (("engraving", "x"),))
    with pytest.raises(errors.CannotPrice) as refused:
        priced(line, currency="KWD")
    assert [(r.code, r.field) for r in refused.value.reasons] == [("surcharge_missing", "lines[0].options")]
    with pytest.raises(errors.CannotPrice) as nothing:
        priced(Wanted(1, "DESK", 1, attributes={"length": 120}), currency="KWD")
    assert [(r.code, r.field) for r in nothing.value.reasons] == [("price_missing", "lines[0].sku")]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (Surcharge("", option="color", rate_ppm=1), [("price_code_invalid", "code")]),
        (Surcharge("x", rate_ppm=1), [("surcharge_aimless", "trait")]),
        (Surcharge("x", trait="colour:red", rate_ppm=1), [("surcharge_aimless", "trait")]),
        (Surcharge("x", trait="sku:A", value="red", rate_ppm=1), [("surcharge_aimless", "option")]),
        (Surcharge("x", option="color"), [("surcharge_invalid", "rate_ppm")]),
        (Surcharge("x", option="color", amounts={"CNY": 1}, rate_ppm=1), [("surcharge_invalid", "rate_ppm")]),
        (Surcharge("x", option="color", rate_ppm=-1_000_001), [("surcharge_invalid", "rate_ppm")]),
        (Surcharge("x", option="color", amounts={"YEN": 1}), [("price_currency_unknown", "amounts.YEN")]),
        (Surcharge("x", option="color", amounts={"CNY": 10**16}), [("amount_out_of_range", "amounts.CNY")]),
        (SURCHARGES[2], []),
    ],
)
def test_a_surcharge_that_cannot_work_is_refused_by_field(bad: Surcharge, expected: list[tuple[str, str]]) -> None:
    assert [(r.code, r.field) for r in rules.problems_of_surcharge(bad)] == expected


wishes = st.lists(
    st.tuples(
        st.sampled_from(["TEA", "OLD", "CUP", "TABLE"]), st.integers(1, 40), st.sampled_from(["", "red", "blue"])
    ),
    min_size=1,
    max_size=8,
)


def wanted_of(wishes: Sequence[tuple[str, int, str]]) -> list[Wanted]:
    return [
        Wanted(i, code, n, (("color", color),) if color else ()) for i, (code, n, color) in enumerate(wishes, start=1)
    ]


@given(wishes, st.randoms(use_true_random=False), st.data())
def test_splitting_and_reordering_lines_changes_no_lot(
    chosen: list[tuple[str, int, str]], dice: random.Random, data: st.DataObject
) -> None:
    whole = priced(*wanted_of(chosen))
    shares = []
    for code, n, color in chosen:
        first = data.draw(st.integers(0, n))
        shares += [(code, part, color) for part in (first, n - first) if part]
    dice.shuffle(shares)
    split = priced(*wanted_of(shares))
    assert split.lots == whole.lots
    for found, wanted in ((whole, chosen), (split, shares)):
        total = sum(x.unit_minor * n - x.tier_off_minor for x, (_, n, _) in zip(found.lines, wanted, strict=True))
        assert total == sum(lot.worth_minor for lot in found.lots)
        assert all(0 <= x.tier_off_minor <= x.unit_minor * n for x, (_, n, _) in zip(found.lines, wanted, strict=True))


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_million_units_cost_no_more_work_than_one(one: int, other: int) -> None:
    found = priced(Wanted(1, "CUP", one), Wanted(2, "CUP", other))
    (lot,) = found.lots
    assert (lot.quantity, lot.unit_minor) == (one + other, 1_150)
    beyond = [max(one + other - least + 1, 0) for least in (10, 20)]
    assert lot.worth_minor == (one + other) * 1_150 - beyond[0] * 100 - beyond[1] * 400


@given(
    wishes=st.lists(
        st.tuples(st.sampled_from(["OLD", "TABLE", "TEA", "CUP", "EGG", "GOLD", "DESK"]), st.integers(1, 30)),
        min_size=1,
        max_size=6,
    ),
    given_minor=st.one_of(st.none(), st.integers(0, 500)),
)
def test_the_short_way_for_plain_goods_comes_to_what_the_long_one_does(
    wishes: list[tuple[str, int]], given_minor: int | None
) -> None:
    """A surcharge that meets nothing makes the engine go the long way."""
    wanted = lines(*wishes)
    if given_minor is not None:
        wanted[0] = wanted[0]._replace(given_minor=given_minor, reason="Friend.")
    none = RULES._replace(surcharges=rules.compile_surcharges(()))
    idle = RULES._replace(
        surcharges=rules.compile_surcharges([Surcharge("idle", trait="tag:none", amounts={"CNY": 1})])
    )

    def found(chosen: rules.UnitRules) -> object:
        try:
            return rules.unit_prices(wanted, SKUS, chosen, values.Buyer("CNY", AT))
        except errors.CannotPrice as refusal:
            return [(type(reason), reason.field) for reason in refusal.reasons]

    assert found(none) == found(idle)
