"""Requests that Schemathesis makes from the document, right and wrong ones: no 5xx, no undocumented answer."""

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Any

import httpx2
import hypothesis
import jsonschema_rs
import pytest
import requests
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from jiedan.base.db import Database
from jiedan.base.web import document
from tests import enumerations
from tests.accounts import factories
from tests.api import worlds
from tests.base import web_client
from tests.security import crossing

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
REQUESTS = 5
"""Of each operation, in one mode; the next operation gets the other one."""

REQUESTS_IN_PROOF = 50
"""Of each operation, in each mode."""

BASE_URL = web_client.BASE_URL
EVERYWHERE = frozenset({400, 401, 403, 404, 405, 413, 414})
"""Answers to what is no request of the operation at all: another path, method, or HTTP that cannot be read."""


class Answers:
    """Judge answers by the document: their status, their type, their JSON."""

    def __init__(self, made: Mapping[str, Any]) -> None:
        self._made = made
        self._validators: dict[tuple[str, str], jsonschema_rs.Draft202012Validator | None] = {}

    def fault(self, path: str, method: str, answer: httpx2.Response) -> str | None:
        """Return what is wrong with an answer, if anything is."""
        told = self._made["paths"][path][method]["responses"]
        status = str(answer.status_code)
        if answer.status_code >= 500 and status != "503":
            return f"{status}: {answer.text[:300]}"
        if status not in told:
            return None if answer.status_code in EVERYWHERE else f"{status} is not documented: {answer.text[:300]}"
        response = self._followed(told[status])
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        content = response.get("content", {})
        if content and media_type not in content and not any(name.endswith("/*") for name in content):
            return f"{status} is {media_type}, not {list(content)}"
        validator = self._validator(content.get(media_type, {}).get("schema")) if "json" in media_type else None
        if validator is None:
            return None
        wrong = next(iter(validator.iter_errors(answer.json())), None)
        return (
            None
            if wrong is None
            else f"{status} is not what its schema says: {wrong.message[:300]} at {wrong.instance_path}"
        )

    def _followed(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        name = node.get("$ref", "").rpartition("/")[2]
        return self._made["components"]["responses"][name] if name else node

    def _validator(self, schema: Mapping[str, Any] | None) -> jsonschema_rs.Draft202012Validator | None:
        if not schema:
            return None
        key = (json.dumps(schema, sort_keys=True), "")
        if key not in self._validators:
            whole = {**schema, "components": self._made["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole)
        return self._validators[key]


@pytest.mark.proof
async def test_no_answer_is_a_failure_or_undocumented(api: web_client.Client, session_db: Database) -> None:
    world = await worlds.build(api, session_db)
    key = await factories.api_key(session_db, world.at)  # the one in `world` may be revoked on the way
    made = (await api.get(document.DOCUMENT_PATH)).json()
    answers = Answers(made)
    loop = asyncio.get_running_loop()
    found: dict[str, str] = {}
    count = 0

    def send(case: Case[Any]) -> None:
        nonlocal count
        count += 1
        call = case.as_transport_kwargs(base_url=BASE_URL, headers={"authorization": f"Bearer {key.credential}"})
        prepared = requests.Request(**{**call, "cookies": None}).prepare()
        answer = asyncio.run_coroutine_threadsafe(_send(api, prepared), loop).result()
        fault = answers.fault(case.operation.path, case.operation.method, answer)
        if fault is not None:
            found.setdefault(f"{case.operation.label}: {fault}", f"{prepared.url} {str(prepared.body)[:500]}")

    whole = bool(os.environ.get(enumerations.REPORT))
    for number, operation in enumerate(_operations(made)):
        given = {name: world.ids[name] for name in crossing.PARAMETER.findall(operation.path)}
        for mode in MODES if whole else (MODES[number % 2],):
            strategy = operation.as_strategy(generation_mode=mode, path_parameters=given or None)
            await asyncio.to_thread(_run, strategy, send, REQUESTS_IN_PROOF if whole else REQUESTS)
    assert not found, f"{len(found)} faults:\n" + "\n".join(f"{fault}\n    {sent}" for fault, sent in found.items())
    assert count > 300
    assert sum(1 for _ in enumerations.cases("requests made from the document", range(count)))


def _operations(made: dict[str, Any]) -> list[Any]:
    """Return the operations as Schemathesis knows them, but for those whose answers never end."""
    read = [
        result.ok() for result in schemathesis.openapi.from_dict(made).get_all_operations() if isinstance(result, Ok)
    ]
    assert len(read) == sum(len(item) for item in made["paths"].values())
    return [operation for operation in read if operation.path not in crossing.STREAMS]


def _run(strategy: Any, send: Any, limit: int) -> None:
    """Let Hypothesis make requests, the same ones every time."""
    options = hypothesis.settings(
        max_examples=limit,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    @options
    @hypothesis.given(case=strategy)
    def run(case: Case[Any]) -> None:
        send(case)

    try:
        run()
    except hypothesis.errors.Unsatisfiable:
        return  # nothing wrong can be said to an operation that takes nothing


async def _send(api: web_client.Client, prepared: requests.PreparedRequest) -> httpx2.Response:
    body: Any = prepared.body
    headers = {
        name.encode(): value.encode() if isinstance(value, str) else value for name, value in prepared.headers.items()
    }
    return await api.request(str(prepared.method), str(prepared.url), content=body, headers=headers)
