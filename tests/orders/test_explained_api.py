"""Why an order costs what it costs, over HTTP: by the rules that priced it, whatever was published since."""

from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.pricing import service as pricing
from jiedan.pricing.values import PriceList, Tier
from jiedan.pricing.values.promotions import AmountOff, PercentOff, Promotion, When
from jiedan.pricing.values.units import Surcharge
from tests.customers import factories as customers
from tests.orders.test_placement_api import RIGHTS, open_shop
from tests.orders.test_quotes_api import CARTS, FIRST, FIVE, SPRING, TENTH, lines, publish
from tests.pricing import coupon_factories as coupons

WELCOME = Promotion("welcome", "Welcome", AmountOff({"CNY": 200}), when=When(first_order=True))


@pytest.mark.parametrize("name", CARTS)
async def test_an_order_is_explained_by_the_rules_that_priced_it(db: Database, scope: Scope, name: str) -> None:
    async with open_shop(db, scope) as client:
        await publish(db, scope, TENTH, FIVE, SPRING, FIRST)
        await coupons.batch(db, scope)
        quoted = (await client.post("/api/v1/pricing/quote", json={"carts": [CARTS[name]]})).json()[0]["quote"]
        placed = (await client.post("/api/v1/orders", json=CARTS[name])).json()
        async with db.begin(scope) as tx:
            await pricing.create_rule(tx, kind="promotion", body=Promotion("half", "Half", PercentOff(500_000)))
            await pricing.publish(tx)
        told = (await client.get(f"/api/v1/orders/{placed['order_id']}/prices")).json()
    assert told["charged_minor"] == told["recomputed_minor"] == placed["total_minor"]
    assert told["is_same"] is True
    assert told["problems"] == []
    outcomes = [(rule["promotion"], rule["outcome"]) for rule in told["explanation"]["promotions"]]
    assert outcomes == [(rule["promotion"], rule["outcome"]) for rule in quoted["explanation"]["promotions"]]
    assert told["explanation"]["taxes"] == quoted["explanation"]["taxes"]
    assert told["rules_version"] == quoted["trace"]["rules_version"]
    assert [x["reason"] for x in told["explanation"]["lines"]] == [x["reason"] for x in quoted["explanation"]["lines"]]


async def test_unit_prices_are_those_that_were_charged(db: Database, scope: Scope) -> None:
    wholesale = PriceList("wholesale", "CNY")
    async with open_shop(db, scope) as client:
        await publish(db, scope, TENTH)
        async with db.begin(scope) as tx:
            await pricing.create_rule(tx, kind="price_list", body=wholesale)
            await pricing.publish(tx)
            await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("wholesale", "TEA", (Tier(1, 900),))])
        placed = (await client.post("/api/v1/orders", json={"lines": lines(TEA=2)})).json()
        async with db.begin(scope) as tx:
            await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("wholesale", "TEA", (Tier(1, 500),))])
        told = (
            await client.get(f"/api/v1/orders/{placed['order_id']}/prices", headers={"accept-language": "en"})
        ).json()
    # 2 × 9.00 less a tenth, and 8.00 of shipping.
    assert (told["charged_minor"], told["is_same"]) == (2_420, True)
    assert told["explanation"]["lines"][0]["reason"].startswith("price list wholesale")


async def test_a_price_that_was_charged_has_its_surcharge_in_it(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        async with db.begin(scope) as tx:
            await pricing.create_rule(tx, kind="price_list", body=PriceList("wholesale", "CNY"))
            await pricing.create_rule(tx, kind="surcharge", body=Surcharge("fine", "sku:TEA", amounts={"CNY": 50}))
            await pricing.publish(tx)
            await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("wholesale", "TEA", (Tier(1, 900),))])
        placed = (await client.post("/api/v1/orders", json={"lines": lines(TEA=2)})).json()
        async with db.begin(scope) as tx:
            await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("wholesale", "TEA", (Tier(1, 500),))])
        told = (await client.get(f"/api/v1/orders/{placed['order_id']}/prices")).json()
    # 2 × (9.00 + 0.50).
    assert (told["charged_minor"], told["recomputed_minor"], told["is_same"]) == (1_900, 1_900, True)


