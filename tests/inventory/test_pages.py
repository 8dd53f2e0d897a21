"""Stock, as people see it and move it."""

import contextlib
import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import jobs as catalog_jobs
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog_service
from jiedan.catalog.values import AlternateBarcode, SkuDraft
from jiedan.inventory import pages, queries
from jiedan.inventory.values import StockKey
from tests.base import web_client
from tests.catalog import factories as catalog
from tests.inventory import factories

READ = frozenset({"catalog:read", "inventory:read"})
LIST_STATEMENTS_MAX = 7
RIGHTS = READ | {"inventory:write", "inventory:adjust"}


@contextlib.asynccontextmanager
async def browsing(
    db: Database, scope: Scope, rights: frozenset[str] = RIGHTS, locale: str = "en"
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale=locale)
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def shown(client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/acme{path}")
    assert answer.status_code == status, answer.text
    return answer.text


async def sent(client: web_client.Client, path: str, fields: dict[str, object], *, on: str = "") -> httpx2.Response:
    return await client.submit(f"/c/acme{path}", fields, page=f"/c/acme{on or path}")


async def stocked(db: Database, scope: Scope, quantities: dict[str, int], *, place: str = "W1") -> None:
    """Add products of one SKU each, with that many on hand at one location, and let them be found."""
    async with db.begin(scope) as tx:
        await catalog.saved(tx, *(catalog.goods(code, name=f"Oolong {code}") for code in quantities))
        at = await factories.location(tx, place)
        codes = await tx.load_one(catalog_queries.sellable_skus(set(quantities)))
        keys = {StockKey(codes[code].sku_id, at.location_id): count for code, count in quantities.items()}
        await factories.receive(tx, {key: count for key, count in keys.items() if count})
    await Drain(db, None, {"catalog.product_created": (catalog_jobs.INDEX_PRODUCTS,)}).drain_tenant(scope.tenant)


async def test_the_picker_shows_price_and_stock_of_what_fits(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7, "TEA-2": 0, "CUP": 3})
    async with browsing(db, scope) as client:
        found = await shown(client, "/skus/search?q=oolong tea")
        options = await shown(client, "/skus/search?q=tea-1&as=options")
        assert "No SKU fits." in await shown(client, "/skus/search?q=coffee")
        assert "Type a name, a SKU or a barcode." in await shown(client, "/skus/search")
    assert 'data-value="TEA-1"' in found
    assert 'data-available="7"' in found
    assert 'data-price-minor="1000"' in found
    assert "Place W1 7" in found
    assert "None available" in found
    assert "CUP" not in found
    assert options.strip() == '<option value="TEA-1" label="Oolong TEA-1, CN¥10.00, 7 available">Oolong TEA-1</option>'


async def test_the_picker_says_in_which_quantities_a_sku_is_ordered(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7, "TEA-2": 0})
    await catalog.sold_in(db, scope, "TEA-1", order_minimum=12, order_pack=6)
    async with browsing(db, scope) as client:
        found = await shown(client, "/skus/search?q=oolong tea")
    told = "Sold in packs of 6. Sold from 12 pieces on."
    assert f'data-least="12" data-pace="6" data-told="{told}"' in found
    assert found.count("data-least") == 1


async def test_the_picker_says_nothing_of_stock_to_whom_may_not_see_it(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7})
    async with browsing(db, scope, frozenset({"catalog:read"})) as client:
        found = await shown(client, "/skus/search?q=tea")
    assert 'data-value="TEA-1"' in found
    assert "available" not in found
    async with browsing(db, scope, frozenset({"inventory:read"})) as client:
        await shown(client, "/skus/search?q=tea", 403)


