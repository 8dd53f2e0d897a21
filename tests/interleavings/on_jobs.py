"""Operations on what the worker does for a while: bulk jobs, files, checks of the books, replays, counted hours."""

from typing import Any
from uuid import UUID

from jiedan.base import books
from jiedan.base.db import Database, Tx
from jiedan.base.ids import TenantId
from jiedan.bulk import jobs as bulk_jobs
from jiedan.bulk import service as bulk
from jiedan.exports import jobs as export_jobs
from jiedan.exports import service as exports
from jiedan.notifications import queries
from jiedan.replays import service as replays
from jiedan.reports import jobs as report_jobs
from jiedan.reports import service as reports
from tests.interleavings.operation import call, task, use_case

GIFT = {"action": "tag", "wish": {"tag": "gift"}, "orders": [{"order_id": "{new}"}]}


async def _do_job(database: Database, tenant: TenantId, ids: Any) -> None:
    await bulk_jobs.DO_JOB.work(database, tenant, {"job_id": ids["job"]})


async def _write_file(database: Database, tenant: TenantId, ids: Any) -> None:
    await export_jobs.WRITE_FILE.work(database, tenant, {"export_id": ids["file"]})


async def _check_books(database: Database, tenant: TenantId, ids: Any) -> None:
    await books.CHECK.work(database, tenant, {"check_id": ids["check"]})


async def _mark_hours(tx: Tx, ids: Any) -> None:
    await report_jobs.MARK_HOURS.fn(tx, [await queries.event(tx, UUID(ids["placed"]))])


OPERATIONS = [
    call("begin a bulk job", "bulk, new", "POST /bulk-jobs", GIFT),
    task("do a bulk job", "bulk, new", _do_job),
    call("stop a bulk job", "bulk", "POST /bulk-jobs/{job}/stop"),
    call("go on with a bulk job", "bulk", "POST /bulk-jobs/{job}/continue"),
    call("go on with an old bulk job", "old bulk", "POST /bulk-jobs/{old job}/continue"),
    call("retry a bulk job", "old bulk", "POST /bulk-jobs/{old job}/retry"),
    use_case("forget bulk jobs", "old bulk", lambda tx, _: bulk.forget_old(tx)),
    call("ask for a file", "files", "POST /export-files", {"filters": {"payment": ["paid"]}}),
    task("write a file", "files", _write_file),
    use_case("forget files", "files", lambda tx, _: exports.forget_old(tx)),
    call("ask for a check", "books", "POST /books-checks"),
    task("check the books", "books", _check_books),
    use_case("forget checks", "books", lambda tx, _: books.forget_old(tx)),
    call("begin a replay", "replays", "POST /pricing/replays", {"days": 7}),
    # One set of it: a replay that is canceled between two keeps what it came to.
    use_case("do a replay", "replays", lambda tx, ids: replays.do_set(tx, replay_id=UUID(ids["replay"]))),
    call("cancel a replay", "replays", "POST /pricing/replays/{replay}/cancellation"),
    use_case("forget replays", "replays", lambda tx, _: replays.forget_old(tx)),
    use_case("count hours", "figures", lambda tx, _: reports.count_hours(tx)),
    use_case("count due hours", "figures", lambda tx, _: reports.count_due(tx)),
    use_case("mark hours", "figures", _mark_hours),
]
