"""Who pays no tax sees it where prices are: in the cart, at the checkout, and on the order."""

import html
import re
from pathlib import Path
from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerId, ExemptionId, TaxExemption
from jiedan.pricing import service as pricing
from jiedan.pricing.values import TaxSettings
from jiedan.pricing.values.promotions import PercentOff, Promotion
from tests.portal import people
from tests.portal.factories import open_shop, visiting
from tests.portal.test_orders import FRONT, bought

CERTIFICATE = TaxExemption(ExemptionId(UUID(int=0)), "exempt", "EX-1", note="Kept in the blue folder.")
SAID = "Tax exempt, certificate EX-1"


def told(shown: str) -> str:
    """Return a page as it is read."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split()).replace(" ,", ",")


async def opened(db: Database, scope: Scope) -> None:
    """Open a shop whose prices include 13 % of tax."""
    await open_shop(db, scope, front=FRONT, prices_include_tax=True)
    async with db.begin(scope) as tx:
        await pricing.set_tax_rates(tx, rows=[pricing.TaxRateRow("CN", "standard", 130_000)])
        await pricing.create_rule(tx, kind="tax_settings", body=TaxSettings(home_country="CN"))
        await pricing.publish(tx)


async def test_what_frees_a_customer_is_told_from_the_cart_on(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        (customer_id,) = await people.account_ids(db, scope)
        cart = told(await who.put_in("longjing", "TEA-50", 1))
        assert "Tax exempt" not in cart
        async with db.begin(scope) as tx:
            await customers.add_tax_exemption(tx, customer_id=CustomerId(customer_id), exemption=CERTIFICATE)
        cart, checkout = told(await who.get("/cart")), told(await who.get("/checkout"))
        path = await bought(who, 1)
        order = told(await who.get(path))
        good = await who.get(await who.product("longjing"))
        data = await who.get("/account/data.json")
    # 30.00 hold 3.45 of tax at 13 %.
    for page in (cart, checkout):
        assert SAID in page
        assert "Tax not charged -CN¥3.45" in page.replace("−", "-")
        assert "You save" not in page
    assert SAID in order
    assert "tax in it" not in order
    assert "Tax by rate Tax exempt on CN¥26.55 CN¥0.00" in checkout
    assert "Tax by rate Tax exempt on CN¥53.10 CN¥0.00" in order
    assert '"number": "EX-1"' in data
    assert "CN¥26.55" in good
    assert "<del>" not in good.partition('class="price l"')[2].partition("</div>")[0]
    for page in (cart, checkout, order, data):
        assert "blue folder" not in page


async def test_offers_come_off_the_price_that_is_asked(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="promotion", body=Promotion("tenth", "A tenth", PercentOff(100_000)))
        await pricing.publish(tx)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        (customer_id,) = await people.account_ids(db, scope)
        at = await who.product("longjing")
        usual = await who.get(at)
        async with db.begin(scope) as tx:
            await customers.add_tax_exemption(tx, customer_id=CustomerId(customer_id), exemption=CERTIFICATE)
        freed = await who.get(at)
    # Of 30.00 there remain 27.00; they hold 3.11 of tax at 13 %, and 30.00 hold 3.45.
    assert [_prices(x) for x in (usual, freed)] == [("CN¥27.00", "CN¥30.00"), ("CN¥23.89", "CN¥26.55")]


def _prices(page: str) -> tuple[str, str]:
    """Return what a product costs, and what it cost without offers."""
    shown = page.partition('class="price l"')[2].partition("</del>")[0]
    now, before = re.findall(r"CN¥[0-9.]+", html.unescape(shown))
    return now, before
