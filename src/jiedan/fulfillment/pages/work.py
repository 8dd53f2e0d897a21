"""The page of a fulfillment, and everything that is done from it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.fulfillment import service
from jiedan.fulfillment.pages import picking, words
from jiedan.fulfillment.pages.shown import of_parcel, shown
from jiedan.fulfillment.values import (
    ROWS_MAX,
    SCANNED_CHARS_MAX,
    Acknowledgement,
    Collection,
    Delivery,
    Pack,
    Pick,
    PutBack,
    Readiness,
    Ship,
    Short,
    ShortReason,
    Unpack,
)
from jiedan.fulfillment.values.words import CARRIER_CHARS_MAX, TRACKING_CHARS_MAX, WEIGHT_G_MAX
from jiedan.orders.values import LineQuantity

F = TypeVar("F", bound=Form)

Back = Literal["", "pack", "pick"]
"""The page of the fulfillment that a form came from, and leads back to."""

Number = Annotated[int, msgspec.Meta(ge=0, le=bodies.QUANTITY_MAX)]
Numbers = Annotated[list[Number | None], msgspec.Meta(max_length=ROWS_MAX)]


class QuantitiesForm(Form):
    """How many units of which lines."""

    line: Numbers = msgspec.field(default_factory=list)
    quantity: Numbers = msgspec.field(default_factory=list)
    back: Back = ""


class PickForm(QuantitiesForm):
    """How many units of which lines, or what was scanned at the shelf; `key` tells one scan from the next."""

    code: Annotated[str, msgspec.Meta(max_length=SCANNED_CHARS_MAX)] = ""
    key: Annotated[str, msgspec.Meta(max_length=100)] = ""


class ShortForm(Form):
    """How many units of a line were not there, and why."""

    line: bodies.Quantity
    quantity: bodies.Quantity
    reason: ShortReason
    back: Back = ""


class PackForm(QuantitiesForm):
    """What goes into the box, and what it weighs."""

    weight_g: Annotated[int, msgspec.Meta(ge=1, le=WEIGHT_G_MAX)] | None = None


class ShipForm(Form):
    """With whom the parcel leaves."""

    carrier: Annotated[str, msgspec.Meta(max_length=CARRIER_CHARS_MAX)] = ""
    tracking_number: Annotated[str, msgspec.Meta(max_length=TRACKING_CHARS_MAX)] = ""
    back: Back = ""


class LabelForm(Form):
    """Who makes the label."""

    carrier: bodies.Code


class CodeForm(Form):
    """The code that somebody shows."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class NothingForm(Form):
    """A button without fields."""

    back: Back = ""


async def answer(unit: Unit, fulfillment_id: UUID, form: "Filled[Any] | None" = None, code: str = "") -> Response[str]:
    """Show a fulfillment; `form` is what was sent and did not go through, `code` one to collect by, shown once."""
    async with unit.read() as tx:
        found = await shown(tx, fulfillment_id)
        accounts = await tx.load_one(carriers.carriers())
    return pages.render(
        unit,
        "fulfillment/work.html",
        shown=found,
        work=found.fulfillment,
        words=words,
        carriers=[x for x in accounts.values() if x.is_active],
        form=form,
        code=code,
    )


