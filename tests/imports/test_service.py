import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Drain
from jiedan.base.errors import Refusal
from jiedan.base.jobs import Jobs
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import OrderQuantity, PriceTier, SkuKind
from jiedan.customers import queries as customers
from jiedan.imports import errors, jobs, queries, reader, run, service
from jiedan.imports.targets import target
from jiedan.imports.targets.products import Products
from jiedan.imports.values import Counts, ImportStatus, Outcome, Row
from tests.accounts import factories as accounts
from tests.catalog.factories import goods, saved
from tests.conftest import FakeClock, Urls
from tests.imports.factories import begun, csv_of, imported, workbook
from tests.inventory import factories as inventory
from tests.patience import PATIENCE_S


@pytest_asyncio.fixture
async def shop(db: Database) -> Scope:
    """Return the owner of a merchant in China who trades in CNY."""
    return (await accounts.opened(db)).scope


async def skus_of(db: Database, scope: Scope, *codes: str) -> dict[str, Any]:
    async with db.read(scope) as tx:
        return await tx.load_one(catalog.sellable_skus(codes))


async def errors_of(db: Database, scope: Scope, done: Any) -> list[tuple[int, str, str, str]]:
    async with db.read(scope) as tx:
        found = await queries.row_errors(tx, import_id=done.import_id)
    return [(error.row, error.column, error.value, error.code) for error in found]


PRODUCTS = csv_of(
    "商品编码,款号,名称,规格1名称,规格1,价格,起订量,条码,重量,类型,parts",
    'T-S,T,T恤,尺码,S,"1,099.50",1,036000291452,180,商品,',
    "T-S,T,T恤,尺码,S,999,10,036000291452,180,商品,",
    "T-M,T,T恤,尺码,M,1099.5,,,,,",
    "TEA,,Green tea,,,39,,,,,",
    "BOX,,Gift box,,,1200,,,,kit,T-S*2；TEA",
    "FIT,,Fitting,,,50,,,,服务,",
)


async def test_products_come_in_with_variants_tiers_and_kits(db: Database, shop: Scope) -> None:
    done = await imported(db, shop, "products", PRODUCTS)
    assert (done.status, done.position) == (ImportStatus.completed, 7)
    assert done.counts == Counts(read=6, created=6)
    skus = await skus_of(db, shop, "T-S", "T-M", "TEA", "BOX", "FIT")
    assert skus["T-S"].product_id == skus["T-M"].product_id
    assert skus["T-M"].name == "T恤 – M"
    assert skus["T-S"].weight_g == 180
    assert (skus["BOX"].kind, len(skus["BOX"].components)) == (SkuKind.kit, 2)
    assert skus["FIT"].kind == SkuKind.service
    async with db.read(shop) as tx:
        tiers = await tx.load_one(catalog.price_tiers(["T-S"], ["CNY"]))
    assert tiers[("T-S", "CNY")] == (PriceTier(1, 109_950), PriceTier(10, 99_900))


async def test_products_come_in_with_the_quantities_of_an_order(db: Database, shop: Scope) -> None:
    content = csv_of(
        "sku,name,price,moq,order_maximum,order step,每包数量", "A,Apple,1,12,60,,6", "B,Bee,1,,,0,", "C,Cat,1,5,4,,"
    )
    done = await imported(db, shop, "products", content)
    assert await errors_of(db, shop, done) == [
        (3, "order step", "0", "out_of_range"),
        (4, "order_maximum", "4", "order_quantity_invalid"),
    ]
    await imported(db, shop, "products", csv_of("sku,order_maximum", "A,0"))
    assert (await skus_of(db, shop, "A"))["A"].quantities == OrderQuantity(12, 0, 1, 6)


async def test_importing_the_same_again_changes_nothing(db: Database, shop: Scope) -> None:
    await imported(db, shop, "products", PRODUCTS)
    again = await imported(db, shop, "products", PRODUCTS)
    assert again.counts == Counts(read=6, unchanged=6)


