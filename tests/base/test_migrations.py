"""Migrations make exactly what the tables say, up and down, and every tenant table is protected."""

from typing import Any

import alembic.command
import psycopg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from jiedan import schema
from jiedan.base import migrate, revisions, tables
from tests.conftest import Urls

OUTSIDE_RLS = {"alembic_version", "directory"}
"""The closed list of tables that belong to no tenant, procrastinate's apart."""


def _differences(url: str) -> list[Any]:
    with migrate.owner_engine(url).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_name": schema.is_ours},
        )
        return list(compare_metadata(context, schema.metadata))


def test_migrations_make_what_the_tables_say_up_down_and_up_again(empty: Urls) -> None:
    migrate.migrate(empty.owner)
    assert _differences(empty.owner) == []
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.downgrade(migrate.config(connection), "base")
    with engine.connect() as connection:
        left = sa.inspect(connection).get_table_names()
    assert left == ["alembic_version"]
    migrate.migrate(empty.owner)
    assert _differences(empty.owner) == []
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == revisions.newest()


def test_every_table_but_a_closed_list_is_under_forced_row_level_security(owner: psycopg.Connection[Any]) -> None:
    rows = owner.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    unprotected = {name for name, is_forced in rows if not is_forced and not name.startswith("procrastinate_")}
    assert unprotected == OUTSIDE_RLS


def test_the_app_role_owns_nothing_and_cannot_rewrite_what_is_append_only(owner: psycopg.Connection[Any]) -> None:
    owned = owner.execute(
        "SELECT relname FROM pg_class WHERE relowner = 'jiedan_app'::regrole OR relowner = 'jiedan_dispatch'::regrole"
    ).fetchall()
    assert owned == []
    ledgers = [t.name for t in schema.metadata.sorted_tables if t.info.get(tables.APPEND_ONLY)]
    assert {"event_log", "stock_movement"} <= set(ledgers)
    for name in ledgers:
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            (may,) = owner.execute("SELECT has_table_privilege('jiedan_app', %s, %s)", [name, verb]).fetchone() or (
                None,
            )
            assert may is False, f"{verb} {name}"


def test_the_dispatch_role_sees_nothing_but_what_is_due(owner: psycopg.Connection[Any]) -> None:
    rows = owner.execute(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'jiedan_dispatch' AND privilege_type = 'SELECT'"
    ).fetchall()
    allowed = {
        (t.name, column)
        for t in schema.metadata.sorted_tables
        for column in (t.info.get(tables.DISPATCH_COLUMNS) or (t.c.keys() if t.info.get(tables.OUTSIDE_RLS) else ()))
    }
    assert set(rows) == allowed
