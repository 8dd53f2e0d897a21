"""The scheduler finds what it is there for, a lost update and locks in a circle, and nothing where there is nothing."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from jiedan.base.db import Tx
from tests.interleavings.operation import Operation, use_case
from tests.interleavings.operations import Pair
from tests.interleavings.playing import Theater
from tests.interleavings.test_interleavings import play_all

READ = "SELECT m.expiry_minutes FROM merchant m WHERE m.tenant_id = :tenant"
WRITE = "UPDATE merchant SET expiry_minutes = :minutes WHERE tenant_id = :tenant"
LOCK_MERCHANT = "SELECT m.slug FROM merchant m WHERE m.tenant_id = :tenant FOR UPDATE"
LOCK_ROLE = "SELECT r.code FROM role r WHERE r.tenant_id = :tenant AND r.code = 'helper' FOR UPDATE"


def counting(read: str) -> Operation:
    async def work(tx: Tx, _ids: Mapping[str, str]) -> Any:
        found = await tx.execute(sa.text(read), {"tenant": tx.tenant})
        minutes = found.scalar_one() + 1
        await tx.execute(sa.text(WRITE), {"tenant": tx.tenant, "minutes": minutes})

    return use_case("count", "settings", work)


def locking(*statements: str) -> Operation:
    async def work(tx: Tx, _ids: Mapping[str, str]) -> Any:
        for statement in statements:
            await tx.execute(sa.text(statement), {"tenant": tx.tenant})

    return use_case("lock", "settings", work)


async def test_an_update_that_is_lost_is_found(theater: Theater) -> None:
    operation = counting(READ)
    count, wrong = await play_all(theater, Pair(operation, operation))
    assert count > 2
    assert any("not as one after the other" in text for text in wrong)


async def test_an_update_under_a_lock_is_not_lost(theater: Theater) -> None:
    operation = counting(f"{READ} FOR UPDATE")
    count, wrong = await play_all(theater, Pair(operation, operation))
    assert count > 2
    assert wrong == []


async def test_locks_in_a_circle_are_found(theater: Theater) -> None:
    there, back = locking(LOCK_MERCHANT, LOCK_ROLE), locking(LOCK_ROLE, LOCK_MERCHANT)
    _, wrong = await play_all(theater, Pair(there, back))
    assert any("a deadlock" in text for text in wrong)
    assert all("a deadlock" in text for text in wrong)


async def test_locks_in_one_order_are_no_circle(theater: Theater) -> None:
    there = locking(LOCK_MERCHANT, LOCK_ROLE)
    _, wrong = await play_all(theater, Pair(there, there))
    assert wrong == []
