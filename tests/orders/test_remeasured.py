"""Orders whose pieces are made to other measures: pieces alike, canceled, paid, taxed elsewhere, of other rules."""

from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from jiedan.base.db import Database, Scope
from jiedan.catalog.tables import Product, Sku
from jiedan.orders import api, queries, service
from jiedan.orders.rules import remeasuring, replaying
from jiedan.orders.tables import Order, OrderLine
from jiedan.orders.values import (
    CancelRequest,
    LinePrice,
    LineQuantity,
    OrderEdit,
    PaymentFact,
    Placed,
    PriceEdit,
)
from jiedan.pricing import queries as prices
from jiedan.pricing import service as pricing
from jiedan.pricing.values import OrderDiscount
from tests.base import web_client
from tests.orders.factories import BEIJING, order, place_one, shop
from tests.orders.test_bespoke import curtain, publish, sold
from tests.orders.test_history import refunds_due
from tests.orders.test_lifecycle import cancel, pay
from tests.orders.test_remeasuring import NARROW, current, edit, measures, refused
from tests.orders.test_tax_exempt import BERLIN
from tests.pricing import shipping_methods
from tests.pricing.bespoke_formulas import CURTAIN, LINEN_MINOR, ORDERED
from tests.replays import factories as replays

SILK: dict[str, Any] = {"attributes": {**ORDERED, "fabric": "silk"}}


def one_of(placed: Placed, line: int) -> CancelRequest:
    """Return a wish to give up one unit of a line."""
    return CancelRequest(placed.order_id, "changed_mind", (LineQuantity(line, 1),))


async def units(db: Database, scope: Scope, placed: Placed) -> list[int]:
    return [x.unit_minor for x in (await current(db, scope, placed.order_id)).lines]


async def test_pieces_alike_count_together_and_a_sibling_keeps_its_price(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 100, "W2": 100}})
    await publish(db, scope, replace(CURTAIN, expression=f"{CURTAIN.expression} / quantity"))
    placed = await place_one(db, scope, order(curtain(location="W1"), curtain(location="W2"), curtain(3, **SILK)))
    assert await units(db, scope, placed) == [55_500, 55_500, 136_000], "of two and of three: a part of 30.00 each"
    await edit(db, scope, placed, measures(fabric="silk"))
    assert await units(db, scope, placed) == [135_750, 55_500, 136_000], "the fourth of silk; others stay"
    await edit(db, scope, placed, measures(fabric="linen"))
    assert await units(db, scope, placed) == [55_500, 55_500, 136_000], "as it was placed"
    both = OrderEdit(measures=measures(1, width="1 m").measures + measures(2, width="1 m").measures)
    await edit(db, scope, placed, both)
    assert await units(db, scope, placed) == [25_500, 25_500, 136_000]
    await cancel(db, scope, one_of(placed, 2))
    await edit(db, scope, placed, measures(1, width="2.4 m"))
    assert await units(db, scope, placed) == [57_000, 25_500, 136_000], "canceled pieces are not made"


async def test_a_partly_canceled_line_is_made_otherwise(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(3)))
    await cancel(db, scope, one_of(placed, 1))
    assert (await current(db, scope, placed.order_id)).order.total_minor == 2 * LINEN_MINOR
    await edit(db, scope, placed, measures(width="1 m"))
    found = await current(db, scope, placed.order_id)
    assert (found.lines[0].unit_minor, found.lines[0].canceled) == (NARROW, 1)
    assert found.order.total_minor == 2 * NARROW


async def test_a_piece_goes_back_from_a_price_by_hand_that_it_was_placed_with(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(2, unit_price_minor=50_000, price_reason="A stain.")))
    assert await refused(db, scope, placed, measures(width="1 m")) == [("price_by_hand_stands", "measures[0].line")]
    back = PriceEdit(lines=(LinePrice(line=1),))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=back, version=None))
    (line,) = (await current(db, scope, placed.order_id)).lines
    assert (line.unit_minor, line.price_source) == (LINEN_MINOR, "rule")
    done = await edit(db, scope, placed, measures(width="1 m"))
    assert done.lines[0].unit_minor == NARROW
    async with db.read(scope) as tx:
        told = await service.explain_prices(tx, order_id=placed.order_id, locale="en")
    assert told.is_same, told.reasons


async def test_rules_that_are_not_kept_are_not_replaced_by_those_in_force(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain()))
    async with db.begin(scope) as tx:
        await tx.execute(
            sa.text("UPDATE orders SET price_rules_version = 99 WHERE tenant_id = :tenant AND order_id = :order_id"),
            {"tenant": scope.tenant, "order_id": placed.order_id},
        )
    assert await refused(db, scope, placed, measures(width="1 m")) == [("formula_not_kept", "measures[0].line")]
    async with db.read(scope) as tx:
        assert await service.measured(tx, await queries.order(tx, placed.order_id)) == {}


