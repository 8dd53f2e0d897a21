"""Taxes, price lists, rates of exchange and limits, as staff write them."""

import re

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.pricing.values.conversion import ExchangeRate
from jiedan.pricing.values.drafts import Rule
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.taxes import TaxRate, TaxSettings
from jiedan.pricing.values.units import ManualLimit, Surcharge
from tests.base import web_client
from tests.console.test_goods import browsing, shown
from tests.console.test_prices import drafted, selling

READ = frozenset({"prices:read"})


async def save(client: web_client.Client, place: str, **fields: str) -> httpx2.Response:
    at = f"/c/acme/prices/rules/{place}/new"
    return await client.submit(at, fields, page=at)


async def saved(client: web_client.Client, place: str, **fields: str) -> str:
    answer = await save(client, place, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/c/acme")


@pytest.mark.parametrize(
    ("place", "fields", "body", "says"),
    [
        (
            "tax-rates",
            {"country": "de", "tax_class": "standard", "rate_ppm": "19%", "component": "VAT"},
            TaxRate("standard", 190_000, "DE", component="VAT"),
            "Germany: 19% VAT on standard",
        ),
        (
            "tax-settings",
            {"rounding": "line", "home_country": "DE", "reverse_charge": "1"},
            TaxSettings("line", home_country="DE", reverse_charge=True),
            "tax is rounded per line",
        ),
        (
            "lists",
            {"code": "gold", "currency": "cny", "kind": "list", "groups": "vip", "priority": "5", "is_active": "1"},
            PriceList("gold", "CNY", "list", 5, groups=("vip",)),
            "Prices in CNY; only for vip",
        ),
        ("limits", {"role": "clerk", "rate_ppm": "5"}, ManualLimit("clerk", 50_000), "clerk may take off up to 5%"),
        (
            "surcharges",
            {"code": "xl", "option": "size", "value": "XL", "amounts": "5, 1 EUR"},
            Surcharge("xl", "", "size", "XL", {"CNY": 500, "EUR": 100}),
            "size XL",
        ),
    ],
)
async def test_a_rule_is_written_said_and_written_back(  # noqa: PLR0917 - what a case is made of
    db: Database, scope: Scope, place: str, fields: dict[str, str], body: Rule, says: str
) -> None:
    async with selling(db, scope) as client:
        path = await saved(client, place, **fields)
        page, listed = await shown(client, path), await shown(client, f"/prices/rules/{place}")
        form = dict(re.findall(r'<input name="(\w+)"[^>]* value="([^"]+)"', page))
        again = await client.submit(f"/c/acme{path}", {**fields, **form, "version": "1"}, page=f"/c/acme{path}")
    (rule,) = await drafted(db, scope)
    assert rule.body == body
    assert says in page
    assert says in listed
    assert "Not published" in listed
    assert (again.status_code, rule.version) == (303, 1)


async def test_how_tax_is_charged_says_which_home_counts_and_why(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        unsaid = await shown(client, "/prices/rules/tax-settings")
        empty = await shown(client, "/prices/rules/tax-settings/new")
        path = await saved(client, "tax-settings", rounding="line")
        silent, draft = await shown(client, path), await shown(client, "/prices/publish")
        form = {"rounding": "line", "home_country": "de", "version": "1"}
        await client.submit(f"/c/acme{path}", form, page=f"/c/acme{path}")
        named = await shown(client, path)
        charged = {"rounding": "line", "reverse_charge": "1", "version": "2"}
        await client.submit(f"/c/acme{path}", charged, page=f"/c/acme{path}")
        refused, beside = await shown(client, "/prices/publish"), await shown(client, path)
        part = {"rounding": "line", "home_region": "BE", "version": "3"}
        unnamed = await client.submit(f"/c/acme{path}", part, page=f"/c/acme{path}")
    home = "at home in China, the merchant&#39;s country"
    assert "Until then: tax is rounded per order" in unsaid
    assert all(home in page for page in (unsaid, silent, draft))
    assert "Empty: China, the country in your settings." in empty
    assert "at home in Germany" in named
    assert home not in named
    assert all("No tax area has the country that you are at home in." in page for page in (refused, beside))
    assert unnamed.status_code == 422
    assert "The home has a province or state, or a postal code, and no country." in unnamed.text


@pytest.mark.parametrize(
    ("place", "fields", "said"),
    [
        ("tax-rates", {"country": "DE", "tax_class": "standard"}, "Please fill this in."),
        ("tax-rates", {"country": "Germany", "tax_class": "standard", "rate_ppm": "19"}, "GERMANY"),
        ("tax-rates", {"country": "DE", "tax_class": "standard", "rate_ppm": "lots"}, "lots is not a percentage."),
        ("lists", {"currency": "CNY"}, "Please fill this in."),
        ("lists", {"code": "gold", "currency": "XXZ"}, "XXZ"),
        ("exchange-rates", {"base": "EUR", "quote": "CNY", "rate": "7.8"}, "Please fill this in."),
        ("exchange-rates", {"base": "EUR", "quote": "CNY", "rate": "7.8", "from_at": "soon"}, "soon is not a date"),
        ("surcharges", {"code": "xl", "amounts": "much"}, "much is not an amount in CNY."),
        ("limits", {"role": "clerk", "rate_ppm": "5", "example_name": "A"}, "There are no goods in this cart."),
    ],
)
async def test_what_is_wrong_with_a_rule_is_told(
    db: Database, scope: Scope, place: str, fields: dict[str, str], said: str
) -> None:
    async with selling(db, scope) as client:
        refused = await save(client, place, **fields)
    assert refused.status_code == 422
    assert said in refused.text
    assert await drafted(db, scope) == []


async def test_a_rate_of_exchange_begins_by_the_merchants_clock(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        sent = {"base": "EUR", "quote": "CNY", "rate": "7.8125", "from_at": "2026-01-01T00:00"}
        path = await saved(client, "exchange-rates", **sent)
        page = await shown(client, path)
        rows = await save(client, "exchange-rates", action="rows", base="EUR")
    (rule,) = await drafted(db, scope)
    assert isinstance(rule.body, ExchangeRate)
    assert 'value="2026-01-01T00:00"' in page
    assert "1 EUR = 7.8125 CNY" in page
    assert rows.text.count('name="example_sku"') == 3


async def test_a_rule_is_removed_at_the_version_that_was_looked_at(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client, "limits", role="clerk", rate_ppm="5%")
        stale = await client.submit(f"/c/acme{path}/removal", {"version": "7"}, page=f"/c/acme{path}")
        gone = await client.submit(f"/c/acme{path}/removal", {"version": "1"}, page=f"/c/acme{path}")
        await shown(client, path, 404)
    assert (stale.status_code, gone.status_code) == (409, 303)
    assert await drafted(db, scope) == []


async def test_what_is_there_once_is_not_added_again(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await saved(client, "base-currency", base_currency="CNY")
        page = await shown(client, "/prices/rules/base-currency")
        again = await save(client, "base-currency", base_currency="EUR")
    assert "/prices/rules/base-currency/new" not in page
    assert again.status_code == 422


async def test_rules_are_for_who_may_and_of_the_merchant(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    async with selling(db, Scope(other_tenant)) as client:
        theirs = await saved(client, "limits", role="clerk", rate_ppm="5%")
    async with selling(db, scope) as client:
        path = await saved(client, "limits", role="boss", rate_ppm="50%")
        await shown(client, theirs, 404)
        await shown(client, path.replace("/limits/", "/surcharges/"), 404)
        await shown(client, "/prices/rules/wishes", 404)
        promotion = path.replace("/rules/limits/", "/promotions/")
        assert (await client.get(f"/c/acme{promotion}")).headers["location"].endswith(path)
    async with browsing(db, scope, READ) as client:
        page = await shown(client, path)
        await shown(client, "/prices/rules/limits/new", 403)
        refused = [
            (await client.submit(f"/c/acme{at}", {"version": "1"}, page="/c/acme/prices")).status_code
            for at in (path, f"{path}/removal", "/prices/rules/limits/new")
        ]
    assert "Save the draft" not in page
    assert refused == [403] * 3
