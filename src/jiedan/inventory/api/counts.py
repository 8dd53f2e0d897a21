"""Counts over REST. Who may not adjust stock counts blind: the books and the differences are not shown to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.inventory import errors, queries, rules, service
from jiedan.inventory.api import rows
from jiedan.inventory.values import BATCH_MAX, QUANTITY_MAX, Count, CountId, CountLineState, NewCount, Tallied, Tally

Counted = Annotated[int, msgspec.Meta(ge=0, le=QUANTITY_MAX)]
Openness = Literal["open", "closed"]
Reference = Annotated[str, msgspec.Meta(max_length=bodies.CODE_LENGTH_MAX)]


class CountBody(bodies.Body):
    """A count to open: what is to be counted where."""

    __example__: ClassVar[dict[str, Any]] = {"location": "SH-1", "skus": ["TEA-250", "TEA-500"], "reference": "2026-11"}

    location: bodies.Code
    skus: Annotated[list[bodies.Code], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]
    reference: Reference = ""


class TallyBody(bodies.Body):
    """What was found of a SKU. `key` makes a row safe to send again; else `Idempotency-Key` does."""

    sku: bodies.Code
    counted: Counted
    key: bodies.Code | None = None


class TalliesBody(bodies.Body):
    """What was found."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"sku": "TEA-250", "counted": 38}]}

    items: Annotated[list[TallyBody], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]


class RoundView(msgspec.Struct, frozen=True):
    """One counting of a line."""

    counted: int
    on_hand: int
    difference: int


class LineView(msgspec.Struct, frozen=True):
    """Where a line stands; `rounds` only for those who may adjust stock."""

    sku: str
    state: CountLineState
    rounds_noted: int
    rounds: list[RoundView] | None


class CountView(msgspec.Struct, frozen=True):
    """A count whole."""

    count_id: UUID
    location: str
    reference: str
    created_at: datetime
    closed_at: datetime | None
    is_applied: bool
    items: list[LineView]


class TalliedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one tally: its round and where its line stands, or why it was refused."""

    round: int | None = None
    state: CountLineState | None = None
    problem: Problem | None = None


async def _views(unit: Unit, tx: ReadTx, counts: Sequence[Count]) -> list[CountView]:
    sku_ids = {line.sku_id for count in counts for line in count.lines}
    skus, places = await tx.load(catalog.skus_by_id(sku_ids), queries.locations())
    codes = {place.location_id: place.code for place in places}
    is_open_book = unit.may("inventory:adjust")
    return [
        CountView(
            count_id=count.count_id,
            location=codes[count.location_id],
            reference=count.reference,
            created_at=count.created_at,
            closed_at=count.closed_at,
            is_applied=count.is_applied,
            items=[
                LineView(
                    skus[line.sku_id].code,
                    rules.count_state(line),
                    len(line.rounds),
                    [RoundView(r.counted, r.on_hand, r.difference) for r in line.rounds] if is_open_book else None,
                )
                for line in count.lines
            ],
        )
        for count in counts
    ]


async def _shown(unit: Unit, count_id: UUID) -> CountView:
    async with unit.read() as tx:
        found = await queries.counts(tx, [CountId(count_id)])
        if not found:
            raise errors.CountNotFound(CountId(count_id))
        (view,) = await _views(unit, tx, list(found.values()))
    return view


@get("/counts", permission="inventory:read", summary="List counts")
async def list_counts(
    unit: Unit, status: Openness | None = None, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[CountView]]:
    """Return counts, latest first: open ones, closed ones, or all."""
    request = unit.page("counts", filters={"status": status}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.count_page(tx, request=request, is_open=None if status is None else status == "open")
        views = await _views(unit, tx, page.items)
    return answers.listing(unit, paging.Page(views, page.next, page.previous))


@get("/counts/{count_id:uuid}", permission="inventory:read", summary="Get a count")
async def get_count(unit: Unit, count_id: UUID) -> CountView:
    """Return one count whole."""
    return await _shown(unit, count_id)


@post("/counts", permission="inventory:write", idempotent=True, summary="Open a count")
async def open_count(unit: Unit, data: CountBody) -> Response[CountView]:
    """Open a count of some SKUs at one location."""
    key = unit.idempotency_key

    async def work(tx: Tx) -> CountId:
        known = await rows.names(tx, data.skus)
        place = known.place(data.location, field="location").location_id
        skus = tuple(known.sku(code, field=f"skus[{number}]") for number, code in enumerate(data.skus))
        return rows.only(await service.open_counts(tx, wishes=[NewCount(place, skus, data.reference, key)])).count_id

    view = await _shown(unit, await unit.write(work))
    return answers.created(view, f"/api/v1/counts/{view.count_id}")


@post(
    "/counts/{count_id:uuid}/tallies",
    permission="inventory:write",
    idempotent=True,
    status_code=200,
    summary="Tally a count",
)
async def record_tallies(unit: Unit, count_id: UUID, data: TalliesBody) -> list[TalliedRow]:
    """Note what was found; one outcome each, in order. A difference must be found twice in a row."""

    async def work(tx: Tx) -> list[Tallied | Refusal]:
        known = await rows.names(tx, [item.sku for item in data.items])

        def tally(item: TallyBody, within: str, number: int) -> Tally:
            operation = rows.operation_key(unit, tx, given=item.key, number=number)
            return Tally(CountId(count_id), known.sku(item.sku, field=f"{within}sku"), item.counted, operation)

        return await rows.decide(
            tx, data.items, make=tally, do=lambda tx, found: service.record_tallies(tx, tallies=found)
        )

    outcomes = await unit.write(work)
    if isinstance(outcomes[0], errors.CountNotFound):
        raise outcomes[0]  # all rows are of the same count
    return [
        TalliedRow(problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else TalliedRow(outcome.round, outcome.state)
        for outcome in outcomes
    ]


@post("/counts/{count_id:uuid}/application", permission="inventory:adjust", status_code=200, summary="Apply a count")
async def apply_count(unit: Unit, count_id: UUID) -> CountView:
    """Put the differences of a settled count into the books."""

    async def work(tx: Tx) -> None:
        rows.only(await service.apply_counts(tx, count_ids=[CountId(count_id)]))

    await unit.write(work)
    return await _shown(unit, count_id)


@post("/counts/{count_id:uuid}/cancellation", permission="inventory:adjust", status_code=200, summary="Cancel a count")
async def cancel_count(unit: Unit, count_id: UUID) -> CountView:
    """End a count without effect."""

    async def work(tx: Tx) -> None:
        rows.only(await service.cancel_counts(tx, count_ids=[CountId(count_id)]))

    await unit.write(work)
    return await _shown(unit, count_id)


HANDLERS = (list_counts, get_count, open_count, record_tallies, apply_count, cancel_count)
