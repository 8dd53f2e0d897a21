"""Many connections at once on the same balances: no cent is spent twice, nothing waits in a circle."""

import asyncio
from typing import Any
from uuid import uuid4

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.wallets import errors, service
from jiedan.wallets.values import GivenBack, Moved, NewCard
from tests.races import Work, assert_sound, doing, together
from tests.wallets import factories
from tests.wallets.factories import act, back, balance, credit, spend

CHECKS = sql.load("jiedan.wallets", "verify.sql")

CLIENTS = 12
REDEMPTIONS = 200


async def test_a_card_worth_ten_is_redeemed_ten_times_however_many_try(db: Database, scope: Scope) -> None:
    card_id = (await factories.card(db, scope, 10)).card.wallet.wallet_id
    free = asyncio.Semaphore(CLIENTS)

    async def once() -> Any:
        async with free:
            (outcome,) = await act(db, scope, service.redeem_many, redemptions=[spend(card_id, 1)])
            return outcome

    outcomes = await asyncio.gather(*(once() for _ in range(REDEMPTIONS)))
    done = [x for x in outcomes if isinstance(x, Moved)]
    assert sorted(x.balance for x in done) == list(range(10))
    assert sum(isinstance(x, errors.BalanceTooLow) for x in outcomes) == REDEMPTIONS - 10
    assert await balance(db, scope, card_id) == 0
    await assert_sound(db, scope, CHECKS)


async def test_wallets_in_opposite_order_do_not_wait_in_a_circle(db: Database, scope: Scope) -> None:
    issued = await factories.cards(db, scope, [NewCard(1_000, "CNY") for _ in range(8)])
    ids = [x.card.wallet.wallet_id for x in issued]

    def redeeming(order: list[Any]) -> Work:
        return doing(service.redeem_many, redemptions=[spend(wallet_id, 1) for wallet_id in order])

    await together(db, scope, *(redeeming(ids if n % 2 else ids[::-1]) for n in range(CLIENTS)))
    assert await balance(db, scope, ids[0]) == 1_000 - CLIENTS
    await assert_sound(db, scope, CHECKS)


async def test_one_key_that_comes_at_once_from_everywhere_moves_once(db: Database, scope: Scope) -> None:
    card_id = (await factories.card(db, scope, 1_000)).card.wallet.wallet_id
    wish = spend(card_id, 100)
    outcomes = await together(db, scope, *(doing(service.redeem_many, redemptions=[wish]) for _ in range(CLIENTS)))
    assert sum(not x.repeated for (x,) in outcomes) == 1
    assert await balance(db, scope, card_id) == 900


async def test_first_credits_of_a_customer_open_one_wallet(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    outcomes = await together(
        db, scope, *(doing(service.adjust_many, changes=[credit(who, 5), credit(who, 5, unit="EUR")]) for _ in range(8))
    )
    assert len({x.wallet_id for pair in outcomes for x in pair}) == 2
    assert sorted(pair[0].balance for pair in outcomes) == [5 * n for n in range(1, 9)]
    await assert_sound(db, scope, CHECKS)


async def test_what_was_redeemed_goes_back_once_however_many_ask(db: Database, scope: Scope) -> None:
    order = uuid4()
    card_id = (await factories.card(db, scope, 1_000)).card.wallet.wallet_id
    await act(db, scope, service.redeem_many, redemptions=[spend(card_id, 1_000, subject_id=order)])
    outcomes = await together(db, scope, *(doing(service.give_back_many, wishes=[back(order, 300)]) for _ in range(8)))
    assert sum(isinstance(x, GivenBack) for (x,) in outcomes) == 3
    assert await balance(db, scope, card_id) == 900
    await assert_sound(db, scope, CHECKS)


async def test_who_is_blocked_in_the_same_moment_pays_before_it_or_not_at_all(db: Database, scope: Scope) -> None:
    card_id = (await factories.card(db, scope, 100)).card.wallet.wallet_id
    outcomes = await together(
        db,
        scope,
        doing(service.set_blocked, wallet_id=card_id, is_blocked=True),
        *(doing(service.redeem_many, redemptions=[spend(card_id, 1)]) for _ in range(8)),
    )
    paid = sum(isinstance(x, Moved) for (x,) in outcomes[1:])
    assert all(isinstance(x, Moved | errors.GiftCardBlocked) for (x,) in outcomes[1:])
    assert await balance(db, scope, card_id) == 100 - paid
    await assert_sound(db, scope, CHECKS)
