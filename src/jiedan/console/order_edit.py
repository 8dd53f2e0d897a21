"""Edit an order before it leaves: a form, a preview of what follows, then the change itself.

Whoever saves what somebody else changed meanwhile is shown both, field by field, and loses nothing that was typed.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, StaleVersion
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console import merging, order_measures, words
from jiedan.console.merging import Merged
from jiedan.console.order import address as page_address
from jiedan.console.order import listing_of
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders import queries, service
from jiedan.orders.rules import taxing
from jiedan.orders.rules.reshipping import MethodChoice
from jiedan.orders.service import Edited
from jiedan.orders.values import (
    LINE_ATTRIBUTES_MAX,
    ORDER_ROWS_MAX,
    Contact,
    Line,
    Order,
    OrderEdit,
    OrderId,
)
from jiedan.pricing.values import Formula
from jiedan.pricing.values.formulas import WRITING_CHARACTERS_MAX

Text = Annotated[str, msgspec.Meta(max_length=200)]
Said = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=WRITING_CHARACTERS_MAX)]],
    msgspec.Meta(max_length=ORDER_ROWS_MAX * LINE_ATTRIBUTES_MAX),
]

ADDRESS_FIELDS = (
    "country", "name", "phone", "company", "region", "city", "district", "line1", "line2", "postal_code",
)  # fmt: skip
CONTACT_FIELDS = ("name", "phone", "email")
OTHER_FIELDS = ("delivery_wish", "location", "shipping_method", "tags")

FIELDS: Mapping[str, str] = {
    **{f"contact_{name}": words.ADDRESS_PARTS[name] for name in CONTACT_FIELDS},
    **{name: words.ADDRESS_PARTS[name] for name in ADDRESS_FIELDS},
    "contact_name": N_("Full name"),
    "name": N_("Recipient"),
    "phone": N_("Recipient's phone"),
    **{name: words.FIELDS[name] for name in OTHER_FIELDS},
}
"""The inputs of the form with their labels, in their order."""

WAS_BYTES_MAX = 16_000
THEIRS_MAX = len(FIELDS) + ORDER_ROWS_MAX * LINE_ATTRIBUTES_MAX

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
    shipping_method: Annotated[str, msgspec.Meta(max_length=100)] = ""
    tags: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class EditForm(AddressForm, kw_only=True):
    """An order as it should be, with the version it was read at and its texts then, as JSON in `was`.

    `theirs` names the inputs, set apart by spaces or given several times, where somebody else's text is taken. `said_…`
    are measures of pieces: the number of the line, the name, what was typed, and what the page showed.
    """

    __as_sent__: ClassVar = frozenset({"was"})

    version: bodies.Version
    action: str = "preview"
    was: Annotated[str, msgspec.Meta(max_length=WAS_BYTES_MAX)] = ""
    theirs: Annotated[list[str], msgspec.Meta(max_length=THEIRS_MAX)] = msgspec.field(default_factory=list)
    said_line: Said = msgspec.field(default_factory=list)
    said_name: Said = msgspec.field(default_factory=list)
    said_value: Said = msgspec.field(default_factory=list)
    said_was: Said = msgspec.field(default_factory=list)


class Stored(NamedTuple):
    """The order as it is: itself, its address, and the texts that the form shows of it."""

    order: Order
    ship_to: Address | None
    texts: dict[str, str]
    locations: tuple[Location, ...]
    is_released: bool
    lines: tuple[Line, ...]
    asked: Mapping[int, Formula]
    methods: tuple[MethodChoice, ...]
    """The shipping methods that it could go by."""


class Clash(NamedTuple):
    """Who changed the order meanwhile, and what came of both edits; `measures` are called so."""

    by: str
    merged: Merged
    mine: Mapping[str, str]
    theirs: Mapping[str, str]
    measures: Mapping[str, str]


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


def texts_of(contact: Contact, ship_to: Address | None) -> dict[str, str]:
    """Return what the form shows of a contact and an address, by input."""
    return {
        **{f"contact_{name}": getattr(contact, name) for name in CONTACT_FIELDS},
        **{name: getattr(ship_to, name) if ship_to is not None else "" for name in ADDRESS_FIELDS},
    }


@get("/orders/{order_id:uuid}/edit", permission="orders:write")
async def edit_page(unit: Unit, order_id: UUID) -> Response[str]:
    """Show the form."""
    return await _answer(unit, order_id, None)


@post("/orders/{order_id:uuid}/edit", permission="orders:write")
async def edit(unit: Unit, order_id: UUID) -> Response[str]:
    """Preview the edit, or make it; where somebody was quicker, show what both did."""
    form = await forms.read(unit, EditForm)
    if form.value is None:
        return await _answer(unit, order_id, form)
    sent = _chosen(form, form.value)
    is_preview = sent.action != "save"
    try:
        edited = await _edited(unit, order_id, sent, form, is_preview=is_preview)
    except StaleVersion as stale:
        return await _clashed(unit, order_id, form, stale)
    except Refusal as refusal:
        form.raw = {**form.raw, **order_measures.fields_of(form)}
        lines = (await _stored(unit, order_id)).lines
        form.refuse(order_measures.beside(unprefixed(refusal), form, lines))
        return await _answer(unit, order_id, form)
    if is_preview:
        return await _answer(unit, order_id, form, edited)
    return pages.redirect(unit, page_address(unit, order_id), flash=N_("The change was saved."))


def _chosen(form: Filled[EditForm], sent: EditForm) -> EditForm:
    """Return what was sent with somebody else's texts where they were chosen, and show it so."""
    if not sent.theirs:
        return sent
    theirs = _was(sent.was)
    names = [name for name in sent.theirs if name in FIELDS]
    typed = {name: form.text(name) for name in FIELDS}
    texts = merging.chosen(typed, theirs, names)
    measures = order_measures.taken(form, sent.theirs)
    form.raw = {**form.raw, **{name: [text] for name, text in texts.items()}, **measures}
    values: dict[str, Any] = {**texts, "delivery_wish": texts["delivery_wish"] or None}
    return msgspec.structs.replace(sent, **msgspec.to_builtins(msgspec.convert(values, AddressForm, strict=False)))


