"""REST of customers: list, get, create, change."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get, patch, post

from jiedan.accounts import queries as accounts
from jiedan.base import idempotency, once, paging
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import problem_of
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, rules, service, values
from jiedan.customers.api import shapes


async def _upsert(tx: Tx, wishes: Sequence[tuple[values.CustomerDraft, str | None]]) -> list[values.Saved | Refusal]:
    """Save drafts, each under its key if it has one."""
    settings = await tx.load_one(accounts.settings())
    return await service.upsert_customers(
        tx,
        customers=[draft for draft, _ in wishes],
        country=settings.country,
        keys=[key for _, key in wishes],
    )


@get("/customers", permission="customers:read", summary="List and search customers")
async def list_customers(
    unit: Unit,
    *,
    q: str | None = None,
    tag: str | None = None,
    group: str | None = None,
    consent: values.ConsentPurpose | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[values.CustomerRow]]:
    """Return customers, newest first; `q` finds by name, pinyin, phone or its tail, e-mail, ids, tags, address, notes.

    `tag` leaves those who have it, `group` those who are in the one with this code, `consent` those who gave it and did
    not withdraw it. A search, or two filters at
    once, that is too broad says so in `Jiedan-Search-Capped`.
    """
    filters = {"q": q, "tag": tag, "group": group, "consent": consent}
    request = unit.page("customers", filters=filters, limit=limit, cursor=cursor)
    having = rules.terms_wanted(tag=tag, group=group, consent=consent)
    async with unit.read() as tx:
        if q or len(having) > 1:
            matches = await queries.matching_customers(tx, text=q or None, having=having)
            page = await queries.customer_rows(tx, request=request, among=matches.customer_ids)
        else:
            matches = None
            page = await queries.customer_rows(tx, request=request, term=next(iter(having), None))
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
        (outcome,) = await _upsert(tx, [(data.draft(), key)])
        if isinstance(outcome, Refusal):
            raise _alone(outcome)
        return outcome.customer_id

    customer_id = await unit.write(work)
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
    return answers.created(shapes.view(customer), f"/api/v1/customers/{customer_id}", version=customer.version)


def _alone(refusal: Refusal) -> Refusal:
    """Return what the only row of a set was refused for, with fields as they stand in the request."""
    if isinstance(refusal, idempotency.KeyReused):
        refusal.field = once.HEADER
    for reason in reasons_of(refusal):
        reason.field = reason.field and reason.field.removeprefix("customers[0].")
    return refusal


@post("/customers/batch", permission="customers:write", status_code=200, summary="Create or update many customers")
async def upsert_customers(unit: Unit, data: shapes.CustomersBody) -> list[shapes.SavedView]:
    """Save many customers; one outcome each, in order.

    With external ids, or under a `key` each, sending them twice changes nothing more.
    """
    for i, body in enumerate(data.customers):
        if body.key is not None:
            idempotency.check_key(body.key, field=f"customers[{i}].key")
    wishes = [(body.draft(), body.key) for body in data.customers]
    outcomes = await unit.write(lambda tx: _upsert(tx, wishes))
    return [
        shapes.SavedView(problem=problem_of(_placed(outcome, i), locale=unit.locale))
        if isinstance(outcome, Refusal)
        else shapes.SavedView(outcome.customer_id, outcome.is_new, outcome.version)
        for i, outcome in enumerate(outcomes)
    ]


def _placed(refusal: Refusal, place: int) -> Refusal:
    """Return what a row of a set was refused for; a key is refused without knowing where it stood."""
    if isinstance(refusal, idempotency.KeyReused):
        refusal.field = f"customers[{place}].key"
    return refusal


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
