"""Pure decisions about orders: statuses, totals, the end of unpaid orders, drafts, and how batches are decided."""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.accounts.values import MerchantSettings
from jiedan.base.events import SYSTEM
from jiedan.base.ids import TenantId
from jiedan.catalog.values import Component, ProductId, SellableSku, SkuId, SkuKind
from jiedan.orders.rules import drafts, lifecycle, placing, statuses, totals
from jiedan.orders.rules.askable import Known
from jiedan.orders.rules.planning import Circumstances, Plan
from jiedan.orders.values import (
    FULFILLMENT_STATUSES,
    LIFECYCLES,
    PAYMENT_STATUSES,
    CustomerStatus,
    Draft,
    FulfillmentStatus,
    Lifecycle,
    LineFacts,
    MerchantStatus,
    NewLine,
    NewOrder,
    OrderFacts,
    Rejected,
)
from jiedan.pricing.rules import compile_book
from jiedan.pricing.values import SkuPrices, TaxRate, Tier
from jiedan.pricing.values.books import RuleBook
from jiedan.sourcing.values import Candidate

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PLACES = {f"W{n}": UUID(int=n) for n in range(1, 4)}
SKUS = {code: SkuId(UUID(int=100 + n)) for n, code in enumerate(["TEA", "CUP", "POT"])}
KIT = SkuId(UUID(int=200))


# Statuses


@pytest.mark.parametrize(
    ("lifecycle", "fulfillment", "promised_on", "expected"),
    [
        ("open", "allocated", None, 0),
        ("open", "allocated", date(2026, 11, 22), 0),
        ("open", "allocated", date(2026, 11, 21), 0),
        ("open", "allocated", date(2026, 11, 20), 1),
        ("open", "waiting", date(2026, 11, 1), 20),
        ("open", "shipped", date(2026, 11, 20), 1),
        ("open", "partly_delivered", date(2026, 11, 20), 1),
        ("open", "delivered", date(2026, 11, 20), 0),
        ("open", "returned", date(2026, 11, 20), 0),
        ("completed", "delivered", date(2026, 11, 20), 0),
        ("completed", "allocated", date(2026, 11, 20), 0),
        ("canceled", "canceled", date(2026, 11, 20), 0),
    ],
)
def test_an_order_is_late_from_the_day_after_the_last_one_promised_until_all_of_it_arrived(
    lifecycle: Lifecycle, fulfillment: FulfillmentStatus, promised_on: date | None, expected: int
) -> None:
    today = date(2026, 11, 21)
    assert statuses.days_late(lifecycle, fulfillment, promised_on=promised_on, today=today) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (OrderFacts("open", 0), "not_due"),
        (OrderFacts("open", 100), "pending"),
        (OrderFacts("open", 100, processing_count=1), "processing"),
        (OrderFacts("open", 100, authorized_minor=40), "partly_authorized"),
        (OrderFacts("open", 100, authorized_minor=100), "authorized"),
        (OrderFacts("open", 100, captured_minor=40), "partly_paid"),
        (OrderFacts("open", 100, captured_minor=100), "paid"),
        (OrderFacts("open", 100, captured_minor=101), "overpaid"),
        (OrderFacts("open", 60, captured_minor=100, refunded_minor=40), "paid"),
        (OrderFacts("open", 100, captured_minor=100, refunded_minor=40), "partly_refunded"),
        (OrderFacts("canceled", 0, captured_minor=100), "overpaid"),
        (OrderFacts("canceled", 0, captured_minor=100, refunded_minor=100), "refunded"),
        (OrderFacts("open", 100, captured_minor=100, charged_back_minor=100), "charged_back"),
    ],
)
def test_the_payment_status_follows_from_the_money(facts: OrderFacts, expected: str) -> None:
    assert statuses.payment_status(facts) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([LineFacts("fee", 1)], "not_needed"),
        ([LineFacts("goods", 2)], "waiting"),
        ([LineFacts("goods", 2, allocated=1)], "partly_allocated"),
        ([LineFacts("goods", 2, allocated=2)], "allocated"),
        ([LineFacts("service", 1)], "allocated"),
        ([LineFacts("goods", 2, allocated=2), LineFacts("service", 1)], "allocated"),
        ([LineFacts("goods", 2, canceled=1, allocated=1)], "allocated"),
        ([LineFacts("goods", 2, canceled=2)], "canceled"),
        ([LineFacts("goods", 2, allocated=1, shipped=1)], "partly_shipped"),
        ([LineFacts("goods", 2, shipped=2)], "shipped"),
        ([LineFacts("goods", 2, canceled=1, shipped=1)], "shipped"),
        ([LineFacts("goods", 2, shipped=2, delivered=1)], "partly_delivered"),
        ([LineFacts("goods", 2, shipped=2, delivered=2)], "delivered"),
        ([LineFacts("service", 1, performed=1)], "delivered"),
        ([LineFacts("goods", 2, shipped=2, delivered=2, returned=1)], "partly_returned"),
        ([LineFacts("goods", 2, shipped=2, delivered=2, returned=2)], "returned"),
        ([LineFacts("kit", 1), LineFacts("component", 2, allocated=2)], "allocated"),
    ],
)
def test_the_fulfillment_status_follows_from_the_lines(lines: list[LineFacts], expected: str) -> None:
    assert statuses.fulfillment_status(lines) == expected


