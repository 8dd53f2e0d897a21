"""The console's page of payment providers: which take money for the merchant, and how they are reached."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, routing
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.payments import service
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.values import ProviderSetup

NAMES = {"sandbox": N_("Sandbox, for trying"), "transfer": N_("Bank transfer")}
"""Providers of our own by name; any other is shown by its own."""

_LINE = re.compile(r"\s*([^=\s]+)\s*=\s*(.*?)\s*")


class Account(NamedTuple):
    """A provider that can be set up, and the merchant's account with it; None: there is none."""

    name: str
    setup: ProviderSetup | None
    asks: Sequence[str]
    """The settings that it knows."""


class ProviderForm(forms.Form):
    """An account; settings and secrets have a line `name = value` each, and empty ones stay as they are."""

    provider: bodies.Code
    version: int = 0
    is_active: bool = False
    settings: str = ""
    secrets: str = ""


@get("/payment-providers", permission="settings:read")
async def providers_page(unit: Unit) -> Response[str]:
    """Show the providers there are and the accounts with them; secrets are never shown."""
    return await _page(unit, None)


@post("/payment-providers", permission="settings:write")
async def set_up(unit: Unit) -> Response[str]:
    """Open or change an account."""
    form = await forms.read(unit, ProviderForm)
    sent = form.value
    if sent is not None:
        gateways = unit.part(Gateways)
        try:
            await unit.write(
                lambda tx: service.set_up_provider(
                    tx,
                    gateways,
                    provider=sent.provider,
                    is_active=sent.is_active,
                    settings=dict(_lines(sent.settings)),
                    secrets=dict(_lines(sent.secrets)),
                    expected_version=sent.version or None,
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, "/payment-providers", flash=N_("The account was saved."))
    return await _page(unit, form)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found is not None:
            yield found[1], found[2]


async def _page(unit: Unit, form: "Filled[ProviderForm] | None") -> Response[str]:
    gateways = unit.part(Gateways)
    async with unit.read() as tx:
        setups = {setup.provider: setup for setup in await service.provider_setups(tx)}
    accounts = []
    for name in sorted({*gateways.known(), *setups}):
        adapter = gateways.find(name)
        accounts.append(Account(name, setups.get(name), sorted(adapter.settings) if adapter is not None else ()))
    return pages.render(
        unit,
        "payments/providers.html",
        form=form,
        accounts=accounts,
        names=NAMES,
        base_url=unit.runtime.settings.base_url(),
        tenant=unit.tenant,
    )


HANDLERS: tuple[Any, ...] = (providers_page, set_up)

ROUTER = routing.console(HANDLERS)
