"""The life of a placed order: paid, canceled, held, edited, expired, refilled, completed."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import SkuKind
from jiedan.inventory import queries as stock
from jiedan.inventory.values import StockKey
from jiedan.orders import errors, queries, service
from jiedan.orders.service import CompleteRequest, Performance
from jiedan.orders.values import (
    CancelRequest,
    History,
    HoldRequest,
    LiftRequest,
    LineQuantity,
    NewLine,
    OrderId,
    OrderWithLines,
    PaymentFact,
)
from jiedan.pricing.values import AsSold
from tests.conftest import FakeClock
from tests.orders import listing
from tests.orders.factories import PRICE_MINOR, Shop, order, place_one, receive, shop, sku


async def read(db: Database, scope: Scope, order_id: UUID) -> OrderWithLines:
    async with db.read(scope) as tx:
        return await queries.order(tx, order_id)


async def reserved(db: Database, scope: Scope, opened: Shop, code: str, place: str) -> int:
    async with db.read(scope) as tx:
        found = await tx.load_one(stock.availability([opened.skus[code]]))
    return found[StockKey(opened.skus[code], opened.locations[place])].reserved


async def cancel(db: Database, scope: Scope, *requests: CancelRequest) -> list[service.Canceled | Refusal]:
    return await db.write(scope, lambda tx: service.cancel_orders(tx, requests=requests))


async def pay(db: Database, scope: Scope, *facts: PaymentFact) -> None:
    await db.write(scope, lambda tx: service.record_payments(tx, facts=facts))


async def kinds(db: Database, scope: Scope, order_id: UUID) -> list[str]:
    async with db.read(scope) as tx:
        page = await queries.timeline(tx, [order_id], request=listing.request(tx))
    return [entry.kind for entry in reversed(page.items)]


async def test_canceling_an_order_frees_its_stock_and_owes_nothing_more(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 5}, "B": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 2), ("B", 3)))
    assert await reserved(db, scope, opened, "A", "W1") == 2
    await cancel(db, scope, CancelRequest(placed.order_id, "Customer changed their mind."))
    found = await read(db, scope, placed.order_id)
    assert (found.order.lifecycle, found.order.total_minor, found.order.expires_at) == ("canceled", 0, None)
    assert found.order.fulfillment_status == "canceled"
    assert [(x.canceled, x.allocated) for x in found.lines] == [(2, 0), (3, 0)]
    assert await reserved(db, scope, opened, "A", "W1") == 0
    assert await kinds(db, scope, placed.order_id) == [
        "orders.order_placed",
        "orders.lines_canceled",
        "orders.order_canceled",
    ]
    (again,) = await cancel(db, scope, CancelRequest(placed.order_id, "Twice."))
    assert isinstance(again, errors.OrderEnded)


async def test_canceling_by_line_keeps_the_rest_and_its_price_to_the_minor_unit(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 5}, "B": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 3), ("B", 1)))
    first, second = await cancel(
        db,
        scope,
        CancelRequest(placed.order_id, "one", (LineQuantity(1, 1),)),
        CancelRequest(placed.order_id, "more", (LineQuantity(1, 1),)),
    )
    assert isinstance(first, service.Canceled)
    assert isinstance(second, service.Canceled)
    assert first.canceled_minor + second.canceled_minor == 2 * PRICE_MINOR
    found = await read(db, scope, placed.order_id)
    assert (found.order.lifecycle, found.order.total_minor) == ("open", 2 * PRICE_MINOR)
    assert await reserved(db, scope, opened, "A", "W1") == 1


async def test_cancellations_of_one_set_free_what_the_earlier_ones_left(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 1, "W2": 3}})
    placed = await place_one(db, scope, order(("A", 4)))
    requests = [CancelRequest(placed.order_id, f"{i}", (LineQuantity(1, 1),)) for i in range(3)]
    assert all(isinstance(outcome, service.Canceled) for outcome in await cancel(db, scope, *requests))
    held = [await reserved(db, scope, opened, "A", place) for place in ("W1", "W2")]
    assert held == [0, 1]
    assert (await read(db, scope, placed.order_id)).lines[0].allocated == 1


@pytest.mark.parametrize(
    ("request_of", "code"),
    [
        (lambda _: CancelRequest(UUID(int=1), "why"), "order_not_found"),
        (lambda key: CancelRequest(key, " "), "order_reason_missing"),
        (lambda key: CancelRequest(key, "why", (LineQuantity(9, 1),)), "line_not_found"),
        (lambda key: CancelRequest(key, "why", (LineQuantity(1, 3),)), "too_much_to_cancel"),
        (lambda key: CancelRequest(key, "why", (LineQuantity(1, 0),)), "too_much_to_cancel"),
        (lambda key: CancelRequest(key, "why", (LineQuantity(1, 2), LineQuantity(1, 1))), "too_much_to_cancel"),
    ],
)
async def test_a_cancellation_that_cannot_be_is_refused_by_name(
    db: Database, scope: Scope, request_of: object, code: str
) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 2)))
    (outcome,) = await cancel(db, scope, request_of(placed.order_id))  # type: ignore[operator]  # one of the lambdas
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
    assert (await read(db, scope, placed.order_id)).order.total_minor == 2 * PRICE_MINOR


async def test_a_kit_is_canceled_with_its_components(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"CUP": {"W1": 10}, "TEA": {"W1": 10}})
    async with db.begin(scope) as tx:
        await sku(tx, "SET", kind=SkuKind.kit, parts=[(opened.skus["CUP"], 2), (opened.skus["TEA"], 1)])
    placed = await place_one(db, scope, order(("SET", 3)))
    await cancel(db, scope, CancelRequest(placed.order_id, "one set less", (LineQuantity(1, 1),)))
    found = await read(db, scope, placed.order_id)
    assert {x.code: (x.ordered, x.canceled, x.allocated) for x in found.lines} == {
        "SET": (3, 1, 0),
        "CUP": (6, 2, 4),
        "TEA": (3, 1, 2),
    }
    assert found.order.total_minor == 2 * PRICE_MINOR
    (outcome,) = await cancel(db, scope, CancelRequest(placed.order_id, "why", (LineQuantity(2, 1),)))
    assert isinstance(outcome, errors.LineNotCancelable)


async def test_an_unpaid_order_expires_and_a_paid_or_processing_one_does_not(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 9}})
    unpaid, paid, authorized, processing = [await place_one(db, scope, order(("A", 1))) for _ in range(4)]
    await pay(
        db,
        scope,
        PaymentFact(paid.order_id, captured_minor=PRICE_MINOR),
        PaymentFact(authorized.order_id, authorized_minor=PRICE_MINOR),
        PaymentFact(processing.order_id, processing_count=1),
    )
    clock.advance(timedelta(hours=2))
    assert await db.write(scope, service.expire_orders) == 1
    states = [(await read(db, scope, x.order_id)).order.lifecycle for x in (unpaid, paid, authorized, processing)]
    assert states == ["canceled", "open", "open", "open"]
    assert "orders.order_expired" in await kinds(db, scope, unpaid.order_id)
    await pay(db, scope, PaymentFact(processing.order_id, processing_count=-1))
    assert await db.write(scope, service.expire_orders) == 1
    assert (await read(db, scope, processing.order_id)).order.cancel_reason == "expired"


async def test_an_order_that_was_begun_does_not_expire(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 9}})
    async with db.begin(scope) as tx:
        await sku(tx, "FIT", kind=SkuKind.service)
    begun = await place_one(db, scope, order(("FIT", 2), ("A", 1)))
    untouched = await place_one(db, scope, order(("FIT", 2)))
    work = Performance(begun.order_id, (LineQuantity(1, 1),))
    (done,) = await db.write(scope, lambda tx: service.perform_services(tx, performances=[work]))
    assert not isinstance(done, Refusal)
    assert done.expires_at is None, "somebody owes for the service"
    clock.advance(timedelta(hours=2))
    assert await db.write(scope, service.expire_orders) == 1
    assert await db.write(scope, service.expire_orders) == 0, "nothing is looked at for ever"
    states = [(await read(db, scope, x.order_id)).order.lifecycle for x in (begun, untouched)]
    assert states == ["open", "canceled"]


async def test_expiry_and_payment_cannot_both_win(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 9}})
    placed = await place_one(db, scope, order(("A", 1)))
    clock.advance(timedelta(hours=2))
    await asyncio.gather(
        db.write(scope, service.expire_orders),
        pay(db, scope, PaymentFact(placed.order_id, captured_minor=PRICE_MINOR)),
    )
    found = (await read(db, scope, placed.order_id)).order
    assert (found.lifecycle, found.payment_status) in {("open", "paid"), ("canceled", "overpaid")}
    assert found.captured_minor == PRICE_MINOR


async def test_money_is_told_and_its_status_follows(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 9}})
    placed = await place_one(db, scope, order(("A", 2)))
    seen = []
    for fact in (
        PaymentFact(placed.order_id, authorized_minor=2 * PRICE_MINOR),
        PaymentFact(placed.order_id, captured_minor=PRICE_MINOR),
        PaymentFact(placed.order_id, captured_minor=PRICE_MINOR),
        PaymentFact(placed.order_id, refunded_minor=PRICE_MINOR),
        PaymentFact(placed.order_id, refunded_minor=PRICE_MINOR),
    ):
        await pay(db, scope, fact)
        seen.append((await read(db, scope, placed.order_id)).order.payment_status)
    assert seen == ["authorized", "partly_paid", "paid", "partly_refunded", "refunded"]


async def test_a_hold_stands_once_per_kind_and_needs_its_right_to_be_lifted(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 9}})
    placed = await place_one(db, scope, order(("A", 1)))
    wish = HoldRequest(placed.order_id, "fraud_check", "Odd address.", "orders:lift")
    first, second, bad, other = await db.write(
        scope,
        lambda tx: service.place_holds(
            tx,
            requests=[
                wish,
                wish,
                wish._replace(kind="Fraud!"),
                wish._replace(kind="waiting_sibling"),
            ],
        ),
    )
    assert isinstance(second, errors.HoldStands)
    assert isinstance(bad, errors.HoldKindInvalid)
    assert not isinstance(first, Refusal)
    assert not isinstance(other, Refusal)
    rights = frozenset({"orders:lift"})
    outcomes = await db.write(
        scope,
        lambda tx: service.lift_holds(
            tx,
            requests=[
                LiftRequest(other, "No right.", frozenset()),
                LiftRequest(first, "Checked by phone.", rights),
                LiftRequest(first, "Again.", rights),
                LiftRequest(UUID(int=3), "?", rights),
                LiftRequest(other, "On another order.", rights, UUID(int=4)),
            ],
        ),
    )
    assert [o.code if isinstance(o, Refusal) else o for o in outcomes] == [
        "hold_needs_right",
        first,
        "hold_already_lifted",
        "hold_not_found",
        "hold_not_found",
    ]
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [placed.order_id]))[OrderId(placed.order_id)]
    assert [hold.kind for hold in details.standing_holds] == ["waiting_sibling"]


async def test_waiting_lines_are_filled_oldest_first_when_goods_arrive(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 1}}, backorder=True)
    older = await place_one(db, scope, order(("A", 3)))
    newer = await place_one(db, scope, order(("A", 2)))
    assert (older.waiting, newer.waiting) == (2, 2)
    async with db.begin(scope) as tx:
        await receive(tx, opened, {"A": {"W1": 3}})
    assert await db.write(scope, lambda tx: service.fill_waiting(tx, sku_ids=[opened.skus["A"]])) == 2
    assert (await read(db, scope, older.order_id)).lines[0].waiting == 0
    assert (await read(db, scope, newer.order_id)).lines[0].waiting == 1
    assert await reserved(db, scope, opened, "A", "W1") == 4
    assert await db.write(scope, lambda tx: service.fill_waiting(tx, sku_ids=[opened.skus["A"]])) == 0


async def test_imported_history_takes_no_stock_that_arrives(db: Database, scope: Scope, clock: FakeClock) -> None:
    opened = await shop(db, scope, {"A": {"W1": 0}}, backorder=True)
    told = History(placed_at=clock.now() - timedelta(days=30))
    sold = AsSold(unit_minor=PRICE_MINOR)
    history = await place_one(db, scope, order(NewLine(sku="A", quantity=2, as_sold=sold), history=told))
    fresh = await place_one(db, scope, order(("A", 1)))
    async with db.begin(scope) as tx:
        await receive(tx, opened, {"A": {"W1": 5}})
    assert await db.write(scope, lambda tx: service.fill_waiting(tx, sku_ids=[opened.skus["A"]])) == 1
    assert (await read(db, scope, fresh.order_id)).lines[0].allocated == 1
    assert (await read(db, scope, history.order_id)).lines[0].allocated == 0


async def test_a_paid_service_completes_its_order_when_performed(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 1}})
    async with db.begin(scope) as tx:
        await sku(tx, "VISIT", kind=SkuKind.service)
    placed = await place_one(db, scope, order(("VISIT", 2)))
    await pay(db, scope, PaymentFact(placed.order_id, captured_minor=2 * PRICE_MINOR))
    for quantity, lifecycle in ((1, "open"), (1, "completed")):
        work = Performance(placed.order_id, (LineQuantity(1, quantity),))
        await db.write(scope, lambda tx, work=work: service.perform_services(tx, performances=[work]))  # type: ignore[misc]  # bound per turn
        assert (await read(db, scope, placed.order_id)).order.lifecycle == lifecycle
    assert (await kinds(db, scope, placed.order_id))[-1] == "orders.order_completed"


async def test_staff_complete_an_order_only_when_no_goods_are_outstanding(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 1}})
    async with db.begin(scope) as tx:
        await sku(tx, "VISIT", kind=SkuKind.service)
    goods = await place_one(db, scope, order(("A", 1)))
    visit = await place_one(db, scope, order(("VISIT", 1)))
    outcomes = await db.write(
        scope,
        lambda tx: service.complete_orders(
            tx,
            requests=[
                CompleteRequest(goods.order_id, "Forget it."),
                CompleteRequest(visit.order_id, ""),
                CompleteRequest(visit.order_id, "Done on the house."),
            ],
        ),
    )
    assert [o.code if isinstance(o, Refusal) else o.lifecycle for o in outcomes] == [
        "goods_outstanding",
        "order_reason_missing",
        "completed",
    ]


async def test_the_statement_count_of_a_cancellation_does_not_grow(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await shop(db, scope, {"A": {"W1": 500}, "B": {"W1": 500}})
    counts = []
    for size in (1, 40):
        placed = [await place_one(db, scope, order(("A", 1), ("B", 1))) for _ in range(size)]
        requests = [CancelRequest(x.order_id, "all") for x in placed]
        with recorder.watching() as sent:
            await db.write(scope, lambda tx, requests=requests: service.cancel_orders(tx, requests=requests))  # type: ignore[misc]  # bound per turn
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 14
