"""Orders and cancellations that come in as rows."""

import contextlib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest_asyncio
import sqlalchemy as sa
from msgspec.structs import replace

from jiedan.base.db import Database, Scope, Tx
from jiedan.catalog.values import Labels
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft
from jiedan.exports import rules
from jiedan.imports import queries, reader, run
from jiedan.imports.targets import target
from jiedan.imports.targets.orders import Orders
from jiedan.imports.values import Counts, ImportRun, ImportStatus, Outcome, Row
from jiedan.orders import queries as orders
from jiedan.orders.values import NewLine, OrderWithLines
from jiedan.pricing import service as pricing
from jiedan.pricing.service import ShippingFeeRow
from tests.imports.factories import begun, csv_of, imported
from tests.journeys import books
from tests.orders import factories
from tests.orders.factories import Shop
from tests.orders.methods import offered
from tests.pricing.bespoke_formulas import CURTAIN, LINEN_MINOR

HEADER = "order id,sku,qty,date,unit price,customer id"
PAST = csv_of(
    HEADER,
    "1001,A,2,2026-10-01 09:00,9.90,1",
    "1001,B,1,2026-10-01 09:00,5.00,1",
    "1001,A,3,2026-10-01 09:00,9.90,1",
    "1002,A,4,2026-10-02 10:00,9.90,1",
    "1003,B,1,2026-10-03,7,",
)


@pytest_asyncio.fixture
async def shop(db: Database, scope: Scope) -> Shop:
    opened = await factories.shop(db, scope, {"A": {"W1": 100}, "B": {"W1": 100}, "C": {"W1": 5}})
    async with db.begin(scope) as tx:
        drafts = [
            CustomerDraft(
                f"Customer {n}", kind="person", phone="", email="", tax_number="", locale="", external_id=str(n)
            )
            for n in (1, 2)
        ]
        await customers.upsert_customers(tx, customers=drafts, country="CN")
    return opened


async def stored(db: Database, scope: Scope) -> dict[str, OrderWithLines]:
    """Return the imported orders by their id elsewhere, when the books balance."""
    statement = sa.text("SELECT order_id FROM orders WHERE tenant_id = :tenant AND channel = 'import'")
    await books.assert_balance(db, scope)
    async with db.read(scope) as tx:
        ids = (await tx.execute(statement, {"tenant": tx.tenant})).scalars()
        found = await orders.orders(tx, list(ids))
    return {order.order.external_id or "": order for order in found.values()}


async def refused(db: Database, scope: Scope, done: ImportRun) -> list[tuple[int, str, str]]:
    async with db.read(scope) as tx:
        found = await queries.row_errors(tx, import_id=done.import_id)
    return [(error.row, error.field, error.code) for error in found]


async def imported_as(db: Database, scope: Scope, content: bytes, **constants: str) -> ImportRun:
    """Import orders with constants for some fields."""
    made = await begun(db, scope, "orders", content, **{name: f"={text}" for name, text in constants.items()})
    return await run.run(db, scope, begun=made, source=reader.of_bytes("file", content), target=target("orders"))


async def test_rows_of_one_id_become_one_order_at_the_prices_and_moment_they_tell(
    db: Database, scope: Scope, shop: Shop
) -> None:
    done = await imported(db, scope, "orders", PAST)
    assert done.counts == Counts(read=5, created=5)
    found = await stored(db, scope)
    order, lines = found["1001"]
    assert [(line.code, line.ordered, line.unit_minor, line.price_source) for line in lines] == [
        ("A", 5, 990, "as_sold"),
        ("B", 1, 500, "as_sold"),
    ]
    assert (order.channel, order.history, order.total_minor, order.expires_at) == ("import", True, 5_450, None)
    assert order.placed_at.isoformat() == "2026-10-01T01:00:00+00:00", "nine o'clock in Shanghai"
    assert order.number.startswith("SO-20261001-")
    assert found["1002"].order.customer_id == order.customer_id is not None
    assert found["1003"].order.customer_id is None


