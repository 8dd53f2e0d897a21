"""Fulfillments and parcels as the API shows them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from jiedan.base import idempotency
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web import problems
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.fulfillment import queries
from jiedan.fulfillment.api.shapes import (
    FulfillmentLineView,
    FulfillmentRow,
    FulfillmentView,
    OrderRow,
    ParcelLineView,
    ParcelRow,
    ParcelView,
)
from jiedan.fulfillment.values import Fulfillment, FulfillmentId, Parcel, ParcelId
from jiedan.inventory import queries as stock
from jiedan.orders import queries as orders
from jiedan.orders.values import Line, OrderId

T = TypeVar("T")


class Book:
    """What is needed to show the fulfillments of some orders."""

    def __init__(
        self,
        fulfillments: Mapping[FulfillmentId, Fulfillment],
        numbers: Mapping[UUID, str],
        lines: Mapping[UUID, Line],
        unread: Mapping[FulfillmentId, int],
        names: "tuple[Mapping[UUID, str], carriers.Tracking]",
    ) -> None:
        self.fulfillments = fulfillments
        self._numbers = numbers
        self._lines = lines
        self._unread = unread
        self._places, self._tracking = names

    def fulfillment(self, found: Fulfillment) -> FulfillmentView:
        """Return a fulfillment as the API shows it."""
        return FulfillmentView(
            fulfillment_id=found.fulfillment_id,
            order_id=found.order_id,
            order_number=self._numbers[found.order_id],
            number=found.number,
            location=self._places[found.location_id],
            method=found.method,
            status=found.status,
            released_at=found.released_at,
            ready_at=found.ready_at,
            unread_notes=self._unread[found.fulfillment_id],
            lines=[
                FulfillmentLineView(
                    line=x.line,
                    sku=self._lines[x.line_id].code,
                    name=self._lines[x.line_id].name,
                    released=x.released,
                    short=x.short,
                    withdrawn=x.withdrawn,
                    picked=x.picked,
                    packed=x.packed,
                    shipped=x.shipped,
                    delivered=x.delivered,
                    to_pick=x.to_pick,
                    to_pack=x.to_pack,
                    to_put_back=x.to_put_back,
                )
                for x in found.lines
            ],
            parcels=[self.parcel(x) for x in found.parcels],
        )

    def parcel(self, found: Parcel) -> ParcelView:
        """Return a parcel as the API shows it."""
        return ParcelView(
            parcel_id=found.parcel_id,
            fulfillment_id=found.fulfillment_id,
            number=found.number,
            state=found.state,
            weight_g=found.weight_g,
            box=found.box,
            carrier=found.carrier,
            tracking_number=found.tracking_number,
            tracking_url=self._tracking.url(found.carrier, found.tracking_number),
            packed_at=found.packed_at,
            shipped_at=found.shipped_at,
            delivered_at=found.delivered_at,
            lines=[
                ParcelLineView(self._lines[x.line_id].line, self._lines[x.line_id].code, x.quantity)
                for x in found.lines
            ],
        )


async def book(tx: ReadTx, order_ids: Collection[UUID]) -> Book:
    """Read what is needed to show the fulfillments of these orders: thirteen statements, whatever their number."""
    loaded = await queries.of_orders(tx, order_ids)
    found = await orders.orders(tx, order_ids)
    hanging = await orders.details(tx, order_ids)
    places, tracking = await tx.load(stock.locations(), carriers.tracking())
    read = {(x.fulfillment_id, x.note_id) for x in loaded.acknowledged}
    return Book(
        loaded.fulfillments,
        {key: x.order.number for key, x in found.items()},
        {line.line_id: line for x in found.values() for line in x.lines},
        {
            key: sum((key, note.note_id) not in read for note in hanging[x.order_id].notes if note.is_to_be_read)
            for key, x in loaded.fulfillments.items()
        },
        ({place.location_id: place.code for place in places}, tracking),
    )


async def fulfillment_rows(
    unit: Unit, outcomes: Sequence[FulfillmentId | Refusal], *, within: str = "items"
) -> list[FulfillmentRow]:
    """Answer the outcomes of a set, each with the fulfillment as it stands now."""
    async with unit.read() as tx:
        owners = await queries.orders_of(tx, fulfillment_ids=done(outcomes))
        shown = await book(tx, set(owners.values()))
    return [
        FulfillmentRow(problem=refused(unit, x, f"{within}[{i}]"))
        if isinstance(x, Refusal)
        else FulfillmentRow(shown.fulfillment(shown.fulfillments[x]))
        for i, x in enumerate(outcomes)
    ]


async def parcel_rows(unit: Unit, outcomes: Sequence[ParcelId | Refusal], *, within: str = "items") -> list[ParcelRow]:
    """Answer the outcomes of a set, each with the parcel as it stands now."""
    async with unit.read() as tx:
        owners = await queries.orders_of(tx, parcel_ids=done(outcomes))
        shown = await book(tx, set(owners.values()))
    by_id = {x.parcel_id: x for found in shown.fulfillments.values() for x in found.parcels}
    return [
        ParcelRow(problem=refused(unit, x, f"{within}[{i}]"))
        if isinstance(x, Refusal)
        else ParcelRow(shown.parcel(by_id[x]))
        for i, x in enumerate(outcomes)
    ]


async def order_rows(unit: Unit, outcomes: Sequence[OrderId | Refusal], *, within: str = "items") -> list[OrderRow]:
    """Answer the outcomes of a set, each with the fulfillments of the order as they stand now."""
    async with unit.read() as tx:
        shown = await book(tx, done(outcomes))
    return [
        OrderRow(problem=refused(unit, x, f"{within}[{i}]"))
        if isinstance(x, Refusal)
        else OrderRow([shown.fulfillment(f) for f in shown.fulfillments.values() if f.order_id == x])
        for i, x in enumerate(outcomes)
    ]


def refused(unit: Unit, refusal: Refusal, row: str) -> problems.Problem:
    """Return a refusal of one row as a problem whose field says which row: `items[3].quantity`."""
    if refusal.field is None:
        refusal.field = row
    elif not refusal.field.startswith(row):
        refusal.field = f"{row}.{refusal.field}"
    return problems.problem_of(refusal, locale=unit.locale)


def done(outcomes: Sequence[T | Refusal]) -> list[T]:
    """Return the outcomes that are no refusals."""
    return [x for x in outcomes if not isinstance(x, Refusal)]


def keyed(unit: Unit, key: str | None, number: int) -> str | None:
    """Return the key of a row: the caller's for it, else the request's and its number, else none."""
    if key is not None:
        return key
    request = unit.idempotency_key
    return None if request is None else idempotency.key_of_row(request, number)
