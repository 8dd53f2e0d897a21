"""Locations: where goods are kept, which comes first, and where on earth they are."""

import dataclasses
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.inventory import queries, service
from jiedan.inventory.values import (
    ADDRESS_CHARS_MAX,
    HOURS_CHARS_MAX,
    PHONE_CHARS_MAX,
    Location,
    LocationId,
    LocationKind,
    NewLocation,
)

PRIORITY_MAX = 1_000_000

KINDS = {
    "warehouse": N_("Warehouse"),
    "store": N_("Store"),
    "kitchen": N_("Kitchen"),
    "third_party": N_("Third party"),
    "supplier": N_("Supplier"),
    "other": N_("Other"),
}


class LocationForm(forms.Form, kw_only=True):
    """A location, with the version it was read at; degrees are those of maps (WGS 84), both or neither."""

    version: bodies.Version = 0
    code: bodies.Code
    name: bodies.Name
    kind: LocationKind = "warehouse"
    lat: float | None = None
    lon: float | None = None
    priority: Annotated[int, msgspec.Meta(ge=0, le=PRIORITY_MAX)] = 100
    is_active: bool = False
    address: Annotated[str, msgspec.Meta(max_length=ADDRESS_CHARS_MAX)] = ""
    hours: Annotated[str, msgspec.Meta(max_length=HOURS_CHARS_MAX)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=PHONE_CHARS_MAX)] = ""

    def wanted(self) -> NewLocation:
        """Return the form as the service takes it."""
        given = msgspec.structs.asdict(self)
        return NewLocation(**{field.name: given[field.name] for field in dataclasses.fields(NewLocation)})


@get("/locations", permission="inventory:read")
async def locations_page(unit: Unit) -> Response[str]:
    """Show every location, first choice first."""
    async with unit.read() as tx:
        found = await tx.load_one(queries.locations())
    return pages.render(unit, "inventory/location_list.html", locations=found, kinds=KINDS)


@get("/locations/new", permission="inventory:write")
async def new_location_page(unit: Unit) -> Response[str]:
    """Show the form for another location."""
    return _page(unit, None, forms.empty(unit, kind="warehouse", priority=100, is_active="1"))


@post("/locations/new", permission="inventory:write")
async def create_location(unit: Unit) -> Response[str]:
    """Add a location."""
    form = await forms.read(unit, LocationForm)
    sent = form.value
    if sent is not None:
        try:
            await unit.write(lambda tx: service.create_location(tx, location=sent.wanted(), key=None))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, "/locations", flash=N_("The location was added."))
    return _page(unit, None, form)


@get("/locations/{location_id:uuid}", permission="inventory:read")
async def location_page(unit: Unit, location_id: UUID) -> Response[str]:
    """Show a location."""
    return _page(unit, await _location(unit, location_id), None)


@post("/locations/{location_id:uuid}", permission="inventory:write")
async def change_location(unit: Unit, location_id: UUID) -> Response[str]:
    """Change a location."""
    form = await forms.read(unit, LocationForm)
    sent = form.value
    if sent is not None:
        try:
            await unit.write(
                lambda tx: service.change_location(
                    tx, location_id=LocationId(location_id), wanted=sent.wanted(), expected_version=sent.version
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, "/locations", flash=N_("The location was changed."))
    return _page(unit, await _location(unit, location_id), form)


@post("/locations/{location_id:uuid}/removal", permission="inventory:write")
async def remove_location(unit: Unit, location_id: UUID) -> Response[str]:
    """Remove a location that never held stock."""
    location = await _location(unit, location_id)
    form = await forms.read(unit, forms.Form)
    try:
        await unit.write(
            lambda tx: service.remove_location(tx, location_id=location.location_id, expected_version=None)
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(unit, location, form)
    return pages.redirect(unit, "/locations", flash=N_("The location was removed."))


async def _location(unit: Unit, location_id: UUID) -> Location:
    async with unit.read() as tx:
        return await queries.location(tx, LocationId(location_id))


def _page(unit: Unit, location: Location | None, form: "Filled[Any] | None") -> Response[str]:
    return pages.render(
        unit,
        "inventory/location_form.html",
        location=location,
        form=form,
        kinds=[(kind, i18n.gettext(unit.locale, label)) for kind, label in KINDS.items()],
        priority_max=PRIORITY_MAX,
    )


HANDLERS: tuple[Any, ...] = (
    locations_page,
    new_location_page,
    create_location,
    location_page,
    change_location,
    remove_location,
)
