import json
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.drain import Drain
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import errors, jobs, queries, service
from jiedan.catalog.queries import search
from jiedan.catalog.values import Option, Price, ProductDraft, ProductStatus, SkuDraft, SkuKind
from tests.catalog.factories import goods, saved, shirt, sku

CURSORS = paging.Cursors("a secret of the tests")


def page(tx: ReadTx, limit: int = 50, cursor: str | None = None, **filters: object) -> paging.Request:
    return paging.Request.of(CURSORS, tenant=tx.tenant, name="x", filters=filters, limit=limit, cursor=cursor)


async def save_and_index(db: Database, scope: Scope, *products: ProductDraft) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, *products)
    await drain(db, scope)


async def drain(db: Database, scope: Scope) -> None:
    subscriptions = dict.fromkeys(("catalog.product_created", "catalog.product_changed"), (jobs.INDEX_PRODUCTS,))
    await Drain(db, None, subscriptions).drain_tenant(scope.tenant)


async def codes_found(db: Database, scope: Scope, text: str) -> list[str]:
    async with db.read(scope) as tx:
        matches = await queries.matching_skus(tx, text=text)
        rows = await queries.sku_rows(tx, request=page(tx), among=matches.sku_ids)
    return sorted(row.code for row in rows.items)


async def test_skus_are_found_by_every_way_people_name_them(db: Database, scope: Scope) -> None:
    dress = goods(
        "LYQ-1",
        name="红色连衣裙",
        options=(Option("尺码", ("均码",)),),
        skus=(sku("LYQ-1-U", option_values=("均码",), barcode="036000291452"),),
    )
    await save_and_index(db, scope, dress, goods("TEA", name="Green tea"), shirt("T"))
    for text in ("红色", "连衣裙", "lianyiqun", "hslyq", "LYQ-1", "lyq1u", "36000291452", "0360002", "junma 红"):
        assert await codes_found(db, scope, text) == ["LYQ-1-U"], text
    assert await codes_found(db, scope, "shirt red") == ["T-RED-M", "T-RED-S"]
    assert await codes_found(db, scope, "gr te") == ["TEA"]
    assert await codes_found(db, scope, "green dress") == []
    assert await codes_found(db, scope, "  ,") == []


async def test_terms_follow_the_product(db: Database, scope: Scope) -> None:
    await save_and_index(db, scope, goods("A", name="Apple"))
    await save_and_index(db, scope, ProductDraft(code="A", name="Pear"))
    assert await codes_found(db, scope, "apple") == []
    assert await codes_found(db, scope, "pear") == ["A"]


async def test_indexing_twice_changes_nothing(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("A", name="Apple"))
        await service.index_products(tx, product_ids=[done.product_id])
        terms = sa.text("SELECT term FROM sku_term WHERE tenant_id = :tenant ORDER BY term").bindparams(
            tenant=tx.tenant
        )
        before = (await tx.execute(terms)).all()
        await service.index_products(tx, product_ids=[done.product_id])
        assert (await tx.execute(terms)).all() == before