async def test_goods_come_in_row_by_row_or_by_scanning(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7, "CUP": 3})
    async with browsing(db, scope) as client:
        at = "/stock/receive"
        assert 'value="TEA-1"' in await shown(client, f"{at}?sku=TEA-1")
        fields: dict[str, object] = {"location": "W1", "sku": ["TEA-1", ""], "quantity": ["2", ""], "kind": "receipt"}
        once = await sent(client, at, {**fields, "action": "scan", "scan": "TEA-1"}, on=at)
        assert 'name="quantity" value="3"' in once.text
        more = await sent(client, at, {**fields, "action": "scan", "scan": "CUP"}, on=at)
        assert 'name="sku" value="CUP"' in more.text
        unknown = await sent(client, at, {**fields, "action": "scan", "scan": "NONE"}, on=at)
        assert (unknown.status_code, "There is no SKU NONE." in unknown.text) == (404, True)
        rows = await sent(client, at, {**fields, "action": "rows"}, on=at)
        assert rows.text.count('name="sku"') > 4
        wrong = {**fields, "sku": ["TEA-1", "NONE", ""], "quantity": ["x", "1", "4"], "action": "save"}
        refused = await sent(client, at, wrong, on=at)
        assert refused.status_code == 422
        assert "“x” is no quantity here." in refused.text
        assert "This row needs a SKU." in refused.text
        unknown = await sent(client, at, {**fields, "sku": ["TEA-1", "NONE"], "quantity": ["1", "1"]}, on=at)
        assert "There is no SKU NONE." in unknown.text
        nowhere = await sent(client, at, {**fields, "location": "W9"}, on=at)
        assert "There is no location W9." in nowhere.text
        empty = await sent(client, at, {**fields, "sku": [""], "quantity": [""]}, on=at)
        assert "No SKU is named." in empty.text
        done = await sent(client, at, {**fields, "sku": ["TEA-1", "CUP"], "quantity": ["2", "1"]}, on=at)
        assert done.status_code == 303
        assert "3 units came in, of 2 SKUs." in await shown(client, at)
        ledger = await shown(client, "/stock/movements?sku=TEA-1")
    assert "<b>+2</b>" in ledger
    assert "<b>+1</b>" not in ledger


async def test_a_form_sent_twice_is_done_once(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7})
    fields: dict[str, object] = {"location": "W1", "sku": "TEA-1", "quantity": "2", "form_id": "one and the same"}
    async with browsing(db, scope) as client:
        assert (await sent(client, "/stock/receive", fields)).status_code == 303
        again = await sent(client, "/stock/receive", fields)
        assert "This was sent before, and it was done." in again.text
        assert (await shown(client, "/stock/movements")).count("<b>+2</b>") == 1


async def test_stock_is_corrected_with_a_reason_but_not_below_what_is_held(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7})
    async with db.begin(scope) as tx:
        sku = (await tx.load_one(catalog_queries.sellable_skus(["TEA-1"])))["TEA-1"]
        place = (await tx.load_one(queries.locations()))[0]
        await factories.hold(tx, StockKey(sku.sku_id, place.location_id), 5)
    async with browsing(db, scope) as client:
        at = "/stock/adjust"
        fields: dict[str, object] = {"location": "W1", "sku": "TEA-1", "quantity": "-2"}
        assert "Please fill this in." in (await sent(client, at, fields)).text
        assert (await sent(client, at, {**fields, "reason": "damaged"})).status_code == 303
        below = await sent(client, at, {**fields, "reason": "lost", "quantity": "−1"})
        assert below.status_code == 409
        assert 'id="row-1-error"' in below.text
        assert (
            "“0” is no quantity here." in (await sent(client, at, {**fields, "quantity": "0", "reason": "lost"})).text
        )
        ledger = await shown(client, "/stock/movements?location=W1")
    assert "Damaged" in ledger
    assert "<b>−2</b>" in ledger


