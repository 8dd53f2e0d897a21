"""Gifts of orders: given, chosen, reserved, left out where none is there, and gone with what earned them."""

from typing import Any

import msgspec
import psycopg
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import SkuKind
from jiedan.orders import placement, queries, service
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import (
    CancelRequest,
    GiftChoice,
    LinePrice,
    LineQuantity,
    NewOrder,
    OrderId,
    OrderWithLines,
    Placed,
    PriceEdit,
)
from jiedan.pricing import service as pricing
from jiedan.pricing.queries import redemptions
from jiedan.pricing.values import OrderDiscount
from jiedan.pricing.values.promotions import Caps, Gift, Goods, PercentOff, Promotion, When
from tests.orders import factories
from tests.orders.test_placement_api import open_shop
from tests.orders.test_placement_races import AT_ONCE, at_once, counters

TEA = Goods(any_of=("sku:TEA",))
EITHER = Promotion("either", "A mug or a pen", Gift(("MUG", "PEN")), TEA, When(min_spend={"CNY": 2_000}))
EACH = Promotion("each", "A mug each time", Gift(("MUG",), per="time"), TEA, When(min_quantity=2))

FOUND = (
    "SELECT sum(reserved) FROM stock JOIN sku USING (tenant_id, sku_id)"
    " WHERE tenant_id = %(tenant)s AND code = %(code)s"
)


async def publish(db: Database, scope: Scope, *promotions: Promotion) -> None:
    async with db.begin(scope) as tx:
        for one in promotions:
            await pricing.create_rule(tx, kind="promotion", body=one)
        await pricing.publish(tx)


async def read(db: Database, scope: Scope, order_id: OrderId) -> OrderWithLines:
    async with db.read(scope) as tx:
        return await queries.order(tx, order_id)


async def lines(db: Database, scope: Scope, order_id: OrderId) -> list[tuple[str, str, int, int, int, str | None]]:
    """Return what the lines of an order are: code, source, quantities ordered, canceled, allocated, and its reason."""
    found = await read(db, scope, order_id)
    return [(x.code, x.price_source, x.ordered, x.canceled, x.allocated, x.price_reason) for x in found.lines]


async def previewed(db: Database, scope: Scope, wanted: NewOrder) -> Plan:
    async with db.read(scope) as tx:
        (plan,) = await placement.preview_orders(tx, [factories.draft(wanted)])
    assert isinstance(plan, Plan)
    return plan


async def decided(db: Database, scope: Scope, placed: Placed) -> dict[str, Any]:
    async with db.read(scope) as tx:
        (kept,) = await queries.decisions(tx, placed.order_id)
    return dict(kept.data)


def reserved(owner: psycopg.Connection[Any], scope: Scope, code: str) -> int:
    row = owner.execute(FOUND, {"tenant": scope.tenant, "code": code}).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_gift_is_a_line_for_nothing_with_stock_of_its_own(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}, "MUG": {"A": 9}, "PEN": {"A": 9}})
    await publish(db, scope, EITHER)
    wanted = factories.order(("TEA", 2))
    plan = await previewed(db, scope, wanted)
    placed = await factories.place_one(db, scope, wanted)
    assert placed.total_minor == plan.total_minor == 2_000
    assert await lines(db, scope, placed.order_id) == [
        ("TEA", "list", 2, 0, 2, None),
        ("MUG", "gift", 1, 0, 1, "A mug or a pen"),
    ]
    assert [(x.code, x.ordered, x.unit_minor, x.total_minor) for x in plan.lines] == [
        ("TEA", 2, 1_000, 2_000),
        ("MUG", 1, 0, 0),
    ]
    (rule,) = (await decided(db, scope, placed))["applied"]
    assert rule["gift"] == {"line": 2, "sku": "MUG", "quantity": 1, "choices": ["MUG", "PEN"]}
    assert reserved(owner, scope, "MUG") == 1
    small = await factories.place_one(db, scope, factories.order(("TEA", 1)))
    assert [code for code, *_ in await lines(db, scope, small.order_id)] == ["TEA"]
    (near,) = (await decided(db, scope, small))["near_misses"]
    assert (near["code"], near["amount_minor"]) == ("needs_spend", 1_000)


