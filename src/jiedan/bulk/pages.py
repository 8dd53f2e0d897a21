"""Pages of bulk jobs: begin one, see how far it is, what became of each order; try again what failed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import Staff
from jiedan.base.errors import Refusal
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, routing
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.bulk import queries, rules, service
from jiedan.bulk.values import CHOSEN_MAX, DEEDS, Action, BulkJob, Chosen, ItemStatus, JobStatus, Wish
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Account
from jiedan.orders.errors import HOLDS_BY_HAND
from jiedan.orders.rules import assigning
from jiedan.orders.values import NOTE_KINDS, REASON_CHARS_MAX, NewNote, NoteKind, Tag
from jiedan.orders.values.lists import OrderFilter

ROWS = 50
FILTERS_CHARS_MAX = 8_000
LISTING_CHARS_MAX = 2_000

Ticked = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F-]{36}(:[0-9]{1,18})?$", max_length=60)]
"""An order's id, and the version it was shown with behind a colon."""

AT_ONCE: frozenset[Action] = frozenset({"release"})
"""What is done to ticked orders without another question: it needs no words, and each can be taken back."""

FINAL: frozenset[Action] = frozenset({"ship", "cancel", "complete"})
"""What cannot be taken back."""

STATES: Mapping[JobStatus, tuple[str, str, str]] = MappingProxyType(
    {
        JobStatus.queued: (N_("Waiting for its turn"), "", "empty"),
        JobStatus.listing: (N_("Choosing the orders"), "info", "quarter"),
        JobStatus.running: (N_("Under way"), "info", "half"),
        JobStatus.completed: (N_("Finished"), "ok", "full"),
        JobStatus.stopped: (N_("Stopped"), "warn", "half"),
    }
)
"""How far a job is: label, tone, and how full its circle."""

ITEM_STATES: Mapping[ItemStatus, tuple[str, str, str]] = MappingProxyType(
    {
        ItemStatus.waiting: (N_("Waiting for its turn"), "", "empty"),
        ItemStatus.done: (N_("Done"), "ok", "full"),
        ItemStatus.failed: (N_("Not done"), "bad", "empty"),
    }
)

NOTES: Mapping[NoteKind, str] = MappingProxyType(
    {
        "delivery": N_("Delivery wish"),
        "packaging": N_("Packaging"),
        "customer": N_("From the customer"),
        "internal": N_("Internal"),
        "record": N_("For the record"),
    }
)


class BulkForm(forms.Form):
    """Something to be done to the orders that were ticked, or to all that fit the filters."""

    action: Action
    order_ids: Annotated[list[Ticked], msgspec.Meta(max_length=CHOSEN_MAX)] = msgspec.field(default_factory=list)
    everything: bool = False
    filters: Annotated[str, msgspec.Meta(max_length=FILTERS_CHARS_MAX)] = "{}"
    listing: Annotated[str, msgspec.Meta(max_length=LISTING_CHARS_MAX)] = ""
    asked: bool = False
    reason: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)] = ""
    hold_kind: bodies.Code = "manual"
    tag: Tag | None = None
    note: bodies.Text | None = None
    note_kind: NoteKind = "internal"
    carrier: bodies.Code | None = None
    assignee_id: UUID | None = None

    def chosen(self) -> list[Chosen]:
        """Return the orders that were ticked, each with the version it was shown with."""
        parts = [text.partition(":") for text in self.order_ids]
        return [Chosen(UUID(order_id), int(version) if version else None) for order_id, _, version in parts]

    def wish(self) -> Wish:
        """Return how it is to be done."""
        note = NewNote(kind=self.note_kind, text=self.note) if self.note is not None else None
        return Wish(
            reason=self.reason,
            hold_kind=self.hold_kind,
            tag=self.tag,
            note=note,
            carrier=self.carrier,
            assignee_id=self.assignee_id,
        )


@post("/bulk", permission="orders:read")
async def begin(unit: Unit) -> Response[str]:
    """Begin a job, or ask first for what it needs to know."""
    form = await forms.read(unit, BulkForm)
    sent = form.value
    if sent is None:
        if not form.raw.get("asked") or not form.raw.get("action"):
            return pages.redirect(unit, "/orders", flash=N_("Tick orders first, then choose what to do."), tone="warn")
        return await _ask(unit, form)
    unit.require(DEEDS[sent.action].permission)
    if not sent.order_ids and not sent.everything:
        return pages.redirect(
            unit, _back(sent.listing), flash=N_("Tick orders first, then choose what to do."), tone="warn"
        )
    if not sent.asked and (sent.everything or sent.action not in AT_ONCE):
        return await _ask(unit, form)
    try:
        filters = msgspec.json.decode(sent.filters, type=OrderFilter) if sent.everything else None
        job = await unit.write(
            lambda tx: service.begin_job(
                tx,
                action=sent.action,
                wish=sent.wish(),
                locale=unit.locale,
                chosen=() if sent.everything else sent.chosen(),
                filters=filters,
            )
        )
    except (msgspec.ValidationError, msgspec.DecodeError):
        return pages.redirect(unit, "/orders", flash=N_("These filters cannot be used."), tone="warn")
    except Refusal as refusal:
        form.refuse(refusal)
        return await _ask(unit, form)
    return pages.redirect(unit, f"/bulk/{job.job_id}")


