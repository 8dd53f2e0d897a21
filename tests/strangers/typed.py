"""Every text of every body, filled in by somebody who means no good: what is accepted is stored and shown."""

import copy
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest_asyncio

from jiedan.base.db import Database
from tests.api import operations, worlds
from tests.api.operations import JSON, Operation
from tests.api.worlds import World
from tests.base import web_client

CARD = "4111 1111 1111 1111"
TAG = "<jd-tag>"
QUOTES = "jd\"q'jd"
SHORT_MIN = 12
"""Fields for less hold codes of two or three letters, which nothing of this fits into."""


@dataclasses.dataclass(frozen=True)
class Typed:
    """A merchant whose texts are a stranger's; `fields` tells by number which text of which operation it was."""

    world: World
    fields: dict[int, str]
    accepted: frozenset[int]


def texts(operation: Operation) -> Iterator[tuple[str, tuple[str | int, ...], dict[str, Any], Any]]:
    """Yield where free texts stand in an operation's body: path, keys, schema, and the body that has them."""
    for place in operations._places(operation.schema or {}, operation.example, "", ()):
        is_text = place.schema.get("type") == "string" and "enum" not in place.schema and "format" not in place.schema
        if place.is_property and is_text and place.schema.get("maxLength", 10**6) >= SHORT_MIN:
            yield place.path, place.keys, place.schema, place.body


def _kinds(number: int) -> list[str]:
    return [
        f"f{number}f {CARD}",
        f"=f{number}f+1",
        f"f{number}f {TAG}{QUOTES}",
    ]


async def _type_everywhere(api: web_client.Client, at: World) -> tuple[dict[int, str], set[int]]:
    fields: dict[int, str] = {}
    accepted: set[int] = set()
    for operation in await operations.all_operations(api):
        if operation.schema is None or "revo" in operation.path:
            continue
        known = operation._replace(example=at.known(operation.example))
        for path, keys, _, body in texts(known):
            number = len(fields) + 1
            fields[number] = f"{operation.name} {path}"
            for text in _kinds(number):
                sent = operations._with(copy.deepcopy(body), keys, text)
                answer = await api.request(
                    operation.method,
                    at.address(operation.path),
                    content=json.dumps(sent).encode(),
                    headers={**at.headers, "content-type": JSON, "idempotency-key": f"{number}{text[:3]}"},
                )
                assert answer.status_code < 500, f"{fields[number]}: {answer.text}"
                accepted |= {number} if answer.status_code < 300 else set()
    return fields, accepted


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def typed(api: web_client.Client, session_db: Database) -> Typed:
    """Return a merchant in which every text that a body may hold was tried in three ways."""
    at = await worlds.build(api, session_db)
    fields, accepted = await _type_everywhere(api, at)
    return Typed(at, fields, frozenset(accepted))
