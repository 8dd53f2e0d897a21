"""REST of duplicates: find, merge, part again."""

from uuid import UUID

from litestar import delete, get, post

from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service, values
from jiedan.customers.api import shapes


@get("/customers/{customer_id:uuid}/duplicates", permission="customers:read", summary="List possible duplicates")
async def list_duplicates(unit: Unit, customer_id: UUID) -> list[values.CustomerBrief]:
    """Return other customers with the same phone or e-mail."""
    async with unit.read() as tx:
        return await queries.possible_duplicates(tx, customer_id)


@post(
    "/customers/{customer_id:uuid}/merges",
    permission="customers:merge",
    idempotent=True,
    status_code=200,
    summary="Merge a duplicate into this customer",
)
async def merge_customers(unit: Unit, customer_id: UUID, data: shapes.MergeBody) -> shapes.MergedView:
    """Give up a duplicate; its id keeps resolving, and the merge can be undone for 30 days."""
    key = unit.idempotency_key
    merged = await unit.write(
        lambda tx: service.merge_customers(tx, survivor_id=customer_id, merged_id=data.merged_id, key=key)
    )
    return shapes.MergedView(*merged)


@delete(
    "/customers/{customer_id:uuid}/merges/{merged_id:uuid}",
    permission="customers:merge",
    status_code=200,
    summary="Undo a merge",
)
async def undo_merge(unit: Unit, customer_id: UUID, merged_id: UUID) -> shapes.MergedView:
    """Make a merged duplicate a customer of its own again."""
    merged = await unit.write(lambda tx: service.undo_merge(tx, survivor_id=customer_id, merged_id=merged_id))
    return shapes.MergedView(*merged)


HANDLERS = (list_duplicates, merge_customers, undo_merge)
