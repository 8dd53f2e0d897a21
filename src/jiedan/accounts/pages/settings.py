"""The merchant's settings."""

import re
from collections.abc import Mapping
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.enums import MediaType

from jiedan.accounts import queries, rules, service, values
from jiedan.accounts.values import LateMoney, PaymentTerms, Split
from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.auth import Authentication
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit

TERMS_LABELS = {
    "prepaid": N_("Paid before release"),
    "on_delivery": N_("Paid on delivery"),
    "on_account": N_("On account"),
}
SPLIT_LABELS = {"never": N_("Never"), "when_needed": N_("When needed"), "freely": N_("Freely")}
LATE_MONEY_LABELS = {
    "case": N_("Keep it for a person to look at"),
    "refund": N_("Refund it"),
    "reopen": N_("Open the order again if it had expired and the money covers it"),
}


ACCENT_LABELS: Mapping[int | None, str] = {
    None: N_("Indigo, as Jiedan has it"),
    25: N_("Red"),
    50: N_("Orange"),
    85: N_("Amber"),
    115: N_("Olive"),
    150: N_("Green"),
    185: N_("Teal"),
    220: N_("Cyan"),
    250: N_("Blue"),
    295: N_("Violet"),
    330: N_("Magenta"),
    0: N_("Rose"),
}
"""Hues by name; the API takes all the others too."""

_COMMAS = re.compile("[,，、]")
"""The commas of every keyboard."""


class SettingsForm(forms.Form, kw_only=True):
    """All settings, with the version they were read at; currencies are written with commas between."""

    version: bodies.Version
    slug: bodies.Code
    name: bodies.Name
    country: bodies.Code
    time_zone: bodies.Code
    currency: bodies.Code
    currencies: bodies.Name
    locale: bodies.Code
    locales: list[bodies.Code] = msgspec.field(default_factory=list)
    order_number_pattern: bodies.Code
    payment_terms: PaymentTerms
    expiry_minutes: int
    split: Split
    late_money: LateMoney = "case"
    accent_hue: Annotated[int, msgspec.Meta(ge=0, le=rules.HUE_MAX)] | None = None
    backorder: bool = False
    prices_include_tax: bool = False
    release_on_authorization: bool = False


@get("/settings", permission="settings:read")
async def settings_page(unit: Unit) -> Response[str]:
    """Show the settings."""
    return await _page(unit, None)


@post("/settings", permission="settings:write")
async def change_settings(unit: Unit) -> Response[str]:
    """Change the settings."""
    form = await forms.read(unit, SettingsForm)
    sent = form.value
    if sent is None:
        return await _page(unit, form)
    changes = msgspec.structs.asdict(sent)
    version = changes.pop("version")
    changes["currencies"] = tuple(part.strip().upper() for part in _COMMAS.split(sent.currencies) if part.strip())
    changes["locales"] = tuple(sent.locales)
    try:
        settings = await unit.write(lambda tx: service.change_settings(tx, changes=changes, expected_version=version))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, form)
    unit.part(Authentication).forget(unit.tenant)
    if settings.slug != unit.principal.slug:
        address = f"/c/{settings.slug}/settings"
        return Response("", status_code=303, headers={"Location": address}, media_type=MediaType.HTML)
    return pages.redirect(unit, "/settings", flash=N_("The settings were saved."))


async def _page(unit: Unit, form: "Filled[SettingsForm] | None") -> Response[str]:
    async with unit.read() as tx:
        settings = await tx.load_one(queries.settings())
    return pages.render(
        unit,
        "accounts/settings.html",
        settings=settings,
        form=form,
        terms=_translated(unit, TERMS_LABELS),
        splits=_translated(unit, SPLIT_LABELS),
        late_money=_translated(unit, LATE_MONEY_LABELS),
        locales=values.LOCALES,
        accents=_accents(unit, settings.accent_hue),
    )


def _accents(unit: Unit, chosen: int | None) -> list[tuple[str, str]]:
    """Return the hues to choose from, among them the one that stands, though it has no name."""
    named = [("" if hue is None else str(hue), i18n.gettext(unit.locale, text)) for hue, text in ACCENT_LABELS.items()]
    if chosen in ACCENT_LABELS:
        return named
    return [*named, (str(chosen), i18n.translate(unit.locale, N_("Hue {degrees}"), degrees=chosen))]


def _translated(unit: Unit, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, i18n.gettext(unit.locale, label)) for value, label in labels.items()]


HANDLERS = (settings_page, change_settings)