@get("/fulfillment/{fulfillment_id:uuid}", permission="fulfillment:read")
async def work_page(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Show a fulfillment."""
    return await answer(unit, fulfillment_id)


async def _changed(
    unit: Unit, fulfillment_id: UUID, form: Filled[F], *, work: Callable[[Tx, F], Awaitable[Sequence[Any]]], flash: str
) -> Response[str]:
    """Do `work` with what was sent and go back, or show the page with what was refused."""
    sent = form.value
    if sent is not None:
        outcomes = await unit.write(lambda tx: work(tx, sent))
        refused = [x for x in outcomes if isinstance(x, Refusal)]
        for refusal in refused:
            form.refuse(refusal)
        if not outcomes:
            form.status = 422
            form.above.append(i18n.gettext(unit.locale, N_("Enter a quantity first.")))
        elif not refused:
            back = getattr(sent, "back", "")
            return pages.redirect(unit, f"/fulfillment/{fulfillment_id}" + (f"/{back}" if back else ""), flash=flash)
    if form.text("back") == "pick":
        return await picking.picks(unit, fulfillment_id, form)
    return await answer(unit, fulfillment_id, form)


def _quantities(form: QuantitiesForm) -> list[LineQuantity]:
    pairs = zip(form.line, form.quantity, strict=False)
    return [LineQuantity(line, quantity) for line, quantity in pairs if line is not None and quantity]


@post("/fulfillment/{fulfillment_id:uuid}/picks", permission="fulfillment:pick")
async def pick(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Count units as picked, by line or by what was scanned."""
    form = await forms.read(unit, PickForm)

    async def work(tx: Tx, sent: PickForm) -> Sequence[Any]:
        picks = [Pick(fulfillment_id, *x) for x in _quantities(sent)]
        if sent.code:
            meant = await picking.scanned(tx, fulfillment_id, sent.code)
            if isinstance(meant, Refusal):
                return [meant]
            picks.append(meant)
        return await service.pick_lines(tx, picks=picks) if picks else []

    return await _changed(unit, fulfillment_id, form, work=work, flash=N_("Picked."))


@post("/fulfillment/{fulfillment_id:uuid}/put-backs", permission="fulfillment:pick")
async def put_back(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Count withdrawn units as back on the shelf."""
    form = await forms.read(unit, QuantitiesForm)

    async def work(tx: Tx, sent: QuantitiesForm) -> Sequence[Any]:
        wishes = [PutBack(fulfillment_id, *x) for x in _quantities(sent)]
        return await service.put_back(tx, wishes=wishes) if wishes else []

    return await _changed(unit, fulfillment_id, form, work=work, flash=N_("Back on the shelf."))


@post("/fulfillment/{fulfillment_id:uuid}/shorts", permission="fulfillment:pick")
async def short(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Count units as not there."""
    form = await forms.read(unit, ShortForm)

    async def work(tx: Tx, sent: ShortForm) -> Sequence[Any]:
        return await service.short_pick(tx, shorts=[Short(fulfillment_id, sent.line, sent.quantity, sent.reason)])

    return await _changed(unit, fulfillment_id, form, work=work, flash=N_("Stock was counted down."))


@post("/fulfillment/{fulfillment_id:uuid}/acknowledgement", permission="fulfillment:pack")
async def acknowledge(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Keep that the notes were read."""
    form = await forms.read(unit, NothingForm)

    async def work(tx: Tx, _: NothingForm) -> Sequence[Any]:
        return await service.acknowledge_notes(tx, wishes=[Acknowledgement(fulfillment_id)])

    return await _changed(unit, fulfillment_id, form, work=work, flash=N_("Noted that you have read the notes."))


@post("/fulfillment/{fulfillment_id:uuid}/parcels", permission="fulfillment:pack")
async def pack(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Fill a box."""
    form = await forms.read(unit, PackForm)

    async def work(tx: Tx, sent: PackForm) -> Sequence[Any]:
        lines = tuple(_quantities(sent))
        packs = [Pack(fulfillment_id, lines, sent.weight_g)] if lines else []
        return await service.pack_parcels(tx, packs=packs) if packs else []

    return await _changed(unit, fulfillment_id, form, work=work, flash=N_("The parcel is packed."))


async def _of_parcel(unit: Unit, parcel_id: UUID) -> UUID:
    async with unit.read() as tx:
        found, _ = await of_parcel(tx, parcel_id)
    return found.fulfillment.fulfillment_id


@post("/parcels/{parcel_id:uuid}/unpacking", permission="fulfillment:pack")
async def unpack(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Open a parcel again."""
    form = await forms.read(unit, NothingForm)

    async def work(tx: Tx, _: NothingForm) -> Sequence[Any]:
        return await service.unpack_parcels(tx, wishes=[Unpack(parcel_id)])

    return await _changed(unit, await _of_parcel(unit, parcel_id), form, work=work, flash=N_("The parcel is open."))


@post("/parcels/{parcel_id:uuid}/shipment", permission="fulfillment:ship")
async def ship(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Let a parcel leave."""
    form = await forms.read(unit, ShipForm)

    async def work(tx: Tx, sent: ShipForm) -> Sequence[Any]:
        return await service.ship_parcels(
            tx, wishes=[Ship(parcel_id, sent.carrier or None, sent.tracking_number or None)]
        )

    return await _changed(unit, await _of_parcel(unit, parcel_id), form, work=work, flash=N_("The parcel has left."))


@post("/parcels/{parcel_id:uuid}/delivery", permission="fulfillment:deliver")
async def deliver(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Count a parcel as arrived."""
    form = await forms.read(unit, NothingForm)

    async def work(tx: Tx, _: NothingForm) -> Sequence[Any]:
        return await service.deliver_parcels(tx, wishes=[Delivery(parcel_id)])

    return await _changed(unit, await _of_parcel(unit, parcel_id), form, work=work, flash=N_("The parcel has arrived."))


@post("/parcels/{parcel_id:uuid}/label", permission="fulfillment:ship")
async def order_label(unit: Unit, parcel_id: UUID) -> Response[str]:
    """Let a carrier make a label."""
    form = await forms.read(unit, LabelForm)
    fulfillment_id = await _of_parcel(unit, parcel_id)
    if form.value is None:
        return await answer(unit, fulfillment_id, form)
    try:
        (outcome,) = await service.order_labels(
            unit.runtime.database, unit.scope, parcel_ids=[parcel_id], carrier=form.value.carrier
        )
    except Refusal as refusal:
        outcome = refusal
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return await answer(unit, fulfillment_id, form)
    return pages.redirect(unit, f"/fulfillment/{fulfillment_id}", flash=N_("The label is ready to print."))


@post("/fulfillment/{fulfillment_id:uuid}/ready", permission="fulfillment:ship")
async def make_ready(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Let goods wait to be collected; the code is shown on the page that answers, and never again."""
    form = await forms.read(unit, NothingForm)
    (outcome,) = await unit.write(lambda tx: service.make_ready(tx, wishes=[Readiness(fulfillment_id)]))
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return await answer(unit, fulfillment_id, form)
    return await answer(unit, fulfillment_id, code=outcome.code)


@post("/fulfillment/{fulfillment_id:uuid}/collection", permission="fulfillment:ship")
async def collect(unit: Unit, fulfillment_id: UUID) -> Response[str]:
    """Hand goods over to whoever shows the code."""
    form = await forms.read(unit, CodeForm)

    async def work(tx: Tx, sent: CodeForm) -> Sequence[Any]:
        return await service.collect_fulfillments(tx, wishes=[Collection(fulfillment_id, sent.code)])

    return await _changed(unit, fulfillment_id, form, work=work, flash=N_("The goods were handed over."))


HANDLERS: tuple[Any, ...] = (
    work_page,
    pick,
    put_back,
    short,
    acknowledge,
    pack,
    unpack,
    ship,
    deliver,
    order_label,
    make_ready,
    collect,
)
