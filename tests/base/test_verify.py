"""The runner finds every check, tells what diverges, and each check of base finds its planted fault."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql, verify
from jiedan.base.db import Database, Scope
from jiedan.base.web.books import ROUTER
from tests import faults
from tests.base import web_client
from tests.orders.factories import order, place_one, shop

CHECKS = sql.load("jiedan.base", "verify.sql")
FAULTS = sql.load("tests.base", "faults.sql")
DRAINED = (
    "INSERT INTO drain_lease (tenant_id, holder, leased_until, position) VALUES (%(tenant)s, '', %(now)s, 3)",
    (
        "INSERT INTO event_stream (tenant_id, position, event_id)"
        " SELECT o.tenant_id, row_number() OVER (ORDER BY o.event_id), o.event_id FROM outbox o"
        " WHERE o.tenant_id = %(tenant)s ORDER BY o.event_id LIMIT 3"
    ),
    (
        "DELETE FROM outbox o USING event_stream s"
        " WHERE o.tenant_id = %(tenant)s AND s.tenant_id = o.tenant_id AND s.event_id = o.event_id"
    ),
)
"""Three events have their positions, the others wait for theirs."""


def test_every_check_has_its_fault_and_its_number() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()
    found = verify.checks()
    assert {check.name for check in found} >= CHECKS.keys()
    assert all(1 <= check.invariant <= 21 for check in found)
    assert [check.invariant for check in found] == sorted(check.invariant for check in found)


def test_checks_of_a_module_stand_in_one_file_or_by_theme_in_those_of_a_folder() -> None:
    assert verify.statements("base") == CHECKS
    themes = sql.load("jiedan.orders", "verify/money.sql") | sql.load("jiedan.orders", "verify/tax.sql")
    assert themes.items() < verify.statements("orders").items()
    assert verify.statements("locale") == {}


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    await place_one(db, scope, order(("A", 1)))
    await place_one(db, scope, order(("A", 1)))
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant, "now": db.clock.now()}
    with owner.transaction(force_rollback=True):
        for statement in DRAINED:
            assert owner.execute(statement, parameters).rowcount
        owner.execute("ALTER TABLE idempotency_key DROP CONSTRAINT pk_idempotency_key")
        faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters)


async def test_the_panel_tells_what_diverges(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 1)))
    caller = web_client.principal(permissions=["verify:read"], tenant=scope.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        sound = (await client.get("/api/v1/verify")).json()
        owner.execute(
            "UPDATE orders SET fulfillment_status = 'waiting' WHERE tenant_id = %s AND order_id = %s",
            [scope.tenant, placed.order_id],
        )
        broken = (await client.get("/api/v1/verify")).json()
    ownerless = {"i05_somebody_can_own_the_merchant"}  # the factory's merchant has no staff, and the books say so
    assert {finding["check"] for finding in sound["findings"]} == ownerless
    assert sound["checks"] == len(verify.checks())
    found = {finding["check"]: finding for finding in broken["findings"]}
    assert found.keys() - ownerless == {"i05_fulfillment_status_follows_the_lines"}
    assert found["i05_fulfillment_status_follows_the_lines"]["rows"][0]["expected"] == "allocated"
    assert not broken["balance"]
