"""Picking with a phone in the hand: check lines off, say what is not there; and one list of several orders on paper."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.enums import MediaType

from jiedan.base import code128, i18n
from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.pages import DEFAULT_TIME_ZONE
from jiedan.base.web.templates import View
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.fulfillment import errors, queries
from jiedan.fulfillment.pages import pictures, words
from jiedan.fulfillment.pages.queue import CHOSEN_MAX
from jiedan.fulfillment.pages.shown import gifts_of, kits_of, shown
from jiedan.fulfillment.rules import fetching, scanning
from jiedan.fulfillment.rules.scanning import Bench
from jiedan.fulfillment.values import SCANNED_CHARS_MAX, Fulfillment, FulfillmentId, FulfillmentLine, Pick
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.values import Line, OrderId, OrderWithLines


class Wanted(NamedTuple):
    """So many units of one item, over all orders of a list."""

    code: str
    name: str
    quantity: int


@get("/fulfillment/{fulfillment_id:uuid}/pick", permission="fulfillment:pick")
async def pick_page(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Show what is to be picked, to be checked off line by line or by scanning."""
    return await picks(unit, fulfillment_id)


async def picks(unit: Unit, fulfillment_id: UUID, form: "Filled[Any] | None" = None) -> Response[str]:
    """Answer the page for picking; `form` is what was sent and did not go through."""
    async with unit.read() as tx:
        found = await shown(tx, fulfillment_id, time_zone=unit.principal.time_zone)
        sku_ids = {x.work.sku_id for x in found.lines} if unit.may(pictures.READ) else set()
        images = await tx.load_one(catalog.images_of_skus(sku_ids))
    return pages.render(
        unit,
        "fulfillment/pick.html",
        form=form,
        shown=found,
        work=found.fulfillment,
        words=words,
        pictures=pictures.by_sku(images),
        photographed=(unit.request.query_params.get("code") or "")[:SCANNED_CHARS_MAX],
    )


async def scanned(tx: ReadTx, fulfillment_id: UUID, code: str) -> Pick | errors.CodeUnknown | errors.WrongItem:
    """Return what a scan at the shelf picks, or why it picks nothing: four statements. Raises FulfillmentNotFound."""
    found = await queries.fulfillment(tx, fulfillment_id)
    skus, *others = await tx.load(catalog.scannable({x.sku_id for x in found.lines}), *catalog.scanned([code]))
    bench = Bench({}, skus, [sku for each in others for sku in each.values()])
    try:
        return scanning.to_pick(found, bench, code)
    except (errors.CodeUnknown, errors.WrongItem) as refusal:
        return refusal


@get("/pick-lists", permission="fulfillment:read")
async def pick_lists(unit: Unit) -> Response[str]:
    """Print what is to be picked for several orders: first what to fetch altogether, then what goes to which."""
    return await answered(unit, _ids(unit.request.query_params.getall("id", [])))


async def answered(unit: Unit, chosen: Sequence[FulfillmentId]) -> Response[str]:
    """Answer one pick list of several fulfillments; what is not known is left out."""
    async with unit.read() as tx:
        found = await queries.fulfillments(tx, chosen)
        known = await orders.orders(tx, {x.order_id for x in found.values()})
        details = await orders.details(tx, list(known))
        places = await tx.load_one(stock.locations())
    works = [found[key] for key in chosen if key in found]
    text = unit.exchange.site.templates.render(
        "fulfillment/pick_lists.html",
        View(unit.locale, unit.principal.time_zone or DEFAULT_TIME_ZONE, unit.runtime.clock.now()),
        {
            "lang": i18n.LANG_BY_LOCALE[unit.locale],
            "works": works,
            "orders": known,
            "lines": {x.fulfillment_id: _rows(x, known[x.order_id]) for x in works},
            "gifts": frozenset().union(*(gifts_of(x.lines) for x in known.values())),
            "kits": {key: kit for x in known.values() for key, kit in kits_of(x.lines).items()},
            "notes": {key: [note for note in x.notes if note.is_to_be_read] for key, x in details.items()},
            "words": words,
            "wanted": _wanted(works, known, unit.locale),
            "names": {x.location_id: x.name for x in places},
            "bars": {x.number: (code128.path(x.number), code128.length(x.number)) for x in works},
        },
    )
    return Response(text, media_type=MediaType.HTML)


def _ids(texts: Iterable[str]) -> list[FulfillmentId]:
    """Return the ids among texts, each once; what is none is left out, for nothing is there under it."""
    found = []
    for text in list(dict.fromkeys(texts))[:CHOSEN_MAX]:
        try:
            found.append(FulfillmentId(UUID(text)))
        except ValueError:
            continue
    return found


def _rows(work: Fulfillment, of: OrderWithLines) -> list[tuple[Line, FulfillmentLine]]:
    """Return what is still to be picked, with the line of the order."""
    by_id = {x.line_id: x for x in work.lines if x.to_pick}
    return [(x, by_id[x.line_id]) for x in fetching.as_fetched(x for x in of.lines if x.line_id in by_id)]


def _wanted(works: Iterable[Fulfillment], known: dict[OrderId, OrderWithLines], locale: str) -> list[Wanted]:
    lines = {line.line_id: line for x in known.values() for line in x.lines}
    sums: dict[tuple[str, str], Wanted] = {}
    for work in works:
        for x in work.lines:
            line = lines[x.line_id]
            told = line.told_in(locale)
            key = line.code, told if line.attributes else ""
            before = sums.get(key, Wanted(line.code, told, 0))
            sums[key] = before._replace(quantity=before.quantity + x.to_pick)
    return sorted(x for x in sums.values() if x.quantity)


HANDLERS: tuple[Any, ...] = (pick_page, pick_lists)
