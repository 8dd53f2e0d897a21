"""Orders that are paid with points as they are placed, what goes back of them, and what orders earn."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import placement
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, Draft, Outcome, Placed, Rejected, WalletUse
from jiedan.payments import service
from jiedan.payments.values.refunds import OrderRefund
from jiedan.wallets import service as wallets
from jiedan.wallets.queries import wallets_of
from jiedan.wallets.values import LoyaltyRule, WalletKind
from tests import races
from tests.orders import factories as orders_factories
from tests.orders.factories import codes
from tests.payments import factories
from tests.payments.factories import accepted, the_order
from tests.payments.test_out_of_wallets import (
    assert_sound,
    by,
    credit,
    drained,
    opened,
    paid_with,
    place,
    placed,
    tenders,
)
from tests.wallets import factories as wallet_factories
from tests.wallets.factories import act, balance

PRICE = orders_factories.PRICE_MINOR
RULE = LoyaltyRule("CNY", 1, 100, None, pays_points=30, pays_minor=100, pays_points_min=60, pays_share_percent=50)
"""Three points are ten cents, by steps of 1.00; from 60 on, and at most half of an order."""

AT_ONCE = 200
STATEMENTS_MAX = 28
"""What it costs beside that points pay for orders, however many."""


def points(amount_minor: int | None = None, number: int | None = None) -> WalletUse:
    """Return the use of the customer's points."""
    return WalletUse(kind="points", amount_minor=amount_minor, points=number)


async def rule(db: Database, scope: Scope, **changes: Any) -> None:
    """Set how points work."""
    await act(db, scope, wallets.set_loyalty_rules, rows=[RULE._replace(**changes)])


async def loyal(db: Database, scope: Scope, amount: int) -> tuple[UUID, UUID]:
    """Return a customer with so many points, and their wallet."""
    who = await wallet_factories.customer(db, scope)
    (given,) = await wallet_factories.moved(db, scope, wallet_factories.points(who, amount))
    return who, given.wallet_id


async def points_of(db: Database, scope: Scope, customer_id: UUID) -> int:
    """Return the points of a customer."""
    async with db.read(scope) as tx:
        return sum(x.balance for x in await wallets_of(tx, customer_id) if x.kind == WalletKind.points)


