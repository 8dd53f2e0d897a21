import dataclasses
from typing import Any
from uuid import UUID

import pytest

from jiedan.base import errands, errors, paging
from jiedan.base.db import Database, Scope, Tx
from jiedan.exports.tables import ExportJob
from tests.conftest import new_tenant

CURSORS = paging.Cursors("tests")

ERRANDS = errands.Errands(
    ExportJob,
    ExportJob.export_id,
    make=lambda row: row._asdict(),
    missing=errors.NotFound,
    under_way={"queued", "running"},
    apart={"filters"},
)


@dataclasses.dataclass(eq=False)
class TooMuchToSay(errors.Conflict):
    """A refusal with more words than are kept."""

    message = "{said}"

    said: str


def request(scope: Scope, *, limit: int = 50, cursor: str | None = None) -> paging.Request:
    return paging.Request.of(CURSORS, tenant=scope.tenant, name="errands", filters={}, limit=limit, cursor=cursor)


async def begun(tx: Tx, **changes: Any) -> UUID:
    export_id = tx.new_id()
    values: dict[str, Any] = {"rows": "orders", "status": "queued", **changes}
    counts = dict.fromkeys(("orders_expected", "orders_read", "rows_written", "size_bytes"), 0)
    await errands.insert(
        tx, ExportJob, export_id=export_id, format="csv", fields=["number"], filters={}, locale="en", **counts, **values
    )
    return export_id


async def test_an_errand_knows_who_asked_for_it_and_when(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        found = await ERRANDS.one(tx, await begun(tx))
        assert (found["actor_kind"], found["actor_id"]) == tuple(scope.actor)
        assert found["created_at"] == found["updated_at"] == tx.now
    assert (found["status"], found["stopped_by"]) == ("queued", "")


async def test_what_is_read_apart_is_not_read(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        found = await ERRANDS.one_for_update(tx, await begun(tx))
    assert "filters" not in found
    assert "fields" in found


async def test_what_is_not_there_is_missing(db: Database, scope: Scope) -> None:
    other = Scope(await new_tenant(db))
    async with db.begin(other) as tx:
        foreign = await begun(tx)
    async with db.begin(scope) as tx:
        for load in (ERRANDS.one, ERRANDS.one_for_update):
            with pytest.raises(errors.NotFound):
                await load(tx, foreign)
        assert await ERRANDS.newest(tx) is None
        assert not await errands.update(tx, ExportJob, ExportJob.export_id == foreign, status="stopped")


async def test_the_newest_come_first(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        made = [await begun(tx, rows=rows) for rows in ("orders", "lines", "orders")]
        page = await ERRANDS.page(tx, request(scope, limit=2))
        rest = await ERRANDS.page(tx, request(scope, limit=2, cursor=page.next))
        lines = await ERRANDS.page(tx, request(scope), ExportJob.rows == "lines")
    assert [one["export_id"] for one in (*page.items, *rest.items)] == made[::-1]
    assert [one["export_id"] for one in lines.items] == [made[1]]
    assert page.each(lambda one: one["export_id"]) == paging.Page(made[:0:-1], page.next, None)


async def test_what_has_ended_is_not_under_way(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        first, second, _ = [await begun(tx, status=status) for status in ("queued", "running", "completed")]
        found = [await ERRANDS.newest_under_way(tx)]
        assert await errands.update(
            tx, ExportJob, ExportJob.export_id == second, status="stopped", stopped_by="Enough."
        )
        found.append(await ERRANDS.newest_under_way(tx))
        assert await ERRANDS.newest_under_way(tx, ExportJob.rows == "lines") is None
        stopped = await ERRANDS.one(tx, second)
    assert [one and one["export_id"] for one in found] == [second, first]
    assert (stopped["status"], stopped["stopped_by"]) == ("stopped", "Enough.")


def test_the_reason_is_cut_to_what_is_kept() -> None:
    assert len(errands.why("en", TooMuchToSay(said="no " * 1_000))) == errands.STOPPED_BY_CHARS_MAX
