"""A customer is created, or the plain fields are edited; who was faster is shown, field by field."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, StaleVersion, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service
from jiedan.customers.values import (
    ADDRESS_FIELDS,
    KIND_LABELS,
    NAME_CHARACTERS_MAX,
    Address,
    Customer,
    CustomerDraft,
    CustomerEdit,
    CustomerKind,
)

Text = Annotated[str, msgspec.Meta(max_length=NAME_CHARACTERS_MAX)]
Choice = Annotated[str, msgspec.Meta(max_length=10)]

FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "kind": N_("Kind"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "tax_number": N_("Tax number"),
    "locale": N_("Language"),
}
PLACES = tuple(name for name in ADDRESS_FIELDS if name not in {"lat", "lon", "name", "phone"})
"""What the form of a new customer asks of an address; goods go to the customer."""


class CustomerForm(Form):
    """The plain fields of a customer; `take-…` says whose word counts after a conflict."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARACTERS_MAX)]
    version: bodies.Version | None = None
    kind: CustomerKind = "person"
    phone: Text = ""
    email: Text = ""
    tax_number: Text = ""
    locale: Text = ""
    take_name: Choice = msgspec.field(default="", name="take-name")
    take_kind: Choice = msgspec.field(default="", name="take-kind")
    take_phone: Choice = msgspec.field(default="", name="take-phone")
    take_email: Choice = msgspec.field(default="", name="take-email")
    take_tax_number: Choice = msgspec.field(default="", name="take-tax_number")
    take_locale: Choice = msgspec.field(default="", name="take-locale")


class NewCustomerForm(CustomerForm, kw_only=True):
    """A customer to create, with a first address if any of it is filled in, and tags."""

    tags: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    country: Text = ""
    company: Text = ""
    region: Text = ""
    city: Text = ""
    district: Text = ""
    line1: Text = ""
    line2: Text = ""
    postal_code: Text = ""

    def address(self) -> Address | None:
        """Return the address, None where nothing but a country is given."""
        if not any(getattr(self, name) for name in PLACES if name != "country"):
            return None
        return Address(**{name: getattr(self, name) for name in PLACES}, name=self.name, phone=self.phone)


def tags_of(text: str) -> tuple[str, ...]:
    """Return tags as people type them: set apart by commas, each once."""
    parts = (part.strip() for part in text.replace("，", ",").replace("、", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


@get("/customers/new", permission="customers:write")
async def new_customer_page(unit: Unit) -> Response[str]:
    """Show the empty form."""
    async with unit.read() as tx:
        settings = await tx.load_one(accounts.settings())
    return _new(unit, forms.empty(unit, country=settings.country))


def _new(unit: Unit, form: Filled[Any]) -> Response[str]:
    return pages.render(unit, "customers/new.html", form=form, kinds=_kinds(unit))


def _kinds(unit: Unit) -> list[tuple[str, str]]:
    return [(key, i18n.gettext(unit.locale, text)) for key, text in KIND_LABELS.items()]


@post("/customers/new", permission="customers:write")
async def create_customer(unit: Unit) -> Response[str]:
    """Create a customer."""
    form = await forms.read(unit, NewCustomerForm)
    sent = form.value
    if sent is None:
        return _new(unit, form)
    address = sent.address()
    draft = CustomerDraft(
        name=sent.name,
        kind=sent.kind,
        phone=sent.phone or None,
        email=sent.email or None,
        tax_number=sent.tax_number or None,
        locale=sent.locale or None,
        addresses=None if address is None else (address,),
        tags=tags_of(sent.tags),
    )

    async def work(tx: Tx) -> UUID:
        settings = await tx.load_one(accounts.settings())
        (outcome,) = await service.upsert_customers(tx, customers=[draft], country=settings.country)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome.customer_id

    try:
        customer_id = await unit.write(work)
    except Refusal as refusal:
        form.refuse(_placed(refusal))
        return _new(unit, form)
    return pages.redirect(unit, f"/customers/{customer_id}", flash=N_("The customer was created."))


def _placed(refusal: Refusal) -> Refusal:
    """Name inputs as the form does, where the service names what it was sent."""
    for reason in reasons_of(refusal):
        field = (reason.field or "").removeprefix("customers[0].").removeprefix("addresses[0].")
        reason.field = field.partition("[")[0] or None
    return refusal


@get("/customers/{customer_id:uuid}/edit", permission="customers:write")
async def edit_page(unit: Unit, customer_id: UUID) -> Response[str]:
    """Show the plain fields of a customer."""
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
    return _edit(unit, forms.empty(unit, **{name: getattr(customer, name) for name in ("version", *FIELDS)}), customer)


def _edit(
    unit: Unit, form: Filled[Any], customer: Customer, conflict: "list[tuple[str, str, str, str]] | None" = None
) -> Response[str]:
    return pages.render(
        unit, "customers/edit.html", form=form, customer=customer, kinds=_kinds(unit), conflict=conflict or []
    )


@post("/customers/{customer_id:uuid}/edit", permission="customers:write")
async def edit_customer(unit: Unit, customer_id: UUID) -> Response[str]:
    """Save the plain fields, if nobody has changed the customer meanwhile; else show both."""
    form = await forms.read(unit, CustomerForm)
    sent = form.value
    conflict: list[tuple[str, str, str, str]] = []
    try:
        if sent is not None:
            edit = _edit_of(customer_id, sent)
            await unit.write(lambda tx: _save(tx, edit))
            return pages.redirect(unit, f"/customers/{customer_id}", flash=N_("The customer was saved."))
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(_placed(refusal))
        if isinstance(refusal, StaleVersion):
            async with unit.read() as tx:
                current = await queries.customer(tx, customer_id)
            conflict = _conflict(unit, form, current)
            form.raw = {**form.raw, "version": [str(current.version)]}
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
    return _edit(unit, form, customer, conflict)


async def _save(tx: Tx, edit: CustomerEdit) -> None:
    settings = await tx.load_one(accounts.settings())
    (outcome,) = await service.edit_customers(tx, edits=[edit], country=settings.country)
    if isinstance(outcome, Refusal):
        raise outcome


def _edit_of(customer_id: UUID, sent: CustomerForm) -> CustomerEdit:
    """Return what is to be changed: where their word counts after a conflict, nothing is."""
    mine = {name: getattr(sent, name) for name in FIELDS if getattr(sent, f"take_{name}") != "theirs"}
    return CustomerEdit(customer_id, sent.version, **mine)


def _conflict(unit: Unit, form: Filled[Any], customer: Customer) -> list[tuple[str, str, str, str]]:
    found = []
    for name, label in FIELDS.items():
        theirs, yours = str(getattr(customer, name)), form.text(name)
        if theirs != yours:
            found.append((name, i18n.gettext(unit.locale, label), _said(unit, name, theirs), _said(unit, name, yours)))
    return found


def _said(unit: Unit, name: str, text: str) -> str:
    kind: Any = text
    return i18n.gettext(unit.locale, KIND_LABELS[kind]) if name == "kind" and text in KIND_LABELS else text


HANDLERS: tuple[Any, ...] = (new_customer_page, create_customer, edit_page, edit_customer)