async def test_the_same_file_again_changes_nothing(db: Database, scope: Scope, shop: Shop) -> None:
    content = PAST + csv_of("C1,A,-4,2026-10-05,9.90,1")
    first = await imported(db, scope, "orders", content)
    assert first.counts == Counts(read=6, created=5, updated=1)
    before = await stored(db, scope)
    again = await imported(db, scope, "orders", content)
    assert again.counts == Counts(read=6, unchanged=6)
    assert await stored(db, scope) == before


async def test_an_order_with_other_rows_under_the_same_id_is_refused(db: Database, scope: Scope, shop: Shop) -> None:
    await imported(db, scope, "orders", PAST)
    done = await imported(db, scope, "orders", csv_of(HEADER, "1002,A,5,2026-10-02 10:00,9.90,1", "1002,B,1,,,1"))
    assert await refused(db, scope, done) == [(2, "order_id", "external_id_taken"), (3, "", "other_row_refused")]


async def test_an_order_of_today_is_priced_by_the_list_and_claims_stock(db: Database, scope: Scope, shop: Shop) -> None:
    done = await imported(
        db,
        scope,
        "orders",
        csv_of("订单号,商品编码,数量,收货人,电话,省,市,区,地址,邮编,备注,标签,属性",
               "T1,A,2,李雷,13912345678,北京市,北京市,东城区,长安街1号,100006,请轻放,急;新客,source=app；age=18",
               "T2,C,6,,,,,,,,,,",
               "T3,A,1,,,,,,,,,,app"),
    )  # fmt: skip
    assert done.counts == Counts(read=3, created=1, refused=2)
    assert await refused(db, scope, done) == [
        (3, "quantity", "insufficient_stock"),
        (4, "attributes", "cell_invalid"),
    ]
    order, (line,) = (await stored(db, scope))["T1"]
    assert (line.unit_minor, line.price_source, line.allocated) == (factories.PRICE_MINOR, "list", 2)
    assert (order.history, order.contact.phone, order.expires_at is not None) == (False, "+8613912345678", True)
    async with db.read(scope) as tx:
        details = (await orders.details(tx, [order.order_id]))[order.order_id]
    assert details.addresses["ship_to"].district == "东城区"
    assert ([note.text for note in details.notes], details.tags) == (["请轻放"], ("急", "新客"))
    assert dict(details.attributes) == {"source": "app", "age": 18}


async def test_pieces_are_made_to_the_measures_of_their_rows(db: Database, scope: Scope, shop: Shop) -> None:
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=replace(CURTAIN, goods=("sku:A",)))
        await pricing.publish(tx)
    done = await imported(
        db,
        scope,
        "orders",
        csv_of("order id,sku,qty,measures",
               "M1,A,1,width=2.4 m; height=1800",
               'M1,A,2,"width=2.4 m; height=1800"',
               "M1,A,1,width=1 m；height=1800 mm；fabric=silk",
               "M1,B,1,",
               "M2,A,1,width=9 m; height=1800",
               "M3,A,1,2.4 m",
               "M4,B,1,width=2 m",
               "M5,A,1,"),
    )  # fmt: skip
    assert done.counts == Counts(read=8, created=4, refused=4)
    assert await refused(db, scope, done) == [
        (6, "measures", "attribute_out_of_range"),
        (7, "measures", "cell_invalid"),
        (8, "measures", "not_bespoke"),
        (9, "measures", "attribute_missing"),
        (9, "measures", "attribute_missing"),
    ]
    _, lines = (await stored(db, scope))["M1"]
    assert [(x.code, x.ordered, x.unit_minor) for x in lines] == [
        ("A", 3, LINEN_MINOR),
        ("A", 1, 63_000),
        ("B", 1, factories.PRICE_MINOR),
    ]
    assert [one.measure for one in lines[1].attributes] == ["1000 mm", "1800 mm", "silk"]


async def test_sizes_of_clothes_are_no_measures(db: Database, scope: Scope, shop: Shop) -> None:
    for header in ("尺寸", "尺寸規格", "size"):
        rows = csv_of(f"order id,sku,qty,{header}", f"{header},A,1,XL", f"{header},B,2,42")
        assert (await imported(db, scope, "orders", rows)).counts == Counts(read=2, created=2)
        assert [line.attributes for line in (await stored(db, scope))[header].lines] == [(), ()]


