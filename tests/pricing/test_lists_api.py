"""Prices of price lists over HTTP: set and removed in sets, each row with its outcome; listed page by page."""

from jiedan.base.db import Database, Scope
from jiedan.pricing.api import ROUTER
from tests.base import web_client
from tests.orders import factories

PRICES = "/api/v1/list-prices"
RULES = "/api/v1/price-rules/drafts"


def price(sku: str, *tiers: tuple[int, int], of: str = "wholesale") -> dict[str, object]:
    """Return a row."""
    return {
        "price_list": of, "sku": sku, "tiers": [{"min_quantity": least, "unit_minor": minor} for least, minor in tiers],
    }  # fmt: skip


async def test_prices_of_lists_are_set_listed_and_removed(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {code: {"A": 9} for code in ("CUP", "POT", "TEA")})
    caller = web_client.principal(permissions=["prices:read", "prices:write"], tenant=scope.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        await client.post(RULES, json={"kind": "price_list", "body": {"code": "wholesale", "currency": "CNY"}})
        none = await client.get(PRICES, params={"price_list": "wholesale"})
        unknown = await client.get(PRICES, params={"price_list": "retail"})
        rows = [
            price("TEA", (1, 900), (10, 800)),
            price("NOPE", (1, 900)),
            price("CUP", (1, 900), (1, 800)),
            price("POT", (1, 500), of="retail"),
            price("CUP", (1, 950)),
            price("POT", (2, 500)),
        ]
        put = await client.put(PRICES, json={"prices": rows})
        again = await client.put(PRICES, json={"prices": rows[:1]})
        pages = []
        address = f"{PRICES}?price_list=wholesale&limit=2"
        while address:
            answer = (await client.get(address)).json()
            pages.append(answer)
            address = f"{PRICES}?price_list=wholesale&limit=2&cursor={answer['next']}" if answer["next"] else ""
        back = await client.get(f"{PRICES}?price_list=wholesale&limit=2&cursor={pages[-1]['previous']}")
        gone = await client.post(f"{PRICES}/removals", json={"prices": [
            {"price_list": "wholesale", "sku": "TEA"}, {"price_list": "wholesale", "sku": "NOPE"},
        ]})  # fmt: skip
        left = await client.get(PRICES, params={"price_list": "wholesale"})
        many = await client.put(PRICES, json={"prices": [price("TEA", (1, 1))] * 1_001})
        empty = await client.put(PRICES, json={"prices": [{"price_list": "wholesale", "sku": "TEA", "tiers": []}]})
    assert (none.status_code, none.json()["items"]) == (200, [])
    assert (unknown.status_code, unknown.json()["code"]) == (422, "price_list_unknown")
    tea, nope, cup, pot, other_cup, other_pot = put.json()
    assert [x.get("became") for x in (tea, other_cup, other_pot)] == ["set", "set", "set"]
    assert (nope["problem"]["code"], nope["problem"]["field"]) == ("price_sku_unknown", "prices[1].sku")
    assert cup["problem"]["field"] == "prices[2].tiers[1].min_quantity"
    assert pot["problem"]["field"] == "prices[3].price_list"
    assert [x["became"] for x in again.json()] == ["unchanged"]
    assert [[x["sku"] for x in page["items"]] for page in pages] == [["CUP", "POT"], ["TEA"]]
    assert pages[1]["items"][0] == {
        "price_list": "wholesale",
        "sku": "TEA",
        "currency": "CNY",
        "mode": "volume",
        "tiers": [{"min_quantity": 1, "unit_minor": 900}, {"min_quantity": 10, "unit_minor": 800}],
    }
    assert [x["sku"] for x in back.json()["items"]] == ["CUP", "POT"]
    assert gone.json()[0]["became"] == "removed"
    assert gone.json()[1]["problem"]["code"] == "price_sku_unknown"
    assert [x["sku"] for x in left.json()["items"]] == ["CUP", "POT"]
    assert (many.status_code, many.json()["field"]) == (422, "prices")
    assert (empty.status_code, empty.json()["field"]) == (422, "prices[0].tiers")
