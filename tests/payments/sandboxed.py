"""Jiedan and the sandbox's processor in one process, each reaching the other over HTTP without a network."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2

from jiedan.base.db import Database, Scope
from jiedan.base.runtime import Runtime
from jiedan.orders import api as orders_api
from jiedan.orders import service as orders_service
from jiedan.payments import service
from jiedan.payments.api import INCOMING, ROUTER
from jiedan.payments.providers import gateways
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.providers.sandbox.processor.app import Processor
from jiedan.payments.providers.sandbox.processor.store import Store
from tests.base import web_client
from tests.base.web_client import Client

PROCESSOR_URL = "http://localhost:8001"
LATE = timedelta(seconds=15)

EVERYTHING = (
    *("payments:read", "payments:write", "payments:refund"),
    *("orders:read", "orders:write", "orders:cancel", "settings:write"),
)


OUR_PORT = 8000
PROCESSOR_PORT = 8001


class Wires(httpx2.AsyncBaseTransport):
    """Carry requests to applications by the port they are sent to; other ports are not there."""

    def __init__(self) -> None:
        self.apps: dict[int, Any] = {}
        self.sent: list[httpx2.Request] = []
        self.is_cut = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request."""
        self.sent.append(request)
        app = self.apps.get(request.url.port or 80)
        if app is None or self.is_cut:
            raise httpx2.ConnectError("nobody listens", request=request)
        return await httpx2.ASGITransport(app=app).handle_async_request(request)


@dataclasses.dataclass
class World:
    """A merchant's client, the gateways of Jiedan's process, and the processor."""

    client: Client
    gateways: Gateways
    processor: Processor
    store: Store
    wires: Wires
    database: Database
    scope: Scope

    async def pay(self, order_id: object, **body: Any) -> dict[str, Any]:
        """Pay an order over the API and return the payment."""
        answer = await self.client.post(f"/api/v1/orders/{order_id}/payments", json={"provider": "sandbox", **body})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def ask(self, payment: dict[str, Any], what: str, **body: Any) -> httpx2.Response:
        """Ask for captures, voids or refunds over the API."""
        return await self.client.post(f"/api/v1/payments/{payment['payment_id']}/{what}", json=body)

    async def look(self, payment: dict[str, Any]) -> dict[str, Any]:
        """Read a payment over the API."""
        found: dict[str, Any] = (await self.client.get(f"/api/v1/payments/{payment['payment_id']}")).json()
        return found

    async def deliver(self) -> int:
        """Let the processor send the messages that are due, and return how many."""
        return await self.processor.deliverer.send_due()

    async def sweep(self) -> int:
        """Let Jiedan ask about what is due."""
        return await service.sweep(self.database, self.scope, self.gateways)

    def captured(self) -> int:
        """Return what the processor has taken and not given back, all charges together."""
        return sum(charge.captured - charge.refunded for charge in self.store.charges.values())


@contextlib.asynccontextmanager
async def open_world(database: Database, scope: Scope) -> AsyncIterator[World]:
    """Open both, with an active account of the merchant at the processor."""
    wires = Wires()

    @contextlib.asynccontextmanager
    async def wired(runtime: Runtime) -> AsyncIterator[Gateways]:
        async with gateways.opened(runtime.database, runtime.settings, transport=wires) as made:
            yield made

    caller = web_client.principal(permissions=EVERYTHING, tenant=scope.tenant)
    store = Store(None)
    async with (
        httpx2.AsyncClient(transport=wires) as http,
        web_client.open_client(
            routers=[ROUTER, INCOMING, orders_api.ROUTER],
            principal=caller,
            database=database,
            parts=[orders_service.open_order_desk, wired],
            port=OUR_PORT,
            sandbox_port=PROCESSOR_PORT,
        ) as client,
    ):
        processor = Processor(store, database.clock, url=PROCESSOR_URL, http=http, hang_s=0.0, late=LATE)
        wires.apps = {OUR_PORT: client.frame, PROCESSOR_PORT: processor.app}
        (await client.put("/api/v1/payment-providers/sandbox", json={})).raise_for_status()
        yield World(client, gateways.of(database), processor, store, wires, database, scope)
