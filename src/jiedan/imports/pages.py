"""The console's pages of imports: send a file, say what its columns are, try it, run it, look at what was refused."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, routing, sending
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.imports import mapping, opening, queries, run, service
from jiedan.imports.targets import TARGETS, target
from jiedan.imports.values import MARKETPLACE, MARKETPLACE_PERMISSION, Field, ImportRun, ImportStatus, RowError, Trial

ROWS = 50
ERRORS_SHOWN = 100
LIST_NAME = "console-imports"
PAIR = "→"
"""Stands between field and column in what the form sends; no field holds it."""

KIND_LABELS: Mapping[str, str] = {
    "products": N_("Products"),
    "customers": N_("Customers"),
    "opening-stock": N_("Opening stock"),
    "postal-areas": N_("Postal areas"),
    "tax-rates": N_("Tax rates"),
    "orders": N_("Orders"),
}
STATUS_LABELS: Mapping[str, tuple[str, str, str]] = {
    "draft": (N_("Not begun"), "", "empty"),
    "queued": (N_("Waiting for its turn"), "info", "quarter"),
    "running": (N_("Under way"), "info", "half"),
    "completed": (N_("Done"), "ok", "full"),
    "stopped": (N_("Stopped"), "bad", "half"),
}


class Choice(NamedTuple):
    """A field that rows may have, and the column it comes from; `fixed` is the text of every row instead."""

    field: Field
    column: str
    fixed: str


class UploadForm(forms.Form):
    """What the file holds."""

    kind: bodies.Code


class ColumnsForm(forms.Form):
    """Which column is which field, and what is to be done then.

    `columns` are fields and columns, as `PAIR` joins them; `fixed` has a line `field = text` for each text that every
    row is to have.
    """

    act: str = "save"
    columns: list[bodies.Text] = msgspec.field(default_factory=list)
    fixed: str = ""


@get("/imports", permission="catalog:read")
async def imports_page(unit: Unit) -> Response[str]:
    """Show the imports, and the form for a new one."""
    return await _list_page(unit, forms.empty(unit, kind=unit.request.query_params.get("kind") or "products"))


@post("/imports", permission="catalog:read")
async def upload(unit: Unit) -> Response[str]:
    """Take in a file."""
    form = await forms.read(unit, UploadForm)
    sent = form.value
    if sent is not None:
        file = form.file("file")
        content = b"" if file is None else await file.read()
        key = await sending.number_of(unit.request) or None
        name = "" if file is None else file.filename
        try:
            begun, _ = await opening.begin(unit, kind=sent.kind, file_name=name, content=content, key=key)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, f"/imports/{begun.import_id}")
    return await _list_page(unit, form)


@get("/imports/{import_id:uuid}", permission="catalog:read")
async def import_page(unit: Unit, import_id: UUID) -> Response[str]:
    """Show an import: its columns before it begins, then how far it is and what was refused."""
    return await _page(unit, await opening.seen(unit, import_id))


@post("/imports/{import_id:uuid}/columns", permission="catalog:read")
async def choose_columns(unit: Unit, import_id: UUID) -> Response[str]:
    """Keep which column is which field; then try the import, run it, or do no more."""
    begun, source = await opening.with_file(unit, import_id)
    form = await forms.read(unit, ColumnsForm)
    sent = form.value
    if sent is None:
        return await _page(unit, begun, form=form)
    chosen = _chosen(sent)
    wanted = target(begun.kind)
    try:
        run.check(chosen, await opening.columns_of(source, begun.kind), wanted)
        begun = await unit.write(lambda tx: service.map_columns(tx, import_id=import_id, mapping=chosen))
        if sent.act == "run":
            await opening.queue(unit, import_id)
            return pages.redirect(unit, f"/imports/{import_id}", flash=N_("The import has begun."))
        if sent.act != "try":
            return pages.redirect(unit, f"/imports/{import_id}", flash=N_("The columns were kept."))
        trial = await run.try_out(
            unit.runtime.database,
            unit.scope,
            source=source,
            target=wanted,
            chosen=chosen,
            locale=unit.locale,
            rows_max=opening.TRIED_ROWS_MAX,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, begun, form=form)
    return await _page(unit, begun, trial=trial)


@post("/imports/{import_id:uuid}/runs", permission="catalog:read")
async def go_on(unit: Unit, import_id: UUID) -> Response[str]:
    """Let an import that was stopped go on."""
    await opening.queue(unit, import_id)
    return pages.redirect(unit, f"/imports/{import_id}", flash=N_("The import goes on."))


@get("/imports/{import_id:uuid}/errors.csv", permission="catalog:read", media_type="text/csv")
async def errors_csv(unit: Unit, import_id: UUID) -> Stream:
    """Return why rows were refused."""
    return await opening.errors_file(unit, import_id)


@get("/imports/{import_id:uuid}/refused.csv", permission="catalog:read", media_type="text/csv")
async def refused_csv(unit: Unit, import_id: UUID) -> Stream:
    """Return the rows that were refused, to correct and send again."""
    return await opening.refused_file(unit, import_id)


def _chosen(sent: ColumnsForm) -> dict[str, str]:
    """Return the mapping that a form says; a fixed text goes before a column."""
    chosen: dict[str, str] = {}
    for pair in sent.columns:
        field, _, column = pair.partition(PAIR)
        if column:
            chosen[field] = column
    for line in sent.fixed.splitlines():
        field, _, text = line.partition("=")
        if field.strip():
            chosen[field.strip()] = mapping.CONSTANT + text.strip()
    return chosen


async def _list_page(unit: Unit, form: "Filled[Any]") -> Response[str]:
    kinds = [each.kind for each in TARGETS.values() if unit.may(each.permission)]
    parts = unit.may(MARKETPLACE_PERMISSION)
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page(LIST_NAME, filters={"kinds": kinds, "parts": parts}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.import_runs(tx, request=request, kinds=kinds, with_parts=parts)
    return pages.render(
        unit,
        "imports/list.html",
        form=form,
        page=page,
        kinds=[(kind, i18n.gettext(unit.locale, KIND_LABELS[kind])) for kind in kinds],
        kind_word=lambda kind: _kind_word(unit.locale, kind),
        statuses=STATUS_LABELS,
    )


async def _page(
    unit: Unit, begun: ImportRun, *, form: "Filled[Any] | None" = None, trial: Trial | None = None
) -> Response[str]:
    after = unit.request.query_params.get("after", "0")
    after_row = min(int(after), bodies.INT64_MAX) if after.isascii() and after.isdigit() else 0
    async with unit.read() as tx:
        content = await queries.file_content(tx, import_id=begun.import_id)
        refused: Sequence[RowError] = await queries.row_errors(
            tx, import_id=begun.import_id, after_row=after_row, limit=ERRORS_SHOWN
        )
    columns: tuple[str, ...] = ()
    if begun.status is ImportStatus.draft and content is not None:
        _, source = await opening.with_file(unit, begun.import_id)
        columns = await opening.columns_of(source, begun.kind)
    return pages.render(
        unit,
        "imports/import.html",
        form=form,
        run=begun,
        trial=trial,
        kind=_kind_word(unit.locale, begun.kind),
        state=STATUS_LABELS[begun.status],
        is_under_way=begun.is_under_way,
        is_kept=content is not None,
        columns=columns,
        choices=_choices(begun, form),
        pair=PAIR,
        refused=trial.errors[:ERRORS_SHOWN] if trial is not None else refused,
        refused_max=ERRORS_SHOWN,
    )


def _choices(begun: ImportRun, form: "Filled[Any] | None") -> list[Choice]:
    """Return every field with what is chosen for it: as it was just sent, else as it is kept."""
    if begun.kind.startswith(MARKETPLACE):
        return []
    chosen: Mapping[str, str] = begun.mapping
    if form is not None and form.raw:
        sent = ColumnsForm(columns=list(form.raw.get("columns", ())), fixed=form.text("fixed"))
        chosen = _chosen(sent)
    return [_choice(field, chosen.get(field.name, "")) for field in target(begun.kind).fields]


def _choice(field: Field, source: str) -> Choice:
    is_fixed = source.startswith(mapping.CONSTANT)
    return Choice(field, "" if is_fixed else source, source.removeprefix(mapping.CONSTANT) if is_fixed else "")


def _kind_word(locale: str, kind: str) -> str:
    return i18n.gettext(locale, KIND_LABELS[kind]) if kind in KIND_LABELS else kind


ROUTER = routing.console([imports_page, upload, import_page, choose_columns, go_on, errors_csv, refused_csv])