async def test_measures_hold_no_card_numbers(db: Database, scope: Scope, shop: Shop) -> None:
    rows = csv_of("order id,sku,qty,measures", "M1,B,1,4111 1111 1111 1111")
    done = await imported(db, scope, "orders", rows)
    async with db.read(scope) as tx:
        (error,) = await queries.row_errors(tx, import_id=done.import_id)
    assert (error.field, error.code) == ("measures", "cell_invalid")
    assert "**** **** **** 1111" in str(error)
    assert "4111 1111" not in str(error)


async def test_exported_measures_come_in_as_they_went_out(db: Database, scope: Scope, shop: Shop) -> None:
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=replace(CURTAIN, goods=("sku:A",)))
        await pricing.publish(tx)
    said: dict[str, float | int | str] = {"width": "2.4 m", "height": "1800", "fabric": "silk"}
    placed = await factories.place_one(db, scope, factories.order(NewLine(sku="A", quantity=1, attributes=said)))
    async with db.read(scope) as tx:
        found = await orders.order(tx, placed.order_id)
    titles = [column.key for column in rules.COLUMNS["lines"]]
    row = rules.line_row(found.order, found.lines[0], Labels(), zone=ZoneInfo("UTC"))
    measures = str(row[titles.index("measures")])
    assert measures == "width=2400 mm; height=1800 mm; fabric=silk"
    for header in ("Measures", "定制参数", "客製參數"):
        done = await imported(
            db, scope, "orders", csv_of(f"order id,sku,qty,{header}", f"{header},A,1,{measures}")
        )  # fmt: skip
        assert done.counts == Counts(read=1, created=1)
        assert (await stored(db, scope))[header].lines[0].attributes == found.lines[0].attributes
    sold_then = csv_of("order id,sku,qty,unit price,measures", "P1,A,1,9.90,Breite=2400")
    assert (await imported(db, scope, "orders", sold_then)).counts == Counts(read=1, created=1)


async def test_what_was_sold_in_the_past_pays_the_fees_of_then(db: Database, scope: Scope, shop: Shop) -> None:
    fee = ShippingFeeRow("CNY", 800, None)
    await db.write(scope, lambda tx: pricing.set_shipping_fees(tx, rows=[fee]))
    content = csv_of(
        f"{HEADER},运费,运费税额",
        "1,A,1,2026-10-01,9.90,1,,",
        "2,A,1,2026-10-01,9.90,1,12.00,0.50",
        "2,B,1,2026-10-01,5.00,1,,",
        "3,A,1,,,1,,",
        "4,A,1,,,1,3.00,",
        "5,A,1,2026-10-01,9.90,1,1.00,",
        "5,B,1,2026-10-01,9.90,1,2.00,",
        "6,A,1,2026-10-01,9.90,1,-1,",
    )
    done = await imported_as(db, scope, content, tax_included="yes")
    assert await refused(db, scope, done) == [
        (7, "", "other_row_refused"),
        (8, "shipping", "rows_disagree"),
        (9, "shipping", "cell_invalid"),
    ]
    found = await stored(db, scope)
    fees = {key: [(x.unit_minor, x.tax_minor) for x in lines if x.kind == "fee"] for key, (_, lines) in found.items()}
    assert fees == {"1": [], "2": [(1_200, 50)], "3": [(800, 0)], "4": [(300, 0)]}
    assert found["2"].order.total_minor == 990 + 500 + 1_200


async def test_history_claims_stock_where_the_mapping_says_so(db: Database, scope: Scope, shop: Shop) -> None:
    await imported_as(db, scope, PAST, claims_stock="yes")
    found = await stored(db, scope)
    assert [line.allocated for order in found.values() for line in order.lines] == [5, 1, 4, 1]


