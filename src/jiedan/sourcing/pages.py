"""The console's page of postal areas: where postal codes lie, so that distances are known."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, routing
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.sourcing import queries, service

ROWS = 50
LIST_NAME = "console-postal-areas"


class AreaForm(forms.Form):
    """A prefix of postal codes and its center in degrees; an area with this prefix is replaced."""

    country: bodies.Code
    prefix: bodies.Code
    lat: Annotated[float, msgspec.Meta(ge=-service.LAT_MAX, le=service.LAT_MAX)]
    lon: Annotated[float, msgspec.Meta(ge=-service.LON_MAX, le=service.LON_MAX)]


class RemovalForm(forms.Form):
    """Which area."""

    country: bodies.Code
    prefix: bodies.Code


@get("/postal-areas", permission="settings:read")
async def postal_areas_page(unit: Unit) -> Response[str]:
    """Show the table, by country and prefix."""
    return await _page(unit, forms.empty(unit, country="CN"))


@post("/postal-areas", permission="settings:write")
async def set_postal_area(unit: Unit) -> Response[str]:
    """Add or replace an area."""
    form = await forms.read(unit, AreaForm)
    sent = form.value
    if sent is not None:
        row = service.PostalAreaRow(sent.country, sent.prefix, sent.lat, sent.lon)
        try:
            await unit.write(lambda tx: _set(tx, row))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, "/postal-areas", flash=N_("The postal area was saved."))
    return await _page(unit, form)


@post("/postal-areas/removal", permission="settings:write")
async def remove_postal_area(unit: Unit) -> Response[str]:
    """Take an area from the table."""
    form = await forms.read(unit, RemovalForm)
    sent = form.value
    if sent is not None:
        try:
            await unit.write(
                lambda tx: service.remove_postal_area(tx, country=sent.country, prefix=sent.prefix),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, "/postal-areas", flash=N_("The postal area was removed."))
    return await _page(unit, form)


async def _set(tx: Tx, row: service.PostalAreaRow) -> None:
    accepted(await service.upsert_postal_areas(tx, rows=[row]))


async def _page(unit: Unit, form: "Filled[Any]") -> Response[str]:
    given = unit.request.query_params
    country, prefix = (given.get("country") or "").strip().upper(), (given.get("prefix") or "").strip()
    filters = {"country": country, "prefix": prefix}
    request = unit.page(LIST_NAME, filters=filters, limit=ROWS, cursor=given.get("cursor") or None)
    async with unit.read() as tx:
        page = await queries.postal_areas(
            tx, request=request, country=country or None, prefix=queries.normalize_postal_code(prefix)
        )
    return pages.render(unit, "sourcing/postal_areas.html", form=form, page=page, asked=filters)


ROUTER = routing.console([postal_areas_page, set_postal_area, remove_postal_area])
