"""Pieces made to measure at prices by hand, and sold in packs: what was asked is told all the same."""

from typing import Any

import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.orders import queries, service
from jiedan.orders.rules import at_placement
from jiedan.orders.service import erasure
from jiedan.orders.tables import OrderLine
from jiedan.orders.values import History, LinePrice, NewLine, PriceEdit
from jiedan.pricing.values import AsSold
from tests.catalog.factories import sold_in
from tests.conftest import NOON
from tests.orders.factories import codes, order, place, place_one
from tests.orders.test_bespoke import SAID, curtain, sold
from tests.pricing.bespoke_formulas import LINEN_MINOR, ORDERED, SILK_MINOR

SILK = {**ORDERED, "fabric": "silk"}


async def test_packs_count_all_pieces_together(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    await sold_in(db, scope, "CURTAIN", order_minimum=3)
    (refused,) = await place(db, scope, order(curtain(), curtain(attributes=SILK)))
    assert codes(refused) == [("quantity_too_small", "lines[0].quantity")]
    by_hand = curtain(attributes=SILK, unit_price_minor=100_000, price_reason="A stain.")
    placed = await place_one(db, scope, order(curtain(2), by_hand))
    async with db.read(scope) as tx:
        lines = (await queries.order(tx, placed.order_id)).lines
        told = await service.explain_prices(tx, order_id=placed.order_id, locale="en")
    assert [(x.unit_minor, x.ruled_minor) for x in lines] == [(LINEN_MINOR, None), (100_000, SILK_MINOR)]
    assert told.is_same, told.reasons


async def test_what_is_set_by_hand_later_hides_neither_measures_nor_the_formula(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(2), ("TEA", 1)))
    edit = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=50_000, price_reason="A stain."),))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=edit, version=None))
    async with db.read(scope) as tx:
        found = await queries.order(tx, placed.order_id)
        told = await service.explain_prices(tx, order_id=placed.order_id, locale="en")
    line, was = found.lines[0], at_placement.order_of(found).lines[0]
    assert (line.unit_minor, line.price_source, line.ruled_minor) == (50_000, "manual", 2 * LINEN_MINOR)
    assert (was.unit_minor, was.price_source) == (LINEN_MINOR, "rule")
    assert line.attributes == was.attributes == SAID
    assert told.is_same, told.reasons
    back = PriceEdit(lines=(LinePrice(line=1),))
    done = await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=back, version=None))
    assert (done.lines[0].unit_minor, done.lines[0].price_source) == (LINEN_MINOR, "rule")


async def test_what_another_system_was_told_is_erased_with_a_price_by_hand_too(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    sold_then = NewLine(sku="CURTAIN", quantity=1, as_sold=AsSold(100, 0, 0), attributes={"Breite": "2,4 m"})
    elsewhere = await place_one(db, scope, order(sold_then, history=History(placed_at=NOON)))
    ours = await place_one(db, scope, order(curtain()))
    # As where its price was set by hand since.
    by_hand: dict[str, Any] = {"price_source": "manual", "price_reason": "A stain.", "placed_source": "as_sold"}
    by_hand |= {"placed_unit_minor": 100, "placed_discount_minor": 0, "placed_by_hand_minor": 0}
    of_it = sa.update(OrderLine).where(OrderLine.tenant_id == scope.tenant, OrderLine.order_id == elsewhere.order_id)
    async with db.begin(scope) as tx:
        await tx.execute(of_it.values(by_hand))
        await erasure.erase_orders(tx, order_ids=[elsewhere.order_id, ours.order_id])
    async with db.read(scope) as tx:
        lines = [(await queries.order(tx, x.order_id)).lines[0] for x in (elsewhere, ours)]
    assert [x.attributes for x in lines] == [(), SAID]