DEARER = replace(CURTAIN, code="dearer", expression=f"{CURTAIN.expression} + 10", goods=("product:BLIND",))
"""Asks for the same as the one of curtains, and prices it at 10.00 more."""


async def of_two_formulas(db: Database, scope: Scope) -> Placed:
    """Return an order of a curtain that has come to a product since that another formula prices."""
    await shop(db, scope, {"CURTAIN": {"W1": 100}, "BLIND": {"W1": 100}})
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=replace(CURTAIN, goods=("product:CURTAIN",)))
        await pricing.create_rule(tx, kind="formula", body=DEARER)
        await pricing.publish(tx)
    placed = await place_one(db, scope, order(curtain()))
    async with db.begin(scope) as tx:
        there = sa.select(Product.product_id).where(Product.tenant_id == scope.tenant, Product.code == "BLIND")
        moved = sa.update(Sku).where(Sku.tenant_id == scope.tenant, Sku.code == "CURTAIN")
        await tx.execute(moved.values(product_id=there.scalar_subquery(), option_values=["Wide"]))
    return placed


async def test_goods_that_moved_stay_with_the_formula_that_priced_them(db: Database, scope: Scope) -> None:
    placed = await of_two_formulas(db, scope)
    assert (await current(db, scope, placed.order_id)).lines[0].formula == "curtain"
    async with db.read(scope) as tx:
        told = await service.explain_prices(tx, order_id=placed.order_id, locale="en")
        asked = await service.measured(tx, await queries.order(tx, placed.order_id))
    assert told.is_same, told.reasons
    assert [x.code for x in asked.values()] == ["curtain"]
    replay = await replays.done(db, scope)
    assert (await replays.figures(db, scope, replay))["total"] == (1, LINEN_MINOR, LINEN_MINOR)
    async with db.begin(scope) as tx:
        (rule,) = [x for x in await tx.load_one(prices.draft_rules()) if x.code == "curtain"]
        await pricing.remove_rule(tx, rule_id=rule.rule_id)
    replay = await replays.done(db, scope)
    told_anew = (await replays.figures(db, scope, replay))["total"]
    assert told_anew == (1, LINEN_MINOR, LINEN_MINOR + 1_000), "rules that know no such formula price what it is now"
    after = await edit(db, scope, placed, measures(width="1 m"))
    assert (after.lines[0].unit_minor, after.lines[0].formula) == (NARROW, "curtain")
    again = await place_one(db, scope, order(curtain()))
    assert again.total_minor == LINEN_MINOR + 1_000
    assert (await current(db, scope, again.order_id)).lines[0].formula == "dearer"


async def test_of_a_line_that_keeps_no_formula_another_one_prices_nothing_it_does_not_say(
    db: Database, scope: Scope
) -> None:
    placed = await of_two_formulas(db, scope)
    older = sa.update(OrderLine).where(OrderLine.tenant_id == scope.tenant).values(formula=None)
    async with db.begin(scope) as tx:
        await tx.execute(older)
    async with db.read(scope) as tx:
        assert [x.code for x in (await service.measured(tx, await queries.order(tx, placed.order_id))).values()] == [
            "dearer"
        ]
    fewer = replace(DEARER, expression="width * setup", attributes=CURTAIN.attributes[:1], tables=())
    async with db.begin(scope) as tx:
        (rule,) = [x for x in await tx.load_one(prices.draft_rules()) if x.code == "dearer"]
        await pricing.change_rule(tx, rule_id=rule.rule_id, body=fewer, expected_version=rule.version)
        published = await pricing.publish(tx)
        priced_by = sa.update(Order).where(Order.tenant_id == scope.tenant)
        await tx.execute(priced_by.values(price_rules_version=published.version))
    assert await refused(db, scope, placed, measures(width="1 m")) == [("formula_not_kept", "measures[0].line")]
    async with db.read(scope) as tx:
        assert await service.measured(tx, await queries.order(tx, placed.order_id)) == {}


async def test_what_was_paid_beyond_the_new_price_is_due_back(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain()))
    await pay(db, scope, PaymentFact(placed.order_id, captured_minor=LINEN_MINOR))
    await edit(db, scope, placed, measures(width="1 m"), is_preview=True)
    assert await refunds_due(db, scope, placed.order_id) == []
    await edit(db, scope, placed, measures(width="1 m"))
    assert await refunds_due(db, scope, placed.order_id) == [("open", LINEN_MINOR - NARROW)]
    found = (await current(db, scope, placed.order_id)).order
    assert found.balance_minor == LINEN_MINOR - NARROW


