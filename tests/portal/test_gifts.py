"""Gifts and shipping at the checkout of the shop: shown, chosen, told what was saved."""

import re
from pathlib import Path

from jiedan.base.db import Database, Scope
from jiedan.orders import queries as orders
from jiedan.orders.rules import tickets
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import Gift, Goods, Promotion, ShippingOff
from tests.portal.factories import open_shop, receive, visiting
from tests.portal.test_pages import web_secret

LONGJING = Goods(any_of=("sku:TEA-50",))


async def test_a_gift_is_chosen_at_the_checkout_and_comes_with_the_order(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    await receive(db, scope, {"CUP": {"W1": 5}})
    async with db.begin(scope) as tx:
        gift = Promotion("welcome", "Welcome gift", Gift(("CUP", "TEA-100")), LONGJING)
        await pricing.create_rule(tx, kind="promotion", body=gift)
        await pricing.publish(tx)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 2)
        shown = await who.get("/checkout")
        assert "Welcome gift" in shown
        assert ('<option value="CUP" selected>' in shown, 'id="gift-1"' in shown) == (True, True)
        chosen = await who.send("/checkout", {"action": "preview", "gift_choice": "TEA-100"}, on="/checkout")
        assert '<option value="TEA-100" selected>' in chosen.text
        wrong = await who.send("/checkout", {"action": "preview", "gift_choice": "OLD"}, on="/checkout")
        assert "OLD is not offered as a gift." in wrong.text
        answer = await who.check_out(payment="on_delivery", gift_choice="TEA-100")
        placed = await who.follow(answer)
    assert "Thank you for your order" in placed
    ticket = answer.headers["location"].rpartition("/")[2]
    order_id = tickets.order_of(web_secret(), scope.tenant, ticket)
    assert order_id is not None
    async with db.read(scope) as tx:
        found = await orders.order(tx, order_id)
    assert [(x.code, x.price_source, x.ordered, x.total_minor, x.allocated) for x in found.lines] == [
        ("TEA-50", "list", 2, 6_000, 2),
        ("TEA-100", "gift", 1, 0, 1),
    ]


async def test_the_same_gift_is_chosen_of_two_promotions(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    await receive(db, scope, {"CUP": {"W1": 5}})
    async with db.begin(scope) as tx:
        for name in ("first", "second"):
            gift = Promotion(name, name.title(), Gift(("CUP", "TEA-100")), LONGJING)
            await pricing.create_rule(tx, kind="promotion", body=gift)
        await pricing.publish(tx)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 2)
        one = await who.send("/checkout", {"action": "preview", "gift_choice": ["CUP", "TEA-100"]}, on="/checkout")
        both = await who.send("/checkout", {"action": "preview", "gift_choice": ["TEA-100"] * 2}, on="/checkout")
        named = {"action": "preview", "gift_choice": ["TEA-100", "CUP"], "gift_of": ["second", "first"]}
        each = await who.send("/checkout", named, on="/checkout")
    assert [one.text.count(f'value="{sku}" selected') for sku in ("CUP", "TEA-100")] == [1, 1]
    assert [both.text.count(f'value="{sku}" selected') for sku in ("CUP", "TEA-100")] == [0, 2]
    assert 'aria-label="Choose your gift: Second"' in each.text
    shown = re.findall(r'name="gift_of" value="(\w+)">.*?value="([\w-]+)" selected', each.text)
    assert shown == [("first", "CUP"), ("second", "TEA-100")], "each has what was chosen of it"


async def test_shipping_for_nothing_says_what_was_saved(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    async with db.begin(scope) as tx:
        await pricing.set_shipping_fees(tx, rows=[pricing.ShippingFeeRow("CNY", 1_000, None, "standard")])
        free = Promotion("free", "Free shipping", ShippingOff(rate_ppm=1_000_000))
        await pricing.create_rule(tx, kind="promotion", body=free)
        await pricing.publish(tx)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 2)
        shown = await who.get("/checkout")
        placed = await who.follow(await who.check_out(payment="on_delivery"))
    assert "<dt>Savings</dt><dd>-CN¥10.00</dd>" in shown
    assert "¥10.00 saved" in placed
