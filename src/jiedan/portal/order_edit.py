"""Change where an order goes while it is free: a form, what follows from it, then the change itself."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import errors, i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, StaleVersion
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.sending import FormAlreadySent
from jiedan.base.web.unit import Unit
from jiedan.customers import rules as customers
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.service import Foreseen
from jiedan.inventory import queries as stock
from jiedan.orders import service as orders
from jiedan.orders.service import Edited
from jiedan.orders.values import NOTE_CHARS_MAX, Contact, NewNote, OrderEdit
from jiedan.portal import address_form, addresses, order_entry, order_page, ordering, shown, visitor
from jiedan.portal.address_form import AddressForm, Line
from jiedan.portal.order_entry import Entry
from jiedan.pricing.errors import ShippingMethodUnavailable, ShippingNotOffered

LABELS: Mapping[str, str] = {
    **ordering.LABELS,
    "contact_name": N_("Full name"),
    "contact_phone": N_("Phone"),
    "contact_email": N_("E-mail"),
    "name": N_("Recipient"),
    "phone": N_("Recipient's phone"),
    "delivery_wish": N_("Day you wish it for"),
}


@dataclasses.dataclass(eq=False)
class NotEditableAnyMore(errors.Conflict):
    """The order came so far meanwhile that its customer cannot change it alone."""

    code: ClassVar[str] = "not_editable_any_more"
    message: ClassVar[str] = N_("The order cannot be changed here any more: its goods are being prepared.")
    remedy: ClassVar[str] = N_("Ask us on the page of the order: perhaps it can still be done.")


@dataclasses.dataclass(eq=False)
class OrderChanged(errors.Conflict):
    """The shop, or the customer in another window, changed the order meanwhile."""

    code: ClassVar[str] = "order_changed"
    message: ClassVar[str] = N_("The order was changed meanwhile. Nothing that you typed is lost.")
    remedy: ClassVar[str] = N_("Look at it once more, and save again.")


@dataclasses.dataclass(eq=False)
class MethodElsewhere(errors.Invalid):
    """The shipping method that the customer chose does not go to the new address."""

    code: ClassVar[str] = "method_elsewhere"
    message: ClassVar[str] = N_("The shipping method of this order does not go to this address.")
    remedy: ClassVar[str] = N_("Keep the address, or ask us on the page of the order for another method.")


class EditForm(AddressForm, kw_only=True):
    """Where an order goes and whom to speak to, with the version it was read at and the total that the page showed."""

    version: bodies.Version
    action: Annotated[str, msgspec.Meta(max_length=20)] = ""
    total_minor: Annotated[str, msgspec.Meta(max_length=20)] = ""
    contact_name: Line = ""
    contact_phone: Line = ""
    contact_email: Line = ""
    delivery_wish: date | None = None
    note: Annotated[str, msgspec.Meta(max_length=NOTE_CHARS_MAX)] = ""


class Preview(NamedTuple):
    """What the change would do, and when the order would arrive then, where that is known."""

    edited: Edited
    foreseen: Foreseen | None


@get("/orders/{order_id:uuid}/edit")
async def edit_page(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Show the form."""
    return await _page(unit, slug, order_id, None)


