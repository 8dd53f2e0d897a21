"""Guests look for their order: its number and their contact, then a code from their mail, then the order's own page."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.customers.rules import EMAIL_CHARACTERS_MAX
from jiedan.orders import service
from jiedan.portal import shown, visitor
from jiedan.portal.visitor import Visitor

TRACK_PATH = "/track"
NUMBER_CHARACTERS_MAX = 100
CODE_CHARACTERS_MAX = 20
SECRET_CHARACTERS_MAX = 100


class TrackForm(forms.Form):
    """What a guest knows of their order."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=NUMBER_CHARACTERS_MAX)]
    contact: Annotated[str, msgspec.Meta(min_length=1, max_length=EMAIL_CHARACTERS_MAX)]


class CodeForm(forms.Form):
    """The code from the mail, and the secret of the page that asked for it."""

    secret: Annotated[str, msgspec.Meta(min_length=1, max_length=SECRET_CHARACTERS_MAX)]
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=CODE_CHARACTERS_MAX)]


@get(TRACK_PATH)
async def track_page(unit: Unit, slug: str) -> Response[str]:
    """Ask which order is looked for."""
    async with visitor.entered(unit, slug) as (_, who):
        return _page(unit, who, forms.empty(unit))


@post(TRACK_PATH)
async def track(unit: Unit, slug: str) -> Response[str]:
    """Have a code mailed where number and contact fit, and ask for it, whether they do or not."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, TrackForm)
    sent = form.value
    if sent is None:
        return _page(unit, who, form)
    made = await unit.runtime.database.write(
        who.scope,
        lambda tx: service.request_look_up(tx, number=sent.number, contact=sent.contact, network=unit.network),
    )
    if isinstance(made, Refusal):
        form.refuse(made)
        return _page(unit, who, form)
    return _page(unit, who, forms.empty(unit), secret=made.secret)


@post(f"{TRACK_PATH}/code")
async def give_code(unit: Unit, slug: str) -> Response[str]:
    """Take the code and lead on to the order; whatever is wrong, the answer is the same."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, CodeForm)
    sent = form.value
    if sent is None:
        return _page(unit, who, form, secret=form.text("secret"))
    found = await unit.runtime.database.write(
        who.scope, lambda tx: service.open_order(tx, secret=sent.secret, code=sent.code)
    )
    if isinstance(found, Refusal):
        form.refuse(found)
        return _page(unit, who, form, secret=sent.secret)
    return pages.redirect(unit, visitor.order_address(unit, who, found))


def _page(unit: Unit, who: Visitor, form: Filled[Any], *, secret: str = "") -> Response[str]:
    return shown.render(unit, who, "portal/track.html", form=form, secret=secret)


HANDLERS = (track_page, track, give_code)
