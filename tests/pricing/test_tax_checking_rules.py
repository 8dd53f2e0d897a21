"""What a tax table may not say, and where that is told; answers of services that do not add up."""

import itertools
from datetime import datetime, timedelta

import msgspec
import pytest

from jiedan.pricing import rules, values
from jiedan.pricing.rules import taxes
from tests.pricing.tax_tables import CHINA, NOBODY, NOON, charged, goods, rate

FINE = values.TaxRate("standard", 130_000, "CN")
LATER = NOON + timedelta(days=1)


def but(**changed: object) -> values.TaxRate:
    return msgspec.structs.replace(FINE, **changed)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (but(country=""), "place_country_invalid", "country"),
        (but(country="cn"), "place_country_invalid", "country"),
        (but(country="CHN"), "place_country_invalid", "country"),
        (but(country="中国"), "place_country_invalid", "country"),
        (but(region="Guangdong"), "place_region_invalid", "region"),
        (but(region="gd"), "place_region_invalid", "region"),
        (but(country="*", region="GD"), "place_region_invalid", "region"),
        (but(postal="1..22"), "place_postal_invalid", "postal"),
        (but(postal="22..11"), "place_postal_invalid", "postal"),
        (but(postal="11.."), "place_postal_invalid", "postal"),
        (but(postal="1*"), "place_postal_invalid", "postal"),
        (but(postal="-"), "place_postal_invalid", "postal"),
        (but(postal="1" * 17), "place_postal_invalid", "postal"),
        (but(country="*", postal="10"), "place_postal_invalid", "postal"),
        (but(tax_class=""), "tax_text_invalid", "tax_class"),
        (but(tax_class=" books"), "tax_text_invalid", "tax_class"),
        (but(component="x" * 61), "tax_text_invalid", "component"),
        (but(rate_ppm=-1), "tax_rate_out_of_range", "rate_ppm"),
        (but(rate_ppm=1_000_001), "tax_rate_out_of_range", "rate_ppm"),
        (but(position=-1), "tax_position_invalid", "position"),
        (but(position=100), "tax_position_invalid", "position"),
        (but(is_compound=True), "tax_position_invalid", "position"),
        (but(from_at=NOON, until_at=NOON), "tax_period_invalid", "until_at"),
        (but(from_at=LATER, until_at=NOON), "tax_period_invalid", "until_at"),
        (but(from_at=datetime(2026, 1, 1)), "tax_period_invalid", "until_at"),  # noqa: DTZ001 - the point of it
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_its_field(row: values.TaxRate, code: str, field: str) -> None:
    assert [(p.code, p.field) for p in rules.problems_of_tax_rate(row)] == [(code, field)]
    (problem,) = rules.problems_of_tax_rates([rate("DE", 1), row])
    assert (problem.code, problem.field) == (code, f"rates[1].{field}")
    assert problem.remedy


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    bad = values.TaxRate("", -1, "?", "gd", "..", "", position=-1, from_at=NOON, until_at=NOON)
    fields = [problem.field for problem in rules.problems_of_tax_rate(bad)]
    assert fields == ["country", "region", "postal", "tax_class", "component", "rate_ppm", "position", "until_at"]


@pytest.mark.parametrize(
    "table",
    [
        [FINE, but(rate_ppm=1)],
        [but(postal="94"), but(postal="9-4")],
        [but(postal="10..19"), but(postal="15..25")],
        [but(postal="15..25"), but(postal="10..19")],
        [but(until_at=LATER), but(from_at=NOON)],
        [but(from_at=NOON, until_at=LATER), but()],
        [but(postal="10..30"), but(postal="11..12"), but(postal="20..31")],
    ],
)
def test_two_rows_may_not_say_something_else_of_the_same(table: list[values.TaxRate]) -> None:
    (problem,) = rules.problems_of_tax_rates(table)
    assert (problem.code, problem.field) == ("tax_rates_clash", f"rates[{len(table) - 1}]")
    assert problem.data()["other"] == 1