async def test_a_row_that_is_wrong_refuses_its_order_and_no_other(db: Database, scope: Scope, shop: Shop) -> None:
    content = csv_of(
        f"{HEADER},currency,mail",
        "1,A,2,2026-10-01,9.90,1,,",
        "1,Z,1,2026-10-01,9.90,1,,",
        "2,A,x,2026-10-01,9.90,1,,",
        "2,B,1,2026-10-01,9.90,1,,",
        "3,A,1,01.10.2026,9.90,1,,",
        "4,A,1,2026-10-01,9.90,77,,",
        "5,A,1,2026-10-01,9.90,1,,",
        "5,B,1,2026-10-01,9.90,2,,",
        "6,A,0,2026-10-01,9.90,1,,",
        "7,A,1,2026-10-01,9.901,1,,",
        ",A,1,2026-10-01,9.90,1,,",
        "8,A,1,2026-10-01,9.90,1,EUR,",
        "9,A,1,2026-10-01,9.90,1,,nobody",
        f"{'x' * 201},A,1,2026-10-01,9.90,1,,",
        "10,A,1,2036-10-01,9.90,1,,",
        "11,A,1,2026-10-01,9.90,1,,",
    )
    done = await imported(db, scope, "orders", content)
    assert await refused(db, scope, done) == [
        (2, "", "other_row_refused"),
        (3, "sku", "unknown_sku"),
        (4, "quantity", "cell_invalid"),
        (5, "", "other_row_refused"),
        (6, "placed_at", "cell_invalid"),
        (7, "customer", "unknown_reference"),
        (8, "", "other_row_refused"),
        (9, "customer", "rows_disagree"),
        (10, "quantity", "cell_invalid"),
        (11, "price", "cell_invalid"),
        (12, "order_id", "cell_missing"),
        (13, "currency", "currency_not_accepted"),
        (14, "email", "email_invalid"),
        (15, "order_id", "cell_invalid"),
        (16, "placed_at", "date_out_of_range"),
    ]
    assert set(await stored(db, scope)) == {"11"}


async def test_a_row_with_several_faults_tells_all_of_them(db: Database, scope: Scope, shop: Shop) -> None:
    content = csv_of(
        f"{HEADER},currency,mail,country,city,discount,tags",
        f"1,,x,soon,9.901,{'7' * 9},,nobody,XX,{'c' * 300},y,",
        f"1,{'A' * 300},0,2026-10-01,9.90,1,,nobody,,,0.1,",
        "2,A,1,2026-10-01,9.90,77,EURO,,,,,",
        "3,A,1,2026-10-01,9.90,1,,nobody,,,99.90,gift;gift",
    )
    done = await imported(db, scope, "orders", content)
    assert await refused(db, scope, done) == [
        (2, "sku", "cell_missing"),
        (2, "quantity", "cell_invalid"),
        (2, "price", "cell_invalid"),
        (2, "discount", "cell_invalid"),
        (2, "customer", "unknown_reference"),
        (2, "placed_at", "cell_invalid"),
        (3, "quantity", "cell_invalid"),
        (3, "customer", "rows_disagree"),
        (4, "currency", "cell_invalid"),
        (4, "customer", "unknown_reference"),
        (5, "price", "as_sold_invalid"),
        (5, "tags", "repeated_tag"),
        (5, "email", "email_invalid"),
    ]
    assert await stored(db, scope) == {}


async def test_every_text_that_does_not_fit_is_told_at_the_row_that_has_it(
    db: Database, scope: Scope, shop: Shop
) -> None:
    content = csv_of(
        "order_id,sku,quantity,placed_at,price,location,city,line1,phone,terms",
        f"1,{'A' * 300},1,2026-10-01,9.90,{'L' * 300},,,{'1' * 50},tomorrow",
        f"1,{'B' * 300},1,2026-10-01,9.90,,{'c' * 300},{'s' * 600},{'1' * 50},tomorrow",
    )
    done = await imported(db, scope, "orders", content)
    assert sorted(await refused(db, scope, done)) == [
        (2, "location", "cell_invalid"),
        (2, "payment_terms", "cell_invalid"),
        (2, "phone", "cell_invalid"),
        (2, "sku", "cell_invalid"),
        (3, "city", "cell_invalid"),
        (3, "line1", "cell_invalid"),
        (3, "sku", "cell_invalid"),
    ]


async def test_what_is_no_sale_is_set_aside_and_the_order_comes_in(db: Database, scope: Scope, shop: Shop) -> None:
    content = csv_of(HEADER, "1,A,2,2026-10-01,9.90,1", "1,B,1,2026-10-01,0,1", "2,A,1,2026-10-01,-5,1")
    done = await imported_as(db, scope, content, gifts="no")
    assert await refused(db, scope, done) == [(3, "price", "no_sale"), (4, "price", "no_sale")]
    assert [len(order.lines) for order in (await stored(db, scope)).values()] == [1]
    gifts = await imported(db, scope, "orders", csv_of(HEADER, "3,B,1,2026-10-01,0,1"))
    assert gifts.counts == Counts(read=1, created=1), "a gift is a sale at 0"


