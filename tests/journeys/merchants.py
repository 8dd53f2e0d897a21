"""A merchant who works over HTTP with an API key, through the whole application, and whoever works in the back room."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2

from jiedan import wiring
from jiedan.base.db import Database
from jiedan.base.drain import Drain
from tests.accounts import factories as accounts
from tests.api import worlds
from tests.base import web_client

SHIP_TO = {
    "country": "CN",
    "name": "李雷",
    "region": "北京市",
    "city": "北京市",
    "district": "东城区",
    "line1": "长安街 1 号",
    "postal_code": "100006",
    "lat": 39.9,
    "lon": 116.4,
}
FIRST_ORDER = {
    "lines": [{"sku": "TEA-250", "quantity": 2}, {"sku": "TEA-POT", "quantity": 1}],
    "contact": {"name": "李雷", "phone": "139 1234 5678"},
    "ship_to": SHIP_TO,
}
"""The order that the README places."""


class Merchant:
    """Calls the API as its owner."""

    def __init__(self, client: web_client.Client, db: Database, at: accounts.Opened, credential: str) -> None:
        self.at = at
        self._client = client
        self._db = db
        self._credential = credential

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Call, and return the answer whatever it is."""
        sent = {"authorization": f"Bearer {self._credential}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind = {"content": body} if isinstance(body, bytes) else {"json": body}
        return await self._client.request(method, f"/api/v1{path}", headers=sent, **({} if body is None else kind))

    async def get(self, path: str) -> Any:
        """Get what must be there."""
        return worlds.answered(await self.call("GET", path))

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Post what must be accepted."""
        return worlds.answered(await self.call("POST", path, body, **headers))

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Call what must be refused; return status and code."""
        response = await self.call(method, path, body)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["code"]

    async def hand_out_events(self) -> None:
        """Let the worker hand out what happened."""
        drain = Drain(self._db, None, wiring.SUBSCRIPTIONS)
        while await drain.drain_tenant(self.at.tenant):
            pass

    async def available(self, sku: str) -> int:
        """Return what may be promised of a SKU, everywhere."""
        (found,) = await self.post("/stock/availability", {"skus": [sku]})
        return int(found["available"])

    async def assert_balance(self) -> None:
        """Fail with what diverges in the books."""
        books = await self.get("/verify")
        assert books["balance"], books["findings"]
        assert books["checks"] > 40


@contextlib.asynccontextmanager
async def open_shops(db: Database, home: Path, count: int = 1, **settings: Any) -> AsyncIterator[list[Merchant]]:
    """Open merchants who sell tea and pots in two places: everything they have is made over HTTP."""
    async with worlds.open_api(db, home) as client:
        opened = []
        for _ in range(count):
            at = await accounts.opened(db)
            key = await accounts.api_key(db, at)
            merchant = Merchant(client, db, at, key.credential)
            if settings:
                response = await merchant.call("PATCH", "/settings", settings)
                worlds.answered(response)
            await _furnish(merchant)
            opened.append(merchant)
        yield opened


async def _furnish(merchant: Merchant) -> None:
    def priced(code: str, unit_minor: int) -> dict[str, Any]:
        return {"code": code, "prices": [{"currency": "CNY", "unit_minor": unit_minor}]}

    tea = [
        priced("TEA-250", 3_900) | {"option_values": ["250 g"]},
        priced("TEA-500", 6_900) | {"option_values": ["500 g"]},
    ]
    options = [{"name": "Size", "choices": ["250 g", "500 g"]}]
    for product in (
        {"code": "TEA", "name": "龙井", "options": options, "skus": tea},
        {"code": "POT", "name": "Tea pot", "skus": [priced("TEA-POT", 12_800)]},
        {"code": "WRAP", "name": "Gift wrapping", "kind": "service", "skus": [priced("WRAP", 500)]},
    ):
        await merchant.post("/products", {"status": "active", **product})
    places = {"BJ-1": (39.9, 116.4), "SH-1": (31.2, 121.5)}
    for code, (lat, lon) in places.items():
        await merchant.post("/locations", {"code": code, "name": code, "kind": "warehouse", "lat": lat, "lon": lon})
    for sku, place, quantity in (("TEA-250", "BJ-1", 10), ("TEA-250", "SH-1", 10), ("TEA-POT", "SH-1", 3)):
        await merchant.post("/stock/receipts", {"sku": sku, "location": place, "quantity": quantity})
