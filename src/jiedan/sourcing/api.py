"""REST of sourcing: the table of postal areas."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, delete, get, put
from litestar.params import Parameter

from jiedan.base import paging
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.sourcing import queries, service

POSTAL_AREAS_PER_CALL_MAX = 1_000


class PostalAreaBody(bodies.Body):
    """One postal area: a prefix of a postal code and its centre in degrees."""

    country: bodies.Code
    prefix: bodies.Code
    lat: Annotated[float, msgspec.Meta(ge=-service.LAT_MAX, le=service.LAT_MAX)]
    lon: Annotated[float, msgspec.Meta(ge=-service.LON_MAX, le=service.LON_MAX)]


class PostalAreasBody(bodies.Body):
    """Postal areas to add or replace."""

    __example__: ClassVar[dict[str, Any]] = {
        "postal_areas": [{"country": "CN", "prefix": "2000", "lat": 31.23, "lon": 121.47}]
    }

    postal_areas: Annotated[list[PostalAreaBody], msgspec.Meta(min_length=1, max_length=POSTAL_AREAS_PER_CALL_MAX)]


class PostalAreasView(msgspec.Struct, frozen=True):
    """How many postal areas were saved."""

    saved: int


class PostalAreaView(msgspec.Struct, frozen=True):
    """A postal area of the table."""

    country: str
    prefix: str
    lat: float
    lon: float


@get("/postal-areas", permission="settings:read", summary="List postal areas")
async def list_postal_areas(
    unit: Unit,
    country: Annotated[str | None, Parameter(description="ISO 3166-1 alpha-2.")] = None,
    prefix: Annotated[str | None, Parameter(description="What the prefixes begin with.")] = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[PostalAreaView]]:
    """Return the table of postal areas, by country and prefix."""
    wanted = None if country is None else country.strip().upper()
    start = queries.normalize_postal_code(prefix or "")
    filters = {"country": wanted, "prefix": start}
    request = unit.page(queries.LIST_NAME, filters=filters, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.postal_areas(tx, request=request, country=wanted, prefix=start)
    return answers.listing(unit, page.each(lambda x: PostalAreaView(*x)))


@delete(
    "/postal-areas/{country:str}/{prefix:str}",
    permission="settings:write",
    status_code=204,
    summary="Remove a postal area",
)
async def remove_postal_area(unit: Unit, country: str, prefix: str) -> None:
    """Take a postal area from the table; addresses are placed by a shorter prefix from then on, or not at all."""
    await unit.write(lambda tx: service.remove_postal_area(tx, country=country, prefix=prefix))


@put("/postal-areas", permission="settings:write", summary="Set postal areas")
async def set_postal_areas(unit: Unit, data: PostalAreasBody) -> PostalAreasView:
    """Add or replace postal areas, all or none; the longest listed prefix of a postal code places an address."""
    rows = [service.PostalAreaRow(a.country, a.prefix, a.lat, a.lon) for a in data.postal_areas]

    async def work(tx: Tx) -> int:
        outcomes = await service.upsert_postal_areas(tx, rows=rows)
        reasons: list[Refusal] = []
        for i, outcome in enumerate(outcomes):
            if isinstance(outcome, Refusal):
                outcome.field = f"postal_areas[{i}]"
                reasons.append(outcome)
        if reasons:
            raise Rejections(tuple(reasons))
        return len(outcomes)

    return PostalAreasView(await unit.write(work))


ROUTER = routing.api("Sourcing", [list_postal_areas, set_postal_areas, remove_postal_area])
