"""The sign-in page says what stands in the way of signing in, and how to serve https."""

import pytest

from jiedan.accounts import pages
from tests.base import web_client

HTML = {"accept": "text/html"}
UNENCRYPTED, NOT_KEPT = "This connection is not encrypted", "will not keep the cookie"


@pytest.mark.parametrize(
    ("host", "headers", "public_url", "said"),
    [
        ("localhost:8000", {}, None, None),
        ("127.0.0.1", {}, None, None),
        ("[::1]:8000", {}, None, None),
        ("shop.localhost", {}, None, None),
        ("192.168.1.7:8000", {}, None, UNENCRYPTED),
        ("desk.local", {}, None, UNENCRYPTED),
        ("localhost.example", {}, None, UNENCRYPTED),
        ("192.168.1.7:8000", {"x-forwarded-proto": "https"}, None, None),
        ("oms.example", {}, "https://oms.example", NOT_KEPT),
        ("oms.example", {"x-forwarded-proto": "http"}, "https://oms.example", NOT_KEPT),
        ("oms.example", {"x-forwarded-proto": "https"}, "https://oms.example", None),
        ("oms.example", {"x-forwarded-for": "203.0.113.9"}, "https://oms.example", None),
    ],
)
async def test_the_sign_in_says_why_it_will_not_work_well(
    host: str, headers: dict[str, str], public_url: str | None, said: str | None
) -> None:
    async with web_client.open_client(routers=[pages.ENTRANCE], public_url=public_url) as client:
        page = (await client.get("/sign-in?next=/c/acme/", headers={**HTML, "host": host, **headers})).text
    assert [text for text in (UNENCRYPTED, NOT_KEPT) if text in page] == ([said] if said else [])
    assert ("jiedan serve --tls" in page) is bool(said)
