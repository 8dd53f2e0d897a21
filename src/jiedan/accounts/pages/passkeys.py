"""Passkeys: signing in by one, and those of one's own."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import errors, queries, service, values
from jiedan.accounts.pages import account, sign_in
from jiedan.accounts.pages.account import PASSKEYS_PATH
from jiedan.accounts.pages.sign_in import PASSKEY_PATH, Password, passkey_party, sealer, visitor
from jiedan.accounts.service import Asked
from jiedan.base.db import Scope
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.unit import Unit

ANSWER_CHARACTERS_MAX = 20_000
"""What a device answers, with the certificates that some devices bring along."""

Token = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
Answer = Annotated[str, msgspec.Meta(min_length=2, max_length=ANSWER_CHARACTERS_MAX)]


class AskedView(msgspec.Struct, frozen=True):
    """What the browser hands to its device, and the token that comes back with the answer."""

    token: str
    options: dict[str, Any]

    @classmethod
    def of(cls, asked: Asked) -> "AskedView":
        """Return it as the page's script reads it."""
        return cls(asked.token, asked.options)


class ProofForm(forms.Form):
    """The present password: a passkey is for the person alone."""

    present: Password


class PasskeyForm(forms.Form):
    """What a device has made, and what its person calls it."""

    __as_sent__: ClassVar[frozenset[str]] = frozenset({"token", "answer"})

    name: bodies.Name
    token: Token
    answer: Answer


class NameForm(forms.Form):
    """What a passkey is to be called, with the version it was read at."""

    version: bodies.Version
    name: bodies.Name


class EntryForm(forms.Form):
    """What a device answers to who wants to come in, and where they want to go."""

    __as_sent__: ClassVar[frozenset[str]] = frozenset({"token", "answer"})

    token: Token
    answer: Answer
    next: bodies.Text = "/"


@get(f"{PASSKEY_PATH}/passkey.json", public=True)
async def ask_device(unit: Unit) -> AskedView:
    """Ask for a passkey, whoever is there; nothing is stored."""
    asked = service.ask_to_prove(sealer(unit), passkey_party(unit), now=unit.runtime.clock.now())
    return AskedView.of(asked)


@post(PASSKEY_PATH, public=True)
async def enter(unit: Unit) -> Response[str]:
    """Begin a session for whoever's passkey has answered; whatever is wrong, the answer is the same."""
    form = await forms.read(unit, EntryForm)
    sent = form.value
    if sent is None:
        form.refuse(errors.PasskeyRefused())
    else:
        try:
            tenant, signed_in = await service.sign_in_by_passkey(
                unit.runtime.database,
                token=sent.token,
                answer=sent.answer,
                party=passkey_party(unit),
                sealer=sealer(unit),
                visitor=visitor(unit),
                replaced=sign_in.present_secret(unit),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            async with unit.runtime.database.read(Scope(tenant)) as tx:
                merchant = await tx.load_one(queries.settings())
            return sign_in.entered(unit, signed_in, slug=merchant.slug, wanted=sent.next)
    return await sign_in.shown_again(unit, form)


@post(f"{PASSKEYS_PATH}/request", permission=values.SELF)
async def ask_new_device(unit: Unit) -> AskedView:
    """Ask for a new passkey, of the person who knows the password. Raises PasswordWrong or SignInThrottled."""
    form = await forms.read(unit, ProofForm)
    if form.value is None:
        raise errors.PasswordWrong(field="present")
    asked = await service.begin_passkey(
        unit.runtime.database,
        unit.part(service.Passwords),
        tenant=unit.tenant,
        staff_id=account.staff_id_of(unit),
        present=form.value.present,
        party=passkey_party(unit),
        sealer=sealer(unit),
        visitor=visitor(unit),
    )
    return AskedView.of(asked)


@post(PASSKEYS_PATH, permission=values.SELF)
async def add(unit: Unit) -> Response[str]:
    """Keep what the device has made."""
    caller = account.staff_id_of(unit)
    form = await forms.read(unit, PasskeyForm)
    sent = form.value
    if sent is not None:
        try:
            await unit.write(
                lambda tx: service.add_passkey(
                    tx,
                    sealer(unit),
                    staff_id=caller,
                    name=sent.name,
                    token=sent.token,
                    answer=sent.answer,
                    party=passkey_party(unit),
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(
                unit, account.PASSKEYS_SHOWN, flash=N_("The passkey was added: sign in by it next time.")
            )
    return await account.shown(unit, passkey=form)


@post(f"{PASSKEYS_PATH}/{{passkey_id:uuid}}/name", permission=values.SELF)
async def rename(unit: Unit, passkey_id: UUID) -> Response[str]:
    """Call a passkey otherwise."""
    caller = account.staff_id_of(unit)
    form = await forms.read(unit, NameForm)
    sent = form.value
    if sent is not None:
        try:
            await unit.write(
                lambda tx: service.rename_passkey(
                    tx, staff_id=caller, passkey_id=passkey_id, name=sent.name, expected_version=sent.version
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, account.PASSKEYS_SHOWN, flash=N_("The passkey has its new name."))
    async with unit.read() as tx:
        if passkey_id not in {passkey.passkey_id for passkey in await queries.passkeys(tx, staff_id=caller)}:
            raise errors.PasskeyNotFound
    return await account.shown(unit, passkey=form)


@post(f"{PASSKEYS_PATH}/{{passkey_id:uuid}}/removal", permission=values.SELF)
async def remove(unit: Unit, passkey_id: UUID) -> Response[str]:
    """Let a passkey sign in no more."""
    caller = account.staff_id_of(unit)
    await unit.write(lambda tx: service.remove_passkey(tx, staff_id=caller, passkey_id=passkey_id))
    return pages.redirect(unit, account.PASSKEYS_SHOWN, flash=N_("The passkey was removed."))


HANDLERS = (ask_device, enter)
CONSOLE_HANDLERS = (ask_new_device, add, rename, remove)
