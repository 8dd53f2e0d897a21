"""Search by term tables: what an order is found by, and that its terms follow it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import indexing, service
from jiedan.orders.rules import wording
from jiedan.orders.rules.wording import Wording
from jiedan.orders.tables import OrderTerm
from jiedan.orders.values import (
    CancelRequest,
    Contact,
    HoldRequest,
    LiftRequest,
    LineQuantity,
    OrderEdit,
)
from tests.conftest import FakeClock
from tests.orders import factories, listing
from tests.orders.factories import order, place_one, shop
from tests.patience import until_it_waits

TERMS_OF_A_COMMON_ORDER_MAX = 25
MOVED_STATEMENTS_MAX = 9


def test_an_order_with_one_line_has_few_terms() -> None:
    common = Wording(
        "SO-20261121-000042",
        "web",
        names=("王小明",),
        phones=("+8613912345678",),
        skus=("TEA-01",),
        location_ids=(UUID(int=1),),
    )
    found = wording.order_terms(common)
    assert len(found) == len(set(found)) <= TERMS_OF_A_COMMON_ORDER_MAX
    assert {"so-20261121-000042", "20261121000042", "000042", "42", "tea-01", ":sku:tea-01", ":channel:web"} <= set(
        found
    )


def test_a_word_that_another_begins_with_is_not_written_and_still_found() -> None:
    both = Wording(
        "SO-20261121-000042",
        "web",
        external_id="demo-12",
        phones=("+8613912345678",),
        emails=("li@example.co", "li@example.com"),
        tags=("gift", "gift-card"),
        holds=("fraud", "fraud_check"),
        names=("Anna Ann", "Li"),
    )
    found = wording.order_terms(both)
    assert found == sorted(set(found))
    assert not {"20261121", "demo", "ann", "so"} & set(found)
    for words in ("20261121", "demo", "ann", "anna", "SO", "li", "139", "5678", "42"):
        for start, end in wording.query_ranges(words):
            assert any(start <= term < end for term in found), words
    asked_for_as_they_stand = {":tag:gift", ":tag:gift-card", ":hold:fraud", ":hold:fraud_check", "li@example.co"}
    assert asked_for_as_they_stand <= set(found)


WORDS = st.text("ab1-@", max_size=6)
MOVES = st.fixed_dictionaries(
    {
        "references": st.lists(WORDS, max_size=3).map(tuple),
        "holds": st.lists(st.sampled_from(["fraud", "fraud_check"]), max_size=2).map(tuple),
        "location_ids": st.lists(st.integers(1, 2).map(lambda x: UUID(int=x)), max_size=2).map(tuple),
        "is_waiting": st.booleans(),
    }
)


@given(words=st.lists(WORDS, min_size=5, max_size=5), first=MOVES, then=MOVES)
def test_the_terms_of_what_moved_on_follow_from_those_it_had(words: list[str], first: Any, then: Any) -> None:
    name, phone, email, sku, tag = ((word,) for word in words)
    before = Wording("SO-1", "web", names=name, phones=phone, emails=email, skus=sku, tags=tag, **first)
    after = before._replace(**{**then, "references": (*before.references, *then["references"])})
    unread = Wording("", "", **{key: getattr(after, key) for key in then})
    assert wording.moved_terms(wording.order_terms(before), unread) == wording.order_terms(after)


@pytest.mark.parametrize("sku", ["978-7-111-21382-6", "20 26.11/21", "100200300", "AB-12/x", "100-2"])
def test_an_order_is_found_by_its_sku_as_it_is_written(sku: str) -> None:
    found = wording.order_terms(wording.Wording("SO-1", "web", skus=(sku,)))
    for start, end in wording.query_ranges(sku):
        assert any(start <= term < end for term in found), start


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("SO-20261121-000042", ["so-20261121-000042"]),
        ("ＳＯ-20261121-000042 王芳", ["so-20261121-000042", "王芳"]),
        ("139 1234 5678", ["13912345678"]),
        ("Li.Lei@Example.com", ["li.lei@example.com"]),
        ("well-known name", ["well", "known", "name"]),
        ("AB-12/x", ["ab-12/x"]),
        (" ,;- ", []),
    ],
)
def test_what_is_typed_becomes_words(text: str, starts: list[str]) -> None:
    assert [start for start, _ in wording.query_ranges(text)] == starts


async def _terms(db: Database, scope: Scope, order_id: UUID) -> set[str]:
    async with db.read(scope) as tx:
        rows = await tx.execute(
            sa.select(OrderTerm.term).where(OrderTerm.tenant_id == tx.tenant, OrderTerm.order_id == order_id)
        )
        return {row.term for row in rows}


async def test_an_order_is_found_by_everything_that_people_say_of_it(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA-01": {"W1": 9}, "CUP": {"W1": 9}})
    wanted = await place_one(
        db,
        scope,
        order(
            ("TEA-01", 1),
            channel="tmall",
            external_id="TM/778-9",
            contact=Contact(name="王小明", phone="+8613912345678", email="xiaoming@example.com"),
            ship_to=factories.BEIJING,
        ),
    )
    other = await place_one(db, scope, order(("CUP", 1), contact=Contact(name="Anna Bell", phone="+8613800000000")))
    await listing.drain(db, scope)
    for text in (
        wanted.number,
        "TM/778-9",
        "tm/778",
        "王小明",
        "小明",
        "wangxiaoming",
        "wxm",
        "李雷",
        "13912345678",
        "+86 139 1234 5678",
        "5678",
        "xiaoming@example.com",
        "xiaoming",
        "tea-01",
        "王 tea-01 5678",
    ):
        assert await listing.found(db, scope, q=text) == [wanted.order_id], text
    assert await listing.found(db, scope, q="anna b") == [other.order_id]
    assert await listing.found(db, scope, q="anna 5678") == []
    assert await listing.found(db, scope, q=" - ") == []


async def test_terms_follow_the_order(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 2, "W2": 0}}, backorder=True)
    placed = await place_one(db, scope, order(("TEA", 3), contact=Contact(name="Anna")))
    key = placed.order_id
    await listing.drain(db, scope)
    assert {"anna", wording.WAITING, wording.location_term(opened.locations["W1"])} <= await _terms(db, scope, key)

    edit = OrderEdit(contact=Contact(name="Berta"), tags=("Gift",))
    await db.write(scope, lambda tx: service.edit_order(tx, order_id=key, edit=edit, version=1))
    (hold_id,) = await db.write(
        scope, lambda tx: service.place_holds(tx, requests=[HoldRequest(key, "address_check", "No number.")])
    )
    await listing.drain(db, scope)
    terms = await _terms(db, scope, key)
    assert {"berta", ":tag:gift", ":hold:address_check", wording.HELD} <= terms
    assert "anna" not in terms

    await db.write(
        scope,
        lambda tx: service.lift_holds(tx, requests=[LiftRequest(hold_id, "Called.", frozenset({"orders:lift"}))]),  # type: ignore[arg-type]  # a row's id
    )
    await db.write(
        scope, lambda tx: service.cancel_orders(tx, requests=[CancelRequest(key, "less", (LineQuantity(1, 1),))])
    )
    await listing.drain(db, scope)
    terms = await _terms(db, scope, key)
    assert not {":hold:address_check", wording.HELD, wording.WAITING} & terms


@pytest.mark.parametrize("text", ["tag", "hold", "is", "sku", "channel", "location", "tag:gift1", ":tag:gift1"])
async def test_the_names_of_marks_are_words_like_any(db: Database, scope: Scope, text: str) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    placed = await place_one(db, scope, order(("TEA", 3), contact=Contact(name="Anna"), tags=("gift1",)))
    await place_one(db, scope, order(("TEA", 1), contact=Contact(name="Tag Holder", email="is@example.com")))
    await db.write(
        scope, lambda tx: service.place_holds(tx, requests=[HoldRequest(placed.order_id, "fraud_check", "Odd.")])
    )
    await listing.drain(db, scope)
    assert placed.order_id not in await listing.found(db, scope, q=text)
    assert await listing.found(db, scope, q=text, tag="gift1") == []
    assert await listing.found(db, scope, q="anna", tag="gift1", held=True) == [placed.order_id]


async def test_stock_that_comes_elsewhere_changes_location_and_waiting(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 1, "W2": 0}}, backorder=True)
    placed = await place_one(db, scope, order(("TEA", 3)))
    await listing.drain(db, scope)
    assert await listing.found(db, scope, waiting=True) == [placed.order_id]
    assert await listing.found(db, scope, location="W2") == []
    async with db.begin(scope) as tx:
        await factories.receive(tx, opened, {"TEA": {"W2": 5}})
    await listing.drain(db, scope)
    await listing.drain(db, scope)
    assert await listing.found(db, scope, location="W2") == [placed.order_id]
    assert await listing.found(db, scope, waiting=True) == []
    assert await listing.found(db, scope, waiting=False) == [placed.order_id]


async def test_writing_terms_again_changes_nothing_and_many_cost_no_more_statements(
    db: Database, scope: Scope, recorder: StatementRecorder, clock: FakeClock
) -> None:
    await shop(db, scope, {"TEA": {"W1": 99}})
    placed = [await place_one(db, scope, order(("TEA", 1), contact=Contact(name=f"N{i}"))) for i in range(5)]
    async with db.begin(scope) as tx:
        assert await indexing.write_terms(tx, [placed[0].order_id])
    clock.advance(timedelta(minutes=1))
    with recorder.watching() as sent:
        async with db.begin(scope) as tx:
            assert await indexing.write_terms(tx, [x.order_id for x in placed])
    assert len(sent) <= 7
    async with db.begin(scope) as tx:
        assert await indexing.write_terms(tx, [x.order_id for x in placed]) == 0


async def test_what_only_moved_is_found_as_if_all_of_it_had_been_read(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}}, backorder=True)
    facts = {"contact": Contact(name="Anna"), "ship_to": factories.BEIJING, "tags": ("gift",)}
    known, never = [await place_one(db, scope, order(("TEA", 6), **facts)) for _ in range(2)]
    both = {known.order_id, never.order_id}
    async with db.begin(scope) as tx:
        await indexing.write_terms(tx, [known.order_id])
        holds = [HoldRequest(x, "address_check", "No number.") for x in both]
        assert await service.place_holds(tx, requests=holds)
        await service.add_references(tx, references=[(x, "SF100200300") for x in both])
    with recorder.watching() as sent:
        async with db.begin(scope) as tx:
            assert await indexing.write_terms(tx, [], moved=both)
    assert len(sent) <= MOVED_STATEMENTS_MAX
    for each in (known, never):
        found = await _terms(db, scope, each.order_id)
        assert {"anna", ":tag:gift", ":hold:address_check", wording.HELD, "sf100200300"} <= found
        assert (wording.WAITING in found) == (each is never)
    async with db.begin(scope) as tx:
        assert await indexing.write_terms(tx, both) == 0, "reading all of it comes to the same"
        assert await indexing.write_terms(tx, [], moved=both) == 0


async def test_two_who_write_the_terms_of_one_order_leave_what_the_later_saw(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await shop(db, scope, {"TEA": {"W1": 99}})
    placed = await place_one(db, scope, order(("TEA", 1)))
    for edit in (None, OrderEdit(tags=("gift",))):
        if edit is not None:
            async with db.begin(scope) as tx:
                await service.edit_order(tx, order_id=placed.order_id, edit=edit, version=1)
        async with db.begin(scope) as tx:
            assert await indexing.write_terms(tx, [placed.order_id]) > 0
            later = asyncio.create_task(db.write(scope, lambda tx: indexing.write_terms(tx, [placed.order_id])))
            await until_it_waits(later, owner)
            assert not later.done()
        assert await later == 0


async def test_another_merchants_orders_are_not_found(db: Database, scope: Scope, other_tenant: UUID) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    await place_one(db, scope, order(("TEA", 1), contact=Contact(name="Anna")))
    await listing.drain(db, scope)
    elsewhere = Scope(other_tenant)  # type: ignore[arg-type]  # the fixture's id
    assert await listing.found(db, elsewhere, q="anna") == []
    assert await listing.found(db, elsewhere) == []
