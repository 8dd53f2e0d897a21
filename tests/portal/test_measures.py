"""Pieces made to measure in the shop: asked for, priced while one types, in the cart, ordered, ordered again."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from jiedan.base.db import Database, Scope
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Option, Price, ProductDraft, SkuDraft
from jiedan.pricing import service as pricing
from jiedan.pricing.values import Formula
from tests.catalog.factories import sold_in
from tests.portal.factories import Visitor, open_shop, receive, visiting
from tests.portal.test_orders import under
from tests.pricing.bespoke_formulas import CURTAIN, WORDED, reformulated

PLAIN = replace(CURTAIN, expression="width * height * setup", attributes=CURTAIN.attributes[:2], tables=())
"""Curtains of one fabric."""

MEASURES = "m.width=2.4+m&m.height=1800&m.fabric=linen"


async def opened(db: Database, scope: Scope, formula: Formula = CURTAIN, **settings: Any) -> None:
    """Open a shop that has curtains made to measure, and a rail in two lengths that are as they are."""
    await open_shop(db, scope, **settings)
    async with db.begin(scope) as tx:
        drafts = [
            ProductDraft(
                code="WINDOW",
                name="Window",
                options=(Option("Kind", ("curtain", "rail")),),
                skus=(
                    SkuDraft(code="CURTAIN", option_values=("curtain",), prices=(Price("CNY", 1),)),
                    SkuDraft(code="RAIL", option_values=("rail",), prices=(Price("CNY", 4_000),)),
                ),
            )
        ]
        await catalog.upsert_products(tx, products=drafts)
        skus = await tx.load_one(catalog_queries.sellable_skus(["CURTAIN"]))
        await catalog.index_products(tx, product_ids=[sku.product_id for sku in skus.values()])
        await pricing.create_rule(tx, kind="formula", body=formula)
        await pricing.publish(tx)
    await receive(db, scope, {"CURTAIN": {"W1": 9}, "RAIL": {"W1": 9}})


async def put_in(who: Visitor, said: dict[str, str], quantity: int = 1) -> Any:
    path = await who.product("window")
    fields = {
        "sku": "CURTAIN",
        "product_id": path.rpartition("/")[2],
        "quantity": quantity,
        "said_name": [*said],
        "said_value": [*said.values()],
    }
    return await who.send("/cart/lines", fields, on=path)


async def test_the_page_asks_and_tells_the_price_of_what_is_said(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("window")
        bare = await who.get(path)
        whole = await who.get(f"{path}?o0=curtain&{MEASURES}")
        wrong = await who.get(f"{path}?o0=curtain&m.width=7+m&m.height=1.8+kg&m.fabric=linen")
        rail = await who.get(f"{path}?o0=rail&{MEASURES}")
    for name, label in (("width", "Width"), ("height", "Height"), ("fabric", "Fabric")):
        assert f'name="m.{name}"' in bare
        assert f"<span>{label}" in bare
    assert "Made to measure: say how you want it" in bare
    assert "300 to 6000, in steps of 10" in bare
    assert '<option value="linen" selected>' in bare, "the default"
    assert "Into the cart" not in bare
    assert "is missing" not in bare, "nothing is wrong before anything is typed"
    # 4.5 m² × 120.00 + 30.00.
    assert 'class="price l">CN¥570.00' in whole
    assert 'value="2.4 m"' in whole
    assert "Into the cart" in whole
    assert "Width must be a number from 300 to 6000 mm." in wrong
    assert "Height cannot be given in kg." in wrong
    assert 'aria-describedby="m-width-error"' in wrong
    assert 'class="price l">CN¥40.00' in rail
    assert 'name="m.width"' not in rail


async def test_pieces_are_ordered_as_they_were_said_and_ordered_again(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope, front={"pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        await who.follow(await put_in(who, {"width": "2.4 m", "height": "1800", "fabric": "linen"}))
        cart = await who.follow(await put_in(who, {"width": "300", "height": "300", "fabric": ""}, 2))
        checkout = await who.get("/checkout")
        placed = await who.follow(await who.check_out(payment="on_delivery"))
        order = re.search(r"/orders/([0-9a-f-]{36})", placed)
        assert order is not None
        shown = await who.get(f"/orders/{order[1]}") if f'"/orders/{order[1]}"' in placed else placed
    assert "Width 2400 mm · Height 1800 mm · Fabric linen · CN¥570.00 each" in cart
    # 0.09 m² → 0.5 m²: 60.00 + 30.00, twice.
    assert "Width 300 mm · Height 300 mm · Fabric linen · CN¥90.00 each" in cart
    assert "CN¥750.00" in cart
    for page in (checkout, placed, shown):
        assert "Width 2400 mm · Height 1800 mm · Fabric linen" in page


async def test_a_piece_is_asked_for_and_told_in_the_language_of_the_visitor(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope, WORDED, front={"pays_on_delivery": True}, locales=["en", "zh_Hans", "zh_Hant"])
    languages = {"en": "Cloth", "zh-CN": "面料", "zh-TW": "布料"}
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("window")
        asked = {x: await who.get(f"{path}?o0=curtain", headers={"accept-language": x}) for x in languages}
        await who.follow(await put_in(who, {"width": "2.4 m", "height": "1800", "fabric": "linen"}))
        carts = {x: await who.get("/cart", headers={"accept-language": x}) for x in languages}
    for language, label in languages.items():
        assert f"<span>{label}" in asked[language]
    assert '<option value="linen" selected>亚麻</option>' in asked["zh-CN"]
    assert '<option value="silk">silk</option>' in asked["zh-CN"], "what has no word is called as it is"
    assert "Width 2400 mm · Height 1800 mm · Cloth Flax" in carts["en"]
    assert "宽度 2400 mm · 高度 1800 mm · 面料 亚麻" in carts["zh-CN"]
    assert "寬度 2400 mm · Height 1800 mm · 布料 亞麻" in carts["zh-TW"]


async def test_a_line_of_the_cart_is_changed_by_its_piece(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.follow(await put_in(who, {"width": "2400", "height": "1800"}))
        cart = await who.follow(await put_in(who, {"width": "300", "height": "300"}))
        pieces = re.findall(r'name="piece" value="([0-9a-f]{32})"', cart)
        fields = {"sku": ["CURTAIN"] * 2, "piece": pieces, "quantity": ["3", "1"], "action": "update"}
        more = await who.follow(await who.send("/cart", fields, on="/cart"))
        taken = {**fields, "quantity": ["3", "1"], "remove_piece": f"{pieces[0]}:CURTAIN"}
        less = await who.follow(await who.send("/cart", taken, on="/cart"))
    # 3 × 570.00 + 90.00.
    assert "CN¥1,800.00" in more
    assert re.findall(r'name="piece" value="([0-9a-f]{32})"', less) == pieces[1:]


async def test_all_pieces_of_a_sku_are_counted_by_packs(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope, front={"pays_on_delivery": True})
    await sold_in(db, scope, "CURTAIN", order_pack=3)
    async with visiting(db, scope, tmp_path) as who:
        whole = await who.get(f"{await who.product('window')}?o0=curtain&{MEASURES}")
        one = await who.follow(await put_in(who, {"width": "2400", "height": "1800"}, 3))
        more = await who.follow(await put_in(who, {"width": "300", "height": "300"}))
        both = await who.follow(await put_in(who, {"width": "300", "height": "300"}, 3))
        pieces = re.findall(r'name="piece" value="([0-9a-f]{32})"', both)
        fields = {"sku": ["CURTAIN"] * 2, "piece": pieces, "quantity": ["2", "1"], "action": "update"}
        two = await who.follow(await who.send("/cart", fields, on="/cart"))
        fields = {**fields, "remove_piece": f"{pieces[1]}:CURTAIN"}
        left = await who.follow(await who.send("/cart", fields, on="/cart"))
        await who.follow(await who.send("/cart", {**fields, "quantity": ["2", "1"], "remove_piece": ""}, on="/cart"))
        again = await who.follow(await put_in(who, {"width": "300", "height": "300"}))
        placed = await who.follow(await who.check_out(payment="on_delivery"))
        path = re.search(rf'href="{who.base}(/orders/[^"]+)"', placed)
        assert path is not None, placed
        once_more = await who.follow(await who.send(under(path[1], "reorder"), {}, on=path[1]))
    assert 'min="3" max="9" step="3" value="3"' in whole
    assert 'class="price l">CN¥570.00' in whole
    assert 'min="3" max="9" step="3" value="3"' in one
    assert "“Window – curtain” comes in packs of 3; the cart has 4. Take 3 or 6." in more
    assert 'min="0" max="6" value="3"' in both
    assert 'min="0" max="8" value="2"' in two
    assert 'min="0" max="7" value="1"' in two
    assert "is ordered from 3 pieces on; the cart has 2. Take 3." in left
    assert 'min="0" max="8" value="2"' in again
    assert "It is in your cart." in once_more
    assert re.findall(r'name="quantity"[^>]* value="([0-9]+)"', once_more) == ["2", "1"]


async def test_what_cannot_be_made_does_not_get_into_the_cart(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope, replace(CURTAIN, goods=("sku:CURTAIN",)))
    async with visiting(db, scope, tmp_path) as who:
        wide = await who.follow(await put_in(who, {"width": "7 m", "height": "1800"}))
        bare = await who.follow(await put_in(who, {}))
        cart = await who.get("/cart")
    assert "Width must be a number from 300 to 6000 mm." in wide
    assert "Width is missing." in bare
    assert "Your cart is empty." in cart


async def ordered(who: Visitor, said: dict[str, str]) -> str:
    """Order a curtain, and return the path of the order."""
    await who.follow(await put_in(who, said))
    placed = await who.follow(await who.check_out(payment="on_delivery"))
    path = re.search(rf'href="{who.base}(/orders/[^"]+)"', placed)
    assert path is not None, placed
    return path[1]


async def test_what_nobody_asks_for_any_more_is_not_ordered_again(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope, front={"pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        path = await ordered(who, {"width": "2.4 m", "height": "1800"})
        await reformulated(db, scope, PLAIN)
        less = await who.follow(await who.send(under(path, "reorder"), {}, on=path))
        fields = {"remove_piece": re.findall(r'name="remove_piece" value="([^"]+)"', less)[0]}
        await who.follow(await who.send("/cart", fields, on="/cart"))
        await reformulated(db, scope, None)
        bare = await who.follow(await who.send(under(path, "reorder"), {}, on=path))
    assert "without what is not asked for any more: Window – curtain · Fabric linen." in less
    assert "Width 2400 mm · Height 1800 mm · CN¥" in less
    told = "not asked for any more: Window – curtain · Width 2400 mm · Height 1800 mm · Fabric linen."
    assert told in bare
    assert 'name="remove" value="CURTAIN"' in bare, "a piece like any other"


async def test_what_cannot_be_made_any_more_is_not_ordered_again(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope, front={"pays_on_delivery": True})
    width, height, fabric = CURTAIN.attributes
    async with visiting(db, scope, tmp_path) as who:
        path = await ordered(who, {"width": "2.4 m", "height": "1800"})
        small = replace(CURTAIN, attributes=(width, replace(height, maximum=Decimal(1_000)), fabric))
        await reformulated(db, scope, small)
        none = await who.follow(await who.send(under(path, "reorder"), {}, on=path))
        cart = await who.get("/cart")
    assert "None of these goods is available at present." in none
    assert "Your cart is empty." in cart


@pytest.mark.parametrize("is_withdrawn", [True, False])
async def test_a_piece_that_is_out_of_date_is_told_by_its_line_and_taken_out(
    is_withdrawn: bool, db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope, front={"pays_on_delivery": True})
    width, height, fabric = CURTAIN.attributes
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        cart = await who.follow(await put_in(who, {"width": "2.4 m", "height": "1800"}))
        fields = {"remove_piece": re.findall(r'name="remove_piece" value="([^"]+)"', cart)[0]}
        small = replace(CURTAIN, attributes=(width, replace(height, maximum=Decimal(1_000)), fabric))
        await reformulated(db, scope, None if is_withdrawn else small)
        stale = await who.get("/cart")
        checkout = await who.get("/checkout")
        refused = await who.check_out(payment="on_delivery")
        rest = await who.follow(await who.send("/cart", fields, on="/cart"))
        goes_on = await who.get("/checkout")
    told = "“Window – curtain” cannot be ordered any more as it lies in the cart. Take it out; you may put it in anew."
    for page in (stale, checkout, refused.text):
        assert told in page
    assert stale.count(told) == 1
    assert ("Height must be a number from 300 to 1000 mm." in stale) is not is_withdrawn
    assert "Leave out its attributes" not in checkout
    assert told not in rest
    assert told not in goes_on
    assert 'name="total_minor"' in goes_on
