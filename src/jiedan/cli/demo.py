"""`jiedan serve --demo`: a merchant to try Jiedan with, made while there is none.

A start may be killed while it makes the merchant, or before it has shown the sign-in. A note in the home folder says
that one is under way; the next start finishes it, with a new password.
"""

from typing import NamedTuple

from jiedan.accounts import queries, service
from jiedan.accounts.values import NewMerchant, NewStaff
from jiedan.base import directory
from jiedan.base import home as homes
from jiedan.base.db import Scope, Tx
from jiedan.base.runtime import Runtime
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Price, ProductDraft, ProductStatus, SkuDraft
from jiedan.cli import announcement, runtime
from jiedan.cli.announcement import SignIn
from jiedan.cli.grounds import Ground
from jiedan.inventory import queries as inventory_queries
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation, Receipt
from jiedan.payments import service as payments
from jiedan.payments.providers import gateways
from jiedan.pricing import service as pricing

SLUG = "demo"
EMAIL = "owner@demo.example"

MERCHANT = NewMerchant(
    slug=SLUG, name="Demo", country="CN", time_zone="Asia/Shanghai", currency="CNY", currencies=("CNY", "USD", "EUR")
)
_LOCATIONS = (
    NewLocation(code="SH-1", name="上海一号仓", lat=31.2304, lon=121.4737, priority=10),
    NewLocation(code="BJ-1", name="北京门店", kind="store", lat=39.9042, lon=116.4074, priority=20),
)
_SHIPPING = pricing.ShippingFeeRow("CNY", 800, 9900)


class _Goods(NamedTuple):
    """One product of the demo: its price in fen, and how many lie at each location."""

    code: str
    name: str
    unit_minor: int
    weight_g: int
    stock: tuple[int, int]


_GOODS = (
    _Goods("TEA-250", "龙井绿茶 250 g", 6800, 280, (120, 30)),
    _Goods("TEA-POT", "紫砂茶壶", 26800, 650, (15, 4)),
    _Goods("CUP-WHITE", "白瓷茶杯", 2900, 180, (200, 60)),
    _Goods("MUG-BLUE", "青花马克杯", 4500, 350, (80, 0)),
    _Goods("BOX-GIFT", "节日礼盒", 15800, 900, (0, 25)),
)


async def create(ground: Ground) -> SignIn:
    """Make the demo merchant with a random password, a few goods, their stock and the sandbox; return its sign-in."""
    homes.write_private(announcement.note(ground.settings), "")
    password = service.new_password()
    async with runtime.opened(ground) as jiedan, service.open_passwords(jiedan) as passwords:
        owner = NewStaff(email=EMAIL, name="Demo", password_hash=await passwords.hash(password))
        made = await service.open_merchant(jiedan.database, merchant=MERCHANT, owner=owner)
        await _furnish(jiedan, Scope(made.tenant_id))
    return SignIn(SLUG, EMAIL, password)


async def finish(ground: Ground) -> SignIn | None:
    """Finish what a killed start left of the demo merchant, and return its sign-in; None when there is none."""
    password = service.new_password()
    async with runtime.opened(ground) as jiedan, service.open_passwords(jiedan) as passwords:
        tenant = await directory.tenant_by_slug(jiedan.database, SLUG)
        if tenant is None:
            return None
        scope, password_hash = Scope(tenant), await passwords.hash(password)
        await _furnish(jiedan, scope)
        await jiedan.database.write(scope, lambda tx: _set_password(tx, password_hash))
    return SignIn(SLUG, EMAIL, password)


async def _furnish(jiedan: Runtime, scope: Scope) -> None:
    """Give the merchant goods and the sandbox, if it has none."""
    await jiedan.database.write(scope, _stock_up)
    async with gateways.opened(jiedan.database, jiedan.settings) as providers:
        await jiedan.database.write(scope, lambda tx: payments.set_up_provider(tx, providers, provider="sandbox"))


async def _set_password(tx: Tx, password_hash: str) -> None:
    person = await queries.person_by_email(tx, EMAIL)
    if person is not None:
        await service.set_password(tx, staff_id=person.staff_id, password_hash=password_hash)


async def _stock_up(tx: Tx) -> None:
    if await tx.load_one(inventory_queries.locations()):
        return
    places = [await inventory.create_location(tx, location=location) for location in _LOCATIONS]
    drafts = [
        ProductDraft(
            code=goods.code,
            name=goods.name,
            status=ProductStatus.active,
            skus=(SkuDraft(code=goods.code, weight_g=goods.weight_g, prices=(Price("CNY", goods.unit_minor),)),),
        )
        for goods in _GOODS
    ]
    await catalog.upsert_products(tx, products=drafts)
    skus = await tx.load_one(catalog_queries.sellable_skus([goods.code for goods in _GOODS]))
    receipts = [
        Receipt(skus[goods.code].sku_id, place.location_id, quantity, f"demo:{goods.code}:{place.code}")
        for goods in _GOODS
        for place, quantity in zip(places, goods.stock, strict=True)
        if quantity
    ]
    await inventory.receive_many(tx, receipts=receipts)
    await pricing.set_shipping_fees(tx, rows=[_SHIPPING])
