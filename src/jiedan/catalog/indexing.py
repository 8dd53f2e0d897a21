"""Writing the search terms of SKUs."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.catalog import queries
from jiedan.catalog.rules import wording

SQL = sql.load("jiedan.catalog", "indexing.sql")


async def write_terms(tx: Tx, product_ids: Collection[UUID]) -> None:
    """Make the terms of these products' SKUs what they should be now. Seven statements, whatever their number."""
    products = await queries.products_by_id(tx, product_ids=product_ids)
    rows = [
        (term, sku.sku_id, product.product_id)
        for product in products.values()
        for sku in product.skus
        for term in wording.sku_terms(product, sku)
    ]
    sku_ids = [sku.sku_id for product in products.values() for sku in product.skus]
    columns = {
        "terms": [row[0] for row in rows],
        "sku_ids": [row[1] for row in rows],
        "product_ids": [row[2] for row in rows],
    }
    await tx.sql_many([(SQL["delete_terms"], {"sku_ids": sku_ids}), (SQL["insert_terms"], columns)])
