import json
import re
from typing import Any

import httpx2
import psycopg
import pytest
import sqlalchemy as sa

from jiedan.base import db, errors
from jiedan.base.web import bodies, problems
from tests.base import things, web_client

CALLER = web_client.principal(permissions={things.READ, things.WRITE})


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("not_found", 404, "not_found"),
        ("conflict", 409, "sold_out"),
        ("forbidden", 403, "forbidden"),
        ("invalid", 422, "invalid"),
        ("unavailable", 503, "unavailable"),
        ("rejected", 422, "rejected"),
    ],
)
async def test_a_refusal_becomes_a_problem(name: str, status: int, code: str) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.get(f"/api/v1/refusals/{name}")
    problem = response.json()
    assert response.headers["content-type"] == problems.MEDIA_TYPE
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:jiedan:problem:{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["x-request-id"]


async def test_a_problem_carries_field_and_facts() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        problem = (await client.get("/api/v1/refusals/conflict")).json()
        several = (await client.get("/api/v1/refusals/rejected")).json()
        later = await client.get("/api/v1/refusals/unavailable")
    assert problem["field"] == "lines[0].quantity"
    assert problem["data"] == {"available": 2}
    assert problem["detail"] == "Only 2 are left. Take fewer."
    assert [(r["code"], r["field"], r["data"]) for r in several["errors"]] == [
        ("sold_out", "lines[0].quantity", {"available": 2}),
        ("sold_out", "lines[1].quantity", {"available": 0}),
    ]
    assert later.headers["retry-after"] == "7"


async def test_a_bug_says_nothing_but_where_it_was_logged() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.get("/api/v1/refusals/bug")
    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert "other eyes" not in response.text
    assert response.headers["x-request-id"] in response.json()["detail"]


async def test_a_database_that_does_not_answer_is_503() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.get("/api/v1/database")
    assert response.status_code == 503
    assert response.json()["code"] == db.DatabaseUnavailable.code
    assert response.headers["retry-after"] == "1"


async def test_an_unknown_address_and_method_are_told_apart() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        missing = await client.get("/api/v1/nowhere")
        wrong = await client.delete("/api/v1/things")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_path")
    assert "field" not in missing.json()
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, OPTIONS, POST"


async def test_an_id_of_the_path_is_named_where_it_is_none() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        malformed = await client.get("/api/v1/things/1042")
    told = malformed.json()
    assert (malformed.status_code, told["code"], told["field"]) == (404, "id_malformed", "thing_id")
    assert told["data"] == {"given": "1042"}


@pytest.mark.parametrize(
    ("content", "status", "code", "field"),
    [
        (b'{"lines":[{"sku":"a","quantity":"x"}]}', 422, "wrong_type", "lines[0].quantity"),
        (b'{"lines":[],"colour":1}', 422, "unknown_field", "colour"),
        (b'{"lines":', 400, "malformed_json", None),
        (b"", 422, "body_missing", None),
        (b'{"lines":[],"note":"\\u0000"}', 422, "character_refused", "note"),
        (b'{"lines":[{"sku":"a","quantity":99999999999999999999}]}', 422, "integer_too_large", "lines[0].quantity"),
    ],
)
async def test_a_body_that_does_not_fit(content: bytes, status: int, code: str, field: str | None) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.post("/api/v1/things", content=content)
    problem = response.json()
    assert (response.status_code, problem["code"], problem.get("field")) == (status, code, field)


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_the_limit_is_413(*, announced: bool) -> None:
    content = json.dumps({"lines": [], "note": "x" * 5_000}).encode()

    async def pieces() -> Any:
        yield content

    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, body_bytes_max=1024) as client:
        response = await client.post("/api/v1/things", content=content if announced else pieces())
    assert response.status_code == 413
    assert response.json()["data"] == {"bytes_max": 1024}


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("limit=0", "out_of_bounds", "limit"),
        ("limit=201", "out_of_bounds", "limit"),
        ("limit=many", "wrong_type", "limit"),
        ("weight_g=0", "out_of_bounds", "weight_g"),
        ("cursor=made-up", "bad_cursor", "cursor"),
        ("cursor=%FF", "wrong_value", "cursor"),
        ("cursor=%ED%A0%80", "wrong_value", "cursor"),
        ("cursor=%ef%bf%bd", "bad_cursor", "cursor"),
    ],
)
async def test_a_parameter_that_does_not_fit_is_named(query: str, code: str, field: str) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.get(f"/api/v1/things?{query}")
    assert (response.status_code, response.json()["code"], response.json()["field"]) == (422, code, field)


async def test_a_path_that_is_no_id_is_not_found() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        assert (await client.get("/api/v1/things/seven")).status_code == 404


@pytest.mark.parametrize(("key", "status"), [("k" * 255, 201), ("k" * 256, 422), ("é", 422)])
async def test_an_idempotency_key_is_printable_and_bounded(key: str, status: int) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        headers = httpx2.Headers([(b"idempotency-key", key.encode("latin-1"))])
        response = await client.post("/api/v1/things", json={"lines": []}, headers=headers)
    assert response.status_code == status
    if status == 422:
        assert response.json()["field"] == "Idempotency-Key"


