"""Goods that are sold in packs, or from some quantity on: who is judged, what is said, and what is left alone."""

from datetime import timedelta
from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.catalog.values import SkuKind
from jiedan.orders import queries
from jiedan.orders.rules.canceling import Canceled
from jiedan.orders.values import CancelRequest, History, LineQuantity, NewLine
from jiedan.pricing import service as pricing
from jiedan.pricing.values import AsSold
from jiedan.pricing.values.promotions import Gift, Goods, PercentOff, Promotion
from tests.catalog.factories import sold_in
from tests.conftest import FakeClock
from tests.orders import factories
from tests.orders.factories import codes, order, place, place_one, shop
from tests.orders.test_lifecycle import cancel, read
from tests.orders.test_placement_api import open_shop
from tests.orders.test_quotes_api import QUOTE
from tests.replays import factories as replays

PACKS: dict[str, int] = {"order_minimum": 12, "order_pack": 6}
STOCK = {"TEA": {"W1": 100}, "CUP": {"W1": 100}}


def tea(quantity: int, **facts: Any) -> dict[str, Any]:
    """Return an order of tea."""
    return {"lines": [{"sku": "CUP", "quantity": 1}, {"sku": "TEA", "quantity": quantity}], **facts}


async def test_wrong_quantities_are_refused_wherever_goods_are_ordered(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope, stock=50) as client:
        await sold_in(db, scope, "TEA", **PACKS)
        few = await client.post("/api/v1/orders", json=tea(5), headers={"accept-language": "en"})
        off = (await client.post("/api/v1/orders", json=tea(20))).json()
        by_hand = tea(20)
        by_hand["lines"][1] |= {"unit_price_minor": 5, "price_reason": "Scratched"}
        given = (await client.post("/api/v1/orders", json=by_hand)).json()
        preview = (await client.post("/api/v1/orders/preview", json=tea(13))).json()
        bad, good = (
            await client.post("/api/v1/orders/batch", json={"drafts": [{"order": tea(7)}, {"order": tea(12)}]})
        ).json()
        quotes = (await client.post(QUOTE, json={"carts": [tea(13), tea(18)]})).json()
        saved = await client.post("/api/v1/order-drafts", json={"data": tea(6)})
        placed = await client.post(f"{saved.headers['location']}/placement")
    assert (few.status_code, few.json()["code"], few.json()["field"]) == (
        422,
        "quantity_too_small",
        "lines[1].quantity",
    )
    assert few.json()["data"]["nearest"] == 12
    assert few.json()["detail"] == "TEA is ordered from 12 pieces on; the cart has 5. Take 12."
    for told in (off, given):
        assert (told["code"], told["field"]) == ("quantity_off_pack", "lines[1].quantity")
        assert (told["data"]["below"], told["data"]["above"]) == (18, 24)
    assert (preview["code"], preview["field"]) == ("quantity_off_pack", "lines[1].quantity")
    assert [(x["code"], x["field"]) for x in bad["errors"]] == [
        ("quantity_too_small", "drafts[0].order.lines[1].quantity")
    ]
    assert good["status"] == "placed"
    assert [(x["code"], x["field"]) for x in quotes[0]["errors"]] == [
        ("quantity_off_pack", "carts[0].lines[1].quantity")
    ]
    assert quotes[1]["status"] == "priced"
    assert (placed.status_code, placed.json()["code"]) == (422, "quantity_too_small")


async def test_gifts_and_parts_of_kits_are_not_judged(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, STOCK)
    async with db.begin(scope) as tx:
        await factories.sku(tx, "SET", kind=SkuKind.kit, parts=[(opened.skus["CUP"], 1)])
        await pricing.create_rule(
            tx, kind="promotion", body=Promotion("cup", "A cup", Gift(("CUP",)), Goods(any_of=("sku:TEA",)))
        )
        await pricing.publish(tx)
    await sold_in(db, scope, "CUP", order_pack=6)
    placed = await place_one(db, scope, order(("TEA", 1), ("SET", 1)))
    lines = {(x.code, x.kind, x.ordered) for x in (await read(db, scope, placed.order_id)).lines}
    assert {("CUP", "goods", 1), ("CUP", "component", 1)} <= lines


async def test_what_was_sold_elsewhere_is_taken_as_it_was(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, STOCK)
    await sold_in(db, scope, "TEA", **PACKS)
    history = History(placed_at=clock.now() - timedelta(days=30))
    sold = NewLine(sku="TEA", quantity=5, as_sold=AsSold(unit_minor=1_000))
    by_hand = NewLine(sku="TEA", quantity=5, unit_price_minor=900, price_reason="Fair")
    plain = NewLine(sku="TEA", quantity=5)
    for line in (sold, by_hand, plain):
        await place_one(db, scope, order(line, history=history))
    (refused,) = await place(db, scope, order(plain))
    assert codes(refused) == [("quantity_too_small", "lines[0].quantity")]


async def test_a_part_of_a_pack_may_be_canceled(db: Database, scope: Scope) -> None:
    await shop(db, scope, STOCK)
    await sold_in(db, scope, "TEA", **PACKS)
    placed = await place_one(db, scope, order(("TEA", 12)))
    (done,) = await cancel(db, scope, CancelRequest(placed.order_id, "C-1", (LineQuantity(1, 5),)))
    assert isinstance(done, Canceled), done
    assert (await read(db, scope, placed.order_id)).lines[0].canceled == 5


async def test_an_order_tells_in_which_quantities_its_goods_were_sold_then(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope, stock=50) as client:
        await sold_in(db, scope, "TEA", **PACKS)
        placed = (await client.post("/api/v1/orders", json=tea(18))).json()
        await sold_in(db, scope, "TEA", order_minimum=0, order_pack=5)
        await sold_in(db, scope, "CUP", order_minimum=30)
        told = (
            await client.get(f"/api/v1/orders/{placed['order_id']}/prices", headers={"accept-language": "en"})
        ).json()
    assert (told["is_same"], told["problems"]) == (True, [])
    assert [x["quantities"] for x in told["kept"]["lines"]] == [{"minimum": 12, "maximum": 0, "step": 1, "pack": 6}]
    reasons = {x["code"]: x["reason"] for x in told["explanation"]["lines"]}
    assert reasons["TEA"] == "price of the catalog; Sold in packs of 6. Sold from 12 pieces on."
    assert reasons["CUP"] == "price of the catalog"


async def test_orders_of_the_past_are_replayed_in_the_quantities_they_had(db: Database, scope: Scope) -> None:
    await shop(db, scope, STOCK)
    await replays.placed(db, scope, order(("TEA", 5)))
    await sold_in(db, scope, "TEA", **PACKS)
    await replays.drafted(db, scope, Promotion("tenth", "A tenth", PercentOff(100_000)))
    replay = await replays.done(db, scope)
    (row,) = await replays.rows(db, scope, replay)
    assert row.difference_minor == -500


async def test_what_goods_are_sold_in_is_kept_of_those_alone_that_have_it(db: Database, scope: Scope) -> None:
    await shop(db, scope, STOCK)
    await sold_in(db, scope, "TEA", **PACKS)
    placed = await place_one(db, scope, order(("TEA", 12), ("CUP", 1)))
    async with db.read(scope) as tx:
        story = await tx.load_one(queries.price_story(placed.order_id))
    assert story is not None
    assert [unit.line for unit in story.lines] == [1]
