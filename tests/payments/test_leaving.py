"""Money that is on its way back when its order is opened again, which needs it: whatever comes of it, and when."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import pytest

from jiedan.accounts.values import StaffId
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.cases import queries as case_queries
from jiedan.cases import service as cases
from jiedan.cases.values import Assignment, Resolution
from jiedan.fulfillment import queries as fulfillment
from jiedan.orders import errors as order_errors
from jiedan.orders import service as orders
from jiedan.orders.values import OrderId, ReopenRequest
from jiedan.payments import queries, rules, service
from jiedan.payments.values import ExternalPayment, OperationState, PaymentId, Result
from tests.accounts import factories as staff
from tests.conftest import FakeClock
from tests.journeys import books
from tests.orders.factories import shop, sku
from tests.payments import factories
from tests.payments.factories import accepted, ask, hear, open_cases, the_order
from tests.payments.test_given_back import cases_of
from tests.payments.test_owed import cancel, drained, set_price

UNDER_WAY, UNDERPAID, FAILED = "refund_under_way", "underpaid", "refund_failed"


class Leaving(NamedTuple):
    """An order of 10,000 that is open again, and the refunds that were under way when it was: of so much each."""

    order_id: OrderId
    payment_id: PaymentId
    keys: tuple[str, ...]


@pytest.fixture
async def opened(db: Database, scope: Scope) -> Scope:
    await shop(db, scope, {"TEA": {"W1": 100}})
    await factories.with_gateway(db, scope)
    return scope


async def reopen(db: Database, scope: Scope, order_id: OrderId, *, only_covered: bool = False) -> None:
    wish = ReopenRequest(order_id, only_covered=only_covered)
    accepted((await db.write(scope, lambda tx: orders.reopen_orders(tx, requests=[wish])))[0])


async def leaving(db: Database, scope: Scope, *parts: int, clock: FakeClock | None = None) -> Leaving:
    """Have an order paid by card, canceled, given back in parts, and opened again before anything was answered."""
    order_id = await factories.another_order(db, scope)
    payment_id = await factories.captured(db, scope, order_id)
    for part in parts[:-1]:
        accepted(await ask(db, scope, payment_id, "refund", part))
    await cancel(db, scope, order_id, 10)
    await drained(db, scope)
    asked = [o for o in await factories.the_operations(db, scope, payment_id) if o.kind == "refund"]
    assert [o.amount_minor for o in asked] == list(parts)
    await reopen(db, scope, order_id)
    if clock is not None:
        clock.advance(timedelta(seconds=1))
    return Leaving(order_id, payment_id, tuple(o.key for o in asked))


async def amounts(db: Database, scope: Scope, found: Leaving) -> list[tuple[str, int]]:
    """Return the open cases about an order and its payment: the kind, and how much each is about."""
    async with db.read(scope) as tx:
        every = await case_queries.cases_about(tx, [found.order_id, found.payment_id])
    standing = [x for x in every if x.state == "open"]
    return sorted(
        (x.kind, x.data.get("amount_minor", x.data.get("expected_minor", 0) - x.data.get("received_minor", 0)))
        for x in standing
    )


async def pay(db: Database, scope: Scope, order_id: OrderId, amount: int) -> None:
    wish = ExternalPayment(order_id, "boleto", amount)
    accepted((await db.write(scope, lambda tx: service.record_external(tx, payments=[wish])))[0])


async def settled(db: Database, scope: Scope) -> None:
    """Hand out the events, and those that followed from them."""
    for _ in range(2):
        await drained(db, scope)


async def released(db: Database, scope: Scope, order_id: OrderId) -> int:
    await drained(db, scope)
    async with db.read(scope) as tx:
        ways = await tx.load_one(fulfillment.ways(order_id))
    return len(ways)


async def test_what_is_leaving_is_due_again_and_told_once(db: Database, opened: Scope) -> None:
    found = await leaving(db, opened, 10_000)
    order = await the_order(db, opened, found.order_id)
    assert (order.lifecycle, order.balance_minor, order.refunding_minor) == ("open", 0, 10_000)
    assert (order.to_pay_minor, order.to_give_back_minor, rules.due_minor(order, ())) == (10_000, 0, 10_000)
    assert await amounts(db, opened, found) == [(UNDER_WAY, 10_000)]
    assert await released(db, opened, found.order_id) == 0, "its goods wait for the money"
    await books.assert_balance(db, opened)


async def test_a_refund_that_fails_leaves_the_order_its_money(db: Database, opened: Scope) -> None:
    found = await leaving(db, opened, 10_000)
    await hear(db, opened, Result(found.keys[0], "failed", failure="closed"))
    assert await amounts(db, opened, found) == [], "nobody gives back what the order needs"
    order = await the_order(db, opened, found.order_id)
    assert (order.to_pay_minor, order.to_give_back_minor, order.payment_status) == (0, 0, "paid")
    assert await released(db, opened, found.order_id) == 1
    await books.assert_balance(db, opened)


async def test_a_refund_that_goes_has_to_be_paid_again(db: Database, opened: Scope, clock: FakeClock) -> None:
    found = await leaving(db, opened, 10_000)
    await hear(db, opened, Result(found.keys[0], "succeeded"))
    assert await amounts(db, opened, found) == [(UNDERPAID, 10_000)]
    order = await the_order(db, opened, found.order_id)
    assert (order.balance_minor, order.refunding_minor, order.to_pay_minor) == (-10_000, 0, 10_000)
    assert order.expires_at is not None, "it has a new term to be paid in"
    await pay(db, opened, found.order_id, 10_000)
    assert await amounts(db, opened, found) == []
    assert await released(db, opened, found.order_id) == 1
    await settled(db, opened)
    clock.advance(timedelta(days=2))
    await db.write(opened, orders.expire_orders)
    assert (await the_order(db, opened, found.order_id)).lifecycle == "open"
    await books.assert_balance(db, opened)


async def test_an_order_that_nobody_pays_again_ends_and_is_no_case_any_more(
    db: Database, opened: Scope, clock: FakeClock
) -> None:
    found = await leaving(db, opened, 10_000)
    await hear(db, opened, Result(found.keys[0], "succeeded"))
    await settled(db, opened)
    clock.advance(timedelta(days=2))
    await db.write(opened, orders.expire_orders)
    assert (await the_order(db, opened, found.order_id)).lifecycle == "canceled"
    assert await amounts(db, opened, found) == []
    await drained(db, opened)
    await books.assert_balance(db, opened)


@pytest.mark.parametrize("answer", ["failed", "succeeded"])
async def test_what_is_paid_again_meanwhile_is_enough(db: Database, opened: Scope, answer: OperationState) -> None:
    found = await leaving(db, opened, 10_000)
    await pay(db, opened, found.order_id, 4_000)
    assert await amounts(db, opened, found) == [(UNDER_WAY, 10_000)]
    await pay(db, opened, found.order_id, 6_000)
    assert await amounts(db, opened, found) == []
    assert await released(db, opened, found.order_id) == 1
    await hear(db, opened, Result(found.keys[0], answer, failure="closed" if answer == "failed" else ""))
    assert await amounts(db, opened, found) == ([(FAILED, 10_000)] if answer == "failed" else [])
    assert (await the_order(db, opened, found.order_id)).to_pay_minor == 0
    await books.assert_balance(db, opened)


async def test_of_a_refund_that_fails_only_what_is_too_much_is_given_back(db: Database, opened: Scope) -> None:
    found = await leaving(db, opened, 10_000)
    await pay(db, opened, found.order_id, 4_000)
    await hear(db, opened, Result(found.keys[0], "failed", failure="closed"))
    assert await amounts(db, opened, found) == [(FAILED, 4_000)]
    assert (await the_order(db, opened, found.order_id)).to_give_back_minor == 4_000
    await books.assert_balance(db, opened)


async def test_money_that_comes_with_the_answer_is_asked_for_once(db: Database, opened: Scope) -> None:
    found = await leaving(db, opened, 10_000)
    again = await factories.create(db, opened, found.order_id, token="tok_visa")
    assert again.operation_key is not None
    await hear(
        db, opened, Result(found.keys[0], "failed", failure="closed"), Result(again.operation_key, "succeeded", "ch_2")
    )
    assert await amounts(db, opened, found) == [("overpaid", 10_000)]
    await books.assert_balance(db, opened)


@pytest.mark.parametrize("is_backwards", [False, True])
@pytest.mark.parametrize("is_at_once", [False, True])
@pytest.mark.parametrize("answers", list(itertools.product(("succeeded", "failed"), repeat=2)))
async def test_two_refunds_are_answered_in_any_order(
    db: Database, opened: Scope, answers: Sequence[OperationState], *, is_at_once: bool, is_backwards: bool
) -> None:
    found = await leaving(db, opened, 3_000, 7_000)
    assert await amounts(db, opened, found) == [(UNDER_WAY, 10_000)]
    heard = [Result(key, answer) for key, answer in zip(found.keys, answers, strict=True)]
    parts = list(zip((3_000, 7_000), heard, strict=True))
    if is_backwards:
        parts.reverse()
    if is_at_once:
        await hear(db, opened, *[result for _, result in parts])
    else:
        await hear(db, opened, parts[0][1])
        assert await amounts(db, opened, found) == [(UNDER_WAY, parts[1][0])]
        await books.assert_balance(db, opened)
        await hear(db, opened, parts[1][1])
    gone = sum(amount for amount, result in parts if result.state == "succeeded")
    assert await amounts(db, opened, found) == ([(UNDERPAID, gone)] if gone else [])
    order = await the_order(db, opened, found.order_id)
    assert (order.to_pay_minor, order.to_give_back_minor, order.refunding_minor) == (gone, 0, 0)
    await hear(db, opened, *[result for _, result in parts])
    assert await amounts(db, opened, found) == ([(UNDERPAID, gone)] if gone else []), "heard again, nothing happens"
    await books.assert_balance(db, opened)


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_refund_that_goes_after_it_had_failed_has_to_be_paid_again(
    db: Database, opened: Scope, *, is_first: bool
) -> None:
    found = await leaving(db, opened, 3_000, 7_000)
    early, last = found.keys if is_first else reversed(found.keys)
    amount = 3_000 if is_first else 7_000
    await hear(db, opened, Result(early, "failed", failure="closed"))
    if is_first:
        await hear(db, opened, Result(last, "failed", failure="closed"))
        assert await amounts(db, opened, found) == []
    await hear(db, opened, Result(early, "succeeded"))
    if not is_first:
        assert await amounts(db, opened, found) == [(UNDER_WAY, 3_000)]
        await hear(db, opened, Result(last, "failed", failure="closed"))
    assert await amounts(db, opened, found) == [(UNDERPAID, amount)]
    assert (await the_order(db, opened, found.order_id)).to_pay_minor == amount
    await books.assert_balance(db, opened)


async def test_a_refund_whose_answer_is_lost_is_still_leaving(db: Database, opened: Scope, clock: FakeClock) -> None:
    found = await leaving(db, opened, 10_000)
    await hear(db, opened, Result(found.keys[0], "unknown"))
    assert await amounts(db, opened, found) == [(UNDER_WAY, 10_000)]
    await settled(db, opened)
    clock.advance(timedelta(days=2))
    await db.write(opened, orders.expire_orders)
    assert (await the_order(db, opened, found.order_id)).lifecycle == "open", "it waits for the answer"
    await hear(db, opened, Result(found.keys[0], "succeeded"))
    assert await amounts(db, opened, found) == [(UNDERPAID, 10_000)]
    await books.assert_balance(db, opened)


@pytest.mark.parametrize("answer", ["failed", "succeeded"])
async def test_an_answer_before_the_order_is_open_again_is_no_such_case(
    db: Database, opened: Scope, answer: OperationState
) -> None:
    order_id = await factories.another_order(db, opened)
    payment_id = await factories.captured(db, opened, order_id)
    await cancel(db, opened, order_id, 10)
    await drained(db, opened)
    key = (await factories.the_operations(db, opened, payment_id))[-1].key
    await hear(db, opened, Result(key, answer))
    await reopen(db, opened, order_id)
    assert await open_cases(db, opened, order_id, payment_id) == []
    await books.assert_balance(db, opened)
    if answer == "failed":
        await hear(db, opened, Result(key, "succeeded"))
        assert await open_cases(db, opened, order_id, payment_id) == [UNDERPAID], "it went after all"
        assert (await the_order(db, opened, order_id)).to_pay_minor == 10_000
        await books.assert_balance(db, opened)


@pytest.mark.parametrize("answer", ["failed", "succeeded"])
async def test_whichever_is_first_of_an_answer_and_the_opening_nothing_is_lost(
    db: Database, opened: Scope, answer: OperationState
) -> None:
    for _ in range(4):
        order_id = await factories.another_order(db, opened)
        payment_id = await factories.captured(db, opened, order_id)
        await cancel(db, opened, order_id, 10)
        await drained(db, opened)
        key = (await factories.the_operations(db, opened, payment_id))[-1].key
        await asyncio.gather(reopen(db, opened, order_id), hear(db, opened, Result(key, answer)))
        order = await the_order(db, opened, order_id)
        assert (order.lifecycle, order.to_pay_minor) == ("open", 10_000 if answer == "succeeded" else 0)
        standing = await open_cases(db, opened, order_id, payment_id)
        assert standing in ([], [UNDERPAID] if answer == "succeeded" else [])
    await books.assert_balance(db, opened)


async def test_an_order_that_is_open_again_before_its_refund_was_asked_for_keeps_its_money(
    db: Database, opened: Scope
) -> None:
    order_id = await factories.another_order(db, opened)
    payment_id = await factories.captured(db, opened, order_id)
    await cancel(db, opened, order_id, 10)
    await reopen(db, opened, order_id)
    await drained(db, opened)
    assert [o.kind for o in await factories.the_operations(db, opened, payment_id)] == ["sale"]
    assert await open_cases(db, opened, order_id, payment_id) == []
    await books.assert_balance(db, opened)


@pytest.mark.parametrize("answer", ["failed", "succeeded"])
async def test_an_order_that_is_canceled_again_gives_back_what_is_left_once(
    db: Database, opened: Scope, answer: OperationState
) -> None:
    found = await leaving(db, opened, 10_000)
    await pay(db, opened, found.order_id, 1_000)
    await cancel(db, opened, found.order_id, 10)
    assert await amounts(db, opened, found) == []
    await drained(db, opened)
    assert await amounts(db, opened, found) == [("refund_due", 1_000)]
    await hear(db, opened, Result(found.keys[0], answer))
    failed = [(FAILED, 10_000)] if answer == "failed" else []
    assert await amounts(db, opened, found) == sorted([*failed, ("refund_due", 1_000)])
    await books.assert_balance(db, opened)


async def test_an_order_that_costs_so_much_less_needs_the_money_no_more(db: Database, opened: Scope) -> None:
    found = await leaving(db, opened, 2_000, 8_000)
    await hear(db, opened, Result(found.keys[1], "failed"))
    assert await amounts(db, opened, found) == [(UNDER_WAY, 2_000)]
    await set_price(db, opened, found.order_id, 700)
    assert await amounts(db, opened, found) == [("refund_due", 1_000)], "2,000 of the 3,000 are on their way"
    await hear(db, opened, Result(found.keys[0], "succeeded"))
    assert await amounts(db, opened, found) == [("refund_due", 1_000)]
    await books.assert_balance(db, opened)


async def test_a_refund_that_is_asked_for_since_is_not_one_that_was_leaving(
    db: Database, opened: Scope, clock: FakeClock
) -> None:
    found = await leaving(db, opened, 4_000, 6_000, clock=clock)
    await hear(db, opened, Result(found.keys[1], "failed"))
    assert await amounts(db, opened, found) == [(UNDER_WAY, 4_000)]
    goodwill = accepted(await ask(db, opened, found.payment_id, "refund", 500))
    await hear(db, opened, Result(goodwill.operation_keys[0], "failed", failure="closed"))
    assert await amounts(db, opened, found) == [(FAILED, 500), (UNDER_WAY, 4_000)]
    await hear(db, opened, Result(found.keys[0], "succeeded"))
    assert (await amounts(db, opened, found))[-1] == (UNDERPAID, 4_000)
    await books.assert_balance(db, opened)


async def test_what_is_not_needed_once_another_refund_fails_is_no_case_any_more(
    db: Database, opened: Scope, clock: FakeClock
) -> None:
    found = await leaving(db, opened, 4_000, 6_000, clock=clock)
    await hear(db, opened, Result(found.keys[1], "failed"))
    goodwill = accepted(await ask(db, opened, found.payment_id, "refund", 500))
    await pay(db, opened, found.order_id, 4_000)
    assert await amounts(db, opened, found) == [(UNDER_WAY, 4_000)]
    await hear(db, opened, Result(goodwill.operation_keys[0], "failed", failure="closed"))
    assert await amounts(db, opened, found) == [(FAILED, 500)]
    await books.assert_balance(db, opened)


async def test_money_that_is_leaving_does_not_cover_an_order(db: Database, opened: Scope) -> None:
    order_id = await factories.another_order(db, opened)
    await factories.captured(db, opened, order_id)
    await cancel(db, opened, order_id, 10)
    await drained(db, opened)
    wish = ReopenRequest(order_id, only_covered=True)
    (refused,) = await db.write(opened, lambda tx: orders.reopen_orders(tx, requests=[wish]))
    assert isinstance(refused, order_errors.MoneyShort)


async def somebodys(db: Database) -> tuple[Scope, Leaving, StaffId]:
    """Return an order whose money is leaving, and somebody who works on its case."""
    at = await staff.opened(db, backorder=True)
    who = await staff.person(db, at, "sales")
    async with db.begin(at.scope) as tx:
        await sku(tx, "TEA")
    await factories.with_gateway(db, at.scope)
    found = await leaving(db, at.scope, 4_000, 6_000)
    (case,) = [x for x in await cases_of(db, at.scope, found.order_id) if x.state == "open"]
    await db.write(at.scope, lambda tx: cases.assign_cases(tx, assignments=[Assignment(case.case_id, who)]))
    return at.scope, found, who


async def test_who_works_on_what_is_leaving_works_on_what_comes_of_it(db: Database) -> None:
    scope, found, who = await somebodys(db)
    for key, kind in zip(found.keys, (UNDER_WAY, UNDERPAID), strict=True):
        await hear(db, scope, Result(key, "succeeded"))
        (case,) = [x for x in await cases_of(db, scope, found.order_id) if x.state == "open"]
        assert (case.kind, case.assignee_id) == (kind, who)
    await books.assert_balance(db, scope)


async def test_what_somebody_has_settled_stays_settled(db: Database) -> None:
    scope, found, _ = await somebodys(db)
    (case,) = [x for x in await cases_of(db, scope, found.order_id) if x.state == "open"]
    words = Resolution(case.case_id, "They pay in cash.")
    await db.write(scope, lambda tx: cases.resolve_cases(tx, resolutions=[words]))
    await hear(db, scope, *[Result(key, "succeeded") for key in found.keys])
    assert await amounts(db, scope, found) == []
    await books.assert_balance(db, scope)


async def test_following_many_takes_no_more_statements(
    db: Database, opened: Scope, recorder: StatementRecorder
) -> None:
    every = [await leaving(db, opened, 10_000) for _ in range(5)]
    counts = []
    for some in (every[:1], every[1:]):
        async with db.begin(opened) as tx:
            with recorder.watching() as sent:
                await service.apply_results(tx, results=[Result(x.keys[0], "succeeded") for x in some])
        counts.append(len(sent))
    assert counts[0] == counts[1]
    async with db.read(opened) as tx:
        assert await queries.operations_of(tx, [x.payment_id for x in every])
