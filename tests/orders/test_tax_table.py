"""The tax table of an order is kept with it: in every currency, through edits, cancellations and an erasure."""

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from jiedan.base import verify
from jiedan.base.db import Database, Scope
from jiedan.orders import queries, service
from jiedan.orders.rules import taxing
from jiedan.orders.rules.planning import Plan
from jiedan.orders.service import erasure
from jiedan.orders.values import (
    CancelRequest,
    History,
    LineQuantity,
    NewLine,
    OrderId,
    OrderWithLines,
    Placed,
)
from jiedan.pricing import service as pricing
from jiedan.pricing.values import TaxRow, TaxSettings
from jiedan.pricing.values.carts import AsSold
from tests.conftest import NOON
from tests.orders.factories import order, place_one, shop
from tests.orders.test_bespoke import opened
from tests.orders.test_promotions import preview_of
from tests.orders.test_tax_exempt import BERLIN, PARIS, exempt, move

CHECKS = verify.statements("orders")


async def two_rates(db: Database, scope: Scope, *, included: bool = False, **settings: Any) -> None:
    """Open a German merchant: 19 %, shipping at 7 %, in France 20 %."""
    await shop(db, scope, {"TEA": {"A": 99}, "POT": {"A": 99}}, country="DE", prices_include_tax=included, **settings)
    async with db.begin(scope) as tx:
        rows = [
            pricing.TaxRateRow("DE", "standard", 190_000),
            pricing.TaxRateRow("DE", "shipping", 70_000),
            pricing.TaxRateRow("FR", "standard", 200_000),
        ]
        await pricing.set_tax_rates(tx, rows=rows)
        await pricing.create_rule(tx, kind="tax_settings", body=TaxSettings(reverse_charge=True, home_country="DE"))
        await pricing.publish(tx)


async def found(db: Database, scope: Scope, placed: Placed) -> OrderWithLines:
    async with db.read(scope) as tx:
        for name in ("i06_order_tax_is_the_sum_of_its_lines", "i06_line_tax_is_the_sum_of_its_taxes"):
            assert await tx.sql(CHECKS[name]) == []
        return await queries.order(tx, placed.order_id)


def told(rows: Sequence[TaxRow] | None) -> list[tuple[str, int, int, int]]:
    assert rows is not None
    return [(x.treatment, x.rate_ppm, x.base_minor, x.tax_minor) for x in rows]


async def table(db: Database, scope: Scope, placed: Placed) -> list[tuple[str, int, int, int]]:
    of = await found(db, scope, placed)
    rows = told(taxing.table(of.lines))
    assert sum(tax_minor for *_, tax_minor in rows) == of.order.tax_minor
    return rows


async def test_an_order_tells_what_its_preview_told(db: Database, scope: Scope) -> None:
    await two_rates(db, scope)
    body = order(("TEA", 2), ("POT", 1), ship_to=BERLIN, shipping_minor=500)
    (plan,) = await preview_of(db, scope, body)
    assert isinstance(plan, Plan)
    placed = await place_one(db, scope, body)
    rows = await table(db, scope, placed)
    assert rows == told(plan.taxes)
    assert sum(base_minor + tax_minor for _, _, base_minor, tax_minor in rows) == placed.total_minor
    # 3 × 10.00 at 19 %; a fee by hand is of the class "standard": 5.00, so 6.65 on 35.00
    assert rows == [("taxed", 190_000, 35_00, 6_65)]


async def test_it_follows_what_is_canceled(db: Database, scope: Scope) -> None:
    await two_rates(db, scope, included=True)
    placed = await place_one(db, scope, order(("TEA", 3), ("POT", 1), ship_to=BERLIN))
    # 40.00 hold 6.39: 30.00 of it 4.79, 10.00 of it 1.60
    assert await table(db, scope, placed) == [("taxed", 190_000, 33_61, 6_39)]
    request = CancelRequest(placed.order_id, "some", (LineQuantity(1, 1),))
    await db.write(scope, lambda tx: service.cancel_orders(tx, requests=[request]))
    # of 4.79 one of three takes ⌊1.596…⌋ along
    assert await table(db, scope, placed) == [("taxed", 190_000, 30_00 - 4_80, 4_80)]
    await db.write(scope, lambda tx: service.cancel_orders(tx, requests=[CancelRequest(placed.order_id, "all")]))
    assert await table(db, scope, placed) == []