def test_every_combination_of_statuses_can_be_shown() -> None:
    shown = {
        (
            statuses.customer_status(life, fulfillment),
            statuses.merchant_status(life, payment, fulfillment, standing_holds=holds),
        )
        for life, payment, fulfillment, holds in itertools.product(
            LIFECYCLES, PAYMENT_STATUSES, FULFILLMENT_STATUSES, (0, 1)
        )
    }
    assert {customer for customer, _ in shown} == set(get_args(CustomerStatus))
    assert {merchant for _, merchant in shown} == set(get_args(MerchantStatus))
    assert all((customer == "canceled") == (merchant == "canceled") for customer, merchant in shown)
    assert all((customer == "shipped") == (merchant == "shipped") for customer, merchant in shown)


def test_what_cannot_happen_has_no_transition() -> None:
    assert lifecycle.may_become("open", "completed")
    assert lifecycle.may_become("canceled", "open")
    assert not lifecycle.may_become("completed", "open")
    assert not lifecycle.may_become("canceled", "completed")


def test_only_prepaid_orders_that_cost_something_expire() -> None:
    def ends(terms: Any, total: int, *, history: bool = False) -> datetime | None:
        return lifecycle.expires_at(
            terms=terms, total_minor=total, placed_at=NOW, expiry_minutes=30, is_history=history
        )

    assert ends("prepaid", 1) == NOW + timedelta(minutes=30)
    assert ends("prepaid", 0) is None
    assert ends("on_delivery", 1) is None
    assert ends("on_account", 1) is None
    assert ends("prepaid", 1, history=True) is None


# Totals


@given(st.integers(0, 10**12), st.integers(1, 1_000), st.data())
def test_canceling_unit_by_unit_gives_up_exactly_the_whole(total: int, ordered: int, data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.integers(0, ordered), max_size=6).map(sorted))
    given_up = [totals.canceled_minor(totals.LineTotal(total, 0, ordered, canceled)) for canceled in [*steps, ordered]]
    assert given_up == sorted(given_up)
    assert given_up[-1] == total
    assert totals.line_total(totals.LineTotal(total, 0, ordered, ordered)) == 0


# Drafts


def body(*lines: tuple[str, int], **facts: Any) -> NewOrder:
    """Return an order of (SKU code, quantity) pairs."""
    return NewOrder(lines=tuple(NewLine(sku=sku, quantity=quantity) for sku, quantity in lines), **facts)


def test_what_needs_no_database_is_refused_with_every_reason() -> None:
    wanted = body(("TEA", 0), ("TEA", 2), tags=("a", "b", "a"), delivery_wish=date(2030, 1, 1))
    assert [(r.code, r.field) for r in drafts.check(wanted, now=NOW)] == [
        ("quantity_out_of_range", "lines[0].quantity"),
        ("repeated_line", "lines[1].sku"),
        ("date_out_of_range", "delivery_wish"),
        ("repeated_tag", "tags"),
    ]


