"""REST of imports: send a file, look at its columns, try it, run it, fetch what was refused."""

from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import Parameter
from litestar.response import Stream

from jiedan.base import i18n, paging
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.imports import opening, queries, run, service
from jiedan.imports.targets import TARGETS, target
from jiedan.imports.values import MARKETPLACE_PERMISSION, ImportRun, RowError, Trial

AfterRow = Annotated[int, Parameter(ge=0, le=bodies.INT64_MAX, description="Row after which the list begins.")]


class FieldView(msgspec.Struct, frozen=True):
    """A field that rows may have."""

    name: str
    meaning: str
    is_required: bool


class TargetView(msgspec.Struct, frozen=True):
    """Something that can be imported."""

    kind: str
    permission: str
    fields: list[FieldView]


class BegunView(msgspec.Struct, frozen=True):
    """A file that was taken in, the names of its columns and the mapping that could be told from them."""

    run: ImportRun
    columns: tuple[str, ...]


class MappingBody(bodies.Body):
    """Which column (value) is which field (key); `=text` as the value says that text in every row."""

    __example__: ClassVar = {"mapping": {"sku": "StockCode", "name": "Description", "price": "UnitPrice"}}

    mapping: dict[bodies.Name, bodies.Name]


@get("/imports/kinds", permission="catalog:read", summary="List what can be imported")
async def list_kinds(unit: Unit) -> list[TargetView]:
    """Return the kinds of imports that the caller may do, with their fields."""
    return [
        TargetView(
            each.kind,
            each.permission,
            [FieldView(x.name, i18n.gettext(unit.locale, x.meaning), x.is_required) for x in each.fields],
        )
        for each in TARGETS.values()
        if unit.may(each.permission)
    ]


@post("/imports", permission="catalog:read", upload="text/csv", summary="Begin an import")
async def begin_import(
    unit: Unit, kind: str, file_name: str = "upload", encoding: str | None = None
) -> Response[BegunView]:
    """Take in a file: the body is the CSV, gzip of CSV or XLSX itself. Nothing is imported yet.

    `encoding` names that of a CSV file which is not recognized.
    """
    content = await unit.request.body()
    begun, columns = await opening.begin(
        unit, kind=kind, file_name=file_name, content=content, encoding=encoding, key=unit.idempotency_key
    )
    return answers.created(BegunView(begun, columns), f"/api/v1/imports/{begun.import_id}")


@get("/imports", permission="catalog:read", summary="List imports")
async def list_imports(
    unit: Unit, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[ImportRun]]:
    """Return imports, newest first; of a whole marketplace, which the command line imports, a run for each part."""
    kinds = [each.kind for each in TARGETS.values() if unit.may(each.permission)]
    parts = unit.may(MARKETPLACE_PERMISSION)
    request = unit.page("imports", filters={"kinds": kinds, "parts": parts}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.import_runs(tx, request=request, kinds=kinds, with_parts=parts)
    return answers.listing(unit, page)


@get("/imports/{import_id:uuid}", permission="catalog:read", summary="Get an import")
async def get_import(unit: Unit, import_id: UUID) -> ImportRun:
    """Return how far an import is and what became of its rows."""
    return await opening.seen(unit, import_id)


@put("/imports/{import_id:uuid}/mapping", permission="catalog:read", summary="Choose the columns of an import")
async def map_columns(unit: Unit, import_id: UUID, data: MappingBody) -> ImportRun:
    """Say which column is which field; refused when a column or field does not exist, or a needed one is missing."""
    begun, source = await opening.with_file(unit, import_id)
    run.check(data.mapping, await opening.columns_of(source, begun.kind), target(begun.kind))
    return await unit.write(lambda tx: service.map_columns(tx, import_id=import_id, mapping=data.mapping))


@post("/imports/{import_id:uuid}/dry-run", permission="catalog:read", status_code=200, summary="Try an import")
async def try_import(unit: Unit, import_id: UUID) -> Trial:
    """Do everything the import would do, and undo it: what would become of the rows, and why some are refused."""
    begun, source = await opening.with_file(unit, import_id)
    return await run.try_out(
        unit.runtime.database,
        unit.scope,
        source=source,
        target=target(begun.kind),
        chosen=begun.mapping,
        locale=unit.locale,
        rows_max=opening.TRIED_ROWS_MAX,
    )


@post("/imports/{import_id:uuid}/run", permission="catalog:read", status_code=202, summary="Run an import")
async def run_import(unit: Unit, import_id: UUID) -> ImportRun:
    """Hand an import to the worker; one that was stopped goes on where it was."""
    return await opening.queue(unit, import_id)


@get("/imports/{import_id:uuid}/errors", permission="catalog:read", summary="List the refused rows of an import")
async def list_errors(unit: Unit, import_id: UUID, after_row: AfterRow = 0, limit: bodies.Limit = 50) -> list[RowError]:
    """Return why rows were refused, in the order of the file."""
    await opening.seen(unit, import_id)
    async with unit.read() as tx:
        return await queries.row_errors(tx, import_id=import_id, after_row=after_row, limit=limit)


@get(
    "/imports/{import_id:uuid}/errors.csv",
    permission="catalog:read",
    media_type="text/csv",
    summary="Download why rows were refused as CSV",
)
async def download_errors(unit: Unit, import_id: UUID) -> Stream:
    """Return why rows were refused as a CSV file that spreadsheets open as it is: a line for each reason."""
    return await opening.errors_file(unit, import_id)


@get(
    "/imports/{import_id:uuid}/refused.csv",
    permission="catalog:read",
    media_type="text/csv",
    summary="Download the refused rows as CSV",
)
async def download_refused(unit: Unit, import_id: UUID) -> Stream:
    """Return the refused rows as they stood in the file, each with its number and problem: to correct and send again.

    Such files are kept for a month.
    """
    return await opening.refused_file(unit, import_id)


ROUTER = routing.api(
    "Imports",
    [
        list_kinds,
        begin_import,
        list_imports,
        get_import,
        map_columns,
        try_import,
        run_import,
        list_errors,
        download_errors,
        download_refused,
    ],
)
