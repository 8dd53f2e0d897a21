"""Prices by quantity on the page of a product: of the list that holds for whoever looks, for what is chosen."""

from pathlib import Path

from jiedan.base.db import Database, Scope
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Price, ProductDraft, SkuDraft
from jiedan.pricing import service as pricing
from jiedan.pricing.values import PriceList, Tier
from jiedan.pricing.values.promotions import Goods, PercentOff, Promotion
from tests.portal.factories import Visitor, open_shop, receive, visiting

TENTH = Promotion("tenth", "A tenth off", PercentOff(100_000), Goods(any_of=("sku:TEA-100",)))
MARKS = {"</dt><dd>": ": ", "<dt>": "|", "</dd>": "", "</dl>": "|", '<p class="mute">': "", "</p>": ""}


async def listed(db: Database, scope: Scope) -> None:
    """Open a shop with a list of its channel: one price by volume, one graduated; and an offer on the larger size."""
    await open_shop(db, scope)
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="price_list", body=PriceList("web", "CNY", channels=("web",)))
        await pricing.create_rule(tx, kind="price_list", body=PriceList("phone", "CNY", channels=("phone",)))
        await pricing.create_rule(tx, kind="promotion", body=TENTH)
        await pricing.publish(tx)
        rows = [
            pricing.ListPriceRow("web", "TEA-50", (Tier(1, 2_900), Tier(10, 2_500))),
            pricing.ListPriceRow("web", "TEA-100", (Tier(1, 5_000), Tier(5, 4_500), Tier(10, 4_000)), "graduated"),
            pricing.ListPriceRow("phone", "TEA-50", (Tier(1, 2_000), Tier(10, 1_000))),
        ]
        await pricing.set_list_prices(tx, rows=rows)


def table(shown: str) -> list[str]:
    """Return the prices by quantity as the page tells them, and the sentence below."""
    told = shown.partition('aria-label="Price by quantity"')[2].partition("</div>")[0]
    for mark, instead in MARKS.items():
        told = told.replace(mark, instead)
    return [line.strip() for line in told.removeprefix(">").split("|") if line.strip()]


async def shown_of(who: Visitor, name: str, choice: str = "") -> str:
    return await who.get(f"{await who.product(name)}{choice}")


async def test_the_prices_of_the_list_that_holds_follow_the_option(db: Database, scope: Scope, tmp_path: Path) -> None:
    await listed(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        small = await shown_of(who, "longjing")
        large = await shown_of(who, "longjing", "?o0=100+g")
        part = await who.get(
            f"{await who.product('longjing')}?o0=100+g", headers={"hx-request": "true", "hx-request-type": "partial"}
        )
        cup = await shown_of(who, "cup")
    assert table(small) == [
        "up to 9 pieces: CN¥29.00 each",
        "from 10 pieces: CN¥25.00 each",
        "The price you reach holds for all pieces.",
    ]
    assert 'class="price l">CN¥29.00' in small
    # What one costs now has the offer taken off; the tiers are those of the list.
    assert 'class="price l">CN¥45.00' in large
    assert table(large) == [
        "up to 4 pieces: CN¥50.00 each",
        "each piece beyond 4: CN¥45.00 each",
        "each piece beyond 9: CN¥40.00 each",
        "The pieces before keep their price. These are the prices before offers.",
    ]
    assert table(part) == table(large)
    assert table(cup) == []


async def test_a_list_of_one_currency_tells_nothing_in_another(db: Database, scope: Scope, tmp_path: Path) -> None:
    await listed(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await who.product("longjing")
        await who.send("/currency", {"value": "USD", "back": path}, on=path)
        shown = await who.get(path)
    assert 'class="price l">$4.28' in shown
    assert table(shown) == []


async def test_what_is_sold_from_some_pieces_on_is_offered_so(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    tiers = (Price("CNY", 500, min_quantity=6), Price("CNY", 400, min_quantity=12))
    async with db.begin(scope) as tx:
        bags = ProductDraft(code="BAG", name="Bags", skus=(SkuDraft(code="BAG", prices=tiers),))
        await catalog.upsert_products(tx, products=[bags])
        skus = await tx.load_one(catalog_queries.sellable_skus(["BAG"]))
        await catalog.index_products(tx, product_ids=[skus["BAG"].product_id])
    await receive(db, scope, {"BAG": {"W1": 20}})
    async with visiting(db, scope, tmp_path) as who:
        shown = await shown_of(who, "bags")
    assert "It is sold from 6 pieces on." in shown
    assert table(shown)[:2] == ["from 6 pieces: CN¥5.00 each", "from 12 pieces: CN¥4.00 each"]
    assert 'min="6" max="20" value="6"' in shown
    assert "It is not sold in" not in shown


async def test_what_is_sold_out_costs_what_its_list_says(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with db.begin(scope) as tx:
        await catalog.upsert_products(
            tx,
            products=[ProductDraft(code="POT", name="Pot", skus=(SkuDraft(code="POT", prices=(Price("CNY", 900),)),))],
        )
        skus = await tx.load_one(catalog_queries.sellable_skus(["POT"]))
        await catalog.index_products(tx, product_ids=[skus["POT"].product_id])
        await pricing.create_rule(tx, kind="price_list", body=PriceList("web", "CNY"))
        await pricing.publish(tx)
        await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("web", "POT", (Tier(1, 800),))])
    async with visiting(db, scope, tmp_path) as who:
        found = await who.get(f"/products/{skus['POT'].product_id}")
    assert 'class="price l">CN¥8.00' in found
    assert "Sold out" in found
