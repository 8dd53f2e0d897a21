"""Open the demo shop: what it sells, where it lies, who buys, how it is paid. Doing it again changes nothing."""

import functools
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from jiedan.base import errors
from jiedan.base.db import Database, Scope, Tx
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import (
    CategoryId,
    KitPart,
    Option,
    Price,
    ProductDraft,
    ProductStatus,
    Refused,
    SkuDraft,
    SkuId,
    SkuKind,
)
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft, CustomerId
from jiedan.customers.values import Saved as SavedCustomer
from jiedan.demo import bespoke, carriage, goods, marks
from jiedan.demo.goods import Goods
from jiedan.demo.people import Person
from jiedan.demo.places import STOREHOUSES
from jiedan.inventory import queries as inventory_queries
from jiedan.inventory import service as inventory
from jiedan.inventory.values import LocationId, NewLocation, Receipt
from jiedan.payments import service as payments
from jiedan.payments.service import Gateways
from jiedan.pricing import service as pricing

COUNTRY = "CN"
CURRENCY = "CNY"
CUSTOMERS_PER_SET = 200
RECEIPTS_PER_CALL = 500
FEE_MINOR, FREE_FROM_MINOR = 1_000, 19_900
MEAN_UNITS_PER_ORDER = 3.1
"""Units of an order, mean over all stories."""

LIMITED_SHARE = 0.018
"""Units of what is limited, for each order: fewer than are asked for."""

SPARE = 1.25
"""How much more is bought than will be sold."""

LEAST_UNITS = 4


class Shop(NamedTuple):
    """The opened shop: ids by code, and customers in the order of the people."""

    skus: Mapping[str, SkuId]
    locations: Mapping[str, LocationId]
    customers: Sequence[CustomerId]
    companies: Sequence[CustomerId]
    """Those of them that are companies, in the same order."""


async def open_shop(database: Database, scope: Scope, gateways: Gateways, people: Sequence[Person]) -> Shop:
    """Open the shop, or find it open."""
    await database.write(scope, _furnish)
    await database.write(scope, _fill_catalog)
    skus = await database.write(scope, _skus)
    made: list[CustomerId] = []
    for start in range(0, len(people), CUSTOMERS_PER_SET):
        drafts = [_customer(person) for person in people[start : start + CUSTOMERS_PER_SET]]
        found = await database.write(scope, functools.partial(_customers, drafts=drafts))
        made += [saved.customer_id for saved in found]
    await database.write(scope, lambda tx: payments.set_up_provider(tx, gateways, provider="sandbox"))
    async with database.read(scope) as tx:
        locations = {str(x.code): x.location_id for x in await tx.load_one(inventory_queries.locations())}
    companies = [customer_id for customer_id, person in zip(made, people, strict=True) if person.is_company]
    return Shop(skus, locations, made, companies)


SHARES: Mapping[str, int] = {house.code: house.share for house in STOREHOUSES}


async def stock_up(tx: Tx, shop: Shop, *, orders: float, on: datetime) -> None:
    """Receive what `orders` orders will take; the same day again receives nothing more."""
    wanted = {**demand(orders), goods.CURTAIN.code: orders * bespoke.SHARE}
    await _receive(tx, shop, wanted, orders=orders, shares=SHARES, key=f"demo:{on:%Y-%m-%d}")


