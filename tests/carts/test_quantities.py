"""Carts of goods that are sold in packs: what is changed must fit, what lies there already stands in nobody's way."""

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections
from jiedan.carts import errors, service
from jiedan.carts.values import Wish
from jiedan.catalog.values import OrderQuantity
from tests.carts.factories import fill, filled, seen
from tests.catalog.factories import sold_in
from tests.orders.factories import shop

PACKS: dict[str, int] = {"order_minimum": 12, "order_pack": 6}


async def test_a_line_is_changed_to_what_may_be_ordered_alone(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 50}, "CUP": {"W1": 50}})
    await sold_in(db, scope, "TEA", **PACKS)
    cart_id = await filled(db, scope, {"TEA": 12, "CUP": 1})
    with pytest.raises(Refusal) as refused:
        await fill(db, scope, cart_id, {"CUP": 2, "TEA": 20})
    told = refused.value.data()
    assert (refused.value.code, refused.value.field) == ("quantity_off_pack", "lines[1].quantity")
    assert (told["below"], told["above"]) == (18, 24)
    with pytest.raises(Refusal, match="12"):
        await fill(db, scope, cart_id, {"TEA": 6})
    with pytest.raises(Refusal, match="18"):
        await db.write(scope, lambda tx: service.add_to_cart(tx, cart_id=cart_id, wish=Wish("TEA", 1)))
    await db.write(scope, lambda tx: service.add_to_cart(tx, cart_id=cart_id, wish=Wish("TEA", 6)))
    lines = (await seen(db, scope, cart_id)).lines
    assert [(x.sku, x.quantity, x.quantities) for x in lines] == [
        ("TEA", 18, OrderQuantity(12, 0, 1, 6)),
        ("CUP", 1, None),
    ]
    await fill(db, scope, cart_id, {"TEA": 0})
    assert [x.sku for x in (await seen(db, scope, cart_id)).lines] == ["CUP"]


async def test_every_line_that_is_wrong_is_told(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 50}, "CUP": {"W1": 50}})
    await sold_in(db, scope, "TEA", **PACKS)
    await sold_in(db, scope, "CUP", order_maximum=2)
    with pytest.raises(Rejections) as refused:
        await filled(db, scope, {"TEA": 13, "CUP": 3})
    assert [(x.code, x.field) for x in refused.value.reasons] == [
        ("quantity_off_pack", "lines[0].quantity"),
        ("quantity_too_large", "lines[1].quantity"),
    ]


async def test_what_lay_in_a_cart_before_does_not_hold_up_the_rest(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 50}, "CUP": {"W1": 50}})
    cart_id = await filled(db, scope, {"TEA": 5, "CUP": 1})
    await sold_in(db, scope, "TEA", **PACKS)
    await fill(db, scope, cart_id, {"TEA": 5, "CUP": 2}, is_whole=True)
    await db.write(scope, lambda tx: service.hold_cart(tx, cart_id=cart_id))
    assert [(x.sku, x.quantity) for x in (await seen(db, scope, cart_id)).lines] == [("TEA", 5), ("CUP", 2)]


async def test_no_part_of_a_pack_is_told_to_be_left(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 20}, "CUP": {"W1": 5}})
    await sold_in(db, scope, "TEA", **PACKS)
    await sold_in(db, scope, "CUP", order_pack=6)
    with pytest.raises(errors.NotEnoughLeft) as refused:
        await filled(db, scope, {"TEA": 24})
    assert refused.value.available == 18
    with pytest.raises(errors.SoldOut):
        await filled(db, scope, {"CUP": 6})
