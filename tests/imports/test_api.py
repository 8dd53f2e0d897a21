import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import i18n
from jiedan.base.db import Database
from jiedan.catalog import queries as catalog
from jiedan.imports import jobs
from jiedan.imports.api import ROUTER
from tests.accounts import factories as accounts
from tests.base import web_client
from tests.imports.factories import csv_of, workbook


@pytest_asyncio.fixture
async def shop(db: Database) -> accounts.Opened:
    return await accounts.opened(db)


@pytest_asyncio.fixture
async def client(db: Database, shop: accounts.Opened) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=ALL_PERMISSIONS, tenant=shop.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as opened:
        yield opened


async def begun(client: web_client.Client, content: bytes, **query: str) -> dict[str, Any]:
    response = await client.post(
        "/api/v1/imports", content=content, params={"kind": "products", "file_name": "products.csv", **query}
    )
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def test_a_file_is_sent_mapped_tried_and_run(
    client: web_client.Client, db: Database, shop: accounts.Opened
) -> None:
    made = await begun(client, csv_of("Ref,Title,Price", "A,Apple,1.50", "B,Banana,x", "C,=CMD(),2"))
    assert made["columns"] == ["Ref", "Title", "Price"]
    assert made["run"]["mapping"] == {"name": "Title", "price": "Price"}
    place = f"/api/v1/imports/{made['run']['import_id']}"
    unmapped = await client.post(f"{place}/run")
    assert (unmapped.status_code, unmapped.json()["code"], unmapped.json()["field"]) == (
        422,
        "field_not_mapped",
        "mapping.sku",
    )
    wrong = await client.put(f"{place}/mapping", json={"mapping": {"sku": "Nope", "colour": "Ref"}})
    assert [e["field"] for e in wrong.json()["errors"]] == ["mapping.colour", "mapping.sku"]
    chosen = {"sku": "Ref", "name": "Title", "price": "Price"}
    assert (await client.put(f"{place}/mapping", json={"mapping": chosen})).json()["mapping"] == chosen
    trial = (await client.post(f"{place}/dry-run")).json()
    assert trial["counts"] == {"read": 3, "created": 2, "updated": 0, "unchanged": 0, "refused": 1}
    assert (trial["errors"][0]["row"], trial["errors"][0]["column"]) == (3, "Price")
    queued = await client.post(f"{place}/run")
    assert (queued.status_code, queued.json()["status"]) == (202, "queued")
    assert (await client.post(f"{place}/run")).json()["code"] == "already_imported"
    await jobs.save_rows(db, shop.tenant, {"import_id": made["run"]["import_id"], "locale": "zh_Hans"})
    done = (await client.get(place)).json()
    assert (done["status"], done["counts"]["created"], done["position"]) == ("completed", 2, 4)
    assert [e["value"] for e in (await client.get(f"{place}/errors")).json()] == ["x"]
    listed = (await client.get("/api/v1/imports")).json()["items"]
    assert [run["import_id"] for run in listed] == [made["run"]["import_id"]]


