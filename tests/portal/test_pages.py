"""The shop, through the application: what it shows, what visitors do, what is refused, what nobody may see."""

import re
from pathlib import Path

import pytest
from litestar.routes import HTTPRoute

from jiedan.accounts import service as accounts
from jiedan.base.db import Database, Scope
from jiedan.carts.values import HOLD
from jiedan.catalog import queries
from jiedan.catalog import service as catalog
from jiedan.catalog.indexing import write_terms
from jiedan.catalog.storage.folder import FOLDER, FolderStorage
from jiedan.catalog.values import ProductDraft
from jiedan.orders import queries as orders
from jiedan.orders.rules import tickets
from jiedan.portal import goods, pages
from jiedan.sourcing import service
from tests.api import worlds
from tests.base import web_client
from tests.carts.factories import reserved
from tests.catalog.factories import saved
from tests.conftest import FakeClock
from tests.portal.factories import HTML, open_shop, visiting


async def test_a_visitor_looks_around(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"tagline": "Good tea"})
    async with visiting(db, scope, tmp_path) as who:
        home = await who.get("/")
        category = re.search(rf'href="{who.base}(/categories/[0-9a-f-]+)"', home)
        assert category is not None
        shelf = await who.get(category[1])
        narrowed = await who.get(f"{category[1]}?f=Size:100+g&sort=cheapest&max=60&there=1&page=9")
        nothing = await who.get(f"{category[1]}?f=Size:None&min=x")
        product = await who.get(await who.product("longjing"))
        assert "cookie" not in home
    assert "Good tea" in home
    assert ("Longjing" in home, "Old pot" in home) == (True, False)
    assert ("Cup" in shelf, "2 products" in shelf) == (True, True)
    assert ("Longjing" in narrowed, ">Cup<" in narrowed) == (True, False)
    assert "Nothing fits." in nothing
    assert ("¥30.00" in product, "+CN¥25.00 · +50 g" in product) == (True, True)
    assert "Steep at 80 degrees." in product


