"""What the order's page tells of promotions: given, nearly, not, and why."""

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.pricing.values.promotions import AmountOff, Caps, Goods, PercentOff, Promotion, When
from tests.console.test_pages import ORDER_STATEMENTS_MAX, PICTURE_STATEMENTS_MAX, open_console, page
from tests.orders.factories import order, place_one, shop
from tests.orders.test_promotions import publish
from tests.pricing import coupon_factories as coupons

PROMOTION_STATEMENTS_MAX = 4

TEA = Goods(any_of=("sku:TEA",))
TENTH = Promotion("tenth", "A tenth off tea", PercentOff(100_000), TEA)
ONCE = Promotion("once", "For the first one", AmountOff({"CNY": 300}), TEA, caps=Caps(total=1))
FIVE = Promotion("five", "Five at once", AmountOff({"CNY": 500}), TEA, When(min_quantity=5))
SPRING = Promotion("spring", "Spring", AmountOff({"CNY": 100}), TEA, When(coupon="required"))


async def test_the_page_tells_what_was_given_nearly_and_not(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope, TENTH, ONCE, FIVE, SPRING)
    await coupons.batch(db, scope)
    await place_one(db, scope, order(("TEA", 1)))
    second = await place_one(db, scope, order(("TEA", 3), coupons=("SPRING10",)))
    recorder = db.recorder
    assert recorder is not None
    async with open_console(db, scope) as client:
        with recorder.watching() as sent:
            shown = await page(client, f"/orders/{second.order_id}")
    assert len(sent) <= ORDER_STATEMENTS_MAX + PICTURE_STATEMENTS_MAX + PROMOTION_STATEMENTS_MAX, sent
    card = shown.partition('id="prices"')[2].partition("</section>")[0]
    assert ("/prices/versions/" in card, "A tenth off tea" in card, "10% off" in card) == (True, True, True)
    assert ("Five at once</b><p>needs 2 more" in card, "was given as often as it may be" in card) == (True, True)
    assert ("SPRING10" in card, "taken" in card) == (True, True)
    async with open_console(db, scope, rights=ALL_PERMISSIONS - {"prices:read"}) as client:
        blind = await page(client, f"/orders/{second.order_id}")
    assert ("A tenth off tea" in blind, "/prices/versions/" in blind) == (True, False)


async def test_an_order_without_promotions_tells_nothing_of_them(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"A": 9}})
    placed = await place_one(db, scope, order(("TEA", 1)))
    async with open_console(db, scope) as client:
        assert 'id="prices"' not in await page(client, f"/orders/{placed.order_id}")
