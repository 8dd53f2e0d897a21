"""`jiedan serve --demo`: a merchant to try Jiedan with, made while there is none."""

from typing import NamedTuple

from jiedan.accounts import service
from jiedan.accounts.values import NewMerchant, NewStaff
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Price, ProductDraft, ProductStatus, SkuDraft
from jiedan.cli import runtime
from jiedan.cli.announcement import SignIn
from jiedan.cli.grounds import Ground
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation, Receipt
from jiedan.payments import service as payments
from jiedan.payments.providers import gateways
from jiedan.pricing import service as pricing

SLUG = "demo"
EMAIL = "owner@demo.example"

_MERCHANT = NewMerchant(
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
    password = service.new_password()
    async with runtime.opened(ground) as jiedan, service.open_passwords(jiedan) as passwords:
        owner = NewStaff(email=EMAIL, name="Demo", password_hash=await passwords.hash(password))
        made = await service.open_merchant(jiedan.database, merchant=_MERCHANT, owner=owner)
        await _stock_up(jiedan.database, made.tenant_id)
        async with gateways.opened(jiedan.database, jiedan.settings) as providers:
            await jiedan.database.write(
                Scope(made.tenant_id), lambda tx: payments.set_up_provider(tx, providers, provider="sandbox")
            )
    return SignIn(SLUG, EMAIL, password)


async def _stock_up(database: Database, tenant: TenantId) -> None:
    await database.write(Scope(tenant), _goods)


async def _goods(tx: Tx) -> None:
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
