"""Pieces made to measure in the console: a new order asks for their measures, and a draft keeps them."""

import re
from typing import Any
from uuid import UUID

from jiedan.base.db import Database, Scope
from tests.console.test_new_order import NEW, drafts, send
from tests.console.test_pages import current, open_console, page
from tests.orders.test_bespoke import SAID, sold
from tests.pricing.bespoke_formulas import LINEN_MINOR

FORM: dict[str, Any] = {"key": "k-1", "sku": ["TEA", "CURTAIN"], "quantity": ["1", "2"], "contact_name": "Anna"}


def said(width: str, height: str = "1800", *, row: str = "1", sku: str = "CURTAIN") -> dict[str, list[str]]:
    """Return what the inputs of a row say."""
    return {
        "said_row": [row] * 3,
        "said_sku": [sku] * 3,
        "said_name": ["width", "height", "fabric"],
        "said_value": [width, height, ""],
    }


async def test_the_form_asks_for_measures_and_tells_what_is_wrong(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    async with open_console(db, scope) as client:
        asked = (await send(client, FORM, "preview")).text
        wrong = (await send(client, {**FORM, **said("7 m", "1.8 kg")}, "preview")).text
        whole = (await send(client, {**FORM, **said("2.4 m")}, "preview")).text
        other = (await send(client, {**FORM, **said("2.4 m", sku="TEA", row="0")}, "preview")).text
        placed = await send(client, {**FORM, **said("2.4 m")}, "place")
        shown = await page(client, f"/orders/{placed.headers['location'][-36:]}")
        again = await page(client, f"{NEW}?like={placed.headers['location'][-36:]}")
    assert 'data-said="CURTAIN"' in asked
    assert asked.count('name="said_name" value="width"') == 1
    assert "width is missing." in asked
    assert "width must be a number from 300 to 6000 mm." in wrong
    assert "height cannot be given in kg." in wrong
    assert 'value="7 m"' in wrong, "what was typed stays"
    assert "width is missing." in other, "what was asked for another SKU is nobody's"
    for told in (whole, shown):
        assert "Width 2400 mm · Height 1800 mm · Fabric linen" in told
    assert "CN¥1,150.00" in whole, "2 × 570.00 + 10.00"
    assert 'value="2400 mm"' in again
    found = await current(db, scope, UUID(placed.headers["location"][-36:]))
    assert found.order.total_minor == 2 * LINEN_MINOR + 1_000
    assert [line.attributes for line in found.lines] == [(), SAID]


async def test_a_draft_keeps_what_is_said(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    async with open_console(db, scope) as client:
        await send(client, {**FORM, **said("2.4 m")}, "keep")
        (kept,) = await drafts(db, scope)
        opened = await page(client, f"{NEW}?draft={kept.draft_id}")
    assert kept.data["lines"][1]["attributes"] == {"width": "2.4 m", "height": "1800"}
    assert re.search(r'name="said_value" id="said-1-width" value="2.4 m"', opened)