async def test_a_cancellation_takes_from_the_latest_earlier_order_that_has_enough(
    db: Database, scope: Scope, shop: Shop
) -> None:
    content = csv_of(
        HEADER,
        "C9,A,-3,2026-10-04,9.90,1",  # before the orders in the file, after them in time
        "1001,A,5,2026-10-01,9.90,1",
        "1002,A,4,2026-10-02,9.90,1",
        "1003,A,2,2026-10-03,9.90,1",
        "1004,A,9,2026-10-05,9.90,1",
        "1005,A,9,2026-10-02,9.90,2",
        "C10,A,-3,2026-10-04,9.90,1",
        "C11,A,-3,2026-10-04,9.90,1",
        "C12,A,-1,2026-10-04,9.80,1",
        "C13,A,-1,2026-10-04,9.90,",
        "C14,A,-1,2026-10-04,9.90,77",
        "1006,A,-2,2026-10-04,,1",
        "C15,B,1,2026-10-04,,1",
    )
    done = await imported_as(db, scope, content, cancel_prefix="C", claims_stock="yes")
    assert done.counts == Counts(read=13, created=5, updated=3, refused=5)
    found = await stored(db, scope)
    left = {key: [line.ordered - line.canceled for line in order.lines] for key, order in found.items()}
    assert left == {"1001": [2], "1002": [1], "1003": [0], "1004": [9], "1005": [9]}
    assert (found["1003"].order.lifecycle, found["1003"].order.cancel_reason) == ("canceled", "1006")
    assert await refused(db, scope, done) == [
        (9, "sku", "nothing_to_cancel"),
        (10, "sku", "nothing_to_cancel"),
        (11, "customer", "cancellation_of_nobody"),
        (12, "customer", "unknown_reference"),
        (14, "sku", "nothing_to_cancel"),
    ]
    again = await imported_as(db, scope, content, cancel_prefix="C", claims_stock="yes")
    assert again.counts == Counts(read=13, unchanged=8, refused=5)
    assert await stored(db, scope) == found


async def test_a_cancellation_with_several_faults_tells_all_of_them(db: Database, scope: Scope, shop: Shop) -> None:
    done = await imported(db, scope, "orders", csv_of(HEADER, "C1,,-0,soon,9.901,77"))
    assert sorted(await refused(db, scope, done)) == [
        (2, "customer", "unknown_reference"),
        (2, "placed_at", "cell_invalid"),
        (2, "price", "cell_invalid"),
        (2, "quantity", "cell_invalid"),
        (2, "sku", "cell_missing"),
    ]


async def test_a_cancellation_with_other_rows_under_the_same_id_is_refused(
    db: Database, scope: Scope, shop: Shop
) -> None:
    await imported(db, scope, "orders", PAST + csv_of("C1,A,-1,2026-10-05,9.90,1"))
    done = await imported(db, scope, "orders", csv_of(HEADER, "C1,A,-2,2026-10-05,9.90,1"))
    assert await refused(db, scope, done) == [(2, "order_id", "cancellation_changed")]


async def test_a_dry_run_says_the_same_and_stores_nothing(db: Database, scope: Scope, shop: Shop) -> None:
    content = PAST + csv_of("C1,A,-4,2026-10-05,9.90,1", "1004,B,1,2026-10-03,7,", "1003,B,9,2026-10-03,7,")
    source = reader.of_bytes("file", content)
    _, chosen = run.inspect(source, target("orders"))
    trial = await run.try_out(db, scope, source=source, target=target("orders"), chosen=chosen)
    assert await stored(db, scope) == {}
    done = await imported(db, scope, "orders", content)
    assert done.counts == trial.counts == Counts(read=8, created=6, updated=1, refused=1)
    assert [(e.row, e.field, e.code) for e in trial.errors] == await refused(db, scope, done)
    again = await run.try_out(db, scope, source=source, target=target("orders"), chosen=chosen)
    assert again.counts == Counts(read=8, unchanged=7, refused=1)


