"""Each check of the catalog finds the fault it is there for, planted past every guard."""

from typing import Any

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database, Scope
from jiedan.catalog import service
from jiedan.catalog.values import Price, ProductDraft, Rendition, SkuDraft
from tests import faults
from tests.catalog.factories import goods, kit, saved, shirt

CHECKS = sql.load("jiedan.catalog", "verify.sql")
FAULTS = sql.load("tests.catalog", "faults.sql")


@pytest.fixture
async def sold(db: Database, scope: Scope) -> None:
    """Make goods in a category, a kit of them and a shirt, and edit them."""
    async with db.begin(scope) as tx:
        tea = await service.create_category(tx, code="TEA", name="Tea")
        await service.create_category(tx, code="GREEN", name="Green tea", parent=tea.category_id)
        (done, *_) = await saved(
            tx, goods("A", category="TEA", brand="Lu Yu", tags=("green", "loose")), kit("K", ("A", 2)), shirt("T")
        )
        await service.add_image(
            tx,
            product_id=done.product_id,
            storage_key="x",
            media_type="image/png",
            width_px=200,
            height_px=90,
            size_bytes=9,
            renditions=[Rendition(160, "y", "image/webp", 160, 72, 9)],
        )
        await service.price_skus(tx, skus=[SkuDraft(code="A", prices=(Price("CNY", 1),))])
        await saved(tx, ProductDraft(code="T", name="Tee", brand="Acme", tags=("new", "soft")))
        await saved(tx, ProductDraft(code="T", brand="", tags=("soft", "white")))


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


@pytest.mark.usefixtures("sold")
async def test_sound_books_pass(db: Database, scope: Scope) -> None:
    async with db.read(scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    parameters = {"tenant": scope.tenant, "tenant_id": scope.tenant}
    faults.assert_found(
        owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=["product_option", "sku"]
    )
