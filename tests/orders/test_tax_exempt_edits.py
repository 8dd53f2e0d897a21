"""Orders of who pays no tax, edited twice: by hand, to other measures, moved; explained and replayed each time."""

import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.catalog.tables import Product
from jiedan.customers.values import Address
from jiedan.orders import service
from jiedan.orders.rules import at_placement
from jiedan.orders.values import LinePrice, OrderEdit, OrderWithLines, Placed, PriceEdit
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import Goods, PercentOff, Promotion
from tests.orders.factories import order, place_one
from tests.orders.test_bespoke import curtain, sold
from tests.orders.test_remeasuring import NARROW, edit, measures
from tests.orders.test_tax_exempt import (
    BERLIN,
    PARIS,
    exempt,
    found,
    freed,
    is_explained,
    move,
    rated,
    row,
    taxed,
)
from tests.pricing.bespoke_formulas import LINEN_MINOR
from tests.replays.factories import done, figures, published


async def bought(db: Database, scope: Scope, there: Address) -> Placed:
    """Place tea and a pot, together 20.00, for a customer who is exempt at home and nowhere else."""
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1", places=("DE",))
    return await place_one(db, scope, order(("TEA", 1), ("POT", 1), customer_id=customer_id, ship_to=there))


async def price(db: Database, scope: Scope, placed: Placed, minor: int | None) -> OrderWithLines:
    """Set the price of the tea by hand; None takes it back."""
    one = LinePrice(line=1) if minor is None else LinePrice(line=1, unit_price_minor=minor, price_reason="A stain.")
    wish = PriceEdit(lines=(one,))
    await db.write(scope, lambda tx: service.set_prices(tx, order_id=placed.order_id, edit=wish, version=None))
    return await found(db, scope, placed)


async def test_a_price_by_hand_and_then_a_move(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    placed = await bought(db, scope, BERLIN)
    # 15.95 hold 2.55 of tax at 19 %, and 2.66 at 20 %; 20.00 hold 3.33 at 20 % and 3.19 at 19 %.
    assert row(await price(db, scope, placed, 595)) == (1_340, 0, 255, 255)
    moved = await move(db, scope, placed, PARIS)
    assert row(moved) == (1_595, 266, 0, 0)
    assert at_placement.is_changed(moved)
    assert await is_explained(db, scope, placed)
    assert (await figures(db, scope, await done(db, scope)))["by_hand"] == (1, 1_595, 1_595)
    back = await price(db, scope, placed, None)
    assert row(back) == (2_000, 333, 0, 0)
    assert not at_placement.is_changed(back)
    assert await is_explained(db, scope, placed)
    assert (await figures(db, scope, await done(db, scope)))["same"] == (1, 2_000, 2_000)
    assert row(await move(db, scope, placed, BERLIN)) == (1_681, 0, 319, 319)
    assert await is_explained(db, scope, placed)


async def test_a_price_that_was_set_back_before_the_move(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    placed = await bought(db, scope, PARIS)
    await price(db, scope, placed, 595)
    await price(db, scope, placed, None)
    moved = await move(db, scope, placed, BERLIN)
    assert row(moved) == (1_681, 0, 319, 319)
    assert not at_placement.is_changed(moved)
    assert await is_explained(db, scope, placed)
    assert (await figures(db, scope, await done(db, scope)))["same"] == (1, 1_681, 1_681)


async def test_other_measures_and_then_a_move(db: Database, scope: Scope) -> None:
    await sold(db, scope, country="DE", prices_include_tax=True)
    await rated(db, scope)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1", places=("DE",))
    placed = await place_one(db, scope, order(curtain(), customer_id=customer_id, ship_to=BERLIN))
    wide, narrow = round(LINEN_MINOR * 19 / 119), round(NARROW * 19 / 119)
    assert row(await found(db, scope, placed)) == (LINEN_MINOR - wide, 0, wide, wide)
    await edit(db, scope, placed, measures(width="1 m"))
    assert row(await found(db, scope, placed)) == (NARROW - narrow, 0, narrow, narrow)
    moved = await move(db, scope, placed, PARIS)
    assert row(moved) == (NARROW, NARROW // 6, 0, 0)
    assert at_placement.is_changed(moved)
    assert await is_explained(db, scope, placed)
    await edit(db, scope, placed, measures(width="2.4 m"))
    back = await found(db, scope, placed)
    assert not at_placement.is_changed(back)
    assert await is_explained(db, scope, placed)
    total_minor = back.order.total_minor
    assert (await figures(db, scope, await done(db, scope)))["same"] == (1, total_minor, total_minor)


async def test_other_measures_and_another_address_in_one_edit(db: Database, scope: Scope) -> None:
    await sold(db, scope, country="DE", prices_include_tax=True)
    await rated(db, scope)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1", places=("DE",))
    body = order(curtain(), ("TEA", 1), customer_id=customer_id, ship_to=PARIS)
    placed = await place_one(db, scope, body)
    assert freed(await found(db, scope, placed)) == [("certificate_elsewhere", "EX-1")]
    wish = OrderEdit(measures=measures(width="1 m").measures, ship_to=BERLIN)
    await edit(db, scope, placed, wish)
    home = await found(db, scope, placed)
    total = sum(x.unit_minor for x in home.lines)
    relief = round(total * 19 / 119)
    assert home.lines[0].unit_minor == NARROW
    assert (row(home), freed(home)) == ((total - relief, 0, relief, relief), [("certificate", "EX-1")])
    assert await is_explained(db, scope, placed)


async def test_a_price_by_hand_tells_anew_what_is_freed(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True, fees="goods")
    async with db.begin(scope) as tx:
        await tx.execute(sa.update(Product).where(Product.tenant_id == tx.tenant).values(tax_class="books"))
        rows = [pricing.TaxRateRow("DE", "standard", 190_000), pricing.TaxRateRow("DE", "books", 70_000)]
        await pricing.set_tax_rates(tx, rows=rows)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1")
    body = order(("TEA", 1), customer_id=customer_id, ship_to=BERLIN, shipping_minor=500)
    placed = await place_one(db, scope, body)
    first = await found(db, scope, placed)
    # The fee is taxed as the goods it goes with: 15.00 hold 0.98 of tax at 7 %.
    assert (row(first), classes(first)) == ((1_402, 0, 98, 98), ("books",))
    # Beside goods that cost nothing it is of its own class: 5.00 hold 0.80 at 19 %.
    free = await price(db, scope, placed, 0)
    assert (row(free), classes(free)) == ((420, 0, 80, 80), ("books", "standard"))
    assert await is_explained(db, scope, placed)


def classes(of: OrderWithLines) -> tuple[str, ...]:
    assert of.order.tax is not None
    (note,) = of.order.tax.notes
    return note.classes


async def test_lines_share_what_is_freed_to_the_last_cent(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    tenth = Promotion("tenth", "A tenth off tea", PercentOff(100_000), Goods(any_of=("sku:TEA",)))
    await published(db, scope, tenth)
    placed = await bought(db, scope, BERLIN)
    # 19.00 hold 3.03 of tax; 9.00 would hold 1.44 by themselves, and 10.00 1.60.
    lines = (await found(db, scope, placed)).lines
    assert [(x.discount_minor - x.relief_minor, x.relief_minor, x.total_minor) for x in lines] == [
        (100, 144, 756),
        (0, 159, 841),
    ]
    assert await is_explained(db, scope, placed)
    assert row(await move(db, scope, placed, PARIS)) == (1_900, 317, 100, 0)
    assert await is_explained(db, scope, placed)
