from typing import Any

import pytest

from jiedan import wiring
from jiedan.base.web import problems, reference
from jiedan.exports.values import MEDIA_TYPES
from tests.base import things, web_client


@pytest.fixture
async def document() -> dict[str, Any]:
    async with web_client.open_client(routers=things.ROUTERS) as client:
        response = await client.get("/api/v1/openapi.json")
        assert response.status_code == 200
        assert response.json() == (await client.get("/api/docs/openapi.json")).json()
        found: dict[str, Any] = response.json()
    return found


def operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def test_the_document_is_openapi_3_1_of_the_api_alone(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/things" in document["paths"]
    assert all(path.startswith("/api/v1/") for path in document["paths"]), list(document["paths"])


def test_every_operation_lists_its_problems(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, found in item.items():
            for status in ("422", "429", "503"):
                assert found["responses"][status] == {"$ref": f"#/components/responses/Problem{status}"}, (path, method)
    create = operation(document, "/api/v1/things", "post")["responses"]
    assert {"201", "400", "401", "403", "409", "413"} <= set(create)
    assert "404" in operation(document, "/api/v1/things/{thing_id}", "get")["responses"]
    content = document["components"]["responses"]["Problem422"]["content"]
    assert content[problems.MEDIA_TYPE]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(reference := node.get("$ref"), str):
                found = document
                for step in reference.removeprefix("#/").split("/"):
                    found = found[step]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document)


def test_permission_security_headers_and_example_are_told(document: dict[str, Any]) -> None:
    create = operation(document, "/api/v1/things", "post")
    assert create["x-permission"] == things.WRITE
    assert "Idempotency-Key" in {parameter["name"] for parameter in create["parameters"]}
    assert create["requestBody"]["content"]["application/json"]["example"] == things.Thing.__example__
    assert operation(document, "/api/v1/open", "get")["security"] == []
    assert document["security"] == [{"apiKey": []}]
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


def test_the_schema_of_a_body_tells_its_bounds(document: dict[str, Any]) -> None:
    line = document["components"]["schemas"]["Line"]
    assert line["required"] == ["sku", "quantity"]
    assert (line["properties"]["quantity"]["minimum"], line["properties"]["sku"]["maxLength"]) == (1, 100)


async def test_the_reference_shows_every_operation() -> None:
    async with web_client.open_client(routers=things.ROUTERS) as client:
        page = (await client.get("/api/docs", headers={"accept": "text/html"})).text
        made = (await client.get("/api/v1/openapi.json")).json()
    for item in made["paths"].values():
        for found in item.values():
            assert f'id="{found["operationId"]}"' in page
    assert "things:write" in page
    assert "TEA-01" in page


async def test_the_whole_reference_of_jiedan_is_drawn() -> None:
    async with web_client.open_client(routers=wiring.ROUTERS) as client:
        page = await client.get("/api/docs", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert 'id="place_order"' in page.text


async def test_every_kind_of_file_that_may_be_answered_is_told() -> None:
    async with web_client.open_client(routers=wiring.ROUTERS) as client:
        drawn: dict[str, Any] = (await client.get("/api/v1/openapi.json")).json()
    scan = "/api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate"
    assert set(operation(drawn, scan, "get")["responses"]["200"]["content"]) == {
        "application/pdf",
        "image/jpeg",
        "image/png",
    }
    for path in ("/api/v1/exports", "/api/v1/exports/payments", "/api/v1/exports/refunds"):
        assert set(operation(drawn, path, "post")["responses"]["200"]["content"]) == {
            kind.partition(";")[0] for kind in MEDIA_TYPES.values()
        }


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"type": "string", "format": "uuid"}, "string (uuid)"),
        ({"type": ["integer", "null"]}, "integer | null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Line"}}, "Line[]"),
        ({"type": "array"}, "any[]"),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"$ref": "#/a/Line"}], "items": False},
            "[string, Line]",
        ),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
    ],
)
def test_types_are_called_by_name(schema: dict[str, Any], name: str) -> None:
    assert reference.Resolver({}).name(schema) == name
