"""Known failure: a list in a body without a cap, so that one request is a million.

A cap stands in the document, or in the rules of what the list is about; without any, a long list of different things
would be worked through.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg

from tests.api import operations, stored
from tests.api.operations import JSON, Operation
from tests.api.worlds import World
from tests.base import web_client
from tests.security import crossing

ITEMS_MAX = 5_000
"""No list that a body may hold is longer, whatever it is a list of."""


def lists(operation: Operation) -> Iterator[operations.Place]:
    """Yield every list that a body may hold."""
    for place in operations._places(operation.schema or {}, operation.example, "", ()):
        if place.is_property and place.schema.get("type") == "array":
            yield place


async def test_every_list_in_a_body_has_a_cap_that_holds(
    api: web_client.Client, world: World, owner: psycopg.Connection[Any]
) -> None:
    found: list[str] = []
    count = 0
    before = stored.everything(owner, world.at.tenant)
    for operation in await operations.all_operations(api):
        for place in lists(operation):
            count += 1
            cap = place.schema.get("maxItems", ITEMS_MAX)
            given = operations._at(place.body, place.keys[:-1]).get(place.keys[-1])
            row = (given or [operations._sample(place.schema["items"])])[0]
            rows = [_another(row, number) for number in range(cap + 1)]
            body = operations._with(place.body, place.keys, rows)
            answer = await api.request(
                operation.method,
                world.address(operation.path),
                content=json.dumps(body).encode(),
                headers={**world.headers, "content-type": JSON},
            )
            if not crossing.is_refused(answer):
                found.append(f"{operation.name}: {place.path} of {cap + 1} is answered with {answer.status_code}")
    assert not found, "\n".join(found)
    assert count > 30
    assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []


def _another(row: Any, number: int) -> Any:
    """Return a row like another, but for the texts that say which one it is."""
    if isinstance(row, str):
        return str(UUID(int=number)) if len(row) == UUID_CHARACTERS else f"{row}{number}"
    if isinstance(row, dict):
        return {key: _another(x, number) if key in NAMING else x for key, x in row.items()}
    return row


UUID_CHARACTERS = 36
NAMING = frozenset({"sku", "code", "name", "key", "external_id"})


async def test_no_page_of_a_list_is_longer_than_its_cap(api: web_client.Client, world: World) -> None:
    found: list[str] = []
    for operation in await operations.all_operations(api):
        names = {parameter["name"] for parameter in operation.told.get("parameters", [])}
        if "limit" in names:
            for limit in ("201", "-1", "0", "9999999999"):
                params = {"limit": limit}
                answer = await api.get(world.address(operation.path), params=params, headers=world.headers)
                found += [] if answer.status_code == 422 else [f"{operation.name}?limit={limit}: {answer.status_code}"]
    assert not found, "\n".join(found)
