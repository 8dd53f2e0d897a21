"""`jiedan fulfillment …`: the work of the floor, in sets: numbers from the command line or from a file."""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import cyclopts

from jiedan.accounts import queries as accounts
from jiedan.base import failures, i18n
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.cli import merchant as merchants
from jiedan.cli import output, runtime
from jiedan.cli.numbers import Row, named
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.queries.numbers import Kind, numbered
from jiedan.fulfillment.values import (
    ROWS_MAX,
    Acknowledgement,
    Collection,
    Delivery,
    Pack,
    Pick,
    Readiness,
    ReleaseRequest,
    Ship,
    Status,
)
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders

app = cyclopts.App(name="fulfillment", help=N_("Release, pick, pack, ship, deliver and hand over, many at once."))

LIST_MAX = 200

_DONE = N_("{done} done, {refused} refused.")
_WORKING = N_("Working")
_UNKNOWN = N_("Nothing has this number.")
_HEADINGS = {"number": N_("Number"), "problem": N_("Problem")}
_CODES = {"number": N_("Number"), "code": N_("Collection code"), "problem": N_("Problem")}
_LIST = {
    "number": N_("Number"),
    "customer": N_("Customer"),
    "location": N_("Location"),
    "status": N_("State"),
    "promised_by": N_("Promised by"),
    "units": N_("Units"),
}

Many = Annotated[Sequence[str], cyclopts.Parameter(negative=())]
File = Annotated[Path | None, cyclopts.Parameter(name="--file")]


@dataclasses.dataclass(eq=False)
class LocationUnknown(failures.Failure):
    """No location has this code."""

    message: ClassVar[str] = N_("There is no location {code}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    code: str


class Wish(NamedTuple):
    """What is meant by a row: one id."""

    row: Row
    id: UUID


Work = Callable[[Tx, Sequence[Wish]], Awaitable[Sequence[Any]]]
"""Does a set of wishes; one outcome each, in order."""


@app.command(name="list")
async def list_(
    *,
    status: Annotated[Status, cyclopts.Parameter(show_choices=False)] = "released",
    location: str | None = None,
    late: Annotated[bool, cyclopts.Parameter(negative=())] = False,
    limit: int = 50,
    merchant: str | None = None,
) -> None:
    """List the work of one step, what was promised first at the top.

    Parameters
    ----------
    status
        The step: released, picking, picked, packed, ready, partly_shipped, shipped, delivered, collected or stopped.
    location
        Only at the location with this code.
    late
        Only what should have arrived by now.
    limit
        At most so many; 200 is the most there can be.
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            places, settings = await tx.load(stock.locations(), accounts.settings())
            by_code = {x.code: x.location_id for x in places}
            if location is not None and location not in by_code:
                raise LocationUnknown(code=location)
            today = tx.now.astimezone(ZoneInfo(settings.time_zone)).date()
            place = by_code[location] if location is not None else None
            queued = queries.Queued((status,), place, late_on=today if late else None)
            found = await queries.next_up(tx, queued, limit=max(1, min(limit, LIST_MAX)))
            known = await orders.orders(tx, {x.order_id for x in found})
    names = {x.location_id: x.code for x in places}
    rows = [
        {
            "number": x.number,
            "customer": known[x.order_id].order.contact.name,
            "location": names[x.location_id],
            "status": x.status,
            "promised_by": known[x.order_id].order.promised_p90_on,
            "units": sum(line.open for line in x.lines),
        }
        for x in found
    ]
    output.table(rows, _LIST)


@app.command
async def release(*numbers: str, file: File = None, merchant: str | None = None) -> int:
    """Tell locations to pick orders; each says why it may not.

    Parameters
    ----------
    numbers
        Numbers of orders.
    file
        A file with one number in each line.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, wishes: Sequence[Wish]) -> Sequence[Any]:
        return await service.release_orders(tx, requests=[ReleaseRequest(x.id) for x in wishes])

    return await _each("orders", named(numbers, file), merchant, work)


@app.command
async def pick(*numbers: str, file: File = None, merchant: str | None = None) -> int:
    """Count everything of fulfillments as picked.

    Parameters
    ----------
    numbers
        Numbers of fulfillments, or of orders.
    file
        A file with one number in each line.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, wishes: Sequence[Wish]) -> Sequence[Any]:
        found = await queries.fulfillments(tx, [x.id for x in wishes])
        picks = [Pick(key, line.line, line.to_pick) for key, x in found.items() for line in x.lines if line.to_pick]
        outcomes = await service.pick_lines(tx, picks=picks) if picks else []
        refused = {p.fulfillment_id: x for p, x in zip(picks, outcomes, strict=True) if isinstance(x, Refusal)}
        return [refused.get(x.id) for x in wishes]

    return await _each("fulfillments", named(numbers, file), merchant, work)


@app.command
async def pack(
    *numbers: str,
    file: File = None,
    weight_g: int | None = None,
    notes_read: Annotated[bool, cyclopts.Parameter(negative=())] = False,
    merchant: str | None = None,
) -> int:
    """Pack everything that is picked of fulfillments, each into one parcel.

    Parameters
    ----------
    numbers
        Numbers of fulfillments, or of orders.
    file
        A file with one number in each line.
    weight_g
        What each parcel weighs, in grams.
    notes_read
        You have read the notes of these orders; without it those that have any are refused.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, wishes: Sequence[Wish]) -> Sequence[Any]:
        if notes_read:
            await service.acknowledge_notes(tx, wishes=[Acknowledgement(x.id) for x in wishes])
        return await service.pack_parcels(tx, packs=[Pack(x.id, weight_g=weight_g) for x in wishes])

    return await _each("fulfillments", named(numbers, file), merchant, work)


