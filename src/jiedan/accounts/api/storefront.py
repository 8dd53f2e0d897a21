"""How the merchant's shop shows itself."""

from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

import msgspec
from litestar import Response, get, patch
from msgspec import UNSET, UnsetType

from jiedan.accounts import queries, rules, service
from jiedan.accounts.values import CancelUntil, EditUntil, Storefront
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit

Said = Annotated[str, msgspec.Meta(max_length=rules.TERMS_CHARACTERS_MAX)]


class StorefrontChange(bodies.Body):
    """What to change; what is not sent stays as it is. An empty text removes, and so does a `host` of null."""

    __example__: ClassVar[dict[str, Any]] = {"is_open": True, "tagline": "Good tea since 1987"}

    is_open: bool | UnsetType = UNSET
    host: bodies.Name | UnsetType | None = UNSET
    tagline: Said | UnsetType = UNSET
    contact_email: Said | UnsetType = UNSET
    contact_phone: Said | UnsetType = UNSET
    terms: Said | UnsetType = UNSET
    transfer_instructions: Said | UnsetType = UNSET
    pays_on_delivery: bool | UnsetType = UNSET
    cancel_until: CancelUntil | UnsetType = UNSET
    edit_until: EditUntil | UnsetType = UNSET
    link_days: Annotated[int, msgspec.Meta(ge=1, le=rules.LINK_DAYS_MAX)] | UnsetType = UNSET


@get("/storefront", permission="settings:read", summary="Get how the shop shows itself")
async def get_storefront(unit: Unit) -> Response[Storefront]:
    """Answer whether the shop is open, its host and its texts; version 0 where nobody has said anything yet."""
    async with unit.read() as tx:
        storefront = await tx.load_one(queries.storefront())
    return answers.versioned(storefront, storefront.version)


@patch("/storefront", permission="settings:write", versioned=True, summary="Change how the shop shows itself")
async def change_storefront(unit: Unit, data: StorefrontChange) -> Response[Storefront]:
    """Change what was sent, and answer all of it."""
    changes = bodies.sent(data)
    own_host = urlsplit(unit.runtime.settings.base_url()).hostname or ""
    storefront = await unit.write(
        lambda tx: service.change_storefront(tx, changes=changes, expected_version=unit.if_match, own_host=own_host)
    )
    return answers.versioned(storefront, storefront.version)


HANDLERS = (get_storefront, change_storefront)
