"""Pieces made to measure in the console: a new order asks for their measures, and a draft keeps them."""

import html
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from jiedan.base.db import Database, Scope
from jiedan.orders.values import Contact
from jiedan.pricing.values import Said, Words
from tests.console.test_new_order import NEW, drafts, send
from tests.console.test_pages import current, open_console, page, submit
from tests.orders.factories import order, place_one, shop
from tests.orders.test_bespoke import SAID, curtain, publish, sold
from tests.pricing.bespoke_formulas import CURTAIN, LINEN_MINOR, RING, WORDED, reformulated

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
    assert "Width is missing." in asked
    assert "Width must be a number from 300 to 6000 mm." in wrong
    assert "Height cannot be given in kg." in wrong
    assert 'value="7 m"' in wrong, "what was typed stays"
    assert "Width is missing." in other, "what was asked for another SKU is nobody's"
    for told in (whole, shown):
        assert "Width 2400 mm · Height 1800 mm · Fabric linen" in told
    assert "CN¥1,150.00" in whole, "2 × 570.00 + 10.00"
    assert 'value="2400 mm"' in again
    found = await current(db, scope, UUID(placed.headers["location"][-36:]))
    assert found.order.total_minor == 2 * LINEN_MINOR + 1_000
    assert [line.attributes for line in found.lines] == [(), SAID]


async def test_measures_are_asked_for_and_told_in_the_language_of_who_works(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    await reformulated(db, scope, WORDED)
    async with open_console(db, scope, locale="zh_Hans") as client:
        asked = (await send(client, FORM, "preview")).text
        whole = (await send(client, {**FORM, **said("2.4 m")}, "preview")).text
        placed = await send(client, {**FORM, **said("2.4 m")}, "place")
        at = f"/orders/{placed.headers['location'][-36:]}"
        shown = await page(client, at)
        edited = await page(client, f"{at}/edit")
    for text in (asked, edited):
        assert "<span>宽度" in text
        assert '<option value="linen" selected>亚麻</option>' in text
    for text in (whole, shown):
        assert "宽度 2400 mm · 高度 1800 mm · 面料 亚麻" in text


async def test_words_are_text_wherever_they_are_shown(db: Database, scope: Scope) -> None:
    bold, quoted = '<b>"Cloth"', '"><i>Flax'
    fabric = replace(WORDED.attributes[2], labels=Words(bold), choice_labels={"linen": Words(quoted)})
    await sold(db, scope)
    await reformulated(db, scope, replace(WORDED, attributes=(*WORDED.attributes[:2], fabric)))
    placed = await place_one(db, scope, order(curtain(), contact=Contact(name="Anna")))
    async with open_console(db, scope) as client:
        whole = (await send(client, {**FORM, **said("2.4 m")}, "preview")).text
        shown = [await page(client, f"/orders/{placed.order_id}{more}") for more in ("", "/edit")]
    for text in (whole, *shown):
        assert '<b>"' not in text
        assert "<i>Flax" not in text
        assert bold in html.unescape(text)
        assert quoted in html.unescape(text)


async def test_an_order_like_another_one_says_what_is_asked_for_today(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(), ("TEA", 1), contact=Contact(name="Anna")))
    width, height, fabric = CURTAIN.attributes
    plain = replace(CURTAIN, expression="width * height * setup", attributes=(width, height), tables=())
    small = replace(CURTAIN, attributes=(width, replace(height, maximum=Decimal(1_000)), fabric))
    async with open_console(db, scope) as client:
        shown = [await page(client, f"{NEW}?like={placed.order_id}")]
        for formula in (plain, small, None):
            await reformulated(db, scope, formula)
            shown.append(await page(client, f"{NEW}?like={placed.order_id}"))
    whole, less, other, bare = shown
    assert re.findall(r'name="said_name" value="(\w+)"', whole) == ["width", "height", "fabric"]
    assert re.findall(r'name="said_name" value="(\w+)"', less) == ["width", "height"]
    assert re.findall(r'name="said_value" [^>]*value="([^"]*)"', less) == ["2400 mm", "1800 mm"]
    assert re.findall(r'name="said_value" [^>]*value="([^"]*)"', other) == ["", ""], "as it was, it cannot be made"
    assert "said_value" not in bare
    for told in shown:
        assert re.findall(r'name="sku"[^>]* value="(\w+)"', told) == ["CURTAIN", "TEA"]
    assert ["CN¥" in told for told in shown] == [True, True, False, True], "the preview tells what it costs"


