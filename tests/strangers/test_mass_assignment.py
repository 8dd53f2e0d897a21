"""Known failure: a body that sets what only the house may set, because whatever it holds is copied into the row."""

import json
from typing import Any

import psycopg

from jiedan.base.db import Database
from tests.accounts import factories
from tests.api import operations, stored, worlds
from tests.api.operations import JSON
from tests.api.worlds import World
from tests.base import web_client

OURS: dict[str, Any] = {
    "tenant_id": "0193a000-0000-7000-8000-0000000000ff",
    "role": "owner",
    "permissions": ["staff:write"],
    "paid": True,
    "payment_status": "paid",
    "captured_minor": 1,
    "total_minor": 1,
    "on_hand": 10**6,
    "reserved": 0,
    "created_by": "owner",
    "is_owner": True,
    "lifecycle": "completed",
}


async def test_no_body_takes_what_only_the_house_sets(
    api: web_client.Client, world: World, owner: psycopg.Connection[Any]
) -> None:
    found: list[str] = []
    count = 0
    before = stored.everything(owner, world.at.tenant)
    for operation in await operations.all_operations(api):
        if operation.schema is None:
            continue
        for place in operations._places(operation.schema, operation.example, "", ()):
            known = place.schema.get("properties", {})
            if place.is_property:
                continue
            for name in OURS.keys() - known.keys():
                count += 1
                body = operations._with(place.body, (*place.keys, name), OURS[name])
                answer = await api.request(
                    operation.method,
                    world.address(operation.path),
                    content=json.dumps(body).encode(),
                    headers={**world.headers, "content-type": JSON},
                )
                told = answer.json() if answer.status_code >= 400 else {}
                if (answer.status_code, told.get("code")) != (422, "unknown_field"):
                    found.append(f"{operation.name} {place.path} takes {name}: {answer.status_code}")
    assert not found, "\n".join(found)
    assert count > 500
    assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []


async def test_no_form_takes_what_only_the_house_sets(db: Database, tmp_path: Any) -> None:
    async with worlds.open_api(db, tmp_path) as client:
        world = await worlds.build(client, db)
        email = f"one-of-sales@{world.at.slug}.example"
        await factories.person(db, world.at, "sales", email=email)
        await factories.enter(client, world.at, email)
        own = f"/c/{world.at.slug}/account"
        fields = {"present": factories.PASSWORD, "password": "eight loud lanterns", "repeated": "eight loud lanterns"}
        answer = await client.submit(f"{own}/password", {**fields, "role": "owner"}, page=own)
        me = (await client.get("/api/v1/me")).json()
    assert answer.status_code == 422
    assert "staff:write" not in me["permissions"]
