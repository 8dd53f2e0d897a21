"""A month of a real wholesaler: its invoices, cancellations and dirt, accounted for to the penny."""

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope, Tx
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import PriceTier
from jiedan.customers import queries as customers
from jiedan.imports import errors, run
from jiedan.imports.presets import online_retail, steps
from jiedan.imports.presets.parity import Parity
from jiedan.imports.reader import Source, of_bytes
from jiedan.imports.values import Counts, ImportRun
from jiedan.inventory import queries as inventory
from jiedan.orders import errors as order_errors
from tests import enumerations
from tests.conftest import new_tenant
from tests.imports.factories import csv_of
from tests.journeys import books
from tests.orders import factories

MONTH = "2010-12"
SLICE = csv_of(
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
    "536300,22752,NESTING BOXES,1,2010-11-30 17:00:00,7.65,17850.0,United Kingdom",  # another month
    "536365,85123A,HANGING HEART ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,71053,METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom",
    "536365,85123A,HANGING HEART ,2,2010-12-01 08:27:00,2.55,17850.0,United Kingdom",  # the same again: one line
    "536365,85123A,hanging heart,1,2010-12-01 08:26:00,2.95,17850.0,United Kingdom",  # at another price
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom",  # of no order
    "536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France",  # a service
    "C536383,85123A,HANGING HEART ,-8,2010-12-01 09:49:00,2.55,17850.0,United Kingdom",
    "C536383,71053,METAL LANTERN,-7,2010-12-01 09:49:00,3.39,17850.0,United Kingdom",  # more than was bought
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom",  # found in the store room
    "536544,21773,DECORATIVE ROSE,1,2010-12-01 14:32:00,2.51,,United Kingdom",  # a guest
    "536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom",  # a correction of stock
    "536591,71053,METAL LANTERN,12,2010-12-02 09:00:00,3.39,17850.0,United Kingdom",
    "C536606,71053,METAL LANTERN,-3,2010-12-02 10:00:00,3.39,17850.0,United Kingdom",
    "C536607,71053,METAL LANTERN,-3,2010-12-02 10:00:00,3.19,17850.0,United Kingdom",  # at a price nobody paid
    "C536608,21773,DECORATIVE ROSE,-1,2010-12-02 10:00:00,2.51,,United Kingdom",  # of nobody
    "A563185,B,Adjust bad debt,1,2010-12-03 14:50:00,-1062.06,,United Kingdom",
    "C536609,POST,POSTAGE,-3,2010-12-03 15:00:00,18.0,12583.0,France",  # all of an order
    "539993,22386,JUMBO BAG PINK,10,2011-01-04 10:00:00,1.95,13313.0,United Kingdom",  # another month
)


