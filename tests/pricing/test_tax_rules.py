"""Tax is right to the minor unit: rates, rounding, several taxes at once, taxes on taxes.

Amounts are minor units: fen and cents (2 decimals), yen (none), thousandths of a dinar (3). Rates are per million.
"""

from typing import NamedTuple

import pytest

from jiedan.pricing import values
from tests.pricing.tax_tables import Row, charged, goods, rate, told


class Case(NamedTuple):
    name: str
    table: tuple[values.TaxRate, ...]
    amounts: tuple[int, ...]
    expected: list[Row]
    included: bool = False
    rounding: str = "order"


def vat(rate_ppm: int) -> tuple[values.TaxRate, ...]:
    return (rate("CN", rate_ppm),)


def row(net: int, tax: int) -> Row:
    return net, {"VAT": tax}, net + tax


SALES_TAX = (
    rate("CN", 72_500, "state"),
    rate("CN", 10_000, "county", position=1),
    rate("CN", 5_000, "city", position=2),
)
QUEBEC = (rate("CN", 50_000, "GST"), rate("CN", 95_000, "QST", is_compound=True, position=1))
CASCADE = (
    rate("CN", 100_000, "A"),
    rate("CN", 100_000, "B", is_compound=True, position=1),
    rate("CN", 100_000, "C", is_compound=True, position=2),
)
HALVES = (rate("CN", 500_000, "A"), rate("CN", 500_000, "B", position=1))

ON_TOP = [
    # 100.00 × 13 % = 13.00
    Case("a round amount", vat(130_000), (100_00,), [row(100_00, 13_00)]),
    # 0.50 × 5 % = 0.025, half of a fen, up
    Case("half a fen goes up", vat(50_000), (50,), [row(50, 3)]),
    # 0.49 × 5 % = 0.0245
    Case("less than half goes down", vat(50_000), (49,), [row(49, 2)]),
    # ¥105 × 10 % = 10.5
    Case("half a yen goes up", vat(100_000), (105,), [row(105, 11)]),
    # 1.230 × 5 % = 0.0615 dinars, 61.5 thousandths
    Case("half a thousandth goes up", vat(50_000), (1_230,), [row(1_230, 62)]),
    Case("nothing is taxed with nothing", vat(130_000), (0,), [row(0, 0)]),
    # a rate of 0 is a rate: it stands in the table of the invoice
    Case("a rate of nothing", vat(0), (100_00,), [row(100_00, 0)]),
    Case("as much tax as price", vat(1_000_000), (777,), [row(777, 777)]),
    # 10^15 × 13 % = 1.3 × 10^14, beyond what a float keeps apart
    Case("the largest amount", vat(130_000), (10**15 - 1,), [row(10**15 - 1, 130_000_000_000_000)]),
    # 499,999 × 0.0001 % = 0.499999; 500,000 × 0.0001 % = 0.5
    Case("the smallest rate, just too little", vat(1), (499_999,), [row(499_999, 0)]),
    Case("the smallest rate, just enough", vat(1), (500_000,), [row(500_000, 1)]),
    # 0.99 × 5 % = 0.0495 → 5; 5 × 33/99 = 1.67 each: 1 each, two left, to the first two of three that tie
    Case("the order is rounded once", vat(50_000), (33, 33, 33), [row(33, 2), row(33, 2), row(33, 1)]),
    # 0.33 × 5 % = 0.0165 → 2 each
    Case("each line is rounded", vat(50_000), (33, 33, 33), [row(33, 2)] * 3, rounding="line"),
    # 0.60 × 8 % = 4.8 → 5; 0.83, 1.67, 2.5: 0 + 1 + 2, two left, to the largest remainders .83 and .67
    Case("the rest goes to the largest remainders", vat(80_000), (10, 20, 30), [row(10, 1), row(20, 2), row(30, 2)]),
    # 0.8 → 1, 1.6 → 2, 2.4 → 2
    Case("lines may agree", vat(80_000), (10, 20, 30), [row(10, 1), row(20, 2), row(30, 2)], rounding="line"),
    # ¥45 × 10 % = 4.5 → 5 against 3 × 1.5 → 3 × 2
    Case("yen of an order", vat(100_000), (15, 15, 15), [row(15, 2), row(15, 2), row(15, 1)]),
    Case("yen of lines", vat(100_000), (15, 15, 15), [row(15, 2)] * 3, rounding="line"),
    # 2.000 × 13.5 % = 0.270 dinars
    Case("dinars", vat(135_000), (2_000,), [row(2_000, 270)]),
    # 1.00 × 5 % = 5; the line that costs nothing carries nothing
    Case("a gift carries no tax", vat(50_000), (0, 100), [row(0, 0), row(100, 5)]),
]

