"""Pure decisions of the shop: what of an order is still free, and how far it is."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from jiedan.accounts.values import Storefront
from jiedan.base.errors import Rejections, reasons_of
from jiedan.base.events import SYSTEM
from jiedan.carts.errors import CartFull, SoldOut
from jiedan.fulfillment.values import Fulfillment, FulfillmentId, FulfillmentLine
from jiedan.orders.rules import tickets
from jiedan.orders.values import Contact, Line, Order, OrderWithLines
from jiedan.portal import addresses, cart, order_lines, order_steps, order_windows
from jiedan.portal.order_steps import Moments
from tests.conftest import NOON

ID = UUID("0193a000-0000-7000-8000-000000000001")
NEVER = Moments(None, None, None)


def line(number: int, kind: str = "goods", ordered: int = 4, **facts: Any) -> Line:
    plain: dict[str, Any] = {field.name: 0 for field in msgspec.structs.fields(Line)}
    names = {"code": "TEA", "name": "Tea", "tax_class": "", "price_source": "list", "placed_at": NOON}
    nothing = dict.fromkeys(("parent_line", "sku_id", "requested_location_id", "price_reason", "weight_g"))
    ids = {"line_id": UUID(int=number), "order_id": ID, "line": number, "kind": kind, "ordered": ordered}
    return Line(**{**plain, **names, **nothing, **ids, "tax_included": True, "allocated": ordered, **facts})


def order(*lines: Line, **facts: Any) -> OrderWithLines:
    plain: dict[str, Any] = {field.name: 0 for field in msgspec.structs.fields(Order)}
    names: dict[str, Any] = {
        "order_id": ID, "number": "SO-1", "channel": "web", "contact": Contact(), "lifecycle": "open",
        "currency": "CNY", "locale": "en", "payment_terms": "prepaid", "split": "freely", "payment_status": "paid",
        "placed_at": NOON,
        "fulfillment_status": "allocated", "history": False, "claims_stock": True, "created_at": NOON, "actor": SYSTEM,
    }  # fmt: skip
    optional = ("external_id", "customer_id", "requested_location_id", "delivery_wish", "expires_at", "promised_at")
    later = ("promised_p50_on", "promised_p90_on", "completed_at", "canceled_at", "cancel_reason")
    nothing = dict.fromkeys((*optional, *later))
    return OrderWithLines(Order(**{**plain, **names, **nothing, **facts}), lines)


def shop(**facts: Any) -> Storefront:
    return Storefront(**facts)


@pytest.mark.parametrize(
    ("until", "facts", "lying", "units", "whole"),
    [
        ("never", {}, 0, {}, False),
        ("released", {}, 0, {1: 4}, True),
        ("released", {"released": 3}, 0, {1: 1}, False),
        ("picked", {"released": 4}, 0, {1: 4}, True),
        ("picked", {"released": 4}, 1, {1: 3}, False),
        ("shipped", {"released": 4}, 4, {1: 4}, True),
        ("shipped", {"shipped": 1, "allocated": 3}, 0, {1: 3}, False),
        ("picked", {"canceled": 4, "allocated": 0}, 0, {}, False),
        ("picked", {"canceled": 1, "allocated": 3}, 0, {1: 3}, True),
    ],
)
def test_what_is_free_follows_the_merchants_choice(
    until: Any, facts: dict[str, Any], lying: int, *, units: dict[int, int], whole: bool
) -> None:
    found = order(line(1, **facts), line(2, "fee", ordered=1))
    windows = order_windows.windows(found, {UUID(int=1): lying}, shop(cancel_until=until))
    assert (windows.units, windows.whole) == (units, whole)
    assert windows.is_cancelable is bool(units)


def test_a_kit_is_as_free_as_each_of_its_components() -> None:
    parts = [line(2, "component", ordered=8, parent_line=1), line(3, "component", ordered=4, parent_line=1)]
    found = order(line(1, "kit", allocated=0), *parts)
    assert order_windows.windows(found, {UUID(int=2): 3}, shop()).units == {1: 2}
    assert order_windows.windows(found, {}, shop()).units == {1: 4}


@pytest.mark.parametrize("facts", [{"lifecycle": "completed"}, {"lifecycle": "canceled"}, {"history": True}])
def test_nothing_is_free_of_what_has_ended_or_was_imported(facts: dict[str, Any]) -> None:
    assert order_windows.windows(order(line(1), **facts), {}, shop()) == order_windows.NOTHING


def test_it_is_editable_until_a_location_is_told_to_pick() -> None:
    assert order_windows.windows(order(line(1)), {}, shop()).is_editable
    assert not order_windows.windows(order(line(1, released=1)), {}, shop()).is_editable
    assert not order_windows.windows(order(line(1, shipped=1)), {}, shop()).is_editable
    assert not order_windows.windows(order(line(1)), {}, shop(edit_until="never")).is_editable


def test_units_that_are_picked_and_still_wanted_count_as_lying() -> None:
    def worked(**facts: int) -> FulfillmentLine:
        plain: dict[str, Any] = {field.name: 0 for field in msgspec.structs.fields(FulfillmentLine)}
        return FulfillmentLine(**{**plain, "line_id": UUID(int=1), **facts})

    plain: dict[str, Any] = dict.fromkeys(field.name for field in msgspec.structs.fields(Fulfillment))
    lines = (worked(released=4, picked=3, shipped=1), worked(released=4, withdrawn=3, picked=2))
    found = Fulfillment(**{**plain, "fulfillment_id": FulfillmentId(ID), "lines": lines, "parcels": ()})
    assert order_windows.picked([found]) == {UUID(int=1): 3}


@pytest.mark.parametrize(
    ("facts", "label", "states"),
    [
        ({}, "Being prepared", "done done now ahead ahead"),
        ({"payment_status": "pending"}, "Waiting for the payment", "done now ahead ahead ahead"),
        ({"payment_terms": "on_delivery", "payment_status": "pending"}, "Being prepared", "done now ahead ahead"),
        ({"fulfillment_status": "waiting"}, "Waiting for goods", "done done now ahead ahead"),
        ({"fulfillment_status": "shipped"}, "On its way", "done done done now ahead"),
        ({"fulfillment_status": "partly_shipped"}, "Partly on its way", "done done now now ahead"),
        ({"fulfillment_status": "delivered"}, "Delivered", "done done done done done"),
        ({"lifecycle": "canceled"}, "Canceled", "done bad"),
    ],
)
def test_how_far_an_order_is(facts: dict[str, Any], label: str, states: str) -> None:
    found = order(line(1), **facts).order
    assert order_steps.sign_of(found, [], is_collected=False).label == label
    assert " ".join(x.state for x in order_steps.steps(found, [], NEVER, is_collected=False)) == states


def test_what_is_collected_has_steps_of_its_own() -> None:
    found = order(line(1), fulfillment_status="delivered").order
    assert order_steps.sign_of(found, [], is_collected=True).label == "Collected"
    assert [x.label for x in order_steps.steps(found, [], NEVER, is_collected=True)][-2:] == [
        "Ready to collect",
        "Collected",
    ]


def test_a_line_says_how_far_it_is() -> None:
    def told(one: Line) -> tuple[str, int]:
        sign, units = order_steps.line_sign(one, is_collected=False)
        return sign.label, units

    assert told(line(1)) == ("Being prepared", 4)
    assert told(line(1, allocated=1)) == ("Follows later", 3)
    assert told(line(1, shipped=2, allocated=2)) == ("On its way", 2)
    assert told(line(1, shipped=4, delivered=3, allocated=0)) == ("Delivered", 3)
    assert told(line(1, "service", performed=4)) == ("Done", 4)
    assert told(line(1, canceled=4, allocated=0)) == ("Canceled", 4)


def test_a_kit_is_as_far_as_each_of_its_components() -> None:
    parts = [
        line(2, "component", ordered=8, parent_line=1, shipped=8, allocated=0),
        line(3, "component", ordered=4, parent_line=1, shipped=1, allocated=3),
    ]
    (shown,) = order_lines.shown_lines(
        order(line(1, "kit", allocated=0), *parts), {}, {}, {UUID(int=2): [1]}, is_collected=False
    )
    assert (shown.sign.label, shown.units, shown.parcels) == ("On its way", 1, (1,))
    assert [x.line for x in shown.parts] == [2, 3]


def test_a_list_says_less() -> None:
    assert order_steps.sign_of_row("open", "pending", "allocated", "pending").label == "Waiting for the payment"
    assert order_steps.sign_of_row("open", "paid", "waiting", "pending").label == "Waiting for goods"
    assert order_steps.sign_of_row("open", "paid", "partly_shipped", "shipped").label == "Partly on its way"
    assert order_steps.sign_of_row("completed", "paid", "delivered", "done").label == "Delivered"


def test_a_link_works_while_its_order_is_open_and_some_days_more() -> None:
    ended = order(line(1), lifecycle="completed", completed_at=NOON).order
    later = NOON + timedelta(days=7)
    assert tickets.works(order(line(1)).order, link_days=1, now=later)
    assert tickets.works(ended, link_days=7, now=later - timedelta(seconds=1))
    assert not tickets.works(ended, link_days=7, now=later)
    assert not tickets.works(
        msgspec.structs.replace(ended, lifecycle="canceled", completed_at=None, canceled_at=NOON),
        link_days=7,
        now=later,
    )


def test_a_province_is_chosen_by_whichever_name_it_has() -> None:
    by_name = addresses.fields("HK", "香港島", "", "en")[0]
    by_value = addresses.fields("HK", "Hong Kong Island", "", "en")[0]
    assert ("香港島", "Hong Kong Island 香港島") in by_name.choices
    assert ("Hong Kong Island", "Hong Kong Island 香港島") in by_value.choices
    assert len(by_name.choices) == len(by_value.choices) == 3


def test_each_reason_is_called_by_itself() -> None:
    names = {"TEA": "Green tea"}
    mixed = Rejections((SoldOut("TEA", field="skus"), CartFull(9, field="lines"), SoldOut("CUP", field="skus")))
    found = reasons_of(cart.all_called(mixed, names))
    assert [(str(x.data().get("sku")), x.field) for x in found] == [
        ("“Green tea”", None),
        ("None", "lines"),
        ("CUP", "skus"),
    ]
