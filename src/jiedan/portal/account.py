"""A customer's account: who they are, how they sign in and where, what they agree to, what is stored about them."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.accounts.errors import PasswordsDiffer
from jiedan.accounts.rules import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN
from jiedan.accounts.service import Passwords
from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, accepted, renamed
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.cases import queries as cases
from jiedan.customers import queries, service
from jiedan.customers.rules import EMAIL_CHARACTERS_MAX, PHONE_CHARACTERS_MAX
from jiedan.customers.service.erasure import ERASURE_KIND
from jiedan.customers.values import (
    CONSENT_LABELS,
    CONSENT_PURPOSES,
    NAME_CHARACTERS_MAX,
    ConsentPurpose,
    Customer,
    CustomerEdit,
    Holder,
)
from jiedan.portal import browsers, own_coupons, shown, signing, visitor
from jiedan.portal.signing import ACCOUNT_PATH
from jiedan.portal.visitor import Visitor

CONSENT_SOURCE = "shop"

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=PASSWORD_CHARACTERS_MAX * 4)]
Secret = Annotated[str, msgspec.Meta(max_length=PASSWORD_CHARACTERS_MAX * 4)]


class ProfileForm(forms.Form, kw_only=True):
    """What a customer says of themselves, at the version they read; `consents` are those that are given."""

    version: int
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARACTERS_MAX)]
    email: Annotated[str, msgspec.Meta(max_length=EMAIL_CHARACTERS_MAX)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=PHONE_CHARACTERS_MAX)] = ""
    locale: Annotated[str, msgspec.Meta(max_length=20)] = ""
    consents: list[ConsentPurpose] = msgspec.field(default_factory=list)


class PasswordForm(forms.Form):
    """The present password and a new one, twice."""

    present: Password
    password: Password
    repeated: Secret = ""


class EmailForm(forms.Form):
    """The address to sign in by, and the present password where there is one."""

    new_email: Annotated[str, msgspec.Meta(min_length=1, max_length=EMAIL_CHARACTERS_MAX)]
    present_password: Secret = ""


class ErasureForm(forms.Form):
    """The wish to be erased."""

    is_sure: bool = False


@get(ACCOUNT_PATH)
async def account_page(unit: Unit, slug: str) -> Response[str]:
    """Show a customer their account."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.holder is None:
            return signing.first_sign_in(unit, who)
        return await _page(unit, tx, who, who.holder)


