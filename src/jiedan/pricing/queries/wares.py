"""Read goods as prices see them: traits, classes, prices of the catalog and of lists, weight and size."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load, ReadTx
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import variants
from jiedan.catalog.values import Category, SkuKind
from jiedan.pricing.queries import drafts
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.goods import PricedGoods
from jiedan.pricing.values.lists import ListEntry
from jiedan.pricing.values.shipping import Piece
from jiedan.pricing.values.units import SkuPrices

SQL = sql.load("jiedan.pricing.queries", "wares.sql")


async def goods(tx: ReadTx, *, codes: Collection[str]) -> dict[str, PricedGoods]:
    """Return SKUs by code as prices see them; unknown codes are absent. Two round trips."""
    if not codes:
        return {}
    tree = {found.category_id: found for found in await catalog.categories(tx)}
    wanted = Load(SQL["goods"], {"codes": sorted(set(codes))}, list)
    rows, listed = await tx.load(wanted, drafts.list_prices(codes))
    return {row[0]: _goods(row, tree, listed.get(row[0], ())) for row in rows}


def cheapest(currencies: Collection[str], *, most: int) -> Load[list[str]]:
    """Return the codes of the SKUs that cost the least in some currencies."""
    return Load(
        SQL["cheapest"],
        {"currencies": sorted(set(currencies)), "most": most},
        lambda rows: [code for (code,) in rows],
    )


def traits_there(traits: Collection[str]) -> Load[frozenset[str]]:
    """Return which of these traits the catalog has; SKUs are not asked for."""
    asked = sorted(set(traits))
    parameters = {
        "products": [trait.removeprefix("product:") for trait in asked if trait.startswith("product:")],
        "categories": [trait.removeprefix("category:") for trait in asked if trait.startswith("category:")],
        "traits": [trait for trait in asked if trait.startswith(("brand:", "tag:"))],
    }
    return Load(SQL["traits_there"], parameters, lambda rows: frozenset(trait for (trait,) in rows))


def _goods(row: tuple[Any, ...], tree: Mapping[Any, Category], entries: tuple[ListEntry, ...]) -> PricedGoods:
    code, chosen, weight_g, *sides, product, name, kind, tax_class, category_id = row[:11]
    brand, tags, options, currencies, least, minor = row[11:]
    catalog_prices: dict[str, list[Tier]] = {}
    for currency, min_quantity, unit_minor in zip(currencies or (), least or (), minor or (), strict=True):
        catalog_prices.setdefault(currency, []).append(Tier(min_quantity, unit_minor))
    traits = {f"sku:{code}", f"product:{product}", *[f"tag:{tag}" for tag in tags]}
    traits |= {f"category:{c}" for c in _categories(category_id, tree)} | ({f"brand:{brand}"} if brand else set())
    prices = SkuPrices(
        frozenset(traits),
        entries,
        {currency: tuple(tiers) for currency, tiers in catalog_prices.items()},
        tuple(zip(options, chosen, strict=False)),
    )
    piece = None if kind == SkuKind.service else Piece(code, 1, weight_g, *sides)
    return PricedGoods(code, variants.sku_name(name, chosen), tax_class, prices, piece)


def _categories(category_id: UUID | None, tree: Mapping[Any, Category]) -> list[str]:
    """Return the codes of a category and of those above it."""
    found = []
    while category_id is not None and category_id in tree:
        found.append(tree[category_id].code)
        category_id = tree[category_id].parent_id
    return found
