"""What price lists say of SKUs, as staff see and set it."""

import re

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.web import csrf
from jiedan.console.prices import pasted
from jiedan.pricing import queries
from jiedan.pricing import service as pricing
from jiedan.pricing.errors.drafts import TooManyPrices
from jiedan.pricing.values import PriceList, Tier
from tests.base import web_client
from tests.console.test_goods import browsing, shown
from tests.orders import factories

AT = "/c/acme/prices/lists"
OF = f"{AT}?of=wholesale"


async def prepare(db: Database, scope: Scope) -> None:
    """Give the merchant goods and a price list."""
    await factories.shop(db, scope, {code: {"A": 9} for code in ("CUP", "POT", "TEA")})
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="price_list", body=PriceList("wholesale", "CNY"))


async def put(client: web_client.Client, rows: str, mode: str = "volume") -> tuple[int, str]:
    """Set prices as the form does."""
    answer = await client.submit(AT, {"price_list": "wholesale", "rows": rows, "mode": mode}, page=OF)
    return answer.status_code, answer.text


async def test_prices_are_pasted_shown_changed_and_removed(db: Database, scope: Scope) -> None:
    await prepare(db, scope)
    async with browsing(db, scope) as client:
        assert "The list has no prices yet." in await shown(client, "/prices/lists")
        status, _ = await put(client, "SKU\tPrice\tFrom\nTEA\t9.00\nTEA\t8.00\t10\nCUP\t5\t2\n", "graduated")
        assert status == 303
        page = await shown(client, "/prices/lists?of=wholesale")
        edited = await shown(client, "/prices/lists?of=wholesale&sku=TEA")
        removed = await client.submit(f"{AT}/removals", {"price_list": "wholesale", "sku": "CUP"}, page=OF)
        after = await shown(client, "/prices/lists?of=wholesale")
        unknown = await client.get(f"{AT}?of=retail")
    assert page.index("CUP") < page.index("TEA")
    assert "¥9.00" in page
    assert "from 10 on: CN¥8.00" in page
    assert "each unit by its tier" in page
    assert "TEA\t9.00\t1\nTEA\t8.00\t10" in edited
    assert removed.status_code == 303
    assert "Change the price of CUP" not in after
    assert unknown.status_code == 422


async def test_rows_that_are_refused_are_left_with_their_reasons(db: Database, scope: Scope) -> None:
    await prepare(db, scope)
    async with browsing(db, scope) as client:
        status, page = await put(client, "TEA,9.00\nNOPE,1\nCUP,much\nPOT,5\nPOT,6,0\n,3")
        async with db.read(scope) as tx:
            kept = await tx.load_one(queries.entries_of_list("wholesale"))
        nothing, told = await put(client, "")
    assert status == 422
    assert [(x.sku, x.entry.tiers) for x in kept] == [("TEA", (Tier(1, 900),))]
    assert "4 rows were refused" in page
    assert "The prices of 1 SKU are set." in page
    assert "Row 2, “NOPE,1”: There is no SKU NOPE." in page
    assert "Row 3, “CUP,much”: much is not an amount in CNY." in page
    assert "Row 5, “POT,6,0”: 0 is not a whole number." in page
    assert "NOPE,1\nCUP,much" in page
    assert (nothing, "Please fill this in." in told) == (422, True)


async def test_files_are_taken_as_spreadsheets_save_them(db: Database, scope: Scope) -> None:
    await prepare(db, scope)
    files = [("\ufeffsku;price\r\nTEA;7.50\r\n".encode(), 750), ("货号,价格\nTEA,7.60\n".encode("gb18030"), 760)]
    async with browsing(db, scope) as client:
        page = await shown(client, "/prices/lists?of=wholesale")
        token = dict(re.findall(rf'name="({csrf.FIELD})" value="([^"]+)"', page))
        for content, unit_minor in files:
            answer = await client.post(
                AT,
                data={"price_list": "wholesale", "mode": "volume", **token},
                files={"file": ("prices.csv", content, "text/csv")},
                follow_redirects=False,
            )
            assert answer.status_code == 303, answer.text
            async with db.read(scope) as tx:
                (kept,) = await tx.load_one(queries.entries_of_list("wholesale"))
            assert kept.entry.tiers == (Tier(1, unit_minor),)


async def test_who_may_only_look_is_shown_no_form(db: Database, scope: Scope) -> None:
    await prepare(db, scope)
    async with browsing(db, scope, frozenset({"prices:read"})) as client:
        page = await shown(client, "/prices/lists")
        refused = await client.post(AT, data={})
    assert "Set prices" not in page
    assert refused.status_code == 403


def test_a_list_pasted_whole_is_told_how_many_fit() -> None:
    rows = "\n".join(f"S{i},1" for i in range(1_001))
    with pytest.raises(TooManyPrices):
        pasted.read(rows, "CNY")
    assert len(pasted.read("\n".join(rows.splitlines()[1:]), "CNY").good) == 1_000


def test_a_quoted_code_is_read_as_it_is() -> None:
    (one,) = pasted.read('"TEA, green",1.50,3', "USD").good
    assert (one.sku, one.tiers) == ("TEA, green", (Tier(3, 150),))
