"""Decisions of inventory, without a database."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.catalog.values import SkuId
from jiedan.inventory import errors, rules
from jiedan.inventory.values import (
    QUANTITY_MAX,
    Adjustment,
    Availability,
    Claim,
    CountId,
    CountLine,
    CountRound,
    Free,
    Freed,
    LocationId,
    Moved,
    NewTransfer,
    Owner,
    Receipt,
    Reservation,
    Reserved,
    Shipment,
    StockKey,
    Thresholds,
    Transfer,
    TransferId,
    TransferLine,
    TransferStep,
)

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE, THERE = LocationId(UUID(int=1)), LocationId(UUID(int=2))
KEYS = [StockKey(SkuId(UUID(int=n)), HERE) for n in range(3)]
OWNERS = [Owner("order_line", UUID(int=n)) for n in range(3)]

keys = st.sampled_from(KEYS)
owners = st.sampled_from(OWNERS)
small = st.integers(1, 12)
claims = st.builds(lambda owner, key, n: Claim(owner, key.sku_id, key.location_id, n), owners, keys, small)
rows = st.builds(lambda on_hand, safety: Availability(on_hand, 0, safety, 0), st.integers(0, 30), st.integers(0, 5))
stocks = st.fixed_dictionaries(dict.fromkeys(KEYS[:2], rows))


def ids(count: int) -> list[UUID]:
    return [UUID(int=1000 + number) for number in range(count)]


def reservation(owner: Owner, key: StockKey, quantity: int, expires_at: datetime | None = None) -> Reservation:
    return Reservation(owner, *key, quantity, AT, expires_at)


@given(stock=stocks, wanted=st.lists(claims, max_size=12))
def test_never_more_is_promised_than_there_is(stock: dict[StockKey, Availability], wanted: list[Claim]) -> None:
    fold = rules.Fold(stock)
    outcomes = rules.reserve(wanted, fold, at=AT)
    for key in KEYS:
        row = stock.get(key, Availability(0, 0, 0, 0))
        granted = sum(o.claim.quantity for o in outcomes if isinstance(o, Reserved) and o.claim.key == key)
        assert granted <= max(row.available, 0)
        assert fold.at(key).reserved == granted


@given(stock=stocks, wanted=st.lists(claims, max_size=12))
def test_a_claim_is_refused_only_for_want_of_stock(stock: dict[StockKey, Availability], wanted: list[Claim]) -> None:
    fold = rules.Fold(stock)
    for claim in wanted:
        before = max(fold.at(claim.key).available, 0)
        (outcome,) = rules.reserve([claim], fold, at=AT)
        assert isinstance(outcome, Reserved) is (claim.quantity <= before)
        if isinstance(outcome, errors.InsufficientStock):
            assert (outcome.wanted, outcome.available) == (claim.quantity, before)


@given(stock=stocks, wanted=st.lists(claims, max_size=12), cut=st.integers(0, 12))
def test_one_batch_or_two_is_the_same(stock: dict[StockKey, Availability], wanted: list[Claim], cut: int) -> None:
    whole, parts = rules.Fold(stock), rules.Fold(stock)
    at_once = rules.reserve(wanted, whole, at=AT)
    in_parts = rules.reserve(wanted[:cut], parts, at=AT) + rules.reserve(wanted[cut:], parts, at=AT)
    assert [type(outcome) for outcome in at_once] == [type(outcome) for outcome in in_parts]
    assert whole.changes == parts.changes


@given(
    held=st.dictionaries(st.tuples(owners, keys), small),
    wishes=st.lists(st.tuples(owners, keys, st.none() | small), max_size=12),
)
def test_what_is_freed_was_held(
    held: dict[tuple[Owner, StockKey], int], wishes: list[tuple[Owner, StockKey, int | None]]
) -> None:
    fold = rules.Fold({}, held={(o, k): reservation(o, k, n) for (o, k), n in held.items()})
    outcomes = rules.free([Free(owner, *key, quantity) for owner, key, quantity in wishes], fold)
    freed: dict[Any, int] = {}
    for outcome in outcomes:
        if isinstance(outcome, Freed):
            holding = (outcome.free.owner, outcome.free.key)
            freed[holding] = freed.get(holding, 0) + outcome.quantity
    for holding, quantity in freed.items():
        assert quantity <= held.get(holding, 0)
        assert fold.held(holding) == held.get(holding, 0) - quantity
    assert sum(change.reserved for change in fold.changes.values()) == -sum(freed.values())


@given(
    on_hand=st.integers(0, 20),
    held=st.integers(0, 20),
    quantities=st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcd")), max_size=8),
)
def test_each_operation_key_ships_once(on_hand: int, held: int, quantities: list[tuple[int, str]]) -> None:
    key, owner = KEYS[0], OWNERS[0]
    on_hand += held
    fold = rules.Fold({key: Availability(on_hand, held, 0, 0)}, held={(owner, key): reservation(owner, key, held)})
    shipments = [Shipment(owner, *key, quantity, name) for quantity, name in quantities]
    outcomes = rules.ship(shipments, fold, ids=ids(len(shipments)))
    fresh = [outcome for outcome in outcomes if isinstance(outcome, Moved) and not outcome.repeated]
    left = sum(-moved.quantity for moved in fresh)
    assert left <= held
    assert fold.at(key) == Availability(on_hand - left, held - left, 0, 0)
    assert len({entry.work.operation_key for entry in fold.entries}) == len(fold.entries) == len(fresh)
    for entry, following in zip(fold.entries, fold.entries[1:], strict=False):
        assert following.on_hand == entry.on_hand + following.work.quantity


@given(
    row=st.builds(lambda free, reserved: Availability(free + reserved, reserved, 0, 0), small, st.integers(0, 9)),
    deltas=st.lists(st.integers(-12, 12), max_size=8),
)
def test_adjusting_never_uncovers_a_reservation(row: Availability, deltas: list[int]) -> None:
    key = KEYS[0]
    fold = rules.Fold({key: row})
    adjustments = [Adjustment(*key, delta, "correction", str(n)) for n, delta in enumerate(deltas)]
    outcomes = rules.adjust(adjustments, fold, ids=ids(len(deltas)))
    assert fold.at(key).on_hand >= row.reserved
    moved = sum(outcome.quantity for outcome in outcomes if isinstance(outcome, Moved))
    assert fold.at(key).on_hand == row.on_hand + moved
    below = [outcome for outcome in outcomes if isinstance(outcome, errors.BelowReserved)]
    assert all(outcome.on_hand < outcome.reserved for outcome in below)
    assert all(0 < shortfall <= row.reserved for shortfall in rules.shortfalls(below).values()) or not row.reserved


@pytest.mark.parametrize(
    ("kind", "expires_in_minutes", "is_right"),
    [("cart", 5, True), ("cart", 0, False), ("cart", None, False), ("order_line", None, True), ("transfer", 5, False)],
)
def test_only_carts_expire(kind: Any, expires_in_minutes: int | None, is_right: bool) -> None:
    expires_at = None if expires_in_minutes is None else AT + timedelta(minutes=expires_in_minutes)
    claim = Claim(Owner(kind, UUID(int=9)), *KEYS[0], 1, expires_at)
    (outcome,) = rules.reserve([claim], rules.Fold({KEYS[0]: Availability(1, 0, 0, 0)}), at=AT)
    assert isinstance(outcome, Reserved) is is_right


def test_a_renewed_cart_keeps_its_claim() -> None:
    owner, key = Owner("cart", UUID(int=9)), KEYS[0]
    for expires_at, freed in ((AT, 1), (AT + timedelta(seconds=1), 0)):
        fold = rules.Fold({key: Availability(1, 1, 0, 0)}, held={(owner, key): reservation(owner, key, 1, expires_at)})
        assert len(rules.free_expired([Free(owner, *key)], fold, at=AT)) == freed


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1])
def test_absurd_quantities_are_refused(quantity: int) -> None:
    key, owner = KEYS[0], OWNERS[0]
    fold = rules.Fold({key: Availability(5, 5, 0, 0)}, held={(owner, key): reservation(owner, key, 5)})
    outcomes = [
        *rules.reserve([Claim(owner, *key, quantity)], fold, at=AT),
        *rules.free([Free(owner, *key, quantity)], fold),
        *rules.ship([Shipment(owner, *key, quantity, "k")], fold, ids=ids(1)),
        *rules.receive([Receipt(*key, quantity, "k")], fold, ids=ids(1)),
    ]
    assert [type(outcome) for outcome in outcomes] == [errors.InvalidQuantity] * 4
    assert fold.changes == {}


@pytest.mark.parametrize(
    ("before", "after", "low", "is_told"),
    [(6, 5, 5, True), (5, 4, 5, False), (9, 6, 5, False), (5, 6, 5, False), (6, 5, None, False), (1, 0, 0, True)],
)
def test_low_is_told_on_crossing(before: int, after: int, low: int | None, is_told: bool) -> None:
    assert rules.ran_low(before=before, after=after, low_threshold=low) is is_told


@pytest.mark.parametrize(
    ("available", "incoming", "low", "full", "suggested"),
    [
        (5, 0, 5, 20, 15), (5, 8, 5, 20, 7), (5, 20, 5, 20, 0), (6, 0, 5, 20, 0),
        (3, 0, 5, None, 7), (0, 0, 0, None, 1), (-2, 0, 5, 20, 22), (0, 0, None, None, 0),
    ],
)  # fmt: skip
def test_how_much_to_order(available: int, incoming: int, low: int | None, full: int | None, suggested: int) -> None:
    found = rules.suggested_quantity(available=available, incoming=incoming, low_threshold=low, restock_level=full)
    assert found == suggested


@pytest.mark.parametrize(
    ("levels", "is_right"),
    [
        (Thresholds(), True), (Thresholds(1, 2, 3), True), (Thresholds(0, 0, None), True),
        (Thresholds(-1), False), (Thresholds(0, -1), False), (Thresholds(0, 3, 3), False),
        (Thresholds(0, None, 3), False), (Thresholds(0, 1, QUANTITY_MAX + 1), False),
    ],
)  # fmt: skip
def test_levels_fit_together(levels: Thresholds, is_right: bool) -> None:
    assert (rules.refuse_thresholds(levels) is None) is is_right


@pytest.mark.parametrize(
    ("lat", "lon", "is_right"),
    [
        (None, None, True), (31.2, 121.5, True), (-90.0, 180.0, True), (90.1, 0.0, False), (0.0, -180.1, False),
        (1.0, None, False), (None, 1.0, False), (float("nan"), 0.0, False),
    ],
)  # fmt: skip
def test_coordinates_are_a_place_on_earth(lat: float | None, lon: float | None, is_right: bool) -> None:
    assert (rules.refuse_coordinates(lat, lon) is None) is is_right


@given(st.data())
def test_what_a_transfer_moves_is_somewhere(data: st.DataObject) -> None:
    """Sent, in transit, arrived and missing always add up, whatever the steps."""
    quantity, sku = data.draw(small), KEYS[0].sku_id
    source, target = StockKey(sku, HERE), StockKey(sku, THERE)
    fold = rules.Fold({source: Availability(quantity, 0, 0, 0), target: Availability(0, 0, 0, 0)})
    wish = NewTransfer(HERE, THERE, ((sku, quantity),))
    transfer = rules.open_transfer(wish, fold, transfer_id=TransferId(UUID(int=5)), known={HERE, THERE}, at=AT)
    assert isinstance(transfer, Transfer)
    owner = rules.owner_of(transfer)
    fold = rules.Fold(
        {key: fold.at(key) for key in (source, target)}, held={(owner, source): reservation(owner, source, quantity)}
    )
    course = rules.Course({transfer.transfer_id: transfer})
    for number, (is_out, amount) in enumerate(data.draw(st.lists(st.tuples(st.booleans(), small), max_size=8))):
        move = rules.send if is_out else rules.take_in
        move([TransferStep(transfer.transfer_id, sku, amount, str(number))], course, fold, ids=ids(1))
    if data.draw(st.booleans()):
        rules.close(transfer.transfer_id, course, fold, at=AT)
    line = course.lines[transfer.transfer_id, sku]
    assert fold.at(source).on_hand + fold.at(target).on_hand + line.in_transit + line.missing == quantity
    assert fold.at(target).incoming == line.in_transit
    assert fold.at(source).reserved == fold.held((owner, source))


@pytest.mark.parametrize(
    ("line", "is_closed", "status"),
    [
        ((6, 0, 0, 0), False, "open"), ((6, 2, 0, 0), False, "in_transit"), ((6, 6, 6, 0), False, "received"),
        ((6, 0, 0, 0), True, "canceled"), ((6, 6, 5, 1), True, "closed"),
    ],
)  # fmt: skip
def test_the_status_of_a_transfer_is_derived(line: tuple[int, int, int, int], is_closed: bool, status: str) -> None:
    lines = (TransferLine(KEYS[0].sku_id, *line),)
    transfer = Transfer(TransferId(UUID(int=5)), HERE, THERE, "", AT, AT if is_closed else None, lines)
    assert rules.transfer_status(transfer) == status


@given(differences=st.lists(st.integers(-3, 3), max_size=6))
def test_a_difference_is_believed_when_found_twice_in_a_row(differences: list[int]) -> None:
    rounds = tuple(CountRound(10 + difference, 10, str(n)) for n, difference in enumerate(differences))
    state = rules.count_state(CountLine(KEYS[0].sku_id, rounds))
    if not differences:
        assert state == "uncounted"
    else:
        believed = differences[-1] == 0 or differences[-2:] == [differences[-1]] * 2
        assert state == ("settled" if believed else "recount")


def test_a_count_that_is_not_there_ends_nothing() -> None:
    sheets = rules.Sheets({})
    outcome = rules.cancel_count(CountId(UUID(int=7)), sheets, at=AT)
    assert isinstance(outcome, errors.CountNotFound)
    assert dataclasses.asdict(outcome) == {"count_id": UUID(int=7), "field": None}