async def test_a_draft_keeps_what_is_said(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    async with open_console(db, scope) as client:
        await send(client, {**FORM, **said("2.4 m")}, "keep")
        (kept,) = await drafts(db, scope)
        opened = await page(client, f"{NEW}?draft={kept.draft_id}")
    assert kept.data["lines"][1]["attributes"] == {"width": "2.4 m", "height": "1800"}
    assert re.search(r'name="said_value" id="said-1-width" value="2.4 m"', opened)


async def test_measures_of_a_placed_order_are_previewed_and_changed(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(), ("TEA", 1), contact=Contact(name="Anna")))
    at = f"/orders/{placed.order_id}/edit"

    def typed(width: str) -> dict[str, Any]:
        texts = {"said_line": ["1"] * 3, "said_name": ["width", "height", "fabric"]}
        return {"version": "1", "contact_name": "Anna", **texts, "said_value": [width, "1800 mm", "linen"]}

    async with open_console(db, scope) as client:
        shown = await page(client, at)
        wrong = await submit(client, at, {**typed("9 m"), "action": "preview"}, on=at)
        looked = await submit(client, at, {**typed("1 m"), "action": "preview"}, on=at)
        saved = await submit(client, at, {**typed("1 m"), "action": "save"}, on=at)
        stale = await submit(client, at, {**typed("3 m"), "action": "save"}, on=at)
        told = await page(client, f"/orders/{placed.order_id}")
    assert shown.count('name="said_line" value="1"') == 3
    assert 'id="said-1-width" value="2400 mm"' in shown
    assert 'id="said-1-width-error">Width must be a number from 300 to 6000 mm.' in wrong.text
    assert 'value="9 m"' in wrong.text, "what was typed stays"
    assert "-CN¥300.00" in looked.text
    assert saved.status_code == 303
    assert (stale.status_code, 'value="3 m"' in stale.text) == (409, True)
    found = await current(db, scope, placed.order_id)
    assert found.lines[0].attributes[0] == Said("width", "1000", "Width", "mm")
    assert "Width 1000 mm · Height 1800 mm · Fabric linen" in told
    assert "Measures" in told


async def test_what_nobody_typed_is_never_taken_back(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(), contact=Contact(name="Anna")))
    at = f"/orders/{placed.order_id}/edit"

    async with open_console(db, scope) as client:
        first = inputs(await page(client, at))
        theirs = await submit(client, at, {**first, **typed(first, width="3 m"), "action": "save"}, on=at)
        mine = {**first, "contact_name": "Berta", "action": "save"}
        stale = await submit(client, at, mine, on=at)
        again = inputs(stale.text)
        saved = await submit(client, at, {**again, "contact_name": "Berta", "action": "save"}, on=at)
    assert theirs.status_code == saved.status_code == 303
    assert stale.status_code == 409
    assert "1 · Product CURTAIN · Width: only they changed it" in stale.text
    assert again["said_value"] == again["said_was"] == ["3000 mm", "1800 mm", "linen"]
    found = await current(db, scope, placed.order_id)
    assert found.order.contact.name == "Berta"
    assert found.lines[0].attributes[0] == Said("width", "3000", "Width", "mm")


