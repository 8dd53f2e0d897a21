"""Tax rates and shipping fees over HTTP: set under a new version, refused by the row's name."""

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.pricing.api import ROUTER
from tests.accounts.factories import merchant
from tests.base import web_client

CHINA = {"country": "CN", "tax_class": "standard", "rate_ppm": 130_000}


async def test_rates_and_fees_are_set_removed_and_versioned(db: Database, tenant: TenantId) -> None:
    async with db.begin(Scope(tenant)) as tx:
        await merchant(tx)
    caller = web_client.principal(permissions=["prices:read", "prices:publish"], tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        empty = await client.get("/api/v1/price-rules")
        rates = await client.put("/api/v1/price-rules/tax-rates", json={"tax_rates": [CHINA]})
        fee = {"currency": "CNY", "fee_minor": 800, "free_from_minor": 9900}
        fees = await client.put("/api/v1/price-rules/shipping-fees", json={"shipping_fees": [fee]})
        bad = await client.put(
            "/api/v1/price-rules/shipping-fees", json={"shipping_fees": [fee, {**fee, "currency": "XXX"}]}
        )
        removed = await client.put("/api/v1/price-rules/tax-rates", json={"tax_rates": [{**CHINA, "rate_ppm": None}]})
    assert (empty.json()["version"], rates.json()["version"], fees.json()["version"]) == (0, 1, 2)
    assert rates.json()["tax_rates"] == [CHINA]
    assert fees.json()["shipping_fees"] == [{**fee, "tax_class": "standard"}]
    assert bad.status_code == 422
    assert bad.json()["field"] == "shipping_fees[1]"
    assert (removed.json()["version"], removed.json()["tax_rates"]) == (3, [])