DATA = Path(os.environ.get("JIEDAN_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
FILE = DATA / "online_retail" / "online_retail.csv.gz"
DAYS = [f"{MONTH}-{day:02d}" for day in range(1, 24)]

real = pytest.mark.skipif(not FILE.exists(), reason=f"NOT TESTED ON REAL DATA: set JIEDAN_DATA, {FILE} is missing")
whole = pytest.mark.skipif(not os.environ.get(enumerations.REPORT), reason="the whole month is in `make proof`")


async def opened(db: Database, **settings: Any) -> Scope:
    """Return a new merchant in the United Kingdom who has nothing yet."""
    scope = Scope(await new_tenant(db))
    british = {"country": "GB", "time_zone": "Europe/London", "currency": "GBP", "currencies": ["GBP"]}
    async with db.begin(scope) as tx:
        await factories.merchant(tx, **{**british, **settings})
    return scope


async def brought_in(
    db: Database, scope: Scope, source: Source, month: str | None
) -> tuple[dict[str, ImportRun], Parity]:
    """Do every step; return the runs, and where everything went when the books balance."""
    derived = online_retail.derive(source, month=month, location=await steps.location_code(db, scope))
    done = {}
    for step in steps.steps(derived):
        done[step.kind] = (await steps.take(db, scope, step, locale="en", progress=lambda _: None)).run
    found = await steps.accounted(db, scope, derived, done["orders"])
    await books.assert_balance(db, scope)
    return done, found


def real_file() -> Source:
    return Source(FILE.name, lambda: FILE.open("rb"))


async def test_everything_is_placed_canceled_or_reported(db: Database) -> None:
    scope = await opened(db)
    done, found = await brought_in(db, scope, of_bytes("slice.csv", SLICE), MONTH)
    assert [(x.name, x.file, x.placed, x.canceled, x.reported) for x in found.measures] == [
        ("invoices", 13, 4, 3, 6),
        ("lines", 17, 7, 3, 7),
        ("units", 52, 31, -14, 35),
        ("amount", -106_906, 14_088, -8_457, -112_537),
    ]
    assert found.is_whole
    assert found.reasons == {"cancellation_of_nobody": 1, "no_sale": 3, "nothing_to_cancel": 3}
    assert done["orders"].counts == Counts(read=17, created=7, updated=3, refused=7)


async def test_names_prices_stock_and_customers_are_derived(db: Database) -> None:
    scope = await opened(db)
    await brought_in(db, scope, of_bytes("slice.csv", SLICE), MONTH)
    async with db.read(scope) as tx:
        skus = await tx.load_one(catalog.sellable_skus(["85123A", "71053", "22139", "POST", "22752"]))
        tiers = await tx.load_one(catalog.price_tiers(["85123A"]))
        ids = [sku.sku_id for sku in skus.values()]
        stock = {key.sku_id: row for key, row in (await tx.load_one(inventory.availability(ids))).items()}
        known = await tx.load_one(customers.by_external_id(["17850", "12583", "14527", "13313"]))
    assert {code: (sku.name, sku.kind.value) for code, sku in skus.items()} == {
        "85123A": ("HANGING HEART", "goods"),
        "71053": ("METAL LANTERN", "goods"),
        "22139": ("22139", "goods"),
        "POST": ("POSTAGE", "service"),
    }
    assert tiers["85123A", "GBP"] == (PriceTier(1, 255),)
    lantern, heart = stock[skus["71053"].sku_id], stock[skus["85123A"].sku_id]
    assert (lantern.on_hand, lantern.reserved) == (18, 15), "three came back"
    assert (heart.on_hand, heart.reserved) == (9, 1)
    assert set(known) == {"17850", "12583", "14527"}


async def test_the_same_month_again_changes_nothing(db: Database) -> None:
    scope = await opened(db)
    _, first = await brought_in(db, scope, of_bytes("slice.csv", SLICE), MONTH)
    events = await events_of(db, scope)
    done, second = await brought_in(db, scope, of_bytes("slice.csv", SLICE), MONTH)
    assert second == first
    assert done["orders"].counts == Counts(read=17, unchanged=10, refused=7)
    assert await events_of(db, scope) == events


async def events_of(db: Database, scope: Scope) -> list[str]:
    """Return the kinds of what happened, but for the imports' own."""
    async with db.read(scope) as tx:
        kinds = (await tx.execute(_EVENTS, {"tenant": tx.tenant})).scalars()
        return sorted(kind for kind in kinds if not kind.startswith("imports."))


_EVENTS = sa.text("SELECT kind FROM event_log WHERE tenant_id = :tenant")


@pytest.mark.parametrize("killed_at", ["products", "customers", "opening-stock", "orders", "cancellations"])
async def test_killed_anywhere_the_next_attempt_goes_on(
    db: Database, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await opened(db)
    real_save = run._save

    async def die(tx: Tx, *, at: ImportRun, **rest: Any) -> ImportRun:
        saved = await real_save(tx, at=at, **rest)
        stage = "cancellations" if saved.position > run.STAGE_ROWS else at.kind
        if stage == killed_at:
            raise KeyboardInterrupt
        return saved

    monkeypatch.setattr(run, "_save", die)
    with pytest.raises(KeyboardInterrupt):
        await brought_in(db, scope, of_bytes("slice.csv", SLICE), MONTH)
    monkeypatch.undo()
    _, found = await brought_in(db, scope, of_bytes("slice.csv", SLICE), MONTH)
    assert found.is_whole
    assert [measure.placed for measure in found.measures] == [4, 7, 31, 14_088]


async def test_what_is_lost_or_doubled_shows_in_the_totals(db: Database, owner: psycopg.Connection[Any]) -> None:
    scope = await opened(db)
    source = of_bytes("slice.csv", SLICE)
    done, _ = await brought_in(db, scope, source, MONTH)
    derived = online_retail.derive(source, month=MONTH, location="MAIN")
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute("DELETE FROM order_line WHERE tenant_id = %s AND code = '21773'", [scope.tenant])
    found = await steps.accounted(db, scope, derived, done["orders"])
    assert {x.name: x.difference for x in found.measures} == {"invoices": 1, "lines": 1, "units": 1, "amount": 251}
    assert not found.is_whole


async def test_a_file_or_merchant_that_does_not_fit_is_refused(db: Database) -> None:
    with pytest.raises(errors.ColumnUnknown):
        online_retail.derive(of_bytes("x.csv", csv_of("InvoiceNo,StockCode", "1,A")), month=None, location="MAIN")
    with pytest.raises(errors.CellInvalid):
        online_retail.derive(of_bytes("x.csv", SLICE), month="December", location="MAIN")
    with pytest.raises(order_errors.CurrencyNotAccepted):
        await steps.location_code(db, await opened(db, currency="CNY", currencies=["CNY"]))


@real
@pytest.mark.proof
async def test_days_of_the_real_file_are_accounted_for(db: Database) -> None:
    for day in enumerations.cases("online retail: days of December 2010", DAYS):
        _, found = await brought_in(db, await opened(db), real_file(), day)
        assert found.is_whole, (day, found)


@real
@whole
@pytest.mark.proof
async def test_the_whole_month_is_accounted_for_and_comes_in_once(db: Database) -> None:
    scope = await opened(db)
    _, first = await brought_in(db, scope, real_file(), MONTH)
    assert [(x.name, x.file, x.placed, x.canceled, x.reported) for x in first.measures] == [
        ("invoices", 2_025, 1_559, 143, 323),
        ("lines", 42_481, 41_480, 289, 712),
        ("units", 342_228, 359_239, -3_196, -13_815),
        ("amount", 74_895_702, 82_374_614, -803_172, -6_675_740),
    ]
    assert first.is_whole
    _, second = await brought_in(db, scope, real_file(), MONTH)
    assert second == first
    assert list(enumerations.cases("online retail: lines of December 2010", range(first.measures[1].file)))