async def test_a_first_order_is_told_as_one_though_others_came_since(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await publish(db, scope, WELCOME)
        (wang,) = await customers.save(db, scope, [customers.wang()])
        cart = {"lines": lines(TEA=1), "customer_id": str(wang)}
        first, second = [(await client.post("/api/v1/orders", json=cart)).json() for _ in range(2)]
        told = [(await client.get(f"/api/v1/orders/{x['order_id']}/prices")).json() for x in (first, second)]
    assert [x["is_same"] for x in told] == [True, True]
    assert [x["explanation"]["promotions"][0]["outcome"] for x in told] == ["applied", "not_first_order"]


async def test_history_and_changed_goods_are_told_honestly(db: Database, scope: Scope) -> None:
    sold = {"unit_minor": 1_234, "discount_minor": 100, "tax_minor": 130}
    imported: dict[str, Any] = {
        "lines": [{"sku": "TEA", "quantity": 1, "as_sold": sold}],
        "history": {"placed_at": "2020-05-01T00:00:00Z"},
        "shipping_minor": 500,
        "shipping_tax_minor": 50,
    }
    async with open_shop(db, scope) as client:
        await publish(db, scope, TENTH)
        placed = (await client.post("/api/v1/orders", json=imported)).json()
        told = (await client.get(f"/api/v1/orders/{placed['order_id']}/prices")).json()
        missing = await client.get("/api/v1/orders/0193a000-0000-7000-8000-000000000009/prices")
    assert told["charged_minor"] == placed["total_minor"]
    assert told["explanation"]["promotions"] == []
    assert missing.status_code == 404


async def test_what_was_set_by_hand_since_is_told_as_that(db: Database, scope: Scope) -> None:
    edit = {"lines": [{"line": 1, "unit_price_minor": 500, "price_reason": "A dent."}]}
    async with open_shop(db, scope, rights=(*RIGHTS, "orders:price")) as client:
        await publish(db, scope, TENTH)
        placed = (await client.post("/api/v1/orders", json={"lines": lines(TEA=2, CUP=1)})).json()
        at = f"/api/v1/orders/{placed['order_id']}/prices"
        before = (await client.get(at)).json()
        changed = await client.patch(at, json=edit)
        assert changed.status_code == 200, changed.text
        told = (await client.get(at)).json()
        await client.patch(at, json={"lines": [{"line": 1, "unit_price_minor": None}]})
        back = (await client.get(at)).json()
    assert (before["set_since"], before["placed_minor"]) == ([], placed["total_minor"])
    # 2 × 10.00 less a tenth, a cup and 8.00 of shipping; then 2 × 5.00 less what the promotion gave.
    assert (told["placed_minor"], told["charged_minor"]) == (3_600, 2_600)
    assert (told["is_same"], told["recomputed_minor"], told["problems"]) == (True, 3_600, [])
    assert told["explanation"] == before["explanation"]
    (since,) = told["set_since"]
    assert (since["why"], since["before"], since["after"]) == ("A dent.", ["TEA: 10.00 CNY"], ["TEA: 5.00 CNY"])
    assert (since["by_kind"], bool(since["by_id"]), bool(since["at"])) == ("staff", True, True)
    assert (back["is_same"], back["charged_minor"], len(back["set_since"])) == (True, 3_600, 2)


async def test_a_rate_by_hand_is_told_as_it_was_given(db: Database, scope: Scope) -> None:
    cart = {"lines": lines(TEA=3, CUP=2), "discount": {"reason": "Late.", "rate_ppm": 333_333}}
    async with open_shop(db, scope, rights=(*RIGHTS, "orders:price")) as client:
        await publish(db, scope, TENTH)
        placed = (await client.post("/api/v1/orders", json=cart)).json()
        told = (await client.get(f"/api/v1/orders/{placed['order_id']}/prices")).json()
    assert told["kept"]["discount_ppm"] == 333_333
    assert (told["is_same"], told["recomputed_minor"]) == (True, placed["total_minor"])
