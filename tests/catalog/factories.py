"""Products for tests: goods that can be sold, unless said otherwise."""

from typing import Any

from jiedan.base.db import Database, Scope, Tx
from jiedan.catalog import service
from jiedan.catalog.values import KitPart, Option, Price, ProductDraft, Saved, SkuDraft, SkuKind


def sku(code: str, **facts: Any) -> SkuDraft:
    """Return a SKU that costs 10.00 CNY."""
    facts.setdefault("prices", (Price("CNY", 1_000),))
    return SkuDraft(code=code, **facts)


def goods(code: str, **facts: Any) -> ProductDraft:
    """Return a product with one SKU of the same code."""
    facts.setdefault("name", f"Product {code}")
    facts.setdefault("skus", (sku(code),))
    return ProductDraft(code=code, **facts)


def shirt(code: str, colors: tuple[str, ...] = ("Red", "Blue"), sizes: tuple[str, ...] = ("S", "M")) -> ProductDraft:
    """Return a product in colors and sizes; its SKUs are generated."""
    return ProductDraft(code=code, name="Shirt", options=(Option("Color", colors), Option("Size", sizes)))


def kit(code: str, *parts: tuple[str, int]) -> ProductDraft:
    """Return a kit of (SKU code, quantity) pairs."""
    made_of = tuple(KitPart(*part) for part in parts)
    return goods(code, kind=SkuKind.kit, skus=(sku(code, parts=made_of),))


async def saved(tx: Tx, *products: ProductDraft) -> list[Saved]:
    """Save products that are expected to be accepted."""
    outcomes = await service.upsert_products(tx, products=products)
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Saved)]
    assert not refused, refused
    return [outcome for outcome in outcomes if isinstance(outcome, Saved)]


async def sold_in(db: Database, scope: Scope, code: str, **limits: int) -> None:
    """Say in which quantities a SKU is ordered: `order_minimum`, `order_maximum`, `order_step`, `order_pack`."""
    async with db.begin(scope) as tx:
        (outcome,) = await service.price_skus(tx, skus=[SkuDraft(code=code, **limits)])  # type: ignore[arg-type]  # by name
    assert isinstance(outcome, Saved), outcome
