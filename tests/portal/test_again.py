"""Forms of the shop that are sent again, by somebody who never heard the answer to the first."""

from pathlib import Path

import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.carts.tables import Cart
from jiedan.payments.tables import Payment
from jiedan.portal.visitor import CART_COOKIE
from tests.portal.factories import CHECKOUT, HTML, open_shop, visiting


async def test_the_first_line_sent_again_is_in_one_cart(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("longjing")
        fields = {"sku": "TEA-50", "product_id": path.rpartition("/")[2], "form_id": "the-page"}
        await who.follow(await who.send("/cart/lines", fields, on=path))
        del who.client.cookies[CART_COOKIE]  # the answer was lost, and the cookie with it
        again = await who.follow(await who.send("/cart/lines", fields, on=path))
    assert "It is in your cart already." in again
    async with db.read(scope) as tx:
        carts = await tx.execute(sa.select(Cart.cart_id).where(Cart.tenant_id == tx.tenant))
        assert len(carts.all()) == 1


async def test_a_checkout_sent_again_begins_the_payment_once(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True, "transfer_instructions": "To Acme, account 42."})
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        cart_id = shown.partition('name="cart_id" value="')[2].partition('"')[0]
        token = shown.partition('name="csrf_token" value="')[2].partition('"')[0]
        first = await who.check_out(payment="on_delivery")  # as far as a process came that died before the payment
        fields = {**CHECKOUT, "cart_id": cart_id, "csrf_token": token, "action": "place", "payment": "transfer"}
        for _ in range(2):
            again = await who.client.post(f"{who.base}/checkout", data=fields, headers=HTML, follow_redirects=False)
            assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    async with db.read(scope) as tx:
        payments = await tx.execute(sa.select(Payment.provider).where(Payment.tenant_id == tx.tenant))
        assert payments.scalars().all() == ["transfer"]


async def test_a_coupon_that_was_refused_is_refused_again(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        fields = {"sku": "TEA-50", "quantity": 1, "coupon": "NO-SUCH", "action": "coupon", "form_id": "the-page"}
        answers = [await who.send("/cart", fields, on="/cart") for _ in range(2)]
    for answer in answers:
        assert (answer.status_code, "there is no such code" in answer.text) == (422, True)
