"""Pieces of a placed order that are made to other measures: priced by the rules that priced the order, and told."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.events import Actor
from jiedan.catalog import queries as catalog
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation, Receipt
from jiedan.orders import queries, service
from jiedan.orders.rules import at_placement, by_hand
from jiedan.orders.service import Edited
from jiedan.orders.values import LineMeasures, LinePrice, OrderEdit, OrderWithLines, Placed, PriceEdit, ShipmentFact
from jiedan.pricing import service as pricing
from jiedan.pricing.values import ManualLimit, OrderDiscount, Said
from jiedan.pricing.values.promotions import AmountOff, Goods, PercentOff, Promotion
from tests.accounts import factories as staff
from tests.orders.factories import PRICE_MINOR, draft, order, place_one, sku
from tests.orders.test_bespoke import SAID, curtain, opened, sold
from tests.pricing.bespoke_formulas import CURTAIN, LINEN_MINOR, ORDERED, SILK_MINOR

NARROW = 27_000
"""1.0 m × 1.8 m = 1.8 m², rounded up 2.0: 2.0 × 120.00 + 30.00."""


def measures(line: int = 1, **said: str) -> OrderEdit:
    return OrderEdit(measures=(LineMeasures(line=line, attributes=dict(said)),))


async def edit(
    db: Database, scope: Scope, placed: Placed, wish: OrderEdit, *, version: int | None = None, **how: bool
) -> Edited:
    async def work(tx: Any) -> Edited:
        return await service.edit_order(tx, order_id=placed.order_id, edit=wish, version=version, **how)

    return await db.write(scope, work)


async def refused(
    db: Database, scope: Scope, placed: Placed, wish: OrderEdit, **how: bool
) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as caught:
        await edit(db, scope, placed, wish, **how)
    return [(x.code, x.field) for x in reasons_of(caught.value)]


async def current(db: Database, scope: Scope, order_id: UUID) -> OrderWithLines:
    async with db.read(scope) as tx:
        return await queries.order(tx, order_id)


async def limited(db: Database, *promotions: Promotion) -> tuple[Scope, Scope]:
    """Open a merchant with curtains whose sales staff may give a tenth by hand; return its scope, and Lin's."""
    made = await staff.opened(db, backorder=True)
    async with db.begin(made.scope) as tx:
        await sku(tx, "CURTAIN")
        await pricing.create_rule(tx, kind="formula", body=CURTAIN)
        await pricing.create_rule(tx, kind="manual_limit", body=ManualLimit("sales", 100_000))
        for off in promotions:
            await pricing.create_rule(tx, kind="promotion", body=off)
        await pricing.publish(tx)
    return made.scope, Scope(made.tenant, Actor("staff", str(await staff.person(db, made, "sales"))))


async def test_other_measures_cost_what_the_rules_of_then_asked(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(2), ("TEA", 1)))
    looked = await edit(db, scope, placed, measures(width="1 m"), is_preview=True)
    untouched = await current(db, scope, placed.order_id)
    done = await edit(db, scope, placed, measures(width="1 m"), version=untouched.order.version)
    found = await current(db, scope, placed.order_id)
    assert looked.lines == done.lines == found.lines
    assert [x.attributes for x in untouched.lines] == [SAID, ()]
    assert untouched.order.version + 1 == found.order.version
    line = found.lines[0]
    assert (line.unit_minor, line.total_minor, line.price_source) == (NARROW, 2 * NARROW, "rule")
    assert line.attributes == (Said("width", "1000", "Width", "mm"), *SAID[1:]), "what is not spoken of stays"
    assert found.order.total_minor == 2 * NARROW + PRICE_MINOR
    was = at_placement.order_of(found).lines[0]
    assert (was.unit_minor, was.attributes) == (LINEN_MINOR, SAID)
    back = await edit(db, scope, placed, measures(width="2.4 m"))
    assert (back.lines[0].unit_minor, back.lines[0].attributes) == (LINEN_MINOR, SAID)
    assert not at_placement.is_changed(OrderWithLines(back.order, back.lines))
    assert await refused(db, scope, placed, measures(width="2400")) == [("nothing_to_edit", None)]


