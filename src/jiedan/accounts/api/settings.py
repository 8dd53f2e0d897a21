"""Settings of the merchant."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, get, patch
from msgspec import UNSET, UnsetType

from jiedan.accounts import queries, rules, service
from jiedan.accounts.values import LateMoney, MerchantSettings, PaymentTerms, Split
from jiedan.base.web import answers, bodies
from jiedan.base.web.auth import Authentication
from jiedan.base.web.unit import Unit

Hue = Annotated[int, msgspec.Meta(ge=0, le=rules.HUE_MAX)]
Codes = Annotated[list[bodies.Code], msgspec.Meta(min_length=1, max_length=20)]


class SettingsChange(bodies.Body):
    """The settings to change; those that are not sent stay as they are."""

    __example__: ClassVar[dict[str, Any]] = {"currencies": ["CNY", "USD"], "backorder": True}

    slug: bodies.Code | UnsetType = UNSET
    name: bodies.Name | UnsetType = UNSET
    country: bodies.Code | UnsetType = UNSET
    time_zone: bodies.Code | UnsetType = UNSET
    currency: bodies.Code | UnsetType = UNSET
    currencies: Codes | UnsetType = UNSET
    locale: bodies.Code | UnsetType = UNSET
    locales: Codes | UnsetType = UNSET
    order_number_pattern: bodies.Code | UnsetType = UNSET
    payment_terms: PaymentTerms | UnsetType = UNSET
    expiry_minutes: int | UnsetType = UNSET
    split: Split | UnsetType = UNSET
    backorder: bool | UnsetType = UNSET
    prices_include_tax: bool | UnsetType = UNSET
    release_on_authorization: bool | UnsetType = UNSET
    late_money: LateMoney | UnsetType = UNSET
    accent_hue: Hue | UnsetType | None = UNSET


@get("/settings", permission="settings:read", summary="Get the merchant's settings")
async def get_settings(unit: Unit) -> Response[MerchantSettings]:
    """Answer the settings with their version."""
    async with unit.read() as tx:
        settings = await tx.load_one(queries.settings())
    return answers.versioned(settings, settings.version)


@patch("/settings", permission="settings:write", versioned=True, summary="Change the merchant's settings")
async def change_settings(unit: Unit, data: SettingsChange) -> Response[MerchantSettings]:
    """Change what was sent, and answer all settings."""
    changes = bodies.sent(data)
    settings = await unit.write(lambda tx: service.change_settings(tx, changes=changes, expected_version=unit.if_match))
    unit.part(Authentication).forget(unit.tenant)
    return answers.versioned(settings, settings.version)


HANDLERS = (get_settings, change_settings)
