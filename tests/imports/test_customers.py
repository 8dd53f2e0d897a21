"""Customers come in with what frees them of tax, once; what is wrong with it names its column."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from jiedan.base.db import Database, Scope
from jiedan.customers import queries as customers
from jiedan.imports.values import Counts
from tests.accounts import factories as accounts
from tests.imports.factories import csv_of, imported
from tests.imports.test_service import errors_of


@pytest_asyncio.fixture
async def shop(db: Database) -> Scope:
    return (await accounts.opened(db)).scope


async def test_why_customers_pay_no_tax_comes_in_once(db: Database, shop: Scope) -> None:
    header = (
        "id,name,certificate number,jurisdiction,tax_exempt_classes,certificate valid from,certificate valid until,"
        "vat number,vat_until"
    )
    content = csv_of(
        header,
        "C1,Acme,EX-1,US-CA;us-nv,books,2026-01-01,2026-12-31,,",
        "C1,Acme,EX-2,,,,,de 123456789,2027-06-30 12:00",
        "C2,Bee,,,,,,,",
    )
    done = await imported(db, shop, "customers", content)
    again = await imported(db, shop, "customers", csv_of(header, "C1,Acme,EX-1,,,,,DE123456789,", "C2,Bee,,,,,,,"))
    assert (done.counts, again.counts) == (Counts(read=3, created=3), Counts(read=2, updated=2))
    async with db.read(shop) as tx:
        (customer_id,) = (await tx.load_one(customers.by_external_id(["C1"]))).values()
        kept = await customers.tax_exemptions(tx, customer_id)
        (head,) = (await customers.heads(tx, [customer_id])).values()
    assert head.version == 1, "the same again changes nothing"
    zone = ZoneInfo("Asia/Shanghai")
    found = {(x.number, x.places, x.classes, x.from_at, x.until_at) for x in kept}
    assert found == {
        ("EX-1", ("US-CA", "US-NV"), ("books",), datetime(2026, 1, 1, tzinfo=zone), datetime(2027, 1, 1, tzinfo=zone)),
        ("EX-2", (), (), None, None),
        ("DE123456789", (), (), None, datetime(2027, 6, 30, 12, tzinfo=zone)),
    }


async def test_what_is_wrong_with_an_exemption_names_its_column(db: Database, shop: Scope) -> None:
    header = "id,name,certificate number,jurisdiction,tax_exempt_from,certificate valid until,VAT number,vat_from"
    content = csv_of(
        header,
        "C1,Acme,EX-1,Mars;US-CA,2026-01-01,,,",
        "C2,Acme,EX-1,,2026-01-01,2025-01-01,,",
        "C3,Acme,,US-CA,,,12,",
        "C4,Acme,EX-1,,soon,9999-12-31,,2026-01-01",
        "C5,Acme,EX-5,,2026-01-01,,,",
    )
    done = await imported(db, shop, "customers", content)
    later = csv_of("id,name,certificate number,tax_exempt_until", "C5,A,EX-5,2025-01-01")
    late = await imported(db, shop, "customers", later)
    assert (done.counts, late.counts) == (Counts(read=5, created=1, refused=4), Counts(read=1, refused=1))
    assert await errors_of(db, shop, done) == [
        (2, "jurisdiction", "Mars;US-CA", "tax_exemption_place_invalid"),
        (3, "certificate valid until", "2025-01-01", "tax_exemption_period_invalid"),
        (4, "certificate number", "", "cell_missing"),
        (4, "VAT number", "12", "vat_number_invalid"),
        (5, "tax_exempt_from", "soon", "cell_invalid"),
        (5, "VAT number", "", "cell_missing"),
        (5, "certificate valid until", "9999-12-31", "tax_exemption_day_invalid"),
    ]
    assert await errors_of(db, shop, late) == [(2, "tax_exempt_until", "2025-01-01", "tax_exemption_period_invalid")]


async def test_a_midnight_that_clocks_skip_comes_in_once(db: Database) -> None:
    shop = (await accounts.opened(db, time_zone="America/Santiago")).scope
    content = csv_of("id,name,vat_number,vat_from,vat_until", "C1,Acme,DE123456789,2026-09-06,2027-09-04")
    for _ in range(2):
        done = await imported(db, shop, "customers", content)
        assert done.counts.refused == 0
    async with db.read(shop) as tx:
        (customer_id,) = (await tx.load_one(customers.by_external_id(["C1"]))).values()
        (head,) = (await customers.heads(tx, [customer_id])).values()
        (kept,) = await customers.tax_exemptions(tx, customer_id)
    assert head.version == 1, "the same again changes nothing"
    assert (kept.from_at, kept.until_at) == (
        datetime(2026, 9, 6, 4, tzinfo=UTC),
        datetime(2027, 9, 5, 4, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("said", "over"),
    [
        ("2026-12-31", datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ("20261231", datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ("2026年12月31日", datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ("2026-12-31+09:00", datetime(2026, 12, 31, 15, tzinfo=UTC)),
        ("2026-12-31 10", datetime(2026, 12, 31, 2, tzinfo=UTC)),
        ("2026-12-31 00:00", datetime(2026, 12, 30, 16, tzinfo=UTC)),
    ],
)
async def test_a_day_is_in_it_to_its_end_and_a_moment_is_the_end(
    db: Database, shop: Scope, said: str, over: datetime
) -> None:
    done = await imported(db, shop, "customers", csv_of("id,name,vat_number,vat_until", f"C1,A,DE123456789,{said}"))
    assert done.counts == Counts(read=1, created=1)
    async with db.read(shop) as tx:
        (customer_id,) = (await tx.load_one(customers.by_external_id(["C1"]))).values()
        (kept,) = await customers.tax_exemptions(tx, customer_id)
    assert kept.until_at == over
