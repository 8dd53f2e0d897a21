"""Why an order bears no tax, as staff see it: on the customer, in the preview of a new order, on the order's page."""

import html
import re

from jiedan.base.db import Database, Scope
from jiedan.customers import service as customers
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import PercentOff, Promotion
from tests.console.test_goods import browsing, shown
from tests.console.test_pages import open_console, page
from tests.customers.factories import save, wang
from tests.orders.factories import order, place_one
from tests.orders.test_tax_exempt import BERLIN, PARIS, exempt, taxed


def told(text: str) -> str:
    """Return a page as it is read."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def test_the_page_of_an_order_says_what_freed_it(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "reverse_charge", "FR40303265045")
    (other_id,) = await save(db, scope, [wang(external_id="2")])
    abroad = await place_one(db, scope, order(("TEA", 1), customer_id=customer_id, ship_to=PARIS))
    at_home = await place_one(db, scope, order(("TEA", 1), customer_id=other_id, ship_to=BERLIN))
    async with open_console(db, scope) as client:
        free = told(await page(client, f"/orders/{abroad.order_id}"))
        usual = told(await page(client, f"/orders/{at_home.order_id}"))
    assert "Reverse charge : whoever buys owes the tax. VAT number FR40303265045." in free
    assert "Art. 138, 196 Directive 2006/112/EC" in free
    assert "Tax in the prices, not charged CN¥1.60" in free
    assert "Of which discounts took off" not in free
    assert "Reverse charge" not in usual
    assert "Tax by rate Reverse charge on CN¥8.40 CN¥0.00" in free
    assert "Tax by rate Tax 19% on CN¥8.40 CN¥1.60" in usual


async def test_the_page_of_a_customer_lists_what_is_kept(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, exemption_id = await exempt(db, scope, "exempt", "EX-1", places=("DE", "FR-IDF"), classes=("books",))
    at = f"/customers/{customer_id}"
    async with db.begin(scope) as tx:
        await customers.keep_certificate(tx, customer_id=customer_id, exemption_id=exemption_id, document=b"%PDF-1.7")
    rights = frozenset({"customers:read", "customers:write"})
    async with browsing(db, scope, rights) as client:
        kept = await shown(client, at)
        data = (await client.get(f"/c/acme{at}/data.json")).json()
    async with db.begin(scope) as tx:
        await customers.remove_tax_exemption(tx, customer_id=customer_id, exemption_id=exemption_id)
    async with browsing(db, scope, frozenset({"customers:read"})) as client:
        none = await shown(client, at)
    assert "Tax exempt by certificate EX-1 holds DE FR-IDF" in told(kept)
    assert f"{at}/tax-exemptions/{exemption_id}" in kept
    assert f"{at}/tax-exemptions/{exemption_id}/certificate" in kept
    assert data["customer"]["tax_exemptions"][0]["number"] == "EX-1"
    assert data["customer"]["tax_exemptions"][0]["certificate"]["size_bytes"] == len(b"%PDF-1.7")
    assert "Taxed as usual." in none
    assert "tax-exemptions" not in none


async def test_a_tried_cart_tells_tax_that_is_not_charged_apart_from_discounts(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=True)
    customer_id, _ = await exempt(db, scope, "exempt", "EX-1", places=("DE",))
    off = Promotion("fifth", "A fifth", PercentOff(200_000))
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="promotion", body=off)
    async with open_console(db, scope) as client:
        cart = "/prices/try?sku=TEA&price=119&country=DE"
        free = told(await page(client, f"{cart}&customer_id={customer_id}"))
        usual = told(await page(client, cart))
    # 119.00 less a fifth are 95.20; of these 15.20 are tax at 19 %.
    assert "Discount −CN¥23.80 Tax not charged −CN¥15.20 Total CN¥80.00" in free
    assert "A fifth −CN¥23.80 Tax in the price, not charged −CN¥15.20 Total CN¥80.00" in free
    assert "Tax not charged" not in usual
    assert "Discount −CN¥23.80 Tax, included CN¥15.20 Total CN¥95.20" in usual


async def test_the_sums_of_a_tried_cart_add_up_where_tax_is_added(db: Database, scope: Scope) -> None:
    await taxed(db, scope, included=False)
    async with db.begin(scope) as tx:
        await pricing.set_shipping_fees(tx, rows=[pricing.ShippingFeeRow("CNY", 1_000)])
    async with open_console(db, scope) as client:
        usual = told(await page(client, "/prices/try?sku=TEA&price=100&country=DE"))
    # 19 % of 100.00 and of 10.00
    assert "Goods CN¥100.00 Shipping fee CN¥10.00 Tax CN¥20.90 Total CN¥130.90" in usual
