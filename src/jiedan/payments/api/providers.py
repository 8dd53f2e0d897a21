"""REST of accounts with payment providers; secrets go in and never come out."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, get, put

from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.payments import service
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.values import ProviderSetup

Value = Annotated[str, msgspec.Meta(max_length=2_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


class ProviderBody(bodies.Body):
    """An account with a provider; what is left out stays as it is. Secrets are sealed and never shown."""

    __example__: ClassVar[dict[str, Any]] = {"is_active": True}

    is_active: bool = True
    settings: Annotated[dict[Name, Value], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=dict)
    secrets: Annotated[dict[Name, Value], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=dict)


class ProviderView(msgspec.Struct, frozen=True):
    """An account with a provider."""

    provider: str
    is_active: bool
    settings: dict[str, str]
    has_secrets: bool
    version: int


@get("/payment-providers", permission="settings:read", summary="List payment providers")
async def list_payment_providers(unit: Unit) -> list[ProviderView]:
    """Return the merchant's accounts with payment providers."""
    async with unit.read() as tx:
        return [_view(setup) for setup in await service.provider_setups(tx)]


@put(
    "/payment-providers/{provider:str}",
    permission="settings:write",
    versioned=True,
    summary="Set up a payment provider",
)
async def set_up_payment_provider(unit: Unit, provider: str, data: ProviderBody) -> Response[ProviderView]:
    """Open or change an account with a provider; the sandbox chooses its own secrets."""
    gateways = unit.part(Gateways)
    expected = unit.if_match
    setup = await unit.write(
        lambda tx: service.set_up_provider(
            tx,
            gateways,
            provider=provider,
            is_active=data.is_active,
            settings=data.settings,
            secrets=data.secrets,
            expected_version=expected,
        )
    )
    return answers.versioned(_view(setup), setup.version)


def _view(setup: ProviderSetup) -> ProviderView:
    return ProviderView(setup.provider, setup.is_active, dict(setup.settings), setup.has_secrets, setup.version)


HANDLERS: list[Any] = [list_payment_providers, set_up_payment_provider]