@post(f"{ACCOUNT_PATH}/profile")
async def change_profile(unit: Unit, slug: str) -> Response[str]:
    """Change what a customer says of themselves, and what they agree to."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, ProfileForm)
        if who.holder is None:
            return signing.first_sign_in(unit, who)
        holder = who.holder
        before = await queries.customer(tx, holder.customer_id)
    sent = form.value
    if sent is not None:
        try:
            await visitor.save(unit, who.scope, lambda tx: _save(tx, before, sent, who))
        except Refusal as refusal:
            form.refuse(renamed(refusal, signing.last_part))
    return await _after(unit, slug, form, "profile", N_("It was saved."))


@post(f"{ACCOUNT_PATH}/password")
async def change_password(unit: Unit, slug: str) -> Response[str]:
    """Set another password; the browser goes on with a new session, all others end."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, PasswordForm)
    if who.holder is None:
        return signing.first_sign_in(unit, who)
    sent = form.value
    if sent is not None and sent.password != sent.repeated:
        form.refuse(PasswordsDiffer(field="repeated"))
    elif sent is not None:
        try:
            signed_in = await service.change_password(
                unit.runtime.database,
                unit.part(Passwords),
                tenant=who.tenant,
                account_id=who.holder.account_id,
                present=sent.present,
                password=sent.password,
                browser=signing.browser(unit),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash = N_("Your password was changed; you are signed out everywhere else.")
            return signing.let_in(unit, who, signed_in, who.at(ACCOUNT_PATH), flash=flash)
    return await _after(unit, slug, form, "password", None)


@post(f"{ACCOUNT_PATH}/password/link")
async def mail_password_link(unit: Unit, slug: str) -> Response[str]:
    """Have a link to choose a password mailed to the address that one signs in by."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.holder is None:
            return signing.first_sign_in(unit, who)
        access = (await queries.accesses(tx, [who.holder.account_id]))[who.holder.account_id]
    try:
        await service.request_link(
            unit.runtime.database,
            tenant=who.tenant,
            email=access.email,
            wish="password_reset",
            locale=unit.locale,
            browser=signing.browser(unit),
        )
    except Refusal as refusal:
        text = i18n.say(unit.locale, refusal)
        return pages.redirect(unit, who.at(ACCOUNT_PATH), flash="{text}", tone="bad", text=text)
    return pages.redirect(unit, who.at(ACCOUNT_PATH), flash=N_("Look into your mail: a link is on its way."))


@post(f"{ACCOUNT_PATH}/email")
async def change_email(unit: Unit, slug: str) -> Response[str]:
    """Have a link mailed to another address, which is signed in by once the link was opened."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, EmailForm)
        if who.holder is None:
            return signing.first_sign_in(unit, who)
        holder = who.holder
        access = (await queries.accesses(tx, [holder.account_id]))[holder.account_id]
    sent = form.value
    if sent is not None:
        try:
            if access.has_password:
                await service.verified(
                    unit.runtime.database,
                    unit.part(Passwords),
                    tenant=who.tenant,
                    account_id=holder.account_id,
                    present=sent.present_password,
                    browser=signing.browser(unit),
                )
            throttled = await unit.runtime.database.write(
                who.scope,
                lambda tx: service.request_email_change(
                    tx, account_id=holder.account_id, email=sent.new_email, locale=unit.locale, network=unit.network
                ),
            )
            if throttled is not None:
                form.refuse(throttled)
        except Refusal as refusal:
            names = {"present": "present_password", "email": "new_email"}
            refusal.field = names.get(refusal.field or "", refusal.field)
            form.refuse(refusal)
    return await _after(unit, slug, form, "email", N_("Look into the mail of your new address: a link is on its way."))


@post(f"{ACCOUNT_PATH}/sessions/ending")
async def sign_out_everywhere(unit: Unit, slug: str) -> Response[str]:
    """End every session of the customer, this one too."""
    async with visitor.entered(unit, slug) as (_, who):
        holder = who.holder
    if holder is not None:
        await unit.runtime.database.write(
            who.scope, lambda tx: service.sign_out_everywhere(tx, account_id=holder.account_id)
        )
    return signing.let_out(unit, who, flash=N_("You are signed out everywhere."))


@post(f"{ACCOUNT_PATH}/erasure")
async def ask_for_erasure(unit: Unit, slug: str) -> Response[str]:
    """Ask staff to erase what is stored about the customer."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, ErasureForm)
    holder = who.holder
    if holder is None:
        return signing.first_sign_in(unit, who)
    if form.value is None or not form.value.is_sure:
        return pages.redirect(unit, who.at(ACCOUNT_PATH), flash=N_("Set the mark if you are sure."), tone="warn")
    await visitor.save(unit, who.scope, lambda tx: service.request_erasure(tx, customer_id=holder.customer_id))
    return pages.redirect(unit, who.at(ACCOUNT_PATH), flash=N_("The shop was asked, and answers you by mail."))


async def _save(tx: Tx, before: Customer, sent: ProfileForm, who: Visitor) -> None:
    """Save the profile and the consents that changed."""
    locale = sent.locale if sent.locale in who.settings.locales else before.locale
    edit = CustomerEdit(
        before.customer_id, sent.version, name=sent.name, email=sent.email, phone=sent.phone, locale=locale
    )
    accepted(await service.edit_customers(tx, edits=[edit], country=who.settings.country))
    given = {purpose for purpose, is_granted, _ in before.consents if is_granted}
    for purpose in CONSENT_PURPOSES:
        if (purpose in sent.consents) is not (purpose in given):
            await service.record_consent(
                tx,
                customer_id=before.customer_id,
                purpose=purpose,
                is_granted=purpose in sent.consents,
                source=CONSENT_SOURCE,
            )


async def _after(unit: Unit, slug: str, form: Filled[Any], of: str, flash: str | None) -> Response[str]:
    """Lead back to the account, or show it again with what was wrong with a form of it."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.holder is None:
            return signing.first_sign_in(unit, who)
        if form.status == forms.OK_STATUS:
            return pages.redirect(unit, who.at(ACCOUNT_PATH), flash=flash)
        return await _page(unit, tx, who, who.holder, form, of=of)


async def _page(
    unit: Unit, tx: ReadTx, who: Visitor, holder: Holder, form: Filled[Any] | None = None, *, of: str = ""
) -> Response[str]:
    """Show the account; `of` names the form that was sent."""
    customer = await queries.customer(tx, holder.customer_id)
    access = (await queries.accesses(tx, [holder.account_id]))[holder.account_id]
    given = {purpose for purpose, is_granted, _ in customer.consents if is_granted}
    chosen = form.raw.get("consents", []) if form is not None and of == "profile" else given
    sessions = await queries.sessions(tx, account_id=holder.account_id)
    return shown.render(
        unit,
        who,
        "portal/account.html",
        form=form,
        of=of,
        customer=customer,
        coupons=await own_coupons.of(tx, unit, who, holder.customer_id),
        access=access,
        sessions=[(browsers.named(x.user_agent), x) for x in sessions],
        here_id=holder.session_id,
        minimum=PASSWORD_CHARACTERS_MIN,
        consents=[(key, i18n.gettext(unit.locale, CONSENT_LABELS[key]), key in chosen) for key in CONSENT_PURPOSES],
        erasure_asked=any(
            case.kind == ERASURE_KIND and case.state == "open"
            for case in await cases.cases_about(tx, [holder.customer_id])
        ),
    )


HANDLERS = (
    account_page,
    change_profile,
    change_password,
    mail_password_link,
    change_email,
    sign_out_everywhere,
    ask_for_erasure,
)
