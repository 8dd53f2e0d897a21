"""The whole application, as `wiring` puts it together: permissions, the API's document and its examples."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from jiedan import wiring
from jiedan.accounts import values as accounts
from jiedan.base.web import bodies, document, gate, hosts
from tests.base import web_client

KNOWN = accounts.ALL_PERMISSIONS | {accounts.SELF}


@pytest.fixture
async def client() -> Any:
    async with web_client.open_client(routers=wiring.ROUTERS, navigation=wiring.NAVIGATION) as opened:
        yield opened


def handlers(client: web_client.Client) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Yield every handler of the application with its methods and path."""
    app: Any = client.frame.app
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                yield f"{'/'.join(sorted(handler.http_methods))} {route.path}", handler


async def test_every_route_asks_for_a_permission_that_roles_can_grant(client: web_client.Client) -> None:
    asked = {name: handler.opt.get(gate.PERMISSION) for name, handler in handlers(client)}
    unknown = {name: permission for name, permission in asked.items() if permission and permission not in KNOWN}
    assert not unknown
    assert sum(permission is not None for permission in asked.values()) > 10


def test_every_entry_of_the_side_bar_asks_for_a_permission_that_roles_can_grant() -> None:
    assert {entry.permission for entry in wiring.NAVIGATION} <= KNOWN


async def test_nothing_that_changes_something_is_public_by_accident(client: web_client.Client) -> None:
    public = {
        name
        for name, handler in handlers(client)
        if handler.opt.get(gate.PUBLIC) and not {"GET", "OPTIONS"}.intersection(handler.http_methods)
    }
    entrances = ("/s/", "/sign-in", "/sign-out", "/forgotten-password", "/join", "/preferences/", "/in/")
    assert {name for name in public if not any(part in name for part in entrances)} == set()


async def test_at_a_merchants_own_host_every_path_is_the_shops_or_the_installations(client: web_client.Client) -> None:
    paths = {name.split(" ")[1] for name, _ in handlers(client)}
    shops = {path.split("/")[3] for path in paths if path.startswith("/s/{slug:str}/")}
    ours = {path.split("/")[1] for path in paths if path != "/"}
    assert ours == hosts.KEPT
    assert len(shops) > 10
    assert not shops & hosts.KEPT
    known = hosts.Hosts("jiedan.example.com")
    led = {path for path in paths if known.concerns({"path": path, "headers": [(b"host", b"tea.example.com")]})}
    assert led == {"/"}


async def test_every_operation_has_one_name_and_a_summary(client: web_client.Client) -> None:
    made = (await client.get(document.DOCUMENT_PATH)).json()
    operations = [operation for item in made["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert [o["operationId"] for o in operations if not o.get("summary") or not o.get("description")] == []


async def test_every_body_has_an_example_that_fits(client: web_client.Client) -> None:
    missing, wrong = [], []
    for name, handler in handlers(client):
        field = handler.parsed_data_field
        if field is None or not name.split(" ")[1].startswith("/api/"):
            continue
        example = document.example_of(field.annotation)
        if example is None:
            missing.append(name)
            continue
        try:
            bodies.decode(msgspec.json.encode(example), field.annotation)
        except Exception as refusal:  # noqa: BLE001 - all are reported together
            wrong.append(f"{name}: {refusal}")
    assert (missing, wrong) == ([], [])
