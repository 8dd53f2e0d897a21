"""Known failure: a header says who is calling, from where, for which host, and is believed."""

from typing import Any

import pytest

from jiedan.accounts import rules
from jiedan.base.db import Database
from tests.accounts import factories
from tests.api import worlds
from tests.base import web_client
from tests.security import crossing

CLAIMS = {
    "x-user": "owner",
    "x-user-id": "1",
    "x-remote-user": "owner",
    "remote-user": "owner",
    "x-authenticated-user": "owner",
    "x-tenant-id": "0193a000-0000-7000-8000-000000000001",
    "x-forwarded-user": "owner",
    "x-forwarded-for": "127.0.0.1",
    "x-real-ip": "127.0.0.1",
    "x-original-url": "/api/v1/me",
    "x-rewrite-url": "/api/v1/me",
    "x-http-method-override": "DELETE",
    "x-jiedan-permissions": "staff:write",
    "forwarded": "for=127.0.0.1;proto=https",
}


async def test_no_header_but_a_credential_lets_anybody_in(db: Database, tmp_path: Any) -> None:
    found: list[str] = []
    async with worlds.open_api(db, tmp_path, trusted_proxies=("127.0.0.1",)) as client:
        world = await worlds.build(client, db)
        claims = {**CLAIMS, "x-tenant-id": str(world.at.tenant), "x-user-id": str(world.at.owner_id)}
        guarded = [route for route in crossing.routes(client) if route[2].opt.get("permission")]
        for number, (method, path, _) in enumerate(guarded):
            headers = {**claims, "x-forwarded-for": f"203.0.113.{number % 250}", "accept": "application/json"}
            answer = await client.request(method, world.address(path), headers=headers)
            if answer.status_code not in {401, 303} and not (path.startswith("/c/") and answer.status_code == 403):
                found.append(f"{method} {path}: {answer.status_code}")
    assert not found, "\n".join(found)


async def test_who_signs_in_elsewhere_at_every_try_is_throttled_all_the_same(db: Database) -> None:
    at = await factories.opened(db)
    fields = {"merchant": at.slug, "email": at.owner_email, "password": "not this one"}
    statuses = []
    async with factories.application(db) as client:
        for number in range(rules.ATTEMPTS_PER_ACCOUNT_MAX + 1):
            client.headers["x-forwarded-for"] = f"198.51.100.{number}"
            statuses.append((await client.submit("/sign-in", fields)).status_code)
    assert statuses == [401] * rules.ATTEMPTS_PER_ACCOUNT_MAX + [429]


@pytest.mark.parametrize("forwarded", ["198.51.100.7", "127.0.0.1", "::1", "unknown", "a" * 5_000, "198.51.100.7, x"])
async def test_where_a_caller_comes_from_is_said_by_trusted_proxies_alone(db: Database, forwarded: str) -> None:
    async with factories.application(db) as client:
        scope = {"client": ("203.0.113.9", 1)}
        assert client.frame.site.networks.of(scope, forwarded) == "203.0.113.9"


@pytest.mark.parametrize("header", ["host", "x-forwarded-host"])
async def test_no_link_and_no_redirect_follows_the_host_that_was_named(db: Database, header: str) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        headers = {header: "evil.example", "accept": "text/html"}
        asked = [await client.get(path, headers=headers) for path in ("/", "/sign-in", f"/c/{at.slug}/account")]
        token = client.frame.site.csrf.token(client.cookies["jd_session"])
        invited = await client.post(
            "/api/v1/invitations",
            json={"email": "li@example.com", "name": "Li Na", "role": "sales"},
            headers={header: "evil.example", "x-csrf-token": token},
        )
    assert invited.status_code == 201, invited.text
    for answer in (*asked, invited):
        assert "evil.example" not in answer.text
        assert "evil.example" not in str(answer.headers)


async def test_no_claim_of_https_changes_which_cookie_is_believed(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db, public_url="https://shop.example") as client:
        fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
        client.headers["x-forwarded-proto"] = "http"
        shown = await client.get("https://shop.example/sign-in", headers={"accept": "text/html"})
        refused = await client.post("https://shop.example/sign-in", data=fields)
    assert all("Secure" in cookie for cookie in shown.headers.get_list("set-cookie"))
    assert refused.status_code == 403
    assert isinstance(client, web_client.Client)
