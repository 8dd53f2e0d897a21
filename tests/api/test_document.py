"""The API's document: valid OpenAPI 3.1, the same on every machine, with examples that work as they stand."""

import json
import subprocess
import sys
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from jiedan.base.db import Database
from jiedan.base.web import document, samples
from tests.api import operations, worlds
from tests.api.answers import Answers
from tests.api.operations import JSON
from tests.architecture import tree
from tests.base import web_client
from tools import openapi

ABOUT_OTHERS = frozenset(
    {
        *("/api/v1/imports/{import_id}/mapping", "/api/v1/orders/{order_id}/payments"),
        *("/api/v1/customers/{customer_id}/erasure", "/api/v1/guest-erasures"),
    }
)
"""Examples that speak of another file, of a provider that the merchant of the tests has not set up, or of somebody who
has nothing open there and another name."""


@pytest.fixture
async def made(api: web_client.Client) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(document.DOCUMENT_PATH)).json()
    return found


def test_the_document_is_valid_openapi_3_1(made: dict[str, Any]) -> None:
    validator = jsonschema_rs.validator_for(OPENAPI_31)
    assert [f"{error.message[:200]} at {error.instance_path}" for error in validator.iter_errors(made)] == []
    assert made["openapi"].startswith("3.1")


def test_every_schema_is_valid_and_every_example_fits_its_own(made: dict[str, Any]) -> None:
    found = []
    for path, item in made["paths"].items():
        for method, told in item.items():
            answers = [answer for status, answer in told["responses"].items() if status.startswith("2")]
            for place in (told.get("requestBody", {}), *answers):
                content = place.get("content", {}).get(JSON)
                if content is not None:
                    schema = {**content["schema"], "components": made["components"]}
                    errors = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(
                        content["example"]
                    )
                    found += [f"{method} {path}: {error.message}" for error in errors]
    assert not found, "\n".join(found)


def test_every_answer_in_json_has_an_example(made: dict[str, Any]) -> None:
    answers = {
        f"{method} {path} {status}": content
        for path, item in made["paths"].items()
        for method, told in item.items()
        for status, answer in told["responses"].items()
        if status.startswith("2") and (content := answer.get("content", {}).get(JSON)) is not None
    }
    assert len(answers) > 100
    assert [name for name, content in answers.items() if "example" not in content] == []
    order = answers["get /api/v1/orders/{order_id} 200"]["example"]
    assert order["order_id"] == samples.ID
    assert [line["ordered"] for line in order["lines"]] == [2]


def test_the_place_of_a_version_says_that_it_may_be_left_out(made: dict[str, Any]) -> None:
    told = made["paths"]["/api/v1/settings"]["patch"]["parameters"]
    (header,) = [parameter for parameter in told if parameter["name"] == "If-Match"]
    assert not header["required"]
    assert "without it" in header["description"]


def test_bodies_refuse_what_they_do_not_know(made: dict[str, Any]) -> None:
    taken = [operation for operation in operations.read(made) if operation.schema is not None]
    open_bodies = [o.name for o in taken if (o.schema or {}).get("additionalProperties") is not False]
    assert open_bodies == []


def test_the_document_is_drawn_the_same_in_every_process(made: dict[str, Any]) -> None:
    program = "from tools import openapi; print(openapi.rendered(), end='')"
    drawn = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=tree.ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{tree.ROOT}/src:{tree.ROOT}"},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0] == drawn[1]
    assert json.loads(drawn[0]) == made


def test_a_change_of_the_document_is_shown() -> None:
    assert openapi.difference("a\nb\n", "a\nb\n") == []
    assert "+c" in openapi.difference("a\nb\n", "a\nc\n")


async def test_no_example_is_wrong_input(api: web_client.Client, session_db: Database) -> None:
    """Each example, sent as it stands to a merchant that has what it speaks of, is done or conflicts with the last."""
    world = await worlds.build(api, session_db)
    answers = Answers((await api.get(document.DOCUMENT_PATH)).json())
    found = []
    done = 0
    for operation in await operations.all_operations(api):
        if operation.example is None or operation.path in ABOUT_OTHERS or "payment-providers" in operation.path:
            continue
        answer = await api.request(
            operation.method,
            world.address(operation.path),
            content=json.dumps(world.known(operation.example)).encode(),
            headers={**world.headers, "content-type": JSON},
        )
        if answer.status_code == 403 and answer.json()["code"] == "for_people_only":
            continue  # an API key has no notices to read and no devices
        done += answer.status_code < 300
        if answer.status_code not in {200, 201, 202, 204, 404, 409} or '"status":422' in answer.text:
            found.append(f"{operation.name}: {answer.status_code} {answer.text[:250]}")
        elif fault := answers.fault(operation.path, operation.method, answer):
            found.append(f"{operation.name}: {fault}")
    assert not found, "\n".join(found)
    assert done > 40
