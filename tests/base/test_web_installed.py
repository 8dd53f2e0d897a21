"""The console as an app: whose it is, what is kept, and that nothing kept is anybody's."""

import json
import re

from jiedan.base import i18n
from tests.base import things, web_client

HTML = {"accept": "text/html"}
CALLER = web_client.principal(permissions={things.READ, "account:self"})


async def test_the_app_has_the_merchants_name_and_the_places_its_reader_may_open() -> None:
    async with web_client.open_client(
        routers=things.ROUTERS, principal=CALLER, session=True, navigation=things.NAVIGATION
    ) as client:
        page = await client.get("/c/acme/things", headers=HTML)
        assert '<link rel="manifest" href="/c/acme/manifest.webmanifest" crossorigin="use-credentials">' in page.text
        told = await client.get("/c/acme/manifest.webmanifest")
        manifest = told.json()
        assert told.headers["content-type"] == "application/manifest+json"
        assert (manifest["name"], manifest["start_url"], manifest["scope"]) == ("Acme", "/c/acme/", "/c/acme/")
        assert "/c/acme/things" in {each["url"] for each in manifest["shortcuts"]}
        assert not [each for each in manifest["shortcuts"] if "secrets" in each["url"]]
        for icon in manifest["icons"]:
            assert (await client.get(icon["src"])).headers["content-type"] == icon["type"]


async def test_a_stranger_is_told_no_merchants_name() -> None:
    async with web_client.open_client() as client:
        assert (await client.get("/c/acme/manifest.webmanifest")).status_code == 401


async def test_the_worker_keeps_files_that_exist_and_the_page_without_a_reader() -> None:
    async with web_client.open_client(principal=CALLER, session=True) as client:
        worker = await client.get("/sw.js")
        listed = re.search(r"KEPT = (\[[^\]]*\])", worker.text)
        assert listed is not None
        assert worker.headers["cache-control"] == "no-cache"
        for address in json.loads(listed[1]):
            answer = await client.get(address)
            assert answer.status_code == 200, address
            assert "set-cookie" not in answer.headers
        page = (await client.get("/offline")).text
    assert all(f'lang="{lang}"' in page for lang in i18n.LANG_BY_LOCALE.values())
    assert "王敏" not in page
    assert "csrf" not in page.lower()
