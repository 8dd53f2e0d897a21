"""Each check of erasures finds the fault it is there for, planted past every guard."""

from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from jiedan.base import sql
from jiedan.base.db import Database
from jiedan.privacy import run
from tests import faults
from tests.journeys import merchants
from tests.privacy import leavers

CHECKS = sql.load("jiedan.privacy", "verify.sql")
FAULTS = sql.load("tests.privacy", "faults.sql")


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


async def test_every_planted_fault_is_found(db: Database, tmp_path: Path, owner: psycopg.Connection[Any]) -> None:
    async with merchants.open_shops(db, tmp_path) as (merchant,):
        customer_id = await leavers.known(merchant, email="")
        order_id = await leavers.bought(merchant, customer_id)
        await leavers.known(merchant, external_id="C-2")
        await merchant.hand_out_events()
        case_id = await leavers.asked_for(db, merchant, customer_id)
        await merchant.post(f"/cases/{case_id}/notes", {"text": "Called twice."})
        begun = await merchant.post(f"/customers/{customer_id}/erasure", {"confirmation": leavers.NAME})
        await run.run(db, merchant.at.tenant, UUID(begun["erasure_id"]))
        tenant = merchant.at.tenant
        async with db.read(merchant.at.scope) as tx:
            for statement in CHECKS.values():
                assert await tx.sql(statement, now=tx.now) == [], statement.name
        known = {"tenant": tenant, "tenant_id": tenant, "customer": customer_id, "order": order_id}
        known["now"] = db.clock.now()
        for name, fault in sorted(FAULTS.items()):
            guarded = [
                "erasure",
                "customer",
                "customer_address",
                "customer_account",
                "customer_link",
                "cart",
                "order_draft",
            ]
            faults.assert_found(owner, CHECKS[faults.check_of(name)], fault, known, unguarded=guarded)
