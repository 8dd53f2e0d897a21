"""Getting orders out, use case by use case, on PostgreSQL."""

from datetime import date, timedelta
from typing import Any

import pytest

from jiedan.base.errors import Refusal
from jiedan.carriers import service as carriers
from jiedan.catalog.values import SkuKind
from jiedan.customers.values import Address
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.values import (
    Acknowledgement,
    Collection,
    Delivery,
    OrderShipment,
    Pack,
    Pick,
    PutBack,
    Readiness,
    ReleaseRequest,
    Ship,
    Short,
    Take,
    Unpack,
)
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Adjustment, StockKey
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.rules import derived
from jiedan.orders.values import (
    CancelRequest,
    Contact,
    HoldRequest,
    LiftRequest,
    LineQuantity,
    NewNote,
    OrderEdit,
    OrderId,
)
from jiedan.payments import service as payments
from jiedan.payments.values import Confirmation, NewPayment, OperationRequest
from tests.carriers.factories import RATES
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.journeys import books
from tests.orders import factories, listing
from tests.payments import factories as paying

FAR = Address(
    country="FR", name="Anna", phone="+33123456789", city="Paris", line1="1 Rue de Rivoli", postal_code="75001"
)
"""Where no carrier says how long it takes."""


async def on_hand(at: Floor, sku: str, place: str) -> tuple[int, int]:
    """Return what is on hand and what is reserved."""
    async with at.db.read(at.scope) as tx:
        found = await tx.load_one(stock.availability([at.shop.skus[sku]]))
    row = found[StockKey(at.shop.skus[sku], at.shop.locations[place])]
    return row.on_hand, row.reserved


async def hold(at: Floor, order_id: OrderId) -> Any:
    return await at.one(orders.place_holds, requests=[HoldRequest(order_id, "address_check", "look at it")])


async def test_an_order_on_account_is_released_as_soon_as_it_is_heard_of(at: Floor) -> None:
    order_id = await at.place(("TEA", 3), ("CUP", 1))
    found = await at.only(order_id)
    order, lines = await at.order(order_id)
    assert (found.number, found.status, found.method) == (f"{order.number}-F1", "released", "ship")
    assert [(x.line, x.released) for x in found.lines] == [(1, 3), (2, 1)]
    assert [x.released for x in lines] == [3, 1]
    await at.act(service.reconsider, order_ids=[order_id])
    assert await at.of(order_id) == [found]
    await books.assert_balance(at.db, at.scope)


async def test_what_is_picked_at_once_is_told_at_once(at: Floor) -> None:
    one, other = [await at.place(("TEA", 3), ("CUP", 2)) for _ in range(2)]
    picks = [
        Pick((await at.only(order_id)).fulfillment_id, line, quantity)
        for order_id, line, quantity in ((one, 1, 1), (other, 2, 2), (one, 2, 2), (one, 1, 2))
    ]
    await at.act(service.pick_lines, picks=picks)
    numbers = {str(x.line_id): x.line for order_id in (one, other) for x in (await at.only(order_id)).lines}
    told = []
    async with at.db.read(at.scope) as tx:
        for order_id in (one, other):
            page = await order_queries.timeline(tx, [order_id], request=listing.request(tx))
            told.append([x.data["lines"] for x in page.items if x.kind == "fulfillment.lines_picked"])
    assert [[[(numbers[x["line_id"]], x["quantity"]) for x in lines] for lines in of] for of in told] == [
        [[(1, 3), (2, 2)]],
        [[(2, 2)]],
    ]


async def test_a_prepaid_order_waits_for_its_money(at: Floor) -> None:
    order_id = await at.place(("TEA", 1), payment_terms="prepaid")
    assert await at.of(order_id) == []
    assert await at.refused(service.release_orders, requests=[ReleaseRequest(order_id)]) == "gate_closed"
    created = await at.one(payments.create_payments, wishes=[NewPayment(order_id, "transfer", "bank_transfer", None)])
    await at.one(payments.confirm_transfers, confirmations=[Confirmation(created.payment_id, None)])
    await at.hear()
    assert (await at.only(order_id)).status == "released"


@pytest.mark.parametrize(("paid_minor", "is_released"), [(1_000, True), (999, False)])
async def test_what_a_gift_card_pays_whole_is_released_as_soon_as_it_is_heard_of(
    at: Floor, paid_minor: int, is_released: bool
) -> None:
    tender = await paying.paid_by_card(at.db, at.scope, paid_minor)
    await at.hear()
    assert tender.order_id is not None
    assert bool(await at.of(tender.order_id)) == is_released