async def test_the_one_chosen_is_given_or_another_or_none(db: Database, scope: Scope) -> None:
    opened = await factories.shop(db, scope, {"TEA": {"A": 99}, "MUG": {"A": 1}, "PEN": {"A": 1}})
    await publish(db, scope, EITHER)
    chosen = factories.order(("TEA", 2), gifts=("PEN",))
    batch = await factories.place(db, scope, chosen, chosen, chosen)
    placed = [one for one in batch if isinstance(one, Placed)]
    given = [[code for code, *_ in await lines(db, scope, one.order_id)][1:] for one in placed]
    assert given == [["PEN"], ["MUG"], []]
    assert {one.total_minor for one in placed} == {2_000}
    _, instead, without = [await decided(db, scope, one) for one in placed]
    assert instead["applied"][0]["gift"]["wanted"] == "PEN"
    assert [x["code"] for x in without["near_misses"]] == ["gift_sold_out"]
    async with db.begin(scope) as tx:
        await factories.receive(tx, opened, {"PEN": {"A": 1}})
    again = await factories.place_one(db, scope, chosen)
    assert [code for code, *_ in await lines(db, scope, again.order_id)] == ["TEA", "PEN"]


async def test_what_no_promotion_gives_cannot_be_chosen(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}, "MUG": {"A": 1}, "PEN": {"A": 1}})
    await publish(db, scope, EITHER)
    (refused,) = await factories.place(db, scope, factories.order(("TEA", 1), gifts=("PEN", "TEA")))
    assert factories.codes(refused) == [("gift_not_offered", "gifts[1]")]
    placed = await factories.place_one(db, scope, factories.order(("TEA", 1), gifts=("PEN",)))
    assert [code for code, *_ in await lines(db, scope, placed.order_id)] == [
        "TEA"
    ]  # not earned, and no reason to refuse


async def test_a_choice_names_its_promotion_and_is_kept_with_the_order(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}, "MUG": {"A": 5}, "PEN": {"A": 5}, "CAP": {"A": 1}})
    first = Promotion("first", "First", Gift(("MUG", "PEN")), TEA)
    second = Promotion("second", "Second", Gift(("CAP", "PEN")), TEA)
    await publish(db, scope, first, second)

    async def given(*gifts: str | GiftChoice) -> tuple[list[str], list[dict[str, Any]]]:
        placed = await factories.place_one(db, scope, factories.order(("TEA", 1), gifts=gifts))
        applied = (await decided(db, scope, placed))["applied"]
        return [code for code, *_ in await lines(db, scope, placed.order_id)][1:], [one["gift"] for one in applied]

    codes, kept = await given(GiftChoice(promotion="second", sku="PEN"))
    assert codes == ["MUG", "PEN"]
    assert [one.get("is_chosen", False) for one in kept] == [False, True]
    codes, _ = await given("PEN", GiftChoice(promotion="second", sku="CAP"))
    assert codes == ["PEN", "CAP"], "what names no promotion goes to one without a choice of its own"
    codes, kept = await given(GiftChoice(promotion="second", sku="CAP"))
    assert (codes, kept[1]["wanted"]) == (["MUG", "PEN"], "CAP"), "the last cap is gone"


async def test_what_is_wrong_with_a_choice_is_told_at_its_field(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}, "MUG": {"A": 1}, "PEN": {"A": 1}})
    await publish(db, scope, EITHER)
    chosen = [("nobody", "PEN"), (EITHER.id, "TEA"), (EITHER.id, "PEN")]
    gifts = tuple(GiftChoice(promotion=of, sku=sku) for of, sku in chosen)
    (refused,) = await factories.place(db, scope, factories.order(("TEA", 2), gifts=gifts))
    assert factories.codes(refused) == [
        ("gift_of_no_promotion", "gifts[0].promotion"),
        ("gift_not_of_promotion", "gifts[1].sku"),
        ("gift_chosen_twice", "gifts[2].promotion"),
    ]


async def test_the_last_gift_is_given_once(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}, "MUG": {"A": 1}, "PEN": {"A": 2}})
    await publish(db, scope, EITHER)
    outcomes = await at_once(db, scope, [[factories.order(("TEA", 2))] for _ in range(AT_ONCE)])
    placed = [one for (one,) in outcomes if isinstance(one, Placed)]
    assert len(placed) == AT_ONCE
    given = [code for one in placed for code, source, *_ in await lines(db, scope, one.order_id) if source == "gift"]
    assert sorted(given) == ["MUG", "PEN", "PEN"]
    sold = AT_ONCE * 2 + 3
    assert counters(owner, scope) == (sold, 102, sold, sold)


