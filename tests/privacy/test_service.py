"""Erasures: what they are refused for, what they close, what they wait for, how they go on."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.recorder import StatementRecorder
from jiedan.carts import service as carts
from jiedan.customers import errors as customer_errors
from jiedan.customers import queries as customers
from jiedan.customers import service
from jiedan.customers.values import CustomerEdit, CustomerId
from jiedan.exports import service as exports
from jiedan.exports.values import Wanted
from jiedan.orders import service as orders
from jiedan.orders.service import erasure as order_erasure
from jiedan.orders.tables import Order
from jiedan.orders.values import CancelRequest
from jiedan.orders.values.lists import OrderFilter
from jiedan.privacy import errors, queries, run
from jiedan.privacy import service as privacy
from jiedan.privacy.values import TOLD_WITHIN, Erasure, Status
from tests.conftest import FakeClock
from tests.customers.factories import SHANGHAI, save, wang
from tests.orders.factories import order, place_one, shop

NAME = "王敏"


async def leaver(db: Database, scope: Scope, **fields: object) -> CustomerId:
    await shop(db, scope, {"A": {"W1": 50}})
    (customer_id,) = await save(db, scope, [wang(**fields)])
    return customer_id


async def begin(db: Database, scope: Scope, customer_id: UUID, **fields: Any) -> Erasure:
    async with db.begin(scope) as tx:
        return await privacy.begin_erasure(tx, customer_id=customer_id, **{"confirmation": NAME, **fields})


async def refused(db: Database, scope: Scope, customer_id: UUID, **fields: Any) -> list[str]:
    with pytest.raises(Refusal) as caught:
        await begin(db, scope, customer_id, **fields)
    return [reason.code for reason in reasons_of(caught.value)]


async def cancel(db: Database, scope: Scope, order_id: UUID) -> None:
    async with db.begin(scope) as tx:
        await orders.cancel_orders(tx, requests=[CancelRequest(order_id, "customer_request")])


async def test_open_orders_and_a_wrong_confirmation_are_refused_together(db: Database, scope: Scope) -> None:
    customer_id = await leaver(db, scope)
    placed = await place_one(db, scope, order(("A", 1), customer_id=customer_id))
    assert await refused(db, scope, customer_id, confirmation="nobody") == [
        "erasure_orders_open",
        "erasure_not_confirmed",
    ]
    async with db.read(scope) as tx:
        preview = await queries.preview(tx, customer_id, [customer_id])
    assert [x.code for x in preview.refusals] == ["erasure_orders_open"]
    assert (preview.name, preview.kept.orders, preview.kept.contacts, preview.is_told) == (NAME, 1, 2, True)
    await cancel(db, scope, placed.order_id)
    assert (await begin(db, scope, customer_id)).orders_total == 1


async def test_the_same_key_begins_one_erasure_and_another_is_refused(db: Database, scope: Scope) -> None:
    customer_id = await leaver(db, scope)
    first = await begin(db, scope, customer_id, key="one")
    assert await begin(db, scope, customer_id, key="one") == first
    assert await refused(db, scope, customer_id, key="two") == ["customer_erased"]
    async with db.read(scope) as tx:
        assert await queries.find(tx, customer_id) == first


async def test_who_is_unknown_or_was_merged_is_refused(db: Database, scope: Scope) -> None:
    customer_id = await leaver(db, scope)
    (merged_id,) = await save(db, scope, [wang()])
    async with db.begin(scope) as tx:
        await service.merge_customers(tx, survivor_id=customer_id, merged_id=merged_id)
    assert await refused(db, scope, merged_id) == ["customer_merged"]
    assert await refused(db, scope, scope.tenant) == ["customer_not_found"]
    erasure = await begin(db, scope, customer_id)
    assert set(erasure.customer_ids) == {customer_id, merged_id}
    async with db.read(scope) as tx:
        assert await queries.find(tx, merged_id) == erasure
        with pytest.raises(errors.NoErasure):
            await queries.erasure(tx, scope.tenant)
        with pytest.raises(errors.NoErasure):
            await queries.erasure_of(tx, scope.tenant)
    async with db.begin(scope) as tx:
        with pytest.raises(customer_errors.CustomerErased):
            await service.undo_merge(tx, survivor_id=customer_id, merged_id=merged_id)
        with pytest.raises(errors.NoErasure):
            await privacy.do_next(tx, erasure_id=scope.tenant)


CLOSED: dict[str, Callable[[Tx, CustomerId], Awaitable[object]]] = {
    "a note": lambda tx, of: service.add_note(tx, customer_id=of, text="Likes oolong."),
    "an address": lambda tx, of: service.add_address(tx, customer_id=of, address=SHANGHAI, label="", is_default=False),
    "a wish": lambda tx, of: service.request_erasure(tx, customer_id=of),
    "a link": lambda tx, of: service.send_link(tx, customer_id=of),
    "access": lambda tx, of: service.set_access(tx, customer_id=of, is_active=True),
    "a merge": lambda tx, of: service.merge_customers(tx, survivor_id=of, merged_id=tx.tenant),
}


@pytest.mark.parametrize("what", CLOSED)
async def test_nothing_is_done_with_a_customer_who_is_being_erased(db: Database, scope: Scope, what: str) -> None:
    customer_id = await leaver(db, scope)
    async with db.begin(scope) as tx:
        await service.give_account(tx, customer_id=customer_id, email="wang@example.com", password_hash=None)
    await begin(db, scope, customer_id)
    async with db.begin(scope) as tx:
        assert not (await queries_access(tx, customer_id))
        with pytest.raises(customer_errors.CustomerErased):
            await CLOSED[what](tx, customer_id)


async def queries_access(tx: Tx, customer_id: CustomerId) -> bool:
    return (await customers.accesses(tx, [customer_id]))[customer_id].is_active


async def test_a_closed_customer_is_found_by_nothing_and_taken_for_nobody(db: Database, scope: Scope) -> None:
    customer_id = await leaver(db, scope, external_id="C-1")
    await begin(db, scope, customer_id)
    async with db.begin(scope) as tx:
        assert await tx.load_one(customers.existing([customer_id])) == {}
        (edited,) = await service.edit_customers(tx, edits=[CustomerEdit(customer_id, None, name="Li")], country="CN")
        (again,) = await service.upsert_customers(tx, customers=[wang(external_id="C-1")], country="CN")
        with pytest.raises(customer_errors.CustomerNotFound):
            await carts.open_cart(tx, customer_id=customer_id)
    assert isinstance(edited, customer_errors.CustomerErased)
    assert isinstance(again, Refusal)
    assert [x.code for x in reasons_of(again)] == ["customer_erased"]


async def test_the_last_mail_is_waited_for_but_not_for_ever(db: Database, scope: Scope, clock: FakeClock) -> None:
    customer_id = await leaver(db, scope)
    erasure = await begin(db, scope, customer_id)
    assert (await run.run(db, scope.tenant, erasure.erasure_id)).status == Status.telling
    clock.advance(TOLD_WITHIN)
    assert (await run.run(db, scope.tenant, erasure.erasure_id)).status == Status.done
    assert (await run.run(db, scope.tenant, erasure.erasure_id)).status == Status.done


async def test_orders_go_set_by_set_and_one_that_slipped_in_is_finished_first(
    db: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "ORDERS_PER_SET", 2)
    customer_id = await leaver(db, scope, email=None)
    ids = [(await place_one(db, scope, order(("A", 1), customer_id=customer_id))).order_id for _ in range(3)]
    for order_id in ids:
        await cancel(db, scope, order_id)
    erasure = await begin(db, scope, customer_id)
    assert (erasure.status, erasure.orders_total) == (Status.erasing, 3)
    async with db.begin(scope) as tx:
        half = await privacy.do_next(tx, erasure_id=erasure.erasure_id)
    assert (half.orders_done, half.after_id) == (2, ids[1])
    late = await place_one(db, scope, order(("A", 1)))
    await given_to(db, scope, late.order_id, customer_id)
    waiting = await run.run(db, scope.tenant, erasure.erasure_id)
    assert (waiting.status, waiting.orders_done) == (Status.erasing, 3)
    await cancel(db, scope, late.order_id)
    done = await run.run(db, scope.tenant, erasure.erasure_id)
    assert (done.status, done.orders_done, done.orders_total) == (Status.done, 4, 4)


async def given_to(db: Database, scope: Scope, order_id: UUID, customer_id: UUID) -> None:
    """Let an order be the customer's, as if it had been placed in the moment the customer was closed."""
    async with db.begin(scope) as tx:
        await tx.execute(
            sa.update(Order)
            .where(Order.tenant_id == tx.tenant, Order.order_id == order_id)
            .values(customer_id=customer_id)
        )