async def stock_up_for_crowd(tx: Tx, shop: Shop, *, orders: float, on: datetime, warehouses: Sequence[str]) -> None:
    """Receive what `orders` orders of the crowd will take, in equal parts, but nothing limited; once for a moment."""
    wanted = {code: units for code, units in demand(orders).items() if code != goods.LIMITED}
    shares = dict.fromkeys(warehouses, 100 // len(warehouses))
    await _receive(tx, shop, wanted, orders=orders, shares=shares, key=f"demo:crowd:{on:%Y-%m-%dT%H}")


async def _receive(
    tx: Tx, shop: Shop, wanted: Mapping[str, float], *, orders: float, shares: Mapping[str, int], key: str
) -> None:
    receipts = [
        Receipt(shop.skus[code], shop.locations[house], quantity, f"{key}:{code}:{house}")
        for code, units in wanted.items()
        for house, share in shares.items()
        if (quantity := _share(code, units, share, orders))
    ]
    for start in range(0, len(receipts), RECEIPTS_PER_CALL):
        errors.accepted(await inventory.receive_many(tx, receipts=receipts[start : start + RECEIPTS_PER_CALL]))


def demand(orders: float) -> dict[str, float]:
    """Return how many units of each goods SKU so many orders take, parts of kits included."""
    variants = [(product, variant.code) for product in goods.GOODS for variant in goods.variants(product)]
    weights = {code: product.popularity / len(goods.variants(product)) for product, code in variants}
    scale = orders * MEAN_UNITS_PER_ORDER / sum(weights.values())
    units: dict[str, float] = {}
    for product, code in variants:
        parts = product.parts or ((code, 1),)
        for part, quantity in parts if product.kind != "service" else ():
            units[part] = units.get(part, 0) + weights[code] * scale * quantity * product.allowed(1)
    return units


def _share(code: str, units: float, percent: int, orders: float) -> int:
    """Return how much of what is bought goes to one location."""
    if code == goods.LIMITED:
        return round(orders * LIMITED_SHARE * percent / 100)
    return math.ceil(units * SPARE * percent / 100) + LEAST_UNITS


async def _furnish(tx: Tx) -> None:
    """Give the shop its locations, shelves, fees and carrier, once."""
    if await tx.load_one(inventory_queries.locations()):
        return
    for priority, house in enumerate(STOREHOUSES, start=1):
        await inventory.create_location(
            tx,
            location=NewLocation(
                code=house.code,
                name=house.name,
                kind=house.kind,
                lat=house.lat,
                lon=house.lon,
                priority=priority * 10,
                address=house.address,
                hours=house.hours,
                phone=house.phone,
            ),
        )
    shelves: dict[str, CategoryId] = {}
    for position, shelf in enumerate(goods.SHELVES):
        parent = shelves[shelf.parent] if shelf.parent else None
        made = await catalog.create_category(tx, code=shelf.code, name=shelf.name, parent=parent, position=position)
        shelves[shelf.code] = made.category_id
    await pricing.set_shipping_fees(tx, rows=[pricing.ShippingFeeRow(CURRENCY, FEE_MINOR, FREE_FROM_MINOR)])
    await carriage.set_up(tx)


async def _fill_catalog(tx: Tx) -> None:
    """Bring in the products, kits after what they are made of."""
    for kinds in ({"goods", "service"}, {"kit"}):
        drafts = [_product(product) for product in (*goods.GOODS, goods.CURTAIN) if product.kind in kinds]
        saved = await catalog.upsert_products(tx, products=drafts)
        for refused in saved:
            if isinstance(refused, Refused):
                raise refused.reasons[0]


def _product(product: Goods) -> ProductDraft:
    skus = tuple(
        SkuDraft(
            code=variant.code,
            option_values=variant.choices,
            weight_g=variant.weight_g,
            prices=(Price(CURRENCY, variant.unit_minor),),
            parts=tuple(KitPart(code, quantity) for code, quantity in product.parts),
            order_minimum=product.least,
            order_pack=product.pack,
        )
        for variant in goods.variants(product)
    )
    return ProductDraft(
        code=product.code,
        name=product.name,
        kind=SkuKind(product.kind),
        status=ProductStatus.active,
        category=product.shelf,
        brand=marks.brand_of(product.code, product.shelf),
        tags=marks.tags_of(product.code),
        options=tuple(Option(axis.name, tuple(choice[0] for choice in axis.choices)) for axis in product.axes),
        skus=skus,
    )


async def _skus(tx: Tx) -> dict[str, SkuId]:
    codes = [variant.code for product in (*goods.GOODS, goods.CURTAIN) for variant in goods.variants(product)]
    return {code: sku.sku_id for code, sku in (await tx.load_one(catalog_queries.sellable_skus(codes))).items()}


async def _customers(tx: Tx, *, drafts: Sequence[CustomerDraft]) -> list[SavedCustomer]:
    return errors.accepted(await customers.upsert_customers(tx, customers=drafts, country=COUNTRY))


def _customer(person: Person) -> CustomerDraft:
    return CustomerDraft(
        name=person.name,
        kind="company" if person.is_company else "person",
        phone=person.phone,
        email=person.email,
        external_id=person.external_id,
        locale=person.locale,
        addresses=(person.address,),
        tags=("wholesale",) if person.is_company else (),
    )