@pytest.mark.parametrize(
    "table",
    [
        [FINE, but(country="*"), but(region="GD"), but(postal="94"), but(tax_class="books"), but(component="levy")],
        [but(postal="1"), but(postal="10"), but(postal="10..19"), but(postal="12..15"), but(postal="13")],
        [but(postal="10..19"), but(postal="20..29")],
        [but(until_at=NOON), but(from_at=NOON, until_at=LATER), but(from_at=LATER)],
        [but(postal="10..19", until_at=NOON), but(postal="15..25", from_at=NOON)],
    ],
)
def test_rows_may_lie_inside_each_other_apart_or_follow_one_another(table: list[values.TaxRate]) -> None:
    assert rules.problems_of_tax_rates(table) == ()


def test_a_table_has_its_limits() -> None:
    (many,) = rules.problems_of_tax_rates([FINE] * (values.TAX_RATES_MAX + 1))
    assert (many.code, many.field) == ("too_many_tax_rates", "rates")
    days = [NOON + timedelta(days=n) for n in range(values.TAX_RATES_OF_A_PLACE_MAX + 2)]
    history = [but(from_at=a, until_at=b) for a, b in itertools.pairwise(days)]
    (long,) = rules.problems_of_tax_rates(history)
    assert (long.code, long.field) == ("too_many_tax_rates", f"rates[{values.TAX_RATES_OF_A_PLACE_MAX}].postal")
    assert rules.problems_of_tax_rates(history[:-1]) == ()
    assert len(rules.problems_of_tax_rates([but(rate_ppm=-1)] * 1_000)) == 100
    assert len(rules.problems_of_tax_rates([but(postal=f"{n}") for n in range(100, 200)] * 3)) == 100


def test_a_table_of_a_country_is_checked_in_passing() -> None:
    assert rules.problems_of_tax_rates([but(postal=f"{n:05}", rate_ppm=n) for n in range(20_000)]) == ()


