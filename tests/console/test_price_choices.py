"""What is chosen in forms of prices: customers that rules and examples are of, and changes that are published."""

import re

from jiedan.base.db import Database, Scope
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import Promotion
from tests.console.test_goods import shown
from tests.console.test_prices import drafted, known, save, saved, selling
from tests.customers.factories import wang


async def test_customers_are_found_by_what_one_types(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        lee = wang(name="Anna Lee", phone="", email="lee@example.com")
        made = await known(db, scope, wang(name="Anna Bell"), lee)
        bell, other = map(str, made)
        several = await save(client, customers_find="Anna")
        asked = await save(client, customers_find="Anna", action="find")
        nobody = await save(client, customers_find="zzz@example.com")
        one = {"example_of": "0", "example_sku": "TEA", "example_quantity": "1", "example_price": "100"}
        both = {"customers": bell, "customers_find": "lee@example.com", **one, "example_who": "lee@example.com"}
        path = await saved(client, **both, example_total="80")
        (rule,) = await drafted(db, scope)
        page = await shown(client, path)
        unsure = await save(client, id="other", **one, example_who="Anna", example_total="80")
    for answer, status in ((several, 422), (asked, 200)):
        assert answer.status_code == status
        assert [f'name="customers" value="{x}"' in answer.text for x in (bell, other)] == [True, True]
    assert "Several customers fit" in several.text
    assert "No customer fits" in nobody.text
    assert isinstance(rule.body, Promotion)
    assert rule.body.when.customers == (bell, other)
    assert rule.examples[0].customer == other
    assert page.count('name="customers"') == 2
    assert (unsure.status_code, unsure.text.count('<option value="' + bell)) == (422, 1)


async def test_customers_of_price_lists_are_found_and_taken_off(db: Database, scope: Scope) -> None:
    new = "/c/acme/prices/rules/lists/new"
    async with selling(db, scope) as client:
        (anna,) = await known(db, scope, wang(name="Anna Bell"))
        fields = {"code": "vip", "currency": "CNY", "kind": "contract", "is_active": "1"}
        made = await client.submit(new, {**fields, "customers_find": "Anna Bell"})
        path = made.headers["location"]
        (first,) = await drafted(db, scope)
        page = await shown(client, path.removeprefix("/c/acme"))
        await client.submit(path, {**fields, "kind": "list", "version": "1"})
        (second,) = await drafted(db, scope)
    assert isinstance(first.body, PriceList)
    assert isinstance(second.body, PriceList)
    assert (first.body.customers, second.body.customers) == ((str(anna),), ())
    assert "Anna Bell" in page


async def test_ticked_changes_are_checked_and_published_alone(db: Database, scope: Scope) -> None:
    page = "/c/acme/prices/publish"
    fails = {"example_of": "0", "example_sku": "TEA", "example_quantity": "1", "example_price": "100"}
    async with selling(db, scope) as client:
        await saved(client, **fails, example_total="1")
        await saved(client, id="small", name="Small sale", off="1%")
        whole = await shown(client, "/prices/publish")
        ticked = {"is_choice": "1", "rule": "promotion:small"}
        alone = await client.submit(page, {**ticked, "action": "check"})
        nothing = await client.submit(page, {"is_choice": "1"})
        gone = await client.submit(page, {"is_choice": "1", "rule": "promotion:gone"})
        made = await client.submit(page, ticked)
        rest = await shown(client, "/prices/publish")
        version = await shown(client, "/prices/versions/1")
    ticked_by_name = [re.findall(r'value="(promotion:[a-z]+)"[^>]* checked>', page) for page in (whole, alone.text)]
    assert ticked_by_name == [["promotion:small", "promotion:spring"], ["promotion:small"]]
    assert "This cannot be published yet" in whole
    assert "This cannot be published yet" not in alone.text
    assert (nothing.status_code, "No change is chosen." in nothing.text) == (422, True)
    assert (gone.status_code, "promotion:gone is no change of the draft." in gone.text) == (422, True)
    assert made.status_code == 303
    assert ("Spring sale" in rest, "Small sale" in rest, 'form="publish"' in rest) == (True, False, False)
    assert ("small" in version, "spring" in version) == (True, False)
