"""What is too much on an order is asked back once: less what is on its way, and no more once it has gone."""

from collections.abc import Sequence
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.accounts.values import StaffId
from jiedan.base import verify
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.cases import queries as case_queries
from jiedan.cases import service as cases
from jiedan.cases.tables import CaseRow
from jiedan.cases.values import Assignment, Case
from jiedan.orders import service as orders
from jiedan.orders.values import OrderId, ReopenRequest
from jiedan.payments import service
from jiedan.payments.values import ExternalPayment, Receipt, Result
from jiedan.payments.values.refunds import OrderRefund
from tests.accounts import factories as staff
from tests.journeys import books
from tests.orders.factories import sku
from tests.payments import factories
from tests.payments.factories import accepted, ask, hear, the_order
from tests.payments.test_owed import cancel, drained, due, set_price

ORDERS_SQL = verify.statements("orders")


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    made = await factories.an_order(db, scope)
    await factories.with_gateway(db, scope)
    return made


async def give_back(db: Database, scope: Scope, order_id: OrderId, amount: int | None) -> Sequence[str]:
    """Refund an order as the console and the API do; return the keys of what was asked for."""
    wish = OrderRefund(order_id, amount)
    (made,) = await db.write(scope, lambda tx: service.refund_orders(tx, wishes=[wish]))
    return accepted(made).operation_keys


async def test_what_is_on_its_way_back_is_not_asked_for_again(db: Database, scope: Scope, order_id: OrderId) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    on_its_way = accepted(await ask(db, scope, payment_id, "refund", 400))
    assert (await the_order(db, scope, order_id)).refunding_minor == 400
    await set_price(db, scope, order_id, 950)
    assert await due(db, scope, order_id) == [("refund_due", "open", 100)]
    await set_price(db, scope, order_id, 960)
    assert await due(db, scope, order_id) == [("refund_due", "resolved", 100)], "all of it is on its way"
    await set_price(db, scope, order_id, 950)
    await hear(db, scope, Result(on_its_way.operation_keys[0], "succeeded"))
    assert (await the_order(db, scope, order_id)).refunding_minor == 0
    assert (await due(db, scope, order_id))[-1] == ("refund_due", "open", 100)
    await books.assert_balance(db, scope)


