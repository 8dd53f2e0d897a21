"""The console's pages of ways to be paid: which customers have, how providers are reached, where transfers go."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.accounts import service as account_service
from jiedan.accounts.rules import INSTRUCTIONS_CHARACTERS_MAX
from jiedan.accounts.values import Storefront
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_, Series
from jiedan.base.web import bodies, forms, pages, routing
from jiedan.base.web.forms import Filled
from jiedan.base.web.pages import Undo
from jiedan.base.web.unit import Unit
from jiedan.payments import errors, service
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.values import ProviderSetup

PATH = "/payment-providers"

NAMES = {"sandbox": N_("Sandbox, for trying")}
"""Providers of our own by name; any other is shown by its own."""

LABELS: Mapping[str, str] = MappingProxyType({"url": N_("Address of the provider")})
"""What accounts have, by name; anything else is shown by its own."""

KEPT_BYTES_MAX = 1_500
"""Instructions that were changed, as a cookie holds them until it can be taken back no more."""

Parts = Annotated[list[Annotated[str, msgspec.Meta(max_length=2_000)]], msgspec.Meta(max_length=50)]


class Account(NamedTuple):
    """A provider that can be set up, and the merchant's account with it; None: there is none."""

    name: str
    setup: ProviderSetup | None
    settings: Sequence[str]
    """The settings that it knows."""
    secrets: Sequence[str]
    """The secrets that somebody types; those that are made here are not among them."""


class ProviderForm(forms.Form):
    """An account: settings and secrets by name, each with its value; empty secrets stay as they are."""

    provider: bodies.Code
    version: int = 0
    is_active: bool = False
    setting: Parts = msgspec.field(default_factory=list)
    setting_value: Parts = msgspec.field(default_factory=list)
    secret: Parts = msgspec.field(default_factory=list)
    secret_value: Parts = msgspec.field(default_factory=list)


class SwitchForm(forms.Form):
    """Whether a provider takes payments."""

    provider: bodies.Code
    is_active: bool = False


class TransferForm(forms.Form):
    """Where customers send money; nothing is offered without."""

    version: int = 0
    transfer_instructions: Annotated[str, msgspec.Meta(max_length=INSTRUCTIONS_CHARACTERS_MAX)] = ""


class DeliveryForm(forms.Form):
    """Whether customers may pay when the goods arrive, or are collected."""

    pays_on_delivery: bool = False


@get(PATH, permission="settings:read")
async def methods_page(unit: Unit) -> Response[str]:
    """Show the ways to be paid, each with whether customers have it."""
    async with unit.read() as tx:
        found = await _accounts(tx, unit)
        storefront = await tx.load_one(accounts.storefront())
    return pages.render(unit, "payments/methods.html", accounts=found, names=NAMES, storefront=storefront)


@get(f"{PATH}/account", permission="settings:read")
async def account_page(unit: Unit) -> Response[str]:
    """Show one account, the first without a name; secrets are never shown."""
    return await _account(unit, unit.request.query_params.get("provider", ""), None)


