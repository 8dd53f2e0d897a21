import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
import pytest_asyncio

from jiedan.base import ids
from jiedan.base.db import Database
from jiedan.base.drain import Drain
from jiedan.catalog import jobs
from jiedan.catalog.api import ROUTER
from jiedan.catalog.storage.folder import open_image_storage
from tests.base import web_client

ALL = {"catalog:read", "catalog:write"}


@pytest_asyncio.fixture
async def client(db: Database, tenant: ids.TenantId, tmp_path: Path) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=ALL, tenant=tenant)
    async with web_client.open_client(
        routers=[ROUTER], principal=caller, database=db, parts=[open_image_storage], home=tmp_path
    ) as opened:
        yield opened


async def created(client: web_client.Client, code: str, **facts: Any) -> dict[str, Any]:
    body = {"code": code, "name": f"Product {code}", **facts}
    response = await client.post("/api/v1/products", json=body)
    assert response.status_code == 201, response.text
    product: dict[str, Any] = response.json()
    return product


async def indexed(db: Database, tenant: ids.TenantId) -> None:
    await Drain(db, None, {"catalog.product_created": (jobs.INDEX_PRODUCTS,)}).drain_tenant(tenant)


def pictures_in(folder: Path) -> list[Path]:
    return [*folder.rglob("*.jpg"), *folder.rglob("*.png")]


