"""Orders that are paid out of gift cards and store credit as they are placed, and what goes back there."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedan import wiring
from jiedan.base import idempotency, sql
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.errors import Refusal
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import placement
from jiedan.orders import service as orders
from jiedan.orders.values import (
    AlreadyPlaced,
    CancelRequest,
    Draft,
    LineQuantity,
    Outcome,
    Placed,
    Rejected,
    WalletUse,
)
from jiedan.payments import errors, queries, service
from jiedan.payments.values import Chargeback, LineRefund, Payment
from jiedan.payments.values.refunds import OrderRefund
from jiedan.wallets import service as wallets
from jiedan.wallets.queries import wallets_of
from jiedan.wallets.values import IssuedCard, NewCard
from tests import races
from tests.carts import factories as carts
from tests.conftest import FakeClock
from tests.orders import factories as orders_factories
from tests.orders.factories import codes, order
from tests.payments import factories
from tests.payments.factories import accepted, broken, the_order
from tests.wallets import factories as wallet_factories
from tests.wallets.factories import act, balance

PRICE = orders_factories.PRICE_MINOR
WALLET_CHECKS = sql.load("jiedan.wallets", "verify.sql")
AT_ONCE = 200
STATEMENTS_MAX = 24
"""What it costs beside that wallets pay for orders, however many."""


async def opened(db: Database, scope: Scope, **settings: Any) -> None:
    """Open a shop with a lot of tea, of 10.00 each."""
    await orders_factories.shop(db, scope, {"TEA": {"W1": 5_000}}, **settings)


def paid_with(quantity: int, *uses: WalletUse, cards: Sequence[IssuedCard] = (), **facts: Any) -> Draft:
    """Return a draft of tea that wallets are to pay; their codes are known."""
    body = order(("TEA", quantity), wallets=uses, **facts)
    found = {card.code: UUID(str(card.card.wallet.wallet_id)) for card in cards}
    return orders_factories.draft(body)._replace(cards=found)


def by(card: IssuedCard, amount_minor: int | None = None) -> WalletUse:
    """Return the use of a card by its code."""
    return WalletUse(kind="gift_card", code=card.code, amount_minor=amount_minor)


def credit(amount_minor: int | None = None) -> WalletUse:
    """Return the use of the customer's store credit."""
    return WalletUse(kind="credit", amount_minor=amount_minor)


async def place(db: Database, scope: Scope, *drafts: Draft) -> list[Outcome]:
    """Place drafts in one batch, as the desk of a process does."""
    made = await orders_factories.leased(db, scope, *drafts)
    return await db.write(scope, lambda tx: placement.place_orders(tx, made, record=service.record_redeemed))


async def placed(db: Database, scope: Scope, draft: Draft) -> Placed:
    """Place one draft that must be fine."""
    (outcome,) = await place(db, scope, draft)
    assert isinstance(outcome, Placed), outcome
    return outcome


async def tenders(db: Database, scope: Scope, order_id: UUID) -> list[Payment]:
    """Return the tenders of an order, oldest first."""
    async with db.read(scope) as tx:
        return (await queries.payments_of_orders(tx, [order_id])).get(order_id, [])


async def drained(db: Database, scope: Scope) -> None:
    """Let everything follow that follows from events."""
    await Drain(db, None, wiring.SUBSCRIPTIONS).drain_tenant(scope.tenant)


async def assert_sound(db: Database, scope: Scope) -> None:
    """Fail unless the books of payments and of wallets are sound."""
    assert await broken(db, scope) == {}
    await races.assert_sound(db, scope, WALLET_CHECKS)


