"""REST of what is kept about a customer: addresses, tags, notes, consents."""

from uuid import UUID

from litestar import Response, delete, post, put

from jiedan.base.web.unit import Unit
from jiedan.customers import service
from jiedan.customers.api import shapes


@post(
    "/customers/{customer_id:uuid}/addresses", permission="customers:write", idempotent=True, summary="Add an address"
)
async def add_address(unit: Unit, customer_id: UUID, data: shapes.AddressBody) -> Response[shapes.CustomerView]:
    """Put an address into the customer's book."""
    key = unit.idempotency_key
    await unit.write(
        lambda tx: service.add_address(
            tx, customer_id=customer_id, address=data.address, label=data.label, is_default=data.is_default, key=key
        )
    )
    answer = await shapes.shown(unit, customer_id)
    answer.status_code = 201
    return answer


@delete(
    "/customers/{customer_id:uuid}/addresses/{address_id:uuid}",
    permission="customers:write",
    summary="Remove an address",
)
async def remove_address(unit: Unit, customer_id: UUID, address_id: UUID) -> None:
    """Take an address out of the customer's book."""
    await unit.write(lambda tx: service.remove_address(tx, customer_id=customer_id, address_id=address_id))


@put("/customers/{customer_id:uuid}/tags", permission="customers:write", summary="Set the tags")
async def set_tags(unit: Unit, customer_id: UUID, data: shapes.TagsBody) -> Response[shapes.CustomerView]:
    """Make the customer's tags exactly these."""
    await unit.write(lambda tx: service.set_tags(tx, customer_id=customer_id, tags=data.tags))
    return await shapes.shown(unit, customer_id)


@post("/customers/{customer_id:uuid}/notes", permission="customers:write", idempotent=True, summary="Write a note")
async def add_note(unit: Unit, customer_id: UUID, data: shapes.NoteBody) -> Response[shapes.CustomerView]:
    """Write a note about the customer."""
    key = unit.idempotency_key
    await unit.write(lambda tx: service.add_note(tx, customer_id=customer_id, text=data.text, key=key))
    answer = await shapes.shown(unit, customer_id)
    answer.status_code = 201
    return answer


@post(
    "/customers/{customer_id:uuid}/consents", permission="customers:write", idempotent=True, summary="Record a consent"
)
async def record_consent(unit: Unit, customer_id: UUID, data: shapes.ConsentBody) -> Response[shapes.CustomerView]:
    """Record a consent given or withdrawn; earlier records stay as proof."""
    key = unit.idempotency_key
    await unit.write(
        lambda tx: service.record_consent(
            tx, customer_id=customer_id, purpose=data.purpose, is_granted=data.is_granted, source=data.source, key=key
        )
    )
    answer = await shapes.shown(unit, customer_id)
    answer.status_code = 201
    return answer


HANDLERS = (add_address, remove_address, set_tags, add_note, record_consent)
