"""Each check of the money finds the fault it is there for, planted by a superuser past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.payments.values import RefundLine, Result
from tests import faults
from tests.payments import factories
from tests.payments.factories import CHECKS, accepted, ask, hear

FAULTS = sql.load("tests.payments", "faults.sql")

GUARDED = ("payment", "payment_operation", "payment_entry")


@pytest.fixture
async def books(db: Database, scope: Scope) -> dict[str, Any]:
    """Return the names of what a merchant has: a refund with lines, a part captured and let go, one under way."""
    order_id = await factories.an_order(db, scope)
    await factories.with_gateway(db, scope)
    captured = await factories.captured(db, scope, order_id, 5_000)
    refund = accepted(await ask(db, scope, captured, "refund", refund_lines=(RefundLine(1, 2, 2_000),)))
    await hear(db, scope, Result(refund.operation_keys[0], "succeeded"))
    authorized = await factories.authorized(db, scope, order_id, 4_000)
    capture = accepted(await ask(db, scope, authorized, "capture", 3_000))
    await hear(db, scope, Result(capture.operation_keys[0], "succeeded"))
    void = accepted(await ask(db, scope, authorized, "void"))
    await hear(db, scope, Result(void.operation_keys[0], "succeeded"))
    await factories.create(db, scope, order_id, amount_minor=500, token="tok_visa")
    from_wallet = await factories.paid_by_card(db, scope, 700)
    accepted(await ask(db, scope, from_wallet.payment_id, "refund", 200))
    from_points = await factories.paid_by_points(db, scope, 600)
    accepted(await ask(db, scope, from_points.payment_id, "refund", 100))
    return {"tenant": scope.tenant, "tenant_id": scope.tenant, "order": order_id, "captured": captured}


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


async def test_sound_books_pass(books: dict[str, Any], db: Database, scope: Scope) -> None:
    assert await factories.broken(db, scope) == {}


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(
    name: str, books: dict[str, Any], db: Database, owner: psycopg.Connection[Any]
) -> None:
    parameters = {**books, "now": db.clock.now()}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=GUARDED)