async def test_the_order_is_explained_as_it_was_placed_and_what_was_done_since(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(2)))
    await edit(db, scope, placed, measures(fabric="silk", width="240 cm"))
    async with db.read(scope) as tx:
        told = await service.explain_prices(tx, order_id=placed.order_id, locale="en")
        happened = await tx.load_one(queries.price_changes(placed.order_id))
    assert told.is_same, told.reasons
    assert told.found.lines[0].unit_minor == SILK_MINOR
    (change,) = happened
    assert (change.before, change.after) == (
        ("Product CURTAIN · Width 2400 mm · Height 1800 mm · Fabric linen",),
        ("Product CURTAIN · Width 2400 mm · Height 1800 mm · Fabric silk",),
    )


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (measures(9, width="1 m"), [("line_not_found", "measures[0].line")]),
        (measures(2, width="1 m"), [("line_not_measured", "measures[0].line")]),
        (measures(width="9 m"), [("attribute_out_of_range", "measures[0].attributes.width")]),
        (measures(width="2 kg"), [("attribute_unit_wrong", "measures[0].attributes.width")]),
        (measures(lining="silk"), [("attribute_unknown", "measures[0].attributes.lining")]),
        (measures(3, width="2.4 m", fabric="linen"), [("repeated_line", "measures[0].attributes")]),
        (
            OrderEdit(measures=measures(width="1 m").measures + measures(height="1 m").measures),
            [("line_not_measured", "measures[1].line")],
        ),
    ],
)
async def test_what_cannot_be_made_is_refused_at_its_field(
    db: Database, scope: Scope, wish: OrderEdit, expected: list[tuple[str, str]]
) -> None:
    await sold(db, scope)
    silk = curtain(attributes={**ORDERED, "fabric": "silk"})
    placed = await place_one(db, scope, order(curtain(), ("TEA", 1), silk))
    assert await refused(db, scope, placed, wish) == expected
    assert (await current(db, scope, placed.order_id)).order.version == 1


async def test_promotions_and_prices_by_hand_stand(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    async with db.begin(scope) as tx:
        off = Promotion("off", "Off", AmountOff({"CNY": 40_000}), Goods(any_of=("sku:CURTAIN",)))
        await pricing.create_rule(tx, kind="promotion", body=off)
        await pricing.publish(tx)
    placed = await place_one(db, scope, order(curtain()))
    assert await refused(db, scope, placed, measures(width="1 m")) == [
        ("price_below_discounts", "measures[0].attributes")
    ]
    done = await edit(db, scope, placed, measures(fabric="silk"))
    assert (done.lines[0].discount_minor, done.lines[0].total_minor) == (40_000, SILK_MINOR - 40_000)
    price = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=90_000, price_reason="A stain."),))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=price, version=None))
    assert await refused(db, scope, placed, measures(fabric="linen")) == [("price_by_hand_stands", "measures[0].line")]
    back = PriceEdit(lines=(LinePrice(line=1),))
    again = await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=back, version=None))
    line = again.lines[0]
    assert (line.unit_minor, line.discount_minor, line.price_source) == (SILK_MINOR, 40_000, "rule"), (
        "of the measures now"
    )


async def test_a_discount_by_hand_is_not_made_a_larger_part_beyond_the_limit(db: Database) -> None:
    scope, lin = await limited(db)
    placed = await place_one(db, scope, order(curtain(), discount=OrderDiscount("Late.", amount_minor=5_000)))
    assert await refused(db, lin, placed, measures(width="1 m")) == [("discount_share_grows", "measures[0]")]
    assert await refused(db, lin, placed, measures(width="1 m"), may_price=True) == [("beyond_limit", "measures[0]")]
    assert (await edit(db, lin, placed, measures(width="2 m"), may_price=True)).lines[0].by_hand_minor == 5_000


async def test_what_a_promotion_gave_is_no_larger_part_without_the_right_nor_beyond_the_limit(db: Database) -> None:
    scope, lin = await limited(db, Promotion("off", "Off", PercentOff(200_000), Goods(any_of=("sku:CURTAIN",))))
    placed = await place_one(db, scope, order(curtain()))
    (line,) = (await current(db, scope, placed.order_id)).lines
    assert line.discount_minor == LINEN_MINOR // 5 == 11_400
    narrow = measures(width="1 m")
    for how in ({}, {"is_preview": True}):
        assert await refused(db, lin, placed, narrow, **how) == [("discount_share_grows", "measures[0]")]
    # 11,400 where a fifth of 27,000 is 5,400: 6,000 of 21,600 are given by hand
    assert await refused(db, lin, placed, narrow, may_price=True) == [("beyond_limit", "measures[0]")]
    # a fifth of 2.2 m x 1.8 m, 51,000, is 10,200: 1,200 of 40,800 are within the limit
    done = await edit(db, lin, placed, measures(width="2.2 m"), may_price=True)
    assert (done.lines[0].unit_minor, done.lines[0].discount_minor) == (51_000, 11_400)
    assert by_hand.taken_off(done.lines) == (1_200, 40_800, 29_412)
    assert await refused(db, lin, placed, measures(width="1.8 m")) == [("discount_share_grows", "measures[0]")]
    assert await refused(db, lin, placed, narrow, may_price=True) == [("beyond_limit", "measures[0]")], "bit by bit"
    back = await edit(db, lin, placed, measures(width="2.4 m"))
    assert (back.lines[0].unit_minor, by_hand.taken_off(back.lines).off_minor) == (LINEN_MINOR, 0)
    larger = await edit(db, lin, placed, measures(width="3 m"))
    assert larger.lines[0].discount_minor == 11_400


