"""Create, edit and remove locations: settings, not stock. People do it one at a time, an import many."""

import dataclasses
from collections.abc import Sequence

import psycopg.errors
import sqlalchemy as sa

from jiedan.accounts import service as accounts
from jiedan.base import once, sql
from jiedan.base.connections import driver_error
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.inventory import errors, events, queries, rules, tables
from jiedan.inventory.values import LOCATIONS_MAX, Location, LocationId, NewLocation

SQL = sql.load("jiedan.inventory.service", "locations.sql")

FIELDS = tuple(field.name for field in dataclasses.fields(NewLocation))


async def create_location(tx: Tx, *, location: NewLocation, key: str | None = None) -> Location:
    """Create a location; the same `key` again answers with what it has become.

    Raises InvalidCoordinates, LocationCodeTaken, TooManyLocations, or KeyReused.
    """
    _check(location)
    found = await once.subject(tx, operation="inventory.create_location", key=key, body=location)
    location_id = LocationId(found.id)
    if not found.is_fresh:
        return await queries.location_for_update(tx, location_id)
    known = await _known_to_add(tx)
    if len(known) >= LOCATIONS_MAX:
        raise errors.TooManyLocations(LOCATIONS_MAX)
    made = Location(location_id=location_id, version=1, **dataclasses.asdict(location))
    await _write(
        tx,
        sa.insert(tables.Location).values(tenant_id=tx.tenant, created_at=tx.now, **dataclasses.asdict(made)),
        code=location.code,
    )
    tx.emit(events.LocationCreated(location_id=location_id, code=location.code))
    return made


async def create_locations(tx: Tx, *, locations: Sequence[NewLocation]) -> list[Location | Refusal]:
    """Create locations: one outcome per wish, in order; a code that is taken, earlier in the set too, is refused.

    Outcomes are the Location, InvalidCoordinates or LocationCodeTaken. Raises TooManyLocations. Three statements.
    """
    known = await _known_to_add(tx)
    if len(known) + len(locations) > LOCATIONS_MAX:
        raise errors.TooManyLocations(LOCATIONS_MAX)
    taken = {location.code for location in known}
    outcomes: list[Location | Refusal] = []
    for wish, new_id in zip(locations, tx.new_ids(len(locations)), strict=True):
        refusal: Refusal | None = rules.refuse_coordinates(wish.lat, wish.lon)
        if refusal is None and wish.code in taken:
            refusal = errors.LocationCodeTaken(wish.code, field="code")
        if refusal is None:
            taken.add(wish.code)
        outcomes.append(refusal or Location(location_id=LocationId(new_id), version=1, **dataclasses.asdict(wish)))
    written = await _insert(tx, [made for made in outcomes if isinstance(made, Location)])
    for i, made in enumerate(outcomes):
        if isinstance(made, Location) and made.location_id not in written:  # somebody took the code just now
            outcomes[i] = errors.LocationCodeTaken(made.code, field="code")
        elif isinstance(made, Location):
            tx.emit(events.LocationCreated(location_id=made.location_id, code=made.code))
    return outcomes


async def _known_to_add(tx: Tx) -> Sequence[Location]:
    """Return the locations there are; nobody else adds any meanwhile, so that two together do not exceed the limit.

    The oldest is locked for it: whoever comes near the limit has one.
    """
    await tx.sql(SQL["oldest_location_for_update"])
    return await tx.load_one(queries.locations())


async def _insert(tx: Tx, made: Sequence[Location]) -> set[LocationId]:
    if not made:
        return set()
    rows = await tx.sql(
        SQL["insert_locations"],
        location_ids=[x.location_id for x in made],
        codes=[x.code for x in made],
        names=[x.name for x in made],
        kinds=[x.kind for x in made],
        lats=[x.lat for x in made],
        lons=[x.lon for x in made],
        priorities=[x.priority for x in made],
        are_active=[x.is_active for x in made],
        addresses=[x.address for x in made],
        hours=[x.hours for x in made],
        phones=[x.phone for x in made],
        created_at=tx.now,
    )
    return {LocationId(row[0]) for row in rows}


async def change_location(
    tx: Tx, *, location_id: LocationId, wanted: NewLocation, expected_version: int | None = None
) -> Location:
    """Make a location into `wanted`; nothing is written when nothing differs.

    Raises LocationNotFound, StaleVersion when it is not at `expected_version`, InvalidCoordinates, LocationCodeTaken.
    """
    _check(wanted)
    location = await queries.location_for_update(tx, location_id)
    await _refuse_stale(tx, location, expected_version)
    changed = rules.changed_fields(location, wanted, FIELDS)
    if not changed:
        return location
    made = Location(location_id=location_id, version=location.version + 1, **dataclasses.asdict(wanted))
    await _write(
        tx,
        sa.update(tables.Location)
        .where(tables.Location.tenant_id == tx.tenant, tables.Location.location_id == location_id)
        .values(**dataclasses.asdict(made)),
        code=wanted.code,
    )
    tx.emit(events.LocationChanged(location_id=location_id, version=made.version, changed=changed))
    return made


async def remove_location(tx: Tx, *, location_id: LocationId, expected_version: int | None = None) -> None:
    """Remove a location that never had stock, a transfer or a count.

    Raises LocationNotFound, StaleVersion, LocationInUse.
    """
    location = await queries.location_for_update(tx, location_id)
    await _refuse_stale(tx, location, expected_version)
    await _write(
        tx,
        sa.delete(tables.Location).where(
            tables.Location.tenant_id == tx.tenant, tables.Location.location_id == location_id
        ),
        code=location.code,
    )
    tx.emit(events.LocationRemoved(location_id=location_id, code=location.code))


def _check(location: NewLocation) -> None:
    if refusal := rules.refuse_coordinates(location.lat, location.lon):
        raise refusal


async def _refuse_stale(tx: Tx, location: Location, expected_version: int | None) -> None:
    await accounts.check_version(
        tx,
        subject_id=location.location_id,
        kind=events.LocationChanged.kind,
        current=location.version,
        expected=expected_version,
    )


async def _write(tx: Tx, statement: sa.Executable, *, code: str) -> None:
    """Write one row; the database's word on uniqueness and references becomes a refusal."""
    try:
        await tx.execute(statement)
    except sa.exc.IntegrityError as error:
        cause = driver_error(error)
        if isinstance(cause, psycopg.errors.UniqueViolation):
            raise errors.LocationCodeTaken(code, field="code") from error
        if isinstance(cause, psycopg.errors.ForeignKeyViolation):
            raise errors.LocationInUse(code) from error
        raise
