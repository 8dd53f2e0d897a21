"""Reads of the catalog, by what they are for."""

from jiedan.catalog.queries.categories import categories, category
from jiedan.catalog.queries.images import (
    first_images,
    first_images_of,
    image,
    images,
    images_of_skus,
    named_keys,
    shown_image,
    unrendered,
)
from jiedan.catalog.queries.labels import labels
from jiedan.catalog.queries.lists import product_count, product_rows, sku_rows
from jiedan.catalog.queries.products import product, product_of_sku, products_by_id, sku_by_barcode
from jiedan.catalog.queries.ranges import PriceRange, price_ranges
from jiedan.catalog.queries.sales import offers, price_tiers, sellable_skus, skus_by_id
from jiedan.catalog.queries.scanning import scannable, scanned
from jiedan.catalog.queries.search import Matches, matching_skus
from jiedan.catalog.queries.shelves import Shelf, ShelfProduct, ShelfSku, shelf

__all__ = [
    "Matches",
    "PriceRange",
    "Shelf",
    "ShelfProduct",
    "ShelfSku",
    "categories",
    "category",
    "first_images",
    "first_images_of",
    "image",
    "images",
    "images_of_skus",
    "labels",
    "matching_skus",
    "named_keys",
    "offers",
    "price_ranges",
    "price_tiers",
    "product",
    "product_count",
    "product_of_sku",
    "product_rows",
    "products_by_id",
    "scannable",
    "scanned",
    "sellable_skus",
    "shelf",
    "shown_image",
    "sku_by_barcode",
    "sku_rows",
    "skus_by_id",
    "unrendered",
]
