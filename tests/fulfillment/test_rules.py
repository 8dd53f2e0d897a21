"""Decisions of fulfillment, without a database: the gate, statuses, who tells where a parcel is, when it arrives."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base.errors import Refusal
from jiedan.base.events import SYSTEM
from jiedan.carriers.values import TRACKING_STATES, TrackingEvent, Transit
from jiedan.catalog.values import SkuId
from jiedan.fulfillment import rules
from jiedan.fulfillment.rules import Floor, GateFacts, Ground, OrderState
from jiedan.fulfillment.rules.promising import arrival
from jiedan.fulfillment.rules.tracking import telling
from jiedan.fulfillment.values import (
    Delivery,
    Fulfillment,
    FulfillmentId,
    FulfillmentLine,
    Pack,
    ParcelId,
    Pick,
    ReleaseRequest,
    Ship,
)
from jiedan.inventory.values import LocationId
from jiedan.orders.values import Contact, Line, LineId, Order, OrderId, OrderWithLines

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
W1, W2 = LocationId(UUID(int=1)), LocationId(UUID(int=2))
ORDER = OrderId(UUID(int=100))
SKU = SkuId(UUID(int=50))


def order(**facts: Any) -> Order:
    """Return an order on account."""
    values: dict[str, Any] = dict.fromkeys(Order.__struct_fields__)
    values |= {
        "order_id": ORDER, "number": "SO-1", "channel": "api", "contact": Contact(), "lifecycle": "open",
        "placed_at": NOW, "currency": "CNY", "locale": "en", "payment_terms": "on_account", "split": "when_needed",
        "line_count": 1, "total_minor": 1_000, "tax_minor": 0, "authorized_minor": 0, "captured_minor": 0,
        "refunded_minor": 0, "charged_back_minor": 0, "refunding_minor": 0, "processing_count": 0,
        "payment_status": "pending", "fulfillment_status": "allocated", "history": False, "version": 1,
        "created_at": NOW, "actor": SYSTEM,
    }  # fmt: skip
    return Order(**{**values, **facts})


def line(number: int = 1, *, ordered: int = 5, **facts: Any) -> Line:
    """Return a line of goods."""
    values: dict[str, Any] = dict.fromkeys(Line.__struct_fields__, 0)
    values |= {
        "line_id": LineId(UUID(int=number)), "order_id": ORDER, "line": number, "kind": "goods", "parent_line": None,
        "sku_id": SKU, "code": "TEA", "name": "Tea", "requested_location_id": None, "placed_at": NOW,
        "ordered": ordered, "tax_class": "standard", "tax_included": True, "price_source": "list",
        "price_reason": None, "weight_g": 100,
    }  # fmt: skip
    return Line(**{**values, **facts})


def gate_of(wanted: Order, *lines: Line, held: dict[Any, int], holds: tuple[str, ...] = (), **facts: Any) -> Any:
    return rules.gate(GateFacts(wanted, lines, holds, held, facts.get("open", {}), facts.get("policy", False)))


@pytest.mark.parametrize(
    ("facts", "policy", "is_met", "rule"),
    [
        ({"payment_terms": "on_account"}, False, True, "on_account"),
        ({"payment_terms": "on_delivery"}, False, True, "on_delivery"),
        ({"payment_terms": "prepaid"}, False, False, "captured"),
        ({"payment_terms": "prepaid", "captured_minor": 1_000}, False, True, "captured"),
        ({"payment_terms": "prepaid", "captured_minor": 999}, False, False, "captured"),
        ({"payment_terms": "prepaid", "captured_minor": 1_000, "refunded_minor": 1}, False, True, "goodwill"),
        ({"payment_terms": "prepaid", "captured_minor": 1_000, "refunded_minor": 500}, False, True, "goodwill"),
        ({"payment_terms": "prepaid", "captured_minor": 1_000, "refunded_minor": 501}, False, False, "captured"),
        ({"payment_terms": "prepaid", "captured_minor": 999, "refunded_minor": 100}, False, False, "captured"),
        ({"payment_terms": "prepaid", "captured_minor": 1_000, "refunding_minor": 500}, False, True, "goodwill"),
        ({"payment_terms": "prepaid", "captured_minor": 1_000, "refunding_minor": 1_000}, False, False, "captured"),
        ({"payment_terms": "prepaid", "captured_minor": 2_000, "refunding_minor": 1_000}, False, True, "captured"),
        ({"payment_terms": "prepaid", "captured_minor": 1_000, "charged_back_minor": 1}, False, False, "captured"),
        ({"payment_terms": "prepaid", "authorized_minor": 1_000}, False, False, "captured"),
        ({"payment_terms": "prepaid", "authorized_minor": 1_000}, True, True, "authorized"),
        ({"payment_terms": "prepaid", "authorized_minor": 400, "captured_minor": 600}, True, True, "authorized"),
        ({"payment_terms": "prepaid", "authorized_minor": 999}, True, False, "authorized"),
        ({"payment_terms": "prepaid", "total_minor": 0}, False, True, "captured"),
        ({"payment_terms": "prepaid", "history": True}, False, True, "history"),
    ],
)
def test_terms_are_met(facts: dict[str, Any], policy: bool, is_met: bool, rule: str) -> None:
    lines = [line(total_minor=1_000)]
    terms = rules.terms_of(order(**facts), lines, release_on_authorization=policy)
    assert (terms.is_met, terms.rule) == (is_met, rule)


@pytest.mark.parametrize(("refunded", "is_met"), [(400, True), (401, True), (700, True), (701, False)])
def test_refunds_count_first_against_what_was_canceled(refunded: int, is_met: bool) -> None:
    lines = [line(canceled=2, total_minor=1_000)]
    paid = order(payment_terms="prepaid", captured_minor=1_000, total_minor=600, refunded_minor=refunded)
    assert rules.terms_of(paid, lines, release_on_authorization=False).is_met is is_met
    short = msgspec.structs.replace(paid, captured_minor=999)
    assert not rules.terms_of(short, lines, release_on_authorization=False).is_met


def test_what_is_released_is_what_is_held_beyond_what_was_released() -> None:
    wanted = line(allocated=5, released=2)
    held = {(wanted.line_id, W1): 3, (wanted.line_id, W2): 2}
    free, trace = gate_of(order(), wanted, held=held, open={(wanted.line_id, W1): 2})
    assert [(x.location_id, x.quantity) for x in free] == [(W1, 1), (W2, 2)]
    assert (trace.is_open, trace.lines[0].releasable, trace.lines[0].reasons) == (True, 3, ())


@pytest.mark.parametrize(
    ("facts", "holds", "reasons"),
    [
        ({"lifecycle": "canceled"}, (), ("canceled",)),
        ({}, ("fraud", "address"), ("on_hold",)),
        ({"payment_terms": "prepaid"}, ("fraud",), ("on_hold", "terms_not_met")),
    ],
)
def test_a_closed_gate_says_why(facts: dict[str, Any], holds: tuple[str, ...], reasons: tuple[str, ...]) -> None:
    wanted = line(allocated=4)
    free, trace = gate_of(order(**facts), wanted, held={(wanted.line_id, W1): 4}, holds=holds)
    assert (free, trace.is_open, trace.reasons, trace.hold_kinds) == ((), False, reasons, holds)
    assert trace.lines[0].reasons == (*reasons, "not_allocated")


def test_an_order_never_split_waits_for_all_of_it() -> None:
    whole, part = line(1, allocated=5), line(2, allocated=4)
    held = {(whole.line_id, W1): 5, (part.line_id, W1): 4}
    free, trace = gate_of(order(split="never"), whole, part, held=held)
    assert (free, trace.reasons) == ((), ("waits_for_all",))
    assert gate_of(order(split="never"), whole, held=held)[0]


def fulfillment(*lines: FulfillmentLine, **facts: Any) -> Fulfillment:
    values: dict[str, Any] = {
        "fulfillment_id": FulfillmentId(UUID(int=9)), "order_id": ORDER, "location_id": W1, "sequence": 1,
        "number": "SO-1-F1", "method": "ship", "status": "released", "released_at": NOW, "ready_at": None,
        "code_salt": None, "code_hash": None, "code_tries": 0, "code_locked_until": None, "lines": lines,
    }  # fmt: skip
    return Fulfillment(**{**values, **facts})


def work(number: int = 1, released: int = 3, **facts: int) -> FulfillmentLine:
    counts = dict.fromkeys(("short", "withdrawn", "picked", "packed", "shipped", "delivered"), 0) | facts
    return FulfillmentLine(FulfillmentId(UUID(int=9)), LineId(UUID(int=number)), number, SKU, released, **counts)


@pytest.mark.parametrize(
    ("lines", "facts", "expected"),
    [
        ([work()], {}, "released"),
        ([work(picked=1)], {}, "picking"),
        ([work(picked=3), work(2)], {}, "picking"),
        ([work(picked=3)], {}, "picked"),
        ([work(picked=3, packed=2)], {}, "picked"),
        ([work(picked=3, packed=3)], {}, "packed"),
        ([work(picked=3, packed=3)], {"ready_at": NOW, "method": "collect"}, "ready"),
        ([work(picked=3, packed=3, shipped=1)], {}, "partly_shipped"),
        ([work(picked=3, packed=3, shipped=3)], {}, "shipped"),
        ([work(picked=3, packed=3, shipped=3, delivered=3)], {}, "delivered"),
        ([work(picked=3, packed=3, shipped=3, delivered=3)], {"method": "collect"}, "collected"),
        ([work(short=1, withdrawn=2)], {}, "canceled"),
        ([work(withdrawn=3, picked=2)], {}, "stopped"),
        ([work(short=1, picked=2, packed=2)], {}, "packed"),
    ],
)
def test_the_status_follows_the_lines(lines: list[FulfillmentLine], facts: dict[str, Any], expected: str) -> None:
    assert rules.status(fulfillment(*lines, **facts)) == expected


def floor(*lines: Line, held: dict[Any, int], holds: tuple[str, ...] = (), **facts: Any) -> Floor:
    """Lay out one order that no location has heard of."""
    ids: Iterator[UUID] = (UUID(int=1_000 + n) for n in itertools.count())
    ground = Ground(
        {ORDER: OrderWithLines(order(**facts), lines)},
        {ORDER: OrderState(holds, (), has_address=True)},
        {},
        frozenset(),
        held,
        frozenset(),
        release_on_authorization=False,
    )
    return Floor(ground, at=NOW, new_id=lambda: next(ids))


@given(
    quantities=st.lists(st.tuples(st.integers(1, 9), st.sampled_from([W1, W2])), min_size=1, max_size=5),
    share=st.integers(1, 9),
)
def test_what_goes_through_all_steps_leaves_nothing_behind(quantities: list[Any], share: int) -> None:
    lines = [line(i, ordered=n, allocated=n) for i, (n, _) in enumerate(quantities, 1)]
    held = {(x.line_id, place): x.ordered for x, (_, place) in zip(lines, quantities, strict=True)}
    at = floor(*lines, held=held)
    rules.release(at, ReleaseRequest(ORDER))
    assert sum(x.released for x in at.orders[ORDER].lines) == sum(n for n, _ in quantities)
    for found in at.of_order(ORDER):
        for x in found.lines:
            for quantity in filter(None, (min(share, x.released), x.released - min(share, x.released))):
                rules.pick(at, Pick(found.fulfillment_id, x.line, quantity))
        parcel = rules.pack(at, Pack(found.fulfillment_id), parcel_id=ParcelId(at.new_id()))
        rules.ship(at, Ship(parcel))
        rules.deliver(at, Delivery(parcel))
    for y in at.orders[ORDER].lines:
        assert (y.allocated, y.released, y.shipped, y.delivered) == (0, 0, y.ordered, y.ordered)
    assert all(quantity == 0 for quantity in at.held.values())
    assert sum(x.quantity for x in at.shipments) == sum(n for n, _ in quantities)
    assert {x.status for x in at.fulfillments.values()} == {"delivered"}


def test_a_refused_wish_leaves_the_floor_as_it_was() -> None:
    wanted = line(allocated=5)
    at = floor(wanted, held={(wanted.line_id, W1): 5})
    rules.release(at, ReleaseRequest(ORDER))
    (found,) = at.of_order(ORDER)
    told = list(at.told)

    def twice() -> None:
        rules.pick(at, Pick(found.fulfillment_id, 1, 3))
        rules.pick(at, Pick(found.fulfillment_id, 1, 3))

    assert isinstance(at.attempt(twice), Refusal)
    assert (at.of_order(ORDER), at.told) == ([found], told)


def test_a_refused_wish_takes_back_what_it_made_and_what_it_gave_away() -> None:
    wanted = line(allocated=5)
    at = floor(wanted, held={(wanted.line_id, W1): 5})
    before = dict(at.orders), dict(at.held)

    def too_much() -> None:
        rules.release(at, ReleaseRequest(ORDER))
        (found,) = at.of_order(ORDER)
        rules.pick(at, Pick(found.fulfillment_id, 1, 5))
        rules.ship(at, Ship(rules.pack(at, Pack(found.fulfillment_id), parcel_id=ParcelId(at.new_id()))))
        rules.pick(at, Pick(found.fulfillment_id, 1, 1))

    assert isinstance(at.attempt(too_much), Refusal)
    assert (at.of_order(ORDER), at.shipments, at.facts, at.told) == ([], [], [], [])
    assert (dict(at.orders), dict(at.held)) == before
    at.attempt(lambda: rules.release(at, ReleaseRequest(ORDER)))
    assert [x.status for x in at.of_order(ORDER)] == ["released"]


def test_a_floor_withdraws_what_the_order_gave_up_from_whom_was_told_last() -> None:
    wanted = line(allocated=3, released=3)
    first = fulfillment(work(released=2))
    second = msgspec.structs.replace(
        fulfillment(work(released=3)), fulfillment_id=FulfillmentId(UUID(int=10)), sequence=2, number="SO-1-F2"
    )
    at = floor(wanted, held={(wanted.line_id, W1): 3})
    ground = at.ground._replace(fulfillments={x.fulfillment_id: x for x in (first, second)})
    squared = Floor(ground, at=NOW, new_id=at.new_id)
    assert [x.lines[0].withdrawn for x in squared.of_order(ORDER)] == [0, 2]
    assert squared.orders[ORDER].lines[0].released == 3


def said(minute: int, state: Any) -> TrackingEvent:
    at = NOW + timedelta(minutes=minute)
    return TrackingEvent("SF", "1", f"{minute}", at, state, "", "", NOW)


@given(st.lists(st.sampled_from((*TRACKING_STATES, None)), max_size=6), st.randoms(use_true_random=False))
def test_the_order_in_which_a_carrier_is_heard_does_not_matter(states: list[Any], random: Any) -> None:
    events = [said(i, state) for i, state in enumerate(states)]
    mixed = events * 2
    random.shuffle(mixed)
    told = telling(events)
    assert telling(mixed) == told
    assert told is None or told.state == ("delivered" if "delivered" in states else told.state)


@given(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted),
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted),
    st.none() | st.dates(date(2026, 11, 1), date(2027, 1, 1)),
)
def test_promises_are_never_before_the_wish_nor_the_wrong_way_round(days: Any, way: Any, wish: date | None) -> None:
    made = arrival(NOW, time_zone="Asia/Shanghai", handling=[Transit(*days)], transit=Transit(*way), delivery_wish=wish)
    assert made is not None
    assert date(2026, 11, 21) <= made.p50_on <= made.p90_on
    assert wish is None or made.p50_on >= wish
    assert arrival(NOW, time_zone="UTC", handling=[Transit(*days)], transit=None, delivery_wish=wish) is None
