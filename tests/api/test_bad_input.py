"""Whatever is wrong with a request, of any operation: a 4xx that names field and remedy, and nothing is stored."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import psycopg

from jiedan.base.web import problems
from tests.api import operations, stored
from tests.api.operations import JSON, Operation, Wrong
from tests.api.worlds import World
from tests.base import web_client

SENTENCE_END = re.compile(r"[.:?!。：？！](?:\s|$|[^\d])")


def faults(answer: httpx2.Response, *, status: range = range(400, 500)) -> Iterator[str]:
    """Yield what is wrong with a refusal: it is a problem of the caller's, with words and a remedy."""
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
        if len(SENTENCE_END.findall(reason["detail"] + " ")) < 2:
            yield f"names no remedy: {reason}"


def reasons_in(answer: httpx2.Response) -> list[dict[str, Any]]:
    """Return the reasons of a refusal, or of the rows of a batch that were all refused; else nothing."""
    given = answer.json()
    if isinstance(given, dict):
        return given.get("errors") or [given]
    refused = [row.get("problem") or row for row in given]
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
        for wrong in operations.wrong_bodies(operation):
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
