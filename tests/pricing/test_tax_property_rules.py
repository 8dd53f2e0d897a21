"""What holds of every tax table and every cart: nothing lost, nothing below zero, no order of lines matters."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import money
from jiedan.pricing import rules, values
from tests.pricing.tax_tables import NOON

CLASSES = ("standard", "books", "shipping")
HERE = values.Place("CA", "QC", "H2X 1Y4")
AMOUNTS = st.one_of(st.integers(0, 50), st.integers(0, 10_000_00), st.just(money.AMOUNT_MINOR_MAX))
RATES = st.one_of(st.sampled_from((0, 50_000, 99_750, 130_000, 1_000_000)), st.integers(0, 1_000_000))


@st.composite
def tables(draw: st.DrawFn) -> list[values.TaxRate]:
    """Return tables of up to four taxes per class, plain and compound, from the whole world down to a postal code."""
    found = []
    for tax_class in CLASSES:
        for name in draw(st.lists(st.sampled_from("ABCD"), unique=True, max_size=4)):
            position = draw(st.integers(1, 3))
            compound = draw(st.booleans())
            levels = st.sampled_from(
                (("*", "", ""), ("CA", "", ""), ("CA", "QC", ""), ("CA", "", "H2"), ("CA", "QC", "H2A..H2Z"))
            )
            for country, region, postal in draw(st.lists(levels, unique=True, min_size=1, max_size=3)):
                found.append(values.TaxRate(tax_class, draw(RATES), country, region, postal, name, compound, position))
    return found


ITEMS = st.lists(
    st.builds(values.Taxable, AMOUNTS, st.sampled_from(CLASSES), st.sampled_from(("goods", "goods", "fee"))),
    max_size=12,
)
STATUSES = st.sampled_from((
    values.TaxStatus(),
    values.TaxStatus((values.Certificate("1", classes=("books",)),)),
    values.TaxStatus((values.Certificate("2"),)),
    values.TaxStatus(vat_numbers=(values.VatNumber("FR12345678901", "FR"),)),
))  # fmt: skip
SETTINGS = st.builds(
    values.TaxSettings,
    rounding=st.sampled_from(("order", "line")),
    fees=st.sampled_from(("own", "goods")),
    exempt_pays=st.sampled_from(("net", "gross")),
    reverse_charge=st.booleans(),
    home_country=st.sampled_from(("CA", "DE", "")),
    areas=st.just((values.TaxArea("X", ("CA", "DE", "FR"), "an article"),)),
)


def taxed(
    items: Sequence[values.Taxable],
    table: Sequence[values.TaxRate],
    settings: values.TaxSettings,
    status: values.TaxStatus,
    *,
    included: bool,
) -> values.Taxed:
    compiled = rules.compile_taxes(table, settings, prices_include_tax=included)
    return rules.tax(items, HERE, status, compiled, NOON)


@given(items=ITEMS, table=tables(), settings=SETTINGS, status=STATUSES, included=st.booleans())
def test_parts_add_up_and_nothing_is_below_zero(
    items: list[values.Taxable],
    table: list[values.TaxRate],
    settings: values.TaxSettings,
    status: values.TaxStatus,
    included: bool,
) -> None:
    assert rules.problems_of_tax_rates(table) == ()
    answer = taxed(items, table, settings, status, included=included)
    question = values.TaxQuestion("CAD", tuple(items), HERE, status, NOON, included)
    assert rules.problems_of_tax_answer(question, answer) == ()
    assert sum(row.minor for row in answer.sums) == answer.tax_minor
    for item, asked in zip(answer.items, items, strict=True):
        # net + the parts = gross, and what was asked is one of the two
        assert item.net_minor + sum(part.minor for part in item.parts) == item.gross_minor
        assert (item.gross_minor + item.relief_minor if included else item.net_minor) == asked.amount_minor
        assert min(item.net_minor, item.relief_minor, *(part.minor for part in item.parts), 0) == 0
    # What items tell of taxes is the table, and what is not taxed tells why.
    told: Counter[tuple[str, int, bool]] = Counter()
    bases: Counter[tuple[str, int, bool]] = Counter()
    for part in [part for item in answer.items for part in item.parts if part.treatment == "taxed"]:
        told[part.name, part.rate_ppm, part.is_compound] += part.minor
        bases[part.name, part.rate_ppm, part.is_compound] += part.base_minor
    assert +told == +Counter(_by_tax([(row, row.minor) for row in answer.sums]))
    assert +bases == +Counter(_by_tax([(row, row.base_minor) for row in answer.sums]))
    for item in answer.items:
        covered = {part.name: 0 for part in item.parts}
        for part in item.parts:
            covered[part.name] += part.base_minor
        assert max(covered.values(), default=0) <= item.net_minor
        assert all(part.minor == 0 for part in item.parts if part.treatment != "taxed")
        assert item.parts or not item.net_minor


def _by_tax(rows: Sequence[tuple[values.TaxSum, int]]) -> dict[tuple[str, int, bool], int]:
    found: dict[tuple[str, int, bool], int] = {}
    for row, minor in rows:
        key = row.name, row.rate_ppm, row.is_compound
        found[key] = found.get(key, 0) + minor
    return found


@given(
    items=ITEMS,
    table=tables(),
    settings=SETTINGS,
    status=STATUSES,
    included=st.booleans(),
    positions=st.permutations(range(12)),
)
def test_the_order_of_lines_and_of_rows_decides_nothing(
    items: list[values.Taxable],
    table: list[values.TaxRate],
    settings: values.TaxSettings,
    status: values.TaxStatus,
    *,
    included: bool,
    positions: list[int],
) -> None:
    answer = taxed(items, table, settings, status, included=included)
    positions = [i for i in positions if i < len(items)]
    other = taxed([items[i] for i in positions], table[::-1], settings, status, included=included)
    assert (other.net_minor, other.tax_minor, other.sums, other.notes) == (
        answer.net_minor,
        answer.tax_minor,
        answer.sums,
        answer.notes,
    )
    if settings.fees == "own":  # parts of a fee lie among the goods they go with
        assert Counter(zip(items, answer.items, strict=True)) == Counter(
            zip([items[i] for i in positions], other.items, strict=True)
        )


@given(items=ITEMS, table=tables(), included=st.booleans(), at=st.integers(0, 11), part=st.integers(0, 100))
def test_a_line_may_be_split(
    items: list[values.Taxable], table: list[values.TaxRate], included: bool, at: int, part: int
) -> None:
    settings = values.TaxSettings()
    whole = taxed(items, table, settings, values.TaxStatus(), included=included)
    if at < len(items):
        first = items[at].amount_minor * part // 100
        pieces = [
            items[at]._replace(amount_minor=first),
            items[at]._replace(amount_minor=items[at].amount_minor - first),
        ]
        items = [*items[:at], *pieces, *items[at + 1 :]]
    split = taxed(items, table, settings, values.TaxStatus(), included=included)
    assert (split.net_minor, split.tax_minor, split.sums) == (whole.net_minor, whole.tax_minor, whole.sums)


@given(amount=AMOUNTS, table=tables(), included=st.booleans())
def test_rounding_moves_a_tax_by_half_a_unit_at_most(amount: int, table: list[values.TaxRate], included: bool) -> None:
    rates = rules.taxes.rates_at(
        rules.compile_taxes(table, values.TaxSettings(), prices_include_tax=included), HERE, "standard", NOON
    )
    exact: dict[str, Fraction] = {}
    for r in rates:
        lower = sum((exact[o.component] for o in rates if o.position < r.position), Fraction(0)) if r.is_compound else 0
        exact[r.component] = Fraction(r.rate_ppm, values.PPM) * (1 + lower)
    answer = taxed(
        [values.Taxable(amount, "standard")], table, values.TaxSettings(), values.TaxStatus(), included=included
    )
    if included:
        whole = sum(exact.values(), Fraction(0))
        assert abs(answer.tax_minor - amount * whole / (1 + whole)) <= Fraction(1, 2)
    else:
        for part in answer.items[0].parts:
            assert abs(part.minor - amount * exact.get(part.name, Fraction(0))) <= Fraction(1, 2)


@given(amount=AMOUNTS, more=st.integers(0, 10_000), table=tables(), included=st.booleans())
def test_who_pays_more_pays_no_less_tax(amount: int, more: int, table: list[values.TaxRate], included: bool) -> None:
    less, greater = (
        taxed([values.Taxable(a, "standard")], table, values.TaxSettings(), values.TaxStatus(), included=included)
        for a in (amount, amount + more)
    )
    assert less.tax_minor <= greater.tax_minor
    assert less.net_minor <= greater.net_minor
