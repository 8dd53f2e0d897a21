"""Each check of orders finds the fault it is there for, planted past every guard."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from jiedan.base import sql, verify
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.base.ids import UuidFactory
from jiedan.catalog.values import SkuKind
from jiedan.orders import indexing, queries, service
from jiedan.orders.service import NewView, Performance
from jiedan.orders.values import (
    CancelRequest,
    HoldRequest,
    LiftRequest,
    LineQuantity,
    NewNote,
    OrderEdit,
    PaymentFact,
    Placed,
    ReopenRequest,
)
from jiedan.orders.values.lists import OrderFilter
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import AmountOff, Caps, Promotion
from tests import faults
from tests.conftest import FakeClock
from tests.journeys import books
from tests.orders import factories
from tests.orders.factories import BEIJING, order, place_one, shop

CHECKS = verify.statements("orders")
FAULTS = sql.load("tests.orders", "faults.sql")
GUARDED = ("orders", "order_line", "order_hold", "order_draft", "stock_movement")

Step = Callable[[Tx], Awaitable[Any]]


@pytest.fixture
async def placed(db: Database, scope: Scope) -> UUID:
    """Return an order that is open and has its goods, of a merchant with something of everything that is checked."""
    opened = await shop(db, scope, {"A": {"W1": 50}})
    async with db.begin(scope) as tx:
        await factories.sku(tx, "S", kind=SkuKind.service)
        await factories.sku(tx, "K", kind=SkuKind.kit, parts=[(opened.skus["A"], 2)])
    standing = await place_one(
        db, scope, order(("A", 2), external_id="T-1", ship_to=BEIJING, tags=("gift",), attributes={"source": "app"})
    )
    canceled = await place_one(db, scope, order(("A", 3), ("K", 1), external_id="T-2"))
    done = await place_one(db, scope, order(("S", 1), external_id="T-3"))
    again = await place_one(db, scope, order(("A", 4), external_id="T-4"))
    cancel = CancelRequest(canceled.order_id, "some", (LineQuantity(1, 1),))
    for step in (_pay(done), _perform(done), _cancel(cancel), _cancel(cancel._replace(lines=None)), _hold(standing)):
        await db.write(scope, step)
    for step in (_cancel(CancelRequest(again.order_id, "all")), _reopen(again), _edit(standing)):
        await db.write(scope, step)
    await db.write(scope, _remember(standing))
    await db.write(scope, _promote)
    given_back = await place_one(db, scope, order(("A", 1), external_id="T-5"))
    await place_one(db, scope, order(("A", 1), external_id="T-6"))
    await db.write(scope, _cancel(CancelRequest(given_back.order_id, "all")))
    return standing.order_id


async def _promote(tx: Tx) -> None:
    few = Promotion("few", "For a few", AmountOff({"CNY": 100}), caps=Caps(total=5))
    await pricing.create_rule(tx, kind="promotion", body=few)
    await pricing.publish(tx)


def _pay(placed: Placed) -> Step:
    facts = [PaymentFact(placed.order_id, captured_minor=factories.PRICE_MINOR)]
    return lambda tx: service.record_payments(tx, facts=facts)


def _perform(placed: Placed) -> Step:
    performances = [Performance(placed.order_id, (LineQuantity(1, 1),))]
    return lambda tx: service.perform_services(tx, performances=performances)


def _cancel(request: CancelRequest) -> Step:
    return lambda tx: service.cancel_orders(tx, requests=[request])


def _reopen(placed: Placed) -> Step:
    return lambda tx: service.reopen_orders(tx, requests=[ReopenRequest(placed.order_id)])


def _hold(placed: Placed) -> Step:
    async def step(tx: Tx) -> None:
        holds = [HoldRequest(placed.order_id, kind, "To be looked at.") for kind in ("review", "fraud")]
        first, _ = await service.place_holds(tx, requests=holds)
        assert not isinstance(first, Refusal)
        await service.lift_holds(tx, requests=[LiftRequest(first, "Looked at.", frozenset({"orders:lift"}))])

    return step


def _edit(placed: Placed) -> Step:
    edit = OrderEdit(tags=("gift", "VIP"), notes=(NewNote(kind="internal", text="Asked for by phone."),))
    return lambda tx: service.edit_order(tx, order_id=placed.order_id, edit=edit, version=1)


def _remember(placed: Placed) -> Step:
    async def step(tx: Tx) -> None:
        await indexing.write_terms(tx, [placed.order_id])
        view = NewView("Mine", OrderFilter())
        await service.save_view(tx, view=view, owner_id=uuid4(), may_share=False)
        await service.save_draft(tx, data={"lines": []}, caller="tests")

    return step


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.usefixtures("placed")
async def test_sound_books_pass(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, scope: Scope, placed: UUID, owner: psycopg.Connection[Any]) -> None:
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant, "order": placed}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=GUARDED)


async def test_numbers_of_an_earlier_pattern_are_not_read(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await shop(db, scope, {"A": {"W1": 50}}, order_number_pattern="{number}")
    await place_one(db, scope, order(("A", 1)))
    parameters = {"tenant_id": scope.tenant, "now": db.clock.now()}
    check = CHECKS["i02_issued_numbers_are_below_the_next_one"].text
    with owner.transaction(force_rollback=True):
        owner.execute("UPDATE orders SET number = '2026112000001' WHERE tenant_id = %(tenant_id)s", parameters)
        assert owner.execute(check, parameters).fetchall()
        owner.execute(
            "UPDATE event_log SET kind = 'accounts.merchant_changed', recorded_at = %(now)s, subject_id = tenant_id,"
            """ data = '{"fields": ["order_number_pattern"]}' WHERE tenant_id = %(tenant_id)s""",
            parameters,
        )
        assert owner.execute(check, parameters).fetchall() == []


async def test_opening_again_takes_back_what_ended_the_order_however_ids_are_sorted(
    db: Database, scope: Scope, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process has ids of its own, and a transaction that waited began before the one it waited for."""
    await shop(db, scope, {"A": {"W1": 50}})
    placed = await place_one(db, scope, order(("A", 3)))
    one, rest = CancelRequest(placed.order_id, "some", (LineQuantity(1, 1),)), CancelRequest(placed.order_id, "all")
    for step in (_cancel(one), _cancel(rest), _reopen(placed)):
        await db.write(scope, step)
        clock.advance(-timedelta(milliseconds=5))
        monkeypatch.setattr(db, "uuids", UuidFactory())
    async with db.read(scope) as tx:
        (line,) = (await queries.order(tx, placed.order_id)).lines
    assert (line.canceled, line.ordered) == (1, 3)
    await books.assert_balance(db, scope)
