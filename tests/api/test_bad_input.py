"""Whatever is wrong with a request, of any operation: a 4xx that names field and remedy, and nothing is stored."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import psycopg
import pytest

from jiedan.base.db import Database
from jiedan.base.web import problems
from tests import enumerations
from tests.api import operations, stored, worlds
from tests.api.operations import JSON, Operation, Wrong
from tests.api.worlds import World
from tests.base import web_client

SENTENCE_END = re.compile(r"[.:?!。：？！](?:\s|$|[^\d])")


WITH_REMEDY = frozenset({400, 403, 413, 415, 422})
"""Answers to what was sent; what is gone, or in another state, may be left at that."""


def faults(answer: httpx2.Response, *, status: range = range(400, 500)) -> Iterator[str]:
    """Yield what is wrong with a refusal: it is a problem of the caller's, with words and, for input, a remedy."""
    if answer.status_code not in status:
        yield f"answered {answer.status_code}: {answer.text[:300]}"
        return
    if answer.headers["content-type"] != problems.MEDIA_TYPE:
        yield f"is {answer.headers['content-type']}"
        return
    problem: dict[str, Any] = answer.json()
    if problem["status"] != answer.status_code or not problem["code"] or not problem["title"]:
        yield f"has no status, code or title: {problem}"
    for reason in problem.get("errors") or [problem]:
        if problem["status"] in WITH_REMEDY and len(SENTENCE_END.findall(reason["detail"] + " ")) < 2:
            yield f"names no remedy: {reason}"


def reasons_in(answer: httpx2.Response) -> list[dict[str, Any]]:
    """Return the reasons of a refusal, or of the rows of a batch that were all refused; else nothing."""
    given = answer.json()
    if isinstance(given, dict):
        return given.get("errors") or [given]
    refused = [row.get("problem") or row.get("error") or row for row in given]
    reasons = [row.get("errors") or ([row] if "code" in row else []) for row in refused]
    return [reason for row in reasons for reason in row] if all(reasons) else []


def wrong_in(answer: httpx2.Response, wrong: Wrong) -> Iterator[str]:
    """Yield what is wrong with the answer to a body."""
    is_batch = answer.status_code == 200 and isinstance(answer.json(), list) and bool(reasons_in(answer))
    found = [] if is_batch else list(faults(answer))
    yield from found
    if found:
        return
    reasons = reasons_in(answer)
    if wrong.codes and not any(reason["code"] in wrong.codes for reason in reasons):
        yield f"is {[reason['code'] for reason in reasons]}, not {'/'.join(wrong.codes)}: {reasons[0]['detail']}"
    if wrong.field is not None and not any(_is_at(reason.get("field"), wrong.field) for reason in reasons):
        yield f"names {[reason.get('field') for reason in reasons]}, not {wrong.field}: {reasons[0]['detail']}"


def _is_at(named: str | None, field: str) -> bool:
    """Tell whether a refusal names the field, or something inside it."""
    return named == field or (named or "").startswith((field + ".", field + "["))


async def test_every_wrong_body_is_refused_by_its_field(
    api: web_client.Client, world: World, owner: psycopg.Connection[Any]
) -> None:
    found: list[str] = []
    count = 0
    for operation in await operations.all_operations(api):
        if operation.schema is None:
            continue
        before = stored.everything(owner, world.at.tenant)
        for wrong in operations.wrong_bodies(operation._replace(example=world.known(operation.example))):
            count += 1
            answer = await _send(api, world, operation, wrong.body)
            found += [f"{operation.name}, {wrong.what}: {fault}" for fault in wrong_in(answer, wrong)]
        changed = stored.changes(before, stored.everything(owner, world.at.tenant))
        found += [f"{operation.name} changed {table}" for table in changed]
    assert count > 1_000
    assert not found, f"{len(found)} of {count}:\n" + "\n".join(found)


async def _send(api: web_client.Client, world: World, operation: Operation, body: bytes) -> httpx2.Response:
    return await api.request(
        operation.method,
        world.address(operation.path),
        content=body,
        headers={**world.headers, "content-type": JSON},
    )


ABSURD = (0, -1, 2**31, 2**63 - 1, -(2**63))
"""Integers that some column or sum may not hold."""


async def test_no_integer_is_too_much_for_the_database(api: web_client.Client, session_db: Database) -> None:
    world = await worlds.build(api, session_db)  # some of these are accepted
    found: list[str] = []
    count = 0
    for operation in await operations.all_operations(api):
        if operation.schema is None:
            continue
        for what, body in operations.bodies_with_integers(operation, ABSURD):
            count += 1
            answer = await _send(api, world, operation, body)
            if answer.status_code >= 500:
                found.append(f"{operation.name}, {what}: {answer.status_code} {answer.text[:200]}")
            elif answer.status_code >= 400:
                found += [f"{operation.name}, {what}: {fault}" for fault in faults(answer)]
    assert count > 200
    assert not found, f"{len(found)} of {count}:\n" + "\n".join(found)


