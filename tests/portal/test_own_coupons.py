"""Coupons of a customer alone, in their account; to anybody else there is no such code."""

from pathlib import Path

from jiedan.base.db import Database, Scope
from jiedan.pricing.values.promotions import AmountOff, Promotion, When
from tests.orders.test_promotions import publish
from tests.portal import people
from tests.portal.factories import Visitor, open_shop, visiting
from tests.pricing import coupon_factories as coupons

THANKS = Promotion("thanks", "Thank you", AmountOff({"CNY": 500}), when=When(coupon="required"))
UNKNOWN = "The coupon ONLYMEI cannot be used: there is no such code."


async def typed(who: Visitor) -> str:
    """Type the code into the cart, and return what the page says."""
    await who.put_in("longjing", "TEA-50")
    fields = {"sku": "TEA-50", "quantity": 1, "coupon": "ONLYMEI", "action": "coupon"}
    answer = await who.send("/cart", fields, on="/cart")
    return answer.text if answer.status_code == 422 else await who.follow(answer)


async def test_the_account_tells_the_code_and_the_cart_takes_it_of_nobody_else(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    await publish(db, scope, THANKS)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        assert "Your coupons" not in await who.get("/account")
        (mei,) = await people.account_ids(db, scope)
        await coupons.batch(db, scope, promotion="thanks", codes=("ONLYMEI",), customer_ids=(mei,))
        account, data = await who.get("/account"), await who.get("/account/data.json")
        assert ("ONLYMEI" in account, "Thank you" in account, '"ONLYMEI"' in data) == (True, True, True)
        cart = await typed(who)
        assert ("Thank you" in cart, "there is no such code" in cart) == (True, False)
    async with visiting(db, scope, tmp_path) as guest:
        assert UNKNOWN in await typed(guest)
    async with visiting(db, scope, tmp_path) as other:
        await people.join(other, db, scope, email="li@example.com", name="李雷")
        assert "Your coupons" not in await other.get("/account")
        assert UNKNOWN in await typed(other)


async def test_what_is_used_or_not_published_is_not_promised(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    await publish(db, scope, THANKS)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        (mei,) = await people.account_ids(db, scope)
        await coupons.batch(db, scope, promotion="gone", codes=("NEVER",), customer_ids=(mei,))
        await coupons.batch(db, scope, promotion="thanks", codes=("FIRST", "SECOND"), customer_ids=(mei,))
        before = await who.get("/account")
        await coupons.redeem(db, scope, coupons.use("thanks", coupon="FIRST", customer_id=mei))
        after = await who.get("/account")
    assert ("NEVER" in before, "FIRST" in before, "SECOND" in before) == (False, True, False)
    assert ("FIRST" in after, "SECOND" in after) == (False, True)
