"""What Schemathesis makes from the document, sent to the application in this process and judged by its checks."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from typing import Any

import httpx2
import requests
import schemathesis
from schemathesis import Case
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.mutations import Mutation, OperatorKind
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import enumerations
from tests.base import web_client
from tests.security import crossing

BASE_URL = web_client.BASE_URL
CHECKS: Sequence[CheckFunction] = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
)

AUTHORIZATION = "Authorization"

OF_NO_OPERATION = frozenset({"no_such_path", "method_not_allowed", "malformed_request"})
"""Codes of answers to what reaches no operation: another path, another method, HTTP that cannot be read."""


class Sender:
    """Send cases from the thread that Hypothesis works in to the application on the loop of the test."""

    def __init__(self, api: web_client.Client, credential: str) -> None:
        self._api = api
        self._credential = credential
        self._loop = asyncio.get_running_loop()
        self.sent = 0
        self.by_status: dict[int, int] = {}
        self.found: dict[str, str] = {}

    def send(self, case: Case[Any]) -> httpx2.Response:
        """Send a case as the document's caller and return the answer."""
        call = case.as_transport_kwargs(base_url=BASE_URL, headers={"authorization": f"Bearer {self._credential}"})
        prepared = requests.Request(**{**call, "cookies": None}).prepare()
        answer = asyncio.run_coroutine_threadsafe(_send(self._api, prepared), self._loop).result()
        self.sent += 1
        self.by_status[answer.status_code] = self.by_status.get(answer.status_code, 0) + 1
        return answer

    def judge(
        self,
        case: Case[Any],
        answer: Any,
        *,
        more: Iterable[CheckFunction] = (),
        recorder: Any = None,
    ) -> None:
        """Note what is wrong with an answer, once per operation and kind of fault.

        That wrong data was taken is judged in the proof alone: what is sent is not always what was made wrong, and
        somebody looks at it there.
        """
        checks = [check for check in CHECKS if check is not status_code_conformance or not _is_of_none(answer)]
        if _is_right_after_all(case) or not os.environ.get(enumerations.REPORT):
            checks.remove(negative_data_rejection)
        try:
            case.validate_response(answer, checks=[*checks, *more], recorder=recorder)
        except FailureGroup as group:
            for fault in group.exceptions:
                message = f"{case.operation.label}: {_told(fault)}"
                self.found.setdefault(message, f"{case.as_curl_command()[:700]}\n    {answer.text[:300]}")

    @property
    def report(self) -> str:
        """What was found, with the request that showed it."""
        return f"{len(self.found)} faults:\n" + "\n".join(f"{fault}\n    {sent}" for fault, sent in self.found.items())


def _is_of_none(answer: Any) -> bool:
    is_problem = answer.status_code in {400, 404, 405} and answer.text.startswith("{")
    return is_problem and answer.json().get("code") in OF_NO_OPERATION


def _is_right_after_all(case: Case[Any]) -> bool:
    """Tell whether nothing is left of what was made wrong."""
    data = getattr(case.meta and case.meta.phase, "data", None)
    mutations = getattr(data, "mutations", ())
    return bool(mutations) and all(_is_void(case, mutation) for mutation in mutations)


def _is_void(case: Case[Any], mutation: Mutation) -> bool:
    """Tell whether a mutation never leaves: we always sign in, a link brings another body, and is text throughout."""
    name = mutation.parameter or mutation.schema_pointer.partition("/properties/")[2].partition("/")[0]
    if AUTHORIZATION in (name, mutation.original_value):
        return True
    if mutation.operator == OperatorKind.SYNTAX_FUZZING:
        return not isinstance(case.body, bytes)
    return mutation.parameter_location is ParameterLocation.QUERY and _is_text_after_all((case.query or {}).get(name))


def _is_text_after_all(value: Any) -> bool:
    """Tell whether a link says with its text what was made wrong: a number of a SKU is `0` as much as "0" is.

    A list of one is written as that one.
    """
    if isinstance(value, list) and len(value) == 1:
        return not isinstance(value[0], list | dict)
    return value in ({}, [], [""]) or value is None or isinstance(value, int | float)


def _told(fault: BaseException) -> str:
    if isinstance(fault, Failure):
        return f"{fault.title}: {' '.join(fault.message.split())[:300]}"
    return repr(fault)[:300]


async def _send(api: web_client.Client, prepared: requests.PreparedRequest) -> httpx2.Response:
    body: Any = prepared.body
    headers = {
        name.encode(): value.encode() if isinstance(value, str) else value for name, value in prepared.headers.items()
    }
    return await api.request(str(prepared.method), str(prepared.url), content=body, headers=headers)


def schema_of(made: dict[str, Any]) -> Any:
    """Return the document as Schemathesis knows it, but for operations whose answers never end."""
    whole = schemathesis.openapi.from_dict(made)
    return whole.exclude(path=sorted(crossing.STREAMS))


def operations_of(schema: Any) -> list[Any]:
    """Return the operations; every one of the document can be read."""
    results = list(schema.get_all_operations())
    assert all(isinstance(result, Ok) for result in results)
    return [result.ok() for result in results]
