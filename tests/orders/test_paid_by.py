"""Prices that depend on how, and when, an order is paid: what was told as it was placed counts, and is kept."""

from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import service as orders
from jiedan.orders.values import NewOrder, Placed
from jiedan.orders.values.quotes import CartLine, QuoteCart
from jiedan.pricing.values.promotions import AmountOff, Promotion, When
from tests.orders import factories
from tests.orders.test_promotions import decision, preview_of, publish

CARD = Promotion("card", "5 off by card", AmountOff({"CNY": 500}), when=When(payment_methods=("card", "debit_card")))
CASH = Promotion("cash", "For cash", AmountOff({"CNY": 200}), when=When(payment_terms=("on_delivery",)))
FREE = Promotion("free", "Free", AmountOff({"CNY": 100}), when=When(expression="payment_method == 'card'"))


def tea(**said: Any) -> NewOrder:
    return factories.order(("TEA", 1), **said)


async def test_five_off_by_card_is_given_to_who_pays_by_card(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, CARD, CASH)
    (preview,) = await preview_of(db, scope, tea(payment_method="card"))
    placed = [
        await factories.place_one(db, scope, tea(**said))
        for said in (
            {"payment_method": "card"},
            {"payment_method": "bank_transfer"},
            {},
            {"payment_terms": "on_delivery"},
            {"payment_method": "cash_on_delivery", "payment_terms": "on_delivery"},
        )
    ]
    assert [one.total_minor for one in placed] == [500, 1_000, 1_000, 800, 800]
    assert getattr(preview, "total_minor", None) == 500
    kept = await decision(db, scope, placed[0])
    assert (kept["payment_method"], kept["payment_methods"]) == ("card", ["card", "debit_card"])
    told_of_none = await decision(db, scope, placed[2])
    assert "payment_method" not in told_of_none
    assert [(x["promotion"], x["code"], x["wanted"]) for x in told_of_none["near_misses"]] == [
        ("card", "wrong_payment_method", ["card", "debit_card"]),
        ("cash", "wrong_payment_terms", ["on_delivery"]),
    ]
    assert "payment_methods" not in await decision(db, scope, placed[4])


async def test_a_free_condition_binds_to_the_method_that_was_told(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, CARD, FREE)
    placed = await factories.place_one(db, scope, tea(payment_method="card"))
    assert placed.total_minor == 400
    assert (await decision(db, scope, placed))["payment_methods"] == ["card"]


async def test_the_price_is_explained_by_the_method_that_was_told(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, CARD, CASH, FREE)
    for said in ({"payment_method": "card"}, {"payment_terms": "on_delivery"}, {}):
        placed = await factories.place_one(db, scope, tea(**said))
        async with db.read(scope) as tx:
            told = await orders.explain_prices(tx, order_id=placed.order_id, locale="en")
        assert told.is_same, said


async def test_a_quote_asks_as_an_order_does(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, CARD)
    carts = [
        QuoteCart(lines=(CartLine(sku="TEA", quantity=1),), payment_method="card"),
        QuoteCart(lines=(CartLine(sku="TEA", quantity=1),)),
    ]
    async with db.read(scope) as tx:
        quotes = await orders.quote_carts(tx, carts, locale="en")
    assert [one.plan.total_minor for one in quotes if isinstance(one, orders.Quote)] == [500, 1_000]


async def test_telling_the_method_costs_no_statement(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, CARD)

    async def statements(**said: Any) -> int:
        with recorder.watching() as sent:
            (placed,) = await factories.place(db, scope, tea(**said))
        assert isinstance(placed, Placed)
        return len(sent)

    await statements()
    assert await statements() == await statements(payment_method="card")
