"""Merchants with something to sell, and drafts of what somebody wants."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from jiedan.accounts import tables as accounts
from jiedan.base import idempotency, numbers
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import SYSTEM, Actor
from jiedan.catalog import tables as catalog
from jiedan.catalog.values import SkuId, SkuKind
from jiedan.customers.values import Address
from jiedan.inventory import service as inventory
from jiedan.inventory.values import LocationId, NewLocation, Receipt
from jiedan.orders import placement
from jiedan.orders.values import NUMBER_SERIES, AlreadyPlaced, Draft, NewLine, NewOrder, Outcome, Placed, Rejected

PRICE_MINOR = 1_000
BEIJING = Address(
    country="CN",
    name="李雷",
    phone="+8613912345678",
    region="北京市",
    city="北京市",
    district="东城区",
    line1="长安街1号",
    postal_code="100006",
    lat=39.9,
    lon=116.4,
)

_numbers = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Shop:
    """A merchant's SKUs by code and locations by code."""

    skus: Mapping[str, SkuId]
    locations: Mapping[str, LocationId]


async def merchant(tx: Tx, **settings: Any) -> None:
    """Give the fresh tenant its settings."""
    values = {
        "slug": f"m-{tx.tenant}",
        "name": "Tea House",
        "country": "CN",
        "time_zone": "Asia/Shanghai",
        "currency": "CNY",
        "currencies": ["CNY", "USD"],
        "locale": "en",
        "locales": ["en", "zh_Hans", "zh_Hant"],
        "order_number_pattern": "SO-{date}-{number:06d}",
        "payment_terms": "prepaid",
        "expiry_minutes": 60,
        "split": "when_needed",
        "backorder": False,
        "prices_include_tax": True,
        "release_on_authorization": False,
        "late_money": "case",
        **settings,
    }
    await tx.execute(
        sa.insert(accounts.Merchant).values(
            tenant_id=tx.tenant, version=1, created_at=tx.now, updated_at=tx.now, **values
        )
    )


async def sku(
    tx: Tx,
    code: str,
    *,
    kind: SkuKind = SkuKind.goods,
    prices: Mapping[str, int] | None = None,
    is_active: bool = True,
    parts: Sequence[tuple[SkuId, int]] = (),
) -> SkuId:
    """Add a product with one SKU; a price by currency, 10.00 CNY unless said otherwise."""
    product_id, sku_id = tx.new_ids(2)
    stamps = {"tenant_id": tx.tenant, "version": 1, "created_at": tx.now, "updated_at": tx.now}
    await tx.execute(
        sa.insert(catalog.Product).values(
            product_id=product_id,
            code=code,
            name=f"Product {code}",
            description="",
            kind=kind,
            status="active",
            tax_class="standard",
            **stamps,
        )
    )
    await tx.execute(
        sa.insert(catalog.Sku).values(
            sku_id=sku_id,
            product_id=product_id,
            code=code,
            option_values=[],
            weight_g=100,
            is_active=is_active,
            may_be_sold=is_active,
            position=0,
            **stamps,
        )
    )
    for currency, unit_minor in (prices if prices is not None else {"CNY": PRICE_MINOR}).items():
        await tx.execute(
            sa.insert(catalog.SkuPrice).values(
                tenant_id=tx.tenant, sku_id=sku_id, currency=currency, min_quantity=1, unit_minor=unit_minor
            )
        )
    for part_id, quantity in parts:
        await tx.execute(
            sa.insert(catalog.SkuComponent).values(
                tenant_id=tx.tenant, sku_id=sku_id, component_id=part_id, quantity=quantity
            )
        )
    return SkuId(sku_id)


async def shop(db: Database, scope: Scope, stock: Mapping[str, Mapping[str, int]], **settings: Any) -> Shop:
    """Open a merchant with goods: quantity on hand by SKU code and location code, 0 for none."""
    async with db.begin(scope) as tx:
        await merchant(tx, **settings)
        skus = {code: await sku(tx, code) for code in stock}
        codes = sorted({place for places in stock.values() for place in places})
        locations = {}
        for i, code in enumerate(codes):
            made = await inventory.create_location(
                tx, location=NewLocation(code=code, name=f"Place {code}", priority=i, lat=39.9 - i, lon=116.4)
            )
            locations[code] = made.location_id
        opened = Shop(skus, locations)
        await receive(tx, opened, stock)
    return opened


async def receive(tx: Tx, opened: Shop, stock: Mapping[str, Mapping[str, int]]) -> None:
    """Take in goods."""
    receipts = [
        Receipt(opened.skus[code], opened.locations[place], quantity, str(uuid4()))
        for code, places in stock.items()
        for place, quantity in places.items()
        if quantity
    ]
    if receipts:
        await inventory.receive_many(tx, receipts=receipts)


def order(*lines: tuple[str, int] | NewLine, **facts: Any) -> NewOrder:
    """Return an order of (SKU code, quantity) pairs."""
    made = tuple(line if isinstance(line, NewLine) else NewLine(sku=line[0], quantity=line[1]) for line in lines)
    return NewOrder(lines=made, **facts)


def draft(body: NewOrder, *, key: str | None = None, actor: Actor = SYSTEM, caller: str = "tests") -> Draft:
    """Return a draft of `body` under a key of its own, unless given."""
    return Draft(
        body=body,
        number=next(_numbers),
        actor=actor,
        request_id="request-1",
        caller=caller,
        key=key or str(uuid4()),
        fingerprint=idempotency.fingerprint(body),
    )


async def leased(db: Database, scope: Scope, *drafts: NewOrder | Draft) -> list[Draft]:
    """Return drafts with numbers leased as the desk does."""
    whole = [d if isinstance(d, Draft) else draft(d) for d in drafts]
    taken = await numbers.NumberLeases().take(db, scope.tenant, NUMBER_SERIES, len(whole))
    return [d._replace(number=number) for d, number in zip(whole, taken, strict=True)]


async def place(db: Database, scope: Scope, *drafts: NewOrder | Draft) -> list[Outcome]:
    """Place drafts in one batch."""
    made = await leased(db, scope, *drafts)
    return await db.write(scope, lambda tx: placement.place_orders(tx, made))


async def place_one(db: Database, scope: Scope, wanted: NewOrder | Draft) -> Placed:
    """Place one draft that is expected to be accepted."""
    (outcome,) = await place(db, scope, wanted)
    assert isinstance(outcome, Placed), outcome
    return outcome


def codes(outcome: Outcome) -> list[tuple[str, str | None]]:
    """Return the reasons of a refusal as (code, field)."""
    assert isinstance(outcome, Rejected), outcome
    return [(reason.code, reason.field) for reason in outcome.reasons]


def placed_before(outcome: Outcome) -> Placed:
    """Return the order that a repeated draft led to."""
    assert isinstance(outcome, AlreadyPlaced), outcome
    return outcome.order
