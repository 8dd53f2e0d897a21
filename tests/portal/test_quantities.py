"""Goods that are sold in packs in the shop: the field goes by them, words tell them, other quantities are refused."""

from pathlib import Path

from jiedan.base.db import Database, Scope
from tests.catalog.factories import sold_in
from tests.portal.factories import open_shop, visiting
from tests.portal.test_orders import bought, under

PACKS: dict[str, int] = {"order_minimum": 12, "order_pack": 6}
TOLD = "Sold in packs of 6. Sold from 12 pieces on."


async def test_the_page_of_a_product_goes_by_packs(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    await sold_in(db, scope, "TEA-50", **PACKS)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("longjing")
        shown = await who.get(path)
        other = await who.get(f"{path}?o0=100+g")
        fields = {"sku": "TEA-50", "product_id": path.rpartition("/")[2], "quantity": 13}
        refused = await who.follow(await who.send("/cart/lines", fields, on=path))
        taken = await who.put_in("longjing", "TEA-50", 18)
    # 25 are there: four packs.
    assert 'min="12" max="24" step="6" value="12"' in shown
    assert f'<p class="mute" id="sold-in">{TOLD}</p>' in shown
    assert 'class="price l">CN¥30.00' in shown
    assert "Sold in packs" not in other
    assert "“龙井 Longjing – 50 g” comes in packs of 6; the cart has 13. Take 12 or 18." in refused
    assert 'min="12" max="24" step="6" value="18"' in taken
    assert TOLD in taken


async def test_a_cart_tells_what_does_not_fit_any_more(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 5)
        await who.put_in("cup", "CUP", 1)
        await sold_in(db, scope, "TEA-50", **PACKS)
        shown = await who.get("/cart")
        checkout = await who.get("/checkout")
        wrong = await who.send("/cart", {"sku": ["TEA-50", "CUP"], "quantity": ["14", "1"]}, on="/cart")
        out = await who.send("/cart", {"sku": ["TEA-50", "CUP"], "quantity": ["5", "1"], "remove": "CUP"}, on="/cart")
        left = await who.follow(out)
        right = await who.follow(await who.send("/cart", {"sku": ["TEA-50"], "quantity": ["12"]}, on="/cart"))
    said = "“龙井 Longjing – 50 g” is ordered from 12 pieces on; the cart has 5. Take 12."
    assert said in shown
    assert said in checkout
    assert 'min="0" value="5"' in shown
    assert wrong.status_code == 422
    assert "comes in packs of 6; the cart has 14. Take 12 or 18." in wrong.text
    assert "Cup" not in left.partition('id="cart"')[2].partition("</form>")[0]
    assert 'min="12" max="24" step="6" value="12"' in right


async def test_an_order_again_takes_whole_packs(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True, "transfer_instructions": "Account 12345"})
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, 8)
        await sold_in(db, scope, "TEA-50", order_pack=6)
        again = await who.follow(await who.send(under(path, "reorder"), {}, on=path))
        assert 'value="6"' in again
        assert "except what is not available at present" in again
        await sold_in(db, scope, "TEA-50", order_pack=10)
        none = await who.follow(await who.send(under(path, "reorder"), {}, on=path))
    assert "None of these goods is available at present." in none