async def test_it_follows_the_order_to_another_place(db: Database, scope: Scope) -> None:
    await two_rates(db, scope)
    customer_id, _ = await exempt(db, scope, "reverse_charge", "FR40303265045")
    placed = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN))
    guest = await place_one(db, scope, order(("TEA", 1), ship_to=BERLIN))
    for one in (placed, guest):
        assert await table(db, scope, one) == [("taxed", 190_000, 10_00, 1_90)]
        await move(db, scope, one, PARIS)
    assert await table(db, scope, placed) == [("reverse_charge", 0, 10_00, 0)]
    assert await table(db, scope, guest) == [("taxed", 200_000, 10_00, 2_00)]


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("EUR", 2), ("BHD", 3)])
async def test_it_is_kept_in_every_currency(db: Database, scope: Scope, currency: str, decimals: int) -> None:
    await two_rates(db, scope, currency=currency, currencies=(currency,))
    line = NewLine(sku="TEA", quantity=3, unit_price_minor=333, price_reason="By agreement")
    placed = await place_one(db, scope, order(line, ship_to=BERLIN, currency=currency))
    # 3 × 333 = 999; × 19 % = 189.81, rounded 190, in the smallest unit whatever that is
    assert await table(db, scope, placed) == [("taxed", 190_000, 999, 190)], decimals


async def test_what_was_sold_elsewhere_keeps_the_tax_it_was_sold_with(db: Database, scope: Scope) -> None:
    await two_rates(db, scope, included=True)
    line = NewLine(sku="TEA", quantity=1, as_sold=AsSold(unit_minor=10_00, discount_minor=0, tax_minor=1_23))
    history = History(placed_at=NOON, claims_stock=False)
    body = order(line, ("POT", 1), ship_to=BERLIN, history=history, external_id="H-1")
    placed = await place_one(db, scope, body)
    assert await table(db, scope, placed) == [("taxed", 190_000, 8_40, 1_60), ("as_sold", 0, 8_77, 1_23)]


async def test_an_erasure_keeps_it(db: Database, scope: Scope) -> None:
    await two_rates(db, scope)
    customer_id, _ = await exempt(db, scope, "reverse_charge", "FR40303265045")
    placed = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=PARIS))
    async with db.begin(scope) as tx:
        await erasure.erase_orders(tx, order_ids=[OrderId(placed.order_id)])
    assert await table(db, scope, placed) == [("reverse_charge", 0, 10_00, 0)]


async def test_of_an_order_of_before_only_the_sum_is_told_until_it_is_taxed_anew(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await two_rates(db, scope)
    placed = await place_one(db, scope, order(("TEA", 1), ship_to=BERLIN))
    owner.execute("UPDATE order_line SET taxes = NULL WHERE tenant_id = %(tenant)s", {"tenant": scope.tenant})
    assert taxing.table((await found(db, scope, placed)).lines) is None
    async with opened(db, scope) as client:
        whole = (await client.get(f"/api/v1/orders/{placed.order_id}")).json()
    assert (whole["tax_minor"], whole["taxes"]) == (1_90, None)
    await move(db, scope, placed, PARIS)
    assert await table(db, scope, placed) == [("taxed", 200_000, 10_00, 2_00)]


async def test_the_api_tells_it_before_and_after(db: Database, scope: Scope) -> None:
    await two_rates(db, scope)
    placed = await place_one(db, scope, order(("TEA", 1), ship_to=BERLIN))
    address = {"country": "DE", "line1": "Hauptstrasse 1", "city": "Berlin", "postal_code": "10117"}
    paris = {"country": "FR", "line1": "1 Rue de Rivoli", "city": "Paris", "postal_code": "75001"}
    cart = {"lines": [{"sku": "TEA", "quantity": 1}], "ship_to": address}
    async with opened(db, scope) as client:
        whole = (await client.get(f"/api/v1/orders/{placed.order_id}")).json()
        preview = (await client.post("/api/v1/orders/preview", json=cart)).json()
        (quoted,) = (await client.post("/api/v1/pricing/quote", json={"carts": [cart]})).json()
        edit = await client.post(f"/api/v1/orders/{placed.order_id}/edit-preview", json={"ship_to": paris})
    row = {"treatment": "taxed", "name": "tax", "rate_ppm": 190_000, "is_compound": False}
    assert whole["taxes"] == preview["taxes"] == quoted["quote"]["taxes"]
    assert whole["taxes"] == [{**row, "base_minor": 1_000, "tax_minor": 190}]
    assert edit.json()["taxes"] == [{**row, "rate_ppm": 200_000, "base_minor": 1_000, "tax_minor": 200}]
