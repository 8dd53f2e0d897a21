"""Papers of many orders at once: pick lists, delivery notes, packing slips, each on a sheet of its own.

What is chosen is sent as a form and then stands in the address, sixteen bytes an order, so the page can be loaded and
printed again. Sheets come in the order in which orders were chosen; what cannot be printed is told on the first one.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qs, urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import MediaType

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.pages import DEFAULT_TIME_ZONE
from jiedan.base.web.templates import View
from jiedan.base.web.unit import Unit
from jiedan.fulfillment import queries
from jiedan.fulfillment.pages import prints, words
from jiedan.fulfillment.pages.prints import Sheet
from jiedan.fulfillment.pages.shown import Shown, of_orders
from jiedan.fulfillment.rules import papers
from jiedan.fulfillment.values import DOCUMENTS, Document, Unprinted
from jiedan.orders import queries as orders
from jiedan.orders.rules import assigning
from jiedan.orders.values import OrderId
from jiedan.orders.values.lists import OrderFilter, given

ORDERS_MAX = 200
"""Orders, or fulfillments, that are printed at once."""

PAGES_MAX = 20
"""Pages of the list that are looked at for orders that fit filters: of a filter that few fit, a page may be short."""

ID_BYTES = 16

Ticked = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F-]{36}(:[0-9]{1,18})?$", max_length=60)]
"""An order's id, and the version it was shown with behind a colon."""


class PapersForm(forms.Form):
    """Papers of the orders that were ticked, or of all that fit the filters; `listing` is the list's own query."""

    document: Document
    order_ids: Annotated[list[Ticked], msgspec.Meta(max_length=500)] = msgspec.field(default_factory=list)
    everything: bool = False
    filters: Annotated[str, msgspec.Meta(max_length=8_000)] = "{}"
    listing: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


class Printed(NamedTuple):
    """The sheets of what was chosen, and the numbers of what cannot be printed with why."""

    sheets: list[Sheet]
    unprinted: list[tuple[str, Unprinted]]


def packed(ids: Iterable[UUID]) -> str:
    """Return ids as they stand in an address."""
    return base64.urlsafe_b64encode(b"".join(x.bytes for x in ids)).decode().rstrip("=")


def unpacked(text: str) -> list[UUID]:
    """Return the ids that stand in an address, each once; none where it is no list of ids."""
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return []
    if len(content) % ID_BYTES:
        return []
    found = (UUID(bytes=content[i : i + ID_BYTES]) for i in range(0, len(content), ID_BYTES))
    return list(dict.fromkeys(found))[:ORDERS_MAX]


@post("/papers", permission="fulfillment:read")
async def choose(unit: Unit) -> Response[str]:
    """Lead to the papers of what was chosen in the list of orders."""
    form = await forms.read(unit, PapersForm)
    sent = form.value
    listing = form.text("listing")
    back = f"/orders?{listing}" if listing else "/orders"
    if sent is None or not (sent.order_ids or sent.everything):
        return pages.redirect(unit, back, flash=N_("Tick orders first, then choose what to do."), tone="warn")
    if sent.everything:
        unit.require("orders:read")
        try:
            filters = msgspec.json.decode(sent.filters, type=OrderFilter)
        except (msgspec.ValidationError, msgspec.DecodeError):
            return pages.redirect(unit, "/orders", flash=N_("These filters cannot be used."), tone="warn")
        chosen = await _fitting(unit, filters, oldest_first="oldest" in parse_qs(sent.listing).get("sort", ()))
    else:
        chosen = list(dict.fromkeys(UUID(text.partition(":")[0]) for text in sent.order_ids))
    if len(chosen) > ORDERS_MAX:
        return pages.redirect(unit, back, flash=N_("At most 200 orders are printed at once."), tone="warn")
    return pages.redirect(unit, f"/papers?{urlencode({'document': sent.document, 'orders': packed(chosen)})}")


async def _fitting(unit: Unit, filters: OrderFilter, *, oldest_first: bool) -> list[UUID]:
    """Return the orders that fit, as the list sorts them, and one more than are printed where there are more."""
    found: list[UUID] = []
    cursor: str | None = None
    async with unit.read() as tx:
        me = assigning.own(unit.principal.actor)
        (criteria,) = await orders.criteria_of(tx, [filters], time_zone=unit.principal.time_zone, me=me)
        for _ in range(PAGES_MAX):
            request = unit.page("papers", filters=given(filters), limit=ORDERS_MAX, cursor=cursor)
            page = await orders.order_rows(tx, request=request, criteria=criteria, oldest_first=oldest_first)
            found += [row.order_id for row in page.items]
            cursor = page.next
            if cursor is None or len(found) > ORDERS_MAX:
                break
    return found[: ORDERS_MAX + 1]


