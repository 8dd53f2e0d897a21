"""Known failure: the answer tells who has an account, or a number that follows another is an address to try."""

import json
import re
from uuid import UUID

import pytest

from jiedan.accounts import service
from jiedan.base.db import Database
from tests.accounts import factories
from tests.api import operations, worlds
from tests.api.operations import JSON
from tests.api.worlds import World
from tests.base import web_client
from tests.security import crossing

HTML = {"accept": "text/html"}
VARIES = re.compile(r'[0-9a-f]{32,}|value="[^"]*"')
"""Tokens of forms, ids of requests, and what one typed oneself."""

NEVER = "0193a000-0000-7000-8000-0000000000ff"
"""An id that nothing has."""


async def test_a_sign_in_answers_alike_whoever_was_tried(db: Database) -> None:
    at = await factories.opened(db)
    await factories.person(db, at, "sales", email=f"invited@{at.slug}.example", has_joined=False)
    tried = [at.owner_email, f"invited@{at.slug}.example", f"nobody@{at.slug}.example"]
    answers, hashes = [], []
    for email in tried:
        async with factories.application(db) as client:
            passwords = client.frame.runtime.parts[service.Passwords]
            fields = {"merchant": at.slug, "email": email, "password": "not this one"}
            answers.append(await client.submit("/sign-in", fields))
            hashes.append(passwords._hasher.verified)
    assert len({(answer.status_code, VARIES.sub("", answer.text)) for answer in answers}) == 1
    assert hashes == [1, 1, 1]


@pytest.mark.parametrize("token", ["x", "x" * 43, "", "%00", "a.b", "x" * 3_000])
async def test_a_wrong_link_answers_alike_at_every_merchant_and_at_none(db: Database, token: str) -> None:
    at = await factories.opened(db)
    await factories.person(db, at, "sales", has_joined=False)
    async with factories.application(db) as client:
        told = [
            await client.get(f"/c/{slug}/join", params={"token": token}, headers=HTML)
            for slug in (at.slug, "nobody-here")
        ]
    said = [VARIES.sub("", answer.text).replace(at.slug, "").replace("nobody-here", "") for answer in told]
    assert told[0].status_code == told[1].status_code >= 400
    assert said[0] == said[1]


async def test_no_address_takes_a_number_that_can_be_counted_up(api: web_client.Client, world: World) -> None:
    counted = []
    for method, path, _ in crossing.routes(api):
        for name in crossing.PARAMETER.findall(path):
            if name not in crossing.SHARED and name.endswith("_id"):
                value = world._ids(path)[name]
                counted += [] if str(UUID(value)) == value else [f"{method} {path}: {value}"]
    assert counted == []


async def test_an_order_is_not_read_by_its_number(api: web_client.Client, world: World) -> None:
    order = (await api.get(f"/api/v1/orders/{world.ids['order_id']}", headers=world.headers)).json()
    answer = await api.get(f"/api/v1/orders/{order['number']}", headers=world.headers)
    assert answer.status_code == 404


async def test_a_thing_of_another_merchant_answers_like_one_that_never_was(
    api: web_client.Client, world: World, session_db: Database
) -> None:
    theirs = await worlds.build(api, session_db)
    examples = {(o.method.upper(), o.path): o.example for o in await operations.all_operations(api)}
    found: list[str] = []
    count = 0
    for method, path, handler in crossing.routes(api):
        if not path.startswith("/api/") or handler.opt.get("public"):
            continue
        for name in set(crossing.PARAMETER.findall(path)) - crossing.SHARED:
            count += 1
            told = []
            for one in (theirs._ids(path)[name], NEVER):
                sent = json.dumps(examples.get((method, path))).encode()
                address = world.address(path.replace(f"{{{name}}}", one))
                answer = await api.request(
                    method, address, content=sent, headers={**world.headers, "content-type": JSON}
                )
                told.append((answer.status_code, VARIES.sub("", answer.text.replace(one, ""))))
            found += [] if told[0] == told[1] else [f"{method} {path}: {told}"]
    assert not found, "\n".join(found)
    assert count > 60