async def test_what_is_bought_comes_before_what_is_given(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}, "MUG": {"A": 2}})
    await publish(db, scope, Promotion("mug", "Mug", Gift(("MUG",)), TEA))
    last = await factories.place_one(db, scope, factories.order(("TEA", 1), ("MUG", 2)))
    assert [(code, source) for code, source, *_ in await lines(db, scope, last.order_id)] == [
        ("TEA", "list"),
        ("MUG", "list"),
    ]


async def test_a_kit_may_be_given(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    opened = await factories.shop(db, scope, {"TEA": {"A": 9}, "CUP": {"A": 3}})
    async with db.begin(scope) as tx:
        await factories.sku(tx, "SET", kind=SkuKind.kit, parts=[(opened.skus["CUP"], 2)])
    await publish(db, scope, Promotion("set", "Set", Gift(("SET",)), TEA))
    one, other = await factories.place(db, scope, factories.order(("TEA", 1)), factories.order(("TEA", 1)))
    assert isinstance(one, Placed)
    assert isinstance(other, Placed)
    assert [(x[0], x[1], x[2], x[4]) for x in await lines(db, scope, one.order_id)] == [
        ("TEA", "list", 1, 1),
        ("SET", "gift", 1, 0),
        ("CUP", "included", 2, 2),
    ]
    assert [code for code, *_ in await lines(db, scope, other.order_id)] == ["TEA"]
    assert reserved(owner, scope, "CUP") == 2


async def cancel(db: Database, scope: Scope, placed: Placed, *wanted: LineQuantity) -> None:
    request = CancelRequest(placed.order_id, "changed_mind", wanted or None)
    (outcome,) = await db.write(scope, lambda tx: service.cancel_orders(tx, requests=[request]))
    assert isinstance(outcome, service.Canceled), outcome


async def test_gifts_go_with_what_earned_them(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}, "CUP": {"A": 9}, "MUG": {"A": 99}, "PEN": {"A": 9}})
    await publish(db, scope, EITHER, EACH)
    placed = await factories.place_one(db, scope, factories.order(("TEA", 5), ("CUP", 1), gifts=("PEN",)))
    # 5 teas bring a pen from 20.00 on, and a mug for each two.
    assert [x[:5] for x in await lines(db, scope, placed.order_id)] == [
        ("TEA", "list", 5, 0, 5),
        ("CUP", "list", 1, 0, 1),
        ("MUG", "gift", 2, 0, 2),
        ("PEN", "gift", 1, 0, 1),
    ]
    await cancel(db, scope, placed, LineQuantity(1, 2))
    assert [x[2:5] for x in await lines(db, scope, placed.order_id)] == [(5, 2, 3), (1, 0, 1), (2, 1, 1), (1, 0, 1)]
    await cancel(db, scope, placed, LineQuantity(1, 2))
    assert [x[2:5] for x in await lines(db, scope, placed.order_id)] == [(5, 4, 1), (1, 0, 1), (2, 2, 0), (1, 1, 0)]
    assert (reserved(owner, scope, "MUG"), reserved(owner, scope, "PEN")) == (0, 0)
    whole = await factories.place_one(db, scope, factories.order(("TEA", 2)))
    await cancel(db, scope, whole, LineQuantity(1, 2))
    assert (await read(db, scope, whole.order_id)).order.lifecycle == "canceled"
    assert reserved(owner, scope, "MUG") == 0


async def test_a_gift_stays_where_somebody_took_something_off_by_hand(db: Database, scope: Scope) -> None:
    """Before or after the order was placed: a gift was given for what the rules ask."""
    await factories.shop(db, scope, {"TEA": {"A": 99}, "CUP": {"A": 9}, "MUG": {"A": 99}, "PEN": {"A": 9}})
    await publish(db, scope, EITHER)
    wanted = factories.order(("TEA", 2), ("CUP", 1))
    plain = await factories.place_one(db, scope, wanted)
    edit = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=100, price_reason="A dent."),))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=plain.order_id, edit=edit, version=None))
    off = msgspec.structs.replace(wanted, discount=OrderDiscount("Late.", rate_ppm=500_000))
    for placed in (plain, await factories.place_one(db, scope, off)):
        await cancel(db, scope, placed, LineQuantity(2, 1))
        assert [x[:4] for x in await lines(db, scope, placed.order_id)][2] == ("MUG", "gift", 1, 0)
        await cancel(db, scope, placed, LineQuantity(1, 1))
        assert [x[:4] for x in await lines(db, scope, placed.order_id)][2] == ("MUG", "gift", 1, 1)


