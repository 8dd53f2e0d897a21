"""Every route, for who may not use it: nobody signed in, and somebody who lacks the permission it asks for."""

import json
from pathlib import Path

import httpx2
import psycopg
import pytest

from jiedan.accounts import values as accounts
from jiedan.base.db import Database
from jiedan.base.web import gate, problems
from tests import enumerations
from tests.accounts import factories
from tests.api import stored, worlds
from tests.api.operations import JSON
from tests.base import web_client
from tests.security import crossing

NEEDS_MORE = frozenset(
    {
        "/c/{slug}/imports/{import_id}",
        *("/c/{slug}/imports/{import_id}/errors.csv", "/c/{slug}/imports/{import_id}/refused.csv"),
    }
)
"""Pages of a thing that itself needs a permission beyond the route's; the API's answers say which."""

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def is_page(path: str) -> bool:
    return not path.startswith("/api/")


def guarded(client: web_client.Client) -> list[tuple[str, str, str]]:
    """Return method, path and permission of every route that asks for one."""
    asked = [(method, path, handler.opt.get(gate.PERMISSION)) for method, path, handler in crossing.routes(client)]
    return [(method, path, permission) for method, path, permission in asked if permission]


async def test_nobody_gets_in_without_signing_in(
    db: Database, owner: psycopg.Connection[object], tmp_path: Path
) -> None:
    found: list[str] = []
    async with worlds.open_api(db, tmp_path, trusted_proxies=("127.0.0.1",)) as client:
        world = await worlds.build(client, db)
        before = stored.everything(owner, world.at.tenant)
        for number, (method, path, _) in enumerate(guarded(client)):
            headers = {"accept": "text/html"} if is_page(path) else {"content-type": JSON}
            headers["x-forwarded-for"] = f"203.0.113.{number % 250}"  # each from a network of its own: none is slowed
            answer = await client.request(method, world.address(path), headers=headers)
            found += [f"{method} {path}: {fault}" for fault in _faults_of_a_stranger(method, path, answer)]
            found += [f"{method} {path} shows {leak}" for leak in crossing.leaks(answer, world)]
    assert not found, "\n".join(found)
    assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []


def _faults_of_a_stranger(method: str, path: str, answer: httpx2.Response) -> list[str]:
    if not is_page(path):
        fine = answer.status_code == 401 and answer.headers["content-type"] == problems.MEDIA_TYPE
        fine = fine and "www-authenticate" in answer.headers
    elif method == "GET":
        fine = answer.status_code == 303 and "/sign-in?next=" in answer.headers["location"]
    else:
        fine = answer.status_code in {401, 403}
    return [] if fine else [f"{answer.status_code} {answer.text[:200]}"]


async def test_a_permission_is_asked_for_before_anything_else(
    db: Database, owner: psycopg.Connection[object], tmp_path: Path
) -> None:
    found: list[str] = []
    async with worlds.open_api(db, tmp_path) as client:
        world = await worlds.build(client, db)
        routes = [route for route in guarded(client) if route[2] != accounts.SELF and not is_page(route[1])]
        keys = {
            permission: (await factories.api_key(db, world.at, *sorted(accounts.ALL_PERMISSIONS - {permission})))
            for permission in {permission for _, _, permission in routes}
        }
        before = stored.everything(owner, world.at.tenant)
        for method, path, permission in routes:
            headers = {"authorization": f"Bearer {keys[permission].credential}", "content-type": JSON}
            for body in (b"", b"{", json.dumps({"unexpected": 1}).encode()):
                answer = await client.request(method, world.address(path), headers=headers, content=body)
                problem = answer.json()
                if answer.status_code != 403 or problem["data"] != {"permission": permission}:
                    found.append(f"{method} {path} without {permission}: {answer.status_code} {answer.text[:200]}")
                found += [f"{method} {path} shows {leak}" for leak in crossing.leaks(answer, world)]
    assert not found, "\n".join(found)
    assert len(routes) > 80
    changed = stored.changes(before, stored.everything(owner, world.at.tenant))
    assert [table for table in changed if not table.startswith("api_key:")] == []  # when each key was last used


@pytest.mark.proof
async def test_each_role_gets_exactly_what_it_is_given(db: Database, tmp_path: Path) -> None:
    found: list[str] = []
    async with worlds.open_api(db, tmp_path) as client:
        world = await worlds.build(client, db)
        for role in enumerations.cases("roles", sorted(accounts.ROLES.keys() - {accounts.OWNER}), slices=3):
            email = f"one-of-{role}@{world.at.slug}.example"
            await factories.person(db, world.at, role, email=email)
            client.cookies.clear()
            await factories.enter(client, world.at, email)
            found += [f"{role}: {fault}" for fault in await _faults_of_role(client, world, role)]
    assert not found, "\n".join(found)


async def _faults_of_role(client: web_client.Client, world: worlds.World, role: str) -> list[str]:
    """Go everywhere as a person of the role, but change nothing: forbidden is exactly what the role does not have."""
    granted = accounts.ROLES[role].permissions | {accounts.SELF}
    found: list[str] = []
    for method, path, permission in guarded(client):
        if path in crossing.STREAMS or (method in CHANGES and permission in granted):
            continue
        headers = {"accept": "text/html"} if is_page(path) else {}
        if method in CHANGES:
            headers["x-csrf-token"] = client.frame.site.csrf.token(client.cookies["jd_session"])
        answer = await client.request(method, world.address(path), headers=headers)
        if path in NEEDS_MORE and answer.status_code == 403:
            continue
        if (answer.status_code == 403) is (permission in granted) and not _lacks_another(answer, granted):
            found.append(f"{method} {path} with {permission}: {answer.status_code} {answer.text[:200]}")
    return found


def _lacks_another(answer: httpx2.Response, granted: frozenset[str]) -> bool:
    """Tell whether the thing itself needs a permission beyond the route's, as an import of orders does."""
    is_problem = answer.headers["content-type"] == problems.MEDIA_TYPE
    return is_problem and answer.json().get("data", {}).get("permission", accounts.SELF) not in granted


async def test_below_a_shop_everybody_is_a_visitor_or_customer_and_nowhere_else(db: Database, tmp_path: Path) -> None:
    """Staff who are signed in are visitors there. What is one customer's own is walked in test_customers.py."""
    async with worlds.open_api(db, tmp_path) as client:
        found = {(path.startswith("/s/"), bool(h.opt.get(gate.STOREFRONT))) for _, path, h in crossing.routes(client)}
        shops = [h.opt for _, path, h in crossing.routes(client) if path.startswith("/s/")]
    assert found == {(True, True), (False, False)}
    assert not any(opt.get(gate.PERMISSION) for opt in shops)
    assert len(shops) > 40


async def test_another_merchant_s_console_does_not_exist(db: Database, tmp_path: Path) -> None:
    found: list[str] = []
    async with worlds.open_api(db, tmp_path) as client:
        ours = await worlds.build(client, db)
        theirs = await worlds.build(client, db)
        for method, path, _ in guarded(client):
            if not path.startswith("/c/"):
                continue
            headers = {**ours.session_headers, "x-csrf-token": ours.form_token(client)}
            answer = await client.request(method, theirs.address(path), headers=headers)
            if answer.status_code != 404 or crossing.leaks(answer, theirs):
                found.append(f"{method} {path}: {answer.status_code} {crossing.leaks(answer, theirs)}")
    assert not found, "\n".join(found)
