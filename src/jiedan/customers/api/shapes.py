"""What callers send and get about customers."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response

from jiedan.base import idempotency
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, values

Short = Annotated[str, msgspec.Meta(max_length=values.NAME_CHARACTERS_MAX)]
GroupCode = Annotated[
    str, msgspec.Meta(min_length=1, max_length=values.GROUP_CODE_CHARACTERS_MAX, pattern=r"^\S(.*\S)?$")
]
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
    groups: Annotated[tuple[GroupCode, ...], msgspec.Meta(max_length=values.GROUPS_MAX)] = ()

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
            groups=self.groups,
        )


class KeyedCustomerBody(CustomerBody, kw_only=True):
    """A customer of a batch; the same `key` with the same content creates one customer, however often it is sent."""

    __example__: ClassVar[dict[str, Any]] = {**CustomerBody.__example__, "external_id": "C-1001"}

    key: Annotated[str, msgspec.Meta(max_length=idempotency.KEY_CHARACTERS_MAX)] | None = None


class CustomersBody(bodies.Body):
    """Customers to be created or brought up to date."""

    __example__: ClassVar[dict[str, Any]] = {"customers": [KeyedCustomerBody.__example__]}

    customers: Annotated[list[KeyedCustomerBody], msgspec.Meta(min_length=1, max_length=values.CUSTOMERS_PER_CALL_MAX)]


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


class GroupNameView(msgspec.Struct, frozen=True):
    """A group that a customer is in."""

    group_id: UUID
    code: str
    name: str


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
    erasing_since: datetime | None
    erased_at: datetime | None
    addresses: list[values.BookAddress]
    contacts: list[ContactView]
    tags: list[str]
    groups: list[GroupNameView]
    notes: list[values.Note]
    consents: list[ConsentView]


def view(customer: values.Customer) -> CustomerView:
    """Return a customer as the API shows one."""
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
        erasing_since=customer.erasing_since,
        erased_at=customer.erased_at,
        addresses=list(customer.addresses),
        contacts=[ContactView(*contact) for contact in customer.contacts],
        tags=list(customer.tags),
        groups=[GroupNameView(*group) for group in customer.groups],
        notes=list(customer.notes),
        consents=[ConsentView(*consent) for consent in customer.consents],
    )


async def shown(unit: Unit, customer_id: UUID) -> Response[CustomerView]:
    """Answer with a customer as it is now."""
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
    return answers.versioned(view(customer), customer.version)
