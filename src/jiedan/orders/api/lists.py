"""REST of lists: orders by any filters, and filters under a name."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import QueryParameter

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.orders import errors, queries, service
from jiedan.orders.rules import assigning, ranges
from jiedan.orders.values import (
    CustomerStatus,
    FulfillmentStatus,
    Lifecycle,
    MerchantStatus,
    PaymentStatus,
)
from jiedan.orders.values.lists import (
    AS_EVERYWHERE,
    BUILT_IN_VIEWS,
    LIST_NAME,
    Layout,
    OrderFilter,
    OrderRow,
    Period,
    SavedView,
    given,
)

Position = Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class CountShown(msgspec.Struct, frozen=True):
    """How many; with `is_capped` there are at least so many."""

    value: int
    is_capped: bool


class OrderListing(msgspec.Struct, frozen=True):
    """A page of orders; `count` is how many fit in all."""

    items: list[OrderRow]
    next: str | None
    previous: str | None
    count: CountShown


class ViewBody(bodies.Body):
    """A view: filters of the list of orders under a name, and how the console shows it."""

    __example__: ClassVar[dict[str, Any]] = {
        "name": "Unpaid today",
        "filters": {"payment": ["pending"], "period": "today"},
        "is_shared": True,
        "layout": {"columns": ["placed", "customer", "payment", "total"], "sort": "oldest", "density": "compact"},
    }

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
    filters: OrderFilter
    is_shared: bool = False
    position: Position = 0
    layout: Layout = AS_EVERYWHERE


class ViewShown(msgspec.Struct, frozen=True):
    """A view; `view` is what `GET /orders?view=` takes. What every merchant has is `built_in`, without a version."""

    view: str
    name: str
    filters: OrderFilter
    is_shared: bool
    built_in: bool
    position: int
    version: int | None
    layout: Layout = AS_EVERYWHERE


@get("/orders", permission="orders:read", also=[404], summary="List orders")
async def list_orders(
    unit: Unit,
    *,
    view: str | None = None,
    q: str | None = None,
    lifecycle: list[Lifecycle] | None = None,
    payment: list[PaymentStatus] | None = None,
    fulfillment: list[FulfillmentStatus] | None = None,
    merchant_status: Annotated[MerchantStatus | None, QueryParameter(name="status")] = None,
    customer_status: CustomerStatus | None = None,
    channel: str | None = None,
    customer_id: UUID | None = None,
    sku: str | None = None,
    tag: str | None = None,
    hold: str | None = None,
    held: bool | None = None,
    waiting: bool | None = None,
    late: bool | None = None,
    assignee: str | None = None,
    location: str | None = None,
    shipping_method: str | None = None,
    period: Period | None = None,
    placed_from: date | None = None,
    placed_to: date | None = None,
    currency: str | None = None,
    total_min: int | None = None,
    total_max: int | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[OrderListing]:
    """List orders, newest first, by any filters at once; those of `view` hold where none of the same name is given.

    A page looks at a thousand orders at most: where few of them fit, it is short and still has a `next` one.
    """
    asked = {
        "q": q,
        "lifecycle": lifecycle,
        "payment": payment,
        "fulfillment": fulfillment,
        "status": merchant_status,
        "customer_status": customer_status,
        "channel": channel,
        "customer_id": customer_id,
        "sku": sku,
        "tag": tag,
        "hold": hold,
        "held": held,
        "waiting": waiting,
        "late": late,
        "assignee": assignee,
        "location": location,
        "shipping_method": shipping_method,
        "period": period,
        "placed_from": placed_from,
        "placed_to": placed_to,
        "currency": currency,
        "total_min": total_min,
        "total_max": total_max,
    }
    return await _listed(unit, view, asked, limit=limit, cursor=cursor)


async def _listed(
    unit: Unit, view: str | None, asked: dict[str, Any], *, limit: int, cursor: str | None
) -> Response[OrderListing]:
    async with unit.read() as tx:
        filters = await _filters(tx, unit, view, asked)
        request = unit.page(LIST_NAME, filters=given(filters), limit=limit, cursor=cursor)
        whose = assigning.own(unit.principal.actor)
        (criteria,) = await queries.criteria_of(tx, [filters], time_zone=unit.principal.time_zone, me=whose)
        page = await queries.order_rows(tx, request=request, criteria=criteria)
        (count,) = await queries.order_counts(tx, [criteria])
    shown = answers.listing(unit, page)
    return Response(OrderListing(page.items, page.next, page.previous, CountShown(*count)), headers=shown.headers)


async def _filters(tx: ReadTx, unit: Unit, view: str | None, asked: dict[str, Any]) -> OrderFilter:
    base = {} if view is None else given(await _filters_of_view(tx, unit, view))
    try:
        filters = msgspec.convert({**base, **{k: v for k, v in asked.items() if v is not None}}, OrderFilter)
    except msgspec.ValidationError as error:
        raise bodies.refusal_of(error) from error
    ranges.check(filters)
    return filters


async def _filters_of_view(tx: ReadTx, unit: Unit, view: str) -> OrderFilter:
    if view in BUILT_IN_VIEWS:
        return BUILT_IN_VIEWS[view].filters
    try:
        view_id = UUID(view)
    except ValueError as error:
        raise errors.ViewNotFound(view, field="view") from error
    return (await queries.view(tx, view_id, owner_id=owner_of(unit))).filters


def owner_of(unit: Unit) -> UUID:
    """Return whose views are one's own: the staff account's or API key's id."""
    return UUID(unit.principal.actor.id)


