"""Every statement of every `.sql` file is planned as the app role: its names, its types and the role's rights hold.

Plans are generic, as those of prepared statements become.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import jiedan
from jiedan.base import sql
from tests.conftest import Urls

PACKAGE = Path(jiedan.__file__).parent
FILES = sorted(PACKAGE.rglob("*.sql"))
PARAMETER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def planner(urls: Urls) -> Iterator[psycopg.Connection]:
    """Return a connection of the app role, set up as the application's are, for a merchant who does not exist."""
    with psycopg.connect(urls.app, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("SET app.tenant_id = '00000000-0000-0000-0000-000000000000'")
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute("SET enable_seqscan = off")
        yield connection


def numbered(statement: sql.Statement) -> tuple[str, int]:
    """Return a statement with `$1` for its first parameter and so on, and how many it has."""
    text = statement.text.decode()
    names = list(dict.fromkeys(PARAMETER.findall(text)))
    return PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%"), len(names)


def plan(planner: psycopg.Connection, statement: sql.Statement) -> str:
    """Return the generic plan of a statement."""
    text, count = numbered(statement)
    values = f"({', '.join(['NULL'] * count)})" if count else ""
    planner.execute(f"PREPARE explained AS {text}".encode())
    try:
        rows = planner.execute(f"EXPLAIN EXECUTE explained{values}".encode()).fetchall()
    finally:
        planner.execute("DEALLOCATE explained")
    return "\n".join(line for (line,) in rows)


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES])
def test_every_statement_can_be_planned_and_finds_its_rows_by_an_index(planner: psycopg.Connection, path: Path) -> None:
    statements = sql.load(".".join(("jiedan", *path.parent.relative_to(PACKAGE).parts)), path.name)
    assert statements
    for name, statement in statements.items():
        assert "Seq Scan" not in plan(planner, statement), name


def test_what_cannot_be_planned_is_noticed(planner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedColumn):
        plan(planner, sql.Statement("wrong", b"SELECT o.colour FROM orders o WHERE o.tenant_id = %(tenant_id)s"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        plan(planner, sql.Statement("forbidden", b"DELETE FROM event_log WHERE tenant_id = %(tenant_id)s"))
