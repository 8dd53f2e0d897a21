"""Paying with the sandbox: tokens, the payment page, messages in every order, cancellations that give money back."""

import importlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa

from jiedan import wiring
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.cases import queries as cases
from jiedan.orders.values import OrderId
from jiedan.payments import jobs, rules, tables
from jiedan.payments.providers.sandbox.processor import bank
from jiedan.payments.values import RECONCILE_AFTER, RECONCILIATION_WINDOW
from tests.conftest import FakeClock
from tests.payments import factories, sandboxed
from tests.payments.factories import the_order
from tests.payments.sandboxed import World


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    return await factories.an_order(db, scope)


@pytest.fixture
async def world(db: Database, scope: Scope, order_id: OrderId) -> AsyncIterator[World]:
    async with sandboxed.open_world(db, scope) as opened:
        yield opened
        assert await factories.broken(db, scope) == {}


async def test_a_token_pays_at_once_and_its_message_changes_nothing(
    world: World, db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment = await world.pay(order_id, token="tok_visa")
    assert (payment["state"], payment["captured_minor"], world.captured()) == ("captured", 10_000, 10_000)
    assert await world.deliver() == 1
    assert (await the_order(db, scope, order_id)).captured_minor == 10_000
    assert len((await world.look(payment))["ledger"]) == 1


async def test_authorize_capture_refund_and_void(world: World, order_id: OrderId) -> None:
    payment = await world.pay(order_id, token="tok_visa", capture="later")
    assert payment["state"] == "authorized"
    captured = (await world.ask(payment, "captures", amount_minor=7_000)).json()
    assert (captured["captured_minor"], captured["capturable_minor"]) == (7_000, 3_000)
    assert (await world.ask(payment, "voids")).json()["voided_minor"] == 3_000
    assert (await world.ask(payment, "refunds", amount_minor=2_000)).json()["refunded_minor"] == 2_000
    assert world.captured() == 5_000
    assert (await world.ask(payment, "captures")).json()["code"] == "nothing_to_capture"
    await world.deliver()
    assert (await world.look(payment))["refunded_minor"] == 2_000


@pytest.mark.parametrize(("token", "failure"), [("tok_declined", "card_declined"), ("tok_x", "token_unknown")])
async def test_a_declined_card_leaves_the_order_to_be_paid_otherwise(
    world: World, order_id: OrderId, token: str, failure: str
) -> None:
    payment = await world.pay(order_id, token=token)
    assert (payment["state"], payment["operations"][0]["failure"]) == ("failed", failure)
    assert (await world.pay(order_id, token="tok_visa"))["state"] == "captured"
    assert world.captured() == 10_000


@pytest.mark.parametrize("token", ["tok_duplicates", "tok_reorders"])
async def test_messages_twice_and_backwards_count_once(
    world: World, clock: FakeClock, order_id: OrderId, token: str
) -> None:
    payment = await world.pay(order_id, token=token, capture="later")
    await world.ask(payment, "captures", amount_minor=4_000)
    sent = 0
    for _ in range(5):
        sent += await world.deliver()
        clock.advance(timedelta(seconds=1))
    assert sent > 3
    ledger = (await world.look(payment))["ledger"]
    assert [(entry["kind"], entry["amount_minor"]) for entry in ledger] == [
        ("authorization", 10_000),
        ("capture", 4_000),
    ]


async def test_a_late_answer_comes_by_message_or_by_asking(world: World, clock: FakeClock, order_id: OrderId) -> None:
    first = await world.pay(order_id, token="tok_late", amount_minor=4_000)
    second = await world.pay(order_id, token="tok_late", amount_minor=6_000)
    assert (first["state"], second["state"]) == ("processing", "processing")
    clock.advance(sandboxed.LATE)
    assert await world.deliver() == 2
    assert (await world.look(first))["state"] == "captured"
    world.store.deliveries.clear()
    third = await factories.another_order(world.database, world.scope, 1)
    lost = await world.pay(third, token="tok_late")
    clock.advance(RECONCILE_AFTER)
    assert await world.sweep() == 1
    assert (await world.look(lost))["state"] == "captured"
    assert await world.sweep() == 0


async def test_operations_of_accounts_that_are_gone_do_not_keep_the_others_waiting(
    world: World, clock: FakeClock, order_id: OrderId, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = await world.pay(order_id, token="tok_late", amount_minor=4_000)
    clock.advance(timedelta(seconds=1))
    known = await world.pay(order_id, token="tok_late", amount_minor=6_000)
    payment = tables.Payment
    async with world.database.begin(world.scope) as tx:
        here = (payment.tenant_id == tx.tenant, payment.payment_id == UUID(gone["payment_id"]))
        await tx.execute(sa.update(payment).where(*here).values(provider="closed"))
    clock.advance(RECONCILE_AFTER + sandboxed.LATE)
    sweeping = importlib.import_module("jiedan.payments.service.perform")  # a function of the package has its name
    monkeypatch.setattr(sweeping, "OPERATIONS_PER_SWEEP_MAX", 1)
    assert await world.sweep() == 1
    assert (await world.look(known))["state"] == "captured"
    async with world.database.begin(world.scope) as tx:
        await tx.execute(sa.update(payment).where(*here).values(provider="sandbox"))


async def test_a_customer_pays_on_the_page_and_comes_back(
    world: World, db: Database, scope: Scope, order_id: OrderId
) -> None:
    payment = await world.pay(order_id, return_url="https://shop.example/thanks?order=1")
    assert payment["state"] == "action_needed"
    async with httpx2.AsyncClient(transport=world.wires) as browser:
        page = await browser.get(payment["pay_url"])
        assert page.status_code == 200
        assert "form-action 'self' http://localhost:8000;" in page.headers["content-security-policy"]
        for language, words in (("zh-CN", ("卡号", "不会真实扣款")), ("zh-TW", ("卡號", "不會真的扣款"))):
            spoken = await browser.get(payment["pay_url"], headers={"accept-language": language})
            assert all(word in spoken.text for word in words)
        refused = await browser.post(payment["pay_url"], data={"number": "4111 1111 1111 1111"})
        assert "4111" not in refused.text
        assert "Only the test cards" in refused.text
        declined = await browser.post(payment["pay_url"], data={"number": "4000 0000 0000 0002"})
        assert "was declined" in declined.text
        paid = await browser.post(payment["pay_url"], data={"number": "4242 4242 4242 4242"})
        assert paid.status_code == 303
        back = await browser.get(paid.headers["location"])
    assert back.status_code == 303
    assert re.fullmatch(
        rf"https://shop\.example/thanks\?order=1&payment_id={payment['payment_id']}&state=captured",
        back.headers["location"],
    )
    await world.deliver()
    assert (await the_order(db, scope, order_id)).captured_minor == 10_000
    assert all(b"4242" not in request.content for request in world.wires.sent if request.url.port == 8000)


async def test_every_test_card_has_a_number_for_the_page_and_a_token_for_the_api(
    world: World, order_id: OrderId
) -> None:
    assert {card.token for card in bank.CARDS} == bank.TOKENS
    assert len({card.number for card in bank.CARDS}) == len(bank.CARDS) == len(bank.TOKENS)
    assert all(rules.has_card_number(card.number) for card in bank.CARDS)
    page = (await world.pay(order_id))["pay_url"]
    async with httpx2.AsyncClient(transport=world.wires) as browser:
        shown = (await browser.get(page)).text
    assert all(f"<code>{card.number}</code>" in shown and card.does in shown for card in bank.CARDS)


@pytest.mark.parametrize("way", ["page", "token"])
@pytest.mark.parametrize("card", bank.CARDS, ids=lambda card: card.token)
async def test_each_test_card_ends_in_one_capture_or_none(  # noqa: PLR0917 - what pytest gives
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId, card: bank.Card, way: str
) -> None:
    """By page and by token, with messages and with asking: what the processor took is what the order has."""
    payment = await world.pay(order_id, **({"token": card.token} if way == "token" else {}))
    if way == "page":
        async with httpx2.AsyncClient(transport=world.wires) as browser:
            answer = await browser.post(payment["pay_url"], data={"number": card.number})
            if card.token == bank.DECLINED:
                assert "was declined" in answer.text
                answer = await browser.post(f"{payment['pay_url']}/cancel")
            assert (await browser.get(answer.headers["location"])).status_code == 200
    if card.token == bank.LATE:
        assert (await world.look(payment))["state"] == "processing"
        assert (await the_order(db, scope, order_id)).processing_count == 1
    for _ in range(5):
        await world.deliver()
        clock.advance(sandboxed.LATE)
    clock.advance(RECONCILE_AFTER)
    await world.sweep()
    await world.deliver()
    found = await world.look(payment)
    taken = 0 if card.token == bank.DECLINED else 10_000
    assert (found["state"], found["captured_minor"]) == ("captured" if taken else "failed", taken)
    assert ((await the_order(db, scope, order_id)).captured_minor, world.captured()) == (taken, taken)
    assert len(found["ledger"]) == (1 if taken else 0)
    assert await factories.open_cases(db, scope, order_id, payment["payment_id"]) == []


async def test_a_page_that_hangs_after_the_charge_is_heard_of_by_message(
    world: World, db: Database, scope: Scope, order_id: OrderId
) -> None:
    """The customer sees no answer and never comes back; the money is taken, and the message tells."""
    payment = await world.pay(order_id)
    problem, is_withheld = world.processor.bank.pay(payment["pay_url"].rsplit("/", 1)[1], "4000 0000 0000 0036")
    assert (problem, is_withheld, world.captured()) == ("", True, 10_000)
    assert (await world.look(payment))["state"] == "action_needed"
    await world.deliver()
    assert (await world.look(payment))["state"] == "captured"
    assert (await the_order(db, scope, order_id)).payment_status == "paid"


async def test_a_customer_who_gives_up_or_lets_the_page_close_may_try_again(
    world: World, clock: FakeClock, order_id: OrderId
) -> None:
    first = await world.pay(order_id)
    busy = await world.client.post(f"/api/v1/orders/{order_id}/payments", json={"provider": "sandbox"})
    assert busy.json()["code"] == "nothing_due"
    async with httpx2.AsyncClient(transport=world.wires) as browser:
        gone = await browser.post(f"{first['pay_url']}/cancel")
        shown = await browser.get(gone.headers["location"])
    assert shown.json() == {"payment_id": first["payment_id"], "state": "failed"}
    second = await world.pay(order_id)
    clock.advance(bank.PAGE_OPEN)
    assert await world.sweep() == 1
    assert (await world.look(second))["operations"][0]["failure"] == "expired"
    assert (await world.pay(order_id, token="tok_visa"))["state"] == "captured"


async def test_what_was_never_asked_is_asked_again_under_its_key(
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    """The process died between the commit and the call: nobody knows, so the key is sent again."""
    created = await factories.create(db, scope, order_id, token="tok_visa")
    clock.advance(RECONCILE_AFTER)
    assert await world.sweep() == 1
    assert (await factories.the_payment(db, scope, created.payment_id)).state == "captured"
    assert world.captured() == 10_000
    operation = (await factories.the_operations(db, scope, created.payment_id))[0]
    assert operation.token == ""


async def test_an_answer_that_is_lost_is_unknown_and_never_charges_twice(
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    world.wires.is_cut = True
    payment = await world.pay(order_id, token="tok_visa")
    assert payment["state"] == "unknown"
    assert (await the_order(db, scope, order_id)).processing_count == 1
    waits = []
    for _ in range(3):  # unreachable still: asked less and less often
        clock.advance(timedelta(hours=1))
        waits.append(await world.sweep())
    assert waits == [1, 1, 1]
    world.wires.is_cut = False
    clock.advance(timedelta(hours=1))
    await world.sweep()
    assert (await world.look(payment))["state"] == "captured"
    assert (world.captured(), len(world.store.charges)) == (10_000, 1)


async def test_nobody_knowing_for_a_day_is_a_case(
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    world.wires.is_cut = True
    payment = await world.pay(order_id, token="tok_visa")
    clock.advance(RECONCILIATION_WINDOW)
    await world.sweep()
    assert await factories.open_cases(db, scope, payment["payment_id"]) == ["payment_unknown"]
    assert (await the_order(db, scope, order_id)).processing_count == 1


async def drained(world: World) -> None:
    """Hand out the events, and do what was asked for by them."""
    await Drain(world.database, None, wiring.SUBSCRIPTIONS).drain_tenant(world.scope.tenant)
    await world.sweep()


async def test_a_canceled_line_gives_its_money_back_once(
    world: World, db: Database, scope: Scope, order_id: OrderId
) -> None:
    card = await world.pay(order_id, token="tok_visa", amount_minor=6_000)
    other = await world.pay(order_id, token="tok_visa")
    body = {"reason": "changed_mind", "lines": [{"line": 1, "quantity": 4}]}
    (await world.client.post(f"/api/v1/orders/{order_id}/cancellations", json=body)).raise_for_status()
    for _ in range(2):
        await drained(world)
    assert (await world.look(card))["refunded_minor"] == 2_400
    assert (await world.look(other))["refunded_minor"] == 1_600
    order = await the_order(db, scope, order_id)
    assert (order.balance_minor, order.payment_status, world.captured()) == (0, "paid", 6_000)


async def test_a_canceled_order_lets_go_what_was_set_aside_and_people_give_back_transfers(
    world: World, db: Database, scope: Scope, order_id: OrderId
) -> None:
    held = await world.pay(order_id, token="tok_visa", capture="later", amount_minor=6_000)
    await world.ask(held, "captures", amount_minor=1_000)
    wire = await factories.transfer(db, scope, order_id)
    await factories.confirm(db, scope, wire)
    (
        await world.client.post(f"/api/v1/orders/{order_id}/cancellations", json={"reason": "out_of_stock"})
    ).raise_for_status()
    await drained(world)
    shown = await world.look(held)
    assert (shown["voided_minor"], shown["refunded_minor"]) == (5_000, 1_000)
    assert await factories.open_cases(db, scope, order_id) == ["refund_due"]
    factories.accepted(await factories.ask(db, scope, wire, "refund"))
    assert await factories.open_cases(db, scope, order_id) == []
    order = await the_order(db, scope, order_id)
    assert (order.balance_minor, order.authorized_minor, order.processing_count) == (0, 0, 0)


async def test_events_handed_over_again_give_back_nothing_more(
    world: World, db: Database, scope: Scope, order_id: OrderId
) -> None:
    await world.pay(order_id, token="tok_visa")
    body = {"reason": "changed_mind"}
    (await world.client.post(f"/api/v1/orders/{order_id}/cancellations", json=body)).raise_for_status()
    world.wires.is_cut = True
    await drained(world)
    async with db.begin(scope) as tx:
        events = await factories.stored_events(tx, order_id)
    for _ in range(2):
        await db.write(scope, lambda tx: jobs.GIVE_BACK.fn(tx, events))
    refunds = [charge.refunded for charge in world.store.charges.values()]
    assert refunds == [0]
    payments = (await world.client.get(f"/api/v1/orders/{order_id}/payments")).json()
    asked = (await world.look(payments[0]))["operations"]
    assert [(o["kind"], o["state"]) for o in asked] == [("sale", "succeeded"), ("refund", "unknown")]


async def test_what_people_give_back_grows_with_each_cancellation(
    world: World, db: Database, scope: Scope, order_id: OrderId
) -> None:
    wire = await factories.transfer(db, scope, order_id)
    await factories.confirm(db, scope, wire)
    for quantity, due in ((2, 2_000), (3, 5_000)):
        body = {"reason": "changed_mind", "lines": [{"line": 1, "quantity": quantity}]}
        (await world.client.post(f"/api/v1/orders/{order_id}/cancellations", json=body)).raise_for_status()
        await drained(world)
        async with db.begin(scope) as tx:
            events = await factories.stored_events(tx, order_id)
        await db.write(scope, lambda tx, events=events[-1:]: jobs.GIVE_BACK.fn(tx, events))  # type: ignore[misc]  # bound at once
        async with db.read(scope) as reading:
            known = await cases.cases_about(reading, [order_id])
        assert [case.data["amount_minor"] for case in known if case.state == "open"] == [due]
    assert len(known) == 2
    factories.accepted(await factories.ask(db, scope, wire, "refund", 2_000))
    assert await factories.open_cases(db, scope, order_id) == ["refund_due"]
    factories.accepted(await factories.ask(db, scope, wire, "refund", 3_000))
    assert await factories.open_cases(db, scope, order_id) == []
