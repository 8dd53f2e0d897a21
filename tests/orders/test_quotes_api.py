"""Quotes over HTTP: many carts at once, each by itself, to the cent what an order costs."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.orders.values import QUOTES_PER_CALL_MAX
from jiedan.pricing import service as pricing
from jiedan.pricing.values import PriceList, Tier
from jiedan.pricing.values.promotions import AmountOff, AttributeTest, Caps, Gift, Goods, PercentOff, Promotion, When
from tests.customers import factories as customers
from tests.orders.test_placement_api import open_shop
from tests.pricing import coupon_factories as coupons

QUOTE = "/api/v1/pricing/quote"
STATEMENTS_MAX = 18
TENTH = Promotion("tenth", "A tenth off tea", PercentOff(100_000), Goods(any_of=("sku:TEA",)))
FIVE = Promotion("five", "From five cups on", AmountOff({"CNY": 500}), Goods(any_of=("sku:CUP",)), When(min_quantity=5))
SPRING = Promotion("spring", "Spring", AmountOff({"CNY": 100}), when=When(coupon="required"))
FIRST = Promotion("first", "For the first", AmountOff({"CNY": 300}), when=When(channels=("shop",)), caps=Caps(total=1))
APP = Promotion(
    "app", "By app", AmountOff({"CNY": 50}), when=When(attributes=(AttributeTest("source", "=", ("app",)),))
)
SHIP_TO = {"country": "CN", "postal_code": "100006"}


async def publish(db: Database, scope: Scope, *promotions: Promotion) -> None:
    """Publish promotions, 13 % of tax in prices, and a flat fee."""
    async with db.begin(scope) as tx:
        for one in promotions:
            await pricing.create_rule(tx, kind="promotion", body=one)
        await pricing.set_tax_rates(tx, rows=[pricing.TaxRateRow("*", "standard", 130_000)])
        await pricing.set_shipping_fees(tx, rows=[pricing.ShippingFeeRow("CNY", 800, 9_900, "standard")])
        if promotions:
            await pricing.publish(tx)


def lines(**quantities: int) -> list[dict[str, Any]]:
    """Return the lines of a cart."""
    return [{"sku": code, "quantity": quantity} for code, quantity in quantities.items()]


CARTS: dict[str, dict[str, Any]] = {
    "a promotion and a fee": {"lines": lines(TEA=2, CUP=1)},
    "free of shipping": {"lines": lines(TEA=9, CUP=5)},
    "a code": {"lines": lines(TEA=1), "coupons": ["spring-10"]},
    "a limit": {"lines": lines(CUP=1), "channel": "shop"},
    "a price by hand": {"lines": [{"sku": "TEA", "quantity": 3, "unit_price_minor": 777, "price_reason": "Scratched"}]},
    "a discount by hand": {"lines": lines(TEA=3), "discount": {"reason": "Late", "rate_ppm": 33_333}},
    "attributes": {"lines": lines(TEA=1), "attributes": {"source": "app"}},
    "shipped for nothing": {"lines": lines(TEA=1), "shipping_minor": 0},
}


@pytest.mark.parametrize("name", CARTS)
async def test_a_cart_costs_what_the_order_is_charged(db: Database, scope: Scope, name: str) -> None:
    cart = CARTS[name]
    async with open_shop(db, scope) as client:
        await publish(db, scope, TENTH, FIVE, SPRING, FIRST, APP)
        await coupons.batch(db, scope)
        quoted = await client.post(QUOTE, json={"carts": [cart]})
        preview = (await client.post("/api/v1/orders/preview", json=cart)).json()
        placed = (await client.post("/api/v1/orders", json=cart)).json()
        order = (await client.get(f"/api/v1/orders/{placed['order_id']}")).json()
    assert quoted.status_code == 200
    (outcome,) = quoted.json()
    quote = outcome["quote"]
    assert outcome["status"] == "priced"
    assert quote["total_minor"] == preview["total_minor"] == placed["total_minor"]
    assert quote["tax_minor"] == preview["tax_minor"] == placed["tax_minor"]
    columns = ("line", "kind", "code", "unit_minor", "discount_minor", "tax_minor", "total_minor", "price_source")
    row = [[line[column] for column in columns] for line in quote["lines"]]
    assert row == [[line[column] for column in columns] for line in order["lines"]]


async def test_each_cart_is_told_by_itself_and_why(db: Database, scope: Scope) -> None:
    limited = {"lines": lines(CUP=4), "channel": "shop"}
    async with open_shop(db, scope, stock=1) as client:
        await publish(db, scope, TENTH, FIVE, FIRST)
        carts = [{"lines": lines(TEA=2)}, {"lines": lines(NOPE=1, CUP=0)}, limited, limited, {"lines": []}]
        answer = await client.post(QUOTE, json={"carts": carts}, headers={"accept-language": "en"})
    tea, wrong, first, second, empty = answer.json()
    assert (answer.status_code, tea["status"], first["status"]) == (200, "priced", "priced")
    # 2 × 10.00 less a tenth and 8.00 of shipping; stock is not asked for.
    assert tea["quote"]["total_minor"] == 2_600
    (rule, *_) = tea["quote"]["explanation"]["promotions"]
    assert (rule["name"], rule["outcome"], rule["amount_minor"]) == ("A tenth off tea", "applied", 200)
    assert "2.00" in rule["reason"]
    assert tea["quote"]["explanation"]["lines"][0]["reason"] == "price of the catalog"
    assert tea["quote"]["explanation"]["shipping"][0]["is_chosen"]
    assert tea["quote"]["trace"]["rules_version"] == 3
    near = {rule["promotion"]: rule for rule in first["quote"]["explanation"]["promotions"]}
    assert (near["five"]["is_near"], near["five"]["reason"]) == (True, "needs 1 more")
    # Both are told that they may have the one there is: nothing is promised to either.
    assert first["quote"]["total_minor"] == second["quote"]["total_minor"]
    assert near["first"]["outcome"] == "applied"
    assert wrong["status"] == "refused"
    assert {(e["code"], e["field"]) for e in wrong["errors"]} == {
        ("unknown_sku", "carts[1].lines[0].sku"),
        ("quantity_out_of_range", "carts[1].lines[1].quantity"),
    }
    assert [(e["code"], e["field"]) for e in empty["errors"]] == [("no_lines", "carts[4].lines")]


async def test_a_cart_is_priced_by_the_rules_of_its_moment(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await publish(db, scope)
        async with db.begin(scope) as tx:
            await pricing.create_rule(tx, kind="promotion", body=TENTH)
            later = tx.now + timedelta(days=3)
            await pricing.publish(tx, begins_at=later)
        cart = {"lines": lines(TEA=2), "shipping_minor": 0}
        totals = []
        for at in (None, (later - timedelta(days=1)).isoformat(), later.isoformat()):
            answer = await client.post(QUOTE, json={"carts": [cart], "at": at})
            totals.append(answer.json()[0]["quote"]["total_minor"])
        far = await client.post(QUOTE, json={"carts": [cart], "at": "2199-01-01T00:00:00Z"})
    assert totals == [2_000, 2_000, 1_800]
    assert (far.status_code, far.json()["code"], far.json()["field"]) == (422, "date_out_of_range", "at")


async def test_lines_tell_what_they_cost_by_quantity(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        async with db.begin(scope) as tx:
            for code, channels in (("shop", ("shop",)), ("api", ("api",))):
                await pricing.create_rule(tx, kind="price_list", body=PriceList(code, "CNY", channels=channels))
            await pricing.create_rule(tx, kind="promotion", body=Promotion("cup", "A cup", Gift(("CUP",))))
            await pricing.publish(tx)
            rows = [
                pricing.ListPriceRow("api", "TEA", (Tier(1, 900), Tier(10, 800), Tier(20, 700)), "graduated"),
                pricing.ListPriceRow("shop", "TEA", (Tier(5, 950),)),
            ]
            await pricing.set_list_prices(tx, rows=rows)
        carts = [{"lines": lines(TEA=12), "shipping_minor": 0}, {"lines": lines(TEA=1), "channel": "shop"}]
        answer = await client.post(QUOTE, json={"carts": carts})
    by_api, by_shop = [outcome["quote"] for outcome in answer.json()]
    assert by_api["lines"][0]["tiers"] == [
        {"min_quantity": 1, "unit_minor": 900, "mode": "volume", "price_list": "api"},
        {"min_quantity": 10, "unit_minor": 800, "mode": "graduated", "price_list": "api"},
        {"min_quantity": 20, "unit_minor": 700, "mode": "graduated", "price_list": "api"},
    ]
    # 9 × 9.00 + 3 × 8.00, as the steps say; the cup is a gift, which has none.
    assert by_api["lines"][0]["total_minor"] == 10_500
    assert [(line["code"], line["tiers"]) for line in by_api["lines"][1:]] == [("CUP", [])]
    told = [(tier["min_quantity"], tier["unit_minor"], tier["price_list"]) for tier in by_shop["lines"][0]["tiers"]]
    assert told == [(1, 1_000, ""), (5, 950, "shop")]


async def test_only_so_many_carts_and_only_who_may_price_by_hand(db: Database, scope: Scope) -> None:
    cart = {"lines": lines(TEA=1)}
    async with open_shop(db, scope, rights=("prices:read",)) as client:
        many = await client.post(QUOTE, json={"carts": [cart] * (QUOTES_PER_CALL_MAX + 1)})
        none = await client.post(QUOTE, json={"carts": []})
        by_hand = await client.post(QUOTE, json={"carts": [{**cart, "shipping_minor": 0}]})
    assert (many.status_code, many.json()["field"]) == (422, "carts")
    assert (none.status_code, none.json()["field"]) == (422, "carts")
    assert by_hand.status_code == 403


async def test_the_number_of_statements_does_not_depend_on_the_number_of_carts(
    db: Database, scope: Scope, recorder: StatementRecorder, owner: psycopg.Connection[Any]
) -> None:
    async with open_shop(db, scope) as client:
        await publish(db, scope, TENTH, FIVE, SPRING, FIRST)
        await coupons.batch(db, scope)
        (wang,) = await customers.save(db, scope, [customers.wang()])
        cart = {"lines": lines(TEA=2, CUP=1), "customer_id": str(wang), "coupons": ["SPRING10"], "ship_to": SHIP_TO}

        async def statements(count: int) -> list[str]:
            with recorder.watching() as sent:
                answer = await client.post(QUOTE, json={"carts": [cart] * count})
            assert [outcome["status"] for outcome in answer.json()] == ["priced"] * count
            return sent

        await statements(1)  # the first one also fills the process's cache of price rules
        one, many = await statements(1), await statements(QUOTES_PER_CALL_MAX)
    assert one == many
    assert len(one) <= STATEMENTS_MAX
    assert owner.execute("SELECT count(*) FROM redemption WHERE tenant_id = %s", (scope.tenant,)).fetchone() == (0,)
