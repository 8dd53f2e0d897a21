"""REST of parcels on their way: labels, and what carriers say."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import NewTrackingEvent
from jiedan.fulfillment import errors, queries, service
from jiedan.fulfillment.api import views
from jiedan.fulfillment.api.shapes import HeardRow, LabelsBody, ParcelRow, TrackingEventsBody, TrackingView
from jiedan.fulfillment.values import ParcelId


@post("/parcels/labels", permission="fulfillment:ship", status_code=200, also=[404], summary="Order labels")
async def order_labels(unit: Unit, data: LabelsBody) -> list[ParcelRow]:
    """Let a carrier make labels for packed parcels: one outcome each, in order."""
    outcomes = await service.order_labels(
        unit.runtime.database, unit.scope, parcel_ids=data.parcel_ids, carrier=data.carrier
    )
    return await views.parcel_rows(unit, outcomes, within="parcel_ids")


@get(
    "/parcels/{parcel_id:uuid}/label",
    permission="fulfillment:read",
    media_type="application/pdf",
    also=[409],
    summary="Get a parcel's label",
)
async def get_label(unit: Unit, parcel_id: UUID) -> Response[bytes]:
    """Return the carrier's transport document, to be printed."""
    async with unit.read() as tx:
        media_type, document = await queries.label(tx, parcel_id)
    headers = {"Content-Disposition": f'inline; filename="{parcel_id}.pdf"'}
    return Response(document, media_type=media_type, headers=headers)


@get("/parcels/{parcel_id:uuid}/tracking", permission="fulfillment:read", summary="Get a parcel's tracking")
async def get_tracking(unit: Unit, parcel_id: UUID) -> list[TrackingView]:
    """Return what the carrier said of a parcel, in the order in which it happened."""
    async with unit.read() as tx:
        found = (await queries.parcels(tx, [parcel_id])).get(ParcelId(parcel_id))
        if found is None:
            raise errors.ParcelNotFound(str(parcel_id))
        number = (found[1].carrier or "", found[1].tracking_number or "")
        said = await carriers.tracking_events(tx, [number])
    return [TrackingView(x.code, x.occurred_at, x.state, x.description, x.place) for x in said.get(number, ())]


@post("/tracking-events", permission="fulfillment:deliver", status_code=200, summary="Record tracking events")
async def record_tracking(unit: Unit, data: TrackingEventsBody) -> list[HeardRow]:
    """Keep what carriers say; twice or out of order it comes to the same. A delivered parcel delivers its lines."""
    events = [
        NewTrackingEvent(x.carrier, x.number, x.code, x.occurred_at, x.state, x.description, x.place)
        for x in data.items
    ]
    outcomes = await unit.write(lambda tx: service.record_tracking(tx, events=events))
    return [
        HeardRow(problem=views.refused(unit, x, f"items[{i}]"))
        if isinstance(x, Refusal)
        else HeardRow(x.is_new, x.parcels)
        for i, x in enumerate(outcomes)
    ]


HANDLERS: tuple[Any, ...] = (order_labels, get_label, get_tracking, record_tracking)
