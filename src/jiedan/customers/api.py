"""REST of customers."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put

from jiedan.accounts import queries as accounts
from jiedan.base import once, paging
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service, values

OPERATION = "customers.create"

Short = Annotated[str, msgspec.Meta(max_length=values.NAME_CHARACTERS_MAX)]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=values.TAG_CHARACTERS_MAX)]


class CustomerBody(bodies.Body):
    """A customer to be created, or brought up to date by `external_id`; then what is not sent stays."""

    __example__: ClassVar[dict[str, Any]] = {
        "name": "王敏",
        "phone": "138 0013 8000",
        "email": "wang.min@example.com",
        "addresses": [
            {
                "country": "CN",
                "region": "上海市",
                "city": "上海市",
                "district": "黄浦区",
                "line1": "南京东路 1 号",
                "postal_code": "200001",
            }
        ],
        "tags": ["VIP"],
    }

    name: bodies.Name
    kind: values.CustomerKind | None = None
    phone: Short | None = None
    email: Short | None = None
    tax_number: Short | None = None
    external_id: bodies.Code | None = None
    locale: Short | None = None
    addresses: list[values.Address] | None = None
    tags: tuple[Tag, ...] = ()

    def draft(self) -> values.CustomerDraft:
        """Return the body as the service takes it."""
        addresses = None if self.addresses is None else tuple(self.addresses)
        return values.CustomerDraft(
            name=self.name,
            kind=self.kind,
            phone=self.phone,
            email=self.email,
            tax_number=self.tax_number,
            external_id=self.external_id,
            locale=self.locale,
            addresses=addresses,
            tags=self.tags,
        )


class CustomersBody(bodies.Body):
    """Customers to be created or brought up to date."""

    __example__: ClassVar[dict[str, Any]] = {"customers": [{**CustomerBody.__example__, "external_id": "C-1001"}]}

    customers: Annotated[list[CustomerBody], msgspec.Meta(min_length=1, max_length=values.CUSTOMERS_PER_CALL_MAX)]


class CustomerPatch(bodies.Body):
    """Fields to change; what is left out stays."""

    __example__: ClassVar[dict[str, Any]] = {"phone": "+86 138 0013 8001"}

    name: bodies.Name | None = None
    kind: values.CustomerKind | None = None
    phone: Short | None = None
    email: Short | None = None
    tax_number: Short | None = None
    locale: Short | None = None


class AddressBody(bodies.Body):
    """An address for the book."""

    __example__: ClassVar[dict[str, Any]] = {"address": CustomerBody.__example__["addresses"][0], "label": "Office"}

    address: values.Address
    label: Short = ""
    is_default: bool = False


class TagsBody(bodies.Body):
    """The tags a customer shall have."""

    __example__: ClassVar[dict[str, Any]] = {"tags": ["VIP", "wholesale"]}

    tags: list[Tag]


class NoteBody(bodies.Body):
    """A note about a customer."""

    __example__: ClassVar[dict[str, Any]] = {"text": "Prefers delivery in the evening."}

    text: bodies.Text


class ConsentBody(bodies.Body):
    """A consent given or withdrawn, and where it was said."""

    __example__: ClassVar[dict[str, Any]] = {
        "purpose": "marketing_email",
        "is_granted": True,
        "source": "Web shop checkout",
    }

    purpose: values.ConsentPurpose
    is_granted: bool
    source: bodies.Name


class MergeBody(bodies.Body):
    """The duplicate that is given up."""

    __example__: ClassVar[dict[str, Any]] = {"merged_id": "0193a000-0000-7000-8000-000000000001"}

    merged_id: UUID


class SavedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one customer of a batch: saved, or refused and why."""

    customer_id: UUID | None = None
    is_new: bool = False
    version: int | None = None
    problem: Problem | None = None


class MergedView(msgspec.Struct, frozen=True):
    """A duplicate and its survivor."""

    survivor_id: UUID
    merged_id: UUID


class ConsentView(msgspec.Struct, frozen=True):
    """The last word on one purpose."""

    purpose: str
    is_granted: bool
    recorded_at: datetime


class ContactView(msgspec.Struct, frozen=True):
    """A further phone or e-mail, of a duplicate that was merged into this customer."""

    kind: values.ContactKind
    value: str


class CustomerView(msgspec.Struct, frozen=True):
    """A customer whole."""

    customer_id: UUID
    kind: str
    name: str
    phone: str
    email: str
    tax_number: str
    external_id: str | None
    locale: str
    merged_into: UUID | None
    created_at: datetime
    version: int
    addresses: list[values.BookAddress]
    contacts: list[ContactView]
    tags: list[str]
    notes: list[values.Note]
    consents: list[ConsentView]


def _view(customer: values.Customer) -> CustomerView:
    return CustomerView(
        customer_id=customer.customer_id,
        kind=customer.kind,
        name=customer.name,
        phone=customer.phone,
        email=customer.email,
        tax_number=customer.tax_number,
        external_id=customer.external_id,
        locale=customer.locale,
        merged_into=customer.merged_into,
        created_at=customer.created_at,
        version=customer.version,
        addresses=list(customer.addresses),
        contacts=[ContactView(*contact) for contact in customer.contacts],
        tags=list(customer.tags),
        notes=list(customer.notes),
        consents=[ConsentView(*consent) for consent in customer.consents],
    )


async def _shown(unit: Unit, customer_id: UUID) -> Response[CustomerView]:
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
    return answers.versioned(_view(customer), customer.version)


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
async def get_customer(unit: Unit, customer_id: UUID) -> Response[CustomerView]:
    """Return one customer whole; a merged one names its survivor."""
    return await _shown(unit, customer_id)


