"""What shelves tell of prices: what whoever looks would pay, as the page of the product and the cart tell it."""

import html
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.queries import ShelfSku
from jiedan.catalog.values import Price, ProductDraft, SkuDraft, SkuId
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerId
from jiedan.portal.cards import SKUS_PER_CARD_MAX, Card, card_of
from jiedan.portal.quoted import UnitPrice
from jiedan.pricing import errors
from jiedan.pricing import service as pricing
from jiedan.pricing.service import ListPriceRow
from jiedan.pricing.values import PriceList, Surcharge, Tier
from jiedan.pricing.values.conversion import ExchangeRate, Rounding
from jiedan.pricing.values.drafts import CurrencySettings, Rule, RuleKind
from jiedan.pricing.values.lists import PriceStep
from jiedan.pricing.values.promotions import Goods, PercentOff, Promotion
from tests.conftest import FakeClock
from tests.portal import people
from tests.portal.factories import Visitor, open_shop, visiting

TENTH = Promotion("tenth", "A tenth off cups", PercentOff(100_000), Goods(any_of=("sku:CUP",)))
STATEMENTS_MAX = 24


def read(shown: str) -> str:
    """Return a piece of a page as it is read."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def card(shown: str, name: str) -> str:
    """Return the price on the card of a product, as it is read."""
    (found,) = [part for part in shown.split('<li class="good">')[1:] if name in part.partition("</a>")[0]]
    return read(found.partition('<span class="price ">')[2].partition("</li>")[0])


async def page(who: Visitor, name: str) -> str:
    """Return the price on the page of a product, as it is read."""
    shown = await who.get(await who.product(name))
    return read(shown.partition('<span class="price l">')[2].partition("<p ")[0])


async def everywhere(who: Visitor) -> dict[str, str]:
    """Return what the cup and the tea cost: on every shelf and, of the cup, on its own page the same."""
    tea = next(path for path in re.findall(r'href="[^"]*(/categories/[0-9a-f-]{36})"', await who.get("/")))
    pages = [await who.get(path) for path in ("/", tea, "/search?q=cup")]
    cups = {card(shown, "Cup") for shown in pages} | {await page(who, "cup")}
    assert len(cups) == 1, cups
    teas = {card(shown, "Longjing") for shown in pages[:2]}
    assert len(teas) == 1, teas
    return {"cup": cups.pop(), "tea": teas.pop()}


async def publish(
    db: Database, scope: Scope, *rules: tuple[RuleKind, Rule], rows: tuple[ListPriceRow, ...] = ()
) -> None:
    """Write rules, publish them, and set prices of lists."""
    async with db.begin(scope) as tx:
        for kind, body in rules:
            code = "USD" if kind == "rounding" else ""
            await pricing.create_rule(tx, kind=kind, code=code, body=body)
        await pricing.publish(tx)
        await pricing.set_list_prices(tx, rows=rows)


async def test_without_rules_shelves_tell_the_catalog(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        assert await everywhere(who) == {"cup": "CN¥10.00", "tea": "from CN¥30.00"}


async def test_the_list_that_is_cheaper_is_told_beside_what_the_catalog_says(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    await publish(
        db,
        scope,
        ("price_list", PriceList("web", "CNY", channels=("web",))),
        ("price_list", PriceList("phone", "CNY", channels=("phone",))),
        rows=(
            ListPriceRow("web", "CUP", (Tier(1, 800),)),
            ListPriceRow("web", "TEA-100", (Tier(1, 2_000),)),
            ListPriceRow("phone", "CUP", (Tier(1, 100),)),
        ),
    )
    async with visiting(db, scope, tmp_path) as who:
        told = await everywhere(who)
        cart = await who.put_in("cup", "CUP")
    # The larger tea is 20.00 by the list and 55.00 by the catalog: it is the least now.
    assert told == {"cup": "CN¥8.00 before CN¥10.00", "tea": "from CN¥20.00 before CN¥55.00"}
    assert "CN¥8.00" in cart


async def test_a_dearer_list_takes_nothing_off(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    rows = (ListPriceRow("web", "CUP", (Tier(1, 1_200),)),)
    await publish(db, scope, ("price_list", PriceList("web", "CNY")), rows=rows)
    async with visiting(db, scope, tmp_path) as who:
        assert (await everywhere(who))["cup"] == "CN¥12.00"


async def test_prices_are_those_of_whoever_is_signed_in(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        (account,) = await people.account_ids(db, scope)
        customer_id = CustomerId(account)
        async with db.begin(scope) as tx:
            group = await customers.create_group(tx, code="trade", name="Trade")
        own = PriceList("own", "CNY", kind="contract", customers=(str(customer_id),))
        trade = PriceList("trade", "CNY", groups=("trade",))
        rows = (ListPriceRow("own", "CUP", (Tier(1, 500),)), ListPriceRow("trade", "TEA-50", (Tier(1, 2_700),)))
        await publish(db, scope, ("price_list", own), ("price_list", trade), rows=rows)
        assert await everywhere(who) == {"cup": "CN¥5.00 before CN¥10.00", "tea": "from CN¥30.00"}
        async with db.begin(scope) as tx:
            await customers.add_members(tx, group_id=group.group_id, customer_ids=[customer_id])
        assert (await everywhere(who))["tea"] == "from CN¥27.00 before CN¥30.00"
    async with visiting(db, scope, tmp_path) as guest:
        assert await everywhere(guest) == {"cup": "CN¥10.00", "tea": "from CN¥30.00"}


async def test_a_list_counts_in_its_time_alone(db: Database, scope: Scope, tmp_path: Path, clock: FakeClock) -> None:
    await open_shop(db, scope)
    day = timedelta(days=1)
    summer = PriceList("summer", "CNY", from_at=clock.now() + day, until_at=clock.now() + 2 * day)
    await publish(db, scope, ("price_list", summer), rows=(ListPriceRow("summer", "CUP", (Tier(1, 700),)),))
    told = []
    async with visiting(db, scope, tmp_path) as who:
        for _ in range(3):
            told.append((await everywhere(who))["cup"])
            clock.advance(day)
    assert told == ["CN¥10.00", "CN¥7.00 before CN¥10.00", "CN¥10.00"]


async def test_what_has_no_price_in_a_currency_is_converted_and_rounded(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await open_shop(db, scope)
    async with db.begin(scope) as tx:
        only = SkuDraft(code="POT", prices=(Price("CNY", 7_000),))
        await catalog.upsert_products(tx, products=[ProductDraft(code="POT", name="Pot", skus=(only,))])
        skus = await tx.load_one(catalog_queries.sellable_skus(["POT"]))
        await catalog.index_products(tx, product_ids=[skus["POT"].product_id])
    async with visiting(db, scope, tmp_path) as who:
        await who.send("/currency", {"value": "USD", "back": "/"}, on="/")
        assert card(await who.get("/"), "Pot") == "—"
        await publish(
            db,
            scope,
            ("currency_settings", CurrencySettings("CNY")),
            ("exchange_rate", ExchangeRate("USD", "CNY", clock.now(), "7")),
            ("rounding", Rounding(100, 1)),
        )
        assert card(await who.get("/"), "Pot") == await page(who, "pot") == "$9.99"
        # A price of its own goes before one that is converted.
        assert (await everywhere(who))["cup"] == "$1.42"


async def test_offers_options_and_lists_come_together(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    await publish(
        db,
        scope,
        ("price_list", PriceList("web", "CNY")),
        ("promotion", TENTH),
        ("surcharge", Surcharge("large", option="Size", value="50 g", amounts={"CNY": 150})),
        rows=(ListPriceRow("web", "CUP", (Tier(1, 800),)), ListPriceRow("web", "TEA-50", (Tier(1, 2_000),))),
    )
    async with visiting(db, scope, tmp_path) as who:
        told = await everywhere(who)
    assert told == {"cup": "CN¥7.20 before CN¥10.00", "tea": "from CN¥21.50 before CN¥31.50"}


async def test_packs_are_told_by_the_piece_and_what_is_sold_from_some_on_by_its_first_tier(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    prices = Price("CNY", 500), Price("CNY", 400, min_quantity=6)
    packed = SkuDraft(code="PACK", prices=prices, order_pack=6)
    tiered = SkuDraft(code="BAG", prices=(Price("CNY", 300, min_quantity=6),))
    async with db.begin(scope) as tx:
        drafts = [
            ProductDraft(code="PACK", name="Pack", skus=(packed,)),
            ProductDraft(code="BAG", name="Bag", skus=(tiered,)),
        ]
        await catalog.upsert_products(tx, products=drafts)
    async with visiting(db, scope, tmp_path) as who:
        home = await who.get("/")
    assert (card(home, "Pack"), card(home, "Bag")) == ("CN¥4.00", "CN¥3.00")


@pytest.mark.parametrize(("included", "said"), [(True, "Tax included"), (False, "Tax and delivery are added")])
async def test_shelves_say_what_prices_have_to_do_with_tax(
    db: Database, scope: Scope, tmp_path: Path, *, included: bool, said: str
) -> None:
    await open_shop(db, scope, prices_include_tax=included)
    async with visiting(db, scope, tmp_path) as who:
        assert [said in await who.get(path) for path in ("/", "/search?q=cup")] == [True, True]


async def test_a_shelf_costs_as_many_statements_with_many_goods_as_with_few(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    rows = (ListPriceRow("web", "CUP", (Tier(1, 800),)),)
    await publish(db, scope, ("price_list", PriceList("web", "CNY")), ("promotion", TENTH), rows=rows)
    recorder = db.recorder
    assert recorder is not None
    counts = []
    async with visiting(db, scope, tmp_path) as who:
        for _ in range(2):
            await who.get("/")
            for path in ("/", "/search?q=c"):
                with recorder.watching() as sent:
                    await who.get(path)
                assert len(sent) <= STATEMENTS_MAX, sent
                counts.append(len(sent))
            async with db.begin(scope) as tx:
                drafts = [
                    ProductDraft(
                        code=f"C{n}", name=f"Can {n}", skus=(SkuDraft(code=f"C{n}", prices=(Price("CNY", n),)),)
                    )
                    for n in range(1, 20)
                ]
                await catalog.upsert_products(tx, products=drafts)
    assert counts[:2] == counts[2:]


def sku(number: int, unit_minor: int | None) -> ShelfSku:
    return ShelfSku(SkuId(UUID(int=number)), (), unit_minor, (), f"S{number}")


def priced(*costs: UnitPrice) -> Card:
    skus = [sku(number, 900) for number in range(len(costs))]
    return card_of(skus, {x.sku_id: cost for x, cost in zip(skus, costs, strict=True)})


def test_a_card_tells_the_least_and_what_that_was_before() -> None:
    step = PriceStep(6, 300, "volume", "")
    assert priced(UnitPrice(500, None, ()), UnitPrice(400, 450, ())) == Card(400, 450, True)
    assert priced(UnitPrice(500, None, ()), UnitPrice(500, 600, ())) == Card(500, None, False)
    assert priced(UnitPrice(None, None, (step,))) == Card(300)
    assert priced(UnitPrice(None, None, ())) == Card(None)


def test_what_is_made_to_measure_costs_at_least_what_the_catalog_says() -> None:
    missing = errors.AttributeMissing("width", field="lines[0].attributes.width")
    assert priced(UnitPrice(None, None, (), 1, (missing,))) == Card(900, None, True)
    assert card_of([sku(1, None)], {UUID(int=1): UnitPrice(None, None, (), 1, (missing,))}) == Card(None)
    assert SKUS_PER_CARD_MAX > 1
