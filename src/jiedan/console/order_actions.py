"""What staff do to an order from its page: cancel, hold, lift, perform, complete, reopen, note, comment, tag, give.

What can be taken back is offered to be, right after it was done: tags, holds, and who looks after the order.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.pages import Undo
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.console.errors import NothingChosen
from jiedan.console.order import address, order_answer
from jiedan.orders import queries, service
from jiedan.orders.rules import mentions
from jiedan.orders.values import (
    COMMENT_CHARS_MAX,
    NOTE_CHARS_MAX,
    ORDER_ROWS_MAX,
    REASON_CHARS_MAX,
    Assignment,
    CancelRequest,
    Hold,
    HoldId,
    HoldRequest,
    LiftRequest,
    LineQuantity,
    MarkRequest,
    NewComment,
    NewNote,
    NoteKind,
    Order,
    OrderEdit,
    OrderId,
    ReopenRequest,
)

F = TypeVar("F", bound=Form)

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARS_MAX)]
Number = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Numbers = Annotated[list[Number | None], msgspec.Meta(max_length=ORDER_ROWS_MAX)]


class CancelForm(Form):
    """Why to cancel, and how many of which lines; `whole` cancels everything that is left."""

    reason: Reason
    whole: bool = False
    line: Numbers = msgspec.field(default_factory=list)
    quantity: Numbers = msgspec.field(default_factory=list)


class HoldForm(Form):
    """What to stop the order for."""

    kind: bodies.Code
    reason: Reason


class ReasonForm(Form):
    """Why."""

    reason: Reason


class PerformForm(Form):
    """How many of which services were performed."""

    line: Numbers = msgspec.field(default_factory=list)
    quantity: Numbers = msgspec.field(default_factory=list)


class NoteForm(Form):
    """Something to be said about the order."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE_CHARS_MAX)]
    kind: NoteKind = "internal"
    key: str = ""


class CommentForm(Form):
    """Something to say among colleagues; `kind` is of the note that the same form may become."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=COMMENT_CHARS_MAX)]
    kind: str = ""


class TagForm(Form):
    """A tag to put on, or to take off."""

    add: Annotated[str, msgspec.Meta(max_length=50)] = ""
    remove: Annotated[str, msgspec.Meta(max_length=50)] = ""


class AssignForm(Form):
    """Who looks after the order from now on; empty is nobody."""

    version: bodies.Version
    assignee_id: UUID | None = None


async def _changed(
    unit: Unit,
    order_id: UUID,
    name: str,
    form: Filled[F],
    *,
    work: Callable[[Tx, F], Awaitable[Sequence[Any]]],
    flash: str,
    undo: Callable[[F, Any], Undo | None] = lambda _sent, _outcome: None,
) -> Response[str]:
    """Do `work` with what was sent and go back to the order, or show the order with what is wrong.

    `undo` makes a way back of what was sent and what came of it.
    """
    sent = form.value
    if sent is None:
        return await order_answer(unit, order_id, name, form)
    try:
        outcomes = await unit.write(lambda tx: work(tx, sent))
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                raise outcome
    except Refusal as refusal:
        form.refuse(refusal)
        return await order_answer(unit, order_id, name, form)
    return pages.redirect(unit, address(unit, order_id), flash=flash, undo=undo(sent, outcomes[0]))


def _place(unit: Unit, order_id: UUID, below: str) -> str:
    """Return where a form of the order's page is sent, with the list that the page was opened from."""
    at, mark, query = address(unit, order_id).partition("?")
    return f"{at}{below}{mark}{query}"


def _quantities(sent: CancelForm | PerformForm) -> tuple[LineQuantity, ...]:
    """Return the quantities typed beside their lines; empty ones and zeros are not meant."""
    pairs = zip(sent.line, sent.quantity, strict=False)
    return tuple(LineQuantity(line, quantity) for line, quantity in pairs if line and quantity)


@post("/orders/{order_id:uuid}/cancellations", permission="orders:cancel")
async def cancel(unit: Unit, order_id: UUID) -> Response[str]:
    """Cancel an order whole, or so many units of some lines."""
    form = await forms.read(unit, CancelForm)

    async def work(tx: Tx, sent: CancelForm) -> Sequence[Any]:
        lines = None if sent.whole else _quantities(sent)
        if lines == ():
            return [NothingChosen(field="quantity")]
        return await service.cancel_orders(tx, requests=[CancelRequest(order_id, sent.reason, lines)])

    return await _changed(unit, order_id, "cancel", form, work=work, flash=N_("Canceled."))


@post("/orders/{order_id:uuid}/holds", permission="orders:hold")
async def hold(unit: Unit, order_id: UUID) -> Response[str]:
    """Stop an order."""
    form = await forms.read(unit, HoldForm)

    async def work(tx: Tx, sent: HoldForm) -> Sequence[Any]:
        return await service.place_holds(tx, requests=[HoldRequest(order_id, sent.kind, sent.reason)])

    def undo(_: HoldForm, hold_id: HoldId) -> Undo | None:
        if not unit.may("orders:lift"):
            return None
        reason = i18n.gettext(unit.locale, N_("Taken back at once"))
        return Undo(_place(unit, order_id, f"/holds/{hold_id}/lift"), {"reason": reason})

    return await _changed(unit, order_id, "hold", form, work=work, flash=N_("The order is on hold."), undo=undo)


