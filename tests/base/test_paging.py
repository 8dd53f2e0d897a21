from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import paging, tables
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.ids import TenantId

CURSORS = paging.Cursors("a secret that signs cursors in tests")
TENANT = UUID("0193a000-0000-7000-8000-000000000001")
ORDER_ID = UUID("0193a000-0000-7000-8000-0000000000aa")
POSITION: paging.Position = (datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC), ORDER_ID, 7, "名")


def request(**changes: Any) -> paging.Request:
    values: dict[str, Any] = {"tenant": TENANT, "name": "orders", "filters": {"status": "open"}, **changes}
    return paging.Request.of(CURSORS, **values)


def test_a_cursor_brings_its_position_and_direction_back() -> None:
    sealed = request().sealed(POSITION, backwards=True)
    opened = request(cursor=sealed)
    assert (opened.position, opened.backwards) == (POSITION, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"filters": {"status": "completed"}},
        {"filters": {}},
        {"name": "products"},
        {"tenant": UUID("0193a000-0000-7000-8000-000000000002")},
    ],
)
def test_a_cursor_of_another_list_is_refused(changes: dict[str, Any]) -> None:
    sealed = request().sealed(POSITION, backwards=False)
    with pytest.raises(paging.BadCursor) as refused:
        request(cursor=sealed, **changes)
    assert refused.value.field == "cursor"


def test_filters_not_given_do_not_bind_a_cursor() -> None:
    sealed = request(filters={"status": None}).sealed(POSITION, backwards=False)
    assert request(filters={}, cursor=sealed).position == POSITION


@given(st.data())
def test_a_cursor_changed_in_any_place_is_refused(data: st.DataObject) -> None:
    sealed = request().sealed(POSITION, backwards=False)
    place = data.draw(st.integers(0, len(sealed) - 2))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != sealed[place]))
    with pytest.raises(paging.BadCursor):
        request(cursor=sealed[:place] + other + sealed[place + 1 :])


@given(st.text(max_size=60).filter(bool))
def test_any_text_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(paging.BadCursor):
        request(cursor=text)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_between_one_and_two_hundred_rows(limit: int) -> None:
    with pytest.raises(paging.BadLimit) as refused:
        request(limit=limit)
    assert refused.value.field == "limit"


SERIES = tables.NumberSeries


async def _fill(db: Database, scope: Scope, count: int) -> None:
    async with db.begin(scope) as tx:
        await tx.execute(
            sa.insert(SERIES),
            [{"tenant_id": scope.tenant, "series": f"s{i:03}", "next_number": 1} for i in range(count)],
        )


async def _page(tx: ReadTx, keyset: paging.Keyset, cursor: str | None, limit: int) -> paging.Page[str]:
    asked = paging.Request.of(CURSORS, tenant=tx.tenant, name="series", filters={}, limit=limit, cursor=cursor)
    statement = sa.select(SERIES.series).where(SERIES.tenant_id == tx.tenant)
    rows = (await tx.execute(keyset.apply(statement, asked))).all()
    return keyset.page(rows, asked, make=lambda row: str(row.series), position=lambda row: (row.series,))


@pytest.mark.parametrize("descending", [True, False])
async def test_pages_forth_and_back_show_every_row_once(db: Database, scope: Scope, *, descending: bool) -> None:
    await _fill(db, scope, 23)
    keyset = paging.Keyset((SERIES.series,), descending=descending)
    expected = sorted((f"s{i:03}" for i in range(23)), reverse=descending)
    async with db.read(scope) as tx:
        forth = [await _page(tx, keyset, None, 5)]
        while forth[-1].next is not None:
            forth.append(await _page(tx, keyset, forth[-1].next, 5))
        assert [item for page in forth for item in page.items] == expected
        assert forth[0].previous is None
        back = [forth[-1]]
        while back[-1].previous is not None:
            back.append(await _page(tx, keyset, back[-1].previous, 5))
        assert [item for page in reversed(back) for item in page.items] == expected


async def test_an_empty_list_has_no_neighbors(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        assert await _page(tx, paging.Keyset((SERIES.series,)), None, 5) == paging.Page([], None, None)


async def test_a_page_whose_rows_went_meanwhile_leads_back_to_those_that_are_there(db: Database, scope: Scope) -> None:
    await _fill(db, scope, 12)
    keyset = paging.Keyset((SERIES.series,), descending=False)
    async with db.read(scope) as tx:
        first = await _page(tx, keyset, None, 5)
        second = await _page(tx, keyset, first.next, 5)
        third = await _page(tx, keyset, second.next, 5)
    await _remove(db, scope, "s008")
    async with db.read(scope) as tx:
        behind = await _page(tx, keyset, second.next, 5)
        last = await _page(tx, keyset, behind.previous, 5)
        before = await _page(tx, keyset, last.previous, 5)
    assert (behind.items, behind.next) == ([], None)
    assert (last.items, last.next) == (["s003", "s004", "s005", "s006", "s007"], None)
    assert (before.items, before.previous) == (["s000", "s001", "s002"], None)
    await _remove(db, scope, "s000", until="s005")
    async with db.read(scope) as tx:
        above = await _page(tx, keyset, last.previous, 5)
        assert (above.items, above.previous) == ([], None)
        assert (await _page(tx, keyset, above.next, 5)).items == ["s005", "s006", "s007"]
    await _remove(db, scope, "s000")
    async with db.read(scope) as tx:
        behind = await _page(tx, keyset, third.previous, 5)
        assert await _page(tx, keyset, behind.next, 5) == paging.Page([], None, None)


async def _remove(db: Database, scope: Scope, since: str, until: str = "t") -> None:
    gone = sa.delete(SERIES).where(SERIES.tenant_id == scope.tenant, SERIES.series >= since, SERIES.series < until)
    async with db.begin(scope) as tx:
        await tx.execute(gone)


async def test_a_count_stops_at_its_cap(db: Database, scope: Scope, tenant: TenantId) -> None:
    await _fill(db, scope, 12)
    statement = sa.select(SERIES.series).where(SERIES.tenant_id == tenant)
    async with db.read(scope) as tx:
        assert await paging.count(tx, statement, count_max=10) == paging.Count(10, is_capped=True)
        assert await paging.count(tx, statement, count_max=12) == paging.Count(12, is_capped=False)
