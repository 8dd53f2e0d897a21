"""The tax table of an order: one row for each tax at each rate, together its tax, whatever was canceled."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from jiedan.base.i18n import LOCALES
from jiedan.orders.rules import derived, taxing, totals
from jiedan.orders.values import Line
from jiedan.pricing.values import TaxPart, TaxRow
from tests.orders import made

Told = tuple[str, str, int, int, int]
"""What it is called, its treatment, rate, base, tax."""


def line(total_minor: int, *parts: TaxPart, ordered: int = 1, canceled: int = 0, **facts: object) -> Line:
    """Return a line that costs so much with its tax, whichever way its price is written."""
    tax_minor = sum(part.minor for part in parts)
    known = {"total_minor": total_minor, "tax_minor": tax_minor, "ordered": ordered, "canceled": canceled}
    return made.line(**{**known, "taxes": parts, **facts})


def vat(rate_ppm: int, minor: int, base_minor: int) -> TaxPart:
    return TaxPart("VAT", rate_ppm, minor, base_minor)


def told(lines: Iterable[Line]) -> list[Told]:
    rows = taxing.table(lines)
    assert rows is not None
    return [(x.name, x.treatment, x.rate_ppm, x.base_minor, x.tax_minor) for x in rows]


def test_rates_stand_apart_and_the_highest_first() -> None:
    # 100.00 + 19.00, 50.00 + 3.50, and a fee of 5.00 that goes with both: 3.00 + 0.57 and 2.00 + 0.14
    fee = line(5_71, vat(190_000, 57, 3_00), vat(70_000, 14, 2_00), kind="fee")
    lines = [line(53_50, vat(70_000, 3_50, 50_00)), line(119_00, vat(190_000, 19_00, 100_00)), fee]
    assert told(lines) == [("VAT", "taxed", 190_000, 103_00, 19_57), ("VAT", "taxed", 70_000, 52_00, 3_64)]


def test_what_is_not_taxed_says_why_and_zero_is_a_rate() -> None:
    parts = [
        TaxPart("", 0, 0, 10_00, treatment="reverse_charge"),
        TaxPart("", 0, 0, 7_00, treatment="exempt"),
        TaxPart("", 0, 0, 3_00, treatment="untaxed"),
        vat(0, 0, 2_00),
    ]
    assert told([line(part.base_minor, part) for part in parts]) == [
        ("VAT", "taxed", 0, 2_00, 0),
        ("", "exempt", 0, 7_00, 0),
        ("", "reverse_charge", 0, 10_00, 0),
        ("", "untaxed", 0, 3_00, 0),
    ]


def test_a_tax_on_a_tax_stands_below_it_and_has_its_base() -> None:
    # 100.00: GST 5.00, and QST of 9.5 % of 105.00 = 9.975, rounded 9.98
    parts = (TaxPart("QST", 95_000, 9_98, 100_00, is_compound=True), TaxPart("GST", 50_000, 5_00, 100_00))
    assert told([line(114_98, *parts)]) == [
        ("GST", "taxed", 50_000, 100_00, 5_00),
        ("QST", "taxed", 95_000, 100_00, 9_98),
    ]


def test_canceled_units_take_their_share_along() -> None:
    # 3 × 0.33 at 5 %: 0.05. One is gone: of 1.04 there remain 1.04 − ⌊0.3467⌋ = 0.70, of 0.05 there remain 0.04.
    of_three = line(1_04, vat(50_000, 5, 99), ordered=3, canceled=1)
    assert told([of_three]) == [("VAT", "taxed", 50_000, 66, 4)]
    assert totals.order_tax(derived.line_totals([of_three])) == 4
    assert told([line(1_04, vat(50_000, 5, 99), ordered=3, canceled=3)]) == []


def test_what_another_system_taxed_has_a_row_of_its_own() -> None:
    sold = TaxPart("", 0, 1_60, 8_40, treatment="as_sold")
    assert told([line(10_00, sold, price_source="as_sold")]) == [("", "as_sold", 0, 8_40, 1_60)]
    # A discount by hand that came later leaves its tax as it was.
    assert told([line(9_00, sold, price_source="as_sold")]) == [("", "as_sold", 0, 7_40, 1_60)]


def test_of_older_lines_only_the_sum_is_known() -> None:
    assert taxing.table([line(10_00, vat(190_000, 1_60, 8_40)), line(10_00, taxes=None)]) is None
    assert taxing.told(None) == ()


def test_the_sum_says_it_all_where_nothing_is_taxed_or_freed() -> None:
    plain = TaxRow("untaxed", "", 0, False, 10_00, 0)
    elsewhere = TaxRow("as_sold", "", 0, False, 10_00, 1_60)
    free = TaxRow("exempt", "", 0, False, 10_00, 0)
    assert taxing.told([plain, elsewhere]) == ()
    assert taxing.told([free, plain]) == (free, plain)


def test_each_row_has_words_in_each_language() -> None:
    rows = [TaxRow("taxed", "tax", 72_500, False, 1, 1), TaxRow("taxed", "VAT", 0, False, 1, 0)]
    rows += [TaxRow(x, "", 0, False, 1, 0) for x in ("exempt", "reverse_charge", "untaxed", "as_sold")]
    assert [row.told_in("en") for row in rows] == [
        "Tax 7.25%", "VAT 0%", "Tax exempt", "Reverse charge", "Not taxed", "Taxed elsewhere",
    ]  # fmt: skip
    for locale in LOCALES:
        assert len({row.told_in(locale) for row in rows}) == len(rows)


@st.composite
def lines_of_orders(draw: st.DrawFn) -> list[Line]:
    """Return lines with up to three taxes each, some of them canceled."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        net_minor, ordered = draw(st.integers(0, 100_000)), draw(st.integers(1, 9))
        rates = draw(st.lists(st.sampled_from((0, 50_000, 99_750, 190_000)), unique=True, max_size=3))
        parts = [vat(rate, draw(st.integers(0, net_minor)), net_minor) for rate in rates]
        total_minor = net_minor + sum(part.minor for part in parts)
        found.append(line(total_minor, *parts, ordered=ordered, canceled=draw(st.integers(0, ordered))))
    return found


@given(lines=lines_of_orders())
def test_rows_sum_to_the_tax_of_the_order(lines: list[Line]) -> None:
    rows = taxing.table(lines)
    assert rows is not None
    costs = derived.line_totals(lines)
    assert sum(row.tax_minor for row in rows) == totals.order_tax(costs)
    assert all(row.tax_minor >= 0 and row.base_minor >= 0 for row in rows)
    net_minor = totals.order_total(costs) - totals.order_tax(costs)
    assert all(row.base_minor <= net_minor for row in rows)
