"""Pages to be printed: pick list, delivery note, packing slip; in the reader's language, or the one asked for.

What goes to the customer is in the language of the order unless another is asked for.
"""

from typing import Any
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


@get("/fulfillment/{fulfillment_id:uuid}/pick-list", permission="fulfillment:read")
async def pick_list(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Print what is to be picked, for whoever picks it."""
    async with unit.read() as tx:
        found = await shown(tx, fulfillment_id)
    return _printed(unit, "pick-list", found, locale=unit.locale)


@get("/fulfillment/{fulfillment_id:uuid}/delivery-note", permission="fulfillment:read")
async def delivery_note(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Print what is delivered, for the customer."""
    async with unit.read() as tx:
        found = await shown(tx, fulfillment_id)
    return _printed(unit, "delivery-note", found, locale=found.order.locale)


@get("/parcels/{parcel_id:uuid}/packing-slip", permission="fulfillment:read")
async def packing_slip(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Print what is in a parcel, to be put into it."""
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
    unit: Unit, document: str, found: Shown, parcel: ShownParcel | None = None, *, locale: str
) -> Response[str]:
    chosen = i18n.match(unit.request.query_params.get("lang") or "") or i18n.match(locale) or i18n.ENGLISH
    number = parcel.parcel.number if parcel is not None else found.fulfillment.number
    call = unit.exchange
    text = call.site.templates.render(
        "fulfillment/print.html",
        View(chosen, unit.principal.time_zone or DEFAULT_TIME_ZONE, call.runtime.clock.now()),
        {
            "document": document,
            "title": words.DOCUMENTS[document],
            "lang": i18n.LANG_BY_LOCALE[chosen],
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
    headers = {"content-language": i18n.LANG_BY_LOCALE[chosen]}
    return Response(text, media_type=MediaType.HTML, headers=headers)


HANDLERS: tuple[Any, ...] = (pick_list, delivery_note, packing_slip, label)