async def test_goods_are_found_by_name_pinyin_and_code(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        for text in ("longjing", "lj", "龙井", "TEA-50"):
            assert "Longjing" in await who.get(f"/search?q={text}"), text
        assert "Nothing is found for “zzz”." in await who.get("/search?q=zzz")
        assert "What are you looking for?" in await who.get("/search")


async def test_the_price_and_the_stock_follow_the_option(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("longjing")
        large = await who.get(f"{path}?o0=100+g")
        part = await who.get(f"{path}?o0=100+g", headers={"hx-request": "true", "hx-request-type": "partial"})
        odd = await who.get(f"{path}?o0=7+g&image=9")
    assert ("¥55.00" in large, "Only 2 left" in large, "−CN¥25.00 · −50 g" in large) == (True, True, True)
    assert ("¥55.00" in part, "<html" in part) == (True, False)
    assert "¥30.00" in odd


async def test_a_product_tells_its_brand_and_is_found_by_it(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with db.read(scope) as tx:
        known = (await tx.load_one(queries.sellable_skus(["TEA-50"])))["TEA-50"]
        product = await queries.product(tx, product_id=known.product_id)
    async with db.begin(scope) as tx:
        await saved(tx, ProductDraft(code=product.code, brand="Lu Yu"))
        await write_terms(tx, [product.product_id])
    async with visiting(db, scope, tmp_path) as who:
        assert '<p class="mute">Lu Yu · Item TEA-50</p>' in await who.get(await who.product("longjing"))
        assert await who.product("lu yu") == await who.product("longjing")


async def test_where_a_visitor_is_brings_distances(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    await mapped(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("longjing")
        fields = {"country": "CN", "postal_code": "100006", "back": f"{who.base}{path}"}
        near = await who.follow(await who.send("/place", fields, on=path))
        places = re.findall(r"<b>(\w+ one)</b>.*?([\d,]+) km", near)
        unknown = await who.follow(await who.send("/place", {**fields, "postal_code": "999999"}, on=path))
        elsewhere = await who.send("/place", {**fields, "back": "https://example.com/"}, on=path)
    assert places == [("Store one", "0"), ("Warehouse one", "967")]
    assert "the distances are missing" in unknown
    assert elsewhere.headers["location"] == "/"


async def test_hidden_goods_closed_shops_and_other_shops_do_not_exist(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with db.read(scope) as tx:
        old = (await tx.load_one(queries.sellable_skus(["OLD"])))["OLD"].product_id
    async with visiting(db, scope, tmp_path) as who:
        assert "There is no product" in await who.get(f"/products/{old}", 404)
        assert "To the shop" in await who.get("/categories/0193a000-0000-7000-8000-000000000001", 404)
        await who.get("/images/0193a000-0000-7000-8000-000000000001", 404)
        await who.get("/logo", 404)
        await who.get("/terms", 404)
        assert (await who.client.get("/s/none/", headers=HTML)).status_code == 404
        await db.write(scope, lambda tx: accounts.change_storefront(tx, changes={"is_open": False}))
        await who.get("/", 404)


async def test_what_is_not_there_is_told_in_the_frame_of_the_shop(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, locales=["en", "zh_Hant"], accent_hue=120)
    async with visiting(db, scope, tmp_path) as who:
        own = ("© Tea House", "/120.css", f'action="{who.base}/search"', f'href="{who.base}/cart"', "茶叶 Tea")
        for path in ("/nowhere", "/products/seven", "/products/0193a000-0000-7000-8000-000000000001"):
            lost = await who.get(path, 404)
            assert [part for part in own if part not in lost] == [], path
        chinese = await who.get("/nowhere", 404, headers={"accept-language": "zh-TW"})
        method = await who.get("/currency", 405)
        forged = await who.client.post(f"{who.base}/cart/lines", data={"sku": "CUP"}, headers=HTML)
        elsewhere = await who.client.get("/s/none/nowhere", headers=HTML)
        await db.write(scope, lambda tx: accounts.change_storefront(tx, changes={"is_open": False}))
        closed = await who.get("/nowhere", 404)
    assert ('lang="zh-Hant"' in chinese, "前往商店" in chinese) == (True, True)
    assert own[0] in method
    assert (forged.status_code, own[0] in forged.text) == (403, True)
    for bare in (elsewhere.text, closed):
        assert ("Tea House" in bare, "To the shop" in bare) == (False, False)


async def test_what_is_not_there_is_told_in_the_frame_of_the_shop_at_its_host(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, front={"host": "cups.example.com"})
    async with visiting(db, scope, tmp_path) as who:
        lost = await who.client.get("/nowhere", headers={**HTML, "host": "cups.example.com"})
    assert (lost.status_code, 'action="/search"' in lost.text, who.base in lost.text) == (404, True, False)


async def test_a_cart_is_filled_changed_and_emptied(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        assert "Your cart is empty." in await who.get("/cart")
        filled = await who.put_in("longjing", "TEA-50", 2)
        assert ("¥60.00" in filled, "Cart, 2 pieces" in filled, "Held for you until" in filled) == (True, True, True)
        await who.put_in("cup", "CUP")
        fields = {"sku": ["TEA-50", "CUP"], "quantity": ["3", "1"], "action": "update"}
        changed = await who.follow(await who.send("/cart", fields, on="/cart"))
        assert "¥100.00" in changed
        too_many = await who.send("/cart", {**fields, "quantity": ["3", "7"]}, on="/cart")
        assert (too_many.status_code, "Only 1 of “Cup” are left." in too_many.text) == (409, True)
        gone = await who.follow(await who.send("/cart", {**fields, "remove": "CUP"}, on="/cart"))
        assert ">Cup</a>" not in gone
        assert await reserved(db, scope) == {"cart": 3, "counted": 3}
        empty = await who.follow(await who.send("/cart", {"sku": "TEA-50", "quantity": "0"}, on="/cart"))
    assert "Your cart is empty." in empty


async def test_what_is_not_there_is_not_put_in(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        assert "Only 1 of “Cup” are left." in await who.put_in("cup", "CUP", 5)
        assert "is not sold at present." in await who.put_in("cup", "OLD")
        path = await who.product("cup")
        wrong = await who.send("/cart/lines", {"sku": "CUP", "product_id": "x"}, on=path)
        assert "could not be put into the cart" in await who.follow(wrong)


async def test_a_form_needs_the_token_of_its_page(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("cup")
        fields = {"sku": "CUP", "product_id": path.rpartition("/")[2]}
        for headers in (HTML, {**HTML, "authorization": "Bearer x"}, {**HTML, "content-type": "text/plain"}):
            answer = await who.client.post(f"{who.base}/cart/lines", data=fields, headers=headers)
            assert answer.status_code == 403


async def test_currency_and_language_are_chosen(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, locales=["en", "zh_Hans"])
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        chosen = await who.send("/currency", {"value": "USD", "back": f"{who.base}/cart"}, on="/cart")
        assert "$1.42" in await who.follow(chosen)
        assert 'lang="zh-Hans"' in await who.get("/", headers={"accept-language": "zh-CN"})
        assert 'lang="en"' in await who.get("/", headers={"accept-language": "zh-TW"})
        assert "繁體中文" not in await who.get("/")


async def test_machines_that_search_are_told_what_is_for_them(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"terms": "Be kind."})
    async with visiting(db, scope, tmp_path) as who:
        robots = await who.client.get(f"{who.base}/robots.txt")
        sitemap = await who.client.get(f"{who.base}/sitemap.xml")
        assert "Be kind." in await who.get("/terms")
    assert f"Disallow: {who.base}/checkout\n" in robots.text
    assert robots.headers["cache-control"] == "public, max-age=3600"
    assert sitemap.text.count(f"<loc>http://localhost:8000{who.base}") == 4


def test_machines_are_kept_from_every_page_that_is_not_for_everybody() -> None:
    shown = {
        route.path.removeprefix("/s/{slug:str}") + "/"
        for route in pages.SHOP.routes
        if isinstance(route, HTTPRoute) and "GET" in route.methods
    }
    kept = {path for path in shown if path.startswith(goods.KEPT_FROM_MACHINES)}
    for_everybody = ("/categories/", "/images/", "/logo/", "/products/", "/robots.txt/", "/sitemap.xml/", "/terms/")
    assert {path for path in shown - kept if not path.startswith(for_everybody)} == {"/"}
    for beginning in goods.KEPT_FROM_MACHINES:
        assert any(path.startswith(beginning) for path in kept), beginning


async def test_a_shop_answers_at_its_merchants_host(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"host": "tea.example.com"})
    async with visiting(db, scope, tmp_path) as who:
        at_host = {**HTML, "host": "tea.example.com"}
        home = await who.client.get("/", headers=at_host)
        elsewhere = await who.client.get("/", headers={**HTML, "host": "else.example.com"})
        robots = await who.client.get("/robots.txt", headers=at_host)
        customers = await who.client.get("/account/sign-in", headers=at_host)
    assert 'action="/account/sign-in"' in customers.text
    assert (home.status_code, elsewhere.status_code) == (200, 404)
    assert 'href="/cart"' in home.text
    assert who.base not in home.text
    assert "Sitemap: http://tea.example.com/sitemap.xml" in robots.text


async def test_a_shelf_loads_small_copies_of_its_pictures(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    storage = FolderStorage(tmp_path / FOLDER)
    drawn = worlds.picture("red", 600)
    async with db.begin(scope) as tx:
        (cup,) = (await tx.load_one(queries.sellable_skus(["CUP"]))).values()
        key = catalog.key_of(scope.tenant, drawn, "png")
        await storage.put(key, drawn)
        await catalog.add_image(
            tx,
            product_id=cup.product_id,
            storage_key=key,
            media_type="image/png",
            width_px=600,
            height_px=600,
            size_bytes=len(drawn),
            alt_text="A red cup",
        )
    async with visiting(db, scope, tmp_path) as who:
        bare = await who.get("/")
        assert re.search(r'<img src="[^"?]+/images/[0-9a-f-]+" alt="A red cup" width="600" height="600"', bare)
        await catalog.render_images(db, storage, tenant=scope.tenant)
        home = await who.get("/")
        sizes = r'alt="A red cup" srcset="[^"]+ 160w, [^"]+ 480w, [^"]+ 600w"'
        (copy,) = re.findall(rf'<img src="([^"]+/images/[0-9a-f-]+\?edge=480)" {sizes}', home)
        small = await who.client.get(copy)
        assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
        assert small.headers["cache-control"] == "public, max-age=31536000, immutable"
        missing = await who.client.get(copy.replace("480", "960"))
        assert missing.headers["content-type"] == "image/png"
        assert missing.headers["cache-control"] == "public, max-age=60"
        product = await who.get(f"/products/{cup.product_id}")
        assert 'alt="A red cup"' in product
        assert "srcset=" in product


async def test_pages_cost_a_fixed_number_of_statements(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    recorder = db.recorder
    assert recorder is not None
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("longjing")
        await who.put_in("longjing", "TEA-50")
        for address, most in (("/", 22), (path, 24), ("/search?q=tea", 22), ("/cart", 25), ("/checkout", 42)):
            with recorder.watching() as sent:
                await who.get(address)
            assert len(sent) <= most, (address, len(sent), sent)


async def test_a_ticket_is_for_one_order_of_one_merchant(scope: Scope) -> None:
    order_id = scope.tenant
    ticket = tickets.ticket_of("secret", scope.tenant, order_id)
    assert tickets.order_of("secret", scope.tenant, ticket) == order_id
    assert tickets.order_of("other", scope.tenant, ticket) is None
    for wrong in ("", "x", ticket[:-1], ticket[:-2] + "AA", "é" * 38, ticket + "A"):
        assert tickets.order_of("secret", scope.tenant, wrong) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "nobody"}, "This is not an e-mail address."),
        ({"name": ""}, "Please fill this in."),
        ({"phone": ""}, "Please fill this in."),
        ({"phone": "12"}, "This is not a phone number."),
        ({"line1": ""}, "Street and house number</a>: This is empty. Please fill this in."),
        ({"postal_code": "ABC"}, "Postal code</a>: "),
        ({"agree": None}, "Please agree"),
        ({"payment": "none"}, "Please choose one."),
        ({"method": "collect", "location": ""}, "Please choose one."),
        ({"method": "collect", "location": "W1"}, "Customers cannot collect goods at Warehouse one: it is no store."),
        ({"total_minor": "1"}, "The total has changed: it was CN¥0.01, now it is CN¥10.00."),
    ],
)
async def test_what_is_missing_or_wrong_is_said_and_nothing_typed_is_lost(
    db: Database, scope: Scope, tmp_path: Path, changes: dict[str, str | None], said: str
) -> None:
    await open_shop(db, scope, front={"terms": "Be kind.", "pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        filled = {"agree": "1", "payment": "on_delivery", "note": "Ring twice.", **changes}
        answer = await who.check_out(**filled)
        assert answer.status_code in {409, 422}, answer.text
        assert said in answer.text
        assert "The order could not be placed yet" in answer.text
        assert "Ring twice." in answer.text
        assert await reserved(db, scope) == {"cart": 1, "counted": 1}


async def test_an_order_is_placed_once_and_paid_on_delivery(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 2)
        facts = {"payment": "on_delivery", "gift": "1", "gift_note": "Happy birthday", "note": "Ring twice."}
        cart_id = re.search(r'name="cart_id" value="([^"]+)"', await who.get("/checkout"))
        assert cart_id is not None
        answer = await who.check_out(**facts)
        placed = await who.follow(answer)
        assert "Thank you for your order" in placed
        assert "¥60.00" in placed
        empty = await who.get("/cart")
        assert ("Your cart is empty." in empty, "Your last order" in empty) == (True, True)
        await who.put_in("cup", "CUP")
        again = await who.check_out(**facts, cart_id=cart_id[1])
        assert again.headers["location"] == answer.headers["location"]
        assert (await who.get("/cart")).count('name="sku"') == 1
        await who.get(f"/placed/{'A' * 38}", 404)
    async with db.read(scope) as tx:
        order_id = tickets.order_of(web_secret(), scope.tenant, answer.headers["location"].rpartition("/")[2])
        assert order_id is not None
        found = await orders.order(tx, order_id)
        details = (await orders.details(tx, [order_id]))[found.order.order_id]
    assert (found.order.channel, found.order.payment_terms) == ("web", "on_delivery")
    assert found.order.contact.phone == "+8613912345678"
    assert details.addresses["ship_to"].city == "东城区"
    assert {(n.kind, n.text) for n in details.notes} == {("delivery", "Ring twice."), ("packaging", "Happy birthday")}
    assert details.tags == ("gift",)
    assert await reserved(db, scope) == {"order_line": 2, "cart": 1, "counted": 3}


async def test_goods_are_collected_at_a_store(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    await mapped(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 3)
        shown = await who.send(
            "/checkout",
            {"action": "fields", "method": "collect", "postal_code": "100006", "country": "CN"},
            on="/checkout",
        )
        assert "1 Main Street · 9:00–18:00 · Everything is there now." in shown.text
        assert "0 km" in shown.text
        answer = await who.check_out(method="collect", location="S1", payment="on_delivery")
        placed = await who.follow(answer)
    assert "Store one" in placed
    assert "a message with a code to collect it" in placed


async def test_a_transfer_is_told_where_to_send_the_money(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"transfer_instructions": "Account 12345"})
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        placed = await who.follow(await who.check_out(payment="transfer"))
    assert ("Account 12345" in placed, "one step is left" in placed) == (True, True)


async def test_another_country_asks_for_other_fields(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        china = await who.get("/checkout")
        america = (
            await who.send("/checkout", {"action": "fields", "country": "US", "name": "Ann"}, on="/checkout")
        ).text
        nowhere = (await who.send("/checkout", {"action": "fields", "country": "XX"}, on="/checkout")).text
        canton = (
            await who.send("/checkout", {"country": "CN", "region": "广东省", "city": "广州市"}, on="/checkout")
        ).text
    assert ("广东省" in china, 'name="district"' in china) == (True, True)
    assert ("ZIP code" in america, 'value="Ann"' in america, 'name="district"' in america) == (True, True, False)
    assert "Postal code" in nowhere
    assert ("白云区" in canton, "潮州市" in canton) == (True, True)


async def test_a_hold_that_is_over_is_taken_up_again(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        clock.advance(HOLD * 2)
        assert "Nothing is held for you at the moment" in await who.get("/cart")
        goes_on = await who.send("/cart", {"sku": "CUP", "quantity": "1", "action": "checkout"}, on="/cart")
        assert "Held for you until" in await who.follow(goes_on)


def web_secret() -> str:
    return web_client.SECRET


async def mapped(db: Database, scope: Scope) -> None:
    rows = [service.PostalAreaRow("CN", "100", 39.9, 116.4)]
    await db.write(scope, lambda tx: service.upsert_postal_areas(tx, rows=rows))
