"""What customers see where there is nothing: what it would be, and what to do next."""

import re
from pathlib import Path

import pytest

from jiedan.base.db import Database, Scope
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Price, ProductDraft, ProductStatus, SkuDraft
from jiedan.portal import shelves
from tests.portal import people
from tests.portal.factories import open_shop, visiting

BLOCK = re.compile(r'<div class="empty[^"]*">(.*?)</div>', re.DOTALL)


@pytest.mark.parametrize(
    "path",
    [
        "/orders",
        "/orders?status=shipped",
        "/orders?q=nothing-like-that",
        "/account/addresses",
        "/account/points",
        "/account/wallets",
        "/cart",
        "/search",
        "/search?q=nothing-like-that",
        "/search?q=tea&f=Size:None",
    ],
)
async def test_it_says_what_is_missing_and_leads_on(db: Database, scope: Scope, tmp_path: Path, path: str) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        page = await who.get(path)
    (block,) = BLOCK.findall(page)
    assert re.search(r"<b>[^<]{8,}</b><p>[^<]{8,}</p>", block), block
    assert "<svg" in block
    assert re.search(r'<div class="row"><a class="btn[^>]* href="/s/', block + "</div>"), block


async def test_an_empty_list_of_orders_has_nothing_to_narrow_down(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        assert 'class="own-statuses"' not in await who.get("/orders")
        assert 'class="own-statuses"' in await who.get("/orders?status=shipped")
        assert 'class="facets"' not in await who.get("/search?q=nothing-like-that")
        assert 'class="facets"' in await who.get("/search?q=longjing")


async def test_a_page_of_a_shelf_that_emptied_leads_back_to_the_first(
    db: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "PRODUCTS_PER_PAGE", 1)
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        home = await who.get("/")
        category = re.search(rf'href="{who.base}(/categories/[0-9a-f-]+)"', home)
        assert category is not None
        path = f"{category[1]}?sort=dearest"
        second = re.search(rf'rel="next" href="{who.base}([^"]+)"', await who.get(path))
        assert second is not None
        behind = second[1].replace("&amp;", "&")
        assert "Cup" in await who.get(behind)
        cup = ProductDraft(
            code="CUP",
            name="Cup",
            category="tea",
            status=ProductStatus.archived,
            skus=(SkuDraft(code="CUP", prices=(Price("CNY", 1_000),)),),
        )
        await db.write(scope, lambda tx: catalog.upsert_products(tx, products=[cup]))
        emptied = await who.get(behind)
    assert "There is nothing further here." in emptied
    assert "There is nothing on this shelf yet." not in emptied
    assert f'href="{who.base}{path}">To the first page' in emptied