async def test_points_pay_as_many_steps_as_they_may_and_the_rest_is_due(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    await rule(db, scope)
    who, wallet_id = await loyal(db, scope, 1_000)
    made = await placed(db, scope, paid_with(5, points(), customer_id=who))
    (tender,) = await tenders(db, scope, made.order_id)
    assert (tender.provider, tender.method, tender.state, tender.sums.captured) == (
        "wallet",
        "points",
        "captured",
        2_500,
    )
    assert await balance(db, scope, wallet_id) == 1_000 - 750
    small = await placed(db, scope, paid_with(5, points(), customer_id=who))
    assert [x.sums.captured for x in await tenders(db, scope, small.order_id)] == [800]
    assert await balance(db, scope, wallet_id) == 10
    await assert_sound(db, scope)


async def test_points_stand_beside_credit_and_cards_in_the_order_in_which_they_are_named(
    db: Database, scope: Scope
) -> None:
    await opened(db, scope)
    await rule(db, scope)
    who, wallet_id = await loyal(db, scope, 300)
    await wallet_factories.moved(db, scope, wallet_factories.credit(who, 5_000))
    card = await wallet_factories.card(db, scope, 1_500)
    wanted = paid_with(5, by(card), points(700), credit(), cards=[card], customer_id=who)
    made = await placed(db, scope, wanted)
    assert [(x.method, x.amount_minor) for x in await tenders(db, scope, made.order_id)] == [
        ("gift_card", 1_500),
        ("points", 700),
        ("store_credit", 2_800),
    ]
    assert (made.payment_status, await balance(db, scope, wallet_id)) == ("paid", 90)
    (again,) = await place(db, scope, wanted)
    assert await balance(db, scope, wallet_id) == 90, again
    await assert_sound(db, scope)


async def test_what_points_cannot_pay_names_its_field(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    who, _ = await loyal(db, scope, 1_000)
    poor, _ = await loyal(db, scope, 59)
    bare = await wallet_factories.customer(db, scope)

    async def refusal(use: WalletUse, quantity: int = 5, **facts: Any) -> tuple[str, str | None]:
        (outcome,) = await place(db, scope, paid_with(quantity, use, **facts))
        (found,) = codes(outcome)
        return found

    assert await refusal(points(), customer_id=who) == ("points_pay_nothing", "wallets[0].kind")
    await rule(db, scope)
    assert await refusal(points()) == ("points_need_customer", "wallets[0].kind")
    assert await refusal(points(), customer_id=bare) == ("no_points", "wallets[0].kind")
    assert await refusal(points(), customer_id=poor) == ("too_few_points", "wallets[0].kind")
    assert await refusal(points(100), customer_id=who) == ("too_few_points", "wallets[0].kind")
    assert await refusal(points(250), customer_id=who) == ("points_not_whole", "wallets[0].amount_minor")
    assert await refusal(points(number=61), customer_id=who) == ("points_not_whole", "wallets[0].points")
    assert await refusal(points(500, 151), customer_id=who) == ("points_rate_changed", "wallets[0].points")
    assert await refusal(points(2_600), customer_id=who) == ("points_share_exceeded", "wallets[0].amount_minor")
    assert await refusal(points(2_600), 2, customer_id=who) == ("wallet_more_than_due", "wallets[0].amount_minor")
    assert await refusal(points(3_400), 50, customer_id=who) == ("wallet_balance_too_low", "wallets[0].amount_minor")
    (outcome,) = await place(db, scope, paid_with(5, points(), points(), customer_id=who))
    assert codes(outcome) == [("wallet_named_twice", "wallets[1]")]
    await assert_sound(db, scope)


async def test_a_refund_gives_points_back_at_the_rate_they_were_taken_at(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    await rule(db, scope)
    who, wallet_id = await loyal(db, scope, 210)
    made = await placed(db, scope, paid_with(5, points(), customer_id=who))
    await factories.confirm(db, scope, await factories.transfer(db, scope, made.order_id))
    await rule(db, scope, pays_points=1, pays_minor=100, pays_points_min=0)
    wish = OrderRefund(made.order_id, 1_001)
    async with db.read(scope) as tx:
        shown = (await service.preview_refund(tx, wish)).shares
    assert [(x.payment.method, x.amount_minor, x.goes, x.points) for x in shown] == [
        ("points", 140, "wallet", 42),
        ("bank_transfer", 861, "by_hand", None),
    ]
    there = []
    for amount in (1_001, 1, 1, 1_000, None):
        (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(made.order_id, amount)])
        accepted(outcome)
        there.append(await balance(db, scope, wallet_id))
        await assert_sound(db, scope)
    assert there == sorted(there)
    assert (there[0], there[-1]) == (42, 210)
    assert (await the_order(db, scope, made.order_id)).refunded_minor == 5_000


async def test_what_is_used_last_goes_back_first_points_too(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    await rule(db, scope)
    who, wallet_id = await loyal(db, scope, 600)
    card = await wallet_factories.card(db, scope, 3_000)
    made = await placed(db, scope, paid_with(5, points(2_000), by(card), cards=[card], customer_id=who))
    assert made.payment_status == "paid"
    found = []
    for amount in (2_500, 1_000):
        (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(made.order_id, amount)])
        accepted(outcome)
        found.append((await balance(db, scope, card.card.wallet.wallet_id), await balance(db, scope, wallet_id)))
    assert found == [(2_500, 0), (3_000, 150)]
    await assert_sound(db, scope)


async def test_an_order_that_is_canceled_gives_all_points_back(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    await rule(db, scope)
    who, wallet_id = await loyal(db, scope, 100)
    made = await placed(db, scope, paid_with(5, points(), customer_id=who))
    assert await balance(db, scope, wallet_id) == 10
    await act(db, scope, orders.cancel_orders, requests=[CancelRequest(made.order_id, "customer_request")])
    await drained(db, scope)
    assert await balance(db, scope, wallet_id) == 100
    await assert_sound(db, scope)


async def test_a_thousand_who_order_at_once_never_overdraw_points(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    await rule(db, scope)
    who, wallet_id = await loyal(db, scope, 10 * 60 + 59)

    async def some() -> list[Outcome]:
        return await place(db, scope, *(paid_with(1, points(200, 60), customer_id=who) for _ in range(AT_ONCE)))

    outcomes = [x for of in await asyncio.gather(*(some() for _ in range(1_000 // AT_ONCE))) for x in of]
    assert sum(isinstance(x, Placed) for x in outcomes) == 10
    assert {codes(x)[0] for x in outcomes if isinstance(x, Rejected)} == {
        ("wallet_balance_too_low", "wallets[0].points")
    }
    assert await balance(db, scope, wallet_id) == 59
    await assert_sound(db, scope)


async def test_refunds_of_points_that_meet_give_back_no_more_than_was_taken(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    await rule(db, scope, pays_share_percent=100)
    who, wallet_id = await loyal(db, scope, 300)
    made = await placed(db, scope, paid_with(1, points(), customer_id=who))
    wish = OrderRefund(made.order_id, 333)
    await races.together(db, scope, *(races.doing(service.refund_orders, wishes=[wish]) for _ in range(6)))
    assert (await the_order(db, scope, made.order_id)).refunded_minor == 999
    assert await balance(db, scope, wallet_id) == 299
    await assert_sound(db, scope)


async def test_the_number_of_statements_does_not_depend_on_how_many_pay_with_points(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await opened(db, scope)
    await rule(db, scope)
    people = [(await loyal(db, scope, 1_000))[0] for _ in range(12)]

    async def count(drafts: Sequence[Draft]) -> int:
        made = await orders_factories.leased(db, scope, *drafts)
        with recorder.watching() as sent:
            await db.write(scope, lambda tx: placement.place_orders(tx, made, record=service.record_redeemed))
        return len(sent)

    await count([paid_with(1)])
    plain = await count([paid_with(1)])
    one = await count([paid_with(5, points(), customer_id=people[0])])
    many = await count([paid_with(5, points(), customer_id=who) for who in people[1:]])
    assert one == many
    assert one - plain <= STATEMENTS_MAX
