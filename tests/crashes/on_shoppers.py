"""Customers in the shop: how they come in and go out, what they keep; guests who look for their order."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Scope
from jiedan.orders import service as orders
from jiedan.orders.rules import tickets
from jiedan.orders.tables import Order, OrderLookUp
from tests.base import web_client
from tests.crashes import calls
from tests.crashes.calls import Stage
from tests.crashes.ground import Ground
from tests.crashes.nursery import Work
from tests.crashes.on_carts import shop_form, shopper
from tests.portal import people
from tests.portal.factories import CHECKOUT, Visitor
from tests.portal.people import MEI, PASSWORD

OTHER = "eleven copper kettles"
HOME = {
    "name": "韩梅梅", "phone": "139 1234 5678", "country": "CN", "region": "北京市", "city": "东城区",
    "district": "东城区", "line1": "长安街1号", "postal_code": "100006", "label": "Home", "action": "save",
}  # fmt: skip


def _scope(ground: Ground) -> Scope:
    return ground.world.at.scope


async def _member(ground: Ground) -> Visitor:
    """Let somebody into the shop who has an account there and is signed in."""
    visitor = shopper(ground)
    await people.join(visitor, ground.database, _scope(ground))
    return visitor


async def _gone(ground: Ground) -> Visitor:
    """Let somebody into the shop who has an account there and is signed out."""
    visitor = await _member(ground)
    await visitor.send("/account/sign-out", {}, on="/account")
    return visitor


def _as_member(path: str, **fields: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        visitor = await _member(ground)
        return shop_form(ground, path, fields, page=await visitor.get("/account"))

    return stage


def _by_address(path: str, on: str) -> Stage:
    async def stage(ground: Ground) -> Work:
        visitor = await _gone(ground)
        return shop_form(ground, path, {"email": MEI}, page=await visitor.get(on))

    return stage


async def _sign_in(ground: Ground) -> Work:
    visitor = await _gone(ground)
    fields = {"email": MEI, "password": PASSWORD}
    return shop_form(ground, "/account/sign-in", fields, page=await visitor.get("/account/sign-in"))


async def _register(ground: Ground) -> Work:
    visitor = shopper(ground)
    return shop_form(ground, "/register", {"email": MEI}, page=await visitor.get("/register"))


async def _join(ground: Ground) -> Work:
    visitor = shopper(ground)
    await visitor.send("/register", {"email": MEI}, on="/register")
    token = await people.mailed(ground.database, _scope(ground))
    fields = {"token": token, "name": "韩梅梅", "password": PASSWORD, "consents": "marketing_email"}
    return shop_form(ground, "/link/account", fields, page=await visitor.get(f"/link?token={token}"))


async def _enter(ground: Ground) -> Work:
    visitor = await _gone(ground)
    await visitor.send("/account/sign-in/link", {"email": MEI}, on="/account/sign-in")
    token = await people.mailed(ground.database, _scope(ground))
    return shop_form(ground, "/link/session", {"token": token}, page=await visitor.get(f"/link?token={token}"))


async def _reset(ground: Ground) -> Work:
    visitor = await _gone(ground)
    await visitor.send("/forgotten", {"email": MEI}, on="/forgotten")
    token = await people.mailed(ground.database, _scope(ground))
    fields = {"token": token, "password": OTHER, "repeated": OTHER}
    return shop_form(ground, "/link/password", fields, page=await visitor.get(f"/link?token={token}"))


async def _prove(ground: Ground) -> Work:
    visitor = await _member(ground)
    await visitor.send("/account/email", {"new_email": "han@example.com", "present_password": PASSWORD}, on="/account")
    token = await people.mailed(ground.database, _scope(ground), "han@example.com")
    return shop_form(ground, "/link/email", {"token": token}, page=await visitor.get(f"/link?token={token}"))


async def _profile(ground: Ground) -> Work:
    visitor = await _member(ground)
    page = await visitor.get("/account")
    version = page.partition('name="version" value="')[2].partition('"')[0]
    fields = {"version": version, "name": "Han Meimei", "email": MEI, "phone": "", "consents": ["profiling"]}
    return shop_form(ground, "/account/profile", fields, page=page)


async def _add(ground: Ground) -> Work:
    visitor = await _member(ground)
    page = await visitor.get("/account/addresses/new")
    return shop_form(ground, "/account/addresses/new", HOME, page=page)


def _in_book(act: str, **fields: Any) -> Stage:
    async def stage(ground: Ground) -> Work:
        visitor = await _member(ground)
        new = "/account/addresses/new"
        await visitor.send(new, HOME, on=new)
        book = await visitor.follow(await visitor.send(new, {**HOME, "line1": "长安街2号"}, on=new))
        ids = {part[:36] for part in book.split("/account/addresses/")[1:] if part[36:37] == '"'}
        page = f"/account/addresses/{max(ids)}{act}"
        return shop_form(ground, page, fields, page=await visitor.get("/account"))

    return stage


async def _ordered(ground: Ground) -> tuple[Visitor, str, UUID]:
    """Let a guest order, and return the number of the order and its id."""
    await ground.call("PATCH", "/storefront", {"transfer_instructions": "To Acme, account 42."})
    visitor = shopper(ground)
    line = {"sku": "TEA-250", "product_id": ground.world.ids["product_id"], "quantity": 1}
    await visitor.send("/cart/lines", line, on=f"/products/{line['product_id']}")
    await visitor.check_out(payment="transfer")
    async with ground.database.read(_scope(ground)) as tx:
        newest = sa.select(Order.number, Order.order_id).where(Order.tenant_id == tx.tenant)
        found = (await tx.execute(newest.order_by(Order.order_id.desc()).limit(1))).one()
    return visitor, found.number, found.order_id


async def _reorder(ground: Ground) -> Work:
    visitor, _, order_id = await _ordered(ground)
    ticket = tickets.ticket_of(web_client.SECRET, ground.world.at.tenant, order_id)
    path = f"/orders/{order_id}"
    page = await visitor.get(f"{path}?ticket={ticket}")
    return shop_form(ground, f"{path}/reorder?ticket={ticket}", {}, page=page)


async def _show_code(ground: Ground) -> Work:
    """Let whoever has the link to an order want the code by which its goods are collected."""
    ids = await calls.released(ground, upto="ready")
    path, visitor = f"/orders/{ids['order_id']}", shopper(ground)
    ticket = tickets.ticket_of(web_client.SECRET, ground.world.at.tenant, UUID(ids["order_id"]))
    page = await visitor.get(f"{path}?ticket={ticket}")
    return shop_form(ground, f"{path}/code?ticket={ticket}", {}, page=page)


async def _track(ground: Ground) -> Work:
    visitor, number, _ = await _ordered(ground)
    fields = {"number": number, "contact": CHECKOUT["email"]}
    return shop_form(ground, "/track", fields, page=await visitor.get("/track"))


async def _give_code(ground: Ground) -> Work:
    visitor, number, _ = await _ordered(ground)
    asked = await visitor.send("/track", {"number": number, "contact": CHECKOUT["email"]}, on="/track")
    secret = asked.text.partition('name="secret" value="')[2].partition('"')[0]
    async with ground.database.begin(_scope(ground)) as tx:
        waiting = sa.select(OrderLookUp.look_up_id).where(OrderLookUp.tenant_id == tx.tenant)
        (code,) = (await orders.mail_codes(tx, look_up_ids=(await tx.execute(waiting)).scalars().all())).values()
    fields = {"secret": secret, "code": code.text}
    return shop_form(ground, "/track/code", fields, page=await visitor.get("/track"))


FORMS: Mapping[str, Stage] = {
    "/s/{slug}/account/addresses/new": _add,
    "/s/{slug}/account/addresses/{address_id}": _in_book("", **{**HOME, "line1": "长安街3号"}),
    "/s/{slug}/account/addresses/{address_id}/default": _in_book("/default"),
    "/s/{slug}/account/addresses/{address_id}/removal": _in_book("/removal"),
    "/s/{slug}/account/email": _as_member("/account/email", new_email="han@example.com", present_password=PASSWORD),
    "/s/{slug}/account/erasure": _as_member("/account/erasure", is_sure="1"),
    "/s/{slug}/account/password": _as_member("/account/password", present=PASSWORD, password=OTHER, repeated=OTHER),
    "/s/{slug}/account/password/link": _as_member("/account/password/link"),
    "/s/{slug}/account/profile": _profile,
    "/s/{slug}/account/sessions/ending": _as_member("/account/sessions/ending"),
    "/s/{slug}/forgotten": _by_address("/forgotten", "/forgotten"),
    "/s/{slug}/link/account": _join,
    "/s/{slug}/link/email": _prove,
    "/s/{slug}/link/password": _reset,
    "/s/{slug}/link/session": _enter,
    "/s/{slug}/register": _register,
    "/s/{slug}/account/sign-in": _sign_in,
    "/s/{slug}/account/sign-in/link": _by_address("/account/sign-in/link", "/account/sign-in"),
    "/s/{slug}/account/sign-out": _as_member("/account/sign-out"),
    "/s/{slug}/orders/{order_id}/code": _show_code,
    "/s/{slug}/orders/{order_id}/reorder": _reorder,
    "/s/{slug}/track": _track,
    "/s/{slug}/track/code": _give_code,
}
"""By path; each is posted."""

MAY_REPEAT: Mapping[str, str] = {
    "POST /s/{slug}/account/email": "each request leads to a mail, and only the link of the last one works",
    "POST /s/{slug}/account/password/link": "each request leads to a mail, and only the link of the last one works",
    "POST /s/{slug}/forgotten": "each request leads to a mail, and only the link of the last one works",
    "POST /s/{slug}/register": "each request leads to a mail, and only the link of the last one works",
    "POST /s/{slug}/account/sign-in": "each sign-in is a session of its own",
    "POST /s/{slug}/account/sign-in/link": "each request leads to a mail, and only the link of the last one works",
    "POST /s/{slug}/track": "each request leads to a mail, and each code works once, for the page that asked",
    "POST /api/v1/customers/{customer_id}/account/links": "each request leads to a mail; the last link works",
}
"""What is done again when it is asked for again, and why that is meant."""
