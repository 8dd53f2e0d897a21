"""The queue of cases: what a person has to look at, who looks at it, what was found and how it ended."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import Staff
from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import NotFound, Refusal, accepted
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.cases import queries, service
from jiedan.cases.values import (
    KIND_LABELS,
    NOTE_CHARACTERS_MAX,
    RESOLUTION_CHARACTERS_MAX,
    Assignment,
    Case,
    CaseFilter,
    NewNote,
    Note,
    Resolution,
)
from jiedan.console import case_words, timeline, words
from jiedan.console.order_shown import ShownPayment, refundable, tenders_of
from jiedan.fulfillment import queries as fulfillment
from jiedan.orders import queries as orders
from jiedan.orders.values import Line, Order
from jiedan.payments import queries as payments
from jiedan.payments.values import PaymentId

ROWS = 50
EVERYBODY, MINE, NOBODY = "", "me", "nobody"
LIST_NAME = "console-cases"

CASE = "case"
"""The parameter in which the money of an order is told of the case that it is looked at from."""

ABOUT_MONEY = frozenset(
    {"overpaid", "underpaid", "payment_after_end", "payment_mismatch", "payment_unknown", "refund_under_way"}
    | {"refund_due", "refund_failed", "void_failed", "canceled_after_hand_over", "canceled_yet_delivered"}
)
"""Kinds of cases that show the money of their order, with what can be done about it."""

F = TypeVar("F", bound=Form)


class Asked(NamedTuple):
    """What the address asks for: `who` is everybody, me, nobody, or the id of one of the staff."""

    kind: str
    who: str
    is_resolved: bool


class Named(NamedTuple):
    """An order that a case is about, directly, by its payment or by its parcel."""

    order_id: UUID
    number: str


class ShownCase(NamedTuple):
    """A case with the order it is about and the name of who works on it."""

    case: Case
    order: Named | None
    assignee: str


class Money(NamedTuple):
    """The money of the order that a case is about."""

    order: Order
    payments: list[ShownPayment]
    refundable: list[Line]


class Opened(NamedTuple):
    """A case whole, for its page; `money` where it is about some that the reader may see."""

    shown: ShownCase
    money: Money | None
    notes: list[tuple[Note, str]]
    resolved_by: str
    people: list[Staff]


class AssignForm(Form):
    """Who works on the case from now on; empty is nobody."""

    version: bodies.Version
    assignee_id: UUID | None = None


class NoteForm(Form):
    """Something to be remembered."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE_CHARACTERS_MAX)]


class ResolveForm(Form):
    """How the case ended."""

    version: bodies.Version
    resolution: Annotated[str, msgspec.Meta(min_length=1, max_length=RESOLUTION_CHARACTERS_MAX)]


