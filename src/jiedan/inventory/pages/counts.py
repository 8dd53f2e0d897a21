"""Counts: opened for a place, counted blind, settled when two rounds agree, put into the books."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import NotFound, Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.inventory import errors, queries, rules, service
from jiedan.inventory.pages import rowed
from jiedan.inventory.values import (
    BATCH_MAX,
    Count,
    CountId,
    CountLine,
    CountLineState,
    Location,
    NewCount,
    Tallied,
    Tally,
    signs,
)

ROWS = 50
CODES_CHARACTERS_MAX = 100_000


class CountForm(Form):
    """A count to open: SKUs named one a line, or everything that the location has on hand."""

    location: bodies.Code | None = None
    reference: Annotated[str, msgspec.Meta(max_length=bodies.CODE_LENGTH_MAX)] = ""
    skus: Annotated[str, msgspec.Meta(max_length=CODES_CHARACTERS_MAX)] = ""
    everything: bool = False


class TallyForm(Form):
    """What was found of each SKU; empty is not counted now. `scan` adds one to what it names."""

    action: str = rowed.SAVE
    scan: Annotated[str, msgspec.Meta(max_length=100)] = ""
    sku: rowed.Typed = msgspec.field(default_factory=list)
    quantity: rowed.Typed = msgspec.field(default_factory=list)


class Listed(NamedTuple):
    """A count in the list, with how many lines stand where."""

    stock_count: Count
    settled: int


class ShownLine(NamedTuple):
    """A line to count: what was typed for it, and what is wrong with that. Rounds only for who may adjust stock."""

    line: CountLine
    state: CountLineState
    sku: SellableSku
    typed: str
    problem: str


class Opened(NamedTuple):
    """A count with everything its page shows."""

    stock_count: Count
    place: Location
    lines: list[ShownLine]
    states: Mapping[CountLineState, int]


@get("/counts", permission="inventory:read")
async def counts_page(unit: Unit) -> Response[str]:
    """Show counts, latest first: the open ones, or those that ended."""
    is_open = unit.request.query_params.get("state") != "closed"
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-counts", filters={"open": is_open}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.count_page(tx, request=request, is_open=is_open)
        places = await tx.load_one(queries.locations())
    rows = [Listed(x, sum(rules.count_state(line) == "settled" for line in x.lines)) for x in page.items]
    return pages.render(
        unit,
        "inventory/counts.html",
        page=paging.Page(rows, page.next, page.previous),
        names={place.location_id: place.name for place in places},
        is_open=is_open,
        signs=signs,
        tab="counts",
    )


@get("/counts/new", permission="inventory:write")
async def new_count_page(unit: Unit) -> Response[str]:
    """Show the empty form; `location` and `sku` in the address fill it in."""
    given = unit.request.query_params
    return await _new(unit, forms.empty(unit, location=given.get("location"), skus=given.get("sku")))


async def _new(unit: Unit, form: Filled[Any]) -> Response[str]:
    async with unit.read() as tx:
        places = await tx.load_one(queries.locations())
    return pages.render(unit, "inventory/count_new.html", form=form, places=places, signs=signs, skus_max=BATCH_MAX)


@post("/counts/new", permission="inventory:write")
async def open_count(unit: Unit) -> Response[str]:
    """Open a count."""
    form = await forms.read(unit, CountForm)
    sent = form.value
    if sent is None:
        return await _new(unit, form)
    try:
        count_id = await unit.write(lambda tx: _open(tx, sent))
    except Refusal as refusal:
        if refusal.field is None:
            refusal.field = "skus"
        form.refuse(refusal)
        return await _new(unit, form)
    return pages.redirect(unit, f"/counts/{count_id}", flash=N_("The count is open."))


async def _open(tx: Tx, sent: CountForm) -> CountId:
    codes = list(dict.fromkeys(sent.skus.replace(",", "\n").split()))
    rows = [rowed.Wanted(place, code, 0) for place, code in enumerate(codes)]
    known = await rowed.known(tx, rows)
    place = known.location(sent.location).location_id
    if sent.everything:
        ids = await tx.load_one(queries.skus_at(place, limit=BATCH_MAX))
    else:
        ids = [_named(known, row) for row in rows]
    (count,) = accepted(await service.open_counts(tx, wishes=[NewCount(place, tuple(ids), sent.reference)]))
    return count.count_id


def _named(known: rowed.Known, row: rowed.Wanted) -> SkuId:
    try:
        return known.sku_id(row)
    except Refusal as refusal:
        refusal.field = "skus"
        raise


@get("/counts/{count_id:uuid}", permission="inventory:read")
async def count_page(unit: Unit, count_id: UUID) -> Response[str]:
    """Show a count: what is to be counted, and where each line stands."""
    return await _answer(unit, count_id, None, {}, {})


async def _answer(
    unit: Unit, count_id: UUID, form: "Filled[Any] | None", typed: Mapping[str, str], problems: Mapping[str, str]
) -> Response[str]:
    async with unit.read() as tx:
        opened = await _opened(tx, CountId(count_id), typed, problems)
    return pages.render(
        unit,
        "inventory/count.html",
        form=form,
        opened=opened,
        count=opened.stock_count,
        is_open_book=unit.may("inventory:adjust"),
        signs=signs,
    )


async def _opened(tx: ReadTx, count_id: CountId, typed: Mapping[str, str], problems: Mapping[str, str]) -> Opened:
    """Read a count; what is still to be counted comes first. Raises CountNotFound."""
    found = await queries.counts(tx, [count_id])
    if count_id not in found:
        raise errors.CountNotFound(count_id)
    count = found[count_id]
    skus, places = await tx.load(catalog.skus_by_id({x.sku_id for x in count.lines}), queries.locations())
    lines = [
        ShownLine(x, rules.count_state(x), sku, typed.get(sku.code, ""), problems.get(sku.code, ""))
        for x in count.lines
        for sku in [skus[x.sku_id]]
    ]
    lines.sort(key=lambda line: (line.state == "settled", line.sku.code))
    states: dict[CountLineState, int] = {
        state: sum(line.state == state for line in lines) for state in signs.COUNT_LINE_SIGNS
    }
    place = next(place for place in places if place.location_id == count.location_id)
    return Opened(count, place, lines, states)


@post("/counts/{count_id:uuid}/tallies", permission="inventory:write")
async def tally(unit: Unit, count_id: UUID) -> Response[str]:
    """Note what was found; or add what was scanned, without noting anything yet."""
    form = await forms.read(unit, TallyForm)
    sent = form.value
    typed = {code: text for code, text in rowed.typed(form) if text}
    if sent is None:
        return await _answer(unit, count_id, form, typed, {})
    try:
        if sent.action == rowed.SCAN:
            return await _answer(unit, count_id, form, await _scanned(unit, count_id, typed, sent.scan), {})
        rows = rowed.wanted(_filled_in(form), quantity_min=0)
        noted = await unit.write(lambda tx: _note(tx, CountId(count_id), rows))
    except NotFound as refusal:
        if refusal.field != "scan":
            raise
        form.refuse(refusal)
        return await _answer(unit, count_id, form, typed, {})
    except Refusal as refusal:
        by_row = rowed.refuse(form, refusal)
        codes = [code for code, _ in rowed.typed(form)]
        return await _answer(unit, count_id, form, typed, {codes[place]: text for place, text in by_row.items()})
    again = sum(one.state == "recount" for one in noted)
    flash = (
        N_("{noted} lines were noted; {again} differ from the books and must be counted again.")
        if again
        else N_("{noted} lines were noted.")
    )
    return pages.redirect(unit, f"/counts/{count_id}", flash=flash, noted=len(noted), again=again)


def _filled_in(form: Filled[Any]) -> Filled[Any]:
    """Return the form without the SKUs of lines that nothing was typed for; places stay."""
    rows = rowed.typed(form)
    raw = {"sku": [code if text else "" for code, text in rows], "quantity": [text for _, text in rows]}
    return Filled(form.locale, None, raw, {})


async def _scanned(unit: Unit, count_id: UUID, typed: Mapping[str, str], scan: str) -> dict[str, str]:
    """Return what was typed with what was scanned. Raises SkuNotFound or NotInCount at the field."""
    async with unit.read() as tx:
        code, units = await rowed.meant(tx, scan)
        opened = await _opened(tx, CountId(count_id), {}, {})
    line = next((line for line in opened.lines if line.sku.code == code), None)
    if line is None:
        names = await _id_of(unit, code)
        raise errors.NotInCount(names, field="scan")
    before = typed.get(code, "0")
    return {**typed, code: str(int(before) + units if before.isascii() and before.isdigit() else units)}


async def _id_of(unit: Unit, code: str) -> SkuId:
    async with unit.read() as tx:
        return (await tx.load_one(catalog.sellable_skus([code])))[code].sku_id


async def _note(tx: Tx, count_id: CountId, rows: Sequence[rowed.Wanted]) -> list[Tallied]:
    known = await rowed.known(tx, rows)
    tallies = [
        Tally(count_id, sku_id, row.quantity, f"console/{tx.new_id()}")
        for row, sku_id in zip(rows, known.sku_ids(rows), strict=True)
    ]
    outcomes = await service.record_tallies(tx, tallies=tallies)
    if isinstance(outcomes[0], errors.CountNotFound | errors.CountEnded):
        raise outcomes[0]
    return rowed.all_done(rows, outcomes)


@post("/counts/{count_id:uuid}/application", permission="inventory:adjust")
async def apply(unit: Unit, count_id: UUID) -> Response[str]:
    """Put the differences of a settled count into the books."""

    async def work(tx: Tx) -> int:
        (done,) = accepted(await service.apply_counts(tx, count_ids=[CountId(count_id)]))
        return len(done.moved)

    return await _ended(unit, count_id, work, flash=N_("The count is in the books; {result} SKUs differed."))


@post("/counts/{count_id:uuid}/cancellation", permission="inventory:adjust")
async def cancel(unit: Unit, count_id: UUID) -> Response[str]:
    """End a count without effect."""

    async def work(tx: Tx) -> int:
        return len(accepted(await service.cancel_counts(tx, count_ids=[CountId(count_id)])))

    return await _ended(unit, count_id, work, flash=N_("The count was given up; the books stay as they are."))


async def _ended(unit: Unit, count_id: UUID, work: Any, *, flash: str) -> Response[str]:
    form = await forms.read(unit, Form)
    try:
        result = await unit.write(work)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, count_id, form, {}, {})
    return pages.redirect(unit, f"/counts/{count_id}", flash=flash, result=result)


HANDLERS: tuple[Any, ...] = (counts_page, new_count_page, open_count, count_page, tally, apply, cancel)
