"""Tax rates from files: into the draft, as many as there are, and out again with the same columns."""

from datetime import UTC, datetime

import pytest

from jiedan.base.db import Database, Scope
from jiedan.imports import queries
from jiedan.imports.values import Counts, ImportStatus
from jiedan.pricing import queries as pricing
from jiedan.pricing.rules.taxes.rows import percent_of, ppm_of
from jiedan.pricing.service import publish
from jiedan.pricing.values import TaxRate
from tests.accounts import factories as accounts
from tests.imports.factories import csv_of, imported

HEADER = "country,region,postal,tax_class,percent,name,compound,position,from,until"


@pytest.fixture
async def shop(db: Database, scope: Scope) -> Scope:
    """Return a merchant in Shanghai."""
    async with db.begin(scope) as tx:
        await accounts.merchant(tx)
    return scope


async def drafted(db: Database, scope: Scope) -> list[TaxRate]:
    async with db.read(scope) as tx:
        return [x.body for x in await tx.load_one(pricing.draft_rules(["tax_rate"])) if isinstance(x.body, TaxRate)]


async def test_rates_come_into_the_draft_and_none_is_published(db: Database, shop: Scope) -> None:
    content = csv_of(
        HEADER,
        "US,NY,100..102,,8.875%,city,,,,",
        "ca,QC,,books,9.975,QST,yes,2,2026-01-01,2026-12-31",
        ",,,,20,,,,,",
    )
    done = await imported(db, shop, "tax-rates", content)
    assert (done.status, done.counts) == (ImportStatus.completed, Counts(read=3, created=3))
    begin, end = datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert sorted(await drafted(db, shop), key=lambda x: x.country) == [
        TaxRate("standard", 200_000),
        TaxRate("books", 99_750, "CA", "QC", "", "QST", True, 2, begin, end),
        TaxRate("standard", 88_750, "US", "NY", "100..102", "city"),
    ]
    async with db.read(shop) as tx:
        assert await tx.load_one(pricing.version()) == 0
    async with db.begin(shop) as tx:
        await publish(tx)


async def test_the_same_file_again_changes_nothing_and_another_rate_goes_over_it(db: Database, shop: Scope) -> None:
    await imported(db, shop, "tax-rates", csv_of(HEADER, "US,NY,,,8,,,,,", "US,NJ,,,6,,,,,"))
    again = await imported(db, shop, "tax-rates", csv_of(HEADER, "US,NJ,,,6.625,,,,,", "US,NY,,,8,,,,,"))
    assert again.counts == Counts(read=2, updated=1, unchanged=1)
    assert {x.region: x.rate_ppm for x in await drafted(db, shop)} == {"NJ": 66_250, "NY": 80_000}


async def test_what_is_exported_is_imported_without_a_change(db: Database, shop: Scope) -> None:
    content = csv_of(HEADER, "US,NY,100..102,,8.875,city,,,,", "CA,QC,,books,9.975,QST,yes,2,2026-01-01,2026-12-31")
    await imported(db, shop, "tax-rates", content)
    async with db.read(shop) as tx:
        written = await pricing.tax_rates_csv(tx)
    assert written.decode("utf-8-sig").splitlines()[0] == HEADER
    done = await imported(db, shop, "tax-rates", written)
    assert done.counts == Counts(read=2, unchanged=2)


async def test_each_row_says_what_is_wrong_with_it_at_its_column(db: Database, shop: Scope) -> None:
    content = csv_of(
        HEADER,
        "US,NY,,,,,,,,",
        "US,NY,,,101,,,,,",
        "Narnia,,,,5,,,,,",
        "US,,94..9,,5,,,,,",
        "US,CA,,,5,,maybe,-1,soon,",
        "US,CA,,,5,,,,2026-02-01,2026-01-01",
        "US,CA,,,7.25,,,,,",
    )
    done = await imported(db, shop, "tax-rates", content)
    assert (done.counts.created, done.counts.refused) == (1, 6)
    async with db.read(shop) as tx:
        found = [(x.row, x.column) for x in await queries.row_errors(tx, import_id=done.import_id)]
    assert [x for x in found if x[0] in {2, 3}] == [(2, "percent"), (3, "percent")]
    assert {row for row, _ in found} == {2, 3, 4, 5, 6, 7}
    assert [column for row, column in found if row == 6] == ["compound", "position", "from"]


async def test_thousands_come_in_by_chunks_with_a_constant_number_of_statements(db: Database, shop: Scope) -> None:
    rows = [f"US,NY,{zip_code},,8.{zip_code % 1000:03},,,,," for zip_code in range(10_000, 12_500)]
    done = await imported(db, shop, "tax-rates", csv_of(HEADER, *rows))
    assert done.counts == Counts(read=2_500, created=2_500)
    recorder = db.recorder
    assert recorder is not None
    counts = []
    for size in (1, 100):
        with recorder.watching() as sent:
            await imported(db, shop, "tax-rates", csv_of(HEADER, *[x.replace(",8.", ",9.") for x in rows[:size]]))
        counts.append(len(sent))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("typed", "ppm"),
    [("8.875", 88_750), (" 8.875 % ", 88_750), ("0", 0), ("100", 1_000_000), ("0.0001", 1)],
)
def test_a_percentage_is_read_exactly(typed: str, ppm: int) -> None:
    assert ppm_of(typed) == ppm
    assert ppm_of(percent_of(ppm)) == ppm


@pytest.mark.parametrize("typed", ["", "-1", "100.0001", "0.00001", "8,875", "1e2", "nan", "٣", "8.", ".5"])
def test_what_is_no_percentage_is_none(typed: str) -> None:
    assert ppm_of(typed) is None