def picture(size: tuple[int, int] = (60, 40), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    output = io.BytesIO()
    exif = PIL.Image.Exif()
    exif[0x010E] = "a secret place"
    PIL.Image.new(mode, size, (200, 30, 30, 128)[: len(mode)]).save(output, kind, exif=exif)
    return output.getvalue()


async def test_a_product_is_created_read_and_changed(client: web_client.Client) -> None:
    body = {
        "code": "T",
        "name": "T-shirt",
        "brand": "Lu Yu",
        "tags": ["summer", "cotton"],
        "options": [{"name": "Size", "choices": ["S", "M"]}],
        "skus": [
            {
                "code": "T-S",
                "option_values": ["S"],
                "barcode": "036000291452",
                "weight_g": 180,
                "prices": [
                    {"currency": "CNY", "unit_minor": 9900},
                    {"currency": "CNY", "unit_minor": 8900, "min_quantity": 10},
                ],
            }
        ],
    }
    response = await client.post("/api/v1/products", json=body)
    assert response.status_code == 201
    place = response.headers["location"]
    product = (await client.get(place)).json()
    assert product["skus"][0]["barcode"] == "0036000291452"
    assert (product["brand"], product["tags"]) == ("Lu Yu", ["cotton", "summer"])
    assert product["skus"][0]["prices"][1] == {"currency": "CNY", "unit_minor": 8900, "min_quantity": 10}
    more = await client.post(f"{place}/variants", headers={"if-match": '"1"'})
    assert [sku["code"] for sku in more.json()["skus"]] == ["T-S", "T-M"]
    changed = await client.patch(place, json={"name": "Shirt", "status": "archived"}, headers={"if-match": '"2"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"3"')
    assert (changed.json()["name"], changed.json()["status"]) == ("Shirt", "archived")
    wrong = await client.patch(place, json={"tags": ["a,b"], "brand": "x;y"})
    assert wrong.status_code == 422
    assert {(x["code"], x["field"]) for x in wrong.json()["errors"]} == {
        ("character_refused", "tags[0]"),
        ("character_refused", "brand"),
    }
    stale = await client.patch(place, json={"name": "Jacket"}, headers={"if-match": '"2"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert stale.json()["data"]["changed"] == "name, status"


async def test_the_same_key_creates_once(client: web_client.Client) -> None:
    body = {"code": "A", "name": "Apple"}
    headers = {"idempotency-key": "key-1"}
    first = await client.post("/api/v1/products", json=body, headers=headers)
    again = await client.post("/api/v1/products", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await client.post("/api/v1/products", json={**body, "name": "Pear"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    taken = await client.post("/api/v1/products", json=body)
    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (409, "product_code_taken", "code")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"code": ""}, "code", "out_of_bounds"),
        ({"name": "x" * 201}, "name", "out_of_bounds"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"kind": "gift"}, "kind", "wrong_value"),
        ({"category": "none"}, "category", "unknown_category"),
        ({"skus": [{"code": "A", "barcode": "123"}]}, "skus[0].barcode", "barcode_invalid"),
        ({"skus": [{"code": "A", "weight_g": -1}]}, "skus[0].weight_g", "out_of_bounds"),
        ({"skus": [{"code": "A", "weight_g": 1.5}]}, "skus[0].weight_g", "wrong_type"),
        ({"skus": [{"code": "A", "weight_g": 2**70}]}, "skus[0].weight_g", "integer_too_large"),
        ({"skus": [{"code": "A", "order_pack": 0}]}, "skus[0].order_pack", "out_of_bounds"),
        (
            {"skus": [{"code": "A", "order_minimum": 5, "order_step": 4, "order_pack": 2}]},
            "skus[0].order_minimum",
            "order_quantity_invalid",
        ),
        ({"skus": [{"code": "A\u0000"}]}, "skus[0].code", "character_refused"),
        ({"name": "a\u0007"}, "name", "character_refused"),
        (
            {"skus": [{"code": "A", "prices": [{"currency": "ZZZ", "unit_minor": 1}]}]},
            "skus[0].prices[0].currency",
            "unknown_currency",
        ),
        ({"kind": "kit"}, "skus.parts", "kit_without_parts"),
    ],
)
async def test_bad_input_names_its_field(
    client: web_client.Client, change: dict[str, Any], field: str, code: str
) -> None:
    response = await client.post("/api/v1/products", json={"code": "A", "name": "Apple", **change})
    assert response.status_code == 422, response.text
    assert (response.json()["field"], response.json()["code"]) == (field, code)
    assert (await client.get("/api/v1/products")).json()["items"] == []


async def test_a_batch_answers_for_each_product(client: web_client.Client) -> None:
    batch = {
        "products": [
            {"code": "A", "name": "Apple"},
            {"code": "B", "name": "Banana", "skus": [{"code": "B", "barcode": "1"}, {"code": "B"}]},
            {
                "code": "K",
                "name": "Kit",
                "kind": "kit",
                "skus": [{"code": "K", "parts": [{"code": "A", "quantity": 2}]}],
            },
        ]
    }
    response = await client.post("/api/v1/products/batch", json=batch)
    assert response.status_code == 200
    apple, banana, kit = response.json()
    assert (apple["outcome"], kit["outcome"]) == ("created", "created")
    assert banana["outcome"] == "refused"
    assert [e["field"] for e in banana["problem"]["errors"]] == [
        "products[1].skus[1].code",
        "products[1].skus[0].barcode",
    ]
    again = (await client.post("/api/v1/products/batch", json=batch)).json()
    assert [row["outcome"] for row in again] == ["unchanged", "refused", "unchanged"]
    empty = await client.post("/api/v1/products/batch", json={"products": []})
    assert (empty.status_code, empty.json()["field"]) == (422, "products")


async def test_skus_are_listed_found_and_changed(client: web_client.Client, db: Database, tenant: ids.TenantId) -> None:
    await created(client, "A", name="红苹果", skus=[{"code": "A-1", "barcode": "96385074"}])
    await created(client, "B", name="Banana")
    await indexed(db, tenant)
    found = (await client.get("/api/v1/skus", params={"q": "hong"})).json()["items"]
    assert [row["code"] for row in found] == ["A-1"]
    assert [row["code"] for row in (await client.get("/api/v1/products?q=banana")).json()["items"]] == ["B"]
    scanned = await client.get("/api/v1/barcodes/96385074")
    assert scanned.json()["sku"]["sku_id"] == found[0]["sku_id"]
    place = f"/api/v1/skus/{found[0]['sku_id']}"
    changed = await client.patch(place, json={"weight_g": 200, "barcode": None}, headers={"if-match": '"1"'})
    assert (changed.json()["sku"]["weight_g"], changed.json()["sku"]["barcode"]) == (200, None)
    refused = await client.patch(place, json={"barcode": "abc!"})
    assert (refused.status_code, refused.json()["field"]) == (422, "barcode")
    assert (await client.get("/api/v1/barcodes/96385074")).status_code == 404
    carton = {"barcode": "14006381333938", "quantity": 12}
    packed = await client.patch(place, json={"alternate_barcodes": [carton]})
    assert packed.json()["sku"]["alternate_barcodes"] == [carton]
    found = (await client.get("/api/v1/barcodes/14006381333938")).json()
    assert (found["sku"]["code"], found["units"]) == ("A-1", 12)
    wrong = await client.patch(place, json={"alternate_barcodes": [carton, {"barcode": "1"}]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "alternate_barcodes[1].barcode")
    packs = await client.patch(place, json={"order_minimum": 12, "order_pack": 6})
    assert (packs.json()["sku"]["order_minimum"], packs.json()["sku"]["order_pack"]) == (12, 6)
    assert [row["quantities"] for row in (await client.get("/api/v1/skus")).json()["items"]] == [
        None,
        {"minimum": 12, "maximum": 0, "step": 1, "pack": 6},
    ]
    narrow = await client.patch(place, json={"order_maximum": 11})
    assert (narrow.status_code, narrow.json()["code"], narrow.json()["field"]) == (
        422, "order_quantity_invalid", "order_maximum",
    )  # fmt: skip


async def test_a_list_goes_on_where_its_cursor_says(client: web_client.Client) -> None:
    for code in "ABC":
        await created(client, code)
    first = (await client.get("/api/v1/products", params={"limit": 2})).json()
    rest = (await client.get("/api/v1/products", params={"limit": 2, "cursor": first["next"]})).json()
    assert [row["code"] for row in [*first["items"], *rest["items"]]] == ["C", "B", "A"]
    foreign = await client.get("/api/v1/skus", params={"cursor": first["next"]})
    assert (foreign.status_code, foreign.json()["code"]) == (422, "bad_cursor")


async def test_prices_are_set_by_code(client: web_client.Client) -> None:
    await created(client, "A")
    body = {
        "skus": [
            {"code": "A", "prices": [{"currency": "JPY", "unit_minor": 120}]},
            {"code": "Z", "prices": []},
        ]
    }
    done, missing = (await client.post("/api/v1/prices/batch", json=body)).json()
    assert done["outcome"] == "updated"
    assert (missing["outcome"], missing["problem"]["field"]) == ("refused", "skus[1].code")


async def test_categories_form_a_tree(client: web_client.Client) -> None:
    key = {"idempotency-key": "c-1"}
    food, again = [
        (await client.post("/api/v1/categories", json={"code": "food", "name": "Food"}, headers=key)).json()
        for _ in range(2)
    ]
    assert food == again
    fruit = await client.post(
        "/api/v1/categories", json={"code": "fruit", "name": "Fruit", "parent_id": food["category_id"]}
    )
    await created(client, "A", category="fruit")
    assert [c["path"] for c in (await client.get("/api/v1/categories")).json()] == [["Food"], ["Food", "Fruit"]]
    assert len((await client.get("/api/v1/products", params={"category": "food"})).json()["items"]) == 1
    unknown = await client.get("/api/v1/products", params={"category": "x"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "category")
    circle = await client.put(
        f"/api/v1/categories/{food['category_id']}", json={"name": "Food", "parent_id": fruit.json()["category_id"]}
    )
    assert (circle.status_code, circle.json()["code"], circle.json()["field"]) == (422, "category_cycle", "parent_id")
    full = await client.delete(fruit.headers["location"])
    assert (full.status_code, full.json()["code"]) == (409, "category_not_empty")
    assert (await client.get(fruit.headers["location"])).json()["name"] == "Fruit"


async def test_a_picture_is_encoded_anew_and_served(client: web_client.Client) -> None:
    product = await created(client, "A")
    place = f"/api/v1/products/{product['product_id']}/images"
    jpeg = await client.post(place, content=picture(), params={"alt_text": "An apple"})
    assert jpeg.status_code == 201, jpeg.text
    key = {"idempotency-key": "i-1"}
    twice = [await client.post(place, content=picture(), headers=key) for _ in range(2)]
    assert twice[0].json() == twice[1].json()
    other = await client.post(place, content=picture((30, 10)), headers=key)
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
    assert (await client.delete(twice[0].headers["location"])).status_code == 204
    clear = await client.post(place, content=picture((3_000, 10), "PNG", "RGBA"))
    assert (clear.json()["media_type"], clear.json()["width_px"]) == ("image/png", 2_048)
    served = await client.get(jpeg.json()["url"])
    assert served.headers["content-type"] == "image/jpeg"
    assert "immutable" in served.headers["cache-control"]
    assert b"a secret place" not in served.content
    assert PIL.Image.open(io.BytesIO(served.content)).size == (60, 40)
    order = {"image_ids": [clear.json()["image_id"]]}
    arranged = await client.put(f"{place}/order", json=order)
    assert [i["image_id"] for i in arranged.json()] == [clear.json()["image_id"], jpeg.json()["image_id"]]
    nowhere = place.replace(product["product_id"], "0193a000-0000-7000-8000-000000000099")
    unknown = await client.put(f"{nowhere}/order", json={"image_ids": []})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "product_not_found")
    told = await client.patch(jpeg.json()["url"], json={"alt_text": " A red apple "})
    assert (told.json()["image_id"], told.json()["alt_text"]) == (jpeg.json()["image_id"], "A red apple")
    assert (await client.patch(jpeg.json()["url"], json={"alt_text": "A red apple"})).json() == told.json()
    for wrong, code in (("x" * 501, "out_of_bounds"), ("a\u0007b", "character_refused")):
        refused = await client.patch(jpeg.json()["url"], json={"alt_text": wrong})
        assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, code, "alt_text")
    assert (await client.delete(jpeg.json()["url"])).status_code == 204
    assert (await client.patch(jpeg.json()["url"], json={"alt_text": ""})).status_code == 404
    assert (await client.get(jpeg.json()["url"])).status_code == 404
    assert [i["alt_text"] for i in (await client.get(place)).json()] == [""]


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"GIF89a", b"\xff\xd8\xff\xe0broken", picture()[:300], b"\x89PNG\r\n\x1a\n"]
)
async def test_what_is_no_picture_is_refused_and_leaves_no_file(
    client: web_client.Client, tmp_path: Path, content: bytes
) -> None:
    product = await created(client, "A")
    response = await client.post(f"/api/v1/products/{product['product_id']}/images", content=content)
    assert (response.status_code, response.json()["code"]) == (422, "image_unreadable")
    assert not pictures_in(tmp_path)