async def test_a_price_change_writes_no_terms(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await save_and_index(db, scope, goods("A"))
    async with db.begin(scope) as tx:
        await service.price_skus(tx, skus=[SkuDraft(code="A", prices=(Price("CNY", 1),))])
    with recorder.watching() as sent:
        await drain(db, scope)
    assert not [text for text in sent if "sku_term" in text]


async def test_products_are_listed_newest_first_in_pages(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, *(goods(f"P{n}") for n in range(7)), shirt("T"))
    async with db.read(scope) as reading:
        with recorder.watching() as sent:
            first = await queries.product_rows(reading, request=page(reading, limit=3))
        assert len(sent) == 2
        second = await queries.product_rows(reading, request=page(reading, limit=3, cursor=first.next))
        third = await queries.product_rows(reading, request=page(reading, limit=3, cursor=second.next))
        back = await queries.product_rows(reading, request=page(reading, limit=3, cursor=third.previous))
    assert [row.code for p in (first, second, third) for row in p.items] == ["T", *(f"P{n}" for n in range(6, -1, -1))]
    assert third.next is None
    assert back.items == second.items
    assert first.items[0].sku_count == 4


async def test_products_are_filtered(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        fruit = await service.create_category(tx, code="fruit", name="Fruit")
        await saved(
            tx,
            goods("A", category="fruit"),
            goods("B", status=ProductStatus.draft),
            goods("S", kind=SkuKind.service, skus=(sku("S", is_active=False),)),
        )

    async def listed(**filters: Any) -> list[str]:
        async with db.read(scope) as tx:
            return [row.code for row in (await queries.product_rows(tx, request=page(tx), **filters)).items]

    assert await listed(category_ids=[fruit.category_id]) == ["A"]
    assert await listed(status=ProductStatus.draft) == ["B"]
    assert await listed(kind=SkuKind.service) == ["S"]
    assert await listed(among=[]) == []
    async with db.read(scope) as reading:
        active = await queries.sku_rows(reading, request=page(reading), is_active=True)
        inactive = await queries.sku_rows(reading, request=page(reading), is_active=False)
    assert [row.code for row in active.items] == ["A"]
    assert [row.code for row in inactive.items] == ["S", "B"]


async def test_a_list_shows_the_price_of_the_smallest_quantity(db: Database, scope: Scope) -> None:
    prices = (Price("CNY", 90, 100), Price("CNY", 100, 10), Price("EUR", 12))
    async with db.begin(scope) as tx:
        await saved(tx, goods("A", skus=(sku("A", prices=prices),)))
        (row,) = (await queries.sku_rows(tx, request=page(tx))).items
    assert row.prices == (Price("CNY", 100, 10), Price("EUR", 12))


async def test_a_scanned_barcode_finds_its_sku_in_any_length(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("A", skus=(sku("A", barcode="036000291452"),)))
    async with db.read(scope) as tx:
        for scanned in ("036000291452", "0036000291452", "00036000291452"):
            _, found, units = await queries.sku_by_barcode(tx, barcode=scanned)
            assert units == 1
            assert found.code == "A"
        with pytest.raises(errors.SkuNotFound):
            await queries.sku_by_barcode(tx, barcode="96385074")
        with pytest.raises(errors.SkuNotFound):
            await queries.sku_by_barcode(tx, barcode="not a barcode")


async def fill_terms(db: Database, scope: Scope, count: int) -> None:
    """Plant a big catalog's terms: a common word on every SKU, a rare one on every thousandth."""
    async with db.begin(scope) as tx:
        ids: list[UUID] = tx.new_ids(count)
        for term, some in (("common", ids), ("rare", ids[::1000])):
            await tx.execute(
                sa.text(
                    "INSERT INTO sku_term (tenant_id, term, sku_id, product_id)"
                    " SELECT t.tenant_id, :term, u.sku_id, u.sku_id"
                    " FROM tenant t CROSS JOIN unnest(CAST(:ids AS uuid[])) AS u (sku_id) WHERE t.tenant_id = :tenant"
                ),
                {"term": term, "ids": some, "tenant": scope.tenant},
            )


async def test_a_broad_search_is_capped_and_says_so(db: Database, scope: Scope) -> None:
    await fill_terms(db, scope, 3_000)
    async with db.read(scope) as tx:
        broad = await queries.matching_skus(tx, text="com")
        narrow = await queries.matching_skus(tx, text="com rare")
    assert (len(broad.sku_ids), broad.is_capped) == (search.MATCHES_MAX, True)
    assert (len(narrow.sku_ids), narrow.is_capped) == (3, False)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for child in plan.get("Plans", []) for inner in nodes(child))]


async def test_search_reads_the_term_index_alone_under_row_security(db: Database, scope: Scope, owner: Any) -> None:
    await fill_terms(db, scope, 20_000)
    owner.execute("ANALYZE sku_term")
    counting = {"terms": ["common", "rare"], "term_ends": ["commoo", "rarf"], "count_max": search.MATCHES_MAX + 1}
    matching = {
        "rarest": "rare",
        "rarest_end": "rarf",
        "terms": ["com"],
        "term_ends": ["con"],
        "matches_max": search.MATCHES_MAX,
    }
    async with db.read(scope) as tx:
        for name, parameters in (("count_terms", counting), ("matching_skus", matching)):
            statement = search.SQL[name]
            explained = statement._replace(text=b"EXPLAIN (ANALYZE, FORMAT JSON) " + statement.text)
            ((plan,),) = await tx.sql(explained, **parameters)
            found = nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
            scans = [node for node in found if node.get("Relation Name") == "sku_term"]
            assert scans, found
            for scan in scans:
                assert scan["Node Type"] in {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}, scan
                condition = scan.get("Index Cond") or scan["Recheck Cond"]
                assert "term" in condition or "sku_id" in condition, scan
                assert scan.get("Rows Removed by Filter", 0) <= 1_000, scan