@post("/orders/{order_id:uuid}/holds/{hold_id:uuid}/lift", permission="orders:lift")
async def lift(unit: Unit, order_id: UUID, hold_id: UUID) -> Response[str]:
    """Take a hold away."""
    form = await forms.read(unit, ReasonForm)

    async def work(tx: Tx, sent: ReasonForm) -> Sequence[Any]:
        request = LiftRequest(HoldId(hold_id), sent.reason, unit.principal.permissions, order_id)
        (outcome,) = await service.lift_holds(tx, requests=[request])
        if isinstance(outcome, Refusal):
            return [outcome]
        details = await queries.details(tx, [OrderId(order_id)])
        return [hold for hold in details[OrderId(order_id)].holds if hold.hold_id == outcome]

    def undo(_: ReasonForm, was: Hold) -> Undo | None:
        if was.kind not in words.HOLDS_BY_HAND or not unit.may("orders:hold"):
            return None
        return Undo(_place(unit, order_id, "/holds"), {"kind": was.kind, "reason": was.reason})

    name, flash = f"lift-{hold_id}", N_("The hold was lifted.")
    return await _changed(unit, order_id, name, form, work=work, flash=flash, undo=undo)


@post("/orders/{order_id:uuid}/performances", permission="orders:write")
async def perform(unit: Unit, order_id: UUID) -> Response[str]:
    """Mark services as performed."""
    form = await forms.read(unit, PerformForm)

    async def work(tx: Tx, sent: PerformForm) -> Sequence[Any]:
        lines = _quantities(sent)
        if not lines:
            return [NothingChosen(field="quantity")]
        return await service.perform_services(tx, performances=[service.Performance(order_id, lines)])

    return await _changed(unit, order_id, "perform", form, work=work, flash=N_("Marked as performed."))


@post("/orders/{order_id:uuid}/completion", permission="orders:complete")
async def complete(unit: Unit, order_id: UUID) -> Response[str]:
    """Complete an order by hand."""
    form = await forms.read(unit, ReasonForm)

    async def work(tx: Tx, sent: ReasonForm) -> Sequence[Any]:
        return await service.complete_orders(tx, requests=[service.CompleteRequest(order_id, sent.reason)])

    return await _changed(unit, order_id, "complete", form, work=work, flash=N_("The order is completed."))


@post("/orders/{order_id:uuid}/reopening", permission="orders:reopen")
async def reopen(unit: Unit, order_id: UUID) -> Response[str]:
    """Open an order again that was canceled or has expired."""
    form = await forms.read(unit, ReasonForm)

    async def work(tx: Tx, sent: ReasonForm) -> Sequence[Any]:
        return await service.reopen_orders(tx, requests=[ReopenRequest(order_id, reason=sent.reason)])

    return await _changed(unit, order_id, "reopen", form, work=work, flash=N_("The order is open again."))


@post("/orders/{order_id:uuid}/notes", permission="orders:write")
async def note(unit: Unit, order_id: UUID) -> Response[str]:
    """Write a note on an order."""
    form = await forms.read(unit, NoteForm)

    async def work(tx: Tx, sent: NoteForm) -> Sequence[Any]:
        edit = OrderEdit(notes=(NewNote(kind=sent.kind, text=sent.text),))
        return [await service.edit_order(tx, order_id=order_id, edit=edit, version=None)]

    return await _changed(unit, order_id, "note", form, work=work, flash=N_("The note was written."))


@post("/orders/{order_id:uuid}/comments", permission="orders:comment")
async def comment(unit: Unit, order_id: UUID) -> Response[str]:
    """Say something to colleagues; who is named behind an @ is called."""
    form = await forms.read(unit, CommentForm)

    async def work(tx: Tx, sent: CommentForm) -> Sequence[Any]:
        names: dict[UUID, str] = {}
        if any(sign in sent.text for sign in mentions.SIGNS):
            names = {person.staff_id: person.name for person in await accounts.staff(tx) if person.is_active}
        wish = NewComment(order_id, sent.text, mentions.mentioned_in(sent.text, names))
        return [await service.comment_order(tx, comment=wish, key=f"console-{sent.key}")]

    return await _changed(unit, order_id, "comment", form, work=work, flash=N_("The comment was written."))


@post("/orders/{order_id:uuid}/tags", permission="orders:write")
async def tag(unit: Unit, order_id: UUID) -> Response[str]:
    """Put a tag on an order, or take one off."""
    form = await forms.read(unit, TagForm)

    async def work(tx: Tx, sent: TagForm) -> Sequence[Any]:
        added, removed = [(text,) if text else () for text in (sent.add, sent.remove)]
        return await service.mark_orders(tx, requests=[MarkRequest(order_id, added, removed)])

    def undo(sent: TagForm, _: object) -> Undo:
        return Undo(_place(unit, order_id, "/tags"), {"add": sent.remove, "remove": sent.add})

    return await _changed(unit, order_id, "tag", form, work=work, flash=N_("The tags were changed."), undo=undo)


@post("/orders/{order_id:uuid}/assignment", permission="orders:write")
async def assign(unit: Unit, order_id: UUID) -> Response[str]:
    """Give an order to a colleague, take it, or give it to nobody."""
    form = await forms.read(unit, AssignForm)

    async def work(tx: Tx, sent: AssignForm) -> Sequence[Any]:
        found = await queries.orders_for_update(tx, [order_id])
        (outcome,) = await service.assign_orders(tx, assignments=[Assignment(order_id, sent.assignee_id, sent.version)])
        return [outcome if isinstance(outcome, Refusal) else found[outcome].order]

    def undo(sent: AssignForm, before: Order) -> Undo | None:
        if before.assignee_id == sent.assignee_id:
            return None
        fields = {"version": str(before.version + 1), "assignee_id": str(before.assignee_id or "")}
        return Undo(_place(unit, order_id, "/assignment"), fields)

    flash = N_("The order was handed over.")
    return await _changed(unit, order_id, "assign", form, work=work, flash=flash, undo=undo)


HANDLERS: tuple[Any, ...] = (cancel, hold, lift, perform, complete, reopen, note, comment, tag, assign)
