"""Replays of orders that people had a hand in: discounts by rate and by amount, and prices that were set since."""

from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders import service as orders
from jiedan.orders.values import LinePrice, NewLine, OrderId, PriceEdit
from jiedan.pricing.values import OrderDiscount
from jiedan.pricing.values.promotions import PercentOff, Promotion
from jiedan.replays import queries, rules
from tests.journeys import books
from tests.orders.factories import order, shop
from tests.replays.factories import TEA, TENTH, done, drafted, figures, placed, published, rows

HALF = Promotion("half", "Half", PercentOff(500_000), TEA)
ALL_BUT_A_CENT = Promotion("nearly", "Nearly all", PercentOff(999_000), TEA)


@pytest.fixture
async def desk(db: Database, scope: Scope) -> Scope:
    """Open a merchant with tea and cups at 10.00."""
    await shop(db, scope, {code: {"W1": 1_000} for code in ("TEA", "CUP")}, backorder=True)
    return scope


async def set_price(db: Database, scope: Scope, order_id: OrderId, unit_minor: int | None) -> None:
    """Set the price of the first line of an order by hand."""
    edit = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=unit_minor, price_reason="A dent."),))
    await db.write(scope, lambda tx: orders.set_prices(tx, order_id=order_id, edit=edit, version=None))


def off(**facts: Any) -> OrderDiscount:
    """Return a discount by hand."""
    return OrderDiscount("Late.", **facts)


async def test_a_rate_by_hand_is_that_rate_of_what_goods_cost_by_the_draft(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 2), discount=off(rate_ppm=250_000)))
    await drafted(db, desk, HALF)
    found = await figures(db, desk, await done(db, desk))
    # A quarter off 20.00, and off the 10.00 that the draft leaves of it.
    assert (found["total"], found["discount"]) == ((1, 1_500, 750), (1, 500, 1_250))


async def test_an_amount_by_hand_stays_that_amount_and_is_no_reason_to_refuse(db: Database, desk: Scope) -> None:
    await placed(
        db,
        desk,
        order(("TEA", 2), discount=off(amount_minor=500)),
        order(("TEA", 2), discount=off(amount_minor=1_500)),
        order(("TEA", 1), discount=off(amount_minor=1_000)),
    )
    await drafted(db, desk, HALF)
    replay = await done(db, desk)
    found = await figures(db, desk, replay)
    # 20.00 and 10.00 are halved: 5.00 stay of the first; of the others 5.00 each are more than what is left.
    assert found["total"] == (3, 1_500 + 500 + 0, 500 + 0 + 0)
    assert (found["cut"], "refused" in found) == ((2, 500 + 500, 0), False)
    async with db.read(desk) as tx:
        sums = await tx.load_one(queries.sums(replay.replay_id))
    (told,) = [note.text for note in rules.notes("en", sums, []) if note.code == "cut"]
    assert "2, CN¥10.00" in told


async def test_rates_beside_promotions_come_to_what_was_charged(db: Database, desk: Scope) -> None:
    await published(db, desk, TENTH)
    await placed(
        db, desk, *[order(("TEA", n), ("CUP", 1), discount=off(rate_ppm=333_333)) for n in range(1, 8)]
    )  # fmt: skip
    found = await figures(db, desk, await done(db, desk))
    assert found["same"][0] == 7


async def test_prices_set_since_are_no_difference_of_the_rules(db: Database, desk: Scope) -> None:
    changed, back, _, by_hand = await placed(
        db,
        desk,
        order(("TEA", 2), ("CUP", 1)),
        order(("TEA", 2)),
        order(("TEA", 1)),
        order(NewLine(sku="TEA", quantity=1, unit_price_minor=800, price_reason="A dent.")),
    )
    await set_price(db, desk, changed.order_id, 500)
    for unit_minor in (500, None):
        await set_price(db, desk, back.order_id, unit_minor)
    await set_price(db, desk, by_hand.order_id, None)
    await drafted(db, desk, TENTH)
    replay = await done(db, desk)
    found = await figures(db, desk, replay)
    assert (found["total"], found["by_hand"]) == ((2, 3_000, 2_700), (2, 2_000 + 1_000, 3_000))
    assert "unlike" not in found
    listed = await rows(db, desk, replay, "by_hand")
    assert {row.order_id for row in listed} == {changed.order_id, by_hand.order_id}
    assert {row.code for row in listed} == {"prices_set_since"}
    await books.assert_balance(db, desk)


async def test_a_discount_of_nearly_all_is_cut_to_the_cent(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1), ("CUP", 1), discount=off(amount_minor=1_999)))
    await drafted(db, desk, ALL_BUT_A_CENT)
    found = await figures(db, desk, await done(db, desk))
    assert (found["total"], found["cut"]) == ((1, 1, 0), (1, 998, 0))
