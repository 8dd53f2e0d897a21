"""Where a new order is collected: a store, as no other location has a counter."""

from collections.abc import Iterable
from typing import Any

from jiedan.base.db import Load
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console.errors import LocationWithoutCounter
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location

COLLECT = "collect"


def loads(form: Filled[Any]) -> dict[str, Load[tuple[Location, ...]]]:
    """Return what is to be read for `refusal`, to be read with other things; nothing where nobody collects."""
    if form.text("how") != COLLECT:
        return {}
    return {"places": stock.locations_by_code([form.text("location")])}


def refusal(places: Iterable[Location]) -> LocationWithoutCounter | None:
    """Return why nobody can collect there; a location that there is not is told elsewhere."""
    names = (place.name for place in places if place.kind != "store")
    return next((LocationWithoutCounter(name, field="location") for name in names), None)


async def check(unit: Unit, form: Filled[Any]) -> None:
    """Raise LocationWithoutCounter where goods cannot be collected. One statement, where somebody collects."""
    wanted = loads(form)
    if not wanted:
        return
    async with unit.read() as tx:
        (places,) = await tx.load(*wanted.values())
    found = refusal(places)
    if found is not None:
        raise found
