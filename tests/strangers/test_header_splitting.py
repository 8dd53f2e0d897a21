"""Known failure: a line break in what somebody sends becomes a header of what we answer."""

import pytest

from jiedan.base.db import Database
from tests.accounts import factories
from tests.api.worlds import World
from tests.base import web_client

BREAK = "x\r\nSet-Cookie: stolen=1"


@pytest.mark.parametrize("name", ["x-request-id", "idempotency-key", "if-match", "accept-language", "if-none-match"])
async def test_no_header_is_made_of_what_a_header_said(api: web_client.Client, world: World, name: str) -> None:
    for value in (BREAK.encode(), b"\xff\xfe", b"a" * 9_000, b"\t", b"\x7f"):
        headers = [*((k.encode(), v.encode()) for k, v in world.headers.items()), (name.encode(), value)]
        answer = await api.post("/api/v1/orders", json={"lines": []}, headers=headers)
        assert answer.status_code == 422, answer.text
        assert "stolen" not in str(answer.headers)


@pytest.mark.parametrize("path", ["/sign-in", "/join", "/api/docs", "/static/x/%0d%0aSet-Cookie:stolen=1"])
async def test_no_header_is_made_of_what_an_address_said(api: web_client.Client, path: str) -> None:
    for query in ("next=%0d%0aSet-Cookie:stolen=1", "slug=%0d%0aSet-Cookie:stolen=1", "%0d%0aSet-Cookie:stolen=1"):
        answer = await api.get(f"{path}?{query}", headers={"accept": "text/html"})
        assert answer.status_code < 500
        assert "stolen" not in {cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")}
        assert not any("\r" in value or "\n" in value for value in answer.headers.values())


async def test_no_cookie_is_made_of_what_a_form_said(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        fields = {"merchant": at.slug + BREAK, "email": at.owner_email, "password": BREAK, "next": f"/{BREAK}"}
        answer = await client.submit("/sign-in", fields)
        theme = await client.submit("/preferences/theme", {"value": f"dark{BREAK}", "back": "/"}, page="/sign-in")
        back = await client.submit("/preferences/theme", {"value": "dark", "back": f"/{BREAK}"}, page="/sign-in")
    assert "dark" in back.headers["set-cookie"]
    for each in (answer, theme, back):
        assert not any("stolen" in cookie.partition("=")[0] for cookie in each.headers.get_list("set-cookie"))
        assert "stolen" not in each.headers.get("location", "")


async def test_a_file_is_not_named_by_what_somebody_sent(api: web_client.Client, world: World) -> None:
    name = 'a"; filename="evil.html"\r\nSet-Cookie: stolen=1'
    begun = await api.post(
        "/api/v1/imports", params={"kind": "products", "file_name": name}, content=b"sku\nA\n", headers=world.headers
    )
    assert begun.status_code in {201, 422}, begun.text
    if begun.status_code == 201:
        import_id = begun.json()["run"]["import_id"]
        for what in ("errors.csv", "refused.csv"):
            answer = await api.get(f"/api/v1/imports/{import_id}/{what}", headers=world.headers)
            assert "evil" not in str(answer.headers)
