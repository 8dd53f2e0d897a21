"""Known failure: a key, a password or a card number that came in goes out again, into a log or an error."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import structlog

from jiedan.base import log
from jiedan.base.db import Database
from jiedan.base.ratelimit import TokenBuckets
from jiedan.base.web import gate
from tests.accounts import factories
from tests.api import operations, worlds
from tests.api.operations import Operation
from tests.api.worlds import World
from tests.base import things, web_client
from tests.security import crossing

CANARY = "canary7f3kq9"
FORGED = "forged7f3kq9"
"""A secret that is none; what is typed as a text may well be shown again."""

CARD = "4111111111111111"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Return what is logged, at the level that says the most."""
    stream = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    log.configure(level="debug", style="json", stream=stream)
    yield stream
    logging.getLogger().handlers[:] = before[0]
    logging.getLogger().setLevel(before[1])
    structlog.reset_defaults()


async def test_no_credential_and_no_password_is_logged_or_told(db: Database, tmp_path: Any, lines: io.StringIO) -> None:
    answers = []
    async with worlds.open_api(db, tmp_path) as client:
        world = await worlds.build(client, db)
        secret = world.credential.split("_", 2)[2]
        fields = {"merchant": world.at.slug, "email": world.at.owner_email}
        answers.append(await client.submit("/sign-in", {**fields, "password": CANARY}))
        answers.append(await client.submit("/sign-in", {**fields, "password": factories.PASSWORD}))
        answers.append(await client.get("/api/v1/me", headers={"authorization": f"Bearer jd_{CANARY}_{CANARY}"}))
        answers.append(await client.get("/api/v1/me", headers={"authorization": f"Basic {CANARY}"}))
        answers.append(await client.get("/api/v1/me", headers={"cookie": f"jd_session={CANARY}"}))
        answers.append(await client.get(f"/c/{world.at.slug}/join", params={"token": CANARY}))
        token = {"provider": "sandbox", "token": f"tok_{CANARY}"}
        pay = f"/api/v1/orders/{world.ids['order_id']}/payments"
        answers.append(await client.post(pay, json=token, headers=world.headers))
        keep = {"secrets": {"api_key": CANARY}, "settings": {}}
        answers.append(await client.put("/api/v1/payment-providers/sandbox", json=keep, headers=world.headers))
        answers.append(
            await client.post("/api/v1/orders", content=b'{"note": "' + CARD.encode(), headers=world.headers)
        )
        for _, path in (("GET", "/api/v1/me"), ("GET", "/api/v1/orders")):
            answers.append(await client.get(path, headers={**world.headers, "x-api-key": CANARY}))
    written = lines.getvalue()
    for text in (CANARY, secret, world.session.rpartition(".")[2], factories.PASSWORD, CARD, world.at.owner_email):
        assert text not in written, next(line for line in written.splitlines() if text in line)[:400]
    for answer in answers:
        assert CANARY not in answer.text, answer.text[:400]
        assert secret not in answer.text


LAST = re.compile(r"sign-out|/(?:end|ending|removal|remove|revoke|erasure|password|email|second-step)$|sessions")
"""What may end the credentials that the walk goes by."""

FORM = {
    **dict.fromkeys(("password", "present", "repeated", "present_password"), CANARY),
    **dict.fromkeys(("token", "ticket", "code", "secret"), CANARY),
    **dict.fromkeys(("text", "reason", "name", "note", "key", "number", "contact", "gift_card", "answer"), CANARY),
    "email": f"{CANARY}@example.com",
    "phone": CARD,
}


def bodies(operation: Operation | None, known: Any) -> Iterator[dict[str, Any]]:
    """Yield what a call or a form is sent with: broken off, and with the canary in every text."""
    if operation is None:
        yield {"data": FORM}
        return
    json_type = {"content-type": "application/json"}
    yield {"content": b'{"password": "%s", "note": "%s' % (CANARY.encode(), CARD.encode()), "headers": json_type}
    if operation.schema is not None:
        yield {"content": json.dumps(_with_canary(known(operation.example))).encode(), "headers": json_type}


