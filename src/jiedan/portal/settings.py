"""The console's page on the shop: open or closed, where it answers, what it says, its logo."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries, rules, service
from jiedan.accounts.values import CancelUntil, EditUntil, Logo
from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.catalog import service as catalog

PATH = "/storefront"

CANCEL_UNTIL: Mapping[CancelUntil, str] = {
    "never": N_("Never: they ask, and staff cancel"),
    "released": N_("Until a location is told to pick the goods"),
    "picked": N_("Until the goods are picked"),
    "shipped": N_("Until the goods have left"),
}
EDIT_UNTIL: Mapping[EditUntil, str] = {
    "never": N_("Never: they ask, and staff change it"),
    "released": N_("Until a location is told to pick the goods"),
}

Tagline = Annotated[str, msgspec.Meta(max_length=rules.TAGLINE_CHARACTERS_MAX)]
Host = Annotated[str, msgspec.Meta(max_length=rules.HOST_CHARACTERS_MAX)]
Terms = Annotated[str, msgspec.Meta(max_length=rules.TERMS_CHARACTERS_MAX)]
Instructions = Annotated[str, msgspec.Meta(max_length=rules.INSTRUCTIONS_CHARACTERS_MAX)]
Contact = Annotated[str, msgspec.Meta(max_length=rules.EMAIL_CHARACTERS_MAX)]


class StorefrontForm(forms.Form, kw_only=True):
    """How the shop shows itself, with the version it was read at."""

    version: int
    is_open: bool = False
    host: Host = ""
    tagline: Tagline = ""
    contact_email: Contact = ""
    contact_phone: Contact = ""
    terms: Terms = ""
    transfer_instructions: Instructions = ""
    pays_on_delivery: bool = False
    cancel_until: CancelUntil = "picked"
    edit_until: EditUntil = "released"
    link_days: Annotated[int, msgspec.Meta(ge=1, le=rules.LINK_DAYS_MAX)] = 90


class LogoForm(forms.Form, kw_only=True):
    """A picture, or the wish to have none."""

    action: Annotated[str, msgspec.Meta(max_length=20)] = ""


@get(PATH, permission="settings:read")
async def storefront_page(unit: Unit) -> Response[str]:
    """Show how the shop shows itself."""
    return await _page(unit, None)


@post(PATH, permission="settings:write")
async def change_storefront(unit: Unit) -> Response[str]:
    """Change how the shop shows itself."""
    form = await forms.read(unit, StorefrontForm)
    sent = form.value
    if sent is None:
        return await _page(unit, form)
    changes = msgspec.structs.asdict(sent)
    version = changes.pop("version")
    changes["host"] = sent.host or None
    own_host = urlsplit(unit.runtime.settings.base_url()).hostname or ""
    try:
        await unit.write(
            lambda tx: service.change_storefront(tx, changes=changes, expected_version=version, own_host=own_host)
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, form)
    return pages.redirect(unit, PATH, flash=N_("The shop was saved."))


@post(f"{PATH}/logo", permission="settings:write")
async def change_logo(unit: Unit) -> Response[str]:
    """Show another logo, or none."""
    form = await forms.read(unit, LogoForm)
    upload = form.file("logo")
    logo: Logo | None = None
    try:
        if upload is not None:
            picture = await catalog.reencoded_aside(await upload.read())
            logo = Logo(picture.content, picture.media_type)
        elif form.text("action") != "remove":
            form.refuse(forms.FieldRequired(field="logo"))
            return await _page(unit, form)
        await unit.write(lambda tx: service.set_logo(tx, logo=logo))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, form)
    return pages.redirect(unit, PATH, flash=N_("The logo was saved."))


async def _page(unit: Unit, form: Filled[Any] | None) -> Response[str]:
    async with unit.read() as tx:
        storefront = await tx.load_one(queries.storefront())
    return pages.render(
        unit,
        "portal/settings.html",
        form=form,
        storefront=storefront,
        cancel_until=[(key, i18n.gettext(unit.locale, text)) for key, text in CANCEL_UNTIL.items()],
        edit_until=[(key, i18n.gettext(unit.locale, text)) for key, text in EDIT_UNTIL.items()],
        address=f"{unit.runtime.settings.base_url()}/s/{unit.principal.slug}/",
    )


HANDLERS = (storefront_page, change_storefront, change_logo)
