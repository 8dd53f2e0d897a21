"""Array literals: what goes in comes out of PostgreSQL."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import arrays, sql
from jiedan.base.db import Database, Scope
from jiedan.catalog.values import SkuKind

CASES: dict[str, list[Any]] = {
    "text": ["plain", "", " ", "NULL", 'a"b', "a\\b", "{a,b}", "接单", "a\nb", "'", None],
    "uuid": [UUID(int=0), uuid4(), None],
    "bigint": [0, 1, -1, 2**63 - 1, -(2**63), None],
    "boolean": [True, False, None],
    "float8": [0.0, -1.5, 1e300, None],
    "timestamptz": [
        datetime(2026, 11, 21, 12, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 0, 1, UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC),
        datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
        None,
    ],
    "date": [date(2026, 11, 21), None],
    "bytea": [b"", b'\x00\xff\\"', None],
}


@pytest.mark.parametrize("kind", CASES)
async def test_what_goes_in_comes_out(db: Database, scope: Scope, kind: str) -> None:
    for elements in (CASES[kind], CASES[kind][:-1], CASES[kind][::-1], [None, None], []):
        statement = sql.Statement("echo", f"SELECT %(xs)s::{kind}[], %(tenant_id)s::uuid".encode())
        async with db.read(scope) as tx:
            ((found, _),) = await tx.sql(statement, xs=elements)
        assert found == elements


async def test_enumerations_of_texts_are_texts(db: Database, scope: Scope) -> None:
    statement = sql.Statement("echo", b"SELECT %(xs)s::text[], %(tenant_id)s::uuid")
    async with db.read(scope) as tx:
        ((found, _),) = await tx.sql(statement, xs=[SkuKind.kit, SkuKind.goods])
    assert found == ["kit", "goods"]


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"))))
def test_texts_are_quoted(elements: list[str]) -> None:
    written = arrays.literal(elements)
    quoted = ",".join('"' + x.replace("\\", "\\\\").replace('"', '\\"') + '"' for x in elements)
    assert written == "{" + quoted + "}"


@pytest.mark.parametrize("elements", [["a\0b"], ["a", "\0"], [None, "\0"]])
def test_the_null_character_is_refused(elements: list[Any]) -> None:
    with pytest.raises(psycopg.DataError):
        arrays.literal(elements)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(psycopg.ProgrammingError):
        arrays.literal([object()])
