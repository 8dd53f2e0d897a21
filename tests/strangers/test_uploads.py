"""Known failure: a file is what its sender says that it is, under the name that its sender gives it."""

import io
from typing import Any

import psycopg
import pytest
from PIL import Image

from tests.api import stored, worlds
from tests.api.worlds import World
from tests.base import web_client

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def polyglot() -> bytes:
    """Return a picture with a page behind it."""
    return worlds.picture() + HTML


def too_many_pixels() -> bytes:
    drawn = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(drawn, "PNG")
    return drawn.getvalue()


NO_PICTURES = {
    "svg": SVG,
    "html": HTML,
    "text": b"hello",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "broken": worlds.picture()[:40],
    "head": b"\x89PNG\r\n\x1a\n",
    "pixels": too_many_pixels(),
    "zip": b"PK\x03\x04" + b"\0" * 40,
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES)
@pytest.mark.parametrize("said", ["image/png", "image/svg+xml", "text/html", "application/octet-stream"])
async def test_what_is_no_picture_is_refused_whatever_it_is_called(
    api: web_client.Client, world: World, owner: psycopg.Connection[Any], content: bytes, said: str
) -> None:
    before = stored.everything(owner, world.at.tenant)
    answer = await api.post(
        f"/api/v1/products/{world.ids['product_id']}/images",
        params={"alt_text": "../../etc/passwd"},
        content=content,
        headers={**world.headers, "content-type": said},
    )
    assert answer.status_code in {413, 415, 422}, answer.text
    assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []


async def test_a_picture_is_encoded_anew_and_never_answered_as_a_page(api: web_client.Client, world: World) -> None:
    address = f"/api/v1/products/{world.ids['product_id']}/images"
    headers = {**world.headers, "content-type": "text/html"}
    made = await api.post(address, content=polyglot(), headers=headers)
    assert made.status_code in {201, 422}, made.text
    image_id = made.json().get("image_id", world.ids["image_id"])
    shown = await api.get(f"/api/v1/images/{image_id}", headers=world.headers)
    assert b"<script" not in shown.content
    assert shown.headers["content-type"].startswith("image/")
    assert shown.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("content", [worlds.picture(), HTML, b"\x00\x01\x02", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 9])
async def test_what_is_no_table_is_refused_whatever_it_is_called(
    api: web_client.Client, world: World, content: bytes
) -> None:
    for name in ("a.csv", "a.xlsx", "../../a.csv", "a.csv.gz"):
        answer = await api.post(
            "/api/v1/imports",
            params={"kind": "orders", "file_name": name},
            content=content,
            headers={**world.headers, "content-type": "text/csv"},
        )
        assert answer.status_code in {201, 413, 415, 422}, answer.text
        assert answer.status_code == 422 or content == HTML
