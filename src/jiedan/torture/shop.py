"""A merchant for one step: a few goods in two places, some of them scarce, and an account with the sandbox."""

import dataclasses
from typing import Any
from uuid import UUID

import httpx2

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, NewMerchant, NewStaff
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId

CURRENCY = "CNY"
UNIT_MINOR = 1_250
PLACES = ("NORTH", "SOUTH")
PLENTY = 100_000
SCARCE = 60
"""Units in each place: fewer than a step asks for."""

GOODS = {"RARE": SCARCE, "A": PLENTY, "B": PLENTY, "C": PLENTY, "D": PLENTY}
"""SKUs, and how many units of each lie in each place."""

EXPIRY_MINUTES = 7 * 24 * 60
"""No order expires in a torture, and only those carts that a step makes for it."""

SHIP_TO = {
    "country": "CN",
    "name": "李雷",
    "region": "北京市",
    "city": "北京市",
    "line1": "长安街 1 号",
    "postal_code": "100006",
}


@dataclasses.dataclass(frozen=True)
class Shop:
    """A merchant, and the key its programs call with; `prices` by SKU in minor units, `units` by SKU, both places."""

    slug: str
    tenant: TenantId
    api_key: str
    units: dict[str, int]

    @property
    def headers(self) -> dict[str, str]:
        """What every call carries."""
        return {"authorization": f"Bearer {self.api_key}"}


async def open_shop(database: Database, url: str, *, slug: str) -> Shop:
    """Open a merchant in `database`, and fill its shop over HTTP at `url`. Raises httpx2.HTTPError."""
    opened = await accounts.open_merchant(
        database,
        merchant=NewMerchant(
            slug=slug,
            name=slug,
            country="CN",
            time_zone="Asia/Shanghai",
            currency=CURRENCY,
            expiry_minutes=EXPIRY_MINUTES,
        ),
        owner=NewStaff(email=f"owner@{slug}.example", name="Owner"),
    )

    async def key(tx: Tx) -> str:
        made = await accounts.create_api_key(tx, name="torture", permissions=ALL_PERMISSIONS, held=ALL_PERMISSIONS)
        return made.credential

    credential = await database.write(Scope(opened.tenant_id), key)
    shop = Shop(slug, opened.tenant_id, credential, {sku: count * len(PLACES) for sku, count in GOODS.items()})
    async with httpx2.AsyncClient(base_url=url, headers=shop.headers, timeout=30, trust_env=False) as http:
        await _fill(http)
    return shop


async def _fill(http: httpx2.AsyncClient) -> None:
    async def call(method: str, path: str, body: Any) -> None:
        (await http.request(method, f"/api/v1{path}", json=body)).raise_for_status()

    for place in PLACES:
        await call("POST", "/locations", {"code": place, "name": place, "kind": "warehouse"})
    for sku, count in GOODS.items():
        prices = [{"currency": CURRENCY, "unit_minor": UNIT_MINOR}]
        await call(
            "POST",
            "/products",
            {"code": sku, "name": sku, "status": "active", "skus": [{"code": sku, "prices": prices}]},
        )
        for place in PLACES:
            await call("POST", "/stock/receipts", {"sku": sku, "location": place, "quantity": count})
    await call("PUT", "/payment-providers/sandbox", {})


def order(lines: dict[str, int], *, customer: str) -> dict[str, Any]:
    """Return the body of an order of so many units by SKU."""
    return {
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()],
        "contact": {"name": customer, "phone": "139 1234 5678"},
        "ship_to": SHIP_TO,
    }


def order_id_of(answer: dict[str, Any]) -> UUID:
    """Return the id of an order as it was answered."""
    return UUID(answer["order_id"])
