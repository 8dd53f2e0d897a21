"""Pieces made to measure in carts: each that is another is a line of its own."""

import functools
from typing import Any
from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.carts import errors, rules, service
from jiedan.carts.api import ROUTER
from jiedan.carts.values import CartLine, Wish
from jiedan.catalog.values import SkuId
from jiedan.pricing import service as pricing
from jiedan.pricing.errors import NotBespoke
from tests.base import web_client
from tests.carts.factories import filled, reserved, seen
from tests.catalog.factories import sold_in
from tests.orders.factories import shop
from tests.pricing.bespoke_formulas import CURTAIN, RING, reformulated

WIDE = {"width": "2400 mm", "height": "1800 mm"}
HIGH = {"width": "2400 mm", "height": "2600 mm"}


async def put(db: Database, scope: Scope, cart_id: Any, *wishes: Wish, is_whole: bool = False) -> None:
    await db.write(scope, lambda tx: service.fill_cart(tx, cart_id=cart_id, wishes=wishes, is_whole=is_whole))


async def made_to_measure(db: Database, scope: Scope) -> None:
    """Let curtains be made to measure."""
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=CURTAIN)
        await pricing.publish(tx)


async def lines(db: Database, scope: Scope, cart_id: Any) -> list[tuple[str, int, dict[str, int | str]]]:
    return [(x.sku, x.quantity, x.attributes) for x in (await seen(db, scope, cart_id)).lines]


async def test_pieces_with_other_measures_stay_two_lines(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 10}, "TEA": {"W1": 5}})
    await made_to_measure(db, scope)
    cart_id = await filled(db, scope, {"TEA": 1})
    for said in (WIDE, HIGH, dict(reversed(WIDE.items()))):
        add = functools.partial(service.add_to_cart, cart_id=cart_id, wish=Wish("CURTAIN", 1, said))
        await db.write(scope, add)
    assert await lines(db, scope, cart_id) == [("TEA", 1, {}), ("CURTAIN", 2, WIDE), ("CURTAIN", 1, HIGH)]
    assert await reserved(db, scope) == {"cart": 4, "counted": 4}
    view = await seen(db, scope, cart_id)
    assert [x.unit_minor is None for x in view.lines] == [False, True, True], "the order's price tells the others'"
    high = view.lines[2].piece
    await put(db, scope, cart_id, Wish("CURTAIN", 3, piece=high), Wish("CURTAIN", 0, WIDE))
    assert await lines(db, scope, cart_id) == [("TEA", 1, {}), ("CURTAIN", 3, HIGH)]
    await put(db, scope, cart_id, Wish("CURTAIN", 5, piece="0" * 32))
    assert await lines(db, scope, cart_id) == [("TEA", 1, {}), ("CURTAIN", 3, HIGH)], "a piece that is gone stays gone"
    await put(db, scope, cart_id, Wish("CURTAIN", 1, WIDE), is_whole=True)
    assert await lines(db, scope, cart_id) == [("CURTAIN", 1, WIDE)]
    assert await reserved(db, scope) == {"cart": 1, "counted": 1}


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ([Wish("CURTAIN", 1, WIDE), Wish("CURTAIN", 1, WIDE)], errors.SkuRepeated),
        ([Wish("CURTAIN", 2, WIDE), Wish("CURTAIN", 2, HIGH)], errors.NotEnoughLeft),
    ],
)
async def test_what_is_too_much_or_said_twice_is_refused(
    db: Database, scope: Scope, wishes: list[Wish], expected: type[Refusal]
) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 3}})
    await made_to_measure(db, scope)
    cart_id = await filled(db, scope, {})
    with pytest.raises(expected):
        await put(db, scope, cart_id, *wishes)


async def test_all_pieces_of_a_sku_count_for_its_packs(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 50}})
    await made_to_measure(db, scope)
    await sold_in(db, scope, "CURTAIN", order_minimum=6, order_pack=6)
    cart_id = await filled(db, scope, {})
    await put(db, scope, cart_id, Wish("CURTAIN", 2, WIDE), Wish("CURTAIN", 4, HIGH))
    with pytest.raises(Refusal) as refused:
        await put(db, scope, cart_id, Wish("CURTAIN", 3, WIDE), Wish("CURTAIN", 4, HIGH))
    told = refused.value.data()
    assert (refused.value.code, refused.value.field) == ("quantity_off_pack", "lines[0].quantity")
    assert (told["below"], told["above"]) == (6, 12)
    add = functools.partial(service.add_to_cart, cart_id=cart_id, wish=Wish("CURTAIN", 1, WIDE))
    with pytest.raises(Refusal, match="the cart has 7"):
        await db.write(scope, add)
    await put(db, scope, cart_id, Wish("CURTAIN", 5, WIDE), Wish("CURTAIN", 1, HIGH))
    assert await lines(db, scope, cart_id) == [("CURTAIN", 5, WIDE), ("CURTAIN", 1, HIGH)]
    await put(db, scope, cart_id, Wish("CURTAIN", 5, WIDE), Wish("CURTAIN", 0, HIGH))
    assert await lines(db, scope, cart_id) == [("CURTAIN", 5, WIDE)], "what is left is told, and not refused"