def _with_canary(value: Any, name: str = "") -> Any:
    """Return an example with the canary in every text but ids and dates."""
    if isinstance(value, dict):
        return {key: _with_canary(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_canary(inner, name) for inner in value]
    is_text = isinstance(value, str) and not re.match(r"[0-9a-f]{8}-|[0-9]{4}-[0-9]{2}", value)
    return CANARY if is_text and name not in {"sku", "kind", "currency", "location"} else value


async def test_no_route_logs_what_it_is_told_or_tells_what_it_is_asked_with(
    db: Database, tmp_path: Any, lines: io.StringIO
) -> None:
    found: list[str] = []
    count = 0
    async with worlds.open_api(db, tmp_path) as client:
        world = await worlds.build(client, db)
        limits = client.frame.site.limits
        limits.visitors = limits.failures = limits.checkouts = TokenBuckets(rate_per_s=10**6, burst=10**6)
        sessions = [x.rpartition(".")[2] for x in (world.session, world.shopper)]
        secrets = [world.credential.split("_", 2)[2], *sessions]
        told = {(o.method.upper(), o.path): o for o in await operations.all_operations(client)}
        walked = sorted(crossing.routes(client), key=lambda route: (route[0] == "DELETE", bool(LAST.search(route[1]))))
        for method, path, handler in walked:
            if path in crossing.STREAMS or "{path" in path or handler.opt.get(gate.UNLIMITED):
                continue  # what never ends, and what is the same for everybody
            for answer, hidden in await _asked(client, world, (method, path), told.get((method, path))):
                count += 1
                found += [f"{method} {path} answers {text}" for text in (*secrets, *hidden) if text in answer.text]
                found += [f"{method} {path} fails"] if answer.status_code == 500 else []
    written = lines.getvalue()
    kept = (CANARY, FORGED, CARD, *secrets, world.ids["ticket"], factories.PASSWORD, world.at.owner_email)
    found += [next(line for line in written.splitlines() if text in line)[:400] for text in kept if text in written]
    assert not found, "\n".join(found)
    assert count > 500
    assert len(written.splitlines()) > 500


async def _asked(
    client: web_client.Client, world: World, route: tuple[str, str], operation: Operation | None
) -> list[tuple[httpx2.Response, tuple[str, ...]]]:
    """Come to a route with credentials that are none, then with right ones and much to tell.

    Return the answers, each with what it may not repeat.
    """
    method, path = route
    address = world.address(path)
    wrong = {"cookie": f"jd_session={world.at.tenant}.{FORGED}; jd_customer_{world.at.slug}={world.at.tenant}.{FORGED}"}
    bearer = {"authorization": f"Bearer jd_{world.at.tenant.hex}_{FORGED}"}
    answers: list[tuple[httpx2.Response, tuple[str, ...]]] = []
    for headers in (wrong, bearer):
        answer = await client.request(method, address, headers={**headers, "accept": "text/html"})
        answers.append((answer, (FORGED,)))
    right = {**world.session_headers, "x-csrf-token": world.form_token(client)}
    if path.startswith("/api/"):
        right = world.headers
    if path.startswith("/s/"):
        right = crossing.shop_headers(client, world.shopper)
    for sent in bodies(operation if path.startswith("/api/") else None, world.known) if method != "GET" else ({},):
        headers = {**right, "x-api-key": FORGED, **sent.pop("headers", {})}
        query = {"token": CANARY, "ticket": CANARY} if method == "GET" and not path.startswith("/api/") else {}
        answers.append((await client.request(method, address, params=query, headers=headers, **sent), (FORGED,)))
    client.cookies.clear()
    return answers


async def test_a_bug_tells_nobody_what_was_sent(lines: io.StringIO) -> None:
    caller = web_client.principal(permissions=[things.READ])
    async with web_client.open_client(routers=things.ROUTERS, principal=caller) as client:
        client.headers["authorization"] = f"Bearer jd_{web_client.TENANT.hex}_secret"
        answer = await client.get(
            "/api/v1/refusals/bug",
            headers={"x-api-key": CANARY, "cookie": f"a={CANARY}", "referer": f"http://{CANARY}"},
        )
    assert answer.status_code == 500, answer.text
    assert set(answer.json()) == {"type", "title", "status", "code", "detail", "request_id"}
    assert "Traceback" not in answer.text
    bugs = [json.loads(line) for line in lines.getvalue().splitlines() if '"bug"' in line]
    assert len(bugs) == 1
    assert CANARY not in lines.getvalue()


async def test_what_a_database_says_about_a_row_is_told_to_nobody(
    db: Database, tmp_path: Any, lines: io.StringIO
) -> None:
    async with worlds.open_api(db, tmp_path) as client:
        world = await worlds.build(client, db)
        person = {"name": CANARY, "email": f"{CANARY}@example.com", "external_id": "E-1"}
        for _ in range(2):
            answer = await client.post("/api/v1/customers", json=person, headers=world.headers)
        refused = await client.post("/api/v1/customers", json={**person, "email": "x"}, headers=world.headers)
    assert {answer.status_code, refused.status_code} <= {200, 201, 409, 422}
    assert "pg_" not in answer.text
    assert f"{CANARY}@example.com" not in lines.getvalue()
