"""Settings of shipping: carriers with their rate sheets, and how long locations take."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n, reasons
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.carriers import service as carrier_service
from jiedan.carriers.values import NAME_CHARS_MAX, SETTINGS_BYTES_MAX, NewAccount, Transit
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.rules.promising import HANDLING_DEFAULT
from jiedan.fulfillment.values import PackingBox
from jiedan.inventory import queries as stock
from jiedan.inventory.values import LOCATIONS_MAX

ADAPTERS: Mapping[str, str] = {"hand": N_("Numbers by hand"), "rates": N_("Own rate sheet and labels")}
"""Adapters with words of their own; another one is shown by its name."""

Size = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
Days = Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=365)]], msgspec.Meta(max_length=LOCATIONS_MAX)]


class CarrierForm(Form):
    """A carrier; what `settings` hold depends on the adapter, and is written as JSON."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
    adapter: bodies.Code
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS_MAX, pattern=r"\S")]
    settings: Annotated[str, msgspec.Meta(max_length=SETTINGS_BYTES_MAX)] = ""
    is_active: bool = False


class BoxForm(Form):
    """A kind of box; sizes are millimeters, the weight grams."""

    code: bodies.Code
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS_MAX, pattern=r"\S")]
    length_mm: Size
    width_mm: Size
    height_mm: Size
    tare_g: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    is_active: bool = False


class HandlingForm(Form):
    """Days by location, in the order of the page."""

    location: Annotated[list[bodies.Code], msgspec.Meta(max_length=LOCATIONS_MAX)] = msgspec.field(default_factory=list)
    p50_days: Days = msgspec.field(default_factory=list)
    p90_days: Days = msgspec.field(default_factory=list)


@get("/shipping", permission="carriers:read")
async def shipping_page(unit: Unit) -> Response[str]:
    """Show carriers and days; `carrier` in the address opens one of them."""
    return await _answer(unit)


@post("/shipping/carriers", permission="carriers:write")
async def save_carrier(unit: Unit) -> Response[str]:
    """Set a carrier up, or change it."""
    form = await forms.read(unit, CarrierForm)
    sent = form.value
    settings = _settings(unit, form, sent.settings) if sent is not None else None
    if sent is None or settings is None:
        return await _answer(unit, carrier_form=form)
    account = NewAccount(sent.code, sent.adapter, sent.name, settings, sent.is_active)
    try:
        await unit.write(lambda tx: carrier_service.save_carrier(tx, account=account))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, carrier_form=form)
    return pages.redirect(unit, "/shipping", flash=N_("The carrier was saved."))


def _settings(unit: Unit, form: Filled[CarrierForm], text: str) -> dict[str, Any] | None:
    """Return settings as they were typed; None where they are no JSON object, which the form then says."""
    try:
        return msgspec.json.decode(text.strip() or "{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        form.status = 422
        problem = i18n.phrased(unit.locale, reasons.quoted(str(error)))
        told = i18n.translate(unit.locale, N_("This is no JSON object: {problem}"), problem=problem)
        form.errors_by_field["settings"] = told
        return None


@post("/shipping/handling", permission="settings:write")
async def save_handling(unit: Unit) -> Response[str]:
    """Set how long locations take."""
    form = await forms.read(unit, HandlingForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, handling_form=form)
    if not sent.location or not len(sent.location) == len(sent.p50_days) == len(sent.p90_days):
        form.status = 422
        form.above.append(i18n.gettext(unit.locale, N_("Enter both days of every location.")))
        return await _answer(unit, handling_form=form)
    days = {
        code: Transit(p50_days, p90_days)
        for code, p50_days, p90_days in zip(sent.location, sent.p50_days, sent.p90_days, strict=True)
    }
    try:
        await unit.write(lambda tx: service.set_handling(tx, days=days))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, handling_form=form)
    return pages.redirect(unit, "/shipping", flash=N_("The days were saved."))


@post("/shipping/boxes", permission="settings:write")
async def save_box(unit: Unit) -> Response[str]:
    """Set a kind of box up, or change it."""
    form = await forms.read(unit, BoxForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, box_form=form)
    box = PackingBox(sent.code, sent.name, sent.length_mm, sent.width_mm, sent.height_mm, sent.tare_g, sent.is_active)
    try:
        await unit.write(lambda tx: service.save_box(tx, box=box))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, box_form=form)
    return pages.redirect(unit, "/shipping#boxes", flash=N_("The kind of box was saved."))


async def _answer(
    unit: Unit,
    *,
    carrier_form: Filled[CarrierForm] | None = None,
    handling_form: Filled[HandlingForm] | None = None,
    box_form: Filled[BoxForm] | None = None,
) -> Response[str]:
    async with unit.read() as tx:
        accounts, places, handling, boxes = await tx.load(
            carriers.carriers(), stock.locations(), queries.handling(), queries.boxes()
        )
    chosen = accounts.get(unit.request.query_params.get("carrier") or "")
    return pages.render(
        unit,
        "fulfillment/shipping.html",
        form=carrier_form or handling_form or box_form,
        carriers=list(accounts.values()),
        chosen=chosen,
        settings=msgspec.json.format(msgspec.json.encode(chosen.settings), indent=2).decode() if chosen else "",
        places=[(x, handling.get(x.location_id, HANDLING_DEFAULT)) for x in places],
        typed=_typed(handling_form),
        adapters=ADAPTERS,
        adapter_choices=[
            (name, i18n.gettext(unit.locale, ADAPTERS.get(name, name))) for name in carrier_service.adapter_names()
        ],
        carrier_form=carrier_form,
        handling_form=handling_form,
        boxes=list(boxes.values()),
        box=boxes.get(unit.request.query_params.get("box") or ""),
        box_form=box_form,
    )


def _typed(form: Filled[HandlingForm] | None) -> dict[str, tuple[str, str]]:
    """Return what was typed, by location, to be shown again."""
    raw = form.raw if form is not None else {}
    names = ("location", "p50_days", "p90_days")
    return {code: (p50, p90) for code, p50, p90 in zip(*(raw.get(name, ()) for name in names), strict=False)}


HANDLERS: tuple[Any, ...] = (shipping_page, save_carrier, save_handling, save_box)
