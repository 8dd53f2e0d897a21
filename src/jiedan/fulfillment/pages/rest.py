"""REST of papers: what the console prints, as pages of HTML that a program sends to a printer.

`lang` asks for a language; without it pick lists are in the caller's, and what goes to the customer in the order's.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.enums import MediaType
from litestar.params import Parameter

from jiedan.base.web.unit import Unit
from jiedan.fulfillment.pages import papers, picking, prints
from jiedan.fulfillment.pages.queue import CHOSEN_MAX
from jiedan.fulfillment.values import Document, FulfillmentId

Ids = Annotated[list[UUID] | None, Parameter(max_items=papers.ORDERS_MAX)]
"""The parameter once for each."""

FewIds = Annotated[list[UUID] | None, Parameter(max_items=CHOSEN_MAX)]

Lang = Annotated[str | None, Parameter(max_length=35)]
"""A BCP 47 tag; one that is not offered is as none."""


@get(
    "/papers",
    permission="fulfillment:read",
    media_type=MediaType.HTML,
    summary="Print papers of many orders",
)
async def get_papers(
    unit: Unit,
    document: Document = "delivery-note",
    order_id: Ids = None,
    fulfillment_id: Ids = None,
    lang: Lang = None,  # noqa: ARG001 - read by whoever renders
) -> Response[str]:
    """Return pick lists, delivery notes or packing slips, a sheet each, of fulfillments, or else of orders.

    They come in the order in which they are asked for. What cannot be printed is told on the first sheet.
    """
    return await papers.answered(unit, document, order_ids=_once(order_id), work_ids=_once(fulfillment_id))


@get("/pick-lists", permission="fulfillment:read", media_type=MediaType.HTML, summary="Print one pick list for many")
async def get_pick_lists(unit: Unit, fulfillment_id: FewIds = None) -> Response[str]:
    """Return what is to be fetched for several fulfillments altogether, then what goes to which."""
    return await picking.answered(unit, [FulfillmentId(x) for x in _once(fulfillment_id)])


@get(
    "/fulfillments/{fulfillment_id:uuid}/pick-list",
    permission="fulfillment:read",
    media_type=MediaType.HTML,
    summary="Print a pick list",
)
async def get_pick_list(unit: Unit, fulfillment_id: UUID, lang: Lang = None) -> Response[str]:  # noqa: ARG001 - read by whoever renders
    """Return what is to be picked, for whoever picks it. Raises FulfillmentNotFound."""
    return await prints.pick_list_of(unit, fulfillment_id)


@get(
    "/fulfillments/{fulfillment_id:uuid}/delivery-note",
    permission="fulfillment:read",
    media_type=MediaType.HTML,
    summary="Print a delivery note",
)
async def get_delivery_note(unit: Unit, fulfillment_id: UUID, lang: Lang = None) -> Response[str]:  # noqa: ARG001 - read by whoever renders
    """Return what is delivered, for the customer. Raises FulfillmentNotFound."""
    return await prints.delivery_note_of(unit, fulfillment_id)


@get(
    "/parcels/{parcel_id:uuid}/packing-slip",
    permission="fulfillment:read",
    media_type=MediaType.HTML,
    summary="Print a packing slip",
)
async def get_packing_slip(unit: Unit, parcel_id: UUID, lang: Lang = None) -> Response[str]:  # noqa: ARG001 - read by whoever renders
    """Return what is in a parcel, to be put into it. Raises ParcelNotFound."""
    return await prints.packing_slip_of(unit, parcel_id)


def _once(ids: list[UUID] | None) -> list[UUID]:
    return list(dict.fromkeys(ids or ()))


HANDLERS: tuple[Any, ...] = (get_papers, get_pick_lists, get_pick_list, get_delivery_note, get_packing_slip)
