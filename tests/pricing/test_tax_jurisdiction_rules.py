"""Which rates a place has: the most particular row of each tax, at the time that counts."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from jiedan.pricing import errors, rules, values
from tests.pricing.tax_tables import GERMANY, NOON, charged, goods, noted, rate

CHANGE = datetime(2020, 7, 1, tzinfo=UTC)
BACK = datetime(2021, 1, 1, tzinfo=UTC)
LEVELS = (
    rate("*", 10_000),
    rate("US", 20_000),
    rate("US", 30_000, region="CA"),
    rate("US", 40_000, postal="9"),
    rate("US", 50_000, postal="94"),
    rate("US", 60_000, postal="94105..94110"),
    rate("US", 70_000, postal="94107"),
    rate("US", 80_000, postal="94107", region="CA"),
    rate("US", 90_000, postal="94000..94999"),
)


class Case(NamedTuple):
    name: str
    place: values.Place
    expected: dict[str, int]
    table: tuple[values.TaxRate, ...] = LEVELS
    at: datetime = NOON


def us(postal_code: str, region: str = "") -> values.Place:
    return values.Place("US", region, postal_code)


DEFAULTS = (rate("*", 200_000, "VAT"), rate("DE", 190_000, "MwSt"), rate("US", 70_000, "tax", region="NY"))
STACK = (
    rate("US", 62_500, "state", region="IL"),
    rate("US", 12_500, "county", region="IL", postal="606", position=1),
    rate("US", 10_000, "city", region="IL", postal="60601..60661", position=2),
    rate("US", 2_500, "county", region="IL", postal="60699", position=1),
)
HISTORY = (
    rate("DE", 190_000, until_at=CHANGE),
    rate("DE", 160_000, from_at=CHANGE, until_at=BACK),
    rate("DE", 190_000, from_at=BACK),
)
BRITAIN = (rate("GB", 200_000), rate("GB", 0, postal="BT"), rate("GB", 1, postal="SW1A 1AA"))
POLAND = (rate("PL", 230_000), rate("PL", 10_000, postal="00-001..00-950"))

CASES = [
    Case("the others", values.Place("FR"), {"VAT": 10_000}),
    Case("nowhere in particular", values.Place(""), {"VAT": 10_000}),
    Case("the country", us("10001"), {"VAT": 20_000}),
    Case("the region", us("10001", "CA"), {"VAT": 30_000}),
    Case("a region is written in any case", us("10001", " ca "), {"VAT": 30_000}),
    Case("a short prefix goes before the region", us("90210", "CA"), {"VAT": 40_000}),
    Case("a short prefix without a region", us("90210"), {"VAT": 40_000}),
    Case("a range goes before a shorter prefix", us("94200"), {"VAT": 90_000}),
    Case("a narrower range goes before a wider one", us("94105"), {"VAT": 60_000}),
    Case("the end of a range is in it", us("94110"), {"VAT": 60_000}),
    Case("behind the end of the range", us("94111"), {"VAT": 90_000}),
    Case("one code goes before a range", us("94107", "NY"), {"VAT": 70_000}),
    Case("of equal areas the one of the region", us("94107", "CA"), {"VAT": 80_000}),
    Case("a longer code is in the area of its beginning", us("94107-1234"), {"VAT": 70_000}),
    Case("a shorter code is in no longer area", us("94"), {"VAT": 50_000}),
    Case("full-width digits count as digits", us("９４１０７"), {"VAT": 70_000}),
    Case("the others' tax is not added to the country's own", GERMANY, {"MwSt": 190_000}, DEFAULTS),
    Case("the country has a row, though elsewhere", us("10001", "CA"), {"VAT": 200_000}, DEFAULTS),
    Case("the country has a row here", us("10001", "NY"), {"tax": 70_000}, DEFAULTS),
    Case("taxes of all levels add up", us("60601", "IL"), {"state": 62_500, "county": 12_500, "city": 10_000}, STACK),
    Case("one of them is more particular", us("60699", "IL"), {"state": 62_500, "county": 2_500}, STACK),
    Case("elsewhere in the state", us("62701", "IL"), {"state": 62_500}, STACK),
    Case("a code of another state does not count", us("60601", "IN"), {}, STACK),
    Case("before the change", GERMANY, {"VAT": 190_000}, HISTORY, CHANGE - timedelta(microseconds=1)),
    Case("at the moment of the change", GERMANY, {"VAT": 160_000}, HISTORY, CHANGE),
    Case("at the last moment", GERMANY, {"VAT": 160_000}, HISTORY, BACK - timedelta(microseconds=1)),
    Case("back again", GERMANY, {"VAT": 190_000}, HISTORY, BACK),
    Case("not yet", GERMANY, {"VAT": 10_000}, (rate("*", 10_000), rate("DE", 1, from_at=NOON + timedelta(1)))),
    Case("over", GERMANY, {"VAT": 10_000}, (rate("*", 10_000), rate("DE", 1, until_at=NOON))),
    Case("letters in codes", values.Place("GB", "", "bt1 5gs"), {"VAT": 0}, BRITAIN),
    Case("a whole code with a space", values.Place("GB", "", "SW1A1AA"), {"VAT": 1}, BRITAIN),
    Case("its neighbor", values.Place("GB", "", "SW1A 2AA"), {"VAT": 200_000}, BRITAIN),
    Case("dashes in codes", values.Place("PL", "", "00950"), {"VAT": 10_000}, POLAND),
    Case("beyond the dashed range", values.Place("PL", "", "00-951"), {"VAT": 230_000}, POLAND),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_worked_places(case: Case) -> None:
    taxed = charged(case.table, [goods(1_000_000)], case.place, at=case.at)
    # 1,000,000 minor units carry as many as the rate has parts per million
    charges = [part for part in taxed.items[0].parts if part.treatment == "taxed"]
    assert {part.name: part.minor for part in charges} == case.expected
    assert {found.component: found.rate_ppm for found in taxed.found} == case.expected
    assert noted(taxed) == ([] if case.expected else [("no_rate", "")])


def test_rows_in_another_order_give_the_same() -> None:
    for case in CASES:
        taxed = charged(case.table, [goods(999)], case.place, at=case.at)
        assert charged(tuple(reversed(case.table)), [goods(999)], case.place, at=case.at) == taxed


def test_the_answer_tells_which_row_it_was() -> None:
    taxed = charged(STACK, [goods(100)], us("60601", "IL"))
    assert [(found.component, found.country, found.region, found.postal) for found in taxed.found] == [
        ("state", "US", "IL", ""),
        ("county", "US", "IL", "606"),
        ("city", "US", "IL", "60601..60661"),
    ]


def test_a_class_without_a_rate_is_not_taxed_and_says_so() -> None:
    taxed = charged([rate("CN", 130_000)], [goods(100_00), goods(50_00, "mystery")])
    assert (taxed.tax_minor, taxed.gross_minor) == (13_00, 163_00)
    assert taxed.notes == (values.TaxNote("no_rate", classes=("mystery",)),)


def test_a_class_without_a_rate_is_refused_where_the_merchant_wants_so() -> None:
    with pytest.raises(errors.CannotPrice) as refused:
        charged([rate("CN", 0)], [goods(1), goods(2, "b"), goods(3, "a"), goods(4, "b")], without_rate="refuse")
    assert [(r.code, r.field, r.data()["tax_class"]) for r in refused.value.reasons] == [
        ("tax_rate_missing", "items[1].tax_class", "b"),
        ("tax_rate_missing", "items[2].tax_class", "a"),
        ("tax_rate_missing", "items[3].tax_class", "b"),
    ]
    assert "if need be one of 0" in str(refused.value.reasons[0])


def test_a_table_of_a_whole_country_is_asked_by_key() -> None:
    table = [rate("US", 10_000 + n, "city", postal=f"{n:05}") for n in range(0, 40_000, 2)]
    compiled = rules.compile_taxes(table, values.TaxSettings(), prices_include_tax=False)
    for n in (0, 17_776, 39_998):
        assert [r.rate_ppm for r in rules.taxes.rates_at(compiled, us(f"{n:05}"), "standard", NOON)] == [10_000 + n]
    assert rules.taxes.rates_at(compiled, us("17777"), "standard", NOON) == ()