async def test_a_card_pays_a_part_and_the_rest_is_due(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallet_factories.card(db, scope, 3_000)
    made = await placed(db, scope, paid_with(5, by(card), cards=[card]))
    assert made.payment_status == "partly_paid"
    assert made.expires_at is not None  # the rest is waited for no longer than usual
    assert await balance(db, scope, card.card.wallet.wallet_id) == 0
    (tender,) = await tenders(db, scope, made.order_id)
    assert (tender.provider, tender.method, tender.state, tender.sums.captured) == (
        "wallet",
        "gift_card",
        "captured",
        3_000,
    )
    stored = await the_order(db, scope, made.order_id)
    assert (stored.captured_minor, stored.from_wallets_minor, stored.balance_minor) == (3_000, 3_000, -2_000)
    await assert_sound(db, scope)


async def test_credit_and_cards_pay_in_the_order_in_which_they_are_named(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    who = await wallet_factories.customer(db, scope)
    (given,) = await wallet_factories.moved(db, scope, wallet_factories.credit(who, 2_500))
    card, other = [await wallet_factories.card(db, scope, 4_000) for _ in range(2)]
    wanted = paid_with(5, by(card, 1_500), credit(), by(other), cards=[card, other], customer_id=who)
    made = await placed(db, scope, wanted)
    assert made.payment_status == "paid"
    assert made.expires_at is None
    assert [x.amount_minor for x in await tenders(db, scope, made.order_id)] == [1_500, 2_500, 1_000]
    left = [await balance(db, scope, x) for x in (card.card.wallet.wallet_id, given.wallet_id)]
    assert left == [2_500, 0]
    await assert_sound(db, scope)


async def test_each_thing_that_is_wrong_names_its_field(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    who = await wallet_factories.customer(db, scope)
    empty, blocked, foreign, over = await wallet_factories.cards(
        db,
        scope,
        [
            NewCard(100, "CNY"),
            NewCard(100, "CNY"),
            NewCard(100, "USD"),
            NewCard(100, "CNY", expires_at=db.clock.now() + timedelta(hours=1)),
        ],
    )
    await placed(db, scope, paid_with(1, by(empty), cards=[empty]))
    await act(db, scope, wallets.set_blocked, wallet_id=blocked.card.wallet.wallet_id, is_blocked=True)
    known = [empty, blocked, foreign, over]
    uses = (
        WalletUse(kind="gift_card", code="3467-9ACD-EFGH-JKMN"),
        by(empty),
        by(blocked),
        by(foreign),
        by(over, 200),
        by(over),
        credit(),
        WalletUse(kind="gift_card", wallet_id=over.card.wallet.wallet_id),
    )
    (outcome,) = await place(db, scope, paid_with(2, *uses, cards=known, customer_id=who))
    assert codes(outcome) == [
        ("unknown_gift_card", "wallets[0].code"),
        ("gift_card_empty", "wallets[1].code"),
        ("gift_card_blocked", "wallets[2].code"),
        ("gift_card_currency", "wallets[3].code"),
        ("wallet_balance_too_low", "wallets[4].amount_minor"),
        ("wallet_named_twice", "wallets[5]"),
        ("no_store_credit", "wallets[6].kind"),
        ("wallet_named_twice", "wallets[7]"),
    ]
    own = WalletUse(kind="gift_card", wallet_id=over.card.wallet.wallet_id)
    (outcome,) = await place(db, scope, paid_with(1, own, customer_id=who))  # it is nobody's, so not theirs either
    assert codes(outcome) == [("unknown_wallet", "wallets[0].wallet_id")]
    (outcome,) = await place(db, scope, paid_with(1, credit()))
    assert codes(outcome) == [("store_credit_needs_customer", "wallets[0].kind")]
    (outcome,) = await place(db, scope, paid_with(1, by(over, 1_001), cards=known))
    assert codes(outcome) == [("wallet_more_than_due", "wallets[0].amount_minor")]
    (outcome,) = await orders_factories.place(db, scope, paid_with(1, by(over), cards=known))
    assert codes(outcome) == [("wallets_not_taken", "wallets")]
    await assert_sound(db, scope)


async def test_the_same_key_pays_once(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallet_factories.card(db, scope, 3_000)
    draft = paid_with(1, by(card), cards=[card])
    first = await placed(db, scope, draft)
    (again,) = await place(db, scope, draft)
    assert isinstance(again, AlreadyPlaced)
    assert again.order == first
    assert await balance(db, scope, card.card.wallet.wallet_id) == 2_000


async def test_orders_of_one_batch_share_a_card_earlier_ones_first(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallet_factories.card(db, scope, 2_500)
    drafts = [paid_with(1, by(card, 1_000), cards=[card]) for _ in range(3)]
    outcomes = await place(db, scope, *drafts)
    assert [type(x) for x in outcomes] == [Placed, Placed, Rejected]
    assert await balance(db, scope, card.card.wallet.wallet_id) == 500
    await assert_sound(db, scope)


async def test_a_thousand_who_order_at_once_never_overdraw_a_card(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallet_factories.card(db, scope, 10 * PRICE)

    async def some() -> list[Outcome]:
        return await place(db, scope, *(paid_with(1, by(card, PRICE), cards=[card]) for _ in range(AT_ONCE)))

    outcomes = [x for of in await asyncio.gather(*(some() for _ in range(1_000 // AT_ONCE))) for x in of]
    assert sum(isinstance(x, Placed) for x in outcomes) == 10
    assert {codes(x)[0] for x in outcomes if isinstance(x, Rejected)} == {("gift_card_empty", "wallets[0].code")}
    assert await balance(db, scope, card.card.wallet.wallet_id) == 0
    await assert_sound(db, scope)


async def test_what_a_cart_holds_goes_over_to_an_order_that_a_card_pays(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallet_factories.card(db, scope, 10 * PRICE)
    cart_id = await carts.filled(db, scope, {"TEA": 2})
    made = await placed(db, scope, paid_with(2, by(card), cards=[card], cart_id=cart_id))
    assert (made.allocated, made.payment_status) == (2, "paid")


async def test_the_number_of_statements_does_not_depend_on_how_many_wallets_pay(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await opened(db, scope)
    cards = [await wallet_factories.card(db, scope, 100_000) for _ in range(3)]

    async def count(drafts: Sequence[Draft]) -> int:
        made = await orders_factories.leased(db, scope, *drafts)
        with recorder.watching() as sent:
            await db.write(scope, lambda tx: placement.place_orders(tx, made, record=service.record_redeemed))
        return len(sent)

    none = [paid_with(1)]
    one = [paid_with(1, by(cards[0], 10), cards=cards)]
    many = [paid_with(1, *(by(card, 10) for card in cards), cards=cards) for _ in range(20)]
    await count([paid_with(1)])
    plain, single, lots = [await count(drafts) for drafts in (none, one, many)]
    assert single == lots
    assert single - plain <= STATEMENTS_MAX
    bare = await orders_factories.leased(db, scope, order(("TEA", 1)))
    with recorder.watching() as sent:
        await db.write(scope, lambda tx: placement.place_orders(tx, bare))
    assert len(sent) == plain  # who asks for no wallet pays nothing for it


async def test_an_order_that_is_canceled_gives_back_to_each_wallet(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card, other = [await wallet_factories.card(db, scope, 3_000) for _ in range(2)]
    made = await placed(db, scope, paid_with(5, by(card), by(other), cards=[card, other]))
    await drained(db, scope)
    request = CancelRequest(made.order_id, "customer_request", (LineQuantity(1, 2),))
    await act(db, scope, orders.cancel_orders, requests=[request])
    await drained(db, scope)
    found = [await balance(db, scope, x.card.wallet.wallet_id) for x in (card, other)]
    assert found == [0, 3_000]  # last in, first out: what the second one gave goes back first
    await act(db, scope, orders.cancel_orders, requests=[CancelRequest(made.order_id, "customer_request")])
    await drained(db, scope)
    assert [await balance(db, scope, x.card.wallet.wallet_id) for x in (card, other)] == [3_000, 3_000]
    stored = await the_order(db, scope, made.order_id)
    assert (stored.lifecycle, stored.balance_minor, stored.from_wallets_minor) == ("canceled", 0, 0)
    await assert_sound(db, scope)


async def test_an_order_of_which_only_wallets_paid_expires_and_gives_back(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await opened(db, scope, expiry_minutes=30)
    card = await wallet_factories.card(db, scope, 3_000)
    made = await placed(db, scope, paid_with(5, by(card), cards=[card]))
    await drained(db, scope)
    clock.advance(timedelta(hours=1))
    await db.write(scope, orders.expire_orders)
    await drained(db, scope)
    assert (await the_order(db, scope, made.order_id)).lifecycle == "canceled"
    assert await balance(db, scope, card.card.wallet.wallet_id) == 3_000
    await assert_sound(db, scope)


async def mixed(db: Database, scope: Scope) -> tuple[Placed, IssuedCard, UUID]:
    """Place an order of 100.00 of which a card paid 30.00, a customer's credit 20.00, and a transfer the rest."""
    await opened(db, scope)
    who = await wallet_factories.customer(db, scope)
    await wallet_factories.moved(db, scope, wallet_factories.credit(who, 2_000))
    card = await wallet_factories.card(db, scope, 3_000)
    made = await placed(db, scope, paid_with(10, by(card), credit(), cards=[card], customer_id=who))
    await factories.confirm(db, scope, await factories.transfer(db, scope, made.order_id))
    return made, card, who


async def credit_of(db: Database, scope: Scope, customer_id: UUID) -> int:
    """Return the store credit of a customer."""
    async with db.read(scope) as tx:
        return sum(x.balance for x in await wallets_of(tx, customer_id))


async def test_a_refund_goes_over_all_tenders_and_is_shown_before(db: Database, scope: Scope) -> None:
    made, card, who = await mixed(db, scope)
    wish = OrderRefund(made.order_id, 4_000)
    async with db.read(scope) as tx:
        shown = (await service.preview_refund(tx, wish)).shares
    assert [(x.payment.method, x.amount_minor, x.left_minor, x.goes) for x in shown] == [
        ("store_credit", 2_000, 0, "wallet"),
        ("bank_transfer", 2_000, 3_000, "by_hand"),
    ]
    (outcome,) = await act(db, scope, service.refund_orders, wishes=[wish])
    accepted(outcome)
    assert await credit_of(db, scope, who) == 2_000
    (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(made.order_id)])
    accepted(outcome)
    assert await balance(db, scope, card.card.wallet.wallet_id) == 3_000
    assert (await the_order(db, scope, made.order_id)).refunded_minor == 10_000
    (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(made.order_id)])
    assert isinstance(outcome, errors.NothingToRefund)
    await assert_sound(db, scope)


async def test_a_little_that_went_back_does_not_end_an_order_that_was_paid(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallet_factories.card(db, scope, 5_000)
    made = await placed(db, scope, paid_with(5, by(card), cards=[card]))
    (outcome,) = await act(db, scope, service.refund_orders, wishes=[OrderRefund(made.order_id, 500)])
    accepted(outcome)
    stored = await the_order(db, scope, made.order_id)
    assert (stored.from_wallets_minor, stored.expires_at) == (4_500, None)
    await assert_sound(db, scope)


async def test_what_is_kept_of_a_request_names_a_card_by_its_id(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card, other = [await wallet_factories.card(db, scope, 5_000) for _ in range(2)]
    same, another = [paid_with(5, by(one), cards=[one]) for one in (card, other)]
    kept, kept_of_other = [orders.wish_of(x.body, None, cards=x.cards).fingerprint for x in (same, another)]
    typed = card.code.lower()
    spelled = paid_with(5, WalletUse(kind="gift_card", code=typed)).body
    cards = {typed: card.card.wallet.wallet_id}
    assert kept == orders.wish_of(spelled, None, cards=cards).fingerprint, "however its code is written"
    assert kept not in {kept_of_other, idempotency.fingerprint(same.body)}


async def test_money_may_go_to_store_credit_instead(db: Database, scope: Scope) -> None:
    made, card, who = await mixed(db, scope)
    wish = OrderRefund(made.order_id, 10_000, to="credit", refund_lines=(LineRefund(1, 10),))
    (outcome,) = await act(db, scope, service.refund_orders, wishes=[wish])
    accepted(outcome)
    assert await credit_of(db, scope, who) == 7_000
    assert await balance(db, scope, card.card.wallet.wallet_id) == 3_000
    await assert_sound(db, scope)


async def test_credit_is_for_customers_who_are_known(db: Database, scope: Scope) -> None:
    await opened(db, scope)
    card = await wallet_factories.card(db, scope, 500)
    made = await placed(db, scope, paid_with(1, by(card), cards=[card]))
    wishes = [OrderRefund(made.order_id, to="credit"), OrderRefund(uuid4()), OrderRefund(made.order_id, 501)]
    outcomes = await act(db, scope, service.refund_orders, wishes=wishes)
    found = [(x.code, x.field) for x in outcomes if isinstance(x, Refusal)]
    assert found == [
        ("store_credit_needs_customer", "to"),
        ("order_not_found", None),
        ("order_refund_too_large", "amount_minor"),
    ]


async def test_a_key_refunds_once(db: Database, scope: Scope) -> None:
    made, _, _ = await mixed(db, scope)
    wish = OrderRefund(made.order_id, 1_000, key="once")
    for _ in range(2):
        accepted((await act(db, scope, service.refund_orders, wishes=[wish]))[0])
    assert (await the_order(db, scope, made.order_id)).refunded_minor == 1_000


async def test_no_bank_takes_back_what_a_wallet_paid(db: Database, scope: Scope) -> None:
    made, _, _ = await mixed(db, scope)
    tender = (await tenders(db, scope, made.order_id))[0]
    wish = Chargeback(tender.payment_id, 100, "cb-1")
    (outcome,) = await act(db, scope, service.record_chargebacks, chargebacks=[wish])
    assert isinstance(outcome, errors.PaidOutOfWallet)
    refusal = await factories.ask(db, scope, tender.payment_id, "capture")
    assert isinstance(refusal, errors.OnlyByHand)


@pytest.mark.parametrize("to", ["original", "credit"])
async def test_many_refunds_of_one_order_at_once_give_back_no_more_than_was_paid(
    to: Any, db: Database, scope: Scope
) -> None:
    made, _, _ = await mixed(db, scope)
    wish = OrderRefund(made.order_id, 3_000, to=to)
    await races.together(db, scope, *(races.doing(service.refund_orders, wishes=[wish]) for _ in range(6)))
    assert (await the_order(db, scope, made.order_id)).refunded_minor == 9_000
    await assert_sound(db, scope)