@get("/papers", permission="fulfillment:read")
async def print_papers(unit: Unit) -> Response[str]:
    """Print papers of orders, or of fulfillments, each in its language unless another is asked for."""
    asked = unit.request.query_params
    document: Document = next((x for x in DOCUMENTS if x == asked.get("document")), "delivery-note")
    order_ids, work_ids = unpacked(asked.get("orders", "")), unpacked(asked.get("works", ""))
    return await answered(unit, document, order_ids=order_ids, work_ids=work_ids)


async def answered(
    unit: Unit, document: Document, *, order_ids: Sequence[UUID] = (), work_ids: Sequence[UUID] = ()
) -> Response[str]:
    """Answer the papers of fulfillments where some are named, else of orders."""
    async with unit.read() as tx:
        printed = await (_of_works(tx, document, work_ids) if work_ids else _of_orders(tx, document, order_ids))
    sheets = [
        prints.rendered(unit, "fulfillment/_paper.html", sheet, locale=_language(unit, sheet))
        for sheet in printed.sheets
    ]
    call = unit.exchange
    view = View(unit.locale, unit.principal.time_zone or DEFAULT_TIME_ZONE, call.runtime.clock.now())
    known = [(name, text) for name, text in unit.request.query_params.multi_items() if name != "lang"]
    begun = call.site.templates.render(
        "fulfillment/papers.html",
        view,
        {
            "title": words.DOCUMENTS[document],
            "lang": i18n.LANG_BY_LOCALE[unit.locale],
            "languages": [
                (f"?{urlencode([*known, ('lang', key)])}", text) for key, text in i18n.NAME_BY_LOCALE.items()
            ],
            "words": words,
            "unprinted": printed.unprinted,
            "sheets_count": len(sheets),
        },
    )
    ended = call.site.templates.render("fulfillment/papers_end.html", view, {})
    return Response("".join([begun, *sheets, ended]), media_type=MediaType.HTML)


def _language(unit: Unit, sheet: Sheet) -> str:
    """Return the language of whoever reads a sheet: staff read pick lists, customers everything else."""
    return prints.language(unit, unit.locale if sheet.document == "pick-list" else sheet.shown.order.locale)


async def _of_orders(tx: ReadTx, document: Document, order_ids: Sequence[UUID]) -> Printed:
    if not order_ids:
        return Printed([], [])
    shown = await of_orders(tx, order_ids)
    made = {order_id: _sheets(document, shown.get(order_id, ())) for order_id in map(OrderId, order_ids)}
    without = [order_id for order_id, sheets in made.items() if not sheets]
    known = await orders.orders(tx, without) if without else {}
    unprinted: list[tuple[str, Unprinted]] = []
    for order_id in without:
        order = known[order_id].order if order_id in known else None
        works = [x.fulfillment for x in shown.get(order_id, ())]
        why = papers.why_none(document, None if order is None else order.lifecycle, works)
        unprinted.append((str(order_id) if order is None else order.number, why))
    return Printed([sheet for sheets in made.values() for sheet in sheets], unprinted)


async def _of_works(tx: ReadTx, document: Document, work_ids: Sequence[UUID]) -> Printed:
    by_work = await queries.orders_of(tx, fulfillment_ids=work_ids)
    shown = await of_orders(tx, set(by_work.values()))
    found: Mapping[UUID, Shown] = {x.fulfillment.fulfillment_id: x for several in shown.values() for x in several}
    sheets: list[Sheet] = []
    unprinted: list[tuple[str, Unprinted]] = []
    for work_id in work_ids:
        of = found.get(work_id)
        made = _sheets(document, [] if of is None else [of])
        sheets += made
        if not made:
            why = papers.why_none(
                document, None if of is None else of.order.lifecycle, [] if of is None else [of.fulfillment]
            )
            unprinted.append((str(work_id) if of is None else of.fulfillment.number, why))
    return Printed(sheets, unprinted)


def _sheets(document: Document, shown: Sequence[Shown]) -> list[Sheet]:
    """Return the sheets of some fulfillments, which are one order's."""
    if not shown:
        return []
    by_id = {x.fulfillment.fulfillment_id: x for x in shown}
    made: list[Sheet] = []
    lifecycle = shown[0].order.lifecycle
    for work, parcel in papers.sheets(document, lifecycle, [x.fulfillment for x in shown]):
        of = by_id[work.fulfillment_id]
        box = next((x for x in of.parcels if parcel is not None and x.parcel.parcel_id == parcel.parcel_id), None)
        made.append(Sheet(document, of, box))
    return made


HANDLERS: tuple[Any, ...] = (choose, print_papers)