@post("/customers", permission="customers:write", idempotent=True, summary="Create a customer")
async def create_customer(unit: Unit, data: CustomerBody) -> Response[CustomerView]:
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
    return answers.created(_view(customer), f"/api/v1/customers/{customer_id}", version=customer.version)


def _alone(refusal: Refusal) -> Refusal:
    """Return what the only row of a set was refused for, with fields as they stand in the body."""
    for reason in refusal.reasons if isinstance(refusal, Rejections) else (refusal,):
        reason.field = reason.field and reason.field.removeprefix("customers[0].")
    return refusal


@post("/customers/batch", permission="customers:write", status_code=200, summary="Create or update many customers")
async def upsert_customers(unit: Unit, data: CustomersBody) -> list[SavedView]:
    """Save many customers; one outcome each, in order. With external ids, sending them twice changes nothing more."""
    drafts = [body.draft() for body in data.customers]
    outcomes = await unit.write(lambda tx: _upsert(tx, drafts))
    return [
        SavedView(problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else SavedView(outcome.customer_id, outcome.is_new, outcome.version)
        for outcome in outcomes
    ]


@patch("/customers/{customer_id:uuid}", permission="customers:write", versioned=True, summary="Change a customer")
async def change_customer(unit: Unit, customer_id: UUID, data: CustomerPatch) -> Response[CustomerView]:
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
    return await _shown(unit, customer_id)


@post(
    "/customers/{customer_id:uuid}/addresses", permission="customers:write", idempotent=True, summary="Add an address"
)
async def add_address(unit: Unit, customer_id: UUID, data: AddressBody) -> Response[CustomerView]:
    """Put an address into the customer's book."""
    key = unit.idempotency_key
    await unit.write(
        lambda tx: service.add_address(
            tx, customer_id=customer_id, address=data.address, label=data.label, is_default=data.is_default, key=key
        )
    )
    shown = await _shown(unit, customer_id)
    shown.status_code = 201
    return shown


@delete(
    "/customers/{customer_id:uuid}/addresses/{address_id:uuid}",
    permission="customers:write",
    summary="Remove an address",
)
async def remove_address(unit: Unit, customer_id: UUID, address_id: UUID) -> None:
    """Take an address out of the customer's book."""
    await unit.write(lambda tx: service.remove_address(tx, customer_id=customer_id, address_id=address_id))


@put("/customers/{customer_id:uuid}/tags", permission="customers:write", summary="Set the tags")
async def set_tags(unit: Unit, customer_id: UUID, data: TagsBody) -> Response[CustomerView]:
    """Make the customer's tags exactly these."""
    await unit.write(lambda tx: service.set_tags(tx, customer_id=customer_id, tags=data.tags))
    return await _shown(unit, customer_id)


@post("/customers/{customer_id:uuid}/notes", permission="customers:write", idempotent=True, summary="Write a note")
async def add_note(unit: Unit, customer_id: UUID, data: NoteBody) -> Response[CustomerView]:
    """Write a note about the customer."""
    key = unit.idempotency_key
    await unit.write(lambda tx: service.add_note(tx, customer_id=customer_id, text=data.text, key=key))
    shown = await _shown(unit, customer_id)
    shown.status_code = 201
    return shown


@post(
    "/customers/{customer_id:uuid}/consents", permission="customers:write", idempotent=True, summary="Record a consent"
)
async def record_consent(unit: Unit, customer_id: UUID, data: ConsentBody) -> Response[CustomerView]:
    """Record a consent given or withdrawn; earlier records stay as proof."""
    key = unit.idempotency_key
    await unit.write(
        lambda tx: service.record_consent(
            tx, customer_id=customer_id, purpose=data.purpose, is_granted=data.is_granted, source=data.source, key=key
        )
    )
    shown = await _shown(unit, customer_id)
    shown.status_code = 201
    return shown


@get("/customers/{customer_id:uuid}/duplicates", permission="customers:read", summary="List possible duplicates")
async def list_duplicates(unit: Unit, customer_id: UUID) -> list[values.CustomerBrief]:
    """Return other customers with the same phone or e-mail."""
    async with unit.read() as tx:
        await queries.customer(tx, customer_id)
        return await queries.possible_duplicates(tx, customer_id)


@post(
    "/customers/{customer_id:uuid}/merges",
    permission="customers:merge",
    status_code=200,
    summary="Merge a duplicate into this customer",
)
async def merge_customers(unit: Unit, customer_id: UUID, data: MergeBody) -> MergedView:
    """Give up a duplicate; its id keeps resolving, and the merge can be undone for 30 days."""
    merged = await unit.write(lambda tx: service.merge_customers(tx, survivor_id=customer_id, merged_id=data.merged_id))
    return MergedView(*merged)


@delete(
    "/customers/{customer_id:uuid}/merges/{merged_id:uuid}",
    permission="customers:merge",
    status_code=200,
    summary="Undo a merge",
)
async def undo_merge(unit: Unit, customer_id: UUID, merged_id: UUID) -> MergedView:
    """Make a merged duplicate a customer of its own again."""
    merged = await unit.write(lambda tx: service.undo_merge(tx, survivor_id=customer_id, merged_id=merged_id))
    return MergedView(*merged)


ROUTER = routing.api(
    "Customers",
    [
        list_customers,
        get_customer,
        create_customer,
        upsert_customers,
        change_customer,
        add_address,
        remove_address,
        set_tags,
        add_note,
        record_consent,
        list_duplicates,
        merge_customers,
        undo_merge,
    ],
)