@post("/orders/{order_id:uuid}/edit")
async def edit(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Show what the change would do as far as it is typed, or make it."""
    async with order_entry.entered(unit, slug, order_id) as (_, entry):
        form = await forms.read(unit, EditForm)
    sent = form.value
    if form.text("action") != "save":
        return await _page(unit, slug, order_id, form, preview=await _preview(unit, entry, sent))
    if sent is None:
        return await _page(unit, slug, order_id, form, is_asked=True)
    visitor.slow_down(unit)
    try:
        await visitor.write(unit, entry.scope, lambda tx: _edit(tx, entry, sent))
    except FormAlreadySent:
        return pages.redirect(unit, entry.at())
    except StaleVersion:
        form.refuse(OrderChanged())
    except (ShippingMethodUnavailable, ShippingNotOffered):
        form.refuse(MethodElsewhere(field="country"))
    except Refusal as refusal:
        form.refuse(errors.renamed(refusal, _for_page))
    else:
        return pages.redirect(unit, entry.at(), flash=N_("The change was saved."))
    return await _page(unit, slug, order_id, form, is_asked=True, preview=await _preview(unit, entry, sent))


async def _edit(tx: Tx, entry: Entry, sent: EditForm, *, is_preview: bool = False) -> Edited:
    """Make the change, or with `is_preview` only say what it would do. Raises what editing refuses, TotalChanged."""
    if not (await order_entry.windows_for_update(tx, entry)).is_editable:
        raise NotEditableAnyMore
    version = None if is_preview else sent.version
    edit = _wish(entry, sent)
    edited = await orders.edit_order(tx, order_id=entry.order_id, edit=edit, version=version, is_preview=is_preview)
    seen = sent.total_minor or str(edited.before.order.total_minor)
    now = edited.order
    if not is_preview and seen != str(now.total_minor):
        before = int(seen) if seen.isascii() and seen.isdigit() else edited.before.order.total_minor
        raise ordering.TotalChanged(i18n.Amount(before, now.currency), i18n.Amount(now.total_minor, now.currency))
    return edited


def _wish(entry: Entry, sent: EditForm) -> OrderEdit:
    """Return what differs from what stands. Who came by a link keeps the address that the link was sent to."""
    order = entry.found.order
    email = order.contact.email if entry.ticket else sent.contact_email
    contact = Contact(name=sent.contact_name, phone=sent.contact_phone, email=email)
    before = entry.details.addresses.get("ship_to")
    after = None if before is None else sent.address()
    is_same = before is None or all(getattr(before, name) == getattr(after, name) for name in address_form.FIELDS)
    return OrderEdit(
        contact=msgspec.UNSET if contact == order.contact else contact,
        ship_to=msgspec.UNSET if is_same or after is None else after,
        delivery_wish=msgspec.UNSET if sent.delivery_wish == order.delivery_wish else sent.delivery_wish,
        notes=(NewNote(kind="delivery", text=sent.note),) if sent.note else (),
    )


def _for_page(name: str) -> str:
    """Return what a field of an order is called on the page."""
    return "note" if name.startswith("notes") else name.removeprefix("ship_to.").replace("contact.", "contact_")


async def _preview(unit: Unit, entry: Entry, sent: EditForm | None) -> Preview | None:
    """Return what the change would do; None as long as it is not whole, or changes nothing."""
    if sent is None:
        return None

    async def work(tx: Tx) -> Preview:
        edited = await _edit(tx, entry, sent, is_preview=True)
        return Preview(edited, await _foreseen(tx, edited))

    try:
        return await unit.runtime.database.write(entry.scope, work)
    except Refusal:
        return None


async def _foreseen(tx: ReadTx, edited: Edited) -> Foreseen | None:
    """Return when the order would arrive, where its goods would come from somewhere else, or go elsewhere."""
    if edited.sourcing is None or "ship_to" not in edited.changed:
        return None
    used = {x.location for x in edited.sourcing.chosen}
    locations = [x.location_id for x in await tx.load_one(stock.locations()) if x.code in used]
    address = edited.changed["ship_to"][1]
    if not locations or any(line.waiting for line in edited.lines):
        return None
    return await fulfillment.foresee(tx, locations=locations, address=address, delivery_wish=edited.order.delivery_wish)


async def _page(
    unit: Unit,
    slug: str,
    order_id: UUID,
    form: "Filled[EditForm] | None",
    *,
    preview: Preview | None = None,
    is_asked: bool = False,
) -> Response[str]:
    """Answer the page; what is wrong is said once somebody wanted to save (`is_asked`)."""
    async with order_entry.entered(unit, slug, order_id) as (tx, entry):
        free = await order_entry.windows(tx, entry)
        filled = form if form is not None else forms.empty(unit, **_texts(entry))
        country = filled.text("country", entry.who.settings.country)
        if customers.country_rules(country) is None:
            country = entry.who.settings.country
        fields = addresses.fields(country, filled.text("region"), filled.text("city"), unit.locale)
        labels = {name: i18n.gettext(unit.locale, text) for name, text in LABELS.items()}
        return shown.render(
            unit,
            entry.who,
            "portal/order_edit.html",
            part="portal/_order_edit.html",
            form=filled if is_asked else Filled(unit.locale, None, filled.raw, {}),
            **order_page.facts(unit, entry),
            free=free,
            is_asked=is_asked,
            country=country,
            countries=addresses.countries(unit.locale),
            fields=fields,
            labels={**labels, **{field.name: field.label for field in fields}},
            preview=preview,
        )


def _texts(entry: Entry) -> dict[str, object]:
    """Return what the form shows of the order as it stands, by input."""
    order = entry.found.order
    ship_to = entry.details.addresses.get("ship_to")
    wish = order.delivery_wish.isoformat() if order.delivery_wish is not None else ""
    contact = {f"contact_{name}": getattr(order.contact, name) for name in ("name", "phone", "email")}
    return {
        **contact,
        **{name: getattr(ship_to, name) if ship_to is not None else "" for name in address_form.FIELDS},
        "delivery_wish": wish,
    }


HANDLERS: tuple[Any, ...] = (edit_page, edit)