CONTAINED = [
    # 113.00 × 13/113 = 13.00
    Case("a round amount", vat(130_000), (113_00,), [row(100_00, 13_00)], included=True),
    # 10.00 × 13/113 = 1.1504
    Case("a price with tax", vat(130_000), (10_00,), [row(8_85, 1_15)], included=True),
    # ¥1100 × 10/110 = 100; ¥1000 × 8/108 = 74.07
    Case("yen, even", vat(100_000), (1100,), [row(1000, 100)], included=True),
    Case("yen, not even", vat(80_000), (1000,), [row(926, 74)], included=True),
    # 1.000 × 5/105 = 0.047619 dinars
    Case("dinars", vat(50_000), (1_000,), [row(952, 48)], included=True),
    # 0.01 × 100/200 = half a cent, up: all of it is tax
    Case("half a cent goes up", vat(1_000_000), (1,), [row(0, 1)], included=True),
    # 3.00 × 20/120 = 0.50; 16.67 each: 16 each, two left
    Case(
        "the order is rounded once",
        vat(200_000),
        (100, 100, 100),
        [row(83, 17), row(83, 17), row(84, 16)],
        included=True,
    ),
    # 1.00 × 20/120 = 0.1667 → 17 each
    Case("each line is rounded", vat(200_000), (100,) * 3, [row(83, 17)] * 3, included=True, rounding="line"),
    # 0.30 × 7/107 = 0.0196 → 2; 0.13, 0.67, 1.2 (of 2, 10, 18): 0 + 0 + 1, one left, to .67
    Case("the rest goes to the largest", vat(70_000), (2, 10, 18), [row(2, 0), row(9, 1), row(17, 1)], included=True),
    Case("a rate of nothing", vat(0), (100,), [row(100, 0)], included=True),
    # 10^15 × 13/113 = 115,044,247,787,610.62
    Case(
        "the largest amount",
        vat(130_000),
        (10**15,),
        [row(884_955_752_212_389, 115_044_247_787_611)],
        included=True,
    ),
]

SEVERAL = [
    # 100.00: 7.25 + 1.00 + 0.50
    Case("taxes add up", SALES_TAX, (100_00,), [(100_00, {"state": 7_25, "county": 1_00, "city": 50}, 108_75)]),
    # 19.99: 144.9275 → 145; 19.99 → 20; 9.995 → 10: each tax is rounded on its own
    Case("each tax is rounded", SALES_TAX, (19_99,), [(19_99, {"state": 1_45, "county": 20, "city": 10}, 21_74)]),
    # 100.00 × 8.75/108.75 = 8.04597 → 805 = 667 + 92 + 46 (805 / 87.5 = 9.2 per thousandth)
    Case(
        "contained taxes are rounded together and split",
        SALES_TAX,
        (100_00,),
        [(91_95, {"state": 6_67, "county": 92, "city": 46}, 100_00)],
        included=True,
    ),
    # 10.00 × 8.75/108.75 = 0.8046 → 80: 66.29, 9.14, 4.57 → 66 + 9 + 4, one left, to .57
    Case(
        "the split's rest goes to the largest remainder",
        SALES_TAX,
        (10_00,),
        [(9_20, {"state": 66, "county": 9, "city": 5}, 10_00)],
        included=True,
    ),
    # 100.00: 5.00; (100.00 + 5.00) × 9.5 % = 9.975 → 9.98
    Case("a tax on a tax", QUEBEC, (100_00,), [(100_00, {"GST": 5_00, "QST": 9_98}, 114_98)]),
    # 0.10: 0.5 → 1; 9.975 % of 0.10 = 0.9975 → 1, of the exact tax and not of the rounded one (0.11 × 9.5 % = 1.045)
    Case("the tax below counts exactly", QUEBEC, (10,), [(10, {"GST": 1, "QST": 1}, 12)]),
    # 114.98 × 14.975/114.975 = 14.97557 → 1498: GST 1498 × 5/14.975 = 500.17, QST 997.83: one left, to QST
    Case("contained", QUEBEC, (114_98,), [(100_00, {"GST": 5_00, "QST": 9_98}, 114_98)], included=True),
    # 1000: 100; 1100 × 10 % = 110; 1210 × 10 % = 121
    Case("a cascade", CASCADE, (1000,), [(1000, {"A": 100, "B": 110, "C": 121}, 1331)]),
    # 1331 × 331/1331 = 331, split 100 : 110 : 121
    Case("a cascade contained", CASCADE, (1331,), [(1000, {"A": 100, "B": 110, "C": 121}, 1331)], included=True),
    # C is at the position of B: both are levied on 1100
    Case(
        "two taxes at one position leave each other alone",
        (*CASCADE[:2], rate("CN", 100_000, "C", is_compound=True, position=1)),
        (1000,),
        [(1000, {"A": 100, "B": 110, "C": 110}, 1320)],
    ),
    # C comes last and is no compound one: 10 % of 1000
    Case(
        "a plain tax after a compound one is levied on the price",
        (*CASCADE[:2], rate("CN", 100_000, "C", position=2)),
        (1000,),
        [(1000, {"A": 100, "B": 110, "C": 100}, 1310)],
    ),
    # ten lines of 1, taxes of 50 % each: 10 × 1/2 = 5 = 3 + 2; never two on one line of 1
    Case(
        "no line carries more tax than it costs",
        HALVES,
        (1,) * 10,
        [(0, {"A": 1, "B": 0}, 1)] * 3 + [(0, {"A": 0, "B": 1}, 1)] * 2 + [(1, {"A": 0, "B": 0}, 1)] * 5,
        included=True,
    ),
    # ¥999 × 18/118 = 152.39 → 152 = 76 + 76 (CGST and SGST)
    Case(
        "twins share evenly",
        (rate("CN", 90_000, "CGST"), rate("CN", 90_000, "SGST")),
        (999,),
        [(847, {"CGST": 76, "SGST": 76}, 999)],
        included=True,
    ),
    # 1.001 dinars × 18/118 = 152.69 → 153: 76.5 each, the odd one to the first by name
    Case(
        "an odd unit goes to the first",
        (rate("CN", 90_000, "SGST"), rate("CN", 90_000, "CGST")),
        (1_001,),
        [(848, {"CGST": 77, "SGST": 76}, 1_001)],
        included=True,
    ),
]


