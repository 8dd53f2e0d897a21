"""Carts, through the API and in the shop, up to the order and its payment."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from jiedan.base.web import csrf, sending
from jiedan.orders.rules import tickets
from jiedan.orders.tables import Order
from tests.base import web_client
from tests.crashes.books import Rows
from tests.crashes.calls import Stage
from tests.crashes.forms import FORM
from tests.crashes.ground import Ground
from tests.crashes.nursery import Done, Work
from tests.portal.factories import CHECKOUT, Visitor

Leads = Callable[[Ground, Done, Rows], str]

_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"')
_KEPT = {csrf.FIELD, "cart_id", "total_minor"}


def shopper(ground: Ground) -> Visitor:
    """Let somebody into the shop who was never there."""
    ground.client.cookies.clear()
    return Visitor(ground.client, ground.world.at.slug)


def shop_form(ground: Ground, path: str, fields: Mapping[str, Any], *, page: str) -> Work:
    """Return the work of answering a form of the shop's `page`, as it was shown; the visitor is gone from here."""
    hidden = {name: value for name, value in _HIDDEN.findall(page) if name in _KEPT}
    address = f"/s/{ground.world.at.slug}{path}"
    sent = {**hidden, sending.FIELD: "the-page", **fields}
    work = ground.request("POST", "", content=urlencode(sent, doseq=True).encode(), address=address)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in ground.client.cookies.jar)
    work.headers = {"cookie": cookies, "content-type": FORM, "accept": "text/html"}
    ground.client.cookies.clear()
    return work


def _line(ground: Ground, quantity: int = 2) -> dict[str, Any]:
    return {"sku": "TEA-250", "product_id": ground.world.ids["product_id"], "quantity": quantity}


async def _first_line(ground: Ground) -> Work:
    visitor = shopper(ground)
    shown = await visitor.get(f"/products/{ground.world.ids['product_id']}")
    return shop_form(ground, "/cart/lines", _line(ground), page=shown)


async def _priced(ground: Ground) -> Work:
    visitor = shopper(ground)
    path = f"/products/{ground.world.ids['product_id']}"
    return shop_form(ground, path, _line(ground), page=await visitor.get(path))


async def _filled(ground: Ground) -> Visitor:
    """Let somebody into the shop who has tea in the cart."""
    visitor = shopper(ground)
    on = f"/products/{ground.world.ids['product_id']}"
    await visitor.follow(await visitor.send("/cart/lines", _line(ground), on=on))
    return visitor


async def _change(ground: Ground) -> Work:
    visitor = await _filled(ground)
    return shop_form(ground, "/cart", {"sku": ["TEA-250"], "quantity": ["3"]}, page=await visitor.get("/cart"))


async def _check_out(ground: Ground) -> Work:
    await ground.call("PUT", "/payment-providers/sandbox", {"is_active": True})
    visitor = await _filled(ground)
    fields = {**CHECKOUT, "action": "place", "payment": "provider:sandbox"}
    return shop_form(ground, "/checkout", fields, page=await visitor.get("/checkout"))


async def _look_in(ground: Ground) -> str:
    return await shopper(ground).get("/cart")


async def _choose_currency(ground: Ground) -> Work:
    page = await _look_in(ground)
    return shop_form(ground, "/currency", {"value": "CNY", "back": "/"}, page=page)


async def _choose_place(ground: Ground) -> Work:
    page = await _look_in(ground)
    fields = {"country": "CN", "postal_code": "200001", "back": "/"}
    return shop_form(ground, "/place", fields, page=page)


async def _pay(ground: Ground) -> Work:
    await ground.call("PUT", "/payment-providers/sandbox", {"is_active": True})
    await ground.call("PATCH", "/storefront", {"transfer_instructions": "To Acme, account 42."})
    visitor = await _filled(ground)
    placed = await visitor.check_out(payment="transfer")
    ticket = placed.headers["location"].partition("/placed/")[2].partition("?")[0]
    page = await visitor.follow(placed)
    return shop_form(ground, f"/placed/{ticket}/payments", {"payment": "provider:sandbox"}, page=page)


async def _old_carts(ground: Ground) -> Work:
    return ground.work("periodic", "carts.forget_old", after=timedelta(days=61))


def to_its_order(ground: Ground, done: Done, after: Rows) -> str:
    """Return what is wrong with where the form of a checkout, or of an order, leads: to the order placed last."""
    led_to = tickets.order_of(web_client.SECRET, ground.world.at.tenant, _ticket(done.location))
    newest = max(json.loads(text)["order_id"] for text in after[Order.__tablename__])
    return "" if str(led_to) == newest else f"{done.location} leads to {led_to}, not {newest}"


def _ticket(location: str) -> str:
    return location.partition("/placed/")[2].partition("?")[0]


LEADS: Mapping[str, Leads] = {
    "POST /s/{slug}/checkout": to_its_order,
    "POST /s/{slug}/placed/{ticket}/payments": to_its_order,
}
"""Where the ticket in an answer's address must lead to: without this it would be any ticket."""

FORMS: Mapping[str, Stage] = {
    "/s/{slug}/cart": _change,
    "/s/{slug}/cart/lines": _first_line,
    "/s/{slug}/checkout": _check_out,
    "/s/{slug}/currency": _choose_currency,
    "/s/{slug}/place": _choose_place,
    "/s/{slug}/placed/{ticket}/payments": _pay,
    "/s/{slug}/products/{product_id}": _priced,
}
"""By path; each is posted."""

PERIODIC: Mapping[str, Stage] = {"carts.forget_old": _old_carts}
"""By the name of the periodic work."""
