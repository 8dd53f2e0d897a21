"""Reads of the catalog, by what they are for."""

from jiedan.catalog.queries.categories import categories, category
from jiedan.catalog.queries.images import image, images, named_keys
from jiedan.catalog.queries.lists import product_rows, sku_rows
from jiedan.catalog.queries.products import product, product_of_sku, products_by_id, sku_by_barcode
from jiedan.catalog.queries.sales import price_tiers, sellable_skus, skus_by_id
from jiedan.catalog.queries.search import Matches, matching_skus

__all__ = [
    "Matches",
    "categories",
    "category",
    "image",
    "images",
    "matching_skus",
    "named_keys",
    "price_tiers",
    "product",
    "product_of_sku",
    "product_rows",
    "products_by_id",
    "sellable_skus",
    "sku_by_barcode",
    "sku_rows",
    "skus_by_id",
]
