"""Placement on PostgreSQL: what comes of drafts, what is refused, and that a batch is its drafts one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import runtime, settings
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Rejections
from jiedan.base.events import Actor
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import SkuKind
from jiedan.customers.values import CustomerId
from jiedan.inventory import queries as inventory
from jiedan.inventory import service as stock
from jiedan.inventory.values import NewLocation
from jiedan.orders import errors, placement
from jiedan.orders import service as orders
from jiedan.orders.placement.desk import OrderDesk, wish_of
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import (
    AlreadyPlaced,
    Contact,
    DraftRef,
    History,
    NewLine,
    NewNote,
    NewOrder,
    Placed,
    Rejected,
)
from jiedan.pricing.values import AsSold, OrderDiscount
from tests.carts.factories import filled
from tests.conftest import Urls
from tests.orders import factories

Rows = list[tuple[Any, ...]]
STATEMENTS_MAX = 16


def rows(owner: psycopg.Connection[Any], scope: Scope, query: str) -> Rows:
    """Return what a query says about this tenant."""
    return owner.execute(query.encode(), {"tenant": scope.tenant}).fetchall()


async def test_a_draft_becomes_an_order_with_reserved_stock(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}, "CUP": {"W1": 5}})
    body = factories.order(
        ("TEA", 3),
        ("CUP", 1),
        ship_to=factories.BEIJING,
        contact=Contact(name="Li Lei", phone="139 1234 5678", email="li@example.com"),
        notes=(NewNote(kind="packaging", text="No plastic."),),
        tags=("vip",),
    )
    placed = await factories.place_one(db, scope, body)
    assert placed.number.startswith("SO-20261121-")
    assert (placed.total_minor, placed.currency) == (4_000, "CNY")
    assert (placed.allocated, placed.waiting) == (4, 0)
    assert (placed.payment_status, placed.fulfillment_status) == ("pending", "allocated")
    assert placed.expires_at == placed.placed_at + timedelta(minutes=60)
    lines = rows(
        owner,
        scope,
        "SELECT line, kind, code, ordered, allocated, unit_minor, total_minor FROM order_line"
        " WHERE tenant_id = %(tenant)s ORDER BY line",
    )
    assert lines == [(1, "goods", "TEA", 3, 3, 1_000, 3_000), (2, "goods", "CUP", 1, 1, 1_000, 1_000)]
    stock = rows(owner, scope, "SELECT sum(reserved), sum(on_hand) FROM stock WHERE tenant_id = %(tenant)s")
    assert stock == [(4, 15)]
    held = rows(
        owner,
        scope,
        "SELECT l.code, r.quantity FROM reservation r JOIN order_line l ON l.line_id = r.owner_id"
        " WHERE r.tenant_id = %(tenant)s AND r.owner_kind = 'order_line' ORDER BY l.line",
    )
    assert held == [("TEA", 3), ("CUP", 1)]
    contact = rows(owner, scope, "SELECT contact_phone, version FROM orders WHERE tenant_id = %(tenant)s")
    assert contact == [("+8613912345678", 1)]
    for table in ("order_address", "order_note", "order_tag", "order_decision"):
        assert rows(owner, scope, f"SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s") == [(1,)]  # noqa: S608 - our own words


async def test_events_carry_the_drafts_actor_and_request(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    staff = Actor("staff", "s-1")
    await factories.place(
        db, scope, factories.draft(factories.order(("TEA", 1)), actor=staff), factories.order(("TEA", 2))
    )
    told = rows(
        owner,
        scope,
        "SELECT kind, actor_kind, actor_id, request_id FROM event_log"
        " WHERE tenant_id = %(tenant)s AND kind LIKE 'orders.%%' ORDER BY event_id",
    )
    assert told == [
        ("orders.order_placed", "staff", "s-1", "request-1"),
        ("orders.order_placed", "system", "jiedan", "request-1"),
    ]


async def test_every_reason_is_named_with_its_field(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    async with db.begin(scope) as tx:
        await factories.sku(tx, "OLD", is_active=False)
        await factories.sku(tx, "FREE", prices={})
    body = factories.order(
        ("NOPE", 1),
        ("OLD", 1),
        ("FREE", 1),
        NewLine(sku="TEA", quantity=1, location="NOWHERE"),
        NewLine(sku="TEA", quantity=1, unit_price_minor=5),
        currency="CNY",
        locale="fr",
        location="MARS",
        customer_id=CustomerId(uuid4()),
        contact=Contact(phone="12"),
    )
    (outcome,) = await factories.place(db, scope, body)
    assert sorted(factories.codes(outcome)) == [
        ("inactive_sku", "lines[1].sku"),
        ("locale_not_offered", "locale"),
        ("phone_invalid", "contact.phone"),
        ("price_missing", "lines[2].sku"),
        ("reason_missing", "lines[4].price_reason"),
        ("unknown_customer", "customer_id"),
        ("unknown_location", "lines[3].location"),
        ("unknown_location", "location"),
        ("unknown_sku", "lines[0].sku"),
    ]


async def test_a_currency_that_is_not_accepted(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    (outcome,) = await factories.place(db, scope, factories.order(("TEA", 1), currency="EUR"))
    assert factories.codes(outcome) == [("currency_not_accepted", "currency")]


async def test_too_little_stock_refuses_or_waits(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 3}})
    (outcome,) = await factories.place(db, scope, factories.order(("TEA", 5)))
    assert isinstance(outcome, Rejected)
    assert [r.data() for r in outcome.reasons] == [{"sku": "TEA", "requested": 5, "available": 3}]
    assert outcome.reasons[0].field == "lines[0].quantity"
    for table in ("orders", "order_line", "reservation", "idempotency_key"):
        assert rows(owner, scope, f"SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s") == [(0,)]  # noqa: S608 - our own words
    owner.execute("UPDATE merchant SET backorder = true WHERE tenant_id = %s", (scope.tenant,))
    placed = await factories.place_one(db, scope, factories.order(("TEA", 5)))
    assert (placed.allocated, placed.waiting, placed.fulfillment_status) == (3, 2, "partly_allocated")
    told = rows(
        owner,
        scope,
        "SELECT data -> 'lines' -> 0 ->> 'quantity' FROM event_log"
        " WHERE tenant_id = %(tenant)s AND kind = 'orders.lines_backordered'",
    )
    assert told == [("2",)]


async def test_a_line_may_be_split_over_locations_but_only_where_allowed(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 3, "W2": 3}})
    never = factories.order(("TEA", 5), split="never")
    (outcome,) = await factories.place(db, scope, never)
    assert factories.codes(outcome) == [("insufficient_stock", "lines[0].quantity")]
    placed = await factories.place_one(db, scope, factories.order(("TEA", 5)))
    assert placed.allocated == 5


async def test_a_location_may_be_fixed_per_line_and_per_order(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    shop = await factories.shop(db, scope, {"TEA": {"W1": 9, "W2": 9}, "CUP": {"W1": 9, "W2": 9}})
    body = factories.order(
        NewLine(sku="TEA", quantity=2, location="W1"), ("CUP", 1), location="W2", ship_to=factories.BEIJING
    )
    await factories.place_one(db, scope, body)
    reserved = rows(
        owner,
        scope,
        "SELECT location_id, quantity FROM reservation WHERE tenant_id = %(tenant)s ORDER BY quantity",
    )
    assert reserved == [(shop.locations["W2"], 1), (shop.locations["W1"], 2)]


async def test_a_kit_bears_the_price_and_its_components_the_stock(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    shop = await factories.shop(db, scope, {"TEA": {"W1": 10}, "CUP": {"W1": 10}})
    async with db.begin(scope) as tx:
        parts = [(shop.skus["TEA"], 2), (shop.skus["CUP"], 1)]
        await factories.sku(tx, "SET", kind=SkuKind.kit, prices={"CNY": 2_500}, parts=parts)
        await factories.sku(tx, "COURSE", kind=SkuKind.service, prices={"CNY": 9_000})
    placed = await factories.place_one(db, scope, factories.order(("SET", 2), ("COURSE", 1)))
    assert (placed.total_minor, placed.allocated, placed.waiting) == (14_000, 6, 0)
    lines = rows(
        owner,
        scope,
        "SELECT line, kind, parent_line, code, ordered, allocated, total_minor FROM order_line"
        " WHERE tenant_id = %(tenant)s ORDER BY kind DESC, code DESC",
    )
    assert lines[0] == (2, "service", None, "COURSE", 1, 0, 9_000)
    assert lines[1] == (1, "kit", None, "SET", 2, 0, 5_000)
    assert [(kind, parent, code, ordered, allocated) for _, kind, parent, code, ordered, allocated, _ in lines[2:]] == [
        ("component", 1, "TEA", 4, 4),
        ("component", 1, "CUP", 2, 2),
    ]
    (outcome,) = await factories.place(db, scope, factories.order(("SET", 5)))
    assert factories.codes(outcome) == [("insufficient_stock", "lines[0].quantity")]


async def test_a_discount_is_spread_and_the_total_is_the_sum_of_the_lines(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}, "CUP": {"W1": 10}, "POT": {"W1": 10}})
    discount = OrderDiscount(reason="Sorry", amount_minor=1_000)
    body = factories.order(("TEA", 1), ("CUP", 1), ("POT", 1), discount=discount, shipping_minor=500)
    placed = await factories.place_one(db, scope, body)
    assert placed.total_minor == 2_500
    lines = rows(owner, scope, "SELECT kind, discount_minor FROM order_line WHERE tenant_id = %(tenant)s ORDER BY line")
    assert lines == [("goods", 334), ("goods", 333), ("goods", 333), ("fee", 0)]


async def test_the_same_key_leads_to_the_same_order(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    body = factories.order(("TEA", 1))
    placed = await factories.place_one(db, scope, factories.draft(body, key="k-1"))
    again, other = await factories.place(
        db,
        scope,
        factories.draft(body, key="k-1"),
        factories.draft(factories.order(("TEA", 2)), key="k-1"),
    )
    assert factories.placed_before(again) == placed
    assert factories.codes(other) == [("idempotency_key_reused", "Idempotency-Key")]


async def test_the_same_key_twice_in_one_batch(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    body = factories.order(("TEA", 1))
    first, again, other = await factories.place(
        db,
        scope,
        factories.draft(body, key="k-1"),
        factories.draft(body, key="k-1"),
        factories.draft(factories.order(("TEA", 2)), key="k-1"),
    )
    assert isinstance(first, Placed)
    assert again == AlreadyPlaced(first)
    assert factories.codes(other) == [("idempotency_key_reused", "Idempotency-Key")]
    refused = factories.order(("NOPE", 1))
    one, two = await factories.place(
        db, scope, factories.draft(refused, key="k-2"), factories.draft(refused, key="k-2")
    )
    assert factories.codes(one) == factories.codes(two) == [("unknown_sku", "lines[0].sku")]


async def test_a_refusal_keeps_no_key(db: Database, scope: Scope) -> None:
    shop = await factories.shop(db, scope, {"TEA": {"W1": 0}})
    wanted = factories.draft(factories.order(("TEA", 1)), key="k-1")
    (outcome,) = await factories.place(db, scope, wanted)
    assert factories.codes(outcome) == [("insufficient_stock", "lines[0].quantity")]
    async with db.begin(scope) as tx:
        await factories.receive(tx, shop, {"TEA": {"W1": 1}})
    assert isinstance((await factories.place(db, scope, wanted))[0], Placed)


async def test_where_nobody_gets_anything_nothing_is_written_and_everybody_may_try_again(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], recorder: StatementRecorder
) -> None:
    shop = await factories.shop(db, scope, {"TEA": {"W1": 0}})
    desk = OrderDesk(db, db.clock)
    body = factories.order(("TEA", 1))
    wishes = [(wish_of(body, None), f"k-{n}") for n in range(3)]
    await desk.place_many(scope, wishes, caller="test")  # the first one also fills the process's cache of price rules
    with recorder.watching() as sent:
        outcomes = await desk.place_many(scope, wishes, caller="test")
    assert {tuple(factories.codes(x)) for x in outcomes} == {(("insufficient_stock", "lines[0].quantity"),)}
    assert not any("DELETE FROM idempotency_key" in statement for statement in sent)
    assert rows(owner, scope, "SELECT count(*) FROM idempotency_key WHERE tenant_id = %(tenant)s") == [(0,)]
    async with db.begin(scope) as tx:
        await factories.receive(tx, shop, {"TEA": {"W1": 1}})
    first, *others = await desk.place_many(scope, wishes, caller="test")
    assert isinstance(first, Placed)
    assert {tuple(factories.codes(x)) for x in others} == {(("insufficient_stock", "lines[0].quantity"),)}
    assert await desk.place_many(scope, wishes[:1], caller="test") == [AlreadyPlaced(first)]
    await desk.close()


async def test_the_channels_id_is_unique_for_ever(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    body = factories.order(("TEA", 1), channel="shop", external_id="A-1")
    first, twice = await factories.place(db, scope, body, body)
    assert isinstance(first, Placed)
    assert twice == AlreadyPlaced(first)
    again, clash, elsewhere = await factories.place(
        db,
        scope,
        body,
        factories.order(("TEA", 2), channel="shop", external_id="A-1"),
        factories.order(("TEA", 2), channel="other", external_id="A-1"),
    )
    assert factories.placed_before(again) == first
    assert factories.codes(clash) == [("external_id_taken", "external_id")]
    assert isinstance(elsewhere, Placed)


async def test_a_saved_draft_becomes_one_order_however_many_of_a_batch_are_made_of_it(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    saved = await db.write(scope, lambda tx: orders.save_draft(tx, data={"lines": []}, caller="tests"))
    wish = factories.draft(factories.order(("TEA", 1)))._replace(saved=DraftRef(saved.draft_id))
    first, second = await factories.place(db, scope, wish._replace(key="k-1"), wish._replace(key="k-2"))
    assert isinstance(first, Placed)
    assert factories.codes(second) == [("draft_already_placed", None)]
    (late,) = await factories.place(db, scope, wish._replace(key="k-3"))
    for refused in (second, late):
        assert isinstance(refused, Rejected)
        assert first.number in str(refused.reasons[0])
    assert rows(owner, scope, "SELECT order_id FROM order_draft WHERE tenant_id = %(tenant)s") == [(first.order_id,)]
    assert rows(owner, scope, "SELECT count(*) FROM orders WHERE tenant_id = %(tenant)s") == [(1,)]


async def test_a_draft_that_was_thrown_away_meanwhile_becomes_no_order(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    saved = await db.write(scope, lambda tx: orders.save_draft(tx, data={"lines": []}, caller="tests"))
    await db.write(scope, lambda tx: orders.discard_draft(tx, draft_id=saved.draft_id))
    wish = factories.draft(factories.order(("TEA", 1)))._replace(saved=DraftRef(saved.draft_id))
    (refused,) = await factories.place(db, scope, wish)
    assert factories.codes(refused) == [("draft_not_found", None)]


async def test_what_a_refused_draft_of_the_batch_had_is_not_taken(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    cart_id = await filled(db, scope, {"TEA": 2})
    facts: dict[str, Any]
    for facts in ({"external_id": "A-1"}, {"cart_id": cart_id}):
        bad, good = factories.order(("NONE", 1), **facts), factories.order(("TEA", 1), **facts)
        refused, other = await factories.place(db, scope, bad, good)
        assert factories.codes(refused) == [("unknown_sku", "lines[0].sku")]
        assert factories.codes(other) == [("overtaken", None)]
        first, second = await factories.place(db, scope, good, factories.order(("TEA", 3), **facts))
        assert isinstance(first, Placed)
        taken = {"external_id": "external_id_taken", "cart_id": "cart_ordered"}
        assert factories.codes(second) == [(taken[field], field) for field in facts]
        if "external_id" in facts:
            assert isinstance(second, Rejected)
            assert second.reasons[0].data()["order"] == first.number


async def test_goods_that_a_cart_holds_where_nothing_is_sold_from_any_more_are_given_back(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 3}}, backorder=True)
    cart_id = await filled(db, scope, {"TEA": 2})
    async with db.begin(scope) as tx:
        (place,) = await tx.load_one(inventory.locations_by_code(["W1"]))
        closed = NewLocation(place.code, place.name, place.kind, place.lat, place.lon, place.priority, is_active=False)
        await stock.change_location(tx, location_id=place.location_id, wanted=closed)
    placed = await factories.place_one(db, scope, factories.order(("TEA", 2), cart_id=cart_id))
    assert (placed.allocated, placed.waiting) == (0, 2)
    assert rows(owner, scope, "SELECT count(*) FROM reservation WHERE tenant_id = %(tenant)s") == [(0,)]


async def test_imported_history_keeps_its_day_and_its_prices(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 0}})
    placed_at = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    sold = NewLine(sku="TEA", quantity=6, as_sold=AsSold(unit_minor=255, discount_minor=30, tax_minor=10))
    body = factories.order(sold, channel="import", external_id="536365", history=History(placed_at=placed_at))
    placed = await factories.place_one(db, scope, body)
    assert placed.placed_at == placed_at
    assert placed.number.startswith("SO-20101201-")
    assert (placed.total_minor, placed.tax_minor, placed.expires_at) == (1_500, 10, None)
    assert (placed.allocated, placed.waiting) == (0, 6)
    assert rows(owner, scope, "SELECT history FROM event_log WHERE tenant_id = %(tenant)s AND subject_kind = 'order'")
    assert rows(owner, scope, "SELECT count(*) FROM reservation WHERE tenant_id = %(tenant)s") == [(0,)]


async def test_a_revoked_key_fails_in_the_next_batch(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    gone = factories.draft(factories.order(("TEA", 1)))._replace(credential_id=uuid4())
    revoked, fine = await factories.place(db, scope, gone, factories.order(("TEA", 1)))
    assert factories.codes(revoked) == [("credential_revoked", None)]
    assert isinstance(fine, Placed)


async def test_a_preview_promises_nothing(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10}})
    async with db.read(scope) as tx:
        (plan,) = await placement.preview_orders(tx, [factories.draft(factories.order(("TEA", 2)))])
    assert isinstance(plan, Plan)
    assert (plan.total_minor, plan.allocated) == (2_000, 2)
    assert rows(owner, scope, "SELECT sum(reserved) FROM stock WHERE tenant_id = %(tenant)s") == [(0,)]


@pytest.mark.parametrize("kind", ["plain", "refused", "repeated"])
async def test_the_number_of_statements_does_not_depend_on_the_number_of_drafts(
    db: Database, scope: Scope, recorder: StatementRecorder, kind: str
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 10_000, "W2": 500}, "CUP": {"W1": 10_000}})
    code = "NOPE" if kind == "refused" else "TEA"
    async with db.begin(scope) as tx:
        key = await accounts.create_api_key(tx, name="k", permissions=ALL_PERMISSIONS, held=ALL_PERMISSIONS)
    address = msgspec.structs.replace(factories.BEIJING, lat=None, lon=None)
    body = factories.order((code, 1), ("CUP", 2), ship_to=address)

    async def statements(count: int) -> list[str]:
        drafts = [factories.draft(body)._replace(credential_id=key.api_key.api_key_id) for _ in range(count)]
        if kind == "repeated":
            await factories.place(db, scope, *drafts)
        with recorder.watching() as sent:
            outcomes = await factories.place(db, scope, *drafts)
        assert len(outcomes) == count
        return sent

    await statements(1)  # the first one also fills the process's cache of price rules
    one, many = await statements(1), await statements(200)
    assert one == many
    assert len(one) <= STATEMENTS_MAX


async def test_one_by_one_and_in_one_batch_come_to_the_same(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], other_tenant: UUID
) -> None:
    bodies = [
        factories.order(("TEA", 4)),
        factories.order(("TEA", 2), ("CUP", 3)),
        factories.order(("CUP", 9)),
        factories.order(("TEA", 5), split="never"),
        factories.order(("TEA", 3)),
        factories.order(("CUP", 1), ("TEA", 1)),
    ]
    stock = {"TEA": {"W1": 5, "W2": 6}, "CUP": {"W2": 4}}
    together, apart = scope, Scope(other_tenant)  # type: ignore[arg-type]  # the fixture's id
    await factories.shop(db, together, stock)
    await factories.shop(db, apart, stock)
    batch = await factories.place(db, together, *bodies)
    singles = [(await factories.place(db, apart, body))[0] for body in bodies]
    assert [_essence(o) for o in batch] == [_essence(o) for o in singles]
    left = "SELECT on_hand, reserved FROM stock WHERE tenant_id = %(tenant)s ORDER BY on_hand, reserved"
    assert rows(owner, together, left) == rows(owner, apart, left)


def _essence(outcome: object) -> object:
    if isinstance(outcome, Placed):
        return outcome.total_minor, outcome.allocated, outcome.waiting
    assert isinstance(outcome, Rejected)
    return [(r.code, r.data()) for r in outcome.reasons]


async def test_while_no_connection_is_to_be_had_a_refusal_names_what_needs_none(
    urls: Urls, db: Database, scope: Scope
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 1}})
    one = settings.Settings(pool_size=1, pool_timeout_s=1)
    busy = runtime.database(one, urls.app, clock=db.clock)
    desk = OrderDesk(busy, db.clock)
    wish = wish_of(NewOrder(lines=(NewLine(sku="TEA", quantity=0), NewLine(sku="NOPE", quantity=1))), None)
    async with busy.read(scope):
        with pytest.raises(errors.QuantityOutOfRange):
            await desk.place(scope, wish, caller="test", key=None)
    with pytest.raises(Rejections) as refused:
        await desk.place(scope, wish, caller="test", key=None)
    assert [reason.code for reason in refused.value.reasons] == ["quantity_out_of_range", "unknown_sku"]
    await desk.close()
    await busy.close()