async def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(client: web_client.Client) -> None:
    product = await created(client, "A")
    bomb = io.BytesIO()
    PIL.Image.new("1", (9_000, 9_000)).save(bomb, "PNG")
    response = await client.post(f"/api/v1/products/{product['product_id']}/images", content=bomb.getvalue())
    assert (response.status_code, response.json()["code"]) == (422, "image_too_large")


async def test_the_bytes_of_a_refused_picture_do_not_stay(client: web_client.Client, tmp_path: Path) -> None:
    missing = "0193a000-0000-7000-8000-000000000099"
    response = await client.post(f"/api/v1/products/{missing}/images", content=picture())
    assert (response.status_code, response.json()["code"]) == (404, "product_not_found")
    assert not pictures_in(tmp_path)


async def test_reading_is_not_writing(db: Database, tenant: ids.TenantId) -> None:
    reader = web_client.principal(permissions={"catalog:read"}, tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=reader, database=db) as client:
        assert (await client.get("/api/v1/products")).status_code == 200
        for address in ("/api/v1/products", "/api/v1/products/batch", "/api/v1/prices/batch", "/api/v1/categories"):
            assert (await client.post(address, json={})).status_code == 403, address


async def test_the_reference_shows_the_catalog(client: web_client.Client) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    assert "/api/v1/products/batch" in document["paths"]
