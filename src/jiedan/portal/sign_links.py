"""Links from the mail: to open an account, to sign in, to choose a password, to prove a new address.

A page is shown first and the link used up by its form: programs that look into mails open links, too.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.accounts.errors import PasswordsDiffer
from jiedan.accounts.rules import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN
from jiedan.accounts.service import Passwords, secret_hash
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.auth import CREDENTIAL_LENGTH_MAX
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.customers import errors, queries, service
from jiedan.customers.rules import PHONE_CHARACTERS_MAX
from jiedan.customers.service import Then
from jiedan.customers.values import (
    CONSENT_LABELS,
    CONSENT_PURPOSES,
    NAME_CHARACTERS_MAX,
    Browser,
    ConsentPurpose,
    Joining,
    Link,
    SignedIn,
)
from jiedan.portal import closed, shown, signing, visitor
from jiedan.portal.signing import Enter
from jiedan.portal.visitor import Visitor
from jiedan.sourcing.values import Point

LINK_PATH = "/link"

Token = Annotated[str, msgspec.Meta(min_length=1, max_length=CREDENTIAL_LENGTH_MAX)]
Secret = Annotated[str, msgspec.Meta(max_length=PASSWORD_CHARACTERS_MAX * 4)]


class TokenForm(forms.Form):
    """A one-time link."""

    token: Token


class JoinForm(forms.Form):
    """A one-time link, and what somebody says of themselves; no password is one way to want none."""

    token: Token
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARACTERS_MAX)]
    phone: Annotated[str, msgspec.Meta(max_length=PHONE_CHARACTERS_MAX)] = ""
    password: Secret = ""
    consents: list[ConsentPurpose] = msgspec.field(default_factory=list)


class ResetForm(forms.Form):
    """A one-time link and the password to be set, twice."""

    token: Token
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=PASSWORD_CHARACTERS_MAX * 4)]
    repeated: Secret = ""


def _told_when_closed(work: Callable[[Unit, str], Awaitable[Response[str]]]) -> Callable[..., Awaitable[Response[str]]]:
    """Return the handler of a link's form, which says so where the shop was closed after the form was shown."""

    @functools.wraps(work)
    async def handler(unit: Unit, slug: str) -> Response[str]:
        try:
            return await work(unit, slug)
        except NoSuchPage:
            form = await forms.read(unit, TokenForm)
            return await closed.page(unit, slug, secret=form.text("token"))

    return handler


@get(LINK_PATH)
async def link_page(unit: Unit, slug: str) -> Response[str]:
    """Show what a link is for, or that the shop was closed meanwhile. Raises LinkNotValid."""
    token = unit.request.query_params.get("token", "")
    try:
        async with visitor.entered(unit, slug) as (tx, who):
            return await _page(unit, tx, who, forms.empty(unit, token=token))
    except NoSuchPage:
        return await closed.page(unit, slug, secret=token)


@post(f"{LINK_PATH}/account")
@_told_when_closed
async def join(unit: Unit, slug: str) -> Response[str]:
    """Open an account and sign its owner in. Raises LinkNotValid."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, JoinForm)
        point = await visitor.point_of(tx, who.place)
    sent = form.value
    if sent is not None:
        join_by_link = functools.partial(
            service.join,
            unit.runtime.database,
            unit.part(Passwords),
            tenant=who.tenant,
            secret=sent.token,
            joining=Joining(sent.name, sent.phone, unit.locale, tuple(dict.fromkeys(sent.consents))),
            password=sent.password,
        )
        return await _answer(unit, who, form, join_by_link, point=point, flash=N_("Your account is open."))
    return await _again(unit, slug, form)


@post(f"{LINK_PATH}/session")
@_told_when_closed
async def enter(unit: Unit, slug: str) -> Response[str]:
    """Sign somebody in by a link. Raises LinkNotValid."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, TokenForm)
        point = await visitor.point_of(tx, who.place)
    sent = form.value
    if sent is None:
        raise errors.LinkNotValid

    async def by_link(*, browser: Browser, replaced: str | None, then: Then) -> SignedIn:
        return await unit.runtime.database.write(
            who.scope,
            lambda tx: service.enter_by_link(tx, secret=sent.token, browser=browser, replaced=replaced, then=then),
        )

    return await _answer(unit, who, form, by_link, point=point)


@post(f"{LINK_PATH}/password")
@_told_when_closed
async def reset(unit: Unit, slug: str) -> Response[str]:
    """Set a new password and sign its owner in. Raises LinkNotValid."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, ResetForm)
        point = await visitor.point_of(tx, who.place)
    sent = form.value
    if sent is not None and sent.password != sent.repeated:
        form.refuse(PasswordsDiffer(field="repeated"))
    elif sent is not None:
        reset_by_link = functools.partial(
            service.reset_password,
            unit.runtime.database,
            unit.part(Passwords),
            tenant=who.tenant,
            secret=sent.token,
            password=sent.password,
        )
        flash = N_("Your password was changed; you are signed out everywhere else.")
        return await _answer(unit, who, form, reset_by_link, point=point, flash=flash)
    return await _again(unit, slug, form)


@post(f"{LINK_PATH}/email")
@_told_when_closed
async def prove_email(unit: Unit, slug: str) -> Response[str]:
    """Let a customer sign in by the address that the link was mailed to. Raises LinkNotValid."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, TokenForm)
    sent, holder = form.value, who.holder
    if holder is None or sent is None:
        raise errors.LinkNotValid
    await unit.runtime.database.write(who.scope, lambda tx: service.prove_email(tx, secret=sent.token, holder=holder))
    return pages.redirect(unit, who.at(signing.ACCOUNT_PATH), flash=N_("From now on you sign in by your new address."))


async def _answer(
    unit: Unit, who: Visitor, form: Filled[Any], by_link: Enter, *, point: Point | None, flash: str | None = None
) -> Response[str]:
    """Let somebody in by a link, or show the form again with what is wrong. Raises LinkNotValid."""
    answer = await signing.come_in(unit, who, form, by_link, point=point, target=_target(who), flash=flash)
    return await _again(unit, who.slug, form) if answer is None else answer


async def _again(unit: Unit, slug: str, form: Filled[Any]) -> Response[str]:
    async with visitor.entered(unit, slug) as (tx, who):
        return await _page(unit, tx, who, form)


def _target(who: Visitor) -> str:
    """Return where somebody who comes in by a link goes on: to what lies in their cart, else to their account."""
    return who.at("/cart") if who.in_cart else who.at(signing.ACCOUNT_PATH)


async def _page(unit: Unit, tx: ReadTx, who: Visitor, form: Filled[Any]) -> Response[str]:
    link = await queries.link(tx, secret_hash=secret_hash(form.text("token")))
    answer = shown.render(
        unit,
        who,
        "portal/link.html",
        form=form,
        link=link,
        is_own=_is_own(who, link),
        minimum=PASSWORD_CHARACTERS_MIN,
        consents=[(key, i18n.gettext(unit.locale, CONSENT_LABELS[key])) for key in CONSENT_PURPOSES],
        given=form.raw.get("consents", []),
    )
    answer.headers["referrer-policy"] = "no-referrer"  # the address holds the secret
    return answer


def _is_own(who: Visitor, link: Link) -> bool:
    """Tell whether the customer whose link it is is signed in here."""
    return who.holder is not None and who.holder.account_id == link.account_id


HANDLERS = (link_page, join, enter, reset, prove_email)