async def test_of_one_price_given_twice_the_last_counts(db: Database, shop: Scope) -> None:
    done = await imported(db, shop, "products", csv_of("sku,name,price", "A,Apple,1", "B,Bee,1", "A,Apple,2"))
    assert done.counts == Counts(read=3, created=3)
    async with db.read(shop) as tx:
        tiers = await tx.load_one(catalog.price_tiers(["A"], ["CNY"]))
    assert tiers[("A", "CNY")] == (PriceTier(1, 200),)


async def test_a_refused_row_names_its_column_and_stops_no_other(db: Database, shop: Scope) -> None:
    content = csv_of(
        "sku,name,Unit Price,Currency,EAN,weight_g,kind,category",
        "A,Apple,1.00,,,,,",
        "B,Banana,1.234,,4006381333932,,,",
        "C,Cherry,1,XXZ,,,,",
        "D,Date,1,,4006381333932,-5,,none",
        ",Nameless,1,,,,,",
        "E,Elder,1,,,,gift,",
        "F,Fig,1,,,,,,too many",
        "G\0,Grape,1,,,,,",
        "H,Hazel,2,,,,,",
    )
    done = await imported(db, shop, "products", content)
    assert done.counts == Counts(read=9, created=2, refused=7)
    assert await errors_of(db, shop, done) == [
        (3, "Unit Price", "1.234", "cell_invalid"),
        (3, "EAN", "4006381333932", "barcode_invalid"),
        (4, "Currency", "XXZ", "cell_invalid"),
        (5, "EAN", "4006381333932", "barcode_invalid"),
        (5, "weight_g", "-5", "out_of_range"),
        (5, "category", "none", "unknown_category"),
        (6, "sku", "", "cell_missing"),
        (7, "kind", "gift", "cell_invalid"),
        (8, "", "", "cells_beyond_header"),
        (9, "", "", "character_refused"),
    ]


async def test_a_row_with_several_faults_tells_all_of_them(db: Database, shop: Scope) -> None:
    content = csv_of(
        "sku,name,Unit Price,Currency,EAN,weight_g,kind,active,parts,min quantity",
        ",Apple,1.234,,4006381333932,heavy,gift,perhaps,A*many,few",
        "B,Banana,1,XXZ,,-5,,,,",
        "C,Cherry,2,,,,,,,",
        "C,,x,,,,,,,10",
        "D,#N/A,1,,1.23E+17,,,,,",
    )
    done = await imported(db, shop, "products", content)
    assert done.counts == Counts(read=5, refused=5)
    assert await errors_of(db, shop, done) == [
        (2, "sku", "", "cell_missing"),
        (2, "weight_g", "heavy", "cell_invalid"),
        (2, "active", "perhaps", "cell_invalid"),
        (2, "min quantity", "few", "cell_invalid"),
        (2, "Unit Price", "1.234", "cell_invalid"),
        (2, "parts", "A*many", "cell_invalid"),
        (2, "kind", "gift", "cell_invalid"),
        (2, "EAN", "4006381333932", "barcode_invalid"),
        (3, "Currency", "XXZ", "cell_invalid"),
        (3, "weight_g", "-5", "out_of_range"),
        (4, "", "", "other_tier_refused"),
        (5, "Unit Price", "x", "cell_invalid"),
        (6, "name", "#N/A", "formula_failed"),
        (6, "EAN", "1.23E+17", "number_shortened"),
    ]


async def test_a_customer_with_several_faults_tells_all_of_them(db: Database, shop: Scope) -> None:
    long = "街" * 600
    content = csv_of(
        "id,name,type,phone,email,city,address,tags,groups",
        f",,thing,123,not an address,,{long},{'t' * 300},",
        "C2,Li Lei,,123,not an address,,,,nowhere",
    )
    done = await imported(db, shop, "customers", content)
    assert [(row, column, code) for row, column, _, code in await errors_of(db, shop, done)] == [
        (2, "type", "cell_invalid"),
        (2, "name", "cell_missing"),
        (2, "id", "cell_missing"),
        (2, "address", "cell_invalid"),
        (2, "tags", "customer_text_too_long"),
        (2, "phone", "phone_invalid"),
        (2, "email", "email_invalid"),
        (3, "phone", "phone_invalid"),
        (3, "email", "email_invalid"),
        (3, "groups", "unknown_customer_group"),
    ]


