"""What product files tell beside names and prices: brands, tags, barcodes of cartons."""

import pytest_asyncio

from jiedan.base.db import Database, Scope
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import AlternateBarcode
from jiedan.imports.values import Counts
from tests.accounts import factories as accounts
from tests.imports.factories import csv_of, imported
from tests.imports.test_service import errors_of, skus_of


@pytest_asyncio.fixture
async def shop(db: Database) -> Scope:
    """Return the owner of a merchant in China who trades in CNY."""
    return (await accounts.opened(db)).scope


async def test_products_come_in_with_brands_and_tags(db: Database, shop: Scope) -> None:
    done = await imported(
        db, shop, "products",
        csv_of(
            "sku,name,price,品牌,标签",
            "TEA,Green tea,39,Lu Yu,spring；organic；spring",
            'CUP,Cup,9,"Lu, Yu",',
            "POT,Pot,9,,",
        ),
    )  # fmt: skip
    assert done.counts == Counts(read=3, created=2, refused=1)
    assert await errors_of(db, shop, done) == [(3, "品牌", "Lu, Yu", "character_refused")]
    skus = await skus_of(db, shop, "TEA", "POT")
    async with db.read(shop) as tx:
        found = await catalog.products_by_id(tx, product_ids=[sku.product_id for sku in skus.values()])
    assert {x.code: (x.brand, x.tags) for x in found.values()} == {
        "TEA": ("Lu Yu", ("organic", "spring")),
        "POT": ("", ()),
    }


async def test_products_come_in_with_the_barcodes_of_cartons(db: Database, shop: Scope) -> None:
    done = await imported(
        db, shop, "products",
        csv_of(
            "sku,name,price,barcode,箱码",
            "TEA,Green tea,39,4006381333931,14006381333938*12； DUO × 2",
            "CUP,Cup,9,,12 of them",
            "POT,Pot,9,,DUO",
        ),
    )  # fmt: skip
    assert done.counts == Counts(read=3, created=1, refused=2)
    assert await errors_of(db, shop, done) == [
        (3, "箱码", "12 of them", "barcode_invalid"),
        (4, "箱码", "DUO", "barcode_taken"),
    ]
    async with db.read(shop) as tx:
        _, sku, units = await catalog.sku_by_barcode(tx, barcode="14006381333938")
    assert (sku.barcode, sku.alternate_barcodes[0], units) == ("4006381333931", AlternateBarcode(2, "DUO"), 12)