async def test_a_gift_that_goes_gives_its_use_back(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}, "MUG": {"A": 99}})
    once = Promotion("once", "The first one", Gift(("MUG",)), TEA, When(min_quantity=2), caps=Caps(total=1))
    off = Promotion("off", "Off", PercentOff(100_000), TEA, caps=Caps(total=1))
    await publish(db, scope, once, off)

    async def used() -> set[str]:
        async with db.read(scope) as tx:
            return {one.promotion for one in await tx.load_one(redemptions.live_of_orders([first.order_id]))}

    first = await factories.place_one(db, scope, factories.order(("TEA", 2)))
    second = await factories.place_one(db, scope, factories.order(("TEA", 2)))
    assert (len(await lines(db, scope, first.order_id)), len(await lines(db, scope, second.order_id))) == (2, 1)
    assert await used() == {"once", "off"}
    await cancel(db, scope, first, LineQuantity(1, 1))
    assert await used() == {"off"}
    third = await factories.place_one(db, scope, factories.order(("TEA", 2)))
    assert [code for code, *_ in await lines(db, scope, third.order_id)] == ["TEA", "MUG"]


@pytest.mark.parametrize("code", ["TEA", "CUP"])
async def test_gifts_cost_the_same_statements_whatever_the_number_of_drafts(
    db: Database, scope: Scope, recorder: StatementRecorder, code: str
) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9_000}, "CUP": {"A": 9_000}, "MUG": {"A": 9_000}, "PEN": {"A": 9}})

    async def statements(count: int) -> int:
        with recorder.watching() as sent:
            outcomes = await factories.place(db, scope, *[factories.order((code, 2)) for _ in range(count)])
        assert all(isinstance(one, Placed) for one in outcomes)
        return len(sent)

    await statements(1)
    without = await statements(1)
    await publish(db, scope, EITHER)
    await statements(1)
    # Where the cart cannot earn any, they cost nothing; else two reads: the SKUs, and their stock.
    extra = 2 if code == "TEA" else 0
    assert (await statements(1), await statements(100)) == (without + extra, without + extra)


async def test_gifts_are_chosen_over_rest(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await publish(db, scope, Promotion("cup", "A cup", Gift(("CUP",)), TEA))
        body = {"lines": [{"sku": "TEA", "quantity": 1}], "gifts": ["CUP"]}
        preview = await client.post("/api/v1/orders/preview", json=body)
        placed = await client.post("/api/v1/orders", json=body)
        kept = await client.get(f"/api/v1/orders/{placed.json()['order_id']}")
        wrong = await client.post("/api/v1/orders", json={**body, "gifts": ["CUP", "TEA"]})
        many = await client.post("/api/v1/orders", json={**body, "gifts": ["CUP"] * 21})
        named = await client.post("/api/v1/orders", json={**body, "gifts": [{"promotion": "cup", "sku": "CUP"}]})
        odd = await client.post("/api/v1/orders", json={**body, "gifts": [{"promotion": "tea", "sku": "CUP"}]})
        cart = {"carts": [{"lines": body["lines"], "gifts": [{"promotion": "cup", "sku": "TEA"}]}]}
        quoted = await client.post("/api/v1/pricing/quote", json=cart)
    assert preview.status_code == 200, preview.text
    told = [(x["code"], x["quantity"], x["price_source"], x["total_minor"]) for x in preview.json()["lines"]]
    assert told == [("TEA", 1, "list", 1_000), ("CUP", 1, "gift", 0)]
    assert preview.json()["prices"]["applied"][0]["gift"] == {
        "line": 2,
        "sku": "CUP",
        "quantity": 1,
        "choices": ["CUP"],
    }
    assert (placed.status_code, placed.json()["total_minor"], placed.json()["allocated"]) == (201, 1_000, 2)
    assert [(x["code"], x["price_source"]) for x in kept.json()["lines"]] == [("TEA", "list"), ("CUP", "gift")]
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (422, "gift_not_offered", "gifts[1]")
    assert many.status_code in {400, 422}
    assert named.status_code == 201
    assert (odd.status_code, odd.json()["field"]) == (422, "gifts[0].promotion")
    assert "gifts[0].sku" in quoted.text