async def test_other_measures_and_another_address_are_taxed_there(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 100}}, prices_include_tax=False)
    rates = [pricing.TaxRateRow("CN", "standard", 130_000), pricing.TaxRateRow("DE", "standard", 190_000)]
    await db.write(scope, lambda tx: pricing.set_tax_rates(tx, rows=rates))
    await publish(db, scope)
    placed = await place_one(db, scope, order(curtain(), ship_to=BEIJING))
    before = (await current(db, scope, placed.order_id)).order
    assert (before.total_minor, before.tax_minor) == (LINEN_MINOR * 113 // 100, LINEN_MINOR * 13 // 100)
    wish = replace(measures(width="1 m"), ship_to=BERLIN)
    looked = await edit(db, scope, placed, wish, is_preview=True)
    await edit(db, scope, placed, wish)
    found = await current(db, scope, placed.order_id)
    assert (found.order.total_minor, found.order.tax_minor) == (NARROW * 119 // 100, NARROW * 19 // 100)
    assert (looked.order.total_minor, looked.order.tax_minor) == (found.order.total_minor, found.order.tax_minor)
    assert found.lines[0].tax_rate_ppm == 190_000


async def test_shipping_stays_what_it_was_told(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    method = shipping_methods.method(shipping_methods.flat(1_200, free_from_minor=LINEN_MINOR))
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="shipping_method", body=method)
        await pricing.publish(tx)
    free = await place_one(db, scope, order(curtain()))
    asked = await place_one(db, scope, order(curtain(attributes={**ORDERED, "width": "1 m"})))
    assert (free.total_minor, asked.total_minor) == (LINEN_MINOR, NARROW + 1_200)
    await edit(db, scope, free, measures(width="1 m"))
    await edit(db, scope, asked, measures(width="2.4 m"))
    totals = [(await current(db, scope, x.order_id)).order.total_minor for x in (free, asked)]
    assert totals == [NARROW, LINEN_MINOR + 1_200]
    async with db.read(scope) as tx:
        assert (await service.explain_prices(tx, order_id=asked.order_id, locale="en")).is_same


async def test_only_lines_that_say_something_else_are_told(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(), ("TEA", 1), curtain(**SILK)))
    before = (await current(db, scope, placed.order_id)).lines
    wish = OrderEdit(measures=measures(1, width="2400").measures + measures(3, width="1 m").measures)
    done = await edit(db, scope, placed, wish)
    assert remeasuring.told(before, before) == ([], [])
    assert remeasuring.told(before, done.lines) == ([before[2].described], [done.lines[2].described])
    assert "Width 1000 mm" in done.lines[2].described


async def test_replays_tell_that_measures_were_changed_since(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(), curtain(**SILK)))
    await edit(db, scope, placed, measures(width="1 m"))
    left_out = replaying.left_out(await current(db, scope, placed.order_id))
    assert left_out is not None
    assert (left_out.outcome, left_out.reason and left_out.reason.code) == ("by_hand", "measures_set_since")
    await edit(db, scope, placed, measures(width="2.4 m"))
    assert replaying.left_out(await current(db, scope, placed.order_id)) is None


@pytest.mark.parametrize(("may_price", "status"), [(False, 403), (True, 200)])
async def test_over_rest_the_right_to_set_prices_decides(
    db: Database, scope: Scope, *, may_price: bool, status: int
) -> None:
    await sold(db, scope)
    late = OrderDiscount("Late.", amount_minor=5_000)
    placed = await place_one(db, scope, order(curtain(), discount=late))
    rights = frozenset({"orders:read", "orders:write"} | ({"orders:price"} if may_price else set()))
    caller = web_client.principal(permissions=rights, tenant=scope.tenant)
    parts = [service.open_order_desk, service.order_subjects()]
    wish = {"measures": [{"line": 1, "attributes": {"width": "1 m"}}]}
    at = f"/api/v1/orders/{placed.order_id}"
    async with web_client.open_client(routers=[api.ROUTER], principal=caller, database=db, parts=parts) as client:
        looked = await client.post(f"{at}/edit-preview", json=wish)
        done = await client.patch(at, json=wish)
    assert (looked.status_code, done.status_code) == (status, status)
    if not may_price:
        told = done.json()
        assert (told["code"], told["field"]) == ("discount_share_grows", "measures[0]")
        assert "ask somebody who may set prices by hand" in str(told)
