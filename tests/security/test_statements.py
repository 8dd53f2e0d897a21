"""Each statement for itself: without its predicates row-level security bounds it, without row-level security they do.

`test_tenants.py` shows the same of what is answered; here it is shown of every plan, so of any rows there may be.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.conftest import Urls
from tests.security import statements


@contextlib.contextmanager
def planner(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Return a connection that plans for any parameters, as somebody who goes by keys."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("SET app.tenant_id = '00000000-0000-0000-0000-000000000000'")
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute("SET enable_seqscan = off")
        yield connection


@pytest.fixture(scope="module")
def every() -> dict[str, str]:
    """Return each named statement that is a merchant's."""
    return {name: text for name, text in statements.named() if statements.is_of_one_merchant(text)}


def test_every_named_statement_without_its_predicates_is_held_by_row_level_security(
    every: dict[str, str], urls: Urls
) -> None:
    found: list[str] = []
    predicates = 0
    with planner(urls.app) as connection:
        for name, text in every.items():
            bare, count = statements.stripped(text)
            predicates += count
            found += [f"{name} has no predicate"] if not count and not _only_writes(text) else []
            loose = statements.loose_scans(statements.plan(connection, bare), statements.ROW_SECURITY)
            found += [f"{name}: {scan}" for scan in loose]
    assert not found, "\n".join(found)
    assert len(every) > 300
    assert predicates > 500


def test_every_named_statement_is_held_by_its_predicates_where_row_level_security_is_off(
    every: dict[str, str], urls: Urls
) -> None:
    found: list[str] = []
    with planner(urls.superuser) as connection:
        for name, text in every.items():
            loose = statements.loose_scans(statements.plan(connection, text), "tenant_id =")
            found += [f"{name}: {scan}" for scan in loose]
    assert not found, "\n".join(found)


def _only_writes(text: str) -> bool:
    return text.lstrip().upper().startswith("INSERT") and " WHERE " not in " ".join(text.split()).upper()