async def test_a_file_that_is_being_written_is_waited_for(db: Database, scope: Scope, clock: FakeClock) -> None:
    customer_id = await leaver(db, scope, email=None)
    async with db.begin(scope) as tx:
        wanted = Wanted("orders", "csv", OrderFilter(), "en")
        file = await exports.begin_export(tx, wanted=wanted)
    erasure = await begin(db, scope, customer_id)
    assert (await run.run(db, scope.tenant, erasure.erasure_id)).status == Status.erasing
    async with db.begin(scope) as tx:
        job = await exports.begin_writing(tx, export_id=file.export_id)
        assert job is not None
        await exports.stop_export(tx, job=job, reason="")
    clock.advance(timedelta(minutes=1))
    assert (await run.run(db, scope.tenant, erasure.erasure_id)).status == Status.done


async def test_orders_are_wiped_in_a_constant_number_of_statements(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    customer_id = await leaver(db, scope)
    placed = [(await place_one(db, scope, order(("A", 1), customer_id=customer_id))).order_id for _ in range(4)]
    counts = []
    for ids in (placed[:1], placed[1:]):
        with recorder.watching() as sent:
            async with db.begin(scope) as tx:
                await order_erasure.erase_orders(tx, order_ids=ids)
        counts.append(len(sent))
    assert counts[0] == counts[1]
