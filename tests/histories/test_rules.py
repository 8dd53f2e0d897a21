"""The checkers of histories find each kind of anomaly that is planted, and nothing in sound histories."""

from collections.abc import Iterable

import pytest

from tests.histories.checking import (
    NEVER,
    Change,
    Demand,
    Heard,
    Look,
    Placement,
    Stored,
    Told,
    counter,
    queue,
    rising,
    sold_out,
    unique,
)

PAID = [Change(0, 1, 100), Change(2, 3, -30), Change(4, 5, -20)]


def kinds(found: Iterable[str]) -> list[str]:
    return [text.partition(":")[0] for text in found]


def balance(looks: list[Look], final: int = 50, changes: list[Change] = PAID) -> list[str]:
    return kinds(counter("account", 0, changes, looks, final))


def test_a_sound_account_is_sound() -> None:
    looks = [Look(0.5, 0.6, 0), Look(0.5, 0.6, 100), Look(1.5, 1.6, 100), Look(2.5, 4.5, 50), Look(6, 7, 50)]
    assert balance(looks) == []


@pytest.mark.parametrize(
    ("looks", "final", "kind"),
    [
        ([], 70, "doubled"),  # a refund is lost, or the payment was doubled: more is there than can be
        ([], 20, "lost"),
        ([Look(3.5, 3.6, 100)], 50, "stale"),
        ([Look(1.5, 1.6, 0)], 50, "stale"),
        ([Look(1.5, 1.6, 70)], 50, "stale"),
        ([Look(1.5, 1.6, 42)], 50, "dirty"),
    ],
)
def test_an_account_that_is_off_is_found(looks: list[Look], final: int, kind: str) -> None:
    found = balance(looks, final)
    assert found == [kind]


def test_what_nobody_knows_may_have_happened_or_not() -> None:
    unknown = [*PAID, Change(6, NEVER, -5)]
    assert balance([Look(7, 8, 50), Look(7, 8, 45)], 50, unknown) == []
    assert balance([], 45, unknown) == []
    assert balance([], 40, unknown) == ["lost"]


def test_units_that_were_there_may_not_be_refused() -> None:
    taken = [Change(0, 1, -8)]
    assert kinds(sold_out("tea", 10, taken, [Demand(2, 3, 3), Demand(0.5, 0.6, 3)])) == []
    assert kinds(sold_out("tea", 10, taken, [Demand(2, 3, 2)])) == ["lost"]
    assert kinds(sold_out("tea", 10, taken, [Demand(2, 3, 1)])) == ["lost"]


A = Placement("key-a", "ext-a", 0, 1, "id-a", 1)
B = Placement("key-b", "ext-b", 2, 3, "id-b", 2)
STORED = [Stored("id-a", "ext-a", 1), Stored("id-b", "ext-b", 2)]


def test_orders_that_are_one_each_are_sound() -> None:
    again = A._replace(invoked=4, ended=5, was_there=True)
    unknown = Placement("key-c", "ext-c", 4, NEVER, None, None)
    refused = Placement("key-d", "ext-d", 4, 5, None, None, is_refused=True)
    assert kinds(unique([A, B, again, unknown, refused], STORED)) == []
    assert kinds(unique([A, B, unknown], [*STORED, Stored("id-c", "ext-c", 3)])) == []
    assert kinds(rising([A, B, again])) == []


@pytest.mark.parametrize(
    ("placements", "stored", "kind"),
    [
        ([A, B], STORED[:1], "lost"),
        ([A, B, A._replace(order_id="id-b", number=2, external_id="ext-b")], STORED, "doubled"),
        ([A, B], [*STORED, Stored("id-c", "ext-b", 3)], "doubled"),
        ([A, B], [*STORED, Stored("id-b", "ext-b", 2)], "doubled"),
        ([A, B, A._replace(invoked=2)], STORED, "doubled"),
        ([A, B._replace(number=3)], STORED, "dirty"),
        ([A, B], [STORED[0], Stored("id-b", "ext-b", 1)], "doubled"),
        ([A, B], [*STORED, Stored("id-c", "ext-c", 3)], "dirty"),
        ([A, B, B._replace(is_refused=True, order_id=None, external_id="ext-c")], [*STORED, Stored("c", "ext-c", 3)],
         "dirty"),
    ],
)  # fmt: skip
def test_orders_that_are_not_one_each_are_found(placements: list[Placement], stored: list[Stored], kind: str) -> None:
    assert kind in kinds(unique(placements, stored))


def test_numbers_that_do_not_rise_are_found() -> None:
    assert kinds(rising([A._replace(number=2), B._replace(number=1)])) == ["reordered"]
    assert kinds(rising([A._replace(number=2, process="one"), B._replace(number=1, process="other")])) == []
    assert kinds(rising([A._replace(number=2, ended=2.5), B._replace(number=1)])) == []


PLACED, CANCELED = "orders.order_placed", "orders.order_canceled"
FIRST = {CANCELED: PLACED}
HEARD = [Heard(1, "e1", PLACED, "a", 1), Heard(2, "e2", PLACED, "b", 2), Heard(3, "e3", CANCELED, "a", 3)]
TOLD = [Told(PLACED, "a", 0, 0.5), Told(PLACED, "b", 0, 1.5), Told(CANCELED, "a", 2, 2.5)]


def test_a_stream_that_tells_each_change_once_is_sound() -> None:
    assert kinds(queue([HEARD, HEARD[:2]], TOLD, FIRST)) == []


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        ([HEARD[0], HEARD[2]], "lost"),
        ([*HEARD[:2], HEARD[1]._replace(position=3), HEARD[2]._replace(position=4)], "doubled"),
        ([HEARD[0], HEARD[1], HEARD[1], HEARD[2]], "doubled"),
        ([HEARD[1], HEARD[0], HEARD[2]], "reordered"),
        (HEARD[:2], "lost"),
        ([HEARD[2]._replace(position=1), HEARD[0]._replace(position=2), HEARD[1]._replace(position=3)], "reordered"),
        ([HEARD[0], HEARD[1], HEARD[2]._replace(at=1.9)], "dirty"),
        ([*HEARD, HEARD[2]._replace(position=4, event_id="e4")], "doubled"),
    ],
)
def test_a_stream_that_is_off_is_found(heard: list[Heard], kind: str) -> None:
    assert kind in kinds(queue([heard], TOLD, FIRST))


def test_subscribers_hear_the_same() -> None:
    assert kinds(queue([HEARD, [HEARD[0]._replace(event_id="e9")]], TOLD, FIRST)) == ["reordered"]