@get("/order-views", permission="orders:read", summary="List views of orders")
async def list_views(unit: Unit) -> list[ViewShown]:
    """List the views: those every merchant has, those everybody shares, and one's own."""
    async with unit.read() as tx:
        saved = await queries.views(tx, owner_id=owner_of(unit))
    built_in = [
        ViewShown(
            view=key,
            name=i18n.gettext(unit.locale, view.label),
            filters=view.filters,
            is_shared=True,
            built_in=True,
            position=0,
            version=None,
        )
        for key, view in BUILT_IN_VIEWS.items()
    ]
    return built_in + _shown(saved)


@post("/order-views", permission="orders:read", idempotent=True, also=[404], summary="Save a view of orders")
async def save_view(unit: Unit, data: ViewBody) -> Response[ViewShown]:
    """Save filters under a name, for oneself or, with the right to edit orders, for everybody."""
    key = unit.idempotency_key
    saved = await unit.write(
        lambda tx: service.save_view(
            tx, view=_new(data), owner_id=owner_of(unit), may_share=unit.may(service.SHARE_PERMISSION), key=key
        )
    )
    (shown,) = _shown([saved])
    return answers.created(shown, f"/api/v1/order-views/{saved.view_id}", version=saved.version)


@get("/order-views/{view_id:uuid}", permission="orders:read", summary="Get a view of orders")
async def get_view(unit: Unit, view_id: UUID) -> Response[ViewShown]:
    """Return one saved view."""
    async with unit.read() as tx:
        saved = await queries.view(tx, view_id, owner_id=owner_of(unit))
    (shown,) = _shown([saved])
    return answers.versioned(shown, saved.version)


@put("/order-views/{view_id:uuid}", permission="orders:read", versioned=True, summary="Change a view of orders")
async def change_view(unit: Unit, view_id: UUID, data: ViewBody) -> Response[ViewShown]:
    """Replace name, filters, sharing and layout of a saved view."""
    version = unit.if_match
    saved = await unit.write(
        lambda tx: service.change_view(
            tx,
            view_id=view_id,
            view=_new(data),
            owner_id=owner_of(unit),
            may_share=unit.may(service.SHARE_PERMISSION),
            version=version,
        )
    )
    (shown,) = _shown([saved])
    return answers.versioned(shown, saved.version)


@delete("/order-views/{view_id:uuid}", permission="orders:read", versioned=True, summary="Remove a view of orders")
async def remove_view(unit: Unit, view_id: UUID) -> None:
    """Remove a saved view."""
    version = unit.if_match
    await unit.write(
        lambda tx: service.remove_view(
            tx,
            view_id=view_id,
            owner_id=owner_of(unit),
            may_share=unit.may(service.SHARE_PERMISSION),
            version=version,
        )
    )


def _new(data: ViewBody) -> service.NewView:
    return service.NewView(data.name, data.filters, data.is_shared, data.position, data.layout)


def _shown(saved: Sequence[SavedView]) -> list[ViewShown]:
    return [
        ViewShown(
            view=str(view.view_id),
            name=view.name,
            filters=view.filters,
            is_shared=view.is_shared,
            built_in=False,
            position=view.position,
            version=view.version,
            layout=view.layout,
        )
        for view in saved
    ]


HANDLERS: list[Any] = [list_orders, list_views, save_view, get_view, change_view, remove_view]
