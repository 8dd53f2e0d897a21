"""In which country an order was taxed stays with it, wherever the merchant goes and whatever counts as home later."""

from typing import Any

import psycopg
import pytest

from jiedan.accounts import service as accounts
from jiedan.base.db import Database, Scope
from jiedan.orders import service
from jiedan.orders.service import erasure
from jiedan.orders.values import LinePrice, OrderId, OrderWithLines, Placed, PriceEdit
from jiedan.pricing import service as pricing
from jiedan.pricing.values import TaxSettings
from tests.customers.factories import save, wang
from tests.orders.factories import order, place_one, shop
from tests.orders.test_tax_exempt import BERLIN, PARIS, exempt, found, is_explained, move, row
from tests.replays.factories import done, figures

WHOLE, NET = (1_000, 0, 0, 0), (840, 0, 160, 160)
"""10.00 hold 1.60 of tax at 19 %."""

PLACED_HOMELESS = (
    "UPDATE order_line SET discount_minor = 0, relief_minor = 0, total_minor = 1000 WHERE tenant_id = %(tenant)s",
    "UPDATE orders SET total_minor = 1000, tax = tax - 'home' WHERE tenant_id = %(tenant)s",
)
"""What orders were before the merchant's country was the home of rules that name none."""


async def german(db: Database, scope: Scope) -> None:
    """Open a German merchant whose prices include tax, and whose tax settings name no home."""
    await shop(db, scope, {"TEA": {"A": 99}}, country="DE", prices_include_tax=True)
    async with db.begin(scope) as tx:
        rows = [pricing.TaxRateRow("DE", "standard", 190_000), pricing.TaxRateRow("FR", "standard", 200_000)]
        await pricing.set_tax_rates(tx, rows=rows)
        await pricing.create_rule(tx, kind="tax_settings", body=TaxSettings(reverse_charge=True))
        await pricing.publish(tx)


async def bought(db: Database, scope: Scope, kind: str = "exempt", number: str = "EX-1") -> Placed:
    customer_id, _ = await exempt(db, scope, kind, number)
    return await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=PARIS))


async def move_merchant(db: Database, scope: Scope, country: str) -> None:
    async with db.begin(scope) as tx:
        await accounts.change_settings(tx, changes={"country": country})


async def price(db: Database, scope: Scope, placed: Placed, minor: int) -> OrderWithLines:
    edit = PriceEdit(lines=(LinePrice(line=1, unit_price_minor=minor, price_reason="A stain."),))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=edit, version=None))
    return await found(db, scope, placed)


def home(of: OrderWithLines) -> str | None:
    assert of.order.tax is not None
    return of.order.tax.home


@pytest.mark.parametrize(("kind", "number"), [("exempt", "EX-1"), ("reverse_charge", "FR40303265045")])
async def test_a_merchant_who_moves_leaves_orders_where_they_were_taxed(
    db: Database, scope: Scope, kind: str, number: str
) -> None:
    await german(db, scope)
    placed = await bought(db, scope, kind, number)
    await move_merchant(db, scope, "CN")
    stays = await found(db, scope, placed)
    assert (row(stays), home(stays)) == (NET, "DE")
    assert await is_explained(db, scope, placed)
    assert (await figures(db, scope, await done(db, scope)))["same"] == (1, 840, 840)
    await move(db, scope, placed, BERLIN)
    back = await move(db, scope, placed, PARIS)
    assert (row(back), home(back)) == (NET, "DE")
    assert await is_explained(db, scope, placed)
    cheaper = await price(db, scope, placed, 500)
    # 5.00 hold 0.80 at 19 %: the tax of the old home, which China has no rate for.
    assert (row(cheaper), home(cheaper)) == ((420, 0, 80, 80), "DE")
    async with db.begin(scope) as tx:
        await erasure.erase_orders(tx, order_ids=[OrderId(placed.order_id)])
    assert home(await found(db, scope, placed)) == "DE"
    assert await is_explained(db, scope, placed)


async def test_new_orders_follow_the_merchant(db: Database, scope: Scope) -> None:
    await german(db, scope)
    await move_merchant(db, scope, "FR")
    placed = await found(db, scope, await bought(db, scope))
    # 10.00 hold 1.67 at 20 %.
    assert (row(placed), home(placed)) == ((833, 0, 167, 167), "FR")


async def test_an_order_from_before_there_was_a_home_is_told_as_it_was_paid(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await german(db, scope)
    placed = await bought(db, scope)
    for statement in PLACED_HOMELESS:
        owner.execute(statement.encode(), {"tenant": scope.tenant})
    assert (row(await found(db, scope, placed)), home(await found(db, scope, placed))) == (WHOLE, None)
    assert await is_explained(db, scope, placed)
    assert (await figures(db, scope, await done(db, scope)))["same"] == (1, 1_000, 1_000)
    cheaper = await price(db, scope, placed, 500)
    assert row(cheaper) == (500, 0, 0, 0), "a price by hand gives no relief that the order never had"
    assert await is_explained(db, scope, placed)


async def test_an_order_from_before_homes_were_kept_is_known_by_its_relief(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await german(db, scope)
    placed = await bought(db, scope)
    owner.execute("UPDATE orders SET tax = tax - 'home' WHERE tenant_id = %s", (scope.tenant,))
    assert await is_explained(db, scope, placed)
    assert (await figures(db, scope, await done(db, scope)))["same"] == (1, 840, 840)


async def test_of_who_has_nothing_to_show_no_home_is_kept(db: Database, scope: Scope) -> None:
    await german(db, scope)
    (customer_id,) = await save(db, scope, [wang()])
    bare = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=PARIS))
    assert home(await found(db, scope, bare)) is None
    await move_merchant(db, scope, "FR")
    assert await is_explained(db, scope, bare)


async def test_a_part_of_a_country_drafted_before_it_was_refused_is_not_published(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await german(db, scope)
    owner.execute(
        """UPDATE price_rule SET body = body || '{"home_region": "BE"}'
        WHERE tenant_id = %s AND kind = 'tax_settings'""",
        (scope.tenant,),
    )
    async with db.read(scope) as tx:
        (problem,) = await pricing.problems(tx)
    assert (problem.code, problem.field) == ("tax_home_unnamed", "tax_settings:settings.home_country")