async def test_measures_that_both_changed_are_chosen_among(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(), contact=Contact(name="Anna")))
    at = f"/orders/{placed.order_id}/edit"

    async with open_console(db, scope) as client:
        first = inputs(await page(client, at))
        await submit(client, at, {**first, **typed(first, width="3 m"), "action": "save"}, on=at)
        mine = {**first, **typed(first, width="2 m", height="2 m"), "action": "save"}
        stale = await submit(client, at, mine, on=at)
        again = inputs(stale.text)
        looked = await submit(client, at, {**again, "theirs": ["said-1-width"], "action": "preview"}, on=at)
        kept = inputs(looked.text)
        saved = await submit(client, at, {**kept, "action": "save"}, on=at)
    assert 'name="theirs" value="said-1-width"' in stale.text
    assert "1 · Product CURTAIN · Height: only you changed it" in stale.text
    assert (again["said_value"], again["said_was"]) == (["2 m", "2 m", "linen"], ["3000 mm", "1800 mm", "linen"])
    assert kept["said_value"] == ["3000 mm", "2 m", "linen"]
    assert saved.status_code == 303
    said_now = (await current(db, scope, placed.order_id)).lines[0].attributes
    assert [one.value for one in said_now] == ["3000", "2000", "linen"]


def inputs(shown: str) -> dict[str, Any]:
    """Return what the form for changing an order sends when nobody touches it."""
    found: dict[str, Any] = {"contact_name": "Anna"}
    for name in ("version", "was"):
        (text,) = re.findall(rf'name="{name}" value="([^"]*)"', shown)
        found[name] = html.unescape(text)
    for name in ("said_line", "said_name", "said_was"):
        found[name] = re.findall(rf'name="{name}" value="([^"]*)"', shown)
    found["said_value"] = [
        value or re.findall(r'<option value="([^"]*)" selected', options)[0]
        for value, options in re.findall(
            r'<input name="said_value"[^>]* value="([^"]*)"|<select name="said_value"[^>]*>(.*?)</select>', shown
        )
    ]
    return found


def typed(form: dict[str, Any], **texts: str) -> dict[str, list[str]]:
    """Return what the inputs of measures say with these texts in them."""
    pairs = zip(form["said_name"], form["said_value"], strict=True)
    return {"said_value": [texts.get(name, value) for name, value in pairs]}


async def test_what_is_written_on_a_piece_is_asked_for_shown_and_changed(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"RING": {"W1": 10}})
    await publish(db, scope, RING)
    form = {"key": "k-1", "sku": ["RING"], "quantity": ["1"], "contact_name": "Anna"}
    sent = {"said_row": ["0"] * 2, "said_sku": ["RING"] * 2, "said_name": ["size", "engraving"]}
    async with open_console(db, scope) as client:
        asked = (await send(client, form, "preview")).text
        wrong = (await send(client, {**form, **sent, "said_value": ["52", "x" * 41]}, "preview")).text
        whole = {**form, **sent, "said_value": ["52", "<Anna> & Tom"]}
        looked = (await send(client, whole, "preview")).text
        placed = await send(client, whole, "place")
        at = f"/orders/{placed.headers['location'][-36:]}"
        shown = await page(client, at)
        peeked = await page(client, f"{at}/peek")
        first = inputs(await page(client, f"{at}/edit"))
        edited = {**first, **typed(first, engraving="Otto"), "action": "save"}
        saved = await submit(client, f"{at}/edit", edited, on=f"{at}/edit")
        told = await page(client, at)
        again = await page(client, f"{NEW}?like={placed.headers['location'][-36:]}")
    assert re.search(r'<input name="said_value" id="said-0-engraving" value="" dir="auto"[^>]* maxlength="40"', asked)
    assert "Engraving has room for 40 characters." in wrong
    for text in (looked, shown, peeked):
        assert "Size 52 · Engraving “&lt;Anna&gt; &amp; Tom”" in text
        assert "<Anna>" not in text
    assert saved.status_code == 303
    assert "Engraving “Otto”" in told
    assert "&lt;Anna&gt; &amp; Tom" in told, "the timeline tells what it was"
    assert 'value="Otto"' in again
    found = await current(db, scope, UUID(placed.headers["location"][-36:]))
    assert [(x.value, x.letters) for x in found.lines[0].attributes] == [("52", None), ("Otto", 4)]
