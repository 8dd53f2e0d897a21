"""Known failure: another site's page posts a form to ours, and the browser sends the session along."""

from typing import Any

import psycopg

from jiedan.base.db import Database
from jiedan.base.web import gate
from tests.api import stored, worlds
from tests.base import web_client
from tests.security import crossing

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORM = "application/x-www-form-urlencoded"


async def test_no_change_by_cookie_goes_without_the_token_of_the_page(
    db: Database, owner: psycopg.Connection[Any], tmp_path: Any
) -> None:
    found: list[str] = []
    count = 0
    async with worlds.open_api(db, tmp_path) as client:
        world, other = await worlds.build(client, db), await worlds.build(client, db)
        of_another = client.frame.site.csrf.token(other.session)
        before = stored.everything(owner, world.at.tenant)
        for method, path, handler in crossing.routes(client):
            if method not in CHANGES or handler.opt.get(gate.INCOMING):
                continue
            for token in ("", "0" * 64, of_another):
                headers = {**world.session_headers, "content-type": FORM, "origin": "https://evil.example"}
                headers |= {"x-csrf-token": token} if token else {}
                count += 1
                answer = await client.request(method, _address(world, path), headers=headers, content=b"reason=x")
                code = answer.status_code
                if code not in ({403, 415} if path.startswith("/api/") else {403}):
                    found.append(f"{method} {path} with {token[:4] or 'no token'}: {code}")
        assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []
    assert not found, "\n".join(found)
    assert count > 200


def _address(world: worlds.World, path: str) -> str:
    return world.address(path) if "{" in path else path


async def test_a_body_in_json_by_cookie_needs_the_token_too(db: Database, tmp_path: Any) -> None:
    found: list[str] = []
    async with worlds.open_api(db, tmp_path) as client:
        world = await worlds.build(client, db)
        for method, path, handler in crossing.routes(client):
            if method in CHANGES and path.startswith("/api/") and not handler.opt.get("public"):
                headers = {"cookie": world.session_headers["cookie"], "content-type": "application/json"}
                answer = await client.request(method, world.address(path), headers=headers, content=b"{}")
                code = answer.json().get("code")
                found += [] if code == "csrf_token_missing" else [f"{method} {path}: {answer.status_code} {code}"]
    assert not found, "\n".join(found)


async def test_the_session_cookie_is_not_sent_with_what_other_sites_post(db: Database, tmp_path: Any) -> None:
    async with worlds.open_api(db, tmp_path) as client:
        answer: Any = await client.get("/sign-in", headers={"accept": "text/html"})
    assert all("SameSite=Lax" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert isinstance(client, web_client.Client)
