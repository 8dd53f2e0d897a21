"""Pages of exports: choose what a file has, see how far it is, fetch it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, routing
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.exports import queries, rules, run, sending, service
from jiedan.exports.values import FIELDS_MAX, ExportStatus, FileFormat, MoneyWanted, Rows, Wanted
from jiedan.orders.values.lists import EVERYTHING, OrderFilter, given
from jiedan.payments.rules import finding
from jiedan.payments.rules.finding import MoneyFilter, PaymentFilter, RefundFilter

ROWS = 50
FILTERS_CHARS_MAX = 8_000

STATES: Mapping[ExportStatus, tuple[str, str, str]] = MappingProxyType(
    {
        ExportStatus.queued: (N_("Waiting for its turn"), "", "empty"),
        ExportStatus.running: (N_("Being written"), "info", "half"),
        ExportStatus.completed: (N_("Ready"), "ok", "full"),
        ExportStatus.stopped: (N_("Given up"), "bad", "empty"),
    }
)
"""How far a file is: label, tone, and how full its circle."""

KINDS: Mapping[Rows, str] = MappingProxyType(
    {"orders": N_("Orders, a row each"), "lines": N_("Lines of orders, a row each")}
)


class ExportForm(forms.Form):
    """What a file is to have."""

    rows: Rows = "orders"
    format: FileFormat = "csv"
    fields: Annotated[list[bodies.Code], msgspec.Meta(max_length=FIELDS_MAX)] = msgspec.field(default_factory=list)
    filters: Annotated[str, msgspec.Meta(max_length=FILTERS_CHARS_MAX)] = "{}"


@get("/exports/new", permission="orders:export")
async def new_export(unit: Unit) -> Response[str]:
    """Show what a file may have; filters are those of the list that one comes from."""
    asked = unit.request.query_params
    return await _form(unit, forms.empty(unit, rows=asked.get("rows"), filters=asked.get("filters")))


async def _form(unit: Unit, form: Filled[ExportForm]) -> Response[str]:
    rows: Rows = "lines" if form.text("rows") == "lines" else "orders"
    filters = _filters(form.text("filters", "{}")) or EVERYTHING
    async with unit.read() as tx:
        number = await run.counted(tx, filters)
    return pages.render(
        unit,
        "exports/new.html",
        form=form,
        rows=rows,
        kinds=KINDS,
        columns=rules.COLUMNS[rows],
        chosen=frozenset(form.raw.get("fields", ())),
        filters=given(filters),
        filters_json=msgspec.json.encode(filters).decode(),
        number=number,
    )


def _filters(text: str) -> OrderFilter | None:
    try:
        return msgspec.json.decode(text[:FILTERS_CHARS_MAX], type=OrderFilter)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None


@post("/exports", permission="orders:export")
async def begin(unit: Unit) -> Response[str]:
    """Let the file be written."""
    form = await forms.read(unit, ExportForm)
    sent = form.value
    if sent is None:
        return await _form(unit, form)
    filters = _filters(sent.filters)
    if filters is None:
        return pages.redirect(unit, "/exports/new", flash=N_("These filters cannot be used."), tone="warn")
    wanted = Wanted(sent.rows, sent.format, filters, unit.locale, tuple(sent.fields))
    try:
        job = await unit.write(lambda tx: service.begin_export(tx, wanted=wanted))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _form(unit, form)
    return pages.redirect(unit, f"/exports/{job.export_id}")


@get("/exports", permission="orders:export")
async def exports_page(unit: Unit) -> Response[str]:
    """List the files that are kept."""
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("exports", filters={}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.export_jobs(tx, request=request)
        names = await tx.load_one(accounts.actor_names({job.asked_by for job in page.items}))
    return pages.render(unit, "exports/list.html", page=page, names=names, states=STATES, kinds=KINDS)


@get("/exports/{export_id:uuid}", permission="orders:export")
async def export_page(unit: Unit, export_id: UUID) -> Response[str]:
    """Show how far a file is, and fetch it."""
    async with unit.read() as tx:
        job = await queries.export_job(tx, export_id)
    headings = {column.key: column.heading for column in rules.COLUMNS[job.rows]}
    fields = i18n.listed(unit.locale, [i18n.gettext(unit.locale, headings[x]) for x in job.fields if x in headings])
    return pages.render(
        unit, "exports/export.html", part="exports/_export.html", job=job, states=STATES, kinds=KINDS, fields=fields
    )


@get("/exports/{export_id:uuid}/file", permission="orders:export")
async def fetch(unit: Unit, export_id: UUID) -> Stream:
    """Send the file."""
    return await sending.download(unit, export_id)


class MoneyExportForm(forms.Form):
    """The filters of a list of payments or refunds, and what kind of file is wanted."""

    filters: Annotated[str, msgspec.Meta(max_length=FILTERS_CHARS_MAX)] = "{}"
    format: FileFormat = "csv"


@post("/payments/export", permission="payments:read")
async def export_payments(unit: Unit) -> Response[str] | Stream:
    """Send the payments that fit as a file."""
    return await _export_money(unit, PaymentFilter, "/payments")


@post("/payments/refunds/export", permission="payments:read")
async def export_refunds(unit: Unit) -> Response[str] | Stream:
    """Send the refunds that fit as a file."""
    return await _export_money(unit, RefundFilter, "/payments/refunds")


async def _export_money(unit: Unit, kind: type[MoneyFilter], path: str) -> Response[str] | Stream:
    form = await forms.read(unit, MoneyExportForm)
    sent = form.value
    try:
        filters = msgspec.json.decode(sent.filters if sent is not None else "", type=kind)
        finding.check_ranges(filters)
    except (msgspec.ValidationError, msgspec.DecodeError, Refusal):
        return pages.redirect(unit, path, flash=N_("These filters cannot be used."), tone="warn")
    file_format = sent.format if sent is not None else "csv"
    return await sending.of_money(unit, MoneyWanted(file_format, filters, unit.locale))


HANDLERS: tuple[Any, ...] = (
    new_export,
    begin,
    exports_page,
    export_page,
    fetch,
    export_payments,
    export_refunds,
)

ROUTER = routing.console(list(HANDLERS))
