"""Who a new order is for: customers found, chosen and kept."""

from typing import Any, NamedTuple
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import accepted
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console import new_order_form
from jiedan.console.errors import NameToKeep
from jiedan.console.new_order_form import NewOrderForm
from jiedan.console.order_edit import address_of
from jiedan.customers import queries as customers
from jiedan.customers import service as customer_service
from jiedan.customers.values import Customer, CustomerDraft, CustomerId, CustomerRow
from jiedan.orders.values import Contact, NewOrder

FOUND_MAX = 8
"""Customers that are offered for a text."""


class People(NamedTuple):
    """Who the order is for, and who else fits what was typed."""

    chosen: Customer | None
    found: list[CustomerRow]


def id_in(text: str | None) -> UUID | None:
    """Return the id that a text is, None where it is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def raw_of_customer(tx: ReadTx, unit: Unit, customer_id: UUID, address_id: UUID | None) -> dict[str, list[str]]:
    """Return what the form says of a customer, with one of their addresses, the first unless another is named.

    Raises CustomerNotFound.
    """
    unit.require("customers:read")
    found = await customers.customer(tx, customer_id)
    book = [x.address for x in found.addresses if address_id is None or x.address_id == address_id]
    contact = Contact(name=found.name, phone=found.phone, email=found.email)
    chosen = {"customer_id": [str(found.merged_into or found.customer_id)], "customer": [""], "pick": [], "use": []}
    texts = new_order_form.raw_of_people(contact, book[0] if book else None)
    return {**{name: text for name, text in texts.items() if text != [""]}, **chosen}


async def kept_customer(unit: Unit, sent: NewOrderForm, body: NewOrder) -> CustomerId:
    """Create the customer that the contact names, once. Raises NameToKeep and what is wrong with the contact."""
    unit.require("customers:write")
    if not body.contact.name:
        raise NameToKeep(field="contact_name")
    address = address_of(sent)
    draft = CustomerDraft(
        name=body.contact.name,
        phone=body.contact.phone,
        email=body.contact.email,
        addresses=None if address is None else (address,),
    )

    async def work(tx: Tx) -> CustomerId:
        country = (await tx.load_one(accounts.settings())).country
        outcomes = await customer_service.upsert_customers(
            tx, customers=[draft], country=country, keys=[f"order-{sent.key}"]
        )
        return accepted(outcomes)[0].customer_id

    return await unit.runtime.database.write(unit.scope, work)


async def people(tx: ReadTx, unit: Unit, form: Filled[Any]) -> People:
    """Return the customer who was chosen with their addresses, and who fits what was typed."""
    if not unit.may("customers:read"):
        return People(None, [])
    chosen_id = id_in(form.text("customer_id"))
    whole = await customers.customers_by_id(tx, [chosen_id]) if chosen_id is not None else {}
    chosen = next(iter(whole.values()), None)
    text = form.text("customer").strip()
    if not text:
        return People(chosen, [])
    matches = await customers.matching_customers(tx, text=text)
    if not matches.customer_ids:
        return People(chosen, [])
    request = unit.page("new-order-customers", filters={"q": text}, limit=FOUND_MAX)
    page = await customers.customer_rows(tx, request=request, among=matches.customer_ids)
    return People(chosen, page.items)
