"""Known failure: a link to our sign-in that ends at somebody else's."""

import pytest

from jiedan.base.db import Database
from tests.accounts import factories

TARGETS = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/c/{slug}/..//evil.example",
    "/c/{slug}/../../..//evil.example/",
    "/c/{slug}/%2e%2e/%2e%2e//evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/c/{slug}/\r\nLocation: https://evil.example/",
    "/c/{slug}@evil.example/",
    "/c/other/settings",
    "https:evil.example",
    "/c/{slug}/account?next=//evil.example",
)


@pytest.mark.parametrize("target", TARGETS)
async def test_nobody_is_sent_elsewhere_after_signing_in(db: Database, target: str) -> None:
    at = await factories.opened(db)
    fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
    async with factories.application(db) as client:
        entered = await client.submit("/sign-in", {**fields, "next": target.format(slug=at.slug)})
        assert entered.status_code in {303, 401, 422}
        location = entered.headers.get("location", "/")
        resolved = client.base_url.join(location)
    assert resolved.host == "localhost"
    assert resolved.path == "/" or resolved.path.startswith(f"/c/{at.slug}/"), location
    assert entered.headers.get_list("location") in ([location], [])


@pytest.mark.parametrize("target", TARGETS)
async def test_the_page_of_the_sign_in_leads_nowhere_else(db: Database, target: str) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        shown = await client.get(
            "/sign-in", params={"next": target.format(slug=at.slug)}, headers={"accept": "text/html"}
        )
        back = {"value": "dark", "back": target.format(slug=at.slug)}
        chosen = await client.submit("/preferences/theme", back, page="/sign-in")
    assert "javascript:" not in shown.text
    assert 'href="//' not in shown.text
    assert 'href="https://evil' not in shown.text
    assert chosen.status_code == 303, chosen.text
    assert "dark" in chosen.headers["set-cookie"]
    assert client.base_url.join(chosen.headers["location"]).host == "localhost"
