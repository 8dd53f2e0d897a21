"""What goes into wallets, comes out of them and goes back; sets, keys, and as many statements for one as for many."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from jiedan.base import idempotency, paging
from jiedan.base.db import Database, Scope
from jiedan.base.errors import StaleVersion
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customer_service
from jiedan.wallets import errors, events, queries, rules, service
from jiedan.wallets.values import (
    BATCH_MAX,
    POINTS,
    Change,
    GivenBack,
    IssuedCard,
    Moved,
    MovementKind,
    NewCard,
    Reason,
    WalletId,
    WalletKey,
    WalletKind,
)
from tests.conftest import NOON, FakeClock
from tests.wallets import factories
from tests.wallets.factories import CODES, act, back, balance, credit, spend


def page(name: str = "entries") -> paging.Request:
    """Return the request for the first page of a list."""
    return paging.Request.of(paging.Cursors("secret"), tenant=uuid4(), name=name, filters={})


async def test_credit_opens_a_wallet_and_grows_it(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    first, second, third = await factories.moved(
        db, scope, credit(who, 500), credit(who, 250), credit(who, -700, reason=Reason.payout)
    )
    assert [first.balance, second.balance, third.balance] == [500, 750, 50]
    assert first.wallet_id == second.wallet_id == third.wallet_id
    async with db.read(scope) as tx:
        (found,) = await queries.wallets_of(tx, who)
    assert (found.kind, found.unit, found.balance, found.customer_id) == (WalletKind.credit, "CNY", 50, who)


async def test_what_is_not_there_is_not_taken(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    given, refused, fine = await act(
        db,
        scope,
        service.adjust_many,
        changes=[credit(who, 100), credit(who, -101, reason=Reason.payout), credit(who, -100, reason=Reason.payout)],
    )
    assert isinstance(given, Moved)
    assert isinstance(refused, errors.BalanceTooLow)
    assert (refused.available, refused.amount, refused.unit) == (100, 101, "CNY")
    assert isinstance(fine, Moved)
    assert fine.balance == 0


async def test_every_wrong_change_says_what_is_wrong(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    points = WalletKey(who, WalletKind.points, "CNY")
    wrong: list[tuple[Change, type[Exception], str | None]] = [
        (credit(who, 0), errors.AmountInvalid, "amount"),
        (credit(who, 10**15 + 1), errors.AmountInvalid, "amount"),
        (credit(who, 5, unit="XXX"), errors.UnitInvalid, "unit"),
        (credit(who, 5, unit=POINTS), errors.UnitInvalid, "unit"),
        (credit(who, 5)._replace(target=points), errors.UnitInvalid, "unit"),
        (credit(who, -5), errors.ReasonUnfit, "reason"),
        (credit(who, 5, reason=Reason.payout), errors.ReasonUnfit, "reason"),
        (credit(who, 5)._replace(expires_at=NOON), errors.ExpiryPast, "expires_at"),
        (credit(uuid4(), 5), errors.UnknownCustomer, "customer_id"),
        (credit(who, 5)._replace(target=WalletId(uuid4())), errors.WalletNotFound, None),
        (credit(who, -5, reason=Reason.payout), errors.BalanceTooLow, "amount"),
    ]
    outcomes = await act(db, scope, service.adjust_many, changes=[change for change, _, _ in wrong])
    assert [(type(x), getattr(x, "field", None)) for x in outcomes] == [(kind, field) for _, kind, field in wrong]
    with pytest.raises(errors.TooManyRows):
        await act(db, scope, service.adjust_many, changes=[credit(who, 1)] * (BATCH_MAX + 1))


async def test_a_balance_has_a_limit(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    outcomes = await act(db, scope, service.adjust_many, changes=[credit(who, 10**15), credit(who, 1)])
    assert isinstance(outcomes[1], errors.BalanceTooHigh)


async def test_the_same_key_moves_once(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    wish = credit(who, 500)
    (first,) = await factories.moved(db, scope, wish)
    (again,) = await factories.moved(db, scope, wish)
    (other,) = await act(db, scope, service.adjust_many, changes=[wish._replace(amount=400)])
    assert again == first._replace(repeated=True)
    assert isinstance(other, errors.OperationKeyReused)
    assert await balance(db, scope, first.wallet_id) == 500


async def test_a_merged_customer_gets_it_as_the_survivor(db: Database, scope: Scope) -> None:
    stays, goes = [
        await factories.customer(db, scope, phone=phone, email=f"{phone}@example.com")
        for phone in ("13800138001", "13800138002")
    ]
    (before,) = await factories.moved(db, scope, credit(goes, 300))
    await act(db, scope, customer_service.merge_customers, survivor_id=stays, merged_id=goes)
    (after,) = await factories.moved(db, scope, credit(goes, 200))
    async with db.read(scope) as tx:
        found = await queries.wallets_of(tx, stays)
    assert {(x.wallet_id, x.balance) for x in found} == {(before.wallet_id, 300), (after.wallet_id, 200)}
    redeemed = await act(db, scope, service.redeem_many, redemptions=[spend(before.wallet_id, 300, customer_id=stays)])
    assert isinstance(redeemed[0], Moved)


async def test_five_hundred_cards_are_issued_in_one_call(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    who = await factories.customer(db, scope)
    counts = []
    for number in (1, BATCH_MAX):
        news = [NewCard(1_000 + n, "CNY", customer_id=who, key=f"{number}/{n}") for n in range(number)]
        with recorder.watching() as sent:
            made = await factories.cards(db, scope, news)
        counts.append(len(sent))
        assert [x.card.wallet.balance for x in made] == [1_000 + n for n in range(number)]
        assert len({x.code for x in made}) == number
        assert {len(x.code) for x in made} == {16}
        assert all(x.card.last_four == x.code[-4:] for x in made)
    assert counts[0] == counts[1] <= 16
    async with db.read(scope) as tx:
        assert len(await queries.cards_of(tx, who)) == 200


async def test_rows_that_cannot_be_issued_are_refused_alone(db: Database, scope: Scope) -> None:
    fine, amount, currency, past, unknown, reason = await act(
        db,
        scope,
        service.issue_cards,
        codes=CODES,
        cards=[
            NewCard(100, "CNY"),
            NewCard(0, "CNY"),
            NewCard(100, "points"),
            NewCard(100, "CNY", expires_at=NOON - timedelta(days=1)),
            NewCard(100, "CNY", customer_id=uuid4()),
            NewCard(100, "CNY", reason=Reason.payout),
        ],
    )
    assert isinstance(fine, IssuedCard)
    assert isinstance(amount, errors.AmountInvalid)
    assert isinstance(currency, errors.UnitInvalid)
    assert currency.field == "currency"
    assert isinstance(past, errors.ExpiryPast)
    assert isinstance(unknown, errors.UnknownCustomer)
    assert isinstance(reason, errors.ReasonUnfit)


async def test_the_same_key_issues_the_same_card_with_its_code(db: Database, scope: Scope) -> None:
    wish = NewCard(700, "CNY", key="birthday")
    (first,) = await factories.cards(db, scope, [wish])
    (again,) = await factories.cards(db, scope, [wish])
    (other,) = await act(db, scope, service.issue_cards, codes=CODES, cards=[wish._replace(amount=800)])
    assert (again.card.wallet.wallet_id, again.code) == (first.card.wallet.wallet_id, first.code)
    assert isinstance(other, idempotency.KeyReused)


async def test_what_was_refused_may_be_tried_again_with_its_key(db: Database, scope: Scope) -> None:
    wish = NewCard(0, "CNY", key="birthday")
    (refused,) = await act(db, scope, service.issue_cards, codes=CODES, cards=[wish])
    assert isinstance(refused, errors.AmountInvalid)
    await factories.cards(db, scope, [wish._replace(amount=100)])


async def test_a_card_is_found_however_its_code_is_written(db: Database, scope: Scope) -> None:
    issued = await factories.card(db, scope, 100)
    typed = rules.spelled(issued.code).lower()
    found = await act(db, scope, service.look_up_card, codes=CODES, typed=typed, caller="staff:1", network="192.0.2.1")
    assert found == issued.card


async def test_look_ups_of_wrong_codes_are_throttled(db: Database, scope: Scope, other_tenant: UUID) -> None:
    issued = await factories.card(db, scope, 100)
    asked = {"codes": CODES, "caller": "staff:1", "network": "192.0.2.1"}
    for turn in range(30):
        if turn in {10, 29}:  # who has one card has no more guesses than others
            assert await act(db, scope, service.look_up_card, typed=issued.code, **asked) == issued.card
        missed = await act(db, scope, service.look_up_card, typed="3333-3333-3333-3333", **asked)
        assert isinstance(missed, errors.GiftCardNotFound)
    throttled = await act(db, scope, service.look_up_card, typed=issued.code, **asked)
    assert isinstance(throttled, errors.CardLookUpsThrottled)
    elsewhere = await act(db, Scope(other_tenant), service.look_up_card, typed=issued.code, **asked)  # type: ignore[arg-type]  # the id of a merchant
    assert isinstance(elsewhere, errors.GiftCardNotFound)


async def test_what_the_customers_of_a_shop_mistype_does_not_keep_its_key_out(db: Database, scope: Scope) -> None:
    issued = await factories.card(db, scope, 100)
    asked = {"codes": CODES, "caller": "api_key:1", "network": "192.0.2.1"}
    for _ in range(61):
        missed = await act(db, scope, service.look_up_card, typed="3333-3333-3333-3333", **asked)
        assert isinstance(missed, errors.GiftCardNotFound)
    assert await act(db, scope, service.look_up_card, typed=issued.code, **asked) == issued.card


async def test_a_card_is_redeemed_partly_and_what_is_not_there_is_refused(db: Database, scope: Scope) -> None:
    issued = await factories.card(db, scope, 1_000)
    card_id = issued.card.wallet.wallet_id
    wishes = [spend(card_id, 600), spend(card_id, 600), spend(card_id, 400)]
    first, refused, last = await act(db, scope, service.redeem_many, redemptions=wishes)
    assert isinstance(first, Moved)
    assert isinstance(refused, errors.BalanceTooLow)
    assert isinstance(last, Moved)
    assert (first.balance, refused.available, last.balance) == (400, 400, 0)
    again = await act(db, scope, service.redeem_many, redemptions=wishes[:1])
    assert again == [first._replace(repeated=True)]


async def test_wrong_redemptions_say_what_is_wrong(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    issued = await factories.card(db, scope, 1_000)
    blocked = (await factories.card(db, scope, 1_000)).card.wallet.wallet_id
    await act(db, scope, service.set_blocked, wallet_id=blocked, is_blocked=True)
    (given,) = await factories.moved(db, scope, credit(who, 500))
    outcomes = await act(
        db,
        scope,
        service.redeem_many,
        redemptions=[
            spend(issued.card.wallet.wallet_id, 0),
            spend(uuid4(), 1),
            spend(issued.card.wallet.wallet_id, 1, unit="EUR"),
            spend(blocked, 1),
            spend(given.wallet_id, 1),
            spend(given.wallet_id, 1, customer_id=uuid4()),
        ],
    )
    assert [type(x) for x in outcomes] == [
        errors.AmountInvalid,
        errors.WalletNotFound,
        errors.UnitInvalid,
        errors.GiftCardBlocked,
        errors.WalletNotFound,
        errors.WalletNotFound,
    ]


async def test_nothing_of_an_expired_card_can_be_spent_and_the_job_writes_it_down(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    issued = await factories.card(db, scope, 1_000, expires_at=NOON + timedelta(days=1))
    lasting = await factories.card(db, scope, 1_000)
    card_id = issued.card.wallet.wallet_id
    clock.advance(timedelta(days=1, hours=1))
    (refused,) = await act(db, scope, service.redeem_many, redemptions=[spend(card_id, 1)])
    assert isinstance(refused, errors.GiftCardExpired)
    assert [await act(db, scope, service.expire_due) for _ in range(2)] == [1, 0]
    assert await balance(db, scope, card_id) == 0
    assert await balance(db, scope, lasting.card.wallet.wallet_id) == 1_000
    async with db.read(scope) as tx:
        found = await queries.entry_rows(tx, request=page(), wallet_ids=[card_id])
    assert [(x.kind, x.amount, x.balance) for x in found.items] == [
        (MovementKind.expiry, -1_000, 0),
        (MovementKind.issue, 1_000, 1_000),
    ]


async def test_a_wallet_that_is_worked_on_expires_the_next_time(db: Database, scope: Scope, clock: FakeClock) -> None:
    issued = await factories.card(db, scope, 1_000, expires_at=NOON + timedelta(days=1))
    clock.advance(timedelta(days=2))
    async with db.begin(scope) as busy:
        await service.set_blocked(busy, wallet_id=issued.card.wallet.wallet_id, is_blocked=True)
        assert await act(db, scope, service.expire_due) == 0
    assert await act(db, scope, service.expire_due) == 1


async def test_what_was_redeemed_last_goes_back_first(db: Database, scope: Scope) -> None:
    who, order = await factories.customer(db, scope), uuid4()
    issued = await factories.card(db, scope, 1_000)
    card_id = issued.card.wallet.wallet_id
    (given,) = await factories.moved(db, scope, credit(who, 500))
    await act(
        db,
        scope,
        service.redeem_many,
        redemptions=[
            spend(card_id, 800, subject_id=order),
            spend(given.wallet_id, 500, subject_id=order, customer_id=who),
        ],
    )
    wish = back(order, 600)
    (first,) = await act(db, scope, service.give_back_many, wishes=[wish])
    assert isinstance(first, GivenBack)
    assert [(x.wallet_id, x.amount, x.balance) for x in first.moved] == [
        (given.wallet_id, 500, 500),
        (card_id, 100, 300),
    ]
    (again,) = await act(db, scope, service.give_back_many, wishes=[wish])
    assert isinstance(again, GivenBack)
    assert again.repeated
    assert [x.movement_id for x in again.moved] == [x.movement_id for x in first.moved]
    (reused,) = await act(db, scope, service.give_back_many, wishes=[wish._replace(amount=601)])
    assert isinstance(reused, errors.OperationKeyReused)
    too_much, rest, nothing = await act(
        db, scope, service.give_back_many, wishes=[back(order, 701), back(order, 700), back(uuid4(), 1)]
    )
    assert isinstance(too_much, errors.MoreThanRedeemed)
    assert (too_much.left, too_much.amount) == (700, 701)
    assert isinstance(rest, GivenBack)
    assert isinstance(nothing, errors.MoreThanRedeemed)
    assert [await balance(db, scope, x) for x in (card_id, given.wallet_id)] == [1_000, 500]


async def test_what_is_given_back_to_an_expired_card_lives_a_while_longer(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    order = uuid4()
    issued = await factories.card(db, scope, 1_000, expires_at=NOON + timedelta(days=1))
    card_id = issued.card.wallet.wallet_id
    await act(db, scope, service.redeem_many, redemptions=[spend(card_id, 1_000, subject_id=order)])
    clock.advance(timedelta(days=10))
    await act(db, scope, service.give_back_many, wishes=[back(order, 400)])
    assert await act(db, scope, service.expire_due) == 0
    (spent,) = await act(db, scope, service.redeem_many, redemptions=[spend(card_id, 100)])
    assert isinstance(spent, Moved)
    clock.advance(rules.GIVEN_BACK_LIVES)
    assert await act(db, scope, service.expire_due) == 1
    assert await balance(db, scope, card_id) == 0


async def test_what_runs_out_first_is_spent_first(db: Database, scope: Scope, clock: FakeClock) -> None:
    who = await factories.customer(db, scope)
    late, soon = credit(who, 300)._replace(expires_at=NOON + timedelta(days=9)), credit(who, 200)
    soon = soon._replace(expires_at=NOON + timedelta(days=2))
    _, given, _ = await factories.moved(db, scope, late, soon, credit(who, 100))
    await act(db, scope, service.redeem_many, redemptions=[spend(given.wallet_id, 150, customer_id=who)])
    clock.advance(timedelta(days=3))
    assert await act(db, scope, service.expire_due) == 1
    assert await balance(db, scope, given.wallet_id) == 400


async def test_a_card_is_blocked_by_whoever_has_seen_it(db: Database, scope: Scope) -> None:
    card_id = (await factories.card(db, scope, 100)).card.wallet.wallet_id
    async with db.begin(scope) as tx:
        blocked = await service.set_blocked(tx, wallet_id=card_id, is_blocked=True, expected_version=1)
        again = await service.set_blocked(tx, wallet_id=card_id, is_blocked=True)
        told = [x.event for x in tx.emitted if isinstance(x.event, events.GiftCardChanged)]
    assert blocked == again
    assert (blocked.version, blocked.blocked_at is not None, len(told)) == (2, True, 1)
    with pytest.raises(StaleVersion):
        await act(db, scope, service.set_blocked, wallet_id=card_id, is_blocked=False, expected_version=1)
    with pytest.raises(errors.GiftCardNotFound):
        await act(db, scope, service.set_blocked, wallet_id=uuid4(), is_blocked=True)


async def test_one_redemption_takes_as_many_statements_as_many(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    issued = await factories.cards(db, scope, [NewCard(1_000, "CNY") for _ in range(40)])
    counts = []
    for some in (issued[:1], issued):
        order = uuid4()
        wishes = [spend(x.card.wallet.wallet_id, 10, subject_id=order) for x in some]
        with recorder.watching() as sent:
            await act(db, scope, service.redeem_many, redemptions=wishes)
        counts.append(len(sent))
        with recorder.watching() as sent:
            await act(db, scope, service.give_back_many, wishes=[back(order, 10 * len(some))])
        counts.append(len(sent))
    assert counts[:2] == counts[2:]


async def test_of_a_forgotten_customer_only_amounts_stay(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    (given,) = await factories.moved(db, scope, credit(who, 500)._replace(note="Birthday of 王敏"))
    issued = await factories.card(db, scope, 100, customer_id=who, note="For 王敏")
    wiped = await act(db, scope, service.erase_wallets, customer_ids=[who])
    assert set(wiped) == {given.wallet_id, issued.card.wallet.wallet_id}
    async with db.read(scope) as tx:
        found = await queries.entry_rows(tx, request=page(), wallet_ids=wiped)
        (card,) = await queries.cards_of(tx, who)
    assert {(x.note, x.amount) for x in found.items} == {("", 500), ("", 100)}
    assert card.note == ""


async def test_money_that_is_left_is_counted_and_points_are_none(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    points = credit(who, 30)._replace(target=WalletKey(who, WalletKind.points, POINTS))
    await factories.moved(db, scope, credit(who, 500), points)
    await factories.card(db, scope, 100, customer_id=who)
    async with db.read(scope) as tx:
        assert await queries.wallets_with_money(tx, [who]) == 2
        assert await queries.wallets_with_money(tx, [uuid4()]) == 0
