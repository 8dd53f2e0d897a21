"""Signing in, opening an account, forgotten passwords: an address is given, and nobody is told whose it is."""

import functools
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.accounts.rules import PASSWORD_CHARACTERS_MAX
from jiedan.accounts.service import Passwords
from jiedan.base.errors import Refusal
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.customers import service
from jiedan.customers.rules import EMAIL_CHARACTERS_MAX
from jiedan.customers.values import Wish
from jiedan.portal import shown, signing, visitor
from jiedan.portal.visitor import Visitor

Email = Annotated[str, msgspec.Meta(min_length=1, max_length=EMAIL_CHARACTERS_MAX)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=PASSWORD_CHARACTERS_MAX * 4)]


class SignInForm(forms.Form):
    """Who wants to come in, and where they want to go."""

    email: Email
    password: Password
    next: bodies.Text = ""


class AddressForm(forms.Form):
    """The address that a link is mailed to."""

    email: Email


@get(signing.SIGN_IN_PATH)
async def sign_in_page(unit: Unit, slug: str) -> Response[str]:
    """Ask who is there; whoever is signed in goes on."""
    async with visitor.entered(unit, slug) as (_, who):
        asked = unit.request.query_params.get("next", "")
        if who.holder is not None:
            return pages.redirect(unit, signing.wanted(who, asked))
        return _page(unit, who, "sign_in", forms.empty(unit, next=signing.wanted(who, asked)))


@post(signing.SIGN_IN_PATH)
async def sign_in(unit: Unit, slug: str) -> Response[str]:
    """Begin a session and go on; whatever is wrong, the answer is the same."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, SignInForm)
        point = await visitor.point_of(tx, who.place)
    sent = form.value
    if sent is not None:
        enter = functools.partial(
            service.enter,
            unit.runtime.database,
            unit.part(Passwords),
            tenant=who.tenant,
            email=sent.email,
            password=sent.password,
        )
        target = signing.wanted(who, sent.next)
        answer = await signing.come_in(unit, who, form, enter, point=point, target=target)
        if answer is not None:
            return answer
    return _page(unit, who, "sign_in", form)


@post(f"{signing.SIGN_IN_PATH}/link")
async def mail_sign_in(unit: Unit, slug: str) -> Response[str]:
    """Have a link to sign in mailed."""
    return await _mailed(unit, slug, "sign_in", "sign_in")


@get("/register")
async def register_page(unit: Unit, slug: str) -> Response[str]:
    """Ask for the address of a new account."""
    async with visitor.entered(unit, slug) as (_, who):
        if who.holder is not None:
            return pages.redirect(unit, who.at(signing.ACCOUNT_PATH))
        return _page(unit, who, "register", forms.empty(unit))


@post("/register")
async def register(unit: Unit, slug: str) -> Response[str]:
    """Have a link to open an account mailed; to who has one, a link to sign in."""
    return await _mailed(unit, slug, "register", "sign_in")


@get("/forgotten")
async def forgotten_page(unit: Unit, slug: str) -> Response[str]:
    """Ask whose password was forgotten."""
    async with visitor.entered(unit, slug) as (_, who):
        return _page(unit, who, "forgotten", forms.empty(unit))


@post("/forgotten")
async def forgotten(unit: Unit, slug: str) -> Response[str]:
    """Have a link to choose a new password mailed."""
    return await _mailed(unit, slug, "forgotten", "password_reset")


@post(signing.SIGN_OUT_PATH)
async def sign_out(unit: Unit, slug: str) -> Response[str]:
    """End the session, here and in the database; one that has ended already is no error."""
    async with visitor.entered(unit, slug) as (_, who):
        secret = visitor.session_secret(unit, who.tenant, slug)
    if who.holder is not None and secret is not None:
        await unit.runtime.database.write(who.scope, lambda tx: service.sign_out(tx, secret=secret))
    return signing.let_out(unit, who)


async def _mailed(unit: Unit, slug: str, page: str, wish: Wish) -> Response[str]:
    """Ask for a link, and say that one is on its way, whosever the address is."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, AddressForm)
    sent = form.value
    if sent is not None:
        try:
            await service.request_link(
                unit.runtime.database,
                tenant=who.tenant,
                email=sent.email,
                wish=wish,
                locale=unit.locale,
                browser=signing.browser(unit),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return shown.render(unit, who, "portal/mailed.html", email=sent.email, page=page)
    return _page(unit, who, page, form, is_for_link=True)


def _page(unit: Unit, who: Visitor, page: str, form: Filled[Any], *, is_for_link: bool = False) -> Response[str]:
    return shown.render(unit, who, f"portal/{page}.html", form=form, is_for_link=is_for_link)


HANDLERS = (
    sign_in_page,
    sign_in,
    mail_sign_in,
    register_page,
    register,
    forgotten_page,
    forgotten,
    sign_out,
)
