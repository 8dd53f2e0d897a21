"""What a customer's account fills in at the checkout: who they are, and the addresses of their book."""

from typing import Any
from uuid import UUID

import msgspec

from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service
from jiedan.customers.values import Address, BookAddress, Customer
from jiedan.portal import addresses
from jiedan.portal.visitor import Visitor

CHOSEN, SHOWN = "book", "book_shown"
"""The fields that hold the address which is chosen now, and the one that filled the page."""

KEPT_IN_NO_FIELD = frozenset({"name", "phone", "lat", "lon"})


async def customer(tx: ReadTx, who: Visitor) -> Customer | None:
    """Return the customer who is signed in, None for a guest."""
    return None if who.customer_id is None else await queries.customer(tx, who.customer_id)


def at_first(known: Customer | None) -> dict[str, str]:
    """Return what the page begins with: the contact, and the address that is used first."""
    if known is None:
        return {}
    found = {"name": known.name, "email": known.email, "phone": known.phone}
    first = next((x for x in known.addresses if x.is_default), None)
    return found if first is None else {**found, **_fields(first, found["name"])}


def choose(form: Filled[Any], known: Customer | None) -> bool:
    """Fill a form with the address that was just chosen from the book, and tell whether it shows another one now.

    Whoever wants another than those of the book gets empty fields, unless they have typed one already.
    """
    chosen, shown = form.text(CHOSEN), form.text(SHOWN)
    if known is None or chosen == shown:
        return False
    by_id = {str(x.address_id): x for x in known.addresses}
    fields: dict[str, str] = {CHOSEN: chosen, SHOWN: chosen}
    if chosen in by_id:
        fields |= _fields(by_id[chosen], form.text("name"))
    elif shown in by_id and all(form.text(name) == value for name, value in _fields_of(by_id[shown].address).items()):
        fields |= {name: "" for name in _fields_of(by_id[shown].address) if name != "country"}
    form.raw = {**form.raw, **{name: [value] for name, value in fields.items()}}
    return len(fields) > len((CHOSEN, SHOWN))


def book(known: Customer | None, locale: str) -> list[tuple[str, str]]:
    """Return the addresses to choose from, each in a line."""
    entries = known.addresses if known is not None else ()
    return [(str(x.address_id), _line(x, locale)) for x in entries]


async def keep(unit: Unit, who: Visitor, address: Address | None, *, cart_id: UUID) -> None:
    """Put where an order goes into the customer's book, once for each cart, unless it stands there or none fits in."""
    customer_id = who.customer_id
    if customer_id is None or address is None:
        return
    async with unit.runtime.database.read(who.scope) as tx:
        known = await queries.customer(tx, customer_id)
    if any(_fields_of(x.address) == _fields_of(address) for x in known.addresses):
        return
    try:
        await unit.runtime.database.write(
            who.scope,
            lambda tx: service.add_address(
                tx, customer_id=customer_id, address=address, label="", is_default=False, key=f"cart-{cart_id}"
            ),
        )
    except Refusal:
        return  # the order stands; a book that is full takes no more


def _fields(entry: BookAddress, name: str) -> dict[str, str]:
    recipient = entry.address.name if entry.address.name != name else ""
    shown = {CHOSEN: str(entry.address_id), SHOWN: str(entry.address_id), "recipient": recipient}
    phone = {"phone": entry.address.phone} if entry.address.phone else {}
    return {**_fields_of(entry.address), **shown, **phone}


def _fields_of(address: Address) -> dict[str, str]:
    told = msgspec.structs.asdict(address)
    return {name: value for name, value in told.items() if name not in KEPT_IN_NO_FIELD}


def _line(entry: BookAddress, locale: str) -> str:
    written = ", ".join(text for text in (entry.address.name, *addresses.written(entry.address, locale)) if text)
    return f"{entry.label}: {written}" if entry.label else written
