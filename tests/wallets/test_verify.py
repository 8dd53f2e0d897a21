"""Each check of wallets finds the fault it is there for, planted past every guard."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.wallets import service
from jiedan.wallets.values import LoyaltyRule
from tests import faults
from tests.conftest import NOON
from tests.wallets import factories
from tests.wallets.factories import act, back, credit, earning, spend

CHECKS = sql.load("jiedan.wallets", "verify.sql")
FAULTS = sql.load("tests.wallets", "faults.sql")
TABLES = ("wallet", "wallet_movement", "wallet_entry", "wallet_lot", "gift_card", "loyalty_rule")


@pytest.fixture
async def used(db: Database, scope: Scope) -> Scope:
    """Return a merchant with a card and credit, partly spent, some of it given back, and points, partly taken back."""
    who = await factories.customer(db, scope)
    issued = await factories.card(db, scope, 5_000, expires_at=NOON + timedelta(days=9))
    (given,) = await factories.moved(db, scope, credit(who, 3_000))
    order = uuid4()
    spends = [
        spend(issued.card.wallet.wallet_id, 2_000, subject_id=order),
        spend(given.wallet_id, 1_000, subject_id=order, customer_id=who),
    ]
    await act(db, scope, service.redeem_many, redemptions=spends)
    await act(db, scope, service.give_back_many, wishes=[back(order, 1_500)])
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 1, 100, None)])
    spent = earning(who, 5_000)
    for minor in (5_000, 2_000):
        await act(db, scope, service.settle_earnings, earnings=[spent._replace(spent_minor=minor)])
    return scope


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


async def test_sound_books_pass(used: Scope, db: Database) -> None:
    async with db.read(used) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, used: Scope, owner: psycopg.Connection[Any]) -> None:
    parameters = {"tenant": used.tenant, "tenant_id": used.tenant, "now": NOON + timedelta(hours=1)}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=TABLES)
