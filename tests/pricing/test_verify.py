"""Each check of the price rules finds the fault it is there for, planted past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.pricing import service
from jiedan.pricing.service import redemptions
from tests import faults
from tests.pricing import coupon_factories

CHECKS = sql.load("jiedan.pricing", "verify.sql")
FAULTS = sql.load("tests.pricing", "faults.sql")
TABLES = ("coupon", "coupon_batch", "promotion_use", "redemption")


@pytest.fixture
async def taxed(db: Database, scope: Scope) -> Scope:
    """Return a merchant who has set a rate and a fee, and two orders with promotions, one of them given back."""
    async with db.begin(scope) as tx:
        await service.set_tax_rates(tx, rows=[service.TaxRateRow("CN", "standard", 130_000)])
        await service.set_shipping_fees(tx, rows=[service.ShippingFeeRow("CNY", 800)])
    who = await coupon_factories.customer(db, scope)
    await coupon_factories.batch(db, scope, uses_per_customer_max=1)
    kept, gone = (
        coupon_factories.use(coupon="SPRING10", customer_id=who, total_max=1),
        coupon_factories.use("flash", units_max=2, units=2),
    )
    await coupon_factories.redeem(db, scope, kept, gone)
    await coupon_factories.act(db, scope, redemptions.give_back_many, order_ids=[gone.order_id])
    return scope


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


async def test_sound_books_pass(taxed: Scope, db: Database) -> None:
    async with db.read(taxed) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, taxed: Scope, owner: psycopg.Connection[Any]) -> None:
    parameters = {"tenant": taxed.tenant, "tenant_id": taxed.tenant}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=TABLES)