async def test_every_body_must_say_that_it_is_json(
    api: web_client.Client, world: World, owner: psycopg.Connection[Any]
) -> None:
    found: list[str] = []
    before = stored.everything(owner, world.at.tenant)
    for operation in await operations.all_operations(api):
        if operation.schema is None:
            continue
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            answer = await api.request(
                operation.method,
                world.address(operation.path),
                content=json.dumps(operation.example).encode(),
                headers={**world.headers, "content-type": content_type},
            )
            found += [f"{operation.name} as {content_type}: {fault}" for fault in faults(answer)]
            if answer.status_code != 415:
                found.append(f"{operation.name} as {content_type}: {answer.status_code}")
    assert not found, "\n".join(found)
    assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []


async def test_every_body_over_the_limit_is_refused(
    api: web_client.Client, world: World, owner: psycopg.Connection[Any]
) -> None:
    found: list[str] = []
    before = stored.everything(owner, world.at.tenant)
    large = b'{"text": "' + b"x" * api.frame.runtime.settings.body_bytes_max + b'"}'
    for operation in await operations.all_operations(api):
        if "requestBody" not in operation.told:
            continue
        needed = {p["name"]: "products" for p in operation.told.get("parameters", []) if p.get("required")}
        answer = await api.request(
            operation.method,
            world.address(operation.path),
            params={name: value for name, value in needed.items() if name == "kind"},
            content=large,
            headers={**world.headers, "content-type": JSON},
        )
        found += [f"{operation.name}: {fault}" for fault in faults(answer, status=range(413, 414))]
    assert not found, "\n".join(found)
    assert stored.changes(before, stored.everything(owner, world.at.tenant)) == []


async def test_every_operation_refuses_parameters_it_does_not_know(api: web_client.Client, world: World) -> None:
    found: list[str] = []
    for operation in await operations.all_operations(api):
        body = json.dumps(operation.example).encode() if operation.schema is not None else b""
        for name, value in (("unexpected", "1"), ("limit ", "1")):
            answer = await api.request(
                operation.method,
                world.address(operation.path),
                params={name: value},
                content=body,
                headers={**world.headers, "content-type": JSON},
            )
            found += [f"{operation.name}: {fault}" for fault in faults(answer)]
            if answer.json().get("field") != name:
                found.append(f"{operation.name} names {answer.json().get('field')}, not {name}")
    assert not found, "\n".join(found)


WRONG_PARAMETERS = {
    "integer": ("x", "1.5", "", str(2**63), str(-(2**63) - 1), "9" * 400),
    "boolean": ("maybe",),
    "uuid": ("x", "0193a000-0000-7000-8000-00000000000"),
    "string": ("\0",),
}


NEEDED: dict[str, dict[str, str]] = {"GET /api/v1/list-prices": {"price_list": "wholesale"}}
"""What an operation asks for before it looks at any other parameter."""


async def test_every_parameter_refuses_what_it_cannot_be(api: web_client.Client, world: World) -> None:
    found: list[str] = []
    count = 0
    for operation in await operations.all_operations(api):
        for parameter in operation.told.get("parameters", []):
            if parameter["in"] != "query":
                continue
            schema = parameter["schema"]
            kinds = [schema, *schema.get("oneOf", []), *schema.get("anyOf", [])]
            kind = next((k.get("format") if k.get("format") == "uuid" else k["type"] for k in kinds if "type" in k), "")
            for value in WRONG_PARAMETERS.get(str(kind), ("\0",)):
                count += 1
                answer = await api.request(
                    operation.method,
                    world.address(operation.path),
                    params=NEEDED.get(operation.name, {}) | {parameter["name"]: value},
                    headers=world.headers,
                )
                where = f"{operation.name}?{parameter['name']}={value[:30]!r}"
                found += [f"{where}: {fault}" for fault in faults(answer)]
                if answer.json().get("field") not in {parameter["name"], "kind"}:
                    found.append(f"{where} names {answer.json().get('field')}")
    assert count > 50
    assert not found, "\n".join(found)


@pytest.mark.proof
async def test_what_stands_in_a_path_is_an_id_or_nothing(api: web_client.Client, world: World) -> None:
    found: list[str] = []
    values = ("x", "0", "%00", "..%2F..", "0193a000-0000-7000-8000-00000000000", "%F0%9F%92%A5", "a" * 5_000)
    with_path = [operation for operation in await operations.all_operations(api) if "{" in operation.path]
    every = itertools.product(with_path, values)
    for operation, value in enumerations.cases("values in paths", every, slices=4):
        path = re.sub(r"\{[^}]*\}", value, operation.path)
        answer = await api.request(operation.method, path, headers={**world.headers, "content-type": JSON})
        found += [f"{operation.method} {path[:90]}: {fault}" for fault in faults(answer)]
    assert not found, "\n".join(found)
