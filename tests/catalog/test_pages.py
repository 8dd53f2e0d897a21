"""Products, as people see and edit them."""

import contextlib
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx2
import PIL.Image
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.catalog import pages, queries, service
from jiedan.catalog.pages import typed
from jiedan.catalog.storage.folder import open_image_storage
from jiedan.catalog.values import Price, Product
from tests.base import web_client
from tests.catalog.factories import goods, kit, saved, shirt, sku
from tests.orders.factories import merchant

RIGHTS = frozenset({"catalog:read", "catalog:write"})


@contextlib.asynccontextmanager
async def browsing(
    db: Database, scope: Scope, home: Path, rights: frozenset[str] = RIGHTS
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(
        routers=[pages.ROUTER], principal=caller, database=db, session=True, parts=[open_image_storage], home=home
    ) as client:
        client.headers["accept"] = "text/html"
        yield client


async def shown(client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/acme{path}")
    assert answer.status_code == status, answer.text
    return answer.text


async def sent(client: web_client.Client, path: str, fields: dict[str, object], *, on: str = "") -> httpx2.Response:
    return await client.submit(f"/c/acme{path}", fields, page=f"/c/acme{on or path}")


async def product_at(db: Database, scope: Scope, path: str) -> Product:
    async with db.read(scope) as tx:
        return await queries.product(tx, product_id=UUID(path.rpartition("/")[2]))


TEA: dict[str, object] = {
    "code": "TEA",
    "name": "Green tea",
    "brand": "Lu Yu",
    "tags": "spring， organic",
    "option_name": ["Size", ""],
    "option_choices": ["50 g，100 g", ""],
    "sku": ["TEA-50", "TEA-100", ""],
    "sku_version": ["", "", ""],
    "value_1": ["50 g", "100 g", ""],
    "barcode": ["4006381333931", "", ""],
    "weight_g": ["60", "", ""],
    "price": ["39.90", "70", ""],
    "active": ["0", "1"],
}


async def test_a_product_is_made_from_options_and_a_grid(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with browsing(db, scope, tmp_path) as client:
        at = "/products/new"
        options = await sent(client, at, {**TEA, "sku": [""], "action": "options"}, on=at)
        assert '<th scope="col">Size</th>' in options.text
        variants = await sent(
            client,
            at,
            {
                **TEA,
                "sku": [""],
                "value_1": [""],
                "barcode": [""],
                "weight_g": [""],
                "price": [""],
                "sku_version": [""],
                "action": "variants",
            },
            on=at,
        )
        assert re.findall(r'name="sku" value="([^"]*)"', variants.text) == ["TEA-50G", "TEA-100G"]
        made = await sent(client, at, TEA)
        assert made.status_code == 303, made.text
        path = made.headers["location"].removeprefix("/c/acme")
        page = await shown(client, path)
    assert "The product was saved." in page
    assert 'name="price" value="39.90"' in page
    product = await product_at(db, scope, path)
    first, second = product.skus
    assert (first.option_values, first.barcode, first.weight_g) == (("50 g",), "4006381333931", 60)
    assert first.prices == (Price("CNY", 3990),)
    assert second.prices == (Price("CNY", 7000),)
    assert product.options[0].choices == ("50 g", "100 g")
    assert (product.brand, product.tags) == ("Lu Yu", ("organic", "spring"))
    assert 'value="organic, spring"' in page


async def test_what_is_wrong_stands_at_its_row(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("CUP", skus=(sku("CUP", barcode="4006381333931"),)))
    async with browsing(db, scope, tmp_path) as client:
        at = "/products/new"
        taken = await sent(client, at, TEA)
        assert taken.status_code == 409
        assert re.search(r'id="row-1-error">The barcode 4006381333931 belongs to the SKU CUP', taken.text)
        unread = await sent(client, at, {**TEA, "price": ["much", "70", ""], "weight_g": ["60", "light", ""]})
        assert "much is no price in CNY." in unread.text
        assert "“light” is no weight." in unread.text
        nameless = await sent(client, at, {**TEA, "barcode": ["", "", ""], "name": ""})
        assert "name-error" in nameless.text
        again = await sent(client, at, {"code": "CUP", "name": "Cup"})
        assert (again.status_code, "The product CUP exists already." in again.text) == (409, True)
        brand = await sent(client, at, {**TEA, "barcode": ["", "", ""], "brand": "Lu; Yu", "tags": "x" * 51})
        assert ("brand-error" in brand.text, "tags-error" in brand.text) == (True, True)
        option = await sent(client, at, {**TEA, "barcode": ["", "", ""], "option_choices": ["", ""]})
        assert option.status_code == 422


async def test_tiers_and_other_currencies_outlive_the_grid(db: Database, scope: Scope, tmp_path: Path) -> None:
    prices = (Price("CNY", 1000), Price("CNY", 900, 10), Price("USD", 200))
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("CUP", skus=(sku("CUP", prices=prices), sku("POT", prices=prices[::2]))[:1]))
    path = f"/products/{done.product_id}"
    row: dict[str, object] = {
        "name": "Cup",
        "sku": "CUP",
        "sku_version": "1",
        "price": "11",
        "active": "0",
        "version": "1",
    }
    async with browsing(db, scope, tmp_path) as client:
        assert (await sent(client, path, row)).status_code == 303
    assert (await product_at(db, scope, path)).skus[0].prices == (Price("CNY", 1100), *prices[1:])


async def test_two_people_who_edit_one_product_are_shown_what_differs(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("CUP", name="Cup"))
    path = f"/products/{done.product_id}"
    mine: dict[str, object] = {
        "version": "1", "name": "My cup", "description": "Mine", "sku": "CUP", "sku_version": "1", "price": "12.00",
        "active": "0",
    }  # fmt: skip
    async with browsing(db, scope, tmp_path) as client:
        theirs = {**mine, "name": "Their cup", "description": "", "price": "10.00"}
        assert (await sent(client, path, theirs)).status_code == 303
        stale = await sent(client, path, mine)
        assert stale.status_code == 409
        assert "Their cup" in stale.text
        assert 'name="take-name"' in stale.text
        assert 'name="take-description"' in stale.text
        assert 'name="take-skus"' in stale.text
        version = re.search(r'name="version" value="(\d+)"', stale.text)
        assert version is not None
        settled = {**mine, "version": version[1], "take-name": "theirs", "take-skus": "yours"}
        assert (await sent(client, path, settled)).status_code == 303
    product = await product_at(db, scope, path)
    assert (product.name, product.description, product.skus[0].prices) == ("Their cup", "Mine", (Price("CNY", 1200),))


async def test_a_kit_has_parts(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("CUP"), goods("POT"))
    async with browsing(db, scope, tmp_path) as client:
        fields: dict[str, object] = {
            "code": "SET",
            "name": "Set",
            "kind": "kit",
            "sku": "SET",
            "price": "90",
            "active": "0",
        }
        none = await sent(client, "/products/new", fields)
        assert none.status_code == 422
        made = await sent(client, "/products/new", {**fields, "parts": "CUP × 4, POT"})
        path = made.headers["location"].removeprefix("/c/acme")
        assert "CUP × 4, POT × 1" in await shown(client, path)
    assert [(part.code, part.quantity) for part in (await product_at(db, scope, path)).skus[0].parts] == [
        ("CUP", 4),
        ("POT", 1),
    ]


async def test_all_prices_of_a_sku_are_edited_on_its_page(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
        prices = (Price("CNY", 1000), Price("USD", 200))
        (done,) = await saved(tx, goods("CUP", skus=(sku("CUP", prices=prices),)))
        product = await queries.product(tx, product_id=done.product_id)
    path = f"/products/{done.product_id}/skus/{product.skus[0].sku_id}"
    fields: dict[str, object] = {
        "version": "1", "is_active": "1", "weight_g": "300", "barcode": "",
        "currency": ["CNY", "CNY", ""], "min_quantity": ["1", "10", "1"], "price": ["10.00", "9.50", ""],
    }  # fmt: skip
    async with browsing(db, scope, tmp_path) as client:
        assert (await shown(client, path)).count('name="min_quantity"') == 2
        more = await sent(client, path, {**fields, "action": "rows"})
        assert more.text.count('name="min_quantity"') == 4
        wrong = await sent(client, path, {**fields, "price": ["ten", "9.50", ""]})
        assert (wrong.status_code, "ten is no price in CNY." in wrong.text) == (422, True)
        assert (await sent(client, path, fields)).status_code == 303
        stale = await sent(client, path, fields)
        assert stale.status_code == 409
        await shown(client, f"/products/{UUID(int=1)}/skus/{product.skus[0].sku_id}", 404)
        emptied = await sent(
            client, f"/products/{done.product_id}", {"version": "1", "name": "Cup", "sku": "CUP", "price": ""}
        )
        assert emptied.status_code == 303
    after = (await product_at(db, scope, f"/{done.product_id}")).skus[0]
    assert (after.weight_g, after.prices) == (None, (Price("CNY", 950, 10),))


async def test_the_quantities_of_an_order_are_edited_on_the_page_of_a_sku(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
        (done,) = await saved(tx, goods("CUP"))
        product = await queries.product(tx, product_id=done.product_id)
    at = f"/products/{done.product_id}"
    path = f"{at}/skus/{product.skus[0].sku_id}"
    fields: dict[str, object] = {
        "version": "1", "is_active": "1", "currency": "CNY", "min_quantity": "1", "price": "10.00",
        "order_minimum": "12", "order_maximum": "", "order_step": "", "order_pack": "6",
    }  # fmt: skip
    told = "Sold in packs of 6. Sold from 12 pieces on."
    async with browsing(db, scope, tmp_path) as client:
        assert "Any quantity may be ordered." in await shown(client, path)
        wrong = await sent(client, path, {**fields, "order_maximum": "11"})
        assert (wrong.status_code, "No quantity fits these limits." in wrong.text) == (422, True)
        assert 'value="11"' in wrong.text
        assert (await sent(client, path, fields)).status_code == 303
        assert told in await shown(client, path)
        assert told in await shown(client, at)
    async with browsing(db, scope, tmp_path, frozenset({"catalog:read"})) as client:
        assert told in await shown(client, at)
    (after,) = (await product_at(db, scope, at)).skus
    assert (after.order_minimum, after.order_maximum, after.order_step, after.order_pack) == (12, 0, 1, 6)


async def test_other_barcodes_of_a_sku_are_edited_on_its_page(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
        (done, _) = await saved(tx, goods("CUP"), goods("POT", skus=(sku("POT", barcode="96385074"),)))
        product = await queries.product(tx, product_id=done.product_id)
    path = f"/products/{done.product_id}/skus/{product.skus[0].sku_id}"
    fields: dict[str, object] = {"version": "1", "is_active": "1", "currency": "CNY", "min_quantity": "1", "price": "9"}
    async with browsing(db, scope, tmp_path) as client:
        assert "Other barcodes" in await shown(client, path)
        taken = await sent(client, path, {**fields, "alternate_barcodes": "96385074"})
        assert (taken.status_code, "belongs to the SKU POT" in taken.text) == (409, True)
        wrong = await sent(client, path, {**fields, "alternate_barcodes": "DUO × 2\n12345"})
        assert (wrong.status_code, "12345 is no barcode" in wrong.text) == (422, True)
        assert "DUO × 2\n12345</textarea>" in wrong.text
        typed = {**fields, "alternate_barcodes": "14006381333938 × 12\nduo*2, TRIO"}
        assert (await sent(client, path, typed)).status_code == 303
        assert "TRIO × 1\nDUO × 2\n14006381333938 × 12</textarea>" in await shown(client, path)
    async with browsing(db, scope, tmp_path, frozenset({"catalog:read"})) as client:
        assert "14006381333938" in await shown(client, f"/products/{done.product_id}")


async def test_a_price_in_one_currency_is_not_emptied_by_the_way(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("CUP", skus=(sku("CUP", prices=(Price("CNY", 1000), Price("USD", 200))),)))
    path = f"/products/{done.product_id}"
    async with browsing(db, scope, tmp_path) as client:
        refused = await sent(client, path, {"version": "1", "name": "Cup", "sku": "CUP", "price": ""})
    assert (refused.status_code, "Open the SKU and remove the price there." in refused.text) == (409, True)


def picture(size: tuple[int, int] = (60, 40)) -> bytes:
    output = io.BytesIO()
    PIL.Image.new("RGB", size, (200, 30, 30)).save(output, "PNG")
    return output.getvalue()


async def upload(
    client: web_client.Client, path: str, files: list[tuple[str, bytes]], **fields: str
) -> httpx2.Response:
    page = await shown(client, path)
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
    assert token is not None
    return await client.post(
        f"/c/acme{path}/images",
        data={"csrf_token": token[1], **fields},
        files=[("pictures", (name, content, "image/png")) for name, content in files],
        follow_redirects=False,
    )


async def test_pictures_are_added_arranged_and_removed(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("CUP"))
    path = f"/products/{done.product_id}"
    async with browsing(db, scope, tmp_path) as client:
        files = [("red.png", picture()), ("broken.png", b"no picture"), ("wide.png", picture((90, 10)))]
        mixed = await upload(client, path, files, alt_text="A cup", form_id="one")
        assert mixed.status_code == 303
        page = await shown(client, path)
        assert "broken.png" in page
        assert "red.png" not in page
        ids = re.findall(r'<img src="/api/v1/images/([0-9a-f-]+)" alt="A cup"', page)
        assert len(ids) == 2
        await upload(client, path, files[:1], alt_text="A cup", form_id="one")
        assert (await shown(client, path)).count('alt="A cup"') == 2
        described = f"{path}/images/{ids[0]}/description"
        assert (await sent(client, described, {"alt_text": "A red cup"}, on=path)).status_code == 303
        assert 'alt="A red cup"' in await shown(client, path)
        await sent(client, described, {"alt_text": "x" * 501}, on=path)
        assert "The description was not saved." in await shown(client, path)
        strange = f"{path}/images/{UUID(int=1)}/description"
        assert (await sent(client, strange, {"alt_text": "A cup"}, on=path)).status_code == 404
        await sent(client, f"{path}/images/order", {"image_id": ids[1], "to": "left"}, on=path)
        await sent(client, f"{path}/images/order", {"image_id": ids[1], "to": "left"}, on=path)
        arranged = re.findall(r'<img src="/api/v1/images/([0-9a-f-]+)"', await shown(client, path))
        assert arranged == ids[::-1]
        assert (await sent(client, f"{path}/images/{ids[0]}/removal", {}, on=path)).status_code == 303
        assert ids[0] not in await shown(client, path)
        nothing = await upload(client, path, [("", b"")])
        assert nothing.status_code == 303
        assert "Choose at least one picture first." in await shown(client, path)
        stranger = await sent(client, f"{path}/images/{UUID(int=1)}/removal", {}, on=path)
        assert stranger.status_code == 404


async def test_categories_make_a_tree(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with browsing(db, scope, tmp_path) as client:
        at = "/categories"
        assert "There are no categories yet." in await shown(client, at)
        assert (await sent(client, at, {"code": "tea", "name": "Tea"})).status_code == 303
        assert "Please fill this in." in (await sent(client, at, {"name": "Green"})).text
        assert (await sent(client, at, {"code": "tea", "name": "Tea"})).status_code == 409
        async with db.read(scope) as tx:
            (tea,) = await queries.categories(tx)
        green = {"code": "green", "name": "Green", "parent_id": str(tea.category_id)}
        assert (await sent(client, at, dict(green))).status_code == 303
        edit = f"{at}?edit={tea.category_id}"
        path = f"{at}/{tea.category_id}"
        assert 'name="version" value="1"' in await shown(client, edit)
        assert (await sent(client, path, {"version": "1", "name": "Teas"}, on=edit)).status_code == 303
        assert (await sent(client, path, {"version": "1", "name": "Tees"}, on=edit)).status_code == 409
        assert (await sent(client, f"{path}/removal", {"version": "2"}, on=edit)).status_code == 409
        assert "Teas" in await shown(client, at)


async def test_who_may_only_read_sees_no_form_and_no_other_merchants_products(
    db: Database, scope: Scope, other_tenant: TenantId, tmp_path: Path
) -> None:
    async with db.begin(scope) as tx:
        made, _, whole = await saved(tx, goods("CUP"), shirt("SHIRT"), kit("SET", ("CUP", 1)))
    async with browsing(db, scope, tmp_path, frozenset({"catalog:read"})) as client:
        for product_id in (made.product_id, whole.product_id):
            page = await shown(client, f"/products/{product_id}")
            assert "Save the product" not in page
            assert "Add the pictures" not in page
        assert "New category" not in await shown(client, "/categories")
        for path in ("/products/new", f"/products/{made.product_id}/skus/{UUID(int=1)}"):
            await shown(client, path, 403)
    async with browsing(db, Scope(other_tenant), tmp_path) as client:
        await shown(client, f"/products/{made.product_id}", 404)


@pytest.mark.parametrize("text", ["CUP", "CUP × 4", "CUP*4", "CUP x 4", "max2"])
def test_parts_of_kits_are_read_as_people_write_them(text: str) -> None:
    (part,) = typed.parts_of(text)
    assert (part.code, part.quantity) == {"CUP": ("CUP", 1), "max2": ("max2", 1)}.get(text, ("CUP", 4))


async def test_nothing_is_written_about_another_merchants_goods(
    db: Database, scope: Scope, other_tenant: TenantId, tmp_path: Path
) -> None:
    async with db.begin(scope) as tx:
        (made,) = await saved(tx, goods("CUP"))
        category = await service.create_category(tx, code="tea", name="Tea")
    async with browsing(db, Scope(other_tenant), tmp_path) as client:
        at = f"/products/{made.product_id}"
        for path in (at, f"{at}/images", f"{at}/images/order", f"/categories/{category.category_id}"):
            for fields in ({}, {"name": "Mine", "image_id": str(made.product_id)}):
                answer = await sent(client, path, dict(fields), on="/categories")
                assert answer.status_code == 404, (path, answer.text)
