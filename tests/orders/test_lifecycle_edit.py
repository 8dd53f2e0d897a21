"""An order is edited before it leaves: previewed, sourced and taxed again, or refused."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections, StaleVersion
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Thresholds, ThresholdsWish
from jiedan.orders import errors, queries, service
from jiedan.orders.rules import drafts
from jiedan.orders.service import Edited
from jiedan.orders.values import NOTES_KEPT_MAX, Contact, NewLine, NewNote, OrderEdit, OrderId
from jiedan.pricing import service as pricing
from tests.conftest import FakeClock
from tests.orders.factories import BEIJING, PRICE_MINOR, order, place_one, shop
from tests.orders.test_lifecycle import kinds, read, reserved


async def edit(
    db: Database, scope: Scope, order_id: UUID, change: OrderEdit, *, version: int | None, is_preview: bool = False
) -> Edited:
    return await db.write(
        scope,
        lambda tx: service.edit_order(tx, order_id=order_id, edit=change, version=version, is_preview=is_preview),
    )


async def test_a_new_address_is_sourced_again_and_a_preview_changes_nothing(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 5, "W2": 5}})
    placed = await place_one(db, scope, order(("A", 2), ship_to=BEIJING))
    assert await reserved(db, scope, opened, "A", "W1") == 2
    southern = Address(
        country="CN", region="河北省", city="石家庄市", district="长安区", line1="中山路 1 号",
        postal_code="050000", lat=38.9, lon=116.4,
    )  # fmt: skip
    change = OrderEdit(ship_to=southern, notes=(NewNote(kind="packaging", text="Gift wrap"),), tags=("vip",))
    previewed = await edit(db, scope, placed.order_id, change, version=1, is_preview=True)
    assert set(previewed.changed) == {"ship_to", "notes", "tags"}
    assert await reserved(db, scope, opened, "A", "W1") == 2
    done = await edit(db, scope, placed.order_id, change, version=1)
    assert done.lines == previewed.lines
    assert done.sourcing is not None
    assert done.sourcing.chosen[0].location == "W2"
    assert (await reserved(db, scope, opened, "A", "W1"), await reserved(db, scope, opened, "A", "W2")) == (0, 2)
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [placed.order_id]))[OrderId(placed.order_id)]
    assert details.addresses["ship_to"] == southern
    assert (details.tags, [note.text for note in details.notes]) == (("vip",), ["Gift wrap"])
    assert (await read(db, scope, placed.order_id)).order.version == 2


async def test_another_country_is_taxed_again(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 5}}, prices_include_tax=False)
    rates = [pricing.TaxRateRow("CN", "standard", 130_000), pricing.TaxRateRow("HK", "standard", 0)]
    await db.write(scope, lambda tx: pricing.set_tax_rates(tx, rows=rates))
    placed = await place_one(db, scope, order(("A", 3), ship_to=BEIJING))
    assert placed.total_minor == 3 * PRICE_MINOR + 390
    abroad = Address(country="HK", region="Kowloon", district="Mong Kok", line1="1 Nathan Road")
    await edit(db, scope, placed.order_id, OrderEdit(ship_to=abroad), version=None)
    found = (await read(db, scope, placed.order_id)).order
    assert (found.total_minor, found.tax_minor) == (3 * PRICE_MINOR, 0)


async def test_an_edit_that_cannot_be_is_refused(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 1)))
    await edit(db, scope, placed.order_id, OrderEdit(contact=Contact(name="王敏")), version=1)
    with pytest.raises(StaleVersion) as stale:
        await edit(db, scope, placed.order_id, OrderEdit(contact=Contact(name="李雷")), version=1)
    assert stale.value.changed == "contact"
    with pytest.raises(errors.NothingToEdit):
        await edit(db, scope, placed.order_id, OrderEdit(contact=Contact(name="王敏")), version=2)
    with pytest.raises(errors.UnknownLocation):
        await edit(db, scope, placed.order_id, OrderEdit(location="MOON"), version=2)
    with pytest.raises((Rejections, Refusal)) as bad:
        await edit(db, scope, placed.order_id, OrderEdit(ship_to=Address(country="XX")), version=2)
    assert bad.value.field == "ship_to.country"


async def test_an_edit_is_refused_what_placement_refuses(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 1)))
    nobody = Address(**(msgspec.structs.asdict(BEIJING) | {"phone": "one two three"}))
    wrong = OrderEdit(
        contact=Contact(email="no at sign", phone="not a phone"),
        ship_to=nobody,
        bill_to=nobody,
        delivery_wish=clock.now().date() + timedelta(days=drafts.DELIVERY_WISH_DAYS_MAX + 2),
        tags=("vip", "gift", "vip"),
    )
    with pytest.raises(Rejections) as refused:
        await edit(db, scope, placed.order_id, wrong, version=1)
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
        ("email_invalid", "contact.email"),
        ("phone_invalid", "contact.phone"),
        ("phone_invalid", "ship_to.phone"),
        ("phone_invalid", "bill_to.phone"),
        ("date_out_of_range", "delivery_wish"),
        ("repeated_tag", "tags"),
    ]
    assert (await read(db, scope, placed.order_id)).order.version == 1


async def test_an_order_has_no_more_notes_than_one_reads(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 1)))
    ten = OrderEdit(notes=tuple(NewNote(text=f"Note {i}") for i in range(10)))
    for _ in range(NOTES_KEPT_MAX // 10):
        await edit(db, scope, placed.order_id, ten, version=None)
    with pytest.raises(errors.TooManyNotes) as refused:
        await edit(db, scope, placed.order_id, OrderEdit(notes=(NewNote(text="One more"),)), version=None)
    assert (refused.value.field, refused.value.notes) == ("notes", NOTES_KEPT_MAX)


async def test_phones_of_an_edit_are_kept_as_placement_keeps_them(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 1)))
    abroad = Address(
        country="HK", region="Kowloon", district="Mong Kok", line1="1 Nathan Road", phone="2345 6789"
    )  # fmt: skip
    await edit(db, scope, placed.order_id, OrderEdit(contact=Contact(phone="139 1234 5678")), version=1)
    assert (await read(db, scope, placed.order_id)).order.contact.phone == "+8613912345678"
    moved = OrderEdit(contact=Contact(phone="2345 6789"), ship_to=abroad)
    await edit(db, scope, placed.order_id, moved, version=2)
    assert (await read(db, scope, placed.order_id)).order.contact.phone == "+85223456789"
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [placed.order_id]))[OrderId(placed.order_id)]
    assert details.addresses["ship_to"].phone == "+85223456789"
    with pytest.raises(errors.NothingToEdit):  # another notation of what stands there already
        await edit(db, scope, placed.order_id, moved, version=3)


async def test_a_wish_that_passed_meanwhile_does_not_stop_an_edit(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    wish = clock.now().date() + timedelta(days=1)
    placed = await place_one(db, scope, order(("A", 1), delivery_wish=wish))
    clock.advance(timedelta(days=10))
    done = await edit(db, scope, placed.order_id, OrderEdit(delivery_wish=wish, tags=("late",)), version=1)
    assert set(done.changed) == {"tags"}
    passed = OrderEdit(delivery_wish=wish + timedelta(days=1))
    with pytest.raises(errors.DateOutOfRange):
        await edit(db, scope, placed.order_id, passed, version=2)


async def test_an_edit_may_not_take_goods_away_where_nothing_may_wait(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 5, "W2": 1}, "B": {"W1": 5, "W2": 5}, "C": {"W1": 5}})
    placed = await place_one(db, scope, order(("A", 2), ("B", 2), ("C", 1), ship_to=BEIJING))
    for is_preview in (True, False):
        with pytest.raises(Rejections) as refused:
            await edit(db, scope, placed.order_id, OrderEdit(location="W2"), version=1, is_preview=is_preview)
        short = [x for x in refused.value.reasons if isinstance(x, errors.InsufficientStock)]
        assert [(x.sku, x.requested, x.available, x.field) for x in short] == [
            ("A", 2, 1, "location"),
            ("C", 1, 0, "location"),
        ]
    assert await reserved(db, scope, opened, "A", "W1") == 2
    assert (await read(db, scope, placed.order_id)).order.version == 1


async def test_an_edit_may_make_lines_wait_where_the_merchant_lets_them(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 5, "W2": 1}}, backorder=True)
    placed = await place_one(db, scope, order(("A", 2), ship_to=BEIJING))
    done = await edit(db, scope, placed.order_id, OrderEdit(location="W2"), version=1)
    assert [(x.allocated, x.waiting) for x in done.lines] == [(1, 1)]
    assert "orders.lines_backordered" in await kinds(db, scope, placed.order_id)


async def test_lines_change_places_where_the_safety_stock_was_raised_meanwhile(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"A": {"W1": 2, "W2": 1}}, backorder=True)
    cheap = NewLine(sku="A", quantity=1, unit_price_minor=500, price_reason="Sample")
    placed = await place_one(db, scope, order(("A", 2), cheap, ship_to=BEIJING))
    assert (await reserved(db, scope, opened, "A", "W1"), await reserved(db, scope, opened, "A", "W2")) == (2, 1)
    wishes = [ThresholdsWish(opened.skus["A"], place, Thresholds(9)) for place in opened.locations.values()]
    raised = await db.write(scope, lambda tx: inventory.set_thresholds_many(tx, wishes=wishes))
    assert not any(isinstance(x, Refusal) for x in raised)
    edited = await edit(db, scope, placed.order_id, OrderEdit(location="W2"), version=1)
    assert [(line.allocated, line.waiting) for line in edited.lines] == [(1, 1), (0, 1)]
    assert (await reserved(db, scope, opened, "A", "W1"), await reserved(db, scope, opened, "A", "W2")) == (0, 1)
    first, second = (line.line_id for line in edited.lines)
    async with db.read(scope) as tx:
        held = await tx.load_one(stock.reservations_of_owners("order_line", [first, second]))
    assert {line_id: [(r.location_id, r.quantity) for r in of] for line_id, of in held.items()} == {
        first: [(opened.locations["W2"], 1)]
    }
