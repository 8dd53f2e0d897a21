"""Known failure: the name of a column, an order or a filter comes from the request and goes into the statement."""

import json
from typing import Any

import psycopg
import pytest

from jiedan.base.db import Database
from tests.api import operations, stored, worlds
from tests.api.operations import JSON
from tests.base import web_client

ATTACKS = (
    "name; DROP TABLE orders; --",
    "placed_at) UNION SELECT secret_hash::text FROM api_key --",
    "'; UPDATE staff SET role='owner' --",
    '"; DELETE FROM orders; --',
    "1 OR 1=1",
    "(SELECT pg_sleep(20))",
    "\\'; SELECT 1 --",
    "%(tenant_id)s",
    "%s%s%%",
    "$1",
    "{0.__class__}",
    "{{7*7}}",
    "${7*7}",
    "tenant_id",
    "*",
)
NAMES = ("sort", "order_by", "order", "columns", "fields", "filter", "group_by", "where", "table")


async def test_no_list_takes_a_column_by_name_and_no_filter_is_a_condition(
    api: web_client.Client, session_db: Database, owner: psycopg.Connection[Any]
) -> None:
    world = await worlds.build(api, session_db)
    before = stored.everything(owner, world.at.tenant)
    found: list[str] = []
    count = 0
    for operation in await operations.all_operations(api):
        if operation.method != "get" or operation.path == "/api/v1/events":
            continue
        texts = [p["name"] for p in operation.told.get("parameters", []) if p["in"] == "query"]
        for name in (*texts, *NAMES):
            for attack in ATTACKS[:6] if name in NAMES else ATTACKS:
                count += 1
                params = {name: attack}
                answer = await api.get(world.address(operation.path), params=params, headers=world.headers)
                is_fine = answer.status_code in {200, 404, 409, 422} and "syntax" not in answer.text
                if not is_fine or (name in NAMES and answer.status_code == 200):
                    found.append(f"{operation.name}?{name}={attack}: {answer.status_code} {answer.text[:200]}")
    assert not found, "\n".join(found)
    assert count > 1_000
    assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []


@pytest.mark.parametrize("field", ["columns", "filters", "view", "format", "kind"])
@pytest.mark.parametrize("attack", ATTACKS[:4])
async def test_no_export_and_no_saved_view_names_a_column(
    api: web_client.Client, session_db: Database, field: str, attack: str
) -> None:
    world = await worlds.build(api, session_db)
    for path, body in (
        ("/api/v1/exports", {field: attack}),
        ("/api/v1/exports", {field: [attack]}),
        ("/api/v1/order-views", {"name": "V", "filters": {attack: "x"}}),
        ("/api/v1/order-views", {"name": "V", "filters": {"sort": attack}}),
    ):
        answer = await api.post(path, content=json.dumps(body), headers={**world.headers, "content-type": JSON})
        assert answer.status_code == 422, answer.text
