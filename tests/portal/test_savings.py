"""Promotions and coupons in the shop: what is saved and why, what is nearly there, and what the checkout agrees to."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.portal import paying
from jiedan.portal.paying import Method
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import AmountOff, BuyGet, Caps, Goods, PercentOff, Promotion, When
from tests.conftest import FakeClock
from tests.orders.test_promotions import publish
from tests.portal.factories import CHECKOUT, HTML, Visitor, hidden, open_shop, visiting
from tests.pricing import coupon_factories as coupons

FRONT = {"pays_on_delivery": True}
THIRD = Promotion("third", "Third for nothing", BuyGet(2, 1, rate_ppm=1_000_000), Goods(any_of=("sku:TEA-50",)))
BY_CODE = When(coupon="required", min_spend={"CNY": 3_000})
SPRING = Promotion("spring", "Spring greeting", AmountOff({"CNY": 1_000}), when=BY_CODE)
TENTH = Promotion("tenth", "A tenth off cups", PercentOff(100_000), Goods(any_of=("sku:CUP",)))


async def on_sale(db: Database, scope: Scope, *promotions: Promotion) -> None:
    """Open a shop with promotions, and a code for one."""
    await open_shop(db, scope, front=FRONT)
    await publish(db, scope, *(promotions or (THIRD, SPRING)))
    await coupons.batch(db, scope)


async def change_cart(who: Visitor, quantity: int, **fields: Any) -> Any:
    """Send the form of the cart, which holds tea."""
    sent = {"sku": "TEA-50", "quantity": quantity, **fields}
    return await who.send("/cart", sent, on="/cart")


async def press(who: Visitor, shown: str, **changes: Any) -> Any:
    """Place the order of a checkout as it was shown."""
    form = shown.partition('class="checkout"')[2].partition("</form>")[0]
    fields = {**hidden(form), **CHECKOUT, "action": "place", "payment": "on_delivery", **changes}
    sent = {name: value for name, value in fields.items() if value is not None}
    return await who.client.post(f"{who.base}/checkout", data=sent, headers=HTML, follow_redirects=False)


async def test_what_is_nearly_there_is_offered_saved_and_told_on_the_order(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await on_sale(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        two = await who.put_in("longjing", "TEA-50", 2)
        assert "Add 1 more: Buy 2 × " in two
        assert "You save" not in two
        three = await who.follow(await change_cart(who, 3))
        assert ("Third for nothing" in three, "You save CN¥30.00" in three) == (True, True)
        assert ("CN¥90.00" in three, "CN¥60.00" in three) == (True, True)
        wrong = await change_cart(who, 3, coupon="NO-SUCH", action="coupon")
        assert wrong.status_code == 422
        assert "The coupon NO-SUCH cannot be used: there is no such code." in wrong.text
        assert 'value="NO-SUCH"' in wrong.text
        right = await who.follow(await change_cart(who, 3, coupon="spring 10", action="coupon"))
        assert ("It counts." in right, "You save CN¥40.00" in right) == (True, True)
        checkout = await who.get("/checkout")
        assert ("You save CN¥40.00" in checkout, "Spring greeting" in checkout) == (True, True)
        answer = await press(who, checkout)
        placed = await who.follow(answer)
        assert ("CN¥50.00" in placed, "You saved CN¥40.00" in placed) == (True, True)
        page = re.search(rf'href="{who.base}(/orders/[^"]+)"', placed)
        assert page is not None
        order = await who.get(page[1].replace("&amp;", "&"))
    assert "You saved CN¥40.00" in order
    assert "SPRING10" in order
    assert "Buy 2 × " in order


async def test_a_coupon_is_taken_and_taken_out_at_the_checkout(db: Database, scope: Scope, tmp_path: Path) -> None:
    await on_sale(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        wrong = await press(who, await who.get("/checkout"), action="coupon", coupon="nothing", note="Ring twice.")
        assert wrong.status_code == 422
        assert ("The coupon was not taken" in wrong.text, "there is no such code" in wrong.text) == (True, True)
        assert "Ring twice." in wrong.text
        right = await press(who, wrong.text, action="coupon", coupon="SPRING10", note="Ring twice.")
        assert (right.status_code, "You save CN¥10.00" in right.text) == (200, True)
        assert ("Ring twice." in right.text, 'name="coupon" type="text" value=""' in right.text) == (True, True)
        out = await press(who, right.text, action=None, remove_coupon="SPRING10")
        assert (out.status_code, "SPRING10" in out.text) == (200, False)
        typed = await press(who, out.text, coupon="SPRING10")
        assert typed.status_code == 409
        assert "The total has changed: it was CN¥30.00, now it is CN¥20.00." in typed.text
        assert (await press(who, typed.text)).status_code == 303


async def test_nothing_is_placed_at_a_total_that_was_not_shown(db: Database, scope: Scope, tmp_path: Path) -> None:
    await on_sale(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        shown = await who.get("/checkout")
        async with db.begin(scope) as tx:
            await pricing.create_rule(tx, kind="promotion", body=TENTH)
            await pricing.publish(tx)
        changed = await press(who, shown)
        assert changed.status_code == 409
        assert "The total has changed: it was CN¥10.00, now it is CN¥9.00." in changed.text
        assert "</span>CN¥10.00</del> CN¥9.00" in changed.text
        assert 'name="sku"' in await who.get("/cart")
        unseen = await press(who, changed.text, total_minor=None)
        assert "please look at the total first" in unseen.text
        assert (await press(who, changed.text)).status_code == 303


async def test_what_depends_on_the_way_to_pay_is_told_before_it_is_agreed_to(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    cash = Promotion("cash", "For cash", AmountOff({"CNY": 200}), when=When(payment_terms=("on_delivery",)))
    await open_shop(db, scope, front={**FRONT, "transfer_instructions": "Account 12345"})
    await publish(db, scope, cash)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        shown = await who.get("/checkout")
        assert "For cash" not in shown
        assert "Pay on delivery: CN¥2.00 off" in shown
        changed = await press(who, shown)
        assert "it was CN¥10.00, now it is CN¥8.00." in changed.text
        assert "For cash" in changed.text
        assert (await press(who, changed.text)).status_code == 303


async def test_who_pays_as_a_promotion_asks_has_its_price(db: Database, scope: Scope, tmp_path: Path) -> None:
    bank = Promotion("bank", "Bank week", AmountOff({"CNY": 500}), when=When(payment_methods=("bank_transfer",)))
    await open_shop(db, scope, front={**FRONT, "transfer_instructions": "Account 12345"})
    await publish(db, scope, bank)
    async with visiting(db, scope, tmp_path) as who:
        cart = await who.put_in("cup", "CUP")
        assert "Pay by Bank transfer: CN¥5.00 off" in cart
        shown = await who.get("/checkout")
        assert "Bank week" in shown
        other = await press(who, shown)
        assert "it was CN¥5.00, now it is CN¥10.00." in other.text
        assert "Pay by Bank transfer: CN¥5.00 off" in other.text
        back = await press(who, other.text, payment="transfer")
        assert "it was CN¥10.00, now it is CN¥5.00." in back.text
        placed = await press(who, back.text, payment="transfer")
        assert placed.status_code == 303
        page = await who.follow(placed)
    assert ("Bank week" in page, "CN¥5.00" in page) == (True, True)


def test_an_order_is_paid_as_was_agreed_where_that_is_still_offered() -> None:
    card, transfer = Method("provider:sandbox", "Card", ""), Method("transfer", "Bank transfer", "")
    assert [paying.method_of(x) for x in ("provider:x", "transfer", "on_delivery", "credit", "")] == [
        "card",
        "bank_transfer",
        "cash_on_delivery",
        "store_credit",
        None,
    ]
    assert paying.among([card, transfer], ["card", "voucher"]) == [card]
    assert paying.among([card, transfer], ()) == [card, transfer]
    assert paying.among([transfer], ["card"]) == [transfer], "what was agreed on is offered no more"


async def test_a_coupon_that_ends_in_the_cart_is_left_out_and_told(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await open_shop(db, scope, front=FRONT)
    await publish(db, scope, SPRING)
    await coupons.batch(db, scope, valid_until=clock.now() + timedelta(days=1))
    await coupons.batch(db, scope, promotion="gone", codes=("ORPHAN",))
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        await change_cart(who, 1, coupon="SPRING10", action="coupon")
        orphan = await who.follow(await change_cart(who, 1, coupon="ORPHAN", action="coupon"))
        assert ("The coupon ORPHAN cannot be used" in orphan, "You save CN¥10.00" in orphan) == (True, True)
        shown = await who.get("/checkout")
        clock.advance(timedelta(days=2))
        cart = await who.get("/cart")
        assert ("it has expired" in cart, "You save" in cart) == (True, False)
        changed = await press(who, shown)
        assert "it was CN¥20.00, now it is CN¥30.00" in changed.text
        assert (await press(who, changed.text)).status_code == 303


async def test_a_code_that_does_not_fit_the_goods_says_so(db: Database, scope: Scope, tmp_path: Path) -> None:
    cups = Promotion(
        "spring", "Cups in spring", AmountOff({"CNY": 100}), Goods(any_of=("sku:CUP",)), When(coupon="required")
    )
    await on_sale(db, scope, cups)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await who.follow(await change_cart(who, 1, coupon="SPRING10", action="coupon"))
    assert "none of its goods are in the cart" in shown
    assert "It counts." not in shown


async def test_a_product_shows_what_it_cost_before(db: Database, scope: Scope, tmp_path: Path) -> None:
    await on_sale(db, scope, TENTH)
    async with visiting(db, scope, tmp_path) as who:
        cup = await who.get(await who.product("cup"))
        tea = await who.get(await who.product("longjing"))
    assert re.search(r'CN¥9.00 <del><span class="vh">before </span>CN¥10.00</del>', cup)
    assert "<del>" not in tea


async def test_each_variant_is_priced_as_if_it_were_ordered_alone(db: Database, scope: Scope, tmp_path: Path) -> None:
    """A promotion for one order alone is there for whichever variant is chosen."""
    once = Promotion("once", "For the first", PercentOff(100_000), caps=Caps(total=1))
    await on_sale(db, scope, once)
    async with visiting(db, scope, tmp_path) as who:
        tea = await who.get(await who.product("longjing"))
    assert re.search(r'CN¥27.00 <del><span class="vh">before </span>CN¥30.00</del>', tea)
    assert "+CN¥22.50" in tea  # 49.50, and not 55.00


async def test_pages_with_promotions_cost_a_fixed_number_of_statements(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await on_sale(db, scope, THIRD, SPRING, TENTH)
    recorder = db.recorder
    assert recorder is not None
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("longjing")
        await who.put_in("longjing", "TEA-50", 2)
        await change_cart(who, 3, coupon="SPRING10", action="coupon")
        counts = []
        for _ in range(2):
            for address, most in ((path, 27), ("/cart", 34), ("/checkout", 54)):
                with recorder.watching() as sent:
                    await who.get(address)
                assert len(sent) <= most, (address, len(sent), sent)
                counts.append(len(sent))
            await who.put_in("cup", "CUP")
        assert counts[1:3] == counts[4:]