@post(PATH, permission="settings:write")
async def set_up(unit: Unit) -> Response[str]:
    """Open or change an account."""
    form = await forms.read(unit, ProviderForm)
    sent = form.value
    if sent is not None:
        gateways = unit.part(Gateways)
        async with unit.read() as tx:
            kept = {
                name for x in await service.provider_setups(tx) if x.provider == sent.provider for name in x.settings
            }
        settings = _named(form, "setting")
        try:
            await unit.write(
                lambda tx: service.set_up_provider(
                    tx,
                    gateways,
                    provider=sent.provider,
                    is_active=sent.is_active,
                    settings={name: value for name, value in settings.items() if value or name in kept},
                    secrets={name: value for name, value in _named(form, "secret").items() if value},
                    expected_version=sent.version or None,
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, PATH, flash=N_("The account was saved."))
    return await _account(unit, form.text("provider"), form)


def _named(form: Filled[ProviderForm], part: str) -> dict[str, str]:
    """Return what was typed for each name, nothing too: a list of the form's own has no empty texts."""
    names, values = form.raw.get(part, ()), form.raw.get(f"{part}_value", ())
    return {name: value for name, value in zip(names, values, strict=False) if name}


@post(f"{PATH}/switching", permission="settings:write")
async def switch(unit: Unit) -> Response[str]:
    """Let a provider take payments, or not any more; what was begun is ended."""
    form = await forms.read(unit, SwitchForm)
    sent = form.value
    if sent is None:
        return pages.redirect(unit, PATH)
    gateways = unit.part(Gateways)
    await unit.write(lambda tx: service.set_up_provider(tx, gateways, provider=sent.provider, is_active=sent.is_active))
    told = N_("Customers can pay this way now.") if sent.is_active else N_("Customers cannot pay this way any more.")
    back = {"provider": sent.provider, **({} if sent.is_active else {"is_active": "1"})}
    return pages.redirect(unit, PATH, flash=told, undo=Undo(f"{PATH}/switching", back))


@get(f"{PATH}/bank-transfer", permission="settings:read")
async def transfer_page(unit: Unit) -> Response[str]:
    """Show where customers send money."""
    return await _transfer(unit, None)


@post(f"{PATH}/bank-transfer", permission="settings:write")
async def change_transfer(unit: Unit) -> Response[str]:
    """Say where customers send money; without a word they cannot pay by transfer."""
    form = await forms.read(unit, TransferForm)
    sent = form.value
    if sent is None:
        return await _transfer(unit, form)
    try:
        before, _ = await _change(
            unit, {"transfer_instructions": sent.transfer_instructions}, expected_version=sent.version or None
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return await _transfer(unit, form)
    back = Undo(f"{PATH}/bank-transfer", {"transfer_instructions": before.transfer_instructions})
    fits = len(before.transfer_instructions.encode()) <= KEPT_BYTES_MAX
    told = N_("Customers can pay by transfer now.")
    if not sent.transfer_instructions:
        told = N_("Customers cannot pay by transfer any more.")
    return pages.redirect(unit, PATH, flash=told, undo=back if fits else None)


@post(f"{PATH}/on-delivery", permission="settings:write")
async def switch_delivery(unit: Unit) -> Response[str]:
    """Let customers pay when the goods arrive, or not any more."""
    form = await forms.read(unit, DeliveryForm)
    is_on = form.value is not None and form.value.pays_on_delivery
    await _change(unit, {"pays_on_delivery": is_on})
    told = N_("Customers can pay this way now.") if is_on else N_("Customers cannot pay this way any more.")
    back = Undo(f"{PATH}/on-delivery", {} if is_on else {"pays_on_delivery": "1"})
    return pages.redirect(unit, PATH, flash=told, undo=back)


async def _change(
    unit: Unit, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> tuple[Storefront, Storefront]:
    """Change the shop; return what it was and what it is. Raises StaleVersion."""
    async with unit.read() as tx:
        before = await tx.load_one(accounts.storefront())
    after = await unit.write(
        lambda tx: account_service.change_storefront(tx, changes=changes, expected_version=expected_version)
    )
    return before, after


async def _transfer(unit: Unit, form: "Filled[TransferForm] | None") -> Response[str]:
    async with unit.read() as tx:
        storefront = await tx.load_one(accounts.storefront())
    return pages.render(
        unit,
        "payments/transfer.html",
        form=form,
        storefront=storefront,
        characters_max=INSTRUCTIONS_CHARACTERS_MAX,
    )


async def _accounts(tx: ReadTx, unit: Unit) -> list[Account]:
    """Return the providers there are and the merchant's accounts with them. One statement."""
    gateways = unit.part(Gateways)
    setups = {setup.provider: setup for setup in await service.provider_setups(tx)}
    found = []
    for name in sorted({*gateways.known(), *setups}):
        adapter = gateways.find(name)
        settings = sorted(adapter.settings) if adapter is not None else ()
        secrets = sorted(adapter.secrets - set(adapter.new_secrets())) if adapter is not None else ()
        found.append(Account(name, setups.get(name), settings, secrets))
    return found


async def _account(unit: Unit, provider: str, form: "Filled[ProviderForm] | None") -> Response[str]:
    async with unit.read() as tx:
        found = await _accounts(tx, unit)
    account = next((x for x in found if x.name == provider), found[0] if found and not provider else None)
    if account is None:
        if form is None:
            raise errors.ProviderUnknown(provider, Series([x.name for x in found]), field="provider")
        account = Account(provider, None, (), ())
    return pages.render(
        unit,
        "payments/account.html",
        form=form,
        account=account,
        names=NAMES,
        labels=LABELS,
        base_url=unit.runtime.settings.base_url(),
        tenant=unit.tenant,
    )


HANDLERS: tuple[Any, ...] = (
    methods_page,
    account_page,
    set_up,
    switch,
    transfer_page,
    change_transfer,
    switch_delivery,
)

ROUTER = routing.console(HANDLERS)