@pytest.mark.parametrize(
    ("settings", "code", "field"),
    [
        (values.TaxSettings(home_country="China"), "place_country_invalid", "home_country"),
        (values.TaxSettings(home_country="*"), "place_country_invalid", "home_country"),
        (values.TaxSettings(home_country="US", home_region="California"), "place_region_invalid", "home_region"),
        (values.TaxSettings(reverse_charge=True, home_country="CN"), "tax_home_missing", "home_country"),
        (values.TaxSettings(areas=(values.TaxArea("A", ("DE",), "§ 13b"),)), "tax_area_invalid", "areas[0]"),
        (values.TaxSettings(areas=(values.TaxArea("A", ("DE", "DE"), "§ 13b"),)), "tax_area_invalid", "areas[0]"),
        (values.TaxSettings(areas=(values.TaxArea("A", ("DE", "*"), "§ 13b"),)), "tax_area_invalid", "areas[0]"),
        (values.TaxSettings(areas=(values.TaxArea("A", ("DE", "FR"), " "),)), "tax_area_invalid", "areas[0]"),
        (values.TaxSettings(areas=(values.TaxArea("", ("DE", "FR"), "§ 13b"),)), "tax_area_invalid", "areas[0]"),
        (values.TaxSettings(areas=(values.EUROPEAN_UNION,) * 2), "tax_area_invalid", "areas[1]"),
        (
            values.TaxSettings(areas=tuple(values.TaxArea(f"A{n}", ("DE", "FR"), "a") for n in range(21))),
            "tax_area_invalid",
            "areas",
        ),
        (values.TaxSettings(home_region="BE"), "tax_home_unnamed", "home_country"),
        (values.TaxSettings(home_postal_code="10117"), "tax_home_unnamed", "home_country"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: values.TaxSettings, code: str, field: str) -> None:
    assert [(p.code, p.field) for p in rules.problems_of_tax_settings(settings)] == [(code, field)]


def test_settings_without_a_home_are_judged_by_the_merchants_country() -> None:
    nowhere = values.TaxSettings(reverse_charge=True)
    assert rules.problems_of_tax_settings(nowhere) == ()
    assert rules.problems_of_tax_settings(taxes.at_home(nowhere, "DE")) == ()
    (refused,) = rules.problems_of_tax_settings(taxes.at_home(nowhere, "CN"))
    assert (refused.code, refused.field) == ("tax_home_missing", "home_country")
    named = values.TaxSettings(home_country="FR")
    assert taxes.at_home(named, "DE") is named


def test_a_part_of_a_country_is_no_home_wherever_the_merchant_is() -> None:
    part = values.TaxSettings(home_region="BE")
    (refused,) = rules.problems_of_tax_settings(taxes.at_home(part, "DE"))
    assert (refused.code, refused.field) == ("tax_home_unnamed", "home_country")


def test_a_table_counts_where_it_is_told_to_unless_its_settings_name_a_home() -> None:
    anywhere = rules.compile_taxes((), values.TaxSettings(), prices_include_tax=True)
    there = taxes.counted_at(anywhere, "FR")
    assert there.settings.home_country == "FR"
    assert taxes.counted_at(there, "FR") is there
    assert taxes.counted_at(taxes.counted_at(there, "DE"), "") == anywhere
    named = rules.compile_taxes((), values.TaxSettings(home_country="FR"), prices_include_tax=True)
    assert taxes.counted_at(named, "DE") is named


def test_settings_that_make_sense_are_fine() -> None:
    assert rules.problems_of_tax_settings(values.TaxSettings()) == ()
    assert (
        rules.problems_of_tax_settings(values.TaxSettings(reverse_charge=True, home_country="DE", home_region="BE"))
        == ()
    )


@pytest.mark.parametrize(
    ("certificate", "code", "field"),
    [
        (values.Certificate(""), "tax_text_invalid", "number"),
        (values.Certificate("x" * 61), "tax_text_invalid", "number"),
        (values.Certificate("1", classes=("books", "")), "tax_text_invalid", "classes[1]"),
        (values.Certificate("1", places=("US", "US-California")), "place_country_invalid", "places[1]"),
        (values.Certificate("1", places=("*",)), "place_country_invalid", "places[0]"),
        (values.Certificate("1", from_at=LATER, until_at=NOON), "tax_period_invalid", "until_at"),
    ],
)
def test_certificates_that_make_no_sense_are_refused(certificate: values.Certificate, code: str, field: str) -> None:
    assert [(p.code, p.field) for p in rules.problems_of_certificate(certificate)] == [(code, field)]


def test_certificates_that_make_sense_are_fine() -> None:
    fine = values.Certificate("DE 4711", ("books",), ("DE", "US-CA"), NOON, LATER)
    assert rules.problems_of_certificate(fine) == ()


def test_rules_and_answers_survive_being_stored() -> None:
    for stored in (
        but(from_at=NOON, region="GD"),
        values.TaxSettings(reverse_charge=True, home_country="DE"),
        values.Certificate("1", ("books",), ("US-CA",), NOON, LATER),
        values.TaxNote("no_rate", classes=("books",)),
    ):
        assert msgspec.json.decode(msgspec.json.encode(stored), type=type(stored)) == stored
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"tax_class":"a","rate_ppm":1,"percent":13}', type=values.TaxRate)


def test_an_answer_that_does_not_add_up_is_not_believed() -> None:
    asked = values.TaxQuestion("CNY", (goods(100_00), goods(1_00)), CHINA, NOBODY, NOON, prices_include_tax=False)
    good = charged([FINE], asked.items)
    first, second = good.items

    def wrong(*items: values.TaxedItem, answer: values.Taxed = good) -> list[str | None]:
        answer = answer._replace(items=items or good.items)
        return [problem.field for problem in rules.problems_of_tax_answer(asked, answer)]

    assert wrong() == []
    assert wrong(first) == ["items"]
    assert wrong(first._replace(gross_minor=1), second) == ["items[0]", "gross_minor"]
    assert wrong(first, second._replace(parts=())) == ["items[1]"]
    assert wrong(first, second._replace(net_minor=99, gross_minor=112)) == ["items[1]", "net_minor", "gross_minor"]
    assert wrong(first, second._replace(relief_minor=1)) == ["items[1]"]
    assert wrong(first, second._replace(net_minor=101, relief_minor=-1, gross_minor=114)) == [
        "items[1]",
        "net_minor",
        "gross_minor",
    ]
    assert wrong(answer=good._replace(tax_minor=1)) == ["tax_minor", "sums"]
    assert wrong(answer=good._replace(sums=())) == ["sums"]