async def test_a_hold_for_approval_follows_what_the_measures_cost(db: Database) -> None:
    scope, lin = await limited(db)
    late = OrderDiscount("Late.", amount_minor=8_000)
    placed = await place_one(db, lin, draft(order(curtain(), discount=late), actor=lin.actor))

    async def asked() -> tuple[list[str], list[Any]]:
        async with db.read(scope) as tx:
            details = (await queries.details(tx, [placed.order_id]))[placed.order_id]
            told = await tx.execute(
                sa.text(
                    "SELECT (data ->> 'off_ppm')::int, (data ->> 'limit_ppm')::int FROM event_log"
                    " WHERE tenant_id = :tenant AND kind = 'orders.approval_asked' ORDER BY event_id"
                ),
                {"tenant": scope.tenant},
            )
            return [x.kind for x in details.standing_holds], [tuple(row) for row in told]

    first = [(140_334, 100_000)]
    assert await asked() == (["price_approval"], first)
    await edit(db, lin, placed, measures(width="3 m"), is_preview=True, may_price=True)
    assert await asked() == (["price_approval"], first)
    await edit(db, lin, placed, measures(width="3 m"), may_price=True)  # 8,000 of 69,000
    anew = [*first, (115_928, 100_000)]
    assert await asked() == (["price_approval"], anew)
    await edit(db, lin, placed, measures(width="4 m"))  # 8,000 of 93,000: within the limit, but not hers to approve
    anew = [*anew, (86_011, 0)]
    assert await asked() == (["price_approval"], anew)
    await edit(db, lin, placed, measures(width="5 m"), may_price=True)
    assert await asked() == ([], anew)


@pytest.mark.parametrize(("width", "standing"), [("3 m", ["price_approval"]), ("5 m", [])])
async def test_goods_move_and_the_hold_follows_in_one_edit_without_an_order_locked_behind_stock(
    db: Database, width: str, standing: list[str]
) -> None:
    scope, lin = await limited(db)
    async with db.begin(scope) as tx:
        (goods,) = (await tx.load_one(catalog.sellable_skus(["CURTAIN"]))).values()
        for code in ("S1", "S2"):
            place = await inventory.create_location(tx, location=NewLocation(code=code, name=code, kind="store"))
            await inventory.receive_many(tx, receipts=[Receipt(goods.sku_id, place.location_id, 5, code)])
    late = OrderDiscount("Late.", amount_minor=8_000)
    placed = await place_one(db, lin, draft(order(curtain(), location="S1", discount=late), actor=lin.actor))
    wish = OrderEdit(location="S2", measures=measures(width=width).measures)
    done = await edit(db, lin, placed, wish, may_price=True)
    assert set(done.changed) == {"location", "measures"}
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [placed.order_id]))[placed.order_id]
    assert [x.kind for x in details.standing_holds] == standing


async def test_what_a_location_works_on_is_made_as_it_was_ordered(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain()))
    line = (await current(db, scope, placed.order_id)).lines[0]
    fact = ShipmentFact(placed.order_id, line.line_id, released=1)
    await db.write(scope, lambda tx: service.record_shipments(tx, facts=[fact]))
    assert await refused(db, scope, placed, measures(width="1 m")) == [("already_released", None)]


async def test_measures_are_changed_and_previewed_over_rest(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    async with opened(db, scope) as client:
        placed = await client.post("/api/v1/orders", json={"lines": [msgspec.to_builtins(curtain())]})
        at = placed.headers["location"]
        wish = {"measures": [{"line": 1, "attributes": {"width": 1.0e3}}]}
        preview = (await client.post(f"{at}/edit-preview", json=wish)).json()
        done = await client.patch(at, json=wish, headers={"if-match": '"1"'})
        stale = await client.patch(at, json=wish, headers={"if-match": '"1"'})
        wrong = await client.patch(at, json={"measures": [{"line": 1, "attributes": {"width": "x"}}]})
        events = (await client.get(f"{at}/timeline")).text
    assert (preview["fields"], preview["total_minor"], preview["total_minor_before"]) == (
        ["measures"],
        NARROW,
        LINEN_MINOR,
    )
    assert (done.status_code, done.json()["total_minor"]) == (200, NARROW)
    assert done.json()["lines"][0]["attributes"][0] == {
        "name": "width", "value": "1000", "label": "Width", "unit": "mm",
    }  # fmt: skip
    assert stale.status_code in {409, 412}
    assert wrong.json()["field"] == "measures[0].attributes.width"
    assert "measures" in events
