"""API keys: made, shown once, revoked."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries, service, values
from jiedan.accounts.values import NewApiKey
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.auth import Authentication
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit

LIFE_DAYS_MAX = 3_650


class ApiKeyForm(forms.Form):
    """A new API key; without a number of days it does not expire."""

    name: bodies.Name
    permissions: list[bodies.Code] = msgspec.field(default_factory=list)
    days: Annotated[int, msgspec.Meta(ge=1, le=LIFE_DAYS_MAX)] | None = None


@get("/api-keys", permission="apikeys:read")
async def api_keys_page(unit: Unit) -> Response[str]:
    """Show every key."""
    return await _page(unit, forms.empty(unit), None)


@post("/api-keys", permission="apikeys:write")
async def create_api_key(unit: Unit) -> Response[str]:
    """Make a key and show it once."""
    form = await forms.read(unit, ApiKeyForm)
    sent, held = form.value, unit.principal.permissions
    if sent is None:
        return await _page(unit, form, None)

    async def make(tx: Tx) -> NewApiKey:
        expires_at = tx.now + timedelta(days=sent.days) if sent.days else None
        return await service.create_api_key(
            tx, name=sent.name, permissions=sent.permissions, held=held, expires_at=expires_at
        )

    try:
        made = await unit.write(make)
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, form, None)
    return await _page(unit, forms.empty(unit), made)


@post("/api-keys/{api_key_id:uuid}/revoke", permission="apikeys:write")
async def revoke_api_key(unit: Unit, api_key_id: UUID) -> Response[str]:
    """Revoke a key for good."""
    await unit.write(lambda tx: service.revoke_api_key(tx, api_key_id=api_key_id))
    unit.part(Authentication).forget(unit.tenant)
    return pages.redirect(unit, "/api-keys", flash=N_("The key was revoked."))


async def _page(unit: Unit, form: "Filled[ApiKeyForm]", made: NewApiKey | None) -> Response[str]:
    async with unit.read() as tx:
        keys = await queries.api_keys(tx)
    grantable = {code: label for code, label in values.PERMISSIONS.items() if unit.may(code)}
    return pages.render(
        unit,
        "accounts/api_keys.html",
        keys=keys,
        made=made,
        form=form,
        chosen=frozenset(form.raw.get("permissions", [])),
        permissions=grantable,
    )


HANDLERS = (api_keys_page, create_api_key, revoke_api_key)