async def test_refused_rows_are_downloaded_as_a_file_that_spreadsheets_open(
    client: web_client.Client, db: Database, shop: accounts.Opened
) -> None:
    made = await begun(client, csv_of("sku,name,price", *(f"A{n},Apple,=1+{n}" for n in range(1_500))))
    place = f"/api/v1/imports/{made['run']['import_id']}"
    await client.post(f"{place}/run")
    await jobs.save_rows(db, shop.tenant, {"import_id": made["run"]["import_id"], "locale": "en"})
    response = await client.get(f"{place}/errors.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["content-disposition"]
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "row,column,value,code,problem"
    assert lines[1].startswith("2,price,'=1+0,cell_invalid,")
    assert len(lines) == 1_501


async def test_refused_rows_are_downloaded_corrected_and_sent_again(
    client: web_client.Client, db: Database, shop: accounts.Opened
) -> None:
    content = csv_of("货号,名称,价格,内部备注", "A,茶,1.5,甲", "B,=杯,x,乙", "C,壶,1.234,丙,丁", 'D,杯,2,"两', '行"')
    made = await begun(client, content.decode().encode("gb18030"))
    place = f"/api/v1/imports/{made['run']['import_id']}"
    await client.post(f"{place}/run")
    await jobs.save_rows(db, shop.tenant, {"import_id": made["run"]["import_id"], "locale": "en"})
    response = await client.get(f"{place}/refused.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines == [
        "货号,名称,价格,内部备注,jiedan_row,jiedan_problem",
        "B,'=杯,x,乙,3,[价格] x is not an amount in CNY. Correct the cell.",
        'C,壶,1.234,丙,4,"The row has 5 cells, the header 4. Put texts with a separator in quotes.",丁',
    ]
    corrected = response.content.replace(b",x,", b",1.75,").replace(b",1.234,", b",2,").replace(",丁".encode(), b"")
    again = await begun(client, corrected)
    assert again["run"]["mapping"] == made["run"]["mapping"]
    place = f"/api/v1/imports/{again['run']['import_id']}"
    await client.post(f"{place}/run")
    await jobs.save_rows(db, shop.tenant, {"import_id": again["run"]["import_id"], "locale": "en"})
    done = (await client.get(place)).json()
    assert (done["counts"]["created"], done["counts"]["refused"]) == (2, 0)
    async with db.read(shop.scope) as tx:
        assert (await tx.load_one(catalog.sellable_skus(["B"])))["B"].name == "=杯"
    gone = await client.get(f"{place}/refused.csv")
    assert (gone.status_code, gone.json()["code"]) == (409, "file_forgotten")


async def test_pages_of_refused_rows_do_not_cut_a_row(
    client: web_client.Client, db: Database, shop: accounts.Opened
) -> None:
    made = await begun(client, csv_of("sku,name,EAN,weight_g,kind", *(f"A{n},x,4006381333932,-5," for n in range(3))))
    place = f"/api/v1/imports/{made['run']['import_id']}"
    await client.post(f"{place}/run")
    await jobs.save_rows(db, shop.tenant, {"import_id": made["run"]["import_id"], "locale": "en"})
    for limit in (1, 2, 3, 4, 5, 50):
        rows, after = [], 0
        while page := (await client.get(f"{place}/errors?limit={limit}&after_row={after}")).json():
            rows += [error["row"] for error in page]
            after = rows[-1]
        assert rows == [2, 2, 3, 3, 4, 4], limit


async def test_a_packed_file_or_a_workbook_may_come_with_an_encoding(client: web_client.Client) -> None:
    packed = gzip.compress("sku,名前\r\nA,茶\r\n".encode("shift_jis"))
    assert (await begun(client, packed, encoding="shift_jis"))["columns"] == ["sku", "名前"]
    assert (await begun(client, workbook([["sku", "名称"], ["A", "茶"]]), encoding="gbk"))["columns"] == ["sku", "名称"]


async def test_kinds_tell_their_fields_in_the_language_of_the_caller(client: web_client.Client) -> None:
    kinds = (await client.get("/api/v1/imports/kinds", headers={"accept-language": "zh-TW"})).json()
    meanings = {field["name"]: field["meaning"] for kind in kinds for field in kind["fields"]}
    assert meanings["sku"] == i18n.gettext("zh_Hant", "Code of the SKU") != "Code of the SKU"


async def test_a_workbook_and_a_named_encoding_are_read(client: web_client.Client) -> None:
    assert (await begun(client, workbook([["sku", "name"], ["A", "Apple"]])))["columns"] == ["sku", "name"]
    made = await begun(client, "sku,名前\r\nA,茶\r\n".encode("shift_jis"), encoding="shift_jis")
    assert made["columns"] == ["sku", "名前"]


@pytest.mark.parametrize(
    ("content", "query", "status", "code"),
    [
        (b"", {}, 422, "body_missing"),
        (b"a,a\r\n1,2\r\n", {}, 422, "header_invalid"),
        (b"sku\r\nA\r\n", {"kind": "unicorns"}, 422, "unknown_import_kind"),
        (b"sku\r\n\xff\r\n", {"encoding": "utf-8"}, 422, "file_unreadable"),
        (b"sku\r\nA\r\n", {"encoding": "rot13"}, 422, "file_unreadable"),
        (b"PK\x03\x04", {}, 422, "file_unreadable"),
        (b"sku,na\0me\r\nA,B\r\n", {}, 422, "header_invalid"),
        (b"sku\r\nA\r\n", {"file_name": "a\0b"}, 422, "character_refused"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(
    client: web_client.Client, content: bytes, query: dict[str, str], status: int, code: str
) -> None:
    response = await client.post("/api/v1/imports", content=content, params={"kind": "products", **query})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert content or "CSV" in response.json()["detail"]
    assert (await client.get("/api/v1/imports")).json()["items"] == []


async def test_who_may_not_import_a_kind_does_not_see_its_files(
    client: web_client.Client, db: Database, shop: accounts.Opened
) -> None:
    made = await begun(client, csv_of("sku,name", "A,Apple"))
    place = f"/api/v1/imports/{made['run']['import_id']}"
    caller = web_client.principal(permissions={"catalog:read", "customers:import"}, tenant=shop.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as other:
        assert [kind["kind"] for kind in (await other.get("/api/v1/imports/kinds")).json()] == ["customers"]
        assert (await other.get("/api/v1/imports")).json()["items"] == []
        for address in (place, f"{place}/errors", f"{place}/errors.csv"):
            assert (await other.get(address)).status_code == 403, address
        assert (await other.post(f"{place}/run")).status_code == 403
        refused = await other.post("/api/v1/imports", content=b"sku\r\nA\r\n", params={"kind": "products"})
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")


async def test_a_file_sent_twice_under_one_key_begins_one_import(client: web_client.Client) -> None:
    async def sent(content: bytes) -> Any:
        headers = {"idempotency-key": "file-1"}
        query = {"kind": "products", "file_name": "products.csv"}
        return (await client.post("/api/v1/imports", content=content, params=query, headers=headers)).json()

    content = csv_of("sku,name,price", "A,Apple,1.50")
    first, again = await sent(content), await sent(content)
    other = await sent(csv_of("sku,name,price", "B,Banana,2"))
    assert first == again
    assert other["code"] == "idempotency_key_reused"
    assert len((await client.get("/api/v1/imports")).json()["items"]) == 1
