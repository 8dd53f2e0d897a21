"""REST of erasures: see what one would do, begin it, follow it."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import errors
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.privacy import queries, service
from jiedan.privacy.values import PERMISSION, Erasure, Status


class ErasureBody(bodies.Body):
    """The confirmation of what cannot be taken back: the text that the preview calls `confirm_with`."""

    __example__: ClassVar[dict[str, Any]] = {"confirmation": "Wang Min"}

    confirmation: Annotated[str, msgspec.Meta(min_length=1, max_length=bodies.TEXT_LENGTH_MAX)]


class GuestErasureBody(bodies.Body):
    """The address that a guest ordered with; naming it confirms what cannot be taken back."""

    __example__: ClassVar[dict[str, Any]] = {"email": "wang.min@example.com"}

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=bodies.TEXT_LENGTH_MAX)]


class ErasurePreviewView(msgspec.Struct, frozen=True):
    """What an erasure would do: everything counted here goes, but the orders, which stay without the person.

    `problem` is what stands in the way, None where nothing does; `is_told` whether there is an address for a last mail.
    """

    customer_id: UUID
    confirm_with: str
    is_told: bool
    orders: int
    addresses: int
    contacts: int
    notes: int
    tags: int
    duplicates: int
    accounts: int
    sessions: int
    carts: int
    drafts: int
    problem: Problem | None


class ErasureView(msgspec.Struct, frozen=True):
    """An erasure: the last mail is on its way (`telling`), data go (`erasing`), or nothing is left (`done`)."""

    erasure_id: UUID
    customer_id: UUID
    status: Status
    orders_total: int
    orders_done: int
    begun_at: datetime
    done_at: datetime | None


@get(
    "/customers/{customer_id:uuid}/erasure-preview",
    permission=PERMISSION,
    also=[409],
    summary="See what erasing a customer would do",
)
async def preview_erasure(unit: Unit, customer_id: UUID) -> ErasurePreviewView:
    """Return what would be erased, what stays, and all that stands in the way."""
    async with unit.read() as tx:
        preview = await queries.preview(tx, customer_id, await queries.known_as(tx, customer_id))
    problem = problem_of(errors.one_of(preview.refusals), locale=unit.locale) if preview.refusals else None
    return ErasurePreviewView(
        customer_id=preview.customer_id,
        confirm_with=preview.name,
        is_told=preview.is_told,
        **preview.kept._asdict(),
        problem=problem,
    )


@post(
    "/customers/{customer_id:uuid}/erasure",
    permission=PERMISSION,
    status_code=202,
    idempotent=True,
    summary="Erase a customer's personal data",
)
async def begin_erasure(unit: Unit, customer_id: UUID, data: ErasureBody) -> Response[ErasureView]:
    """Close a customer for ever and erase what is known of them, in the worker; this cannot be taken back.

    They are told by a last mail first. Orders, amounts and tax stay, without the person. Refused, with every reason,
    while orders are open, money is owed or cases are open.
    """
    key = unit.idempotency_key
    erasure = await unit.write(
        lambda tx: service.begin_erasure(tx, customer_id=customer_id, confirmation=data.confirmation, key=key)
    )
    return _begun(erasure)


@post(
    "/guest-erasures",
    permission=PERMISSION,
    status_code=202,
    idempotent=True,
    summary="Erase a guest's personal data",
)
async def begin_guest_erasure(unit: Unit, data: GuestErasureBody) -> Response[ErasureView]:
    """Give every order that was placed without a customer with this address to a new one, and erase that.

    From there on it is the erasure of that customer, in the worker, and is followed as one. Refused, with every reason
    and nothing changed, as that of a customer is; also where no guest ordered with the address, or more than 1,000
    orders have it.
    """
    key = unit.idempotency_key
    erasure = await unit.write(
        lambda tx: service.begin_guest_erasure(tx, email=data.email, confirmation=data.email, key=key)
    )
    return _begun(erasure)


@get("/customers/{customer_id:uuid}/erasure", permission=PERMISSION, summary="Get the erasure of a customer")
async def get_erasure(unit: Unit, customer_id: UUID) -> ErasureView:
    """Return how far the erasure of a customer is."""
    async with unit.read() as tx:
        return _shown(await queries.erasure_of(tx, customer_id))


def _begun(erasure: Erasure) -> Response[ErasureView]:
    return answers.accepted(_shown(erasure), f"/api/v1/customers/{erasure.customer_id}/erasure")


def _shown(erasure: Erasure) -> ErasureView:
    return ErasureView(
        erasure_id=erasure.erasure_id,
        customer_id=erasure.customer_id,
        status=erasure.status,
        orders_total=erasure.orders_total,
        orders_done=erasure.orders_done,
        begun_at=erasure.begun_at,
        done_at=erasure.done_at,
    )


ROUTER = routing.api("Customers", [preview_erasure, begin_erasure, get_erasure, begin_guest_erasure])
