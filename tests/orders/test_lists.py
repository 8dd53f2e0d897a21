"""Lists of orders: filters alone and together, pages, counts, views, and what a page costs."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Rejections, StaleVersion
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft, Saved
from jiedan.orders import errors, queries, service
from jiedan.orders.api import ROUTER
from jiedan.orders.rules import finding, ranges, statuses
from jiedan.orders.service import NewView
from jiedan.orders.values import (
    FULFILLMENT_STATUSES,
    CancelRequest,
    HoldRequest,
    PaymentFact,
)
from jiedan.orders.values.lists import BUILT_IN_VIEWS, VIEWS_PER_PERSON_MAX, OrderFilter
from tests.base import web_client
from tests.conftest import FakeClock
from tests.orders import listing
from tests.orders.factories import BEIJING, PRICE_MINOR, order, place_one, shop

LIST_STATEMENTS_MAX = 6


@pytest.mark.parametrize("status", ["submitted", "reviewed", "paid", "shipped", "signed", "canceled"])
def test_a_shown_status_is_found_by_exactly_the_statuses_it_is_shown_for(status: str) -> None:
    shown = finding.shown_as(status)
    assert shown is not None
    for (lifecycle, payment), fulfillment, held in itertools.product(
        finding.ALL_PAYABLE, FULFILLMENT_STATUSES, (False, True)
    ):
        is_shown = statuses.merchant_status(lifecycle, payment, fulfillment, standing_holds=int(held)) == status
        fits = (
            (lifecycle, payment) in shown.payments
            and (lifecycle, fulfillment) in shown.fulfillments
            and held in shown.held
        )
        assert fits == is_shown, (lifecycle, payment, fulfillment, held)


async def test_every_filter_finds_its_orders_and_no_others(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 20, "W2": 20}, "CUP": {"W1": 20}}, backorder=True)
    async with db.begin(scope) as tx:
        (saved,) = await customers.upsert_customers(tx, customers=[CustomerDraft("Anna")], country="CN")
    assert isinstance(saved, Saved)
    customer_id = saved.customer_id
    paid = await place_one(db, scope, order(("TEA", 1), channel="tmall", tags=("Gift",), customer_id=customer_id))
    held = await place_one(db, scope, order(("CUP", 2), channel="web", location="W1", ship_to=BEIJING))
    waiting = await place_one(db, scope, order(("CUP", 50), currency="CNY"))
    gone = await place_one(db, scope, order(("TEA", 2), location="W2", ship_to=BEIJING))
    fact = PaymentFact(paid.order_id, captured_minor=PRICE_MINOR)
    await db.write(scope, lambda tx: service.record_payments(tx, facts=[fact]))
    await db.write(
        scope, lambda tx: service.place_holds(tx, requests=[HoldRequest(held.order_id, "fraud_check", "why")])
    )
    await db.write(scope, lambda tx: service.cancel_orders(tx, requests=[CancelRequest(gone.order_id, "why")]))
    await listing.drain(db, scope)

    newest_first = [gone.order_id, waiting.order_id, held.order_id, paid.order_id]
    cases: list[tuple[dict[str, object], Sequence[UUID]]] = [
        ({}, newest_first),
        ({"lifecycle": ("open",)}, [waiting.order_id, held.order_id, paid.order_id]),
        ({"lifecycle": ("open", "canceled")}, newest_first),
        ({"payment": ("paid",)}, [paid.order_id]),
        ({"payment": ("pending",), "lifecycle": ("open",)}, [waiting.order_id, held.order_id]),
        ({"fulfillment": ("partly_allocated", "waiting")}, [waiting.order_id]),
        ({"fulfillment": ("allocated",), "payment": ("paid",)}, [paid.order_id]),
        ({"status": "submitted"}, [held.order_id]),
        ({"status": "reviewed"}, [waiting.order_id]),
        ({"status": "paid"}, [paid.order_id]),
        ({"status": "canceled"}, [gone.order_id]),
        ({"status": "signed"}, []),
        ({"status": "canceled", "lifecycle": ("open",)}, []),
        ({"customer_status": "pending"}, [waiting.order_id, held.order_id, paid.order_id]),
        ({"customer_status": "canceled"}, [gone.order_id]),
        ({"channel": "tmall"}, [paid.order_id]),
        ({"customer_id": customer_id}, [paid.order_id]),
        ({"customer_id": uuid4()}, []),
        ({"sku": "cup"}, [waiting.order_id, held.order_id]),
        ({"tag": "gift"}, [paid.order_id]),
        ({"hold": "fraud_check"}, [held.order_id]),
        ({"held": True}, [held.order_id]),
        ({"held": False}, [gone.order_id, waiting.order_id, paid.order_id]),
        ({"held": False, "hold": "fraud_check"}, []),
        ({"held": False, "status": "submitted"}, []),
        ({"waiting": True}, [waiting.order_id]),
        ({"waiting": False, "held": False, "lifecycle": ("open",)}, [paid.order_id]),
        ({"location": "W2"}, [gone.order_id]),
        ({"location": "W9"}, []),
        ({"total_min": 2 * PRICE_MINOR}, [waiting.order_id, held.order_id]),
        ({"total_max": 0}, [gone.order_id]),
        ({"total_min": 1, "total_max": PRICE_MINOR, "currency": "CNY"}, [paid.order_id]),
        ({"currency": "USD"}, []),
        ({"sku": "CUP", "held": True, "q": held.number, "payment": ("pending",)}, [held.order_id]),
    ]
    for filters, expected in cases:
        assert await listing.found(db, scope, **filters) == expected, filters
        (count,) = await listing.counted(db, scope, OrderFilter(**filters))  # type: ignore[arg-type]  # a test's shorthand
        assert count == (len(expected), False), filters


async def test_orders_of_merged_duplicates_are_the_customers(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 20}})
    names = ("Anna", "Ana", "Berta")
    async with db.begin(scope) as tx:
        saved = await customers.upsert_customers(tx, customers=[CustomerDraft(name) for name in names], country="CN")
    anna, ana, berta = (x.customer_id for x in saved if isinstance(x, Saved))
    placed = [await place_one(db, scope, order(("TEA", 1), customer_id=x)) for x in (anna, ana, berta, ana)]
    await listing.drain(db, scope)
    by = [x.order_id for x in placed]
    assert await listing.found(db, scope, customer_id=anna) == [by[0]]
    await db.write(scope, lambda tx: customers.merge_customers(tx, survivor_id=anna, merged_id=ana))
    for customer_id in (anna, ana):
        assert await listing.found(db, scope, customer_id=customer_id) == [by[3], by[1], by[0]]
        assert await listing.found(db, scope, customer_id=customer_id, sku="TEA") == [by[3], by[1], by[0]]
        assert await listing.counted(db, scope, OrderFilter(customer_id=customer_id)) == [(3, False)]
    await db.write(scope, lambda tx: customers.undo_merge(tx, survivor_id=anna, merged_id=ana))
    assert await listing.found(db, scope, customer_id=anna) == [by[0]]


async def test_days_are_the_merchants(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"TEA": {"W1": 20}})
    early = await place_one(db, scope, order(("TEA", 1)))  # 20:00 in Shanghai
    clock.advance(timedelta(hours=5))
    late = await place_one(db, scope, order(("TEA", 1)))  # 01:00 of the next day there
    await listing.drain(db, scope)
    today = early.placed_at.date()
    assert await listing.found(db, scope, period="today") == [late.order_id]
    assert await listing.found(db, scope, period="yesterday") == [early.order_id]
    assert await listing.found(db, scope, period="last_7_days") == [late.order_id, early.order_id]
    assert await listing.found(db, scope, placed_to=today) == [early.order_id]
    assert await listing.found(db, scope, placed_from=today + timedelta(days=1)) == [late.order_id]
    assert await listing.found(db, scope, sku="TEA", placed_to=today) == [early.order_id]


async def test_pages_follow_each_other_both_ways(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 20}})
    placed = [await place_one(db, scope, order(("TEA", 1))) for _ in range(7)]
    await listing.drain(db, scope)
    newest_first = [x.order_id for x in reversed(placed)]
    for filters in (OrderFilter(), OrderFilter(sku="TEA"), OrderFilter(lifecycle=("open",)), OrderFilter(q="so")):
        async with db.read(scope) as tx:
            first = await listing.page_of(tx, filters, limit=3)
            second = await listing.page_of(tx, filters, limit=3, cursor=first.next)
            third = await listing.page_of(tx, filters, limit=3, cursor=second.next)
            back = await listing.page_of(tx, filters, limit=3, cursor=third.previous)
        assert [row.order_id for page in (first, second, third) for row in page.items] == newest_first
        assert (first.previous, third.next) == (None, None)
        assert [row.order_id for row in back.items] == [row.order_id for row in second.items]


async def test_a_row_tells_what_the_list_shows(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 20}})
    placed = await place_one(db, scope, order(("TEA", 3), tags=("Gift", "VIP")))
    await db.write(scope, lambda tx: service.place_holds(tx, requests=[HoldRequest(placed.order_id, "check", "why")]))
    async with db.read(scope) as tx:
        (row,) = (await listing.page_of(tx, OrderFilter())).items
    assert (row.number, row.units, row.tags, row.holds) == (placed.number, 3, ("Gift", "VIP"), ("check",))
    assert (row.merchant_status, row.customer_status) == ("submitted", "pending")


async def test_a_page_costs_few_statements_whatever_is_asked(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await shop(db, scope, {"TEA": {"W1": 50}})
    for _ in range(3):
        await place_one(db, scope, order(("TEA", 1), tags=("Gift",)))
    await listing.drain(db, scope)
    asked = OrderFilter(q="so 2026", tag="gift", lifecycle=("open",), sku="TEA", location="W1", total_min=1)
    with recorder.watching() as sent:
        async with db.read(scope) as tx:
            views = await queries.views(tx, owner_id=uuid4())
            filters = [asked, *(view.filters for view in BUILT_IN_VIEWS.values()), *(view.filters for view in views)]
            criteria = await queries.criteria_of(tx, filters, time_zone=listing.TIME_ZONE)
            await queries.order_counts(tx, criteria)
            page = await queries.order_rows(tx, request=listing.request(tx), criteria=criteria[0])
    assert len(page.items) == 3
    assert len(sent) <= LIST_STATEMENTS_MAX


OWNER = UUID(int=1)
STRANGER = UUID(int=2)


async def save(db: Database, scope: Scope, view: NewView, *, owner_id: UUID = OWNER, may_share: bool = True) -> UUID:
    saved = await db.write(scope, lambda tx: service.save_view(tx, view=view, owner_id=owner_id, may_share=may_share))
    return saved.view_id


async def test_own_views_are_ones_own_and_shared_ones_everybodys(db: Database, scope: Scope) -> None:
    await save(db, scope, NewView("Mine", OrderFilter(q="x")))
    shared = await save(db, scope, NewView("Ours", OrderFilter(tag="gift"), is_shared=True, position=1))
    async with db.read(scope) as tx:
        assert [view.name for view in await queries.views(tx, owner_id=OWNER)] == ["Mine", "Ours"]
        (seen,) = await queries.views(tx, owner_id=STRANGER)
    assert (seen.view_id, seen.is_shared, seen.filters) == (shared, True, OrderFilter(tag="gift"))


async def test_sharing_takes_a_right_and_a_stale_change_is_refused(db: Database, scope: Scope) -> None:
    with pytest.raises(errors.ViewShared):
        await save(db, scope, NewView("Ours", OrderFilter(), is_shared=True), may_share=False)
    view_id = await save(db, scope, NewView("Mine", OrderFilter()))

    async def change(name: str, *, owner_id: UUID = OWNER, version: int | None = None) -> None:
        await db.write(
            scope,
            lambda tx: service.change_view(
                tx,
                view_id=view_id,
                view=NewView(name, OrderFilter()),
                owner_id=owner_id,
                may_share=False,
                version=version,
            ),
        )

    await change("Renamed", version=1)
    await change("Renamed")  # says so already, so nothing is written and the version stays
    with pytest.raises(StaleVersion) as stale:
        await change("Again", version=1)
    assert stale.value.changed == "name"
    with pytest.raises(errors.ViewNotFound):
        await change("Theirs", owner_id=STRANGER)
    await db.write(
        scope, lambda tx: service.remove_view(tx, view_id=view_id, owner_id=OWNER, may_share=False, version=2)
    )
    with pytest.raises(errors.ViewNotFound):
        await change("Gone")


async def test_a_person_has_so_many_views_and_no_more(db: Database, scope: Scope) -> None:
    for i in range(VIEWS_PER_PERSON_MAX):
        await save(db, scope, NewView(f"View {i}", OrderFilter()))
    with pytest.raises(errors.TooManyViews):
        await save(db, scope, NewView("One more", OrderFilter()))
    await asyncio.gather(save(db, scope, NewView("Theirs", OrderFilter()), owner_id=STRANGER))


@pytest.mark.parametrize(
    ("filters", "fields"),
    [
        (OrderFilter(placed_from=date(2026, 11, 2), placed_to=date(2026, 11, 1)), ["filters.placed_from"]),
        (OrderFilter(total_min=2, total_max=1), ["filters.total_min"]),
        (
            OrderFilter(placed_from=date(2026, 11, 2), placed_to=date(2026, 11, 1), total_min=2, total_max=1),
            ["filters.placed_from", "filters.total_min"],
        ),
    ],
)
def test_a_range_that_ends_before_it_begins_is_refused(filters: OrderFilter, fields: list[str]) -> None:
    with pytest.raises(Rejections) as refused:
        ranges.check(filters, place="filters.")
    assert [reason.field for reason in refused.value.reasons] == fields


def test_a_range_of_one_or_with_one_end_is_fine() -> None:
    ranges.check(OrderFilter(placed_from=date(2026, 11, 1), placed_to=date(2026, 11, 1), total_min=1, total_max=1))
    ranges.check(OrderFilter(placed_from=date(2026, 11, 1), total_max=0))


async def test_the_list_and_its_views_name_what_they_refuse(db: Database, scope: Scope) -> None:
    caller = web_client.principal(permissions={"orders:read"}, tenant=scope.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        listed = await client.get("/api/v1/orders", params={"placed_from": "2026-11-30", "placed_to": "2026-11-01"})
        saved = await client.post(
            "/api/v1/order-views", json={"name": "A", "filters": {"total_min": 2, "total_max": 1}}
        )
        unknown = await client.get("/api/v1/order-views/019374a1-5c00-7000-8000-000000000001")
        blank = await client.post("/api/v1/order-views", json={"name": " ", "filters": {}})
    assert [(x.status_code, x.json()["field"]) for x in (listed, saved, unknown, blank)] == [
        (422, "placed_from"),
        (422, "filters.total_min"),
        (404, "view_id"),
        (422, "name"),
    ]
