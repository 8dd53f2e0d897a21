"""REST of sourcing: the table of postal areas."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import put

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.web import bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.sourcing import service

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


ROUTER = routing.api("Sourcing", [set_postal_areas])