@app.command
async def ship(
    *numbers: str,
    file: File = None,
    carrier: str | None = None,
    tracking_number: str | None = None,
    merchant: str | None = None,
) -> int:
    """Let parcels leave, as their labels say or with the carrier named.

    Parameters
    ----------
    numbers
        Numbers of parcels, or of fulfillments.
    file
        A file with a parcel in each line: its number, and after commas its carrier and its tracking number.
    carrier
        With whom those leave for which the file names nobody.
    tracking_number
        The number that all of them have.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, wishes: Sequence[Wish]) -> Sequence[Any]:
        ships = [
            Ship(x.id, x.row.carrier or carrier, x.row.tracking_number or tracking_number)  # of the file, else of all
            for x in wishes
        ]
        return await service.ship_parcels(tx, wishes=ships)

    return await _each("parcels", named(numbers, file), merchant, work)


@app.command
async def deliver(*numbers: str, file: File = None, merchant: str | None = None) -> int:
    """Count parcels as arrived.

    Parameters
    ----------
    numbers
        Numbers of parcels, or of fulfillments.
    file
        A file with one number in each line.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, wishes: Sequence[Wish]) -> Sequence[Any]:
        return await service.deliver_parcels(tx, wishes=[Delivery(x.id) for x in wishes])

    return await _each("parcels", named(numbers, file), merchant, work)


@app.command
async def ready(*numbers: str, file: File = None, merchant: str | None = None) -> int:
    """Let packed goods wait to be collected; each gets a new code, printed now and never again.

    Parameters
    ----------
    numbers
        Numbers of fulfillments, or of orders.
    file
        A file with one number in each line.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, wishes: Sequence[Wish]) -> Sequence[Any]:
        return await service.make_ready(tx, wishes=[Readiness(x.id) for x in wishes])

    return await _each("fulfillments", named(numbers, file), merchant, work, headings=_CODES)


@app.command
async def collect(number: str, code: str, *, merchant: str | None = None) -> int:
    """Hand goods over to whoever shows their code; a wrong one counts, and after five there is a pause.

    Parameters
    ----------
    number
        The number of the fulfillment, or of the order.
    code
        The code that was shown.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, wishes: Sequence[Wish]) -> Sequence[Any]:
        return await service.collect_fulfillments(tx, wishes=[Collection(x.id, code) for x in wishes])

    return await _each("fulfillments", [Row(number)], merchant, work)


async def _each(
    kind: Kind, rows: Sequence[Row], merchant: str | None, work: Work, *, headings: dict[str, str] | None = None
) -> int:
    """Do what is meant, so many at a time, each set in a transaction; print what was refused, and how many were not."""
    told: list[dict[str, Any]] = []
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        with output.progress(_WORKING, total=len(rows)) as advance:
            for start in range(0, len(rows), ROWS_MAX):
                some = rows[start : start + ROWS_MAX]
                told += await _some(jiedan.database, scope, kind, some, work)
                advance(len(some))
    refused = sum(x["problem"] is not None for x in told)
    if output.is_json():
        output.result({"done": len(told) - refused, "refused": refused, "rows": told})
    else:
        shown = [x for x in told if x["problem"] is not None or x["code"] is not None]
        if shown:
            output.table(shown, headings or _HEADINGS)
        output.result(None, _DONE, done=len(told) - refused, refused=refused)
    return failures.EXIT_FAILURE if refused else 0


async def _some(database: Database, scope: Scope, kind: Kind, rows: Sequence[Row], work: Work) -> list[dict[str, Any]]:
    async with database.read(scope) as tx:
        known = await numbered(tx, kind, [row.number for row in rows])
    wishes = [Wish(row, key) for row in rows for key in known.get(row.number, ())]
    outcomes = await database.write(scope, lambda tx: work(tx, wishes)) if wishes else []
    locale = output.locale()
    unknown = [
        {"number": row.number, "problem": i18n.gettext(locale, _UNKNOWN), "code": None}
        for row in rows
        if row.number not in known
    ]
    return unknown + [
        {
            "number": wish.row.number,
            "problem": i18n.say(locale, outcome) if isinstance(outcome, Refusal) else None,
            "code": outcome.code if isinstance(outcome, service.Ready) else None,
        }
        for wish, outcome in zip(wishes, outcomes, strict=True)
    ]
