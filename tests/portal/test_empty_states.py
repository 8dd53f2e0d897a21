"""What customers see where there is nothing: what it would be, and what to do next."""

import re
from pathlib import Path

import pytest

from jiedan.base.db import Database, Scope
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
