"""REST of saved drafts: orders being written, and placing them."""

from typing import Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put

from jiedan.base import paging
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.orders import queries, service
from jiedan.orders.api import tries
from jiedan.orders.api.placement import require_rights
from jiedan.orders.values import NewOrder, Placed, SavedDraft


class DraftBody(bodies.Body):
    """What an order has so far: the fields of a new order, as many as are known."""

    __example__: ClassVar[dict[str, Any]] = {
        "data": {"lines": [{"sku": "TEA-250", "quantity": 2}], "contact": {"name": "李雷"}}
    }

    data: dict[str, Any]


@post("/order-drafts", permission="orders:write", idempotent=True, also=[404], summary="Save a draft")
async def save_draft(unit: Unit, data: DraftBody) -> Response[SavedDraft]:
    """Save a draft."""
    draft = await unit.write(
        lambda tx: service.save_draft(tx, data=data.data, caller=unit.principal.caller, key=unit.idempotency_key)
    )
    return answers.created(draft, f"/api/v1/order-drafts/{draft.draft_id}", version=draft.version)


@get("/order-drafts", permission="orders:read", summary="List saved drafts")
async def list_drafts(
    unit: Unit, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[SavedDraft]]:
    """List the drafts that are not orders yet, last changed first."""
    request = unit.page("order-drafts", filters={}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.open_drafts(tx, request=request)
    return answers.listing(unit, page)


@get("/order-drafts/{draft_id:uuid}", permission="orders:read", summary="Get a saved draft")
async def get_draft(unit: Unit, draft_id: UUID) -> Response[SavedDraft]:
    """Get a draft."""
    async with unit.read() as tx:
        draft = await queries.draft(tx, draft_id)
    return answers.versioned(draft, draft.version)


@put("/order-drafts/{draft_id:uuid}", permission="orders:write", versioned=True, summary="Change a saved draft")
async def change_draft(unit: Unit, draft_id: UUID, data: DraftBody) -> Response[SavedDraft]:
    """Replace what a draft says."""
    draft = await unit.write(
        lambda tx: service.change_draft(tx, draft_id=draft_id, data=data.data, expected_version=unit.if_match)
    )
    return answers.versioned(draft, draft.version)


@delete("/order-drafts/{draft_id:uuid}", permission="orders:write", versioned=True, summary="Discard a saved draft")
async def discard_draft(unit: Unit, draft_id: UUID) -> None:
    """Throw a draft away; it can be taken back for a day."""
    await unit.write(lambda tx: service.discard_draft(tx, draft_id=draft_id, expected_version=unit.if_match))


@post(
    "/order-drafts/{draft_id:uuid}/restoration",
    permission="orders:write",
    status_code=200,
    summary="Take back a discarded draft",
)
async def restore_draft(unit: Unit, draft_id: UUID) -> Response[SavedDraft]:
    """Take back a draft that was thrown away within the last day; one that was not stays as it is."""
    draft = await unit.write(lambda tx: service.restore_draft(tx, draft_id=draft_id))
    return answers.versioned(draft, draft.version)


@post("/order-drafts/{draft_id:uuid}/placement", permission="orders:write", again=200, summary="Place a saved draft")
async def place_draft(unit: Unit, draft_id: UUID) -> Response[Placed]:
    """Make a draft into an order, once: 201 when it is new, 200 when that had happened before."""

    def read(draft: SavedDraft) -> NewOrder:
        body: NewOrder = bodies.decode(msgspec.json.encode(draft.data), NewOrder)
        require_rights(unit, body)
        return body

    placed, is_new = await service.place_draft(
        unit.part(service.OrderDesk),
        draft_id=draft_id,
        credential_id=unit.principal.credential_id,
        tries=tries.of(unit),
        read=read,
    )
    headers = {"Location": f"/api/v1/orders/{placed.order_id}"}
    return Response(placed, status_code=201 if is_new else 200, headers=headers)


HANDLERS: list[Any] = [save_draft, list_drafts, get_draft, change_draft, discard_draft, restore_draft, place_draft]
