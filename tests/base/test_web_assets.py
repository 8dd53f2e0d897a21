"""What browsers get: from the source, from a build, and from a build that is without the scripts of others."""

import gzip
import hashlib
import html
import json
import re
from pathlib import Path

import pytest

from jiedan.base.web.assets import Assets
from tests.base import things, web_client

HTML = {"accept": "text/html"}
CALLER = web_client.principal(permissions={things.READ, things.WRITE})


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """Return a folder with a few files of ours."""
    (tmp_path / "base.css").write_text("@layer tokens, components;", encoding="utf-8")
    (tmp_path / "area.css").write_text("@layer components { .a { margin: 0 } }", encoding="utf-8")
    (tmp_path / "print.css").write_text("body { margin: 0 }", encoding="utf-8")
    (tmp_path / "house.js").write_text('import "./part.js";', encoding="utf-8")
    (tmp_path / "part.js").write_text("", encoding="utf-8")
    return tmp_path


def build(static: Path, **files: bytes) -> None:
    """Put a build of the folder's files beside them."""
    dist = static / "dist"
    dist.mkdir()
    digest = hashlib.sha256()
    for file in sorted(file for file in static.iterdir() if file.is_file()):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    told = {}
    for name, content in files.items():
        file_name = name.replace("_", ".")
        (dist / f"{name}.x").write_bytes(content)
        (dist / f"{name}.x.gz").write_bytes(gzip.compress(content))
        told[file_name] = {"file": f"{name}.x", "digest": "d1", "codings": ["gz"]}
    (dist / "manifest.json").write_text(json.dumps({"sources": digest.hexdigest(), "files": told}), encoding="utf-8")


def test_without_a_build_sheets_are_joined_and_modules_find_each_other(static: Path) -> None:
    assets = Assets(static)
    assert assets.named("app.css").content.splitlines() == [
        b"@layer tokens, components;",
        b"@layer components { .a { margin: 0 } }",
    ], "the layers are declared first, and what is for printing stands alone"
    house, part = assets.url("house.js"), assets.url("part.js")
    assert house is not None
    assert house.replace("house.js", "part.js") == part, "an import stands beside the module that asks for it"
    assert assets.url("htmx.js") is None
    assert assets.notices == ""
    with pytest.raises(KeyError):
        assets.url("hosue.js")


def test_a_build_is_used_while_it_is_of_these_sources(static: Path) -> None:
    build(static, app_css=b"built", htmx_js=b"of others")
    assert Assets(static).named("app.css").content == b"built"
    (static / "area.css").write_text("/* changed */", encoding="utf-8")
    changed = Assets(static)
    assert changed.named("app.css").content.endswith(b"/* changed */")
    assert changed.named("htmx.js").content == b"of others", "what others wrote does not depend on our files"


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate, br", "gzip"), ("gzip;q=0", None), ("", None), ("zstd", None)]
)
def test_a_browser_gets_what_it_can_unpack(static: Path, accepted: str, coding: str | None) -> None:
    build(static, app_css=b"built")
    content, found = Assets(static).named("app.css").best(accepted)
    assert found == coding
    assert (gzip.decompress(content) if coding else content) == b"built"


async def test_scripts_come_with_their_type_and_nothing_else() -> None:
    async with web_client.open_client() as client:
        answer = await client.get(str(client.frame.site.assets.url("house.js")))
    assert answer.headers["content-type"].partition(";")[0] == "text/javascript"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_htmx_sends_with_each_request_is_the_token_of_the_page() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        page = await client.get("/c/acme/things", headers=HTML)
        told = re.search(r'<body hx-headers:inherited="([^"]+)"', page.text)
        assert told is not None
        asked = {**HTML, "hx-request": "true"}
        form = {"name": "tea", "quantity": "1"}
        assert (await client.post("/c/acme/things", data=form, headers=asked)).status_code == 403
        token = json.loads(html.unescape(told[1]))
        assert (await client.post("/c/acme/things", data=form, headers={**asked, **token})).status_code != 403
