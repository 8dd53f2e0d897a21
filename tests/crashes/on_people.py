"""How people sign in and what they choose: second steps, forgotten passwords, preferences; words among colleagues."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pyotp

from jiedan.accounts import service as accounts
from jiedan.base.sealing import Sealer
from jiedan.base.web import csrf
from jiedan.orders import queries as orders
from tests.accounts import factories
from tests.api import worlds
from tests.base import web_client
from tests.crashes import calls
from tests.crashes.calls import Stage
from tests.crashes.forms import FORM, form, plain
from tests.crashes.ground import AT, KEY, Ground
from tests.crashes.nursery import Work

BOUNDARY = "the-boundary"
SOON = timedelta(seconds=30)
"""A code of this much later is right at once, and still when the restarted process is asked again."""


def parts(fields: Mapping[str, str], files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return the type and the content of a form that sends pictures."""
    content = b""
    for name, text in fields.items():
        content += f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
    for name, picture in files.items():
        head = f'content-disposition: form-data; name="{name}"; filename="picture.png"\r\ncontent-type: image/png'
        content += f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + picture + b"\r\n"
    return f"multipart/form-data; boundary={BOUNDARY}", content + f"--{BOUNDARY}--\r\n".encode()


def with_pictures(ground: Ground, path: str, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Work:
    """Return the work of answering a form of the owner's console that sends pictures."""
    work = form(ground, path, {})
    work.headers["content-type"], work.content = parts(fields, files)
    return work


async def _app(ground: Ground, *, is_confirmed: bool = True) -> pyotp.TOTP:
    """Give the owner an app for one-time codes, and return it."""
    owner, sealer = ground.world.at.owner_id, Sealer(web_client.SECRET)
    async with ground.database.begin(ground.world.at.scope) as tx:
        enrolment = await accounts.begin_second_factor(tx, sealer, staff_id=owner)
        app = pyotp.TOTP(enrolment.secret)
        if is_confirmed:
            await accounts.confirm_second_factor(tx, sealer, staff_id=owner, code=app.at(tx.now))
    return app


async def _confirm(ground: Ground) -> Work:
    app = await _app(ground, is_confirmed=False)
    return form(ground, "/account/second-step/confirmation", {"code": app.at(AT + SOON)})


async def _remove(ground: Ground) -> Work:
    app = await _app(ground)
    return form(ground, "/account/second-step/removal", {"code": app.at(AT + SOON)})


async def _visited(ground: Ground, path: str) -> dict[str, str]:
    """Look at a page before signing in, and return the headers that its form is sent with."""
    ground.client.cookies.clear()
    shown = await ground.client.get(path, headers={"accept": "text/html"})
    token = shown.text.partition(f'name="{csrf.FIELD}" value="')[2].partition('"')[0]
    cookies = "; ".join(f"{name}={value}" for name, value in shown.cookies.items())
    return {"cookie": cookies, "x-csrf-token": token, "content-type": FORM, "accept": "text/html"}


def _sent(ground: Ground, path: str, fields: Mapping[str, Any], headers: dict[str, str]) -> Work:
    work = form(ground, "", {})
    work.address, work.headers, work.content = path, headers, urlencode(fields).encode()
    ground.client.cookies.clear()
    return work


async def _give_code(ground: Ground) -> Work:
    """Give the code that is asked for after the password."""
    app = await _app(ground)
    headers = await _visited(ground, "/sign-in")
    ground.clock.advance(timedelta(minutes=9))
    person = {"merchant": ground.world.at.slug, "email": ground.world.at.owner_email}
    sent = urlencode({**person, "password": factories.PASSWORD}).encode()
    asked = await ground.client.post("/sign-in", content=sent, headers=headers)
    ground.clock.advance(timedelta(minutes=-9))
    assert asked.status_code == 200, asked.text
    hidden = dict(re.findall(r'name="(merchant|token|next)" value="([^"]*)"', asked.text))
    return _sent(ground, "/sign-in/code", {**hidden, "code": app.at(AT + SOON)}, headers)


async def _forget(ground: Ground) -> Work:
    headers = await _visited(ground, "/forgotten-password")
    fields = {"merchant": ground.world.at.slug, "email": ground.world.at.owner_email}
    return _sent(ground, "/forgotten-password", fields, headers)


async def _forgotten(ground: Ground) -> Work:
    work = await _forget(ground)
    done = ground.nursery.do(work)
    assert done.status == 200, done.content
    return ground.work("drain", "accounts.begin_resets")


async def _density(ground: Ground) -> Work:
    work = form(ground, "", {"value": "compact", "back": "/"})
    work.address = "/preferences/density"
    return work


async def _photo(ground: Ground) -> Work:
    return with_pictures(ground, "/scanned-photo", {"back": "/pack"}, {"photo": worlds.picture()})


async def _move_view(ground: Ground) -> Work:
    for name in ("First", "Second"):
        made = form(ground, "/orders/views", {"name": name, "filters": '{"payment": ["paid"]}'})
        await ground.client.post(made.address, content=made.content, headers=made.headers)
    async with ground.database.read(ground.world.at.scope) as tx:
        own = await orders.views(tx, owner_id=ground.world.at.owner_id)
    (view,) = [view for view in own if view.name == "Second"]
    return form(ground, f"/orders/views/{view.view_id}/move", {"direction": "left"})


async def _pulse(ground: Ground) -> Work:
    work = form(ground, "/orders/{order_id}/pulse", {})
    work.content = b"seen="  # the page sends this again and again, so it has no number
    return work


async def _tag(ground: Ground) -> Work:
    return form(ground, "/orders/{order_id}/tags", {"add": "gift"}, order_id=await calls.order(ground))


async def _show_shop(ground: Ground) -> Work:
    shown = await ground.call("GET", "/storefront")
    return form(ground, "/storefront", {"version": shown["version"], "is_open": "1", "tagline": "Tea"})


async def _show_logo(ground: Ground) -> Work:
    return with_pictures(ground, "/storefront/logo", {}, {"logo": worlds.picture()})


FORMS: Mapping[str, Stage] = {
    "/c/{slug}/account/second-step": plain("/account/second-step"),
    "/c/{slug}/account/second-step/confirmation": _confirm,
    "/c/{slug}/account/second-step/removal": _remove,
    "/c/{slug}/orders/columns": plain("/orders/columns", column=["number", "total"]),
    "/c/{slug}/orders/views/{view_id}/move": _move_view,
    "/c/{slug}/orders/{order_id}/comments": plain("/orders/{order_id}/comments", key=KEY, text="Please call them."),
    "/c/{slug}/orders/{order_id}/pulse": _pulse,
    "/c/{slug}/orders/{order_id}/tags": _tag,
    "/c/{slug}/scanned-photo": _photo,
    "/c/{slug}/storefront": _show_shop,
    "/c/{slug}/storefront/logo": _show_logo,
    "/forgotten-password": _forget,
    "/preferences/density": _density,
    "/sign-in/code": _give_code,
}
"""By path; each is posted."""

HANDLERS: Mapping[str, Stage] = {"accounts.begin_resets": _forgotten}
"""By the handler's name."""
