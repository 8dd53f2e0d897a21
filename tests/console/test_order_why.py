"""Why an order's prices are what they are: every step, every rule, and where each can be read."""

from collections.abc import Iterable
from typing import Any

import psycopg
import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.pricing import queries
from jiedan.pricing import service as pricing
from jiedan.pricing.values import PriceList, Tier
from jiedan.pricing.values.promotions import AmountOff, Goods, PercentOff, Promotion, When
from jiedan.pricing.values.units import Surcharge
from tests.console.test_pages import open_console, page
from tests.orders.factories import order, place_one, shop
from tests.orders.test_promotions import publish

WHY_STATEMENTS_MAX = 26

TEA = Goods(any_of=("sku:TEA",))
TENTH = Promotion("tenth", "A tenth off tea", PercentOff(100_000), TEA)
ALL = Promotion("all", "Three off everything", AmountOff({"CNY": 300}, per="order"))
FIVE = Promotion("five", "Five at once", AmountOff({"CNY": 500}), TEA, When(min_quantity=5))


def has(page: str, texts: Iterable[str]) -> list[str]:
    """Return those of the texts that a page does not have."""
    return [text for text in texts if text not in page]


async def test_every_step_is_told_with_the_rule_it_comes_from(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"A": 9}, "CUP": {"A": 9}})
    await publish(db, scope, TENTH, ALL, FIVE)
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="price_list", body=PriceList("trade", "CNY"))
        await pricing.create_rule(tx, kind="surcharge", body=Surcharge("fine", "sku:TEA", amounts={"CNY": 50}))
        await pricing.publish(tx)
        await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("trade", "TEA", (Tier(1, 900), Tier(9, 700)))])
    placed = await place_one(db, scope, order(("TEA", 3), ("CUP", 1)))
    recorder = db.recorder
    assert recorder is not None
    async with open_console(db, scope) as client:
        with recorder.watching() as sent:
            told = await page(client, f"/orders/{placed.order_id}/why")
        order_page = await page(client, f"/orders/{placed.order_id}")
        rule = await page(client, "/prices/versions/2?rule=promotion%3Atenth")
        none = await page(client, "/prices/versions/2?rule=promotion%3Agone")
    assert len(sent) <= WHY_STATEMENTS_MAX, sent
    # 3 × (9.00 + 0.50) = 28.50, less a tenth 2.85, less the part of 3.00 that falls on 25.65 of 35.65.
    steps = (
        *("price list trade", "6 more, and a unit costs CN¥7.00", "fine", "CN¥0.50", "CN¥9.50"),
        *("3 × CN¥9.50", "CN¥28.50", "A tenth off tea", "−CN¥2.85", "its part of CN¥3.00 on 2 lines"),
        *("shared out by what the lines were worth", "needs 2 more"),
    )
    assert has(told, steps) == []
    async with db.read(scope) as tx:
        version = await tx.load_one(queries.version())
    links = ("price_list%3Atrade", "surcharge%3Afine", "promotion%3Atenth", "promotion%3Afive")
    assert has(told, [f"/prices/versions/{version}?rule={link}" for link in links]) == []
    assert f"/orders/{placed.order_id}/why" in order_page
    assert "10% off" in rule.partition('id="rule"')[2].partition("</section>")[0]
    assert "This version has no rule promotion:gone." in none


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "needs 2 more"), ("zh-Hans", "还差 2 件"), ("zh-Hant", "還差 2 件")]
)
async def test_it_is_told_in_the_language_of_whoever_reads(db: Database, scope: Scope, locale: str, said: str) -> None:
    await shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope, FIVE)
    placed = await place_one(db, scope, order(("TEA", 3)))
    async with open_console(db, scope, ALL_PERMISSIONS - {"prices:read"}, locale) as client:
        told = await page(client, f"/orders/{placed.order_id}/why")
    assert (said in told, "?rule=" in told) == (True, False)


async def test_an_order_before_any_rules_is_told_as_such(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"A": 9}})
    placed = await place_one(db, scope, order(("TEA", 1)))
    async with open_console(db, scope) as client:
        told = await page(client, f"/orders/{placed.order_id}/why")
    assert has(told, ("nothing was published then", "price of the catalog", "There are no promotions.")) == []


async def test_an_order_whose_rules_are_gone_tells_what_was_kept(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope, TENTH)
    placed = await place_one(db, scope, order(("TEA", 1)))
    with owner.transaction():
        owner.execute(b"SET LOCAL session_replication_role = 'replica'")
        owner.execute("UPDATE order_decision SET rules_version = 99 WHERE order_id = %s", [placed.order_id])
        owner.execute("UPDATE orders SET price_rules_version = 99 WHERE order_id = %s", [placed.order_id])
    async with open_console(db, scope) as client:
        told = await page(client, f"/orders/{placed.order_id}/why")
    assert has(told, ("How these prices came about is not known any more", "There is no version 99", "tenth")) == []
    assert "What it costs" not in told
