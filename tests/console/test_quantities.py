"""Goods that are sold in packs on the page of a new order."""

from jiedan.base.db import Database, Scope
from tests.catalog.factories import sold_in
from tests.console.test_new_order import TEA, send, stock
from tests.console.test_pages import open_console

PACKS: dict[str, int] = {"order_minimum": 4, "order_pack": 2}
TOLD = "Sold in packs of 2. Sold from 4 pieces on."


async def test_a_new_order_goes_by_packs_and_is_told_what_fits(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    await sold_in(db, scope, "TEA", **PACKS)
    async with open_console(db, scope) as client:
        shown = (await send(client, {**TEA, "quantity": ["4"]}, "preview")).text
        wrong = await send(client, {**TEA, "quantity": ["5"]}, "place")
    assert 'min="4" step="2" value="4" aria-describedby="about-0"' in shown
    assert f"Product TEA · {TOLD}" in shown
    assert wrong.status_code == 422
    assert '<small class="wrong" id="row-0-error">TEA comes in packs of 2; the cart has 5. Take 4 or 6.</small>' in (
        wrong.text
    )
    assert 'min="4" step="2" value="5"' in wrong.text