@get("/cases", permission="cases:read")
async def cases_page(unit: Unit) -> Response[str]:
    """Show the queue."""
    asked = _asked(unit)
    filters = _filters(unit, asked)
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page(LIST_NAME, filters=filters._asdict(), limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.cases(tx, request=request, filters=filters)
        numbers = await queries.open_numbers(tx)
        people = _at_work(await accounts.staff(tx))
        shown = await _shown(tx, page.items, people)
    return pages.render(
        unit,
        "console/cases.html",
        page=paging.Page(shown, page.next, page.previous),
        numbers=numbers,
        total=sum(numbers.values()),
        counted_max=queries.COUNTED_MAX,
        asked=asked,
        people=people,
        labels=KIND_LABELS,
        words=words,
    )


def _asked(unit: Unit) -> Asked:
    given = unit.request.query_params
    return Asked(given.get("kind") or "", given.get("who") or EVERYBODY, given.get("state") == "resolved")


def _filters(unit: Unit, asked: Asked) -> CaseFilter:
    """Return what is asked for; an id that is none finds nothing, as nobody has it."""
    filters = CaseFilter("resolved" if asked.is_resolved else "open", asked.kind or None)
    if asked.who == EVERYBODY:
        return filters
    if asked.who == NOBODY:
        return filters._replace(is_assigned=False)
    try:
        return filters._replace(assignee_id=UUID(unit.principal.actor.id if asked.who == MINE else asked.who))
    except ValueError:
        return filters._replace(assignee_id=UUID(int=0))


def _at_work(people: Sequence[Staff]) -> list[Staff]:
    """Return who can be given a case."""
    return [person for person in people if person.is_active and person.has_password]


async def _shown(tx: ReadTx, cases: Sequence[Case], people: Sequence[Staff]) -> list[ShownCase]:
    """Add orders and names: four statements at most, whatever the number."""
    about = await _orders_about(tx, cases)
    names: dict[UUID, str] = {person.staff_id: person.name for person in people}
    gone = {case.assignee_id for case in cases if case.assignee_id is not None} - names.keys()
    if gone:
        actors = {Actor("staff", str(staff_id)): staff_id for staff_id in gone}
        found = await tx.load_one(accounts.actor_names(set(actors)))
        names |= {staff_id: found[actor] for actor, staff_id in actors.items()}
    return [
        ShownCase(case, about.get(case.subject_id), "" if case.assignee_id is None else names[case.assignee_id])
        for case in cases
    ]


async def _orders_about(tx: ReadTx, cases: Sequence[Case]) -> Mapping[UUID, Named]:
    """Return by the subject of a case the order it is about."""
    wanted: dict[UUID, UUID] = {case.subject_id: case.subject_id for case in cases if case.subject_kind == "order"}
    paid = [PaymentId(case.subject_id) for case in cases if case.subject_kind == "payment"]
    if paid:
        of = await payments.orders_of_payments(tx, paid)
        wanted |= {payment_id: order_id for payment_id, order_id in of.items() if order_id is not None}
    sent = [case.subject_id for case in cases if case.subject_kind == "parcel"]
    if sent:
        wanted |= await fulfillment.orders_of(tx, parcel_ids=sent)
    if not wanted:
        return {}
    found: Mapping[Any, Any] = await orders.orders(tx, set(wanted.values()))
    return {
        subject_id: Named(order_id, found[order_id].order.number)
        for subject_id, order_id in wanted.items()
        if order_id in found
    }


@get("/cases/{case_id:uuid}", permission="cases:read")
async def case_page(unit: Unit, case_id: UUID) -> Response[str]:
    """Show a case."""
    return await case_answer(unit, case_id)


def case_behind(unit: Unit) -> UUID | None:
    """Return the case from whose page a form about the money of its order was sent, None for the order's own."""
    try:
        found = UUID(unit.request.query_params.get(CASE, ""))
    except ValueError:
        return None
    return found if unit.may("cases:read") else None


async def case_answer(
    unit: Unit, case_id: UUID, name: str = "", form: "Filled[Any] | None" = None, effect: object = None
) -> Response[str]:
    """Show a case; `form` is what was just sent under `name` and did not go through.

    With `effect` it was not meant to yet: that is what it would do.
    """
    async with unit.read() as tx:
        opened = await _opened(unit, tx, case_id)
    return pages.render(
        unit,
        "console/case.html",
        form=form,
        opened=opened,
        case=opened.shown.case,
        order=opened.shown.order,
        sent={name: form} if form is not None else {},
        effects={name: effect} if effect is not None else {},
        sent_name=name,
        labels=KIND_LABELS,
        me=unit.principal.actor.id,
        form_key=unit.own_id,
        words=words,
        case_words=case_words,
    )


async def _opened(unit: Unit, tx: ReadTx, case_id: UUID) -> Opened:
    case = await queries.case(tx, case_id)
    notes = (await queries.notes_of(tx, [case_id])).get(case_id, [])
    people = _at_work(await accounts.staff(tx))
    (shown,) = await _shown(tx, [case], people)
    resolver = None if case.resolved_by is None else _resolver(case.resolved_by)
    actors = {note.author for note in notes} | ({resolver} if resolver is not None else set())
    names = await tx.load_one(accounts.actor_names(actors)) if actors else {}
    told = [(note, timeline.name_of(unit, note.author, names)) for note in notes]
    return Opened(shown, await _money(unit, tx, shown), told, "" if resolver is None else names[resolver], people)


async def _money(unit: Unit, tx: ReadTx, shown: ShownCase) -> Money | None:
    if shown.order is None or shown.case.kind not in ABOUT_MONEY or not unit.may("payments:read"):
        return None
    found = await orders.order(tx, shown.order.order_id)
    return Money(found.order, await tenders_of(tx, shown.order.order_id), refundable(found.lines))


def _resolver(actor_id: str) -> Actor | None:
    """Return who resolved a case, None where it was Jiedan itself."""
    try:
        return Actor("staff", str(UUID(actor_id)))
    except ValueError:
        return None


@post("/cases/{case_id:uuid}/assignment", permission="cases:write")
async def assign(unit: Unit, case_id: UUID) -> Response[str]:
    """Give a case to somebody, or back to the queue."""
    form = await forms.read(unit, AssignForm)

    async def work(tx: Tx, sent: AssignForm) -> None:
        await service.check_version(tx, case_id=case_id, expected=sent.version)
        accepted(await service.assign_cases(tx, assignments=[Assignment(case_id, sent.assignee_id, sent.version)]))

    return await _changed(unit, case_id, "assign", form, work=work, flash=N_("The case has changed hands."))


@post("/cases/{case_id:uuid}/notes", permission="cases:write")
async def note(unit: Unit, case_id: UUID) -> Response[str]:
    """Write a note on a case."""
    form = await forms.read(unit, NoteForm)

    async def work(tx: Tx, sent: NoteForm) -> None:
        await service.add_note(tx, note=NewNote(case_id, sent.text), key=f"console-{sent.key}")

    return await _changed(unit, case_id, "note", form, work=work, flash=N_("The note was written."))


@post("/cases/{case_id:uuid}/resolution", permission="cases:write")
async def resolve(unit: Unit, case_id: UUID) -> Response[str]:
    """Settle a case."""
    form = await forms.read(unit, ResolveForm)

    async def work(tx: Tx, sent: ResolveForm) -> None:
        await service.check_version(tx, case_id=case_id, expected=sent.version)
        accepted(await service.resolve_cases(tx, resolutions=[Resolution(case_id, sent.resolution, sent.version)]))

    return await _changed(unit, case_id, "resolve", form, work=work, flash=N_("The case is settled."))


async def _changed(
    unit: Unit,
    case_id: UUID,
    name: str,
    form: Filled[F],
    *,
    work: Callable[[Tx, F], Awaitable[None]],
    flash: str,
) -> Response[str]:
    """Do `work` with what was sent and go back to the case, or show the case with what is wrong."""
    sent = form.value
    if sent is None:
        return await case_answer(unit, case_id, name, form)
    try:
        await unit.write(lambda tx: work(tx, sent))
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await case_answer(unit, case_id, name, form)
    return pages.redirect(unit, f"/cases/{case_id}", flash=flash)


HANDLERS: tuple[Any, ...] = (cases_page, case_page, assign, note, resolve)