def _was(text: str) -> dict[str, str]:
    """Return the texts that the form was filled with, none where they cannot be read."""
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.MsgspecError:
        return {}


async def _stored(unit: Unit, order_id: UUID) -> Stored:
    """Read the order with what the form shows of it. Raises OrderNotFound."""
    async with unit.read() as tx:
        found = await queries.order(tx, order_id)
        details = (await queries.details(tx, [order_id]))[OrderId(order_id)]
        locations = await tx.load_one(stock.locations())
        formulas = await service.measured(tx, found)
        is_released = any(line.released for line in found.lines)
        methods = () if is_released else await service.methods_of(tx, found=found, details=details)
    order = found.order
    codes: dict[UUID, str] = {place.location_id: place.code for place in locations}
    ship_to = details.addresses.get("ship_to")
    asked = order.requested_location_id
    texts = {
        **texts_of(order.contact, ship_to),
        "delivery_wish": order.delivery_wish.isoformat() if order.delivery_wish is not None else "",
        "location": codes.get(asked, "") if asked is not None else "",
        "shipping_method": order.shipping_method or "",
        "tags": ", ".join(details.tags),
    }
    asked_for = {} if is_released else formulas
    return Stored(order, ship_to, texts, locations, is_released, found.lines, asked_for, methods)


async def _edited(unit: Unit, order_id: UUID, sent: EditForm, form: Filled[EditForm], *, is_preview: bool) -> Edited:
    """Edit the order by what differs from what is stored: what is released stays free where nothing touches it."""
    stored = await _stored(unit, order_id)
    address = address_of(sent, stored.ship_to)
    wanted = OrderEdit(
        contact=msgspec.UNSET if contact_of(sent) == stored.order.contact else contact_of(sent),
        ship_to=msgspec.UNSET if address is None or address is stored.ship_to else address,
        delivery_wish=msgspec.UNSET if sent.delivery_wish == stored.order.delivery_wish else sent.delivery_wish,
        location=msgspec.UNSET if sent.location == stored.texts["location"] else sent.location or None,
        shipping_method=sent.shipping_method or msgspec.UNSET,
        tags=tags_of(sent),
        measures=order_measures.wanted(form, stored.lines),
    )

    may_price = unit.may("orders:price")

    async def work(tx: Tx) -> Edited:
        return await service.edit_order(
            tx, order_id=order_id, edit=wanted, version=sent.version, is_preview=is_preview, may_price=may_price
        )

    if is_preview:  # may be asked for as often as one likes, and is no form that was sent
        return await unit.runtime.database.write(unit.scope, work)
    return await unit.write(work)


async def _clashed(unit: Unit, order_id: UUID, form: Filled[EditForm], stale: StaleVersion) -> Response[str]:
    """Show the form with both edits put together, and what both changed to be chosen from; nothing is saved yet."""
    stored = await _stored(unit, order_id)
    shown, typed = order_measures.sent(form)
    measures = order_measures.stored(stored.lines, stored.asked)
    mine = {name: form.text(name) for name in FIELDS} | {name: typed.get(name, measures[name]) for name in measures}
    theirs = {**stored.texts, **measures}
    merged = merging.merge({**_was(form.text("was")), **shown}, theirs, mine)
    form.refuse(stale)
    form.above.clear()
    said = order_measures.with_texts(stored.lines, stored.asked, merged.texts)
    form.raw = {**{name: [text] for name, text in merged.texts.items()}, **said}
    called = order_measures.labels(stored.lines, stored.asked, locale=unit.locale)
    clash = Clash(stale.changed_by, merged, mine, theirs, called)
    return await _answer(unit, order_id, form, clash=clash)


async def _answer(
    unit: Unit,
    order_id: UUID,
    form: "Filled[EditForm] | None",
    preview: Edited | None = None,
    clash: Clash | None = None,
) -> Response[str]:
    stored = await _stored(unit, order_id)
    is_fresh = form is None or clash is not None
    return pages.render(
        unit,
        "console/order_edit.html",
        order=stored.order,
        form=form or forms.empty(unit, **stored.texts),
        version=stored.order.version if is_fresh or form is None else form.text("version"),
        was=_json(stored.texts) if is_fresh or form is None else form.text("was"),
        fields=FIELDS,
        locations=stored.locations,
        methods=stored.methods,
        is_released=stored.is_released,
        pieces=order_measures.pieces(form, stored.lines, stored.asked, locale=unit.locale),
        preview=preview,
        clash=clash,
        taxes=taxing.told(taxing.table(preview.lines)) if preview is not None else (),
        waiting_units=sum(line.waiting for line in preview.lines) if preview is not None else 0,
        back=page_address(unit, order_id),
        listing=listing_of(unit),
        words=words,
    )


def _json(texts: Mapping[str, str]) -> str:
    return msgspec.json.encode(texts).decode()


HANDLERS: tuple[Any, ...] = (edit_page, edit)