async def test_levels_are_set_and_what_runs_low_is_listed(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7, "CUP": 3})
    async with db.read(scope) as tx:
        sku = (await tx.load_one(catalog_queries.sellable_skus(["TEA-1"])))["TEA-1"]
        place = (await tx.load_one(queries.locations()))[0]
    at = f"/stock/levels/{sku.sku_id}/{place.location_id}"
    async with browsing(db, scope) as client:
        assert "Nothing runs low." in await shown(client, "/stock/low")
        version = re.search(r'name="version" value="(\d+)"', await shown(client, at))
        assert version is not None
        levels = {"version": version[1], "safety_stock": "1", "low_threshold": "10", "restock_level": "30"}
        wrong = await sent(client, at, {**levels, "restock_level": "5"})
        assert wrong.status_code == 422
        assert (await sent(client, at, levels)).status_code == 303
        stale = await sent(client, at, {**levels, "safety_stock": "2"})
        assert stale.status_code == 409
        low = await shown(client, "/stock/low?location=W1")
        here = await shown(client, "/stock/locations?location=W1&q=tea")
        await shown(client, f"/stock/levels/{place.location_id}/{place.location_id}", 404)
    assert "TEA-1" in low
    assert "<b>24</b>" in low
    assert "CUP" not in low
    assert "CUP" not in here
    assert "Low" in here


async def test_a_transfer_is_opened_sent_taken_in_and_closed(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7, "CUP": 3})
    async with db.begin(scope) as tx:
        await factories.location(tx, "S1", kind="store")
        skus = await tx.load_one(catalog_queries.sellable_skus(["TEA-1", "CUP"]))
    async with browsing(db, scope) as client:
        at = "/transfers/new"
        fields: dict[str, object] = {"location": "W1", "to": "S1", "sku": ["TEA-1", "CUP"], "quantity": ["4", "9"]}
        short = await sent(client, at, fields)
        assert short.status_code == 409
        assert 'id="row-2-error"' in short.text
        assert "There is no location S9." in (await sent(client, at, {**fields, "to": "S9"})).text
        opened = await sent(client, at, {**fields, "quantity": ["4", "2"], "reference": "T-7"})
        assert opened.status_code == 303
        home = opened.headers["location"].removeprefix("/c/acme")
        assert "T-7" in await shown(client, "/transfers")
        ids = [str(skus["TEA-1"].sku_id), str(skus["CUP"].sku_id)]
        much = await sent(client, f"{home}/shipments", {"sku_id": ids, "quantity": ["5", "1"]}, on=home)
        assert much.status_code == 409
        assert 'class="wrong"' in much.text
        left = await sent(client, f"{home}/shipments", {"sku_id": ids, "quantity": ["4", "0"]}, on=home)
        assert left.status_code == 303
        assert "On its way" in await shown(client, home)
        come = await sent(client, f"{home}/receipts", {"sku_id": ids[0], "quantity": "3"}, on=home)
        assert come.status_code == 303
        nothing = await sent(client, f"{home}/receipts", {"sku_id": ids[0], "quantity": "0"}, on=home)
        assert "No SKU is named." in nothing.text
        assert (await sent(client, f"{home}/closure", {}, on=home)).status_code == 303
        ended = await shown(client, home)
        assert "T-7" in await shown(client, "/transfers?state=closed")
    assert "Closed" in ended
    assert "Send them off" not in ended


async def test_a_carton_that_is_scanned_counts_all_that_is_in_it(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7})
    async with db.begin(scope) as tx:
        carton = AlternateBarcode(12, "14006381333938")
        await catalog_service.price_skus(tx, skus=[SkuDraft(code="TEA-1", alternate_barcodes=(carton,))])
    scan = {"action": "scan", "scan": "14006381333938"}
    async with browsing(db, scope) as client:
        at = "/stock/receive"
        fields: dict[str, object] = {"location": "W1", "sku": ["TEA-1"], "quantity": ["2"], "kind": "receipt", **scan}
        assert 'name="quantity" value="14"' in (await sent(client, at, fields, on=at)).text
        assert 'name="quantity" value="12"' in (await sent(client, at, {**fields, "sku": [""]}, on=at)).text
        opened = await sent(client, "/counts/new", {"location": "W1", "skus": "TEA-1", "reference": "Shelf 3"})
        home = opened.headers["location"].removeprefix("/c/acme")
        counted: dict[str, object] = {"sku": ["TEA-1"], "quantity": [""], **scan}
        assert 'name="quantity" value="12"' in (await sent(client, f"{home}/tallies", counted, on=home)).text