async def test_money_given_back_out_of_goodwill_leaves_the_gate_open_and_most_of_it_closes_it(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), payment_terms="prepaid")
    due = (await at.order(order_id)).order.total_minor
    created = await at.one(payments.create_payments, wishes=[NewPayment(order_id, "transfer", "bank_transfer", None)])
    await at.one(payments.confirm_transfers, confirmations=[Confirmation(created.payment_id, None)])
    await at.hear()
    found = await at.only(order_id)

    async def give_back(amount_minor: int) -> None:
        refund = OperationRequest(created.payment_id, "refund", amount_minor, "goodwill", key=str(amount_minor))
        await at.one(payments.request_operations, requests=[refund])
        await at.hear()

    await give_back(due // 2)
    assert (await at.only(order_id)).lines == found.lines
    async with at.db.read(at.scope) as tx:
        gate = await service.explain(tx, order_id=order_id)
    assert (gate.is_open, gate.terms.rule) == (True, "goodwill")
    await at.pick_all(found.fulfillment_id)
    await give_back(1)
    parcel = await at.refused(service.pack_parcels, packs=[Pack(found.fulfillment_id)])
    assert parcel == "work_stopped"
    assert (await at.order(order_id)).order.payment_status == "partly_refunded"
    await books.assert_balance(at.db, at.scope)


async def test_a_hold_takes_back_what_is_not_picked_and_lifting_it_releases_again(at: Floor) -> None:
    order_id = await at.place(("TEA", 3))
    first = await at.only(order_id)
    await at.one(service.pick_lines, picks=[Pick(first.fulfillment_id, 1, 1)])
    hold_id = await hold(at, order_id)
    early = await at.refused(service.pick_lines, picks=[Pick(first.fulfillment_id, 1, 1)])
    await at.hear()
    stopped = await at.only(order_id)
    assert (stopped.lines[0].withdrawn, stopped.lines[0].picked, stopped.status) == (2, 1, "picked")
    assert early == "work_stopped"
    assert await at.refused(service.pack_parcels, packs=[Pack(first.fulfillment_id)]) == "work_stopped"
    await at.one(orders.lift_holds, requests=[LiftRequest(hold_id, "fine", frozenset({"orders:lift"}))])
    await at.hear()
    again = await at.of(order_id)
    assert [(x.sequence, x.lines[0].wanted) for x in again] == [(1, 1), (2, 2)]
    await books.assert_balance(at.db, at.scope)


async def test_after_release_only_notes_and_tags_are_edited(at: Floor) -> None:
    order_id = await at.place(("TEA", 1))
    edit = OrderEdit(contact=Contact(name="韩梅梅"))
    with pytest.raises(order_errors.AlreadyReleased):
        await at.act(orders.edit_order, order_id=order_id, edit=edit, version=None)
    note = OrderEdit(tags=("gift",), notes=(NewNote(kind="delivery", text="Ring twice."),))
    await at.act(orders.edit_order, order_id=order_id, edit=note, version=None)
    await hold(at, order_id)
    await at.hear()
    await at.act(orders.edit_order, order_id=order_id, edit=edit, version=None)
    assert (await at.order(order_id)).order.contact.name == "韩梅梅"


async def test_one_order_goes_out_in_three_parcels_and_completes(at: Floor) -> None:
    order_id = await at.place(("TEA", 5), payment_terms="on_delivery")
    found = await at.only(order_id)
    await at.pick_all(found.fulfillment_id)
    packs = [Pack(found.fulfillment_id, (LineQuantity(1, n),), weight_g=100 * n) for n in (2, 2, 1)]
    parcels = await at.act(service.pack_parcels, packs=packs)
    assert not [x for x in parcels if isinstance(x, Refusal)]
    await at.one(service.ship_parcels, wishes=[Ship(parcels[0], "SF", "SF1")])
    assert (await at.only(order_id)).status == "partly_shipped"
    assert (await at.order(order_id)).order.fulfillment_status == "partly_shipped"
    await at.act(service.ship_parcels, wishes=[Ship(x, "SF", f"SF{x}") for x in parcels[1:]])
    assert await on_hand(at, "TEA", "W1") == (5, 0)
    await at.act(service.deliver_parcels, wishes=[Delivery(x) for x in parcels])
    order, lines = await at.order(order_id)
    assert (lines[0].shipped, lines[0].delivered, lines[0].allocated, lines[0].released) == (5, 5, 0, 0)
    assert (order.lifecycle, order.fulfillment_status) == ("open", "delivered")
    created = await at.one(
        payments.create_payments, wishes=[NewPayment(order_id, "transfer", "cash_on_delivery", None)]
    )
    await at.one(payments.confirm_transfers, confirmations=[Confirmation(created.payment_id, None)])
    assert (await at.order(order_id)).order.lifecycle == "completed"
    assert (await at.only(order_id)).status == "delivered"
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def test_parcels_under_way_are_those_that_left_and_have_not_arrived(at: Floor) -> None:
    waiting, under_way, arrived = [await at.place(("TEA", 1)) for _ in range(3)]
    await at.packed(waiting)
    parcel = await at.shipped(under_way)
    await at.delivered(arrived)
    async with at.db.read(at.scope) as tx:
        assert await queries.parcels_under_way(tx, [waiting, under_way, arrived]) == [parcel]


async def test_each_step_refuses_more_than_the_one_before(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    key = (await at.only(order_id)).fulfillment_id
    assert await at.refused(service.pick_lines, picks=[Pick(key, 1, 3)]) == "too_much_to_pick"
    assert await at.refused(service.pick_lines, picks=[Pick(key, 9, 1)]) == "line_not_released"
    assert await at.refused(service.pick_lines, picks=[Pick(order_id, 1, 1)]) == "fulfillment_not_found"
    assert await at.refused(service.pack_parcels, packs=[Pack(key)]) == "nothing_to_pack"
    await at.one(service.pick_lines, picks=[Pick(key, 1, 1)])
    twice = (LineQuantity(1, 1), LineQuantity(1, 1))
    assert await at.refused(service.pack_parcels, packs=[Pack(key, twice)]) == "line_repeated"
    assert await at.refused(service.pack_parcels, packs=[Pack(key, (LineQuantity(1, 2),))]) == "too_much_to_pack"
    assert await at.refused(service.pack_parcels, packs=[Pack(key, weight_g=0)]) == "weight_out_of_range"
    parcel = await at.one(service.pack_parcels, packs=[Pack(key)])
    assert await at.refused(service.ship_parcels, wishes=[Ship(key)]) == "parcel_not_found"
    assert await at.refused(service.ship_parcels, wishes=[Ship(parcel, None, "1")]) == "number_without_carrier"
    later = at.db.clock.now() + timedelta(days=1)
    assert await at.refused(service.ship_parcels, wishes=[Ship(parcel, at=later)]) == "moment_out_of_range"
    assert await at.refused(service.deliver_parcels, wishes=[Delivery(parcel)]) == "parcel_not_under_way"
    await at.one(service.ship_parcels, wishes=[Ship(parcel)])
    assert await at.refused(service.ship_parcels, wishes=[Ship(parcel)]) == "parcel_not_waiting"
    assert await at.refused(service.unpack_parcels, wishes=[Unpack(parcel)]) == "parcel_not_waiting"
    early = at.db.clock.now() - timedelta(days=1)
    assert await at.refused(service.deliver_parcels, wishes=[Delivery(parcel, early)]) == "moment_out_of_range"
    await at.one(service.deliver_parcels, wishes=[Delivery(parcel)])
    assert await at.refused(service.deliver_parcels, wishes=[Delivery(parcel)]) == "parcel_not_under_way"


async def test_the_same_key_picks_packs_and_releases_once(at: Floor) -> None:
    order_id = await at.place(("TEA", 3))
    key = (await at.only(order_id)).fulfillment_id
    pick = Pick(key, 1, 1, "p-1")
    outcomes = [*await at.act(service.pick_lines, picks=[pick, pick]), *await at.act(service.pick_lines, picks=[pick])]
    assert outcomes == [key, key, key]
    assert await at.refused(service.pick_lines, picks=[pick._replace(quantity=2)]) == "idempotency_key_reused"
    assert (await at.only(order_id)).lines[0].picked == 1
    pack = Pack(key, key="b-1")
    first = await at.one(service.pack_parcels, packs=[pack])
    assert await at.one(service.pack_parcels, packs=[pack]) == first
    assert len((await at.only(order_id)).parcels) == 1
    early = Pick(key, 1, 9, "p-2")
    assert await at.refused(service.pick_lines, picks=[early]) == "too_much_to_pick"
    assert await at.refused(service.pick_lines, picks=[early]) == "too_much_to_pick"


async def test_notes_are_read_before_packing_also_those_that_came_late(at: Floor) -> None:
    order_id = await at.place(("TEA", 1), notes=(NewNote(kind="packaging", text="A ribbon, please."),))
    key = (await at.only(order_id)).fulfillment_id
    await at.pick_all(key)
    assert await at.refused(service.pack_parcels, packs=[Pack(key)]) == "notes_unread"
    await at.one(service.acknowledge_notes, wishes=[Acknowledgement(key)])
    assert await at.refused(service.acknowledge_notes, wishes=[Acknowledgement(key)]) == "nothing_to_acknowledge"
    late = OrderEdit(notes=(NewNote(kind="customer", text="Red, not blue."),))
    await at.act(orders.edit_order, order_id=order_id, edit=late, version=None)
    assert await at.refused(service.pack_parcels, packs=[Pack(key)]) == "notes_unread"
    await at.one(service.acknowledge_notes, wishes=[Acknowledgement(key)])
    await at.one(service.pack_parcels, packs=[Pack(key)])


async def test_what_is_canceled_after_it_was_packed_is_unpacked_and_put_back(at: Floor) -> None:
    order_id = await at.place(("TEA", 3), ("CUP", 1))
    parcel = await at.packed(order_id)
    await at.one(orders.cancel_orders, requests=[CancelRequest(order_id, "less", (LineQuantity(1, 2),))])
    assert await at.refused(service.ship_parcels, wishes=[Ship(parcel)]) == "holds_withdrawn_goods"
    found = await at.only(order_id)
    assert found.lines[0].to_put_back == 2
    key = found.fulfillment_id
    assert await at.refused(service.put_back, wishes=[PutBack(key, 1, 2)]) == "too_much_to_put_back"
    await at.one(service.unpack_parcels, wishes=[Unpack(parcel)])
    await at.one(service.put_back, wishes=[PutBack(key, 1, 2)])
    assert await on_hand(at, "TEA", "W1") == (10, 1)
    again = await at.one(service.pack_parcels, packs=[Pack(key)])
    await at.one(service.ship_parcels, wishes=[Ship(again)])
    assert (await at.only(order_id)).status == "shipped"
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def test_an_order_canceled_whole_stops_the_work(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    key = (await at.only(order_id)).fulfillment_id
    await at.one(service.pick_lines, picks=[Pick(key, 1, 1)])
    await at.one(orders.cancel_orders, requests=[CancelRequest(order_id, "no longer wanted")])
    assert await at.refused(service.pick_lines, picks=[Pick(key, 1, 1)]) == "work_stopped"
    await at.hear()
    (stopped,) = await at.of(order_id)
    assert (stopped.status, stopped.lines[0].to_put_back) == ("stopped", 1)
    await at.one(service.put_back, wishes=[PutBack(key, 1, 1)])
    assert (await at.of(order_id))[0].status == "canceled"
    await books.assert_balance(at.db, at.scope)


async def test_goods_are_collected_by_their_code(at: Floor, clock: FakeClock) -> None:
    order_id = await at.place(("TEA", 2))
    key = (await at.only(order_id)).fulfillment_id
    assert await at.refused(service.make_ready, wishes=[Readiness(key)]) == "not_packed_yet"
    await at.packed(order_id)
    assert await at.refused(service.collect_fulfillments, wishes=[Collection(key, "X")]) == "not_ready"
    old = await at.one(service.make_ready, wishes=[Readiness(key)])
    ready = await at.one(service.make_ready, wishes=[Readiness(key)])
    assert await at.refused(service.collect_fulfillments, wishes=[Collection(key, old.code)]) == "code_wrong"
    for _ in range(4):
        assert await at.refused(service.collect_fulfillments, wishes=[Collection(key, "WRONG234")]) == "code_wrong"
    assert await at.refused(service.collect_fulfillments, wishes=[Collection(key, ready.code)]) == "code_locked"
    clock.advance(timedelta(minutes=16))
    spoken = f"{ready.code[:4].lower()} {ready.code[4:]}"
    assert await at.one(service.collect_fulfillments, wishes=[Collection(key, spoken)]) == key
    assert (await at.only(order_id)).status == "collected"
    assert (await at.order(order_id)).lines[0].delivered == 2
    assert await on_hand(at, "TEA", "W1") == (8, 0)
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def test_a_backorder_is_released_when_goods_come(at: Floor) -> None:
    order_id = await at.place(("CUP", 12))
    assert (await at.only(order_id)).lines[0].released == 10
    async with at.db.begin(at.scope) as tx:
        await factories.receive(tx, at.shop, {"CUP": {"W2": 5}})
    await at.hear()
    assert [x.lines[0].released for x in await at.of(order_id)] == [10, 2]
    await books.assert_balance(at.db, at.scope)


async def test_an_order_that_is_never_split_waits_for_all_of_it(at: Floor) -> None:
    order_id = await at.place(("CUP", 12), ("TEA", 1), split="never")
    async with at.db.read(at.scope) as tx:
        trace = await service.explain(tx, order_id=order_id)
    assert await at.of(order_id) == []
    assert trace.reasons == ("waits_for_all",)


async def test_the_gate_explains_itself_line_by_line(at: Floor) -> None:
    async with at.db.begin(at.scope) as tx:
        await factories.sku(tx, "WRAP", kind=SkuKind.service)
    order_id = await at.place(("TEA", 1), ("CUP", 11), ("WRAP", 1), payment_terms="prepaid")
    await hold(at, order_id)
    async with at.db.read(at.scope) as tx:
        trace = await service.explain(tx, order_id=order_id)
    assert (trace.is_open, trace.reasons, trace.hold_kinds) == (
        False,
        ("on_hold", "terms_not_met"),
        ("address_check",),
    )
    assert (trace.terms.rule, trace.terms.is_met) == ("captured", False)
    assert [x.reasons for x in trace.lines] == [
        ("on_hold", "terms_not_met"),
        ("on_hold", "terms_not_met", "not_allocated"),
        (),
    ]


async def test_lines_are_released_by_hand_to_one_location(at: Floor) -> None:
    order_id = await at.place(("TEA", 15), ("CUP", 1))
    for found in await at.of(order_id):
        assert found.status == "released"
    assert {x.location_id for x in await at.of(order_id)} == set(at.shop.locations.values())
    assert await at.refused(service.release_orders, requests=[ReleaseRequest(order_id)]) == "gate_closed"
    unknown = ReleaseRequest(at.shop.skus["TEA"])
    assert await at.refused(service.release_orders, requests=[unknown]) == "order_not_found"


async def test_goods_in_hand_leave_in_one_go(at: Floor, clock: FakeClock) -> None:
    clock.advance(timedelta(days=1))
    order_id = await at.place(("TEA", 3), ("CUP", 2), notes=(NewNote(kind="customer", text="Thank you."),))
    moment = clock.now() - timedelta(minutes=5)
    wish = OrderShipment(order_id, (Take(1, 2),), "SF", "SF9", at=moment, key="d-1")
    assert await at.one(service.ship_orders, wishes=[wish]) == order_id
    assert await at.one(service.ship_orders, wishes=[wish]) == order_id
    order = await at.order(order_id)
    assert [x.shipped for x in order.lines] == [2, 0]
    assert [x.released for x in order.lines] == [1, 2]
    (parcel,) = [parcel for found in await at.of(order_id) for parcel in found.parcels]
    assert parcel.packed_at == parcel.shipped_at == moment
    rest = OrderShipment(order_id, carrier="SF", tracking_number="SF10", delivered_at=clock.now())
    await at.one(service.ship_orders, wishes=[rest])
    assert [x.delivered for x in (await at.order(order_id)).lines] == [1, 2]
    assert await at.refused(service.ship_orders, wishes=[rest]) == "gate_closed"
    begun = await at.place(("TEA", 1))
    await at.packed(begun)
    assert await at.refused(service.ship_orders, wishes=[OrderShipment(begun)]) == "parcels_wait"
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def test_what_is_not_found_is_counted_down_and_sourced_elsewhere(at: Floor) -> None:
    order_id = await at.place(("TEA", 10))
    found = await at.only(order_id)
    await at.one(service.pick_lines, picks=[Pick(found.fulfillment_id, 1, 7)])
    short = Short(found.fulfillment_id, 1, 3, "not_found", "s-1")
    await at.one(service.short_pick, shorts=[short])
    await at.one(service.short_pick, shorts=[short])
    after = await at.only(order_id)
    assert (after.lines[0].short, after.lines[0].to_pick, after.status) == (3, 0, "picked")
    assert await on_hand(at, "TEA", "W1") == (7, 7)
    assert await on_hand(at, "TEA", "W2") == (10, 3)
    await at.hear()
    assert [x.lines[0].wanted for x in await at.of(order_id)] == [7, 3]
    async with at.db.read(at.scope) as tx:
        kinds = [x.kind for x in await order_queries.decisions(tx, order_id)]
    assert sorted(kinds) == ["placement", "short_pick"]
    await books.assert_balance(at.db, at.scope)


async def test_the_latest_promise_yields_and_waits(at: Floor, clock: FakeClock) -> None:
    first = await at.place(("CUP", 6))
    clock.advance(timedelta(hours=1))
    second = await at.place(("CUP", 4))
    key = (await at.only(first)).fulfillment_id
    await at.one(service.short_pick, shorts=[Short(key, 1, 2, "damaged")])
    mine, theirs = await at.only(first), await at.only(second)
    assert (mine.lines[0].to_pick, mine.lines[0].short) == (6, 0)
    assert (theirs.lines[0].wanted, theirs.lines[0].withdrawn) == (2, 2)
    (waiting,) = (await at.order(second)).lines
    assert (waiting.waiting, waiting.allocated) == (2, 2)
    assert await on_hand(at, "CUP", "W1") == (8, 8)
    await at.pick_all(theirs.fulfillment_id)
    await at.one(service.short_pick, shorts=[Short(key, 1, 1, "miscount")])
    assert (await at.only(first)).lines[0].short == 1
    assert await at.refused(service.short_pick, shorts=[Short(key, 1, 6, "miscount")]) == "too_much_to_pick"
    await at.hear()
    await books.assert_balance(at.db, at.scope)


@pytest.mark.parametrize("is_short_of_first", [True, False])
async def test_the_latest_promise_yields_even_if_it_was_placed_first(
    at: Floor, clock: FakeClock, is_short_of_first: bool
) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    wish = clock.now().date() + timedelta(days=20)
    first = await at.place(("CUP", 6), ship_to=factories.BEIJING, delivery_wish=wish)
    clock.advance(timedelta(hours=1))
    second = await at.place(("CUP", 3), ship_to=factories.BEIJING)
    clock.advance(timedelta(hours=1))
    unpromised = await at.place(("CUP", 1), ship_to=FAR)
    orders_of = [(await at.order(x)).order for x in (first, second, unpromised)]
    assert [derived.promised_on(x) == date.max for x in orders_of] == [False, False, True]
    assert derived.promised_on(orders_of[0]) > derived.promised_on(orders_of[1])
    key = (await at.only(first if is_short_of_first else second)).fulfillment_id
    await at.one(service.short_pick, shorts=[Short(key, 1, 3, "damaged")])
    assert [(await at.order(x)).lines[0].waiting for x in (first, second, unpromised)] == [2, 0, 1]
    await at.hear()
    await books.assert_balance(at.db, at.scope)


async def test_a_short_pick_of_what_nobody_else_needs_costs_nobody_anything(at: Floor) -> None:
    order_id = await at.place(("CUP", 2))
    key = (await at.only(order_id)).fulfillment_id
    await at.one(service.short_pick, shorts=[Short(key, 1, 1, "damaged")])
    assert (await at.only(order_id)).lines[0].to_pick == 2
    assert await on_hand(at, "CUP", "W1") == (9, 2)
    await books.assert_balance(at.db, at.scope)


async def test_a_set_has_an_outcome_each_and_one_refusal_harms_nobody(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), ("CUP", 2))
    key = (await at.only(order_id)).fulfillment_id
    picks = [Pick(key, 1, 2), Pick(key, 1, 1), Pick(key, 2, 2)]
    outcomes = await at.act(service.pick_lines, picks=picks)
    assert [isinstance(x, Refusal) for x in outcomes] == [False, True, False]
    shorts = [Short(key, 1, 1, "damaged"), Short(order_id, 1, 1, "damaged")]
    assert all(isinstance(x, Refusal) for x in await at.act(service.short_pick, shorts=shorts))
    async with at.db.begin(at.scope) as tx:
        adjustment = Adjustment(at.shop.skus["TEA"], at.shop.locations["W1"], -9, "lost", "a-1")
        (refused,) = await inventory.adjust_many(tx, adjustments=[adjustment])
    assert isinstance(refused, Refusal)