def test_the_same_sku_may_stand_twice_at_different_places_or_prices() -> None:
    lines = (
        NewLine(sku="TEA", quantity=1),
        NewLine(sku="TEA", quantity=1, location="W1"),
        NewLine(sku="TEA", quantity=1, unit_price_minor=5, price_reason="sample"),
    )
    assert drafts.check(NewOrder(lines=lines), now=NOW) == ()


def test_too_many_lines_are_refused_at_once() -> None:
    wanted = body(*((f"SKU-{n}", 1) for n in range(201)))
    assert [r.code for r in drafts.check(wanted, now=NOW)] == ["too_many_lines"]


# Placing

RULES = compile_book(RuleBook(tax_rates=(TaxRate("standard", 130_000),)), version=1, prices_include_tax=True)


def settings(**facts: Any) -> MerchantSettings:
    """Return a merchant's settings."""
    known: dict[str, Any] = {
        "tenant_id": TenantId(UUID(int=1)),
        "slug": "tea",
        "name": "Tea House",
        "country": "CN",
        "time_zone": "Asia/Shanghai",
        "currency": "CNY",
        "currencies": ("CNY",),
        "locale": "en",
        "locales": ("en",),
        "order_number_pattern": "{number}",
        "payment_terms": "prepaid",
        "expiry_minutes": 60,
        "split": "when_needed",
        "backorder": False,
        "prices_include_tax": True,
        "release_on_authorization": False,
        "late_money": "case",
        "version": 1,
        **facts,
    }
    return MerchantSettings(**known)


def circumstances(stock: Mapping[tuple[str, str], int], **facts: Any) -> Circumstances:
    """Return a shop with three SKUs, a kit of them and `stock` by (SKU code, location code)."""
    skus = {
        code: SellableSku(sku_id, code, ProductId(sku_id), code, SkuKind.goods, True, "standard", None)
        for code, sku_id in SKUS.items()
    }
    parts = (Component(SKUS["TEA"], 2), Component(SKUS["CUP"], 1))
    skus["SET"] = SellableSku(KIT, "SET", ProductId(KIT), "SET", SkuKind.kit, True, "standard", None, parts)
    return Circumstances(
        settings=settings(**facts),
        prices=Known(
            RULES,
            {code: SkuPrices(catalog={"CNY": (Tier(1, 100 + n), Tier(10, 90 + n))}) for n, code in enumerate(skus)},
            NOW,
            NOW,
            {sku.sku_id: sku for sku in skus.values()},
        ),
        skus=skus,
        components={sku.sku_id: sku for sku in skus.values()},
        customers={},
        locations=MappingProxyType(PLACES),
        candidates={x: Candidate(x, code, n, None) for n, (code, x) in enumerate(PLACES.items())},
        stock={(SKUS[code], PLACES[place]): quantity for (code, place), quantity in stock.items()},
    )


def draft(wanted: NewOrder, number: int = 1) -> Draft:
    """Return a draft."""
    return Draft(wanted, number, SYSTEM, "", "tests", str(number), b"")


STOCKS = st.dictionaries(st.tuples(st.sampled_from(list(SKUS)), st.sampled_from(list(PLACES))), st.integers(0, 12))
BODIES = st.lists(
    st.builds(
        lambda lines, split: body(*lines.items(), split=split),
        st.dictionaries(st.sampled_from([*SKUS, "SET"]), st.integers(1, 15), min_size=1),
        st.sampled_from(["never", "when_needed", "freely"]),
    ),
    min_size=1,
    max_size=8,
)


def essence(outcome: Plan | Rejected) -> object:
    """Return what counts of an outcome."""
    if isinstance(outcome, Plan):
        return outcome.total_minor, sorted(outcome.choice.assignments), dict(outcome.choice.missing)
    return [(reason.code, reason.field, dict(reason.data())) for reason in outcome.reasons]


def left_after(stock: Mapping[Any, int], outcomes: list[Plan | Rejected]) -> dict[Any, int]:
    """Return what is left of `stock` once `outcomes` are placed."""
    left = dict(stock)
    for outcome in outcomes:
        if isinstance(outcome, Plan):
            for a in outcome.choice.assignments:
                left[a.sku_id, a.location_id] -= a.quantity
    return left