class Dying(Orders):
    """Orders whose process dies in some chunk, after its rows are written."""

    def __init__(self, chunk: int) -> None:
        super().__init__()
        self.chunk = chunk

    async def ready(self, database: Database, scope: Scope, rows: Sequence[Row]) -> Orders:
        ready = await super().ready(database, scope, rows)
        self.chunk -= 1
        return Dead(ready) if self.chunk == 0 else ready


class Dead(Orders):
    def __init__(self, real: Orders) -> None:
        super().__init__()
        self.real = real

    async def save(self, tx: Tx, rows: Sequence[Row]) -> list[Outcome]:
        await self.real.save(tx, rows)
        raise KeyboardInterrupt


async def test_a_run_that_was_killed_goes_on_without_doubling_or_losing(db: Database, scope: Scope, shop: Shop) -> None:
    rows = [f"{n},{'AB'[n % 2]},1,2026-10-01,1,1" for n in range(450)]
    content = csv_of(HEADER, *rows, *(f"C{n},{'AB'[n % 2]},-1,2026-10-02,1,1" for n in range(420)))
    made = await begun(db, scope, "orders", content)
    source = reader.of_bytes("file", content)
    for chunk in (2, 1, 3, 1, 2):
        with contextlib.suppress(KeyboardInterrupt):
            await run.run(db, scope, begun=made, source=source, target=Dying(chunk))
    async with db.read(scope) as tx:
        at = await queries.import_run(tx, import_id=made.import_id)
    assert (at.status, at.position) == (ImportStatus.running, run.STAGE_ROWS + 651)
    done = await run.run(db, scope, begun=made, source=source, target=target("orders"))
    assert done.counts == Counts(read=870, created=450, updated=420)
    found = await stored(db, scope)
    assert len(found) == 450
    assert sum(line.canceled for order in found.values() for line in order.lines) == 420


async def test_an_order_does_not_come_in_without_a_row_that_cannot_be_read(
    db: Database, scope: Scope, shop: Shop
) -> None:
    done = await imported(
        db, scope, "orders", csv_of(HEADER, "1,A,1,2026-10-01,1,", "1,#N/A,2,2026-10-01,1,", "2,B,1,2026-10-01,1,")
    )
    assert await refused(db, scope, done) == [(2, "", "other_row_refused"), (3, "sku", "formula_failed")]
    assert set(await stored(db, scope)) == {"2"}


async def test_rows_name_the_shipping_method(db: Database, scope: Scope, shop: Shop) -> None:
    await offered(db, scope)
    content = csv_of(
        "order id,sku,qty,shipping method",
        "1,A,1,express",
        "2,A,1,",
        "3,A,1,pigeon",
        "4,A,1,express",
        "4,B,1,standard",
    )
    done = await imported(db, scope, "orders", content)
    found = await stored(db, scope)
    assert {key: x.order.shipping_method for key, x in found.items()} == {"1": "express", "2": "standard"}
    assert await refused(db, scope, done) == [
        (4, "shipping_method", "shipping_method_unavailable"),
        (5, "", "other_row_refused"),
        (6, "shipping_method", "rows_disagree"),
    ]


async def test_rows_name_how_an_order_is_paid(db: Database, scope: Scope, shop: Shop) -> None:
    content = csv_of(
        "order id,sku,qty,payment method",
        "1,A,1,Bank transfer",
        "2,A,1,",
        "3,A,1,pebbles",
        "4,A,1,card",
        "4,B,1,boleto",
        "5,B,1,CARD",
    )
    done = await imported(db, scope, "orders", content)
    found = await stored(db, scope)
    async with db.read(scope) as tx:
        stories = {key: await tx.load_one(orders.price_story(x.order.order_id)) for key, x in found.items()}
    told = {key: story.payment_method for key, story in stories.items() if story is not None}
    assert told == {"1": "bank_transfer", "2": "", "5": "card"}
    assert [(row, column) for row, column, _ in await refused(db, scope, done)] == [
        (4, "payment_method"),
        (5, ""),
        (6, "payment_method"),
    ]