async def test_what_is_partly_given_back_is_asked_for_by_what_is_left(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    wire = await factories.transfer(db, scope, order_id)
    accepted(await factories.confirm(db, scope, wire, 10_000))
    await set_price(db, scope, order_id, 900)
    await give_back(db, scope, order_id, 600)
    assert await due(db, scope, order_id) == [("refund_due", "resolved", 1_000), ("refund_due", "open", 400)]
    await give_back(db, scope, order_id, 400)
    assert await factories.open_cases(db, scope, order_id) == []
    assert (await the_order(db, scope, order_id)).balance_minor == 0
    await books.assert_balance(db, scope)


async def test_what_a_provider_is_asked_to_give_back_is_a_case_again_where_it_fails(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    await set_price(db, scope, order_id, 900)
    (first,) = await give_back(db, scope, order_id, 600)
    assert (await due(db, scope, order_id))[-1] == ("refund_due", "open", 400)
    (rest,) = await give_back(db, scope, order_id, 400)
    assert await factories.open_cases(db, scope, order_id) == [], "nobody refunds it a second time"
    await hear(db, scope, Result(first, "failed", failure="closed"), Result(rest, "succeeded"))
    assert await factories.open_cases(db, scope, payment_id) == ["refund_failed"]
    (again,) = await give_back(db, scope, order_id, 600)
    await hear(db, scope, Result(again, "succeeded"))
    assert await factories.open_cases(db, scope, payment_id) == []
    assert (await the_order(db, scope, order_id)).balance_minor == 0
    await books.assert_balance(db, scope)


async def test_a_cancellation_that_gives_back_what_was_asked_of_people_asks_them_no_more(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    await set_price(db, scope, order_id, 900)
    await cancel(db, scope, order_id, 5)
    await drained(db, scope)
    assert (await the_order(db, scope, order_id)).refunding_minor == 5_500
    assert await factories.open_cases(db, scope, order_id) == []
    asked = [o for o in await factories.the_operations(db, scope, payment_id) if o.kind == "refund"]
    await hear(db, scope, *[Result(o.key, "succeeded") for o in asked])
    assert (await the_order(db, scope, order_id)).balance_minor == 0
    await books.assert_balance(db, scope)


async def test_late_money_is_asked_for_by_its_own_case_alone(db: Database, scope: Scope, order_id: OrderId) -> None:
    wire = await factories.transfer(db, scope, order_id)
    accepted(await factories.confirm(db, scope, wire, 10_000))
    await cancel(db, scope, order_id, 10)
    await drained(db, scope)
    wish = ExternalPayment(order_id, "boleto", 5_000)
    await db.write(scope, lambda tx: service.record_external(tx, payments=[wish]))
    assert await due(db, scope, order_id) == [("refund_due", "open", 10_000), ("payment_after_end", "open", 5_000)]
    accepted(await ask(db, scope, wire, "refund", 4_000))
    accepted(await ask(db, scope, wire, "refund", 6_000))
    found = await due(db, scope, order_id)
    assert found[2:] == [("refund_due", "resolved", 6_000)], "nothing of it is asked for twice"
    assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]
    await books.assert_balance(db, scope)


async def test_a_cancellation_asks_people_for_what_the_provider_does_not_give_back(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    await factories.captured(db, scope, order_id, 6_000)
    wire = await factories.transfer(db, scope, order_id, 4_000)
    accepted(await factories.confirm(db, scope, wire, 4_000))
    await set_price(db, scope, order_id, 950)
    await cancel(db, scope, order_id, 10)
    await drained(db, scope)
    assert await due(db, scope, order_id) == [("refund_due", "resolved", 500), ("refund_due", "open", 4_000)]
    await books.assert_balance(db, scope)


@pytest.mark.parametrize("late_money", ["case", "refund"])
async def test_who_works_on_what_is_too_much_works_on_what_is_left_to_people(db: Database, late_money: str) -> None:
    at = await staff.opened(db, backorder=True, late_money=late_money)
    scope, who = at.scope, await staff.person(db, at, "sales")
    async with db.begin(scope) as tx:
        await sku(tx, "TEA")
    await factories.with_gateway(db, scope)
    order_id = await factories.another_order(db, scope)
    card = await factories.captured(db, scope, order_id, 6_000)
    wire = await factories.transfer(db, scope, order_id, 4_000)
    accepted(await factories.confirm(db, scope, wire, 4_000))
    await drained(db, scope)
    await set_price(db, scope, order_id, 950)
    (case,) = await cases_of(db, scope, order_id)
    await db.write(scope, lambda tx: cases.assign_cases(tx, assignments=[Assignment(case.case_id, who)]))
    await cancel(db, scope, order_id, 10)
    for _ in range(2):
        await drained(db, scope)
    assert [o.amount_minor for o in await factories.the_operations(db, scope, card)][1:] == [6_000]
    found = [("refund_due", "resolved", who, 500), ("refund_due", "open", who, 4_000)]
    assert await worked_on(db, scope, order_id) == found
    await give_back(db, scope, order_id, 4_000)
    assert await factories.open_cases(db, scope, order_id) == []
    await books.assert_balance(db, scope)


async def test_late_money_that_people_give_back_by_policy_is_asked_for_by_one_case(db: Database) -> None:
    at = await staff.opened(db, backorder=True, late_money="refund")
    scope, who = at.scope, await staff.person(db, at, "sales")
    async with db.begin(scope) as tx:
        await sku(tx, "TEA")
    await factories.with_gateway(db, scope)
    order_id = await factories.another_order(db, scope)
    card = await factories.create(db, scope, order_id, amount_minor=6_000, token="tok_visa")
    assert card.operation_key is not None
    await hear(db, scope, Result(card.operation_key, "pending", "ch_1"))
    await cancel(db, scope, order_id, 10)
    await drained(db, scope)
    await pay_more(db, scope, order_id, 3_000)
    (case,) = await cases_of(db, scope, order_id)
    await db.write(scope, lambda tx: cases.assign_cases(tx, assignments=[Assignment(case.case_id, who)]))
    await drained(db, scope)
    found = [("payment_after_end", "resolved", who, 3_000), ("refund_due", "open", who, 3_000)]
    assert await worked_on(db, scope, order_id) == found
    await hear(db, scope, Result(card.operation_key, "succeeded", "ch_1"))
    await drained(db, scope)
    assert await factories.open_cases(db, scope, order_id) == ["refund_due"], "what the card paid is on its way"
    assert (await the_order(db, scope, order_id)).refunding_minor == 6_000
    await pay_more(db, scope, order_id, 500)
    await drained(db, scope)
    assert [x for x in await worked_on(db, scope, order_id) if x[1] == "open"] == [("refund_due", "open", who, 3_500)]
    await give_back(db, scope, order_id, 3_500)
    assert await factories.open_cases(db, scope, order_id) == []
    await books.assert_balance(db, scope)


async def cases_of(db: Database, scope: Scope, order_id: OrderId) -> list[Case]:
    """Return the cases about an order, the oldest first."""
    async with db.read(scope) as tx:
        return sorted(await case_queries.cases_about(tx, [order_id]), key=lambda case: case.case_id)


async def test_what_came_too_much_is_asked_for_once(db: Database, scope: Scope, order_id: OrderId) -> None:
    await factories.captured(db, scope, order_id)
    wish = ExternalPayment(order_id, "boleto", 4_000)
    await db.write(scope, lambda tx: service.record_external(tx, payments=[wish]))
    (case,) = await cases_of(db, scope, order_id)
    assert (case.kind, case.data["balance_minor"]) == ("overpaid", 4_000)
    await give_back(db, scope, order_id, 1_500)
    *_, case = await cases_of(db, scope, order_id)
    assert (case.kind, case.state, case.data["balance_minor"]) == ("overpaid", "open", 2_500)
    (key, *_) = await give_back(db, scope, order_id, 2_500)
    assert await factories.open_cases(db, scope, order_id) == [], "nobody gives it back a second time"
    await hear(db, scope, Result(key, "succeeded"))
    await books.assert_balance(db, scope)


async def test_late_money_that_is_on_its_way_back_is_no_case_any_more(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    created = await factories.create(db, scope, order_id, token="tok_visa")
    assert created.operation_key is not None
    await hear(db, scope, Result(created.operation_key, "pending", "ch_1"))
    await cancel(db, scope, order_id, 10)
    await drained(db, scope)
    await hear(db, scope, Result(created.operation_key, "succeeded", "ch_1"))
    assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]
    (first,) = await give_back(db, scope, order_id, 4_000)
    assert await factories.open_cases(db, scope, order_id) == ["payment_after_end"]
    (second,) = await give_back(db, scope, order_id, 6_000)
    assert await factories.open_cases(db, scope, order_id) == []
    await hear(db, scope, Result(first, "succeeded"), Result(second, "succeeded"))
    await books.assert_balance(db, scope)


async def somebodys(db: Database, paid_minor: int = 10_000) -> tuple[Scope, OrderId, StaffId]:
    """Return an order of 10,000 that was paid by transfer, and somebody who works on the case of what is too much.

    Without too much, it is made a tenth cheaper.
    """
    at = await staff.opened(db, backorder=True)
    scope, who = at.scope, await staff.person(db, at, "sales")
    async with db.begin(scope) as tx:
        await sku(tx, "TEA")
    order_id = await factories.another_order(db, scope)
    wire = await factories.transfer(db, scope, order_id)
    accepted(await factories.confirm(db, scope, wire, paid_minor))
    if paid_minor == 10_000:
        await set_price(db, scope, order_id, 900)
    (case,) = await cases_of(db, scope, order_id)
    await db.write(scope, lambda tx: cases.assign_cases(tx, assignments=[Assignment(case.case_id, who)]))
    return scope, order_id, who


async def worked_on(db: Database, scope: Scope, order_id: OrderId) -> list[tuple[str, str, UUID | None, int]]:
    """Return the cases about an order, the oldest first: kind, state, who works on it, and how much it asks for."""
    return [
        (x.kind, x.state, x.assignee_id, x.data["balance_minor" if x.kind == "overpaid" else "amount_minor"])
        for x in await cases_of(db, scope, order_id)
    ]


async def pay_more(db: Database, scope: Scope, order_id: OrderId, amount: int) -> None:
    wish = ExternalPayment(order_id, "boleto", amount)
    (made,) = await db.write(scope, lambda tx: service.record_external(tx, payments=[wish]))
    accepted(made)


async def test_who_works_on_a_refund_works_on_what_is_left_of_it(db: Database) -> None:
    scope, order_id, who = await somebodys(db)
    await give_back(db, scope, order_id, 600)
    assert await worked_on(db, scope, order_id) == [
        ("refund_due", "resolved", who, 1_000),
        ("refund_due", "open", who, 400),
    ]
    await books.assert_balance(db, scope)


async def test_who_works_on_a_refund_works_on_what_an_edit_makes_of_it(db: Database) -> None:
    scope, order_id, who = await somebodys(db)
    await set_price(db, scope, order_id, 850)
    assert await worked_on(db, scope, order_id) == [
        ("refund_due", "resolved", who, 1_000),
        ("refund_due", "open", who, 1_500),
    ]
    await books.assert_balance(db, scope)


@pytest.mark.parametrize(("paid", "first"), [(10_000, ("refund_due", 1_000)), (12_000, ("overpaid", 2_000))])
async def test_who_works_on_what_is_too_much_works_on_what_a_cancellation_makes_of_it(
    db: Database, paid: int, first: tuple[str, int]
) -> None:
    scope, order_id, who = await somebodys(db, paid)
    kind, amount = first
    await cancel(db, scope, order_id, 5)
    await drained(db, scope)
    back = (await the_order(db, scope, order_id)).balance_minor
    assert await worked_on(db, scope, order_id) == [
        (kind, "resolved", who, amount),
        ("refund_due", "open", who, back),
    ]
    await give_back(db, scope, order_id, back)
    assert await factories.open_cases(db, scope, order_id) == []
    await books.assert_balance(db, scope)


async def test_more_money_is_asked_for_by_the_refund_that_is_due_already(db: Database) -> None:
    scope, order_id, who = await somebodys(db)
    await pay_more(db, scope, order_id, 4_000)
    assert await worked_on(db, scope, order_id) == [
        ("refund_due", "resolved", who, 1_000),
        ("refund_due", "open", who, 5_000),
    ]
    await set_price(db, scope, order_id, None)
    assert (await worked_on(db, scope, order_id))[-1] == ("refund_due", "open", who, 4_000)
    await give_back(db, scope, order_id, 4_000)
    assert await factories.open_cases(db, scope, order_id) == []
    await books.assert_balance(db, scope)


async def test_more_and_more_money_that_is_too_much_is_one_case(db: Database) -> None:
    scope, order_id, who = await somebodys(db, 12_000)
    await pay_more(db, scope, order_id, 500)
    receipts = [Receipt("bank_transfer", amount, "CNY", f"wire {amount}") for amount in (300, 200)]
    received = await db.write(scope, lambda tx: service.receive_money(tx, receipts=receipts))
    given = [service.Assignment(accepted(payment_id), order_id) for payment_id in received]
    await db.write(scope, lambda tx: service.assign_payments(tx, assignments=given))
    assert await worked_on(db, scope, order_id) == [
        ("overpaid", "resolved", who, 2_000),
        ("overpaid", "resolved", who, 2_500),
        ("overpaid", "open", who, 3_000),
    ]
    await books.assert_balance(db, scope)


async def test_what_came_is_not_asked_for_with_a_refund_that_failed(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    await set_price(db, scope, order_id, 900)
    (key,) = await give_back(db, scope, order_id, 1_000)
    await hear(db, scope, Result(key, "failed", failure="closed"))
    await pay_more(db, scope, order_id, 300)
    assert await factories.open_cases(db, scope, payment_id, order_id) == ["overpaid", "refund_failed"]
    assert (await worked_on(db, scope, order_id))[-1] == ("overpaid", "open", None, 300)


@pytest.mark.parametrize(("price", "asked"), [(850, [("refund_due", "open", 1_500)]), (1_000, [])])
async def test_a_refund_that_failed_is_part_of_what_an_edit_asks_for(
    db: Database, scope: Scope, order_id: OrderId, price: int, asked: list[tuple[str, str, int]]
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    await set_price(db, scope, order_id, 900)
    (key,) = await give_back(db, scope, order_id, 1_000)
    await hear(db, scope, Result(key, "failed", failure="closed"))
    assert await factories.open_cases(db, scope, payment_id, order_id) == ["refund_failed"]
    await set_price(db, scope, order_id, price)
    assert await factories.open_cases(db, scope, payment_id) == []
    assert [case for case in await due(db, scope, order_id) if case[1] == "open"] == asked
    await books.assert_balance(db, scope)


async def test_a_failed_refund_of_what_was_not_due_stays_a_case_of_its_own(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    (key,) = await give_back(db, scope, order_id, 3_000)
    await hear(db, scope, Result(key, "failed", failure="closed"))
    for price, amount in ((900, 1_000), (850, 1_500), (950, 500)):
        await set_price(db, scope, order_id, price)
        assert (await due(db, scope, order_id))[-1] == ("refund_due", "open", amount)
    assert await factories.open_cases(db, scope, payment_id) == ["refund_failed"]


async def test_a_refund_that_failed_hides_no_more_than_its_own_money(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)

    async def found() -> int:
        async with db.read(scope) as tx:
            return len(await tx.sql(ORDERS_SQL["i08_what_an_edit_made_too_much_is_somebodys"]))

    for result in ("failed", "succeeded"):
        made = accepted(await ask(db, scope, payment_id, "refund", 500))
        await hear(db, scope, Result(made.operation_keys[0], result))
    await set_price(db, scope, order_id, 900)
    assert await found() == 0
    async with db.begin(scope) as tx:  # as if nobody had been asked
        asked = (CaseRow.tenant_id == tx.tenant, CaseRow.kind == "refund_due")
        await tx.execute(sa.update(CaseRow).where(*asked).values(kind="customer_request"))
    assert await found() == 1, "the one that failed went in the end"
    made = accepted(await ask(db, scope, payment_id, "refund", 400))
    await hear(db, scope, Result(made.operation_keys[0], "failed"))
    assert await found() == 1, "it failed, but there is more"
    made = accepted(await ask(db, scope, payment_id, "refund", 100))
    await hear(db, scope, Result(made.operation_keys[0], "succeeded"))
    assert await found() == 0


@pytest.mark.parametrize(("late", "left"), [(0, []), (700, [700])])
async def test_an_order_that_is_open_again_needs_its_money(db: Database, late: int, left: list[int]) -> None:
    scope, order_id, who = await somebodys(db, 12_000)
    await give_back(db, scope, order_id, 2_000)
    await cancel(db, scope, order_id, 10)
    await drained(db, scope)
    assert await factories.open_cases(db, scope, order_id) == ["refund_due"]
    if late:
        await pay_more(db, scope, order_id, late)
        assert await factories.open_cases(db, scope, order_id) == ["payment_after_end", "refund_due"]
    (case,) = [x for x in await cases_of(db, scope, order_id) if (x.kind, x.state) == ("refund_due", "open")]
    await db.write(scope, lambda tx: cases.assign_cases(tx, assignments=[Assignment(case.case_id, who)]))
    (found,) = await db.write(
        scope, lambda tx: orders.reopen_orders(tx, requests=[ReopenRequest(order_id, only_covered=True)])
    )
    accepted(found)
    standing = [x for x in await worked_on(db, scope, order_id) if x[1] == "open"]
    assert standing == [("refund_due", "open", who, amount) for amount in left]
    await books.assert_balance(db, scope)


async def test_a_refund_that_failed_is_not_due_once_the_order_is_open_again(
    db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment_id = await factories.captured(db, scope, order_id)
    await cancel(db, scope, order_id, 10)
    await drained(db, scope)
    asked = [o for o in await factories.the_operations(db, scope, payment_id) if o.kind == "refund"]
    await hear(db, scope, *[Result(o.key, "failed", failure="closed") for o in asked])
    assert await factories.open_cases(db, scope, payment_id, order_id) == ["refund_failed"]
    (found,) = await db.write(scope, lambda tx: orders.reopen_orders(tx, requests=[ReopenRequest(order_id)]))
    accepted(found)
    assert await factories.open_cases(db, scope, payment_id, order_id) == []
    await books.assert_balance(db, scope)


async def test_opening_many_paid_orders_again_takes_no_more_statements(
    db: Database, scope: Scope, order_id: OrderId, recorder: StatementRecorder
) -> None:
    ids = [order_id, *[await factories.another_order(db, scope) for _ in range(4)]]
    for key in ids:
        wire = await factories.transfer(db, scope, key)
        accepted(await factories.confirm(db, scope, wire, 10_000))
        await cancel(db, scope, key, 10)
    await drained(db, scope)
    counts = []
    for some in (ids[:1], ids[1:]):
        async with db.begin(scope) as tx:
            with recorder.watching() as sent:
                await orders.reopen_orders(tx, requests=[ReopenRequest(key) for key in some])
        counts.append(len(sent))
        assert not [key for key in some if await factories.open_cases(db, scope, key)]
    assert counts[0] == counts[1]
