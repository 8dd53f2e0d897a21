"""Edit an order before it leaves: a form, a preview of what follows, then the change itself."""

import re
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.orders import queries, service
from jiedan.orders.service import Edited
from jiedan.orders.values import Contact, OrderEdit, OrderId

Text = Annotated[str, msgspec.Meta(max_length=200)]

ADDRESS_FIELDS = (
    "country", "name", "phone", "company", "region", "city", "district", "line1", "line2", "postal_code",
)  # fmt: skip
CONTACT_FIELDS = ("name", "phone", "email")

_COMMAS = re.compile(r"[,，、]")


class AddressForm(Form):
    """Whom to speak to and where the goods go: inputs shared by editing an order and writing a new one."""

    contact_name: Text = ""
    contact_phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    contact_email: Annotated[str, msgspec.Meta(max_length=254)] = ""
    country: Annotated[str, msgspec.Meta(max_length=2)] = ""
    name: Text = ""
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    company: Text = ""
    region: Text = ""
    city: Text = ""
    district: Text = ""
    line1: Text = ""
    line2: Text = ""
    postal_code: Text = ""
    delivery_wish: date | None = None
    location: Annotated[str, msgspec.Meta(max_length=100)] = ""
    tags: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class EditForm(AddressForm, kw_only=True):
    """An order as it should be, with the version it was read at."""

    version: bodies.Version
    action: str = "preview"


def contact_of(sent: AddressForm) -> Contact:
    """Return whom to speak to."""
    return Contact(name=sent.contact_name, phone=sent.contact_phone, email=sent.contact_email)


def address_of(sent: AddressForm, before: Address | None = None) -> Address | None:
    """Return where the goods go, None when nothing but a country is given; what stays the same keeps its place."""
    fields = {name: getattr(sent, name) for name in ADDRESS_FIELDS}
    if not any(value for name, value in fields.items() if name != "country"):
        return None
    fields["country"] = sent.country.upper()
    after = Address(**fields)
    same = before is not None and all(getattr(before, name) == getattr(after, name) for name in ADDRESS_FIELDS)
    return before if same else after


def tags_of(sent: AddressForm) -> tuple[str, ...]:
    """Return the tags that stand between commas, each once."""
    texts = (text.strip() for text in _COMMAS.split(sent.tags))
    return tuple(dict.fromkeys(text for text in texts if text))


def unprefixed(refusal: Refusal) -> Refusal:
    """Return `refusal` with its fields named as the form's inputs are."""
    for reason in getattr(refusal, "reasons", (refusal,)):
        if reason.field:
            reason.field = reason.field.removeprefix("ship_to.").replace("contact.", "contact_")
    return refusal


@get("/orders/{order_id:uuid}/edit", permission="orders:write")
async def edit_page(unit: Unit, order_id: UUID) -> Response[str]:
    """Show the form."""
    return await _answer(unit, order_id, None, None)


@post("/orders/{order_id:uuid}/edit", permission="orders:write")
async def edit(unit: Unit, order_id: UUID) -> Response[str]:
    """Preview the edit, or make it."""
    form = await forms.read(unit, EditForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, form, None)
    is_preview = sent.action != "save"
    try:
        edited = await _edited(unit, order_id, sent, is_preview=is_preview)
    except Refusal as refusal:
        form.refuse(unprefixed(refusal))
        return await _answer(unit, order_id, form, None)
    if is_preview:
        return await _answer(unit, order_id, form, edited)
    return pages.redirect(unit, f"/orders/{order_id}", flash=N_("The change was saved."))


async def _edited(unit: Unit, order_id: UUID, sent: EditForm, *, is_preview: bool) -> Edited:
    async with unit.read() as tx:
        before = (await queries.details(tx, [order_id]))[OrderId(order_id)].addresses.get("ship_to")
    address = address_of(sent, before)
    wanted = OrderEdit(
        contact=contact_of(sent),
        ship_to=msgspec.UNSET if address is None else address,
        delivery_wish=sent.delivery_wish,
        location=sent.location or None,
        tags=tags_of(sent),
    )
    return await unit.write(
        lambda tx: service.edit_order(tx, order_id=order_id, edit=wanted, version=sent.version, is_preview=is_preview)
    )


async def _answer(unit: Unit, order_id: UUID, form: "Filled[EditForm] | None", preview: Edited | None) -> Response[str]:
    async with unit.read() as tx:
        found = await queries.order(tx, order_id)
        details = (await queries.details(tx, [order_id]))[OrderId(order_id)]
        locations = await tx.load_one(stock.locations())
    order = found.order
    codes = {place.location_id: place.code for place in locations}
    address = details.addresses.get("ship_to")
    asked = order.requested_location_id
    values = {
        **{f"contact_{name}": getattr(order.contact, name) for name in CONTACT_FIELDS},
        **{name: getattr(address, name) if address is not None else "" for name in ADDRESS_FIELDS},
        "delivery_wish": order.delivery_wish or "",
        "location": codes[asked] if asked is not None and asked in codes else "",  # type: ignore[index]  # a location's id
        "tags": ", ".join(details.tags),
    }
    return pages.render(
        unit,
        "console/order_edit.html",
        order=order,
        form=form or forms.empty(unit, **values),
        locations=locations,
        preview=preview,
        waiting=sum(line.waiting for line in preview.lines) if preview is not None else 0,
        words=words,
    )


HANDLERS: tuple[Any, ...] = (edit_page, edit)
