"""REST of customers: list, get, create, change."""

from uuid import UUID

from litestar import Response, get, patch, post

from jiedan.accounts import queries as accounts
from jiedan.base import once, paging
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import problem_of
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service, values
from jiedan.customers.api import shapes

OPERATION = "customers.create"


async def _upsert(tx: Tx, drafts: list[values.CustomerDraft]) -> list[values.Saved | Refusal]:
    settings = await tx.load_one(accounts.settings())
    return list(await service.upsert_customers(tx, customers=drafts, country=settings.country))


@get("/customers", permission="customers:read", summary="List and search customers")
async def list_customers(
    unit: Unit, q: str | None = None, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[values.CustomerRow]]:
    """Return customers, newest first; `q` finds by name, pinyin, phone or its tail, e-mail, ids, tags, address, notes.

    A search that is too broad says so in `Jiedan-Search-Capped`.
    """
    request = unit.page("customers", filters={"q": q}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        matches = await queries.matching_customers(tx, text=q) if q else None
        page = await queries.customer_rows(tx, request=request, among=matches.customer_ids if matches else None)
    looked_at = len(matches.customer_ids) if matches and matches.is_capped else None
    return answers.capped(answers.listing(unit, page), looked_at)


@get("/customers/{customer_id:uuid}", permission="customers:read", summary="Get a customer")
async def get_customer(unit: Unit, customer_id: UUID) -> Response[shapes.CustomerView]:
    """Return one customer whole; a merged one names its survivor."""
    return await shapes.shown(unit, customer_id)


@post("/customers", permission="customers:write", idempotent=True, summary="Create a customer")
async def create_customer(unit: Unit, data: shapes.CustomerBody) -> Response[shapes.CustomerView]:
    """Create a customer, or bring up to date the one with the same external id."""
    key = unit.idempotency_key

    async def work(tx: Tx) -> UUID:
        async def make() -> UUID:
            (outcome,) = await _upsert(tx, [data.draft()])
            if isinstance(outcome, Refusal):
                raise _alone(outcome)
            return outcome.customer_id

        return await once.created(tx, operation=OPERATION, key=key, body=data, make=make)

    customer_id = await unit.write(work)
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
    return answers.created(shapes.view(customer), f"/api/v1/customers/{customer_id}", version=customer.version)


def _alone(refusal: Refusal) -> Refusal:
    """Return what the only row of a set was refused for, with fields as they stand in the body."""
    for reason in refusal.reasons if isinstance(refusal, Rejections) else (refusal,):
        reason.field = reason.field and reason.field.removeprefix("customers[0].")
    return refusal


@post("/customers/batch", permission="customers:write", status_code=200, summary="Create or update many customers")
async def upsert_customers(unit: Unit, data: shapes.CustomersBody) -> list[shapes.SavedView]:
    """Save many customers; one outcome each, in order. With external ids, sending them twice changes nothing more."""
    drafts = [body.draft() for body in data.customers]
    outcomes = await unit.write(lambda tx: _upsert(tx, drafts))
    return [
        shapes.SavedView(problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else shapes.SavedView(outcome.customer_id, outcome.is_new, outcome.version)
        for outcome in outcomes
    ]


@patch("/customers/{customer_id:uuid}", permission="customers:write", versioned=True, summary="Change a customer")
async def change_customer(unit: Unit, customer_id: UUID, data: shapes.CustomerPatch) -> Response[shapes.CustomerView]:
    """Change plain fields; with `If-Match` only if nobody changed the customer meanwhile."""
    edit = values.CustomerEdit(
        customer_id, unit.if_match, data.name, data.kind, data.phone, data.email, data.tax_number, data.locale
    )

    async def work(tx: Tx) -> None:
        settings = await tx.load_one(accounts.settings())
        (outcome,) = await service.edit_customers(tx, edits=[edit], country=settings.country)
        if isinstance(outcome, Refusal):
            raise _alone(outcome)

    await unit.write(work)
    return await shapes.shown(unit, customer_id)


HANDLERS = (list_customers, get_customer, create_customer, upsert_customers, change_customer)
