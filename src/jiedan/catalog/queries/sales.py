"""What placement and stock read, as loads for their pipelines."""

import itertools
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.catalog.rules import variants
from jiedan.catalog.values import (
    ANY_QUANTITY,
    Component,
    OrderQuantity,
    PriceTier,
    ProductId,
    SellableSku,
    SkuId,
    SkuKind,
)

SQL = sql.load("jiedan.catalog.queries", "sales.sql")

_ANY = msgspec.structs.astuple(ANY_QUANTITY)


class Offers(NamedTuple):
    """SKUs by code, and their unit prices by (SKU code, currency), as they were at one moment."""

    skus: dict[str, SellableSku]
    tiers: dict[tuple[str, str], tuple[PriceTier, ...]]


def offers(codes: Collection[str]) -> Load[Offers]:
    """Load SKUs by code with all their prices: what `sellable_skus` and `price_tiers` say of one moment."""
    return Load(SQL["offers"], {"codes": sorted(set(codes))}, _offers)


def sellable_skus(codes: Collection[str]) -> Load[dict[str, SellableSku]]:
    """Load SKUs by code, inactive ones too; kits come with their components. Unknown codes are absent."""
    return Load(SQL["sellable_skus"], {"codes": sorted(set(codes))}, _skus_by_code)


def skus_by_id(ids: Collection[UUID]) -> Load[dict[SkuId, SellableSku]]:
    """Load SKUs by id, inactive ones too; kits come with their components. Unknown ids are absent."""
    return Load(SQL["skus_by_id"], {"sku_ids": sorted(set(ids))}, _skus_by_id)


def price_tiers(
    codes: Collection[str], currencies: Collection[str] | None = None
) -> Load[dict[tuple[str, str], tuple[PriceTier, ...]]]:
    """Load unit prices by (SKU code, currency), tiers with rising `min_quantity`; pairs without a price are absent.

    Without `currencies` all are loaded.
    """
    parameters = {
        "codes": sorted(set(codes)),
        "currencies": None if currencies is None else sorted(set(currencies)),
    }
    return Load(SQL["price_tiers"], parameters, _tiers_by_key)


def _skus(rows: list[tuple[Any, ...]]) -> list[SellableSku]:
    """Fold rows, one per component and sorted by SKU, into SKUs."""
    skus = []
    for _, same_sku in itertools.groupby(rows, key=lambda row: row[0]):
        parts = list(same_sku)
        sku_id, code, product_id, name, option_values, kind, is_active, tax_class, weight_g, *_ = parts[0]
        components = tuple(Component(SkuId(part[9]), part[10]) for part in parts if part[9] is not None)
        skus.append(
            SellableSku(
                SkuId(sku_id),
                code,
                ProductId(product_id),
                variants.sku_name(name, option_values),
                SkuKind(kind),
                is_active and all(part[11] is not False for part in parts),
                tax_class,
                weight_g,
                components,
                None if parts[0][12:16] == _ANY else OrderQuantity(*parts[0][12:16]),
            )
        )
    return skus


def _offers(rows: list[tuple[Any, ...]]) -> Offers:
    prices = {
        (code, *price)
        for _, code, *_, currencies, min_quantities, units_minor in rows
        if currencies is not None
        for price in zip(currencies, min_quantities, units_minor, strict=True)
    }
    return Offers(_skus_by_code(rows), _tiers_by_key(sorted(prices)))


def _skus_by_code(rows: list[tuple[Any, ...]]) -> dict[str, SellableSku]:
    return {sku.code: sku for sku in _skus(rows)}


def _skus_by_id(rows: list[tuple[Any, ...]]) -> dict[SkuId, SellableSku]:
    return {sku.sku_id: sku for sku in _skus(rows)}


def _tiers_by_key(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], tuple[PriceTier, ...]]:
    found: dict[tuple[str, str], tuple[PriceTier, ...]] = {}
    for code, currency, min_quantity, unit_minor in rows:
        found[code, currency] = (*found.get((code, currency), ()), PriceTier(min_quantity, unit_minor))
    return found
