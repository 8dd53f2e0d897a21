"""REST of accounts: permissions, versions, scopes, and that other merchants' things do not exist."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from litestar import Router
from litestar.handlers import HTTPRouteHandler

from jiedan import wiring
from jiedan.accounts import api, pages, queries, service, values
from jiedan.accounts.values import ALL_PERMISSIONS, NewStaff
from jiedan.base.db import Database
from jiedan.base.web import application, document
from tests.accounts import factories
from tests.base import web_client

NOBODY = "0193a000-0000-7000-8000-00000000ffff"


def bearer(key: values.NewApiKey) -> dict[str, str]:
    return {"authorization": f"Bearer {key.credential}"}


def routes(*routers: Router) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield method, path and handler of every route."""
    for router in routers:
        for route in router.routes:
            for handler in getattr(route, "route_handlers", []):
                if isinstance(handler, HTTPRouteHandler):
                    for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                        yield method, route.path, handler


def address(path: str, slug: str, id_: object = NOBODY) -> str:
    """Fill a route's path."""
    parts = (
        str(id_) if part.endswith(":uuid}") else slug if part == "{slug:str}" else part for part in path.split("/")
    )
    return "/".join(parts)


def test_every_route_asks_for_a_permission_that_exists() -> None:
    asked = {handler.opt.get("permission") for _, _, handler in routes(api.ROUTER, pages.ROUTER, pages.ENTRANCE)}
    assert asked <= ALL_PERMISSIONS | {values.SELF, None}
    public = {(m, p) for m, p, h in routes(api.ROUTER, pages.ROUTER, pages.ENTRANCE) if h.opt.get("public")}
    assert public == {
        ("GET", "/"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/sign-in/code"),
        ("GET", "/sign-in/passkey/passkey.json"),
        ("POST", "/sign-in/passkey"),
        ("POST", "/sign-out"),
        ("GET", "/forgotten-password"),
        ("POST", "/forgotten-password"),
        ("GET", "/c/{slug:str}/sign-in"),
        ("GET", "/c/{slug:str}/join"),
        ("POST", "/c/{slug:str}/join"),
    }


def test_every_permission_of_the_application_can_be_granted() -> None:
    asked = {handler.opt.get("permission") for _, _, handler in routes(*wiring.ROUTERS, *application.BASE_ROUTERS)}
    assert asked <= ALL_PERMISSIONS | {values.SELF, None}


@pytest.mark.parametrize("role", list(values.ROLES))
async def test_a_role_opens_the_routes_of_its_permissions_and_no_other(db: Database, role: str) -> None:
    at = await factories.opened(db)
    held = values.ROLES[role].permissions
    caller = web_client.principal(permissions=held | {values.SELF}, tenant=at.tenant, slug=at.slug)
    async with web_client.open_client(
        routers=[api.ROUTER], principal=caller, database=db, parts=[factories.open_fast_passwords]
    ) as client:
        for method, path, handler in routes(api.ROUTER):
            answer = await client.request(method, address(path, at.slug))
            is_refused = answer.status_code == 403 and answer.json()["code"] == "permission_missing"
            assert is_refused is (handler.opt["permission"] not in caller.permissions), (method, path, answer.text)
            assert answer.status_code < 500


async def test_nobody_gets_in_without_a_credential(db: Database) -> None:
    async with factories.application(db) as client:
        for method, path, _ in routes(api.ROUTER):
            answer = await client.request(method, address(path, "acme"))
            assert answer.status_code == 401, (method, path)


async def test_another_merchants_things_do_not_exist(db: Database) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    sales = await factories.person(db, other, "sales", has_joined=False)
    theirs = await factories.api_key(db, other)
    mine = await factories.api_key(db, at)
    async with db.read(other.scope) as tx:
        role = (await queries.roles(tx))[-1]
    ids = {"staff_id": sales, "role_id": role.role_id, "api_key_id": theirs.api_key.api_key_id, "session_id": NOBODY}
    async with factories.application(db) as client:
        for method, path, _ in routes(api.ROUTER):
            name = path.partition("{")[2].partition(":")[0]
            if name:
                body: dict[str, Any] | None = {} if method == "PATCH" else None
                answer = await client.request(
                    method, address(path, at.slug, ids[name]), headers=bearer(mine), json=body
                )
                assert answer.status_code == 404, (method, path, answer.text)


async def test_the_reference_describes_every_operation(db: Database) -> None:
    async with factories.application(db) as client:
        drawn = (await client.get(document.DOCUMENT_PATH)).json()
    described = {(method.upper(), path) for path, item in drawn["paths"].items() for method in item}
    for method, path, handler in routes(api.ROUTER):
        assert (method, re.sub(r":\w+}", "}", path)) in described
        assert handler.summary
    change = drawn["paths"]["/api/v1/settings"]["patch"]
    assert change["x-permission"] == "settings:write"


async def test_settings_are_read_and_changed_with_a_version(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    async with factories.application(db) as client:
        read = await client.get("/api/v1/settings", headers=bearer(key))
        assert read.headers["etag"] == '"1"'
        assert read.json()["currencies"] == ["CNY", "USD"]
        headers = {**bearer(key), "if-match": read.headers["etag"]}
        changed = await client.patch("/api/v1/settings", headers=headers, json={"backorder": True, "locales": ["en"]})
        assert (changed.status_code, changed.json()["backorder"], changed.headers["etag"]) == (200, True, '"2"')
        stale = await client.patch("/api/v1/settings", headers=headers, json={"backorder": False})
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
        assert stale.json()["data"] == {
            "expected": 1, "current": 2, "changed_by": "Shop", "changed": "backorder, locales"
        }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"backorder": "yes"}, "backorder", "wrong_type"),
        ({"payment_terms": "later"}, "payment_terms", "wrong_value"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "time_zone_unknown"),
        ({"currencies": ["CNY", "XYZ"]}, "currencies[1]", "currency_unknown"),
        ({"expiry_minutes": 0}, "expiry_minutes", "expiry_out_of_range"),
        ({"order_number_pattern": "SO-{x}"}, "order_number_pattern", "number_pattern_invalid"),
    ],
)
async def test_a_wrong_setting_is_named(db: Database, body: dict[str, Any], field: str, code: str) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    async with factories.application(db) as client:
        answer = await client.patch("/api/v1/settings", headers=bearer(key), json=body)
    assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (422, field, code)


