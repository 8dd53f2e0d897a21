"""The shipping method at the console: chosen for a new order, kept in drafts, shown, changed and filtered by."""

import html
import re
from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.orders import queries
from tests.console.test_new_order import BEIJING, NEW, TEA, send, typed
from tests.console.test_pages import current, open_console, page, submit
from tests.orders import factories, listing
from tests.orders.factories import order, place_one, shop
from tests.orders.methods import EXPRESS_MINOR, STANDARD_MINOR, offered

WHOLE: dict[str, Any] = {**TEA, **BEIJING, "how": "ship"}


async def opened(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 10}})
    await offered(db, scope)


def choices(shown: str) -> dict[str, bool]:
    """Return the methods to choose from, and whether each is chosen."""
    select = shown.partition('<select name="shipping_method"')[2].partition("</select>")[0]
    return {code: bool(chosen) for code, chosen in re.findall(r'<option value="(\w*)"( selected)?', select)}


async def test_a_new_order_goes_by_the_method_that_is_chosen(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    async with open_console(db, scope) as client:
        usual = html.unescape((await send(client, WHOLE, "preview")).text)
        fast = html.unescape((await send(client, {**WHOLE, "shipping_method": "express"}, "preview")).text)
        draft = re.search(r'name="draft_id" value="([^"]+)"', fast)
        assert draft is not None
        resumed = await page(client, f"{NEW}?draft={draft[1]}")
        wrong = await send(client, {**WHOLE, "shipping_method": "pigeon"}, "preview")
        done = await send(client, {**WHOLE, "shipping_method": "express", "key": "k-2"}, "place")
        assert done.status_code == 303, done.text
        shown = html.unescape(await page(client, done.headers["location"].removeprefix("/c/acme")))
    assert choices(usual) == {"": False, "standard": False, "express": False}
    assert "Shipping fee · Standard" in usual
    assert choices(fast) == {"": False, "standard": False, "express": True}
    assert "Shipping fee · Express by air" in fast
    assert choices(resumed) == {"": False, "standard": False, "express": True}
    assert "does not take these goods to this address" in wrong.text
    assert choices(wrong.text) == {"": False, "pigeon": True}
    assert "Shipping fee · Express by air" in shown


async def test_the_method_of_an_order_is_changed_with_a_preview(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    placed = await place_one(db, scope, order(("TEA", 2), ship_to=factories.BEIJING))
    at = f"/orders/{placed.order_id}/edit"
    async with open_console(db, scope) as client:
        form = html.unescape(await page(client, at))
        main = form.partition("<main")[2]
        fields = {**typed(main), "version": "1", "shipping_method": "express"}
        preview = await submit(client, at, {**fields, "action": "preview"}, on=at)
        done = await submit(client, at, {**fields, "action": "save"}, on=at)
    assert choices(form) == {"standard": True, "express": False}
    assert preview.status_code == 200, preview.text
    assert "The customer pays the difference" in preview.text
    assert done.status_code == 303, done.text
    found = await current(db, scope, placed.order_id)
    assert (found.order.shipping_method, found.order.total_minor) == ("express", 2_000 + EXPRESS_MINOR)
    assert STANDARD_MINOR < EXPRESS_MINOR


async def test_the_list_shows_and_filters_by_the_method(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    usual = await place_one(db, scope, order(("TEA", 1), ship_to=factories.BEIJING))
    fast = await place_one(db, scope, order(("TEA", 1), ship_to=factories.BEIJING, shipping_method="express"))
    await listing.drain(db, scope)
    async with open_console(db, scope) as client:
        client.cookies.set("jd_orders_columns", "customer.shipping")
        every = await page(client, "/orders")
        some = await page(client, "/orders?shipping_method=express")
    assert '<option value="express">Express by air</option>' in every
    assert usual.number in every
    assert fast.number in some
    assert usual.number not in some
    async with db.read(scope) as tx:
        assert (await queries.order(tx, fast.order_id)).order.shipping_name == "Express by air"