@given(stock=STOCKS, bodies=BODIES, backorder=st.booleans())
def test_one_by_one_comes_to_the_same_as_a_batch(
    *, stock: dict[tuple[str, str], int], bodies: list[NewOrder], backorder: bool
) -> None:
    c = circumstances(stock, backorder=backorder)
    together = placing.plan_all([draft(wanted) for wanted in bodies], c)
    apart: list[Plan | Rejected] = []
    for wanted in bodies:
        apart += placing.plan_all([draft(wanted)], c._replace(stock=left_after(c.stock, apart)))
    assert [essence(o) for o in together] == [essence(o) for o in apart]


@given(seen=STOCKS, real=STOCKS, bodies=BODIES, backorder=st.booleans())
def test_whatever_the_locked_rows_say_nothing_is_oversold(
    *, seen: dict[tuple[str, str], int], real: dict[tuple[str, str], int], bodies: list[NewOrder], backorder: bool
) -> None:
    c = circumstances(seen, backorder=backorder)
    plans = [p for p in placing.plan_all([draft(wanted) for wanted in bodies], c) if isinstance(p, Plan)]
    there = circumstances(real).stock
    locked = {key: there[key] for key in placing.keys_to_lock(plans, c) if key in there}
    settled = placing.settle(plans, c, locked)
    assert min(left_after(locked, settled).values(), default=0) >= 0
    for outcome in settled:
        if isinstance(outcome, Plan):
            found = sum(a.quantity for a in outcome.choice.assignments)
            wanted_units = sum(d.quantity for d in outcome.wanted.demands)
            assert found + sum(outcome.choice.missing.values()) == wanted_units
            assert backorder or not outcome.choice.missing
    unchanged = {key: c.stock[key] for key in placing.keys_to_lock(plans, c)}
    assert [essence(o) for o in placing.settle(plans, c, unchanged)] == [essence(p) for p in plans]


@given(BODIES, st.integers(0, 500))
def test_the_total_is_the_sum_of_the_lines(bodies: list[NewOrder], shipping: int) -> None:
    c = circumstances({}, backorder=True)
    for wanted in bodies:
        (plan,) = placing.plan_all([draft(msgspec.structs.replace(wanted, shipping_minor=shipping))], c)
        assert isinstance(plan, Plan)
        assert (plan.lines[-1].kind == "fee") is bool(shipping)
        assert plan.total_minor == sum(line.total_minor for line in plan.lines)
        assert plan.tax_minor == sum(line.tax_minor for line in plan.lines)
        assert [line.line for line in plan.lines] == list(range(1, len(plan.lines) + 1))
        for line in plan.lines:
            assert line.total_minor == line.unit_minor * line.ordered - line.discount_minor


def test_a_draft_that_runs_a_location_dry_locks_the_others_too() -> None:
    c = circumstances({("TEA", "W1"): 5, ("TEA", "W2"): 5, ("CUP", "W1"): 10_000, ("CUP", "W2"): 5})
    plans = [p for p in placing.plan_all([draft(body(("TEA", 5), ("CUP", 1)))], c) if isinstance(p, Plan)]
    keys = placing.keys_to_lock(plans, c)
    assert {(SKUS["TEA"], PLACES["W1"]), (SKUS["TEA"], PLACES["W2"]), (SKUS["CUP"], PLACES["W1"])} == keys
    settled = placing.settle(plans, c, {(SKUS["TEA"], PLACES["W2"]): 5, (SKUS["CUP"], PLACES["W1"]): 9})
    assert [isinstance(o, Plan) for o in settled] == [True]


def test_a_loss_that_another_location_could_make_good_is_decided_anew() -> None:
    c = circumstances({("TEA", "W1"): 1_000, ("TEA", "W2"): 1_000})
    plans = [p for p in placing.plan_all([draft(body(("TEA", 5)))], c) if isinstance(p, Plan)]
    locked = dict.fromkeys(placing.keys_to_lock(plans, c), 0)
    settled = placing.settle(plans, c, locked)
    assert isinstance(settled[0], Rejected)
    assert placing.fits_elsewhere(plans, settled, c, locked)
    nowhere = c._replace(stock=dict.fromkeys(locked, 1000))
    assert not placing.fits_elsewhere(plans, settled, nowhere, locked)
