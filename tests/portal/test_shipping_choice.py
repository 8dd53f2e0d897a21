"""The shipping method at the checkout: the cheapest is marked, another is chosen, kept, lost and told on the order."""

import contextlib
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2

from jiedan.base.db import Database, Scope
from jiedan.orders import queries as orders
from jiedan.orders.rules import tickets
from jiedan.orders.values import OrderWithLines
from tests.base import web_client
from tests.orders.methods import EXPRESS_MINOR, STANDARD_MINOR, offered
from tests.portal import people
from tests.portal.factories import CHECKOUT, Visitor, hidden, open_shop, visiting

PARIS = {
    "country": "FR", "region": "", "city": "Paris", "district": "", "line1": "1 rue de Rivoli", "postal_code": "75001",
    "phone": "+33 1 42 00 00 00",
}  # fmt: skip
FAST = {"shipping": "express", "shipping_first": "standard"}
"""The faster method, where the cheaper one was marked."""

LOST = "The shipping method you chose does not go to this address."


@contextlib.asynccontextmanager
async def shopping(db: Database, scope: Scope, home: Path) -> AsyncIterator[Visitor]:
    """Let somebody with tea in the cart into a shop that offers two methods."""
    await open_shop(db, scope, front={"pays_on_delivery": True})
    await offered(db, scope)
    async with visiting(db, scope, home) as who:
        await who.put_in("longjing", "TEA-50")
        yield who


async def ordered_fast(who: Visitor) -> httpx2.Response:
    """Order with the faster method chosen, and return the answer, which leads on."""
    sent = await who.check_out(**FAST, payment="on_delivery", total_minor=str(3_000 + EXPRESS_MINOR))
    assert sent.status_code == 303, sent.text
    return sent


async def asked(who: Visitor, **changes: Any) -> str:
    """Fill in the checkout, and return it as it is shown then."""
    answer = await who.check_out(**{"action": "preview", **changes})
    return html.unescape(answer.text)


def radios(shown: str) -> dict[str, bool]:
    """Return the methods that are offered, and whether each is marked."""
    found = re.findall(r'<input type="radio" name="shipping" value="(\w+)"( checked)?', shown)
    return {code: bool(checked) for code, checked in found}


async def order_of(db: Database, scope: Scope, address: str) -> OrderWithLines:
    ticket = address.partition("?")[0].rpartition("/")[2]
    order_id = tickets.order_of(web_client.SECRET, scope.tenant, ticket)
    assert order_id is not None
    async with db.read(scope) as tx:
        return await orders.order(tx, order_id)


async def test_a_guest_chooses_a_method_and_sees_it_on_the_order(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with shopping(db, scope, tmp_path) as who:
        first = await asked(who)
        fast = await asked(who, shipping="express")
        sent = await ordered_fast(who)
        placed = html.unescape(await who.follow(sent))
    assert radios(first) == {"standard": True, "express": False}
    assert "Free from CN¥99.00 on." in first
    assert radios(fast) == {"standard": False, "express": True}
    assert f'name="total_minor" value="{3_000 + EXPRESS_MINOR}"' in fast
    assert "Express by air" in placed
    found = await order_of(db, scope, sent.headers["location"])
    assert (found.order.shipping_method, found.order.total_minor) == ("express", 3_000 + EXPRESS_MINOR)


async def test_who_chooses_nothing_gets_the_cheapest(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with shopping(db, scope, tmp_path) as who:
        sent = await who.check_out(payment="on_delivery", shipping="standard")
        assert sent.status_code == 303, sent.text
    found = await order_of(db, scope, sent.headers["location"])
    assert (found.order.shipping_method, found.order.total_minor) == ("standard", 3_000 + STANDARD_MINOR)


async def test_a_method_that_does_not_go_there_is_told_and_given_up(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with shopping(db, scope, tmp_path) as who:
        fast = await asked(who, **FAST)
        moved = await asked(who, **PARIS, **FAST)
        placed_there = await who.check_out(
            **PARIS, **FAST, payment="on_delivery", total_minor=str(3_000 + STANDARD_MINOR)
        )
        collected = await asked(who, **FAST, method="collect", location="S1")
    assert LOST not in fast
    assert LOST in moved
    assert radios(moved) == {}
    assert hidden(moved)["shipping"] == "standard"
    assert f'name="total_minor" value="{3_000 + STANDARD_MINOR}"' in moved
    assert placed_there.status_code == 409
    assert "was marked is not offered any more" in html.unescape(placed_there.text)
    assert radios(collected) == {}
    assert hidden(collected)["shipping"] == "express"


async def test_the_choice_goes_along_to_the_sign_in(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with shopping(db, scope, tmp_path) as who:
        usual = await asked(who)
        fast = await asked(who, shipping="express")
        back = await who.get("/checkout?shipping=express")
        lost = await who.get("/checkout?shipping=pigeon")
    assert "sign-in?next=/s/" in usual
    assert "checkout%3Fshipping%3Dexpress" in fast
    assert radios(back) == {"standard": False, "express": True}
    assert radios(lost) == {"standard": True, "express": False}


async def test_a_customers_order_tells_its_method(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with shopping(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        sent = await ordered_fast(who)
        found = await order_of(db, scope, sent.headers["location"])
        shown = html.unescape(await who.get(f"/orders/{found.order.order_id}"))
    assert "Express by air" in shown
    assert "Shipping method" in shown


async def test_an_address_that_the_method_does_not_go_to_is_told(db: Database, scope: Scope, tmp_path: Path) -> None:
    async with shopping(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        sent = await ordered_fast(who)
        found = await order_of(db, scope, sent.headers["location"])
        at = f"/orders/{found.order.order_id}/edit"
        contact = {f"contact_{name}": CHECKOUT[name] for name in ("name", "email")}
        contact["contact_phone"] = "+8613912345678"
        fields = {**contact, "version": "1", "action": "save", "name": "Anne", **PARIS}
        answer = await who.send(at, fields, on=at)
    assert answer.status_code == 422
    assert "The shipping method of this order does not go to this address." in html.unescape(answer.text)