async def _ask(unit: Unit, form: Filled[BulkForm]) -> Response[str]:
    """Ask for what the action needs to know, and say what it does."""
    action = form.text("action")
    deed = next((deed for name, deed in DEEDS.items() if name == action), None)
    if deed is None:
        return pages.redirect(unit, "/orders", flash=N_("Tick orders first, then choose what to do."), tone="warn")
    known: tuple[Account, ...] = ()
    people: list[Staff] = []
    async with unit.read() as tx:
        if action == "ship":
            known = tuple((await tx.load_one(carriers.carriers())).values())
        elif action == "assign":
            people = assigning.colleagues(await accounts.staff(tx))
    return pages.render(
        unit,
        "bulk/ask.html",
        form=form,
        deed=deed,
        action=action,
        everything=bool(form.raw.get("everything")),
        number=len(form.raw.get("order_ids", ())),
        is_final=action in FINAL,
        holds=HOLDS_BY_HAND,
        notes=[(kind, NOTES[kind]) for kind in NOTE_KINDS],
        carriers=known,
        people=people,
        me=unit.principal.actor.id,
        back=_back(form.text("listing")),
    )


def _back(listing: str) -> str:
    return f"/orders?{listing}" if listing else "/orders"


@get("/bulk", permission="orders:read")
async def jobs_page(unit: Unit) -> Response[str]:
    """List the jobs, newest first."""
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("bulk-jobs-page", filters={}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.jobs(tx, request=request)
        names = await tx.load_one(accounts.actor_names({job.asked_by for job in page.items}))
    return pages.render(unit, "bulk/jobs.html", page=page, names=names, deeds=DEEDS, states=STATES)


@get("/bulk/now", permission="orders:read")
async def under_way(unit: Unit) -> Response[str]:
    """Show how far the job in hand of this person is: a part of other pages, empty without one."""
    async with unit.read() as tx:
        job = await queries.under_way(tx, unit.principal.actor)
    return pages.render(unit, "bulk/now.html", part="bulk/_now.html", job=job, deeds=DEEDS, states=STATES)


@get("/bulk/{bulk_job_id:uuid}", permission="orders:read")
async def job_page(unit: Unit, bulk_job_id: UUID) -> Response[str]:
    """Show how far a job is, and what became of each order."""
    asked = unit.request.query_params.get("outcome", "")
    outcome = ItemStatus(asked) if asked in {*ItemStatus} else None
    cursor = unit.request.query_params.get("cursor") or None
    filters = {"job": str(bulk_job_id), "outcome": outcome}
    request = unit.page("bulk-items", filters=filters, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        job = await queries.job(tx, bulk_job_id)
        page = await queries.items(tx, bulk_job_id, request=request, status=outcome)
        given_to = Actor("staff", str(job.wish.assignee_id)) if job.wish.assignee_id is not None else None
        names = await tx.load_one(accounts.actor_names({job.asked_by, *([given_to] if given_to is not None else [])}))
    return pages.render(
        unit,
        "bulk/job.html",
        part="bulk/_job.html",
        job=job,
        page=page,
        outcome=outcome,
        asked_by=names[job.asked_by],
        given_to="" if given_to is None else names[given_to],
        deeds=DEEDS,
        deed=DEEDS[job.action],
        states=STATES,
        item_states=ITEM_STATES,
        needed=rules.NEEDED,
        may_do=unit.may(DEEDS[job.action].permission),
    )


@post("/bulk/{bulk_job_id:uuid}/retry", permission="orders:read")
async def retry(unit: Unit, bulk_job_id: UUID) -> Response[str]:
    """Try again what failed, as another job."""
    await _require(unit, bulk_job_id)
    job = await unit.write(lambda tx: service.retry_failed(tx, job_id=bulk_job_id, locale=unit.locale))
    return pages.redirect(unit, f"/bulk/{job.job_id}")


@post("/bulk/{bulk_job_id:uuid}/stop", permission="orders:read")
async def stop(unit: Unit, bulk_job_id: UUID) -> Response[str]:
    """Let a job end after the orders in hand."""
    await _require(unit, bulk_job_id)
    await unit.write(lambda tx: service.stop_job(tx, job_id=bulk_job_id, locale=unit.locale))
    return pages.redirect(unit, f"/bulk/{bulk_job_id}", flash=N_("The job was stopped."))


@post("/bulk/{bulk_job_id:uuid}/continue", permission="orders:read")
async def go_on(unit: Unit, bulk_job_id: UUID) -> Response[str]:
    """Let a job that was stopped go on."""
    await _require(unit, bulk_job_id)
    await unit.write(lambda tx: service.continue_job(tx, job_id=bulk_job_id))
    return pages.redirect(unit, f"/bulk/{bulk_job_id}", flash=N_("The job goes on."))


async def _require(unit: Unit, job_id: UUID) -> BulkJob:
    """Refuse whoever may not do to one order what the job does to many."""
    async with unit.read() as tx:
        job = await queries.job(tx, job_id)
    unit.require(DEEDS[job.action].permission)
    return job


HANDLERS: tuple[Any, ...] = (begin, jobs_page, under_way, job_page, retry, stop, go_on)

ROUTER = routing.console(list(HANDLERS))
