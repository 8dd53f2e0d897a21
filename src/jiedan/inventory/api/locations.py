"""Locations over REST."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put

from jiedan.base.web import answers, bodies
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

Priority = Annotated[int, msgspec.Meta(ge=0, le=PRIORITY_MAX)]


class LocationBody(bodies.Body):
    """A location; of several that could ship, the one with the lower `priority` comes first.

    Customers who collect their goods are told `address`, `hours` and `phone`.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "code": "SH-1",
        "name": "上海一号仓",
        "kind": "warehouse",
        "lat": 31.2304,
        "lon": 121.4737,
        "priority": 10,
        "address": "上海市黄浦区南京东路1号",
        "hours": "周一至周六 9:00–18:00",
        "phone": "021 6123 4567",
    }

    code: bodies.Code
    name: bodies.Name
    kind: LocationKind = "warehouse"
    lat: float | None = None
    lon: float | None = None
    priority: Priority = 100
    is_active: bool = True
    address: Annotated[str, msgspec.Meta(max_length=ADDRESS_CHARS_MAX)] = ""
    hours: Annotated[str, msgspec.Meta(max_length=HOURS_CHARS_MAX)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=PHONE_CHARS_MAX)] = ""

    def wanted(self) -> NewLocation:
        """Return the body as the service takes it."""
        return NewLocation(**msgspec.structs.asdict(self))


@get("/locations", permission="inventory:read", summary="List locations")
async def list_locations(unit: Unit) -> list[Location]:
    """Return every location, inactive ones too, first choice first; there are at most 1,000."""
    async with unit.read() as tx:
        found = await tx.load_one(queries.locations())
    return list(found)


@get("/locations/{location_id:uuid}", permission="inventory:read", summary="Get a location")
async def get_location(unit: Unit, location_id: UUID) -> Response[Location]:
    """Return one location with its version."""
    async with unit.read() as tx:
        location = await queries.location(tx, LocationId(location_id))
    return answers.versioned(location, location.version)


@post("/locations", permission="inventory:write", idempotent=True, also=[404], summary="Create a location")
async def create_location(unit: Unit, data: LocationBody) -> Response[Location]:
    """Create a location."""
    key = unit.idempotency_key
    location = await unit.write(lambda tx: service.create_location(tx, location=data.wanted(), key=key))
    return answers.created(location, f"/api/v1/locations/{location.location_id}", version=location.version)


@put("/locations/{location_id:uuid}", permission="inventory:write", versioned=True, summary="Change a location")
async def change_location(unit: Unit, location_id: UUID, data: LocationBody) -> Response[Location]:
    """Make a location into what is sent; with `If-Match` only if nobody changed it meanwhile."""
    expected = unit.if_match
    location = await unit.write(
        lambda tx: service.change_location(
            tx, location_id=LocationId(location_id), wanted=data.wanted(), expected_version=expected
        )
    )
    return answers.versioned(location, location.version)


@delete("/locations/{location_id:uuid}", permission="inventory:write", versioned=True, summary="Remove a location")
async def remove_location(unit: Unit, location_id: UUID) -> None:
    """Remove a location that never held stock."""
    expected = unit.if_match
    await unit.write(
        lambda tx: service.remove_location(tx, location_id=LocationId(location_id), expected_version=expected)
    )


HANDLERS = (list_locations, get_location, create_location, change_location, remove_location)
