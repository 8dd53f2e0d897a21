"""Shipping methods, formulas and roundings, as staff write them."""

from typing import Any

import httpx2

from jiedan.base.db import Database, Scope
from jiedan.pricing.values import Formula, ShippingMethod
from jiedan.pricing.values.conversion import Rounding
from tests.base import web_client
from tests.console.test_goods import browsing, shown
from tests.console.test_price_rules import READ
from tests.console.test_prices import drafted, selling

PLACES = {"place_of": ["zone-0", "zone-0"], "place_is": ["in", "out"], "place_country": ["cn", "cn"]}
METHOD: dict[str, Any] = {
    "code": "post",
    "name": "Post",
    "zone_code": ["inland"],
    **PLACES,
    "place_region": ["", ""],
    "place_postal": ["", "999"],
    "rate_of": ["0"],
    "rate_currency": ["CNY"],
    "rate_kind": ["table"],
    "rate_by": ["weight"],
    "rate_free": ["99"],
    "band_of": ["0", "0"],
    "band_up_to": ["1 kg", ""],
    "band_fee": ["8", "12"],
    "surcharge_code": ["remote"],
    "surcharge_amounts": ["5"],
}


async def send(client: web_client.Client, place: str, path: str = "new", **fields: Any) -> httpx2.Response:
    at = f"/c/acme/prices/rules/{place}/{path}"
    return await client.submit(at, fields, page=at)


async def saved(client: web_client.Client, place: str, **fields: Any) -> str:
    answer = await send(client, place, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/c/acme")


async def test_a_shipping_method_is_written_said_and_tried(db: Database, scope: Scope) -> None:
    example = {"example_of": "0", "example_sku": "TEA", "example_price": "10", "example_country": "CN"}
    async with selling(db, scope) as client:
        path = await saved(client, "shipping-methods", **METHOD, **example, example_total="23")
        page, listed = await shown(client, path), await shown(client, "/prices/rules/shipping-methods")
    (rule,) = await drafted(db, scope)
    assert isinstance(rule.body, ShippingMethod)
    said = "China (without China 999): up to 1 kg CN¥8.00, beyond CN¥12.00"
    assert said in page
    assert said in listed
    assert "free from CN¥99.00 on" in page
    assert "surcharge remote: CN¥5.00" in page
    for value in ("1 kg", "999", "8.00", "12.00", "99.00"):
        assert f'value="{value}"' in page


async def test_more_zones_rates_and_rows_are_given_without_saving(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        zones = await send(client, "shipping-methods", **METHOD, action="zones")
        rates = await send(client, "shipping-methods", **METHOD, action="rates-0")
        rows = await send(client, "shipping-methods", **METHOD, action="rows")
        surcharges = await send(client, "shipping-methods", **METHOD, action="surcharges")
        tables = await send(client, "formulas", code="f", table_name="cloth", action="tables")
    assert zones.text.count('name="zone_code"') == 2
    assert rates.text.count('name="rate_currency"') == 2
    assert rows.text.count('name="band_up_to"') == 5
    assert surcharges.text.count('name="surcharge_code"') == 2
    assert tables.text.count('name="table_name"') == 2
    assert 'value="cloth"' in tables.text
    assert await drafted(db, scope) == []


async def test_what_is_wrong_with_a_method_stands_in_its_zone(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        refused = await send(client, "shipping-methods", **{**METHOD, "band_fee": ["8", "a lot"]})
    assert refused.status_code == 422
    assert "a lot is not an amount in CNY." in refused.text
    assert 'id="f-zone-0-rates"' in refused.text
    assert await drafted(db, scope) == []


async def test_a_formula_is_written_and_where_it_breaks_off_is_shown(db: Database, scope: Scope) -> None:
    fields = {
        "code": "blind",
        "currency": "CNY",
        "attribute_name": "width",
        "attribute_unit": "mm",
        "attribute_counted": "m",
        "attribute_min": "300",
        "attribute_max": "3000",
    }
    async with selling(db, scope) as client:
        broken = await send(client, "formulas", **fields, expression="width * # 5")
        path = await saved(client, "formulas", **fields, expression="width * 50")
        page = await shown(client, path)
    (rule,) = await drafted(db, scope)
    assert broken.status_code == 422
    assert "width * <mark># 5</mark>" in broken.text
    assert "from character 9 on" in broken.text
    assert isinstance(rule.body, Formula)
    assert "price in CNY: width * 50; asks for width from 300 to 3000 mm" in page


async def test_a_rounding_is_written_for_a_currency(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client, "roundings", code="eur", multiple_minor="1", minus_minor="0.01")
        page = await shown(client, path)
        again = await send(client, "roundings", code="EUR", multiple_minor="5")
        wrong = await send(client, "roundings", code="XXZ", multiple_minor="5")
        form = {"code": "EUR", "multiple_minor": "5", "minus_minor": "0", "version": "1"}
        changed = await client.submit(f"/c/acme{path}", form, page=f"/c/acme{path}")
    (rule,) = await drafted(db, scope)
    assert "rounded to multiples of €1.00, less €0.01" in page
    assert (again.status_code, wrong.status_code, changed.status_code) == (422, 422, 303)
    assert (rule.code, rule.body) == ("EUR", Rounding(500, 0))


async def test_who_may_only_read_sees_editors_without_their_buttons(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client, "shipping-methods", **METHOD)
    async with browsing(db, scope, READ) as client:
        page = await shown(client, path)
        refused = await client.submit(f"/c/acme{path}", METHOD, page="/c/acme/prices")
    assert "Save the draft" not in page
    assert "<fieldset" in page
    assert refused.status_code == 403