async def test_stock_and_places_with_several_faults_tell_all_of_them(db: Database, shop: Scope) -> None:
    done = await imported(db, shop, "opening-stock", csv_of("sku,qty,location", "Z,many,W9", ",-5,"))
    assert [(row, column, code) for row, column, _, code in await errors_of(db, shop, done)] == [
        (2, "sku", "unknown_reference"),
        (2, "location", "unknown_reference"),
        (2, "qty", "cell_invalid"),
        (3, "sku", "cell_missing"),
        (3, "location", "cell_missing"),
        (3, "qty", "cell_invalid"),
    ]
    done = await imported(db, shop, "postal-areas", csv_of("prefix,lat,lon", ",north,", "51,22.5,114"))
    assert [(row, column, code) for row, column, _, code in await errors_of(db, shop, done)] == [
        (2, "prefix", "cell_missing"),
        (2, "lat", "cell_invalid"),
        (2, "lon", "cell_missing"),
    ]


async def test_opening_stock_comes_in_once(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await saved(tx, goods("A"), goods("B"))
        await inventory.location(tx, "W1")
    content = csv_of("sku,qty", "A,100", "B,0", "Z,1", "A,x", "B,-1")
    done = await imported(db, shop, "opening-stock", content)
    assert done.counts == Counts(read=5, created=1, unchanged=1, refused=3)
    assert [code for *_, code in await errors_of(db, shop, done)] == [
        "unknown_reference",
        "cell_invalid",
        "cell_invalid",
    ]
    again = await imported(db, shop, "opening-stock", csv_of("sku,qty,location", "A,100,W1"))
    assert again.counts == Counts(read=1, unchanged=1)
    other = await imported(db, shop, "opening-stock", csv_of("sku,qty,location", "A,70,W1", "A,1,W9"))
    assert [(column, code) for _, column, _, code in await errors_of(db, shop, other)] == [
        ("qty", "operation_key_reused"),
        ("location", "unknown_reference"),
    ]


async def test_customers_come_in_by_the_merchants_own_id(db: Database, shop: Scope) -> None:
    content = csv_of(
        "客户编号,姓名,手机,邮箱,省,市,地址,邮编,标签",
        "C1,王小明,13812345678,wang@example.com,广东省,深圳市,科技路1号,518000,vip;新客",
        "C2,李雷,123,li@example.com,,,,,",
        "C3,韩梅梅,,not an address,,,,,",
        ",没有编号,,,,,,,",
    )
    done = await imported(db, shop, "customers", content)
    assert done.counts == Counts(read=4, created=1, refused=3)
    assert [(column, value) for _, column, value, _ in await errors_of(db, shop, done)] == [
        ("手机", "123"),
        ("邮箱", "not an address"),
        ("客户编号", ""),
    ]


async def test_a_customer_keeps_what_a_later_file_does_not_say(db: Database, shop: Scope) -> None:
    await imported(
        db, shop, "customers", csv_of("id,name,type,phone,email", "C1,Acme,company,13812345678,a@example.com")
    )
    done = await imported(db, shop, "customers", csv_of("id,name,email", "C1,Acme Tea,"))
    assert done.counts == Counts(read=1, updated=1)
    async with db.read(shop) as tx:
        (customer_id,) = (await tx.load_one(customers.by_external_id(["C1"]))).values()
        known = await customers.customer(tx, customer_id)
    assert (known.name, known.kind, known.phone, known.email) == (
        "Acme Tea", "company", "+8613812345678", "a@example.com",
    )  # fmt: skip


async def test_postal_areas_come_in_from_a_workbook(db: Database, shop: Scope) -> None:
    content = workbook([["zip", "lat", "lng", "country"], ["5180", 22.5, 114.05, "CN"], ["x", 91, 0, "CN"]])
    done = await imported(db, shop, "postal-areas", content)
    assert done.counts == Counts(read=2, updated=1, refused=1)


async def test_a_dry_run_says_the_same_and_stores_nothing(db: Database, shop: Scope) -> None:
    source = reader.of_bytes("file", PRODUCTS)
    _, mapping = run.inspect(source, target("products"))
    trial = await run.try_out(db, shop, source=source, target=target("products"), chosen=mapping)
    assert (trial.counts, trial.errors, trial.is_whole) == (Counts(read=6, created=6), (), True)
    assert await skus_of(db, shop, "T-S", "TEA") == {}


async def test_a_dry_run_of_a_long_file_says_that_it_is_not_whole(db: Database, shop: Scope) -> None:
    source = reader.of_bytes("file", csv_of("sku,name", *(f"A{n},Name" for n in range(450))))
    chosen = {"sku": "sku", "name": "name"}
    trial = await run.try_out(db, shop, source=source, target=target("products"), chosen=chosen, rows_max=400)
    assert (trial.counts.read, trial.is_whole) == (400, False)


class Dying(Products):
    """Products whose process dies in some chunk, after its rows are written."""

    def __init__(self, chunk: int) -> None:
        self.chunk = chunk

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        outcomes = await super().save(tx, rows)
        self.chunk -= 1
        if self.chunk == 0:
            raise KeyboardInterrupt
        return outcomes


async def test_a_run_that_was_killed_goes_on_without_doubling_or_losing(db: Database, shop: Scope) -> None:
    content = csv_of("sku,name", *(f"A{n},Name {n}" for n in range(950)))
    made = await begun(db, shop, "products", content)
    source = reader.of_bytes("file", content)
    for chunk in (3, 1, 2):
        with contextlib.suppress(KeyboardInterrupt):
            await run.run(db, shop, begun=made, source=source, target=Dying(chunk))
    async with db.read(shop) as tx:
        at = await queries.import_run(tx, import_id=made.import_id)
    assert (at.status, at.position, at.counts.read) == (ImportStatus.running, 601, 600)
    steps: list[int] = []
    done = await run.run(db, shop, begun=made, source=source, target=target("products"), progress=steps.append)
    assert done.counts == Counts(read=950, created=950)
    assert sum(steps) == 950
    with pytest.raises(errors.AlreadyImported):
        await run.run(db, shop, begun=made, source=source, target=target("products"))


async def test_two_processes_cannot_save_the_same_rows(db: Database, shop: Scope) -> None:
    content = csv_of("sku,name", *(f"A{n},Name {n}" for n in range(900)))
    made = await begun(db, shop, "products", content)
    source = reader.of_bytes("file", content)

    async def go() -> Any:
        return await run.run(db, shop, begun=made, source=source, target=target("products"))

    ended = await asyncio.gather(go(), go(), return_exceptions=True)
    assert all(not isinstance(e, BaseException) or isinstance(e, Refusal) for e in ended), ended
    async with db.read(shop) as tx:
        at = await queries.import_run(tx, import_id=made.import_id)
        count = sa.text("SELECT count(*) FROM sku WHERE tenant_id = :tenant").bindparams(tenant=tx.tenant)
        assert at.counts.created == (await tx.execute(count)).scalar_one()


async def test_another_file_does_not_go_on_with_a_run(db: Database, shop: Scope) -> None:
    made = await begun(db, shop, "products", csv_of("sku,name", "A,Apple"))
    other = reader.of_bytes("file", csv_of("sku,name", "B,Banana"))
    with pytest.raises(errors.OtherFile):
        await run.run(db, shop, begun=made, source=other, target=target("products"))


async def test_rows_of_one_product_are_not_cut_apart() -> None:
    lines = ["sku,product", *(f"A{n},P{n // 150}" for n in range(600))]
    with reader.opened(reader.of_bytes("file", csv_of(*lines))) as table:
        chunks = list(run.cut(table, target("products"), {"sku": "sku", "product": "product"}, after=1))
    assert [len(chunk.rows) for chunk in chunks] == [300, 300]
    assert [chunk.position for chunk in chunks] == [301, 601]


async def test_the_statement_count_of_a_chunk_does_not_depend_on_its_rows(
    db: Database, shop: Scope, recorder: StatementRecorder
) -> None:
    counts = []
    for prefix, size in (("X", 1), ("Y", 200)):
        content = csv_of("sku,name,price", *(f"{prefix}{n},Name,1" for n in range(size)))
        with recorder.watching() as sent:
            await imported(db, shop, "products", content)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 40


async def test_the_worker_does_a_run_and_stops_it_with_a_reason(db: Database, shop: Scope) -> None:
    made = await begun(db, shop, "products", csv_of("sku,name", "A,Apple"))
    ids = {"import_id": str(made.import_id), "locale": "en"}
    await jobs.save_rows(db, shop.tenant, ids)
    assert await skus_of(db, shop, "A") == {}, "nobody has asked for it yet"
    async with db.begin(shop) as tx:
        await service.queue_run(tx, import_id=made.import_id, locale="en")
    await jobs.save_rows(db, shop.tenant, ids)
    await jobs.save_rows(db, shop.tenant, ids)
    async with db.read(shop) as tx:
        done = await queries.import_run(tx, import_id=made.import_id)
        assert (done.status, done.counts.created) == (ImportStatus.completed, 1)
        assert await queries.file_content(tx, import_id=made.import_id) is None
    broken = await begun(db, shop, "products", csv_of("sku,name", "B,Bee", '"C,never closed'))
    async with db.begin(shop) as tx:
        await service.queue_run(tx, import_id=broken.import_id, locale="en")
    await jobs.save_rows(db, shop.tenant, {"import_id": str(broken.import_id), "locale": "en"})
    async with db.read(shop) as tx:
        stopped = await queries.import_run(tx, import_id=broken.import_id)
    assert stopped.status == ImportStatus.stopped
    assert "cannot be read" in stopped.stopped_by


async def test_the_worker_leaves_a_run_that_another_process_has_in_hand(db: Database, shop: Scope) -> None:
    made = await begun(db, shop, "products", csv_of("sku,name", *(f"A{n},Apple" for n in range(450))))
    async with db.begin(shop) as tx:
        await service.queue_run(tx, import_id=made.import_id, locale="en")
    ids = {"import_id": str(made.import_id), "locale": "en"}
    await asyncio.gather(*(jobs.save_rows(db, shop.tenant, ids) for _ in range(2)))
    async with db.read(shop) as tx:
        done = await queries.import_run(tx, import_id=made.import_id)
    assert (done.status, done.counts.created) == (ImportStatus.completed, 450)


async def test_a_run_that_nobody_is_at_work_on_any_more_can_be_asked_for_again(
    db: Database, shop: Scope, clock: FakeClock
) -> None:
    made = await begun(db, shop, "products", csv_of("sku,name", *(f"A{n},Apple" for n in range(450))))
    async with db.begin(shop) as tx:
        await service.queue_run(tx, import_id=made.import_id, locale="en")
    with contextlib.suppress(KeyboardInterrupt):
        await run.run(db, shop, begun=made, source=source_of(450), target=Dying(2))
    async with db.begin(shop) as tx:
        with pytest.raises(errors.AlreadyImported, match="running"):
            await service.queue_run(tx, import_id=made.import_id, locale="en")
    clock.advance(timedelta(minutes=16))
    async with db.begin(shop) as tx:
        assert (await service.queue_run(tx, import_id=made.import_id, locale="en")).status == ImportStatus.queued


def source_of(rows: int) -> reader.Source:
    return reader.of_bytes("file", csv_of("sku,name", *(f"A{n},Apple" for n in range(rows))))


T, N = "{text}", "{number}"


@pytest.mark.parametrize(
    ("kind", "header", "row"),
    [
        ("products", "sku,name,weight_g,min quantity,price", (T, T, N, N, N)),
        ("customers", "id,name,phone,address,city,country", (T, T, T, T, T, T)),
        ("customers", "id,name,tax_exempt_number,tax_exempt_places,tax_exempt_until,vat_number", (T, T, T, T, T, T)),
        ("opening-stock", "sku,quantity,location", (T, N, T)),
        ("postal-areas", "prefix,lat,lon,country", (T, N, N, T)),
        ("tax-rates", "percent,country,postal,name,position,from", (N, T, T, T, N, T)),
        ("orders", "order id,sku,qty,date,price,name,address,tags,terms", (T, T, N, "2026-10-01", N, T, T, T, T)),
    ],
)
async def test_whatever_stands_in_a_row_is_taken_or_refused(
    db: Database, shop: Scope, kind: str, header: str, row: tuple[str, ...]
) -> None:
    for number in ("0", "-1", "999999999999999999", "1e400", "nan", "0.00001"):
        for text in ("x", "茶" * 5_000, "[]{}%s'\\"):
            done = await imported(db, shop, kind, csv_of(header, ",".join(row).format(text=text, number=number)))
            assert (done.status, done.counts.read) == (ImportStatus.completed, 1)


async def test_what_a_spreadsheet_has_lost_is_refused_by_name(db: Database, shop: Scope) -> None:
    content = csv_of("sku,name,description", "1.23E+17,Apple,", "B,#N/A,", "C,Cherry,", '="0042",Date,1.5E+3x')
    done = await imported(db, shop, "products", content)
    assert await errors_of(db, shop, done) == [
        (2, "sku", "1.23E+17", "number_shortened"),
        (3, "name", "#N/A", "formula_failed"),
    ]
    assert set(await skus_of(db, shop, "C", "0042")) == {"C", "0042"}


async def test_a_sku_does_not_come_in_without_a_tier_that_cannot_be_read(db: Database, shop: Scope) -> None:
    content = csv_of("sku,name,price,min_quantity", "C,Cherry,2.00,", "C,,#N/A,10", "D,Date,3.00,")
    done = await imported(db, shop, "products", content)
    assert await errors_of(db, shop, done) == [
        (2, "", "", "other_tier_refused"),
        (3, "price", "#N/A", "formula_failed"),
    ]
    assert set(await skus_of(db, shop, "C", "D")) == {"D"}


async def test_a_later_row_of_a_sku_may_say_its_tier_alone(db: Database, shop: Scope) -> None:
    content = csv_of("sku,name,weight_g,price,min quantity", "A,Apple,180,2,", "A,,,1.5,10", "B,Bee,,1,0")
    done = await imported(db, shop, "products", content)
    assert done.counts == Counts(read=3, created=2, refused=1)
    assert [(row, column) for row, column, *_ in await errors_of(db, shop, done)] == [(4, "min quantity")]
    assert (await skus_of(db, shop, "A"))["A"].weight_g == 180


async def test_what_is_queued_reaches_the_worker(db: Database, shop: Scope, urls: Urls) -> None:
    made = await begun(db, shop, "products", csv_of("sku,name", "A,Apple"))
    async with db.begin(shop) as tx:
        await service.queue_run(tx, import_id=made.import_id, locale="en")
    await Drain(db, None, {"imports.import_queued": (jobs.START_RUNS,)}).drain_tenant(shop.tenant)
    worker = Jobs(db, urls.app, tasks=[jobs.SAVE_ROWS])
    working = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await skus_of(db, shop, "A"):  # noqa: ASYNC110 - looks at the worker from outside
                await asyncio.sleep(0.05)  # the worker has no ear for tests
    finally:
        worker.stop()
        await working


async def test_files_and_refused_rows_are_forgotten_after_a_month(db: Database, shop: Scope, clock: FakeClock) -> None:
    done = await imported(db, shop, "products", csv_of("sku,name", "A,Apple", ",Nameless"))
    waiting = await begun(db, shop, "products", csv_of("sku,name", "B,Banana"))
    async with db.begin(shop) as tx:
        assert await service.forget_old(tx) == 0
    clock.advance(timedelta(days=31))
    async with db.begin(shop) as tx:
        assert await service.forget_old(tx) == 2
        assert await service.forget_old(tx) == 0
        assert await queries.row_errors(tx, import_id=done.import_id) == []
        assert await queries.file_content(tx, import_id=waiting.import_id) is None