@pytest.mark.parametrize(("header", "version"), [('"3"', 3), ('W/"3"', 3), ("3", 3), ("*", None), ("", None)])
async def test_if_match_brings_a_version(header: str, version: int | None) -> None:
    address = "/api/v1/things/0193a000-0000-7000-8000-000000000001"
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.get(address, headers={"if-match": header})
        refused = await client.get(address, headers={"if-match": '"three"'})
    assert response.json()["if_match"] == version
    assert response.headers["etag"] == '"3"'
    assert (refused.status_code, refused.json()["field"]) == (422, "If-Match")


async def test_a_create_answers_with_place_and_version() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.post("/api/v1/things", json={"lines": []}, headers={"idempotency-key": "k1"})
    assert response.status_code == 201
    assert response.headers["location"] == "/api/v1/things/1"
    assert response.headers["etag"] == '"1"'
    assert response.json() == {"lines": 0, "key": "k1", "actor": CALLER.actor.id}


async def test_a_list_links_its_neighbors() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        response = await client.get("/api/v1/pages?kind=a%20b")
        links = response.links
        assert links.keys() == {"next", "prev"}
        for rel, name in (("next", "next"), ("prev", "previous")):
            assert links[rel]["url"].startswith("/api/v1/pages?kind=a+b&cursor=")
            assert links[rel]["url"].endswith(str(response.json()[name]))
            followed = await client.get(links[rel]["url"])
            assert followed.json()["items"] == [2, 3]
        other = await client.get(f"/api/v1/pages?kind=c&cursor={response.json()['next']}")
    assert (other.status_code, other.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (psycopg.errors.LockNotAvailable(), errors.Unavailable),
        (psycopg.errors.QueryCanceled(), errors.Unavailable),
        (psycopg.errors.DiskFull(), db.DatabaseUnavailable),
        (psycopg.errors.TooManyConnections(), db.DatabaseUnavailable),
        (psycopg.errors.ReadOnlySqlTransaction(), db.DatabaseUnavailable),
        (psycopg.errors.AdminShutdown(), db.DatabaseUnavailable),
        (psycopg.errors.DeadlockDetected(), errors.Overtaken),
        (psycopg.OperationalError("connection refused"), db.DatabaseUnavailable),
        (sa.exc.TimeoutError(), db.DatabaseUnavailable),
        (sa.exc.DBAPIError("SELECT 1", None, psycopg.errors.DiskFull()), db.DatabaseUnavailable),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.InvalidTextRepresentation(), None),
        (KeyError("x"), None),
    ],
)
def test_what_the_database_says_is_a_bug_unless_it_passes(
    error: Exception, refusal: type[errors.Refusal] | None
) -> None:
    asked = problems.Asked(method="GET", allowed="", body_bytes_max=1, aliases={})
    found = problems.refusal_of(error, asked)
    assert (type(found) if found else None) is refusal


async def test_a_request_keeps_the_id_it_came_with_if_that_is_one() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        kept = await client.get("/api/v1/things", headers={"x-request-id": "trace-1.2_3"})
        made = await client.get("/api/v1/things", headers={"x-request-id": "no spaces; please"})
    assert kept.headers["x-request-id"] == "trace-1.2_3"
    assert re.fullmatch("[0-9a-f]{32}", made.headers["x-request-id"])


async def test_every_answer_carries_the_security_headers() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        for address in ("/api/v1/things", "/api/v1/nowhere", "/c/acme/things", "/livez", "/api/docs"):
            headers = (await client.get(address, headers={"accept": "text/html"})).headers
            policy = headers["content-security-policy"]
            assert "'unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert "default-src 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert "strict-transport-security" not in headers
            assert headers["cache-control"] == "no-store"


async def test_on_https_cookies_are_bound_to_the_host() -> None:
    async with web_client.open_client(routers=things.ROUTERS, public_url="https://oms.example") as client:
        response = await client.get("/api/docs", headers={"accept": "text/html"})
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-jd_visitor=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert response.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "network"),
    [
        ((), "203.0.113.9", "127.0.0.1"),
        (("127.0.0.0/8",), "203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8",), "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8", "203.0.113.0/24"), "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (("127.0.0.0/8",), "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (("127.0.0.0/8",), "", "127.0.0.1"),
    ],
)
async def test_the_callers_network(trusted: tuple[str, ...], forwarded: str, network: str) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, trusted_proxies=trusted) as client:
        response = await client.get("/api/v1/names/x", headers={"x-forwarded-for": forwarded})
    assert response.json()["network"] == network


def test_every_kind_of_refusal_has_a_status_and_a_title() -> None:
    kinds = [errors.Refusal]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    for kind in kinds:
        status = problems.status_of(kind.__new__(kind))
        assert problems.title(status, "en") != problems.title(500, "en"), kind


def test_the_frames_limits_are_those_of_money_and_pages() -> None:
    assert bodies.AMOUNT_MINOR_MAX == 10**15
    assert bodies.PAGE_LIMIT_MAX == 200
