"""Faults that checks of the books must find: planted by a superuser past every guard, taken back at once.

`verify.sql` of a module, or its folder `verify`, has a `faults.sql` in its tests. A fault has the name of its check;
where a check can be broken in several ways, each has a fault of its own, named `check__way`.
"""

from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from psycopg import sql as composed

from jiedan.base.sql import Statement

GUARDS = """
    SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c
    WHERE c.contype IN ('c', 'u') AND c.conrelid = ANY(%(tables)s::regclass[])
"""
UNIQUE_INDEXES = """
    SELECT i.indexrelid::regclass::text FROM pg_index i
    WHERE i.indisunique AND NOT i.indisprimary AND i.indrelid = ANY(%(tables)s::regclass[])
"""


def check_of(fault: str) -> str:
    """Return the name of the check that must find a fault."""
    return fault.partition("__")[0]


def checked(faults: Collection[str]) -> set[str]:
    """Return the names of the checks that have a fault."""
    return {check_of(fault) for fault in faults}


def assert_found(
    owner: psycopg.Connection[Any],
    check: Statement,
    fault: Statement,
    parameters: Mapping[str, Any],
    *,
    unguarded: Collection[str] = (),
) -> None:
    """Fail unless the check finds nothing before the fault and something after it.

    The constraints of the tables in `unguarded` would refuse the fault, so they are away until the rollback; foreign
    keys are not looked at anyway.
    """
    with owner.transaction(force_rollback=True):
        assert owner.execute(check.text, parameters).fetchall() == []
        owner.execute(b"SET LOCAL session_replication_role = 'replica'")
        _take_guards_away(owner, unguarded)
        assert owner.execute(fault.text, parameters).rowcount, "the fault changes nothing"
        assert owner.execute(check.text, parameters).fetchall()


def _take_guards_away(owner: psycopg.Connection[Any], tables: Collection[str]) -> None:
    parameters = {"tables": list(tables)}
    for table, name in owner.execute(GUARDS, parameters).fetchall():
        statement = composed.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        owner.execute(statement.format(composed.Identifier(table), composed.Identifier(name)))
    for (name,) in owner.execute(UNIQUE_INDEXES, parameters).fetchall():
        owner.execute(composed.SQL("DROP INDEX {}").format(composed.Identifier(name)))
