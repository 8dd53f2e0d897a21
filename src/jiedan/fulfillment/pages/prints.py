"""Pages to be printed: pick list, delivery note, packing slip; in the reader's language, or the one asked for.

What goes to the customer is in the language of the order unless another is asked for.
"""

from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.enums import MediaType

from jiedan.base import code128, i18n
from jiedan.base.web.pages import DEFAULT_TIME_ZONE
from jiedan.base.web.templates import View
from jiedan.base.web.unit import Unit
from jiedan.customers import rules as customer_rules
from jiedan.fulfillment import queries
from jiedan.fulfillment.pages import words
from jiedan.fulfillment.pages.shown import Shown, ShownParcel, of_parcel, shown
from jiedan.fulfillment.values import Document


class Sheet(NamedTuple):
    """A document about a fulfillment, or one of its parcels."""

    document: Document
    shown: Shown
    parcel: ShownParcel | None = None


@get("/fulfillment/{fulfillment_id:uuid}/pick-list", permission="fulfillment:read")
async def pick_list(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Print what is to be picked, for whoever picks it."""
    return await pick_list_of(unit, fulfillment_id)


async def pick_list_of(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Answer a pick list. Raises FulfillmentNotFound."""
    async with unit.read() as tx:
        found = await shown(tx, fulfillment_id)
    return _printed(unit, "pick-list", found, locale=unit.locale)


@get("/fulfillment/{fulfillment_id:uuid}/delivery-note", permission="fulfillment:read")
async def delivery_note(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Print what is delivered, for the customer."""
    return await delivery_note_of(unit, fulfillment_id)


async def delivery_note_of(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Answer a delivery note. Raises FulfillmentNotFound."""
    async with unit.read() as tx:
        found = await shown(tx, fulfillment_id)
    return _printed(unit, "delivery-note", found, locale=found.order.locale)


@get("/parcels/{parcel_id:uuid}/packing-slip", permission="fulfillment:read")
async def packing_slip(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Print what is in a parcel, to be put into it."""
    return await packing_slip_of(unit, parcel_id)


async def packing_slip_of(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Answer a packing slip. Raises ParcelNotFound."""
    async with unit.read() as tx:
        found, parcel = await of_parcel(tx, parcel_id)
    return _printed(unit, "packing-slip", found, parcel, locale=found.order.locale)


@get("/parcels/{parcel_id:uuid}/label.pdf", permission="fulfillment:read")
async def label(unit: Unit, parcel_id: UUID) -> Response[bytes]:
    """Print the carrier's label."""
    async with unit.read() as tx:
        media_type, document = await queries.label(tx, parcel_id)
    return Response(document, media_type=media_type, headers={"Content-Disposition": "inline"})


def _printed(
    unit: Unit, document: Document, found: Shown, parcel: ShownParcel | None = None, *, locale: str
) -> Response[str]:
    chosen = language(unit, locale)
    text = rendered(unit, "fulfillment/print.html", Sheet(document, found, parcel), locale=chosen)
    headers = {"content-language": i18n.LANG_BY_LOCALE[chosen]}
    return Response(text, media_type=MediaType.HTML, headers=headers)


def language(unit: Unit, locale: str) -> str:
    """Return the language of a paper: the one asked for, else `locale`."""
    return i18n.match(unit.request.query_params.get("lang") or "") or i18n.match(locale) or i18n.ENGLISH


def rendered(unit: Unit, template: str, sheet: Sheet, *, locale: str) -> str:
    """Return a paper in a language, as a page of its own or as a part of one."""
    document, found, parcel = sheet
    number = parcel.parcel.number if parcel is not None else found.fulfillment.number
    call = unit.exchange
    return call.site.templates.render(
        template,
        View(locale, unit.principal.time_zone or DEFAULT_TIME_ZONE, call.runtime.clock.now()),
        {
            "document": document,
            "title": words.DOCUMENTS[document],
            "lang": i18n.LANG_BY_LOCALE[locale],
            "languages": i18n.NAME_BY_LOCALE,
            "words": words,
            "merchant": unit.principal.merchant,
            "shown": found,
            "work": found.fulfillment,
            "parcel": parcel,
            "address": customer_rules.written(found.address) if found.address is not None else [],
            "number": number,
            "bars": code128.path(number),
            "bars_length": code128.length(number),
        },
    )


HANDLERS: tuple[Any, ...] = (pick_list, delivery_note, packing_slip, label)
