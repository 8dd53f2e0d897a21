"""What the database itself refuses, and that each of the two nets between merchants holds alone."""

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from jiedan.base import tables as base
from jiedan.base.db import Database, Scope
from jiedan.inventory import tables
from jiedan.inventory.values import Availability
from tests.conftest import Urls
from tests.inventory import factories
from tests.inventory.factories import act

TENANT_TABLES = tuple(
    table.__tablename__ for table in base.TenantTable.__subclasses__() if table.__module__ == tables.__name__
)
LEDGERS = tuple(name for name in TENANT_TABLES if base.Base.metadata.tables[name].info.get(base.APPEND_ONLY))


def test_the_ledgers_are_known() -> None:
    assert set(LEDGERS) == {"stock_movement", "stock_count_line", "stock_count_tally"}


@contextlib.contextmanager
def bare(urls: Urls, tenant: UUID | None) -> Iterator[psycopg.Connection[Any]]:
    """Open a transaction as the app role, past everything that would add or check a predicate."""
    with psycopg.connect(urls.app) as connection:
        if tenant is not None:
            connection.execute(f"SET LOCAL app.tenant_id = '{tenant}'".encode())
        yield connection


@pytest.mark.parametrize("name", LEDGERS)
@pytest.mark.parametrize("verb", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}"])
def test_what_was_written_into_a_ledger_stays(scope: Scope, urls: Urls, name: str, verb: str) -> None:
    with bare(urls, scope.tenant) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(verb.format(name).encode())


@pytest.mark.parametrize(
    "change",
    [
        "on_hand = on_hand - 1", "reserved = -1", "reserved = on_hand + 1", "incoming = -1", "safety_stock = -1",
        "low_threshold = 3", "low_since = '2026-01-01'", "location_id = sku_id",
    ],
)  # fmt: skip
async def test_counters_cannot_contradict_themselves(db: Database, scope: Scope, urls: Urls, change: str) -> None:
    (key,) = await factories.keys_with_stock(db, scope, [2])
    await act(db, scope, factories.hold, key=key, quantity=2)
    with bare(urls, scope.tenant) as app, pytest.raises(psycopg.errors.IntegrityError):
        app.execute(f"UPDATE stock SET {change}".encode())  # noqa: S608 - our own words


@pytest.mark.parametrize("name", TENANT_TABLES)
async def test_row_level_security_holds_without_the_predicate(
    db: Database, scope: Scope, urls: Urls, other_tenant: UUID, name: str
) -> None:
    """A statement that forgot the tenant sees one merchant, and without a merchant it fails."""
    (key,) = await factories.keys_with_stock(db, scope, [2])
    await act(db, scope, factories.hold, key=key, quantity=1)
    read = f"SELECT DISTINCT tenant_id FROM {name}".encode()  # noqa: S608 - our own words
    for tenant in (scope.tenant, other_tenant):
        with bare(urls, tenant) as app:
            assert {row[0] for row in app.execute(read)} <= {tenant}
    with bare(urls, None) as nobody, pytest.raises(psycopg.Error):
        nobody.execute(read)


async def test_the_predicate_holds_without_row_level_security(
    db: Database, scope: Scope, other_tenant: UUID, owner: psycopg.Connection[Any]
) -> None:
    """As superuser, whom no policy stops, the statements still change their own merchant only."""
    (key,) = await factories.keys_with_stock(db, scope, [2])
    moves = factories.stock_moves_sql()
    change = {
        "tenant_id": other_tenant,
        "sku_ids": [key.sku_id],
        "location_ids": [key.location_id],
        "on_hand": [5],
        "reserved": [0],
        "incoming": [0],
        "now": db.clock.now(),
    }
    assert owner.execute(moves["change_stock"].text, change).rowcount == 0
    holding = {**change, "owner_kinds": ["cart"], "owner_ids": [uuid4()], "quantities": [1]}
    for name in ("drop_reservations", "reduce_reservations"):
        assert owner.execute(moves[name].text, holding).rowcount == 0
    assert owner.execute(moves["insert_stock"].text, change).rowcount == 0
    assert await factories.counters(db, scope, key) == Availability(2, 0, 0, 0)