async def test_somebody_is_invited_and_comes_in(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    body = {"email": "li@example.com", "name": "Li Na", "role": "warehouse"}
    async with factories.application(db) as client:
        invited = await client.post("/api/v1/invitations", headers=bearer(key), json=body)
        assert invited.status_code == 201
        (waiting,) = (await client.get("/api/v1/invitations", headers=bearer(key))).json()
        assert (waiting["email"], waiting["role"]) == ("li@example.com", "warehouse")
        url = invited.json()["url"]
        assert url.startswith(f"http://localhost:8000/c/{at.slug}/join?token=")
        link = url.partition("token=")[2]
        path = f"/c/{at.slug}/join"
        joined = await client.submit(
            path,
            {"token": link, "password": factories.PASSWORD, "repeated": factories.PASSWORD},
            page=f"{path}?token={link}",
        )
        assert joined.status_code == 303
        assert (await client.get("/api/v1/invitations", headers=bearer(key))).json() == []
        people = (await client.get("/api/v1/staff", headers=bearer(key))).json()
    assert [(p["email"], p["has_joined"]) for p in people] == [(at.owner_email, True), ("li@example.com", True)]


async def test_an_invitation_beyond_ones_own_role_is_refused(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at, "staff:write", "staff:read")
    body = {"email": "li@example.com", "name": "Li Na", "role": "owner"}
    async with factories.application(db) as client:
        answer = await client.post("/api/v1/invitations", headers=bearer(key), json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_not_held")


async def test_a_role_is_added_changed_and_removed(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    body = {"code": "packer", "name": "Packer", "permissions": ["orders:read"]}
    async with factories.application(db) as client:
        added = await client.post("/api/v1/roles", headers=bearer(key), json=body)
        assert (added.status_code, added.headers["etag"]) == (201, '"1"')
        location = added.headers["location"]
        keyed = {**bearer(key), "idempotency-key": "r-1"}
        other = {**body, "code": "picker"}
        first, same = [await client.post("/api/v1/roles", headers=keyed, json=other) for _ in range(2)]
        assert (first.status_code, first.json()) == (201, same.json())
        again = await client.post("/api/v1/roles", headers=bearer(key), json=body)
        assert (again.status_code, again.json()["code"]) == (409, "role_code_taken")
        changed = await client.patch(
            location, headers={**bearer(key), "if-match": '"1"'}, json={"permissions": ["orders:read", "cases:read"]}
        )
        assert changed.json()["permissions"] == ["cases:read", "orders:read"]
        assert (await client.delete(location, headers=bearer(key))).status_code == 204
        assert (await client.get(location, headers=bearer(key))).status_code == 404
        listed = (await client.get("/api/v1/permissions", headers=bearer(key))).json()
    assert {entry["permission"] for entry in listed} == ALL_PERMISSIONS


async def test_an_api_key_is_shown_once_and_revoked(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    body = {"name": "Till", "permissions": ["orders:read", "settings:read"]}
    async with factories.application(db) as client:
        keyed = {**bearer(key), "idempotency-key": "k-1"}
        made = await client.post("/api/v1/api-keys", headers=keyed, json=body)
        again = await client.post("/api/v1/api-keys", headers=keyed, json=body)
        assert (again.status_code, again.json()["code"]) == (409, "secret_shown")
        assert again.json()["data"]["api_key"] == made.json()["api_key"]["api_key_id"]
        assert made.status_code == 201
        credential = made.json()["credential"]
        assert made.json()["api_key"]["created_by"] == str(at.owner_id)
        shown = await client.get(made.headers["location"], headers=bearer(key))
        assert credential not in shown.text
        assert credential.endswith(shown.json()["hint"])
        own = {"authorization": f"Bearer {credential}"}
        assert (await client.get("/api/v1/settings", headers=own)).status_code == 200
        assert (await client.get("/api/v1/staff", headers=own)).status_code == 403
        assert (await client.delete(made.headers["location"], headers=bearer(key))).status_code == 204
        assert (await client.get("/api/v1/settings", headers=own)).status_code == 401


async def test_the_caller_is_told_who_it_is(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at, "orders:read")
    async with factories.application(db) as client:
        me = (await client.get("/api/v1/me", headers=bearer(key))).json()
        assert me == {
            "tenant_id": str(at.tenant),
            "merchant": "Acme Tea",
            "slug": at.slug,
            "kind": "api_key",
            "id": str(key.api_key.api_key_id),
            "name": "Shop",
            "permissions": ["orders:read"],
        }
        assert (await client.get("/api/v1/me/sessions", headers=bearer(key))).json() == []
        await factories.enter(client, at)
        (session,) = (await client.get("/api/v1/me/sessions")).json()
        assert UUID(session["session_id"]).version == 7


async def test_a_deactivated_person_is_out_at_once(db: Database) -> None:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    key = await factories.api_key(db, at)
    async with factories.application(db) as client:
        await factories.enter(client, at, f"sales@{at.slug}.example")
        assert (await client.get("/api/v1/me")).json()["id"] == str(sales)
        answer = await client.patch(f"/api/v1/staff/{sales}", headers=bearer(key), json={"is_active": False})
        assert answer.status_code == 200
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_a_link_to_reset_a_password_is_made(db: Database) -> None:
    at = await factories.opened(db)
    sales = await factories.person(db, at, "sales")
    key = await factories.api_key(db, at)
    async with factories.application(db) as client:
        address, keyed = f"/api/v1/staff/{sales}/password-resets", {**bearer(key), "idempotency-key": "r-1"}
        answer = await client.post(address, headers=keyed)
        again = await client.post(address, headers=keyed)
        other = await client.post(address, headers=bearer(key))
    assert (answer.status_code, answer.json()["purpose"]) == (201, "password_reset")
    assert (again.status_code, again.json()["code"]) == (409, "link_shown")
    assert other.json()["url"] != answer.json()["url"]


async def test_a_repeated_request_does_not_end_the_link_of_an_invitation(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    body = {"email": "li@example.com", "name": "Li", "role": "sales"}
    async with factories.application(db) as client:
        keyed = {**bearer(key), "idempotency-key": "i-1"}
        refused = await client.post("/api/v1/invitations", headers=keyed, json={**body, "role": "nobody"})
        first = await client.post("/api/v1/invitations", headers=keyed, json=body)
        again = await client.post("/api/v1/invitations", headers=keyed, json=body)
        other = await client.post("/api/v1/invitations", headers=keyed, json={**body, "name": "Li Na"})
        page = await client.get(
            first.json()["url"].removeprefix("http://localhost:8000"), headers={"accept": "text/html"}
        )
    assert (refused.status_code, first.status_code, page.status_code) == (422, 201, 200)
    assert (again.status_code, again.json()["code"]) == (409, "link_shown")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_keys_that_are_good_are_listed_first(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    body = {"name": "Till", "permissions": ["orders:read"]}
    async with factories.application(db) as client:
        made = await client.post("/api/v1/api-keys", headers=bearer(key), json=body)
        await client.delete(made.headers["location"], headers=bearer(key))
        listed = (await client.get("/api/v1/api-keys", headers=bearer(key))).json()
    assert [row["revoked_at"] is None for row in listed] == [True, False]


async def test_who_may_read_may_read_on_a_full_disk(db: Database, owner: Any) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at, "settings:read")
    owner.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.tenant_id = '{at.tenant}' THEN RAISE disk_full; END IF; RETURN NEW; END $$"
    )
    owner.execute("CREATE TRIGGER full_disk BEFORE UPDATE ON api_key FOR EACH ROW EXECUTE FUNCTION full_disk()")
    try:
        async with factories.application(db) as client:
            answer = await client.get("/api/v1/settings", headers=bearer(key))
    finally:
        owner.execute("DROP TRIGGER full_disk ON api_key")
        owner.execute("DROP FUNCTION full_disk")
    assert answer.status_code == 200


async def test_inviting_again_by_the_api_replaces_the_link(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    async with db.begin(at.scope) as tx:
        first = await service.invite_staff(tx, staff=NewStaff("li@example.com", "Li"), held=ALL_PERMISSIONS)
    async with factories.application(db) as client:
        revoked = await client.delete(f"/api/v1/invitations/{first.staff_id}", headers=bearer(key))
        assert revoked.status_code == 204
        gone = await client.get(f"/c/{at.slug}/join?token={first.credential}", headers={"accept": "text/html"})
    assert gone.status_code == 404