@pytest.mark.parametrize("case", [*ON_TOP, *CONTAINED, *SEVERAL], ids=lambda case: case.name)
def test_worked_cases(case: Case) -> None:
    items = [goods(amount) for amount in case.amounts]
    assert told(charged(case.table, items, included=case.included, rounding=case.rounding)) == case.expected


def test_one_tax_at_one_rate_is_rounded_on_all_that_it_concerns() -> None:
    # books and mugs at 5 % each: 0.20 × 5 % = 1, not 0.5 → 1 twice
    table = [rate("CN", 50_000), rate("CN", 50_000, tax_class="books")]
    taxed = charged(table, [goods(10), goods(10, "books")])
    assert taxed.tax_minor == 1
    assert told(taxed) == [(10, {"VAT": 0}, 10), (10, {"VAT": 1}, 11)]  # a tie goes to the class that comes first


def test_classes_that_share_one_tax_only_share_its_rounding() -> None:
    # GST on 0.20: 1; PST of mugs alone: 0.10 × 7 % = 0.7 → 1
    table = [
        rate("CN", 50_000, "GST"),
        rate("CN", 50_000, "GST", "books"),
        rate("CN", 70_000, "PST", position=1),
    ]
    taxed = charged(table, [goods(10), goods(10, "books")])
    assert [(s.name, s.base_minor, s.minor) for s in taxed.sums] == [("GST", 20, 1), ("PST", 10, 1)]


def test_contained_taxes_of_different_classes_are_taken_out_apart() -> None:
    # 119.00 × 19/119 = 19.00; 107.00 × 7/107 = 7.00
    table = [rate("CN", 190_000), rate("CN", 70_000, tax_class="books")]
    taxed = charged(table, [goods(119_00), goods(107_00, "books")], included=True)
    assert told(taxed) == [(100_00, {"VAT": 19_00}, 119_00), (100_00, {"VAT": 7_00}, 107_00)]
    assert [(s.rate_ppm, s.base_minor, s.minor) for s in taxed.sums] == [
        (70_000, 100_00, 7_00),
        (190_000, 100_00, 19_00),
    ]
    assert (taxed.net_minor, taxed.tax_minor, taxed.gross_minor) == (200_00, 26_00, 226_00)


def test_the_tax_table_keeps_rates_of_one_tax_apart() -> None:
    table = [rate("CN", 130_000), rate("CN", 90_000, tax_class="books"), rate("CN", 0, tax_class="grain")]
    taxed = charged(table, [goods(100_00), goods(50_00, "books"), goods(20_00, "grain"), goods(1_00)])
    assert taxed.sums == (
        values.TaxSum("VAT", 0, False, 20_00, 0),
        values.TaxSum("VAT", 90_000, False, 50_00, 4_50),
        values.TaxSum("VAT", 130_000, False, 101_00, 13_13),
    )


def test_a_cart_without_lines_has_no_tax() -> None:
    assert charged(vat(130_000), []) == values.Taxed((), 0, 0, 0)
