"""How the timeline of an order is put together for its page."""

from datetime import UTC, datetime
from uuid import UUID

from jiedan.base.events import SYSTEM, Actor
from jiedan.console import timeline
from jiedan.orders.queries import Happening

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def _told(kind: str, actor: Actor, number: int) -> timeline.Told:
    entry = Happening(UUID(int=number), kind, "order", UUID(int=1), NOW, actor, False, {}, None)
    return timeline.Told(entry, actor.id, is_mine=False, changes=(), is_new=False)


def test_details_of_jiedans_own_work_are_folded_and_what_people_did_never_is() -> None:
    someone = Actor("staff", str(UUID(int=9)))
    told = [
        _told("orders.lines_allocated", SYSTEM, 8),
        _told("orders.delivery_promised", SYSTEM, 7),
        _told("orders.order_edited", someone, 6),
        _told("orders.payment_recorded", SYSTEM, 5),
        _told("payments.money_captured", SYSTEM, 4),
        _told("orders.order_edited", someone, 3),
        _told("orders.order_edited", someone, 2),
    ]
    rows = list(timeline.rows(told))
    assert [len(row.told) for row in rows] == [2, 1, 1, 1, 1, 1]
    assert [row.is_folded for row in rows] == [True, False, False, False, False, False]


def test_an_edit_is_told_by_what_differs() -> None:
    before = {"country": "CN", "city": "Beijing", "line1": "Building 12, 803"}
    private = {
        "ship_to": [before, {**before, "line1": "Building 12, 1803"}],
        "tags": [["Gift"], ["Gift", "VIP"]],
        "delivery_wish": ["2026-11-30", None],
        "notes": [None, [{"kind": "internal", "text": "Called."}]],
    }
    entry = Happening(UUID(int=2), "orders.order_edited", "order", UUID(int=1), NOW, SYSTEM, False, {}, private)
    assert timeline.changes_of(entry) == (
        ("Street and number", "Building 12, 803", "Building 12, 1803"),
        ("Tags", "Gift", "Gift, VIP"),
        ("Delivery on", "2026-11-30", ""),
        ("Notes", "", "Called."),
    )
    assert timeline.changes_of(entry._replace(private=None)) == ()