async def test_a_count_is_blind_until_two_rounds_agree(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7, "CUP": 3, "POT": 1})
    async with browsing(db, scope) as client:
        at = "/counts/new"
        assert "There is no SKU NONE." in (await sent(client, at, {"location": "W1", "skus": "TEA-1\nNONE"})).text
        assert "names no SKU" in (await sent(client, at, {"location": "W1"})).text
        opened = await sent(client, at, {"location": "W1", "skus": "TEA-1\nCUP", "reference": "Shelf 3"})
        home = opened.headers["location"].removeprefix("/c/acme")
        assert "Shelf 3" in await shown(client, "/counts")
        rows: dict[str, object] = {"sku": ["CUP", "TEA-1"]}
        scanned = await sent(
            client, f"{home}/tallies", {**rows, "quantity": ["", "1"], "action": "scan", "scan": "TEA-1"}, on=home
        )
        assert 'name="quantity" value="2"' in scanned.text
        stray = await sent(
            client, f"{home}/tallies", {**rows, "quantity": ["", ""], "action": "scan", "scan": "POT"}, on=home
        )
        assert "not on the list of this count" in stray.text
        wrong = await sent(client, f"{home}/tallies", {**rows, "quantity": ["x", ""]}, on=home)
        assert "“x” is no quantity here." in wrong.text
        noted = await sent(client, f"{home}/tallies", {**rows, "quantity": ["3", "6"]}, on=home)
        assert noted.status_code == 303
        assert "1 differ from the books and must be counted again" in await shown(client, home)
        early = await sent(client, f"{home}/application", {}, on=home)
        assert early.status_code == 409
        await sent(client, f"{home}/tallies", {**rows, "quantity": ["", "6"]}, on=home)
        assert (await sent(client, f"{home}/application", {}, on=home)).status_code == 303
        assert "In the books" in await shown(client, home)
        assert "<b>−1</b>" in await shown(client, "/stock/movements?sku=TEA-1")
        whole = await sent(client, at, {"location": "W1", "everything": "1"})
        everything = whole.headers["location"].removeprefix("/c/acme")
        assert (await shown(client, everything)).count('name="sku"') == 3
        assert (await sent(client, f"{everything}/cancellation", {}, on=everything)).status_code == 303
    async with browsing(db, scope, READ | {"inventory:write"}) as client:
        assert "Found against the books" not in await shown(client, home)


async def test_who_only_looks_is_shown_no_forms_and_others_see_nothing(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    await stocked(db, scope, {"TEA-1": 7})
    async with browsing(db, scope, READ) as client:
        for path in ("/stock/locations?location=W1", "/stock/low", "/stock/movements", "/transfers", "/counts"):
            assert "/receive" not in await shown(client, path), path
        for path in ("/stock/receive", "/stock/adjust", "/transfers/new", "/counts/new"):
            await shown(client, path, 403)
    async with browsing(db, Scope(other_tenant)) as client:
        assert "There are no locations yet." in await shown(client, "/stock/locations")
        assert "Nothing has moved yet." in await shown(client, "/stock/movements")
        await shown(client, f"/transfers/{UUID(int=1)}", 404)
        await shown(client, f"/counts/{UUID(int=1)}", 404)


@pytest.mark.parametrize("locale", ["en", "zh_Hans"])
async def test_lists_take_few_statements_whatever_they_show(
    db: Database, scope: Scope, recorder: StatementRecorder, locale: str
) -> None:
    await stocked(db, scope, {f"TEA-{number}": number for number in range(30)})
    async with browsing(db, scope, locale=locale) as client:
        await shown(client, "/stock/low")
        for path in (
            *("/stock/locations?location=W1", "/stock/locations?location=W1&q=tea", "/stock/low"),
            *("/stock/movements", "/transfers", "/counts", "/skus/search?q=tea"),
        ):
            with recorder.watching() as run:
                await shown(client, path)
            assert len(run) <= LIST_STATEMENTS_MAX, (path, run)
