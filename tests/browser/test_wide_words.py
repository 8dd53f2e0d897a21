"""What is long stays readable: prices of ten digits where they are typed, names of products on a phone."""

import pytest
from playwright.async_api import Locator, Page

from jiedan.base.db import Database, Scope
from jiedan.catalog.values import Price
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.catalog.factories import goods, saved, sku
from tests.orders.factories import order, place_one, shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

LONG = "Limited edition of the spring harvest from the western slope, hand-rolled, in a lacquered wooden chest"
DEAR = Price("CNY", 999_999_999_999)
"""9,999,999,999.99."""

NAME_WIDTH_MIN = 240


async def is_cut_off(field: Locator) -> bool:
    return bool(await field.evaluate("x => x.scrollWidth > x.clientWidth"))


async def is_wider_than_the_screen(page: Page) -> bool:
    return bool(await page.locator("html").evaluate("x => x.scrollWidth > x.clientWidth"))


@chromium.on_desk_and_phone
async def test_a_price_of_ten_digits_is_read_whole_where_it_is_typed(
    db: Database, scope: Scope, stage: Stage, width: int
) -> None:
    await shop(db, scope, {"CUP": {"W1": 1}})
    async with db.begin(scope) as tx:
        (made,) = await saved(tx, goods("TEA", skus=(sku("TEA", prices=(DEAR,)),)))
    async with stage.screen(scope, width=width) as screen:
        page = await screen.open(f"/products/{made.product_id}")
        price = page.get_by_label("TEA: Price")
        assert await price.input_value() == "9999999999.99"
        assert not await is_cut_off(price)
        assert not await is_wider_than_the_screen(page)


async def test_a_line_with_a_long_name_has_room_for_it_on_a_phone(db: Database, scope: Scope, phone: Screen) -> None:
    await shop(db, scope, {"TEA": {"W1": 9_000}, "CUP": {"W1": 1}})
    async with db.begin(scope) as tx:
        await saved(tx, goods("TEA", name=LONG, skus=(sku("TEA", prices=(Price("CNY", 123_456_789),)),)))
    placed = await place_one(db, scope, order(("TEA", 1_000), ("CUP", 1)))
    page = await phone.open(f"/orders/{placed.order_id}")
    name = page.locator(".line .nm", has_text="Limited edition")
    block = await name.evaluate("x => x.parentElement.getBoundingClientRect().width")
    assert block >= NAME_WIDTH_MIN
    assert not await is_wider_than_the_screen(page)
    for total in await page.locator(".line .q b").all():
        box = await total.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= chromium.PHONE_WIDTH