def test_carts_that_meet_keep_each_piece() -> None:
    sku = SkuId(UUID(int=1))
    wide, high = [CartLine(sku, 1, None, "CNY", said, rules.piece_of(said)) for said in (WIDE, HIGH)]
    merged = rules.merged([wide, high], [high._replace(quantity=4)])
    assert [(line.attributes, line.quantity) for line in merged] == [(WIDE, 1), (HIGH, 4)]
    assert rules.piece_of({}) == ""


async def test_pieces_are_put_in_over_rest(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 10}})
    await made_to_measure(db, scope)
    caller = web_client.principal(permissions=("orders:read", "orders:write"), tenant=scope.tenant)
    lines = [{"sku": "CURTAIN", "quantity": 1, "attributes": said} for said in (WIDE, HIGH)]
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        made = await client.post("/api/v1/carts", json={"lines": lines})
        again = await client.put(f"{made.headers['location']}/lines", json={"lines": lines[1:]})
        wrong = await client.put(
            f"{made.headers['location']}/lines", json={"lines": [{**lines[0], "attributes": {"x" * 41: 1}}]}
        )
    assert [(x["attributes"], x["unit_minor"]) for x in made.json()["lines"]] == [(WIDE, None), (HIGH, None)]
    assert [x["attributes"] for x in again.json()["lines"]] == [HIGH]
    assert (wrong.status_code, wrong.json()["code"]) == (422, "attribute_unknown")
    assert wrong.json()["field"] == "lines[0].attributes"


async def test_measures_are_judged_as_pieces_are_put_in(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 10}, "TEA": {"W1": 5}})
    await made_to_measure(db, scope)
    caller = web_client.principal(permissions=("orders:read", "orders:write"), tenant=scope.tenant)
    sent = [
        {"sku": "TEA", "quantity": 1, "attributes": {"width": "2.4 m"}},
        {"sku": "CURTAIN", "quantity": 1},
        {"sku": "CURTAIN", "quantity": 1, "attributes": {**WIDE, "width": "7 m", "depth": 3}},
        {"sku": "CURTAIN", "quantity": 1, "attributes": WIDE},
        {"sku": "CURTAIN", "quantity": 0, "attributes": {"width": "9 m"}},
    ]
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        refused = await client.post("/api/v1/carts", json={"lines": sent})
        made = await client.post("/api/v1/carts", json={"lines": sent[3:]})
    assert refused.status_code == 422
    assert [(x["field"], x["code"]) for x in refused.json()["errors"]] == [
        ("lines[0].attributes", "not_bespoke"),
        ("lines[1].attributes.width", "attribute_missing"),
        ("lines[1].attributes.height", "attribute_missing"),
        ("lines[2].attributes.depth", "attribute_unknown"),
        ("lines[2].attributes.width", "attribute_out_of_range"),
    ]
    assert [x["attributes"] for x in made.json()["lines"]] == [WIDE]


async def test_pieces_with_other_texts_stay_two_lines_and_no_card_number_is_kept(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"RING": {"W1": 10}})
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=RING)
        await pricing.publish(tx)
    cart_id = await filled(db, scope, {})
    texts: list[int | str] = ["Anna", "Otto", "Anna", "4111 1111 1111 1111", 378282246310005]
    for text in texts:
        add = functools.partial(service.add_to_cart, cart_id=cart_id, wish=Wish("RING", 1, {"engraving": text}))
        await db.write(scope, add)
    assert await lines(db, scope, cart_id) == [
        ("RING", 2, {"engraving": "Anna"}),
        ("RING", 1, {"engraving": "Otto"}),
        ("RING", 1, {"engraving": "**** **** **** 1111"}),
        ("RING", 1, {"engraving": "***********0005"}),
    ]
    with pytest.raises(Refusal) as refused:
        await put(db, scope, cart_id, Wish("RING", 1, {"engraving": "a\nb"}))
    assert (refused.value.code, refused.value.field) == ("attribute_text_invalid", "lines[0].attributes.engraving")


async def test_what_lies_in_a_cart_is_judged_again_only_where_it_becomes_more(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 10}, "TEA": {"W1": 5}})
    await made_to_measure(db, scope)
    cart_id = await filled(db, scope, {"TEA": 1})
    await put(db, scope, cart_id, Wish("CURTAIN", 3, WIDE))
    (piece,) = [x.piece for x in (await seen(db, scope, cart_id)).lines if x.piece]
    await reformulated(db, scope, None)
    await put(db, scope, cart_id, Wish("TEA", 2), Wish("CURTAIN", 2, WIDE))
    for more in (Wish("CURTAIN", 3, WIDE), Wish("CURTAIN", 3, piece=piece)):
        with pytest.raises(NotBespoke) as refused:
            await put(db, scope, cart_id, more)
        assert refused.value.field == "lines[0].attributes"
    await put(db, scope, cart_id, Wish("CURTAIN", 0, piece=piece))
    assert await lines(db, scope, cart_id) == [("TEA", 2, {})]
