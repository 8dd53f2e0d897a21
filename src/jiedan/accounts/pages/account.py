"""One's own account: name, sessions, password."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from jiedan.accounts import errors, queries, rules, service, values
from jiedan.accounts.pages.sign_in import ACCOUNT_PATH, Password, keep, passkeys_elsewhere, sealer, visitor
from jiedan.accounts.values import StaffId
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, preferences, qr, transport
from jiedan.base.web.auth import Authentication
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit

PASSKEYS_PATH = f"{ACCOUNT_PATH}/passkeys"
PASSKEYS_SHOWN = f"{ACCOUNT_PATH}#passkeys"


class CodeForm(forms.Form):
    """A one-time or recovery code."""

    code: bodies.Code


class PasswordForm(forms.Form):
    """The present password and a new one, twice."""

    present: Password
    password: Password
    repeated: Password


@get(ACCOUNT_PATH, permission=values.SELF)
async def account_page(unit: Unit) -> Response[str]:
    """Show who is signed in, and where."""
    return await shown(unit)


class LanguageForm(forms.Form):
    """A language, and the page to come back to."""

    value: bodies.Code
    back: bodies.Text = "/"


@post(f"{ACCOUNT_PATH}/language", permission=values.SELF)
async def choose_own_language(unit: Unit) -> Response[str]:
    """Speak another language to a person from now on: on every device, in mails and notices; go back to the page."""
    form = await forms.read(unit, LanguageForm)
    sent = form.value
    if sent is None:
        return pages.redirect(unit, ACCOUNT_PATH)
    caller, held = staff_id_of(unit), unit.principal.permissions
    if sent.value in values.LOCALES:
        changes = {"locale": sent.value}
        await unit.write(lambda tx: service.change_staff(tx, staff_id=caller, changes=changes, held=held))
        unit.part(Authentication).forget(unit.tenant)
    return preferences.back_to(sent.back)


@post(f"{ACCOUNT_PATH}/password", permission=values.SELF)
async def change_password(unit: Unit) -> Response[str]:
    """Set a new password; the browser goes on with a new session."""
    form = await forms.read(unit, PasswordForm)
    sent = form.value
    if sent is not None and sent.password != sent.repeated:
        form.refuse(errors.PasswordsDiffer(field="repeated"))
    elif sent is not None:
        try:
            signed_in = await service.change_password(
                unit.runtime.database,
                unit.part(service.Passwords),
                tenant=unit.tenant,
                staff_id=staff_id_of(unit),
                present=sent.present,
                password=sent.password,
                visitor=visitor(unit),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            keep(unit, signed_in)
            return pages.redirect(
                unit, ACCOUNT_PATH, flash=N_("Your password was changed; you are signed out everywhere else.")
            )
    return await shown(unit, password=form)


@post(f"{ACCOUNT_PATH}/second-step", permission=values.SELF)
async def begin_second_step(unit: Unit) -> Response[str]:
    """Make a secret for an app and show it until a code of it was given."""
    caller = staff_id_of(unit)
    await unit.write(lambda tx: service.begin_second_factor(tx, sealer(unit), staff_id=caller))
    return pages.redirect(unit, ACCOUNT_PATH)


@post(f"{ACCOUNT_PATH}/second-step/confirmation", permission=values.SELF)
async def confirm_second_step(unit: Unit) -> Response[str]:
    """Let the app count, and show the recovery codes once."""
    caller = staff_id_of(unit)
    form = await forms.read(unit, CodeForm)
    sent = form.value
    if sent is not None:
        try:
            codes = await unit.write(
                lambda tx: service.confirm_second_factor(tx, sealer(unit), staff_id=caller, code=sent.code)
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.render(unit, "accounts/recovery_codes.html", codes=codes)
    return await shown(unit, step=form)


@post(f"{ACCOUNT_PATH}/second-step/removal", permission=values.SELF)
async def remove_second_step(unit: Unit) -> Response[str]:
    """Sign in by password alone again; a code says that it is the person."""
    caller = staff_id_of(unit)
    form = await forms.read(unit, CodeForm)
    sent = form.value
    if sent is not None:

        async def work(tx: Tx) -> None:
            await service.check_second_factor(tx, sealer(unit), staff_id=caller, code=sent.code)
            await service.remove_second_factor(tx, staff_id=caller)

        try:
            await unit.write(work)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, ACCOUNT_PATH, flash=N_("You sign in by your password alone again."))
    return await shown(unit, step=form)


@post(f"{ACCOUNT_PATH}/sessions/{{session_id:uuid}}/end", permission=values.SELF)
async def end_session(unit: Unit, session_id: UUID) -> Response[str]:
    """Sign out elsewhere."""
    caller = staff_id_of(unit)
    await unit.write(lambda tx: service.revoke_session(tx, staff_id=caller, session_id=session_id))
    unit.part(Authentication).forget(unit.tenant)
    return pages.redirect(unit, ACCOUNT_PATH, flash=N_("Signed out there."))


async def shown(
    unit: Unit,
    *,
    password: "Filled[PasswordForm] | None" = None,
    step: "Filled[CodeForm] | None" = None,
    passkey: "Filled[Any] | None" = None,
) -> Response[str]:
    """Show the account, with what was wrong with the form of the password, the second step or a passkey."""
    async with unit.read() as tx:
        person = await queries.person(tx, staff_id_of(unit))
        sessions = await queries.sessions(tx, staff_id=person.staff_id)
        passkeys = await queries.passkeys(tx, staff_id=person.staff_id)
        factor = await service.second_factor(tx, staff_id=person.staff_id)
        enrolment = await service.second_factor_enrolment(tx, sealer(unit), staff_id=person.staff_id)
    return pages.render(
        unit,
        "accounts/account.html",
        person=person,
        sessions=sessions,
        here_id=unit.principal.credential_id,
        form=step or passkey or password or forms.empty(unit),
        password_form=password or forms.empty(unit),
        step=step,
        passkeys=passkeys,
        passkey_form=passkey,
        transport=transport.trouble(unit.exchange),
        elsewhere=passkeys_elsewhere(unit),
        factor=factor,
        enrolment=enrolment,
        picture=qr.drawn(enrolment.address) if enrolment is not None else None,
        minimum=rules.PASSWORD_CHARACTERS_MIN,
    )


def staff_id_of(unit: Unit) -> StaffId:
    """Return which of the staff is calling. Raises StaffNotFound for a program: it has no account."""
    if unit.principal.actor.kind != "staff":
        raise errors.StaffNotFound
    return StaffId(UUID(unit.principal.actor.id))


HANDLERS = (
    account_page,
    choose_own_language,
    change_password,
    end_session,
    begin_second_step,
    confirm_second_step,
    remove_second_step,
)
