"""How many days locations take from the release to the door."""

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.carriers.values import Transit
from jiedan.inventory.values import LocationId

SQL = sql.load("jiedan.fulfillment.queries", "handling.sql")


def handling() -> Load[dict[LocationId, Transit]]:
    """Read the days of each location that has any of its own."""
    return Load(SQL["handling"], {}, lambda rows: {row[0]: Transit(row[1], row[2]) for row in rows})
