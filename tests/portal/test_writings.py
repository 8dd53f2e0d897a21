"""Texts on goods in the shop: asked for, priced by the letter without standing in any address, ordered, told."""

import html
import json
import re
from pathlib import Path
from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Option, Price, ProductDraft, SkuDraft
from jiedan.pricing import service as pricing
from jiedan.pricing.values import Formula
from tests.portal import people
from tests.portal.factories import HTML, Visitor, open_shop, receive, visiting
from tests.portal.test_orders import under
from tests.pricing.bespoke_formulas import RING, reformulated

TEXT = "Anna & <b>Tom</b>"
"""15 letters: 500.00 + 20.00 + 15 × 1.50 = 542.50."""

TOLD = "Size 52 · Engraving “Anna &amp; &lt;b&gt;Tom&lt;/b&gt;”"


async def opened(db: Database, scope: Scope, formula: Formula = RING, **settings: Any) -> None:
    """Open a shop that engraves rings of gold; those of steel are as they are."""
    await open_shop(db, scope, **settings)
    async with db.begin(scope) as tx:
        ring = ProductDraft(
            code="RINGS",
            name="Ring",
            options=(Option("Metal", ("gold", "steel")),),
            skus=(
                SkuDraft(code="RING", option_values=("gold",), prices=(Price("CNY", 1),)),
                SkuDraft(code="STEEL", option_values=("steel",), prices=(Price("CNY", 4_000),)),
            ),
        )
        await catalog.upsert_products(tx, products=[ring])
        skus = await tx.load_one(catalog_queries.sellable_skus(["RING"]))
        await catalog.index_products(tx, product_ids=[sku.product_id for sku in skus.values()])
        await pricing.create_rule(tx, kind="formula", body=formula)
        await pricing.publish(tx)
    await receive(db, scope, {"RING": {"W1": 9}, "STEEL": {"W1": 9}})


def fields(shown: str, **changes: Any) -> dict[str, Any]:
    """Return what the form of a product's page sends, changed."""
    form = shown.partition('<form class="options"')[2].partition("</form>")[0]
    sent: dict[str, Any] = {}
    for name, value in re.findall(r'<input (?:type="hidden" )?name="([a-z_]+)"[^>]*? value="([^"]*)"', form):
        sent.setdefault(name, []).append(html.unescape(value))
    for name, value in re.findall(r'<input type="radio" name="(o[0-9])" value="([^"]*)" checked', form):
        sent[name] = [value]
    return {**sent, **changes}


async def asked(who: Visitor, shown: str, path: str, **changes: Any) -> Any:
    """Send the form of a product's page as it was shown, and return the answer."""
    return await who.client.post(
        f"{who.base}{path}", data=fields(shown, **changes), headers=HTML, follow_redirects=False
    )


async def test_the_price_is_told_by_the_letter_and_no_address_has_the_text(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("ring")
        bare = await who.get(path)
        whole = await asked(who, bare, path, said_value=["52", TEXT], quantity="3")
        linked = await who.get(f"{path}?o0=gold&m.size=60&m.engraving=Anna")
        steel = await asked(who, bare, path, o0=["steel"], said_value=["52", TEXT])
    form = bare.partition('<form class="options"')[2].partition(">")[0]
    assert 'method="post"' in form
    assert "hx-get" not in form
    assert 'name="m.' not in bare, "what stands in a form by this name stands in the address"
    assert 'maxlength="40"' in bare
    assert "Up to 40 characters; it may stay empty" in bare
    assert 'class="price l">CN¥500.00' in bare, "without an engraving"
    assert "Into the cart" in bare
    assert (whole.status_code, whole.headers["cache-control"]) == (200, "no-store")
    assert 'class="price l">CN¥542.50' in whole.text
    assert 'value="Anna &amp; &lt;b&gt;Tom&lt;/b&gt;"' in whole.text
    assert re.search(r'name="quantity"[^>]* value="3"', whole.text), "what was typed stays"
    assert not re.search(r'(?:href|action|hx-[a-z]+)="[^"]*Anna', whole.text)
    assert 'class="price l">CN¥500.00' in linked, "a text in an address says nothing"
    assert 'value="Anna' not in linked
    assert 'value="60"' in linked, "a measure does"
    assert 'class="price l">CN¥40.00' in steel.text
    assert 'hx-get="' in steel.text.partition('<form class="options"')[2].partition(">")[0]


async def test_what_cannot_be_written_is_told_beside_it(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("ring")
        bare = await who.get(path)
        long = (await asked(who, bare, path, said_value=["52", "x" * 41])).text
        broken = (await asked(who, bare, path, said_value=["52", "a\nb"])).text
        size = (await asked(who, bare, path, said_value=["9", "Anna"])).text
        refused = await who.follow(await asked(who, bare, "/cart/lines", said_value=["52", "x" * 41]))
    assert 'id="m-engraving-error">Engraving has room for 40 characters.' in long
    assert "x" * 41 in long, "what was typed stays"
    assert 'id="m-engraving-error">Engraving has characters that cannot be written.' in broken
    assert "Into the cart" not in broken
    assert "Size must be a number from 40 to 70" in size
    assert "Engraving has room for 40 characters." in refused
    assert "xxx" not in refused


async def test_a_part_of_the_page_follows_what_is_typed(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("ring")
        sent = fields(await who.get(path), said_value=["52", "Anna"])
        headers = {**HTML, "hx-request": "true", "hx-request-type": "partial"}
        part = await who.client.post(f"{who.base}{path}", data=sent, headers=headers)
        forged = await who.client.post(f"{who.base}{path}", data={"sku": "RING"}, headers=HTML)
        odd = await who.client.post(f"{who.base}{path}", data={**sent, "sku": ["?"], "quantity": "x"}, headers=HTML)
    assert "<html" not in part.text
    assert 'class="price l">CN¥526.00' in part.text
    assert forged.status_code == 403
    assert 'class="price l">CN¥526.00' in odd.text, "what makes no sense counts as not said"


async def test_a_text_goes_with_its_piece_through_cart_order_and_data(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope, front={"pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        path = await who.product("ring")
        bare = await who.get(path)
        cart = await who.follow(await asked(who, bare, "/cart/lines", said_value=["52", f"  {TEXT} "]))
        other = await who.get(path)
        two = await who.follow(await asked(who, other, "/cart/lines", said_value=["52", ""], quantity="2"))
        checkout = await who.get("/checkout")
        placed = await who.follow(await who.check_out(payment="on_delivery", email=people.MEI))
        link = re.search(rf'href="{who.base}(/orders/[^"]+)"', placed)
        assert link is not None, placed
        shown = await who.get(link[1])
        told = json.loads((await who.client.get(f"{who.base}/account/data.json", headers=HTML)).text)
        again = await who.follow(await who.send(under(link[1], "reorder"), {}, on=link[1]))
        await reformulated(db, scope, None)
        stale = await who.get("/cart")
    assert f"{TOLD} · CN¥542.50 each" in cart
    for page in (two, checkout, placed, shown, again):
        assert TOLD in page
        assert "Engraving –" in page
        assert "<b>Tom" not in page
    assert "Anna &amp; &lt;b&gt;Tom&lt;/b&gt;" in stale
    assert told["orders"][0]["lines"][0]["measures"] == [
        {"name": "Size", "value": "52"},
        {"name": "Engraving", "value": TEXT},
    ]
