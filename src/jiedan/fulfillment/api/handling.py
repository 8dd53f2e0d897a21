"""REST of how long locations take, which promises are made of."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import get, put

from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.carriers.values import Transit
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.rules.promising import HANDLING_DEFAULT
from jiedan.inventory import queries as stock
from jiedan.inventory.values import LOCATIONS_MAX

Days = Annotated[int, msgspec.Meta(ge=0, le=365)]


class DaysBody(bodies.Body):
    """The days that half of the orders take from the release to the door, and those that nine of ten take."""

    p50_days: Days
    p90_days: Days


class HandlingBody(bodies.Body):
    """Days by the code of the location."""

    __example__: ClassVar[dict[str, Any]] = {"days": {"SH-1": {"p50_days": 1, "p90_days": 2}}}

    days: Annotated[dict[bodies.Code, DaysBody], msgspec.Meta(min_length=1, max_length=LOCATIONS_MAX)]


class HandlingView(msgspec.Struct, frozen=True):
    """How long a location takes."""

    location: str
    p50_days: int
    p90_days: int


@get("/handling-days", permission="fulfillment:read", summary="List how long locations take")
async def list_handling(unit: Unit) -> list[HandlingView]:
    """Return the days of every location from the release to the door, also where nobody has set them."""
    async with unit.read() as tx:
        places, handling = await tx.load(stock.locations(), queries.handling())
    days = {x.code: handling.get(x.location_id, HANDLING_DEFAULT) for x in places}
    return [HandlingView(code, *x) for code, x in sorted(days.items())]


@put("/handling-days", permission="settings:write", summary="Set how long locations take")
async def set_handling(unit: Unit, data: HandlingBody) -> list[HandlingView]:
    """Set the days of some locations; orders promised before keep their promise."""
    days = {code: Transit(x.p50_days, x.p90_days) for code, x in data.days.items()}
    now = await unit.write(lambda tx: service.set_handling(tx, days=days))
    return [HandlingView(code, *x) for code, x in sorted(now.items())]


HANDLERS: tuple[Any, ...] = (list_handling, set_handling)
