"""Pages that hear of changes: counts follow, rows stay under the pointer, and a bar leads to what is new."""

from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import Readiness
from jiedan.orders.values import Contact
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_lively import needs_scripts
from tests.fulfillment.factories import floor
from tests.orders import listing
from tests.orders.factories import order, place_one, shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium, needs_scripts]


async def listening(screen: Screen, path: str) -> Page:
    """Open a page of the console, and wait until it hears of changes."""
    page = await screen.context.new_page()
    await page.add_init_script(
        "document.addEventListener('htmx:sse:after:message', () => (window.isListening = true), true)"
    )
    await page.goto(f"{screen.address}/c/{screen.slug}{path}")
    await page.wait_for_function("() => window.isListening")
    return page


async def test_new_orders_are_told_and_shown_when_asked(db: Database, scope: Scope, desk: Screen) -> None:
    await shop(db, scope, {"TEA": {"W1": 10}})
    first = await place_one(db, scope, order(("TEA", 1)))
    await listing.drain(db, scope)
    page = await listening(desk, "/orders")
    row = page.get_by_role("link", name=first.number, exact=True)
    before = await row.bounding_box()
    tab = page.get_by_role("navigation", name="Views").get_by_role("link").first
    await expect(tab).to_contain_text("1")
    news = page.locator("[data-news]")
    await expect(news).to_be_hidden()
    added = [await place_one(db, scope, order(("TEA", 1))) for _ in range(3)]
    await listing.drain(db, scope)
    await expect(news).to_contain_text("3 new orders")
    await expect(tab).to_contain_text("4")
    assert await row.bounding_box() == before, "the rows have moved under the pointer"
    await expect(page.get_by_role("link", name=added[0].number, exact=True)).to_have_count(0)
    await news.get_by_role("link", name="Show").click()
    await expect(page.get_by_role("link", name=added[2].number, exact=True)).to_be_visible()
    await expect(news).to_be_hidden()


async def test_todays_queues_follow_what_happens(db: Database, scope: Scope, desk: Screen) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 10}})
    page = await listening(desk, "/home")
    to_pick, opened = page.locator("[data-queue=released] b"), page.locator("[data-queue=cases] b")
    await expect(to_pick).to_have_text("0")
    order_id = await at.place(("TEA", 1))
    async with db.begin(scope) as tx:
        await cases.open_cases(tx, cases=[NewCase("overpaid", "order", order_id, {"amount_minor": 5})])
    await listing.drain(db, scope)
    await expect(to_pick).to_have_text("1")
    await expect(opened).to_have_text("1")
    await expect(page.locator("nav.side [data-waiting=cases]")).to_have_text("1")


async def test_the_queues_of_the_floor_tell_of_more_and_of_what_others_took(
    db: Database, scope: Scope, desk: Screen
) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 10}})
    first = await at.only(await at.place(("TEA", 1)))
    queue = await listening(desk, "/fulfillment?status=released")
    station = await listening(desk, "/pack")
    await expect(queue.get_by_role("link", name=first.number, exact=True)).to_be_visible()
    await at.place(("TEA", 1))
    for page in (queue, station):
        await page.bring_to_front()  # a tab in the background hears of it when somebody comes back
        await expect(page.locator("[data-news]")).to_contain_text("1 more waits here")
    await expect(queue.locator("[data-part=released] .c")).to_have_text("2")
    await queue.locator("[data-news]").get_by_role("link", name="Show").click()
    await expect(queue.locator("tr[data-item]")).to_have_count(2)
    await queue.wait_for_function("() => window.isListening")
    await at.pick_all(first.fulfillment_id)
    await at.hear()
    await expect(queue.locator("[data-news]")).to_contain_text("This list has changed.")


async def test_the_collection_desk_and_the_cases_tell_of_more(db: Database, scope: Scope, desk: Screen) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 10}})
    order_id = await at.place(("TEA", 1), contact=Contact(name="Han Meimei"))
    await at.packed(order_id)
    collect = await listening(desk, "/collect")
    await at.one(fulfillment.make_ready, wishes=[Readiness((await at.only(order_id)).fulfillment_id)])
    await at.hear()
    await expect(collect.locator("[data-news]")).to_contain_text("1 more waits here")
    await expect(collect.locator("[data-part=ready] .c")).to_have_text("1")

    page = await listening(desk, "/cases")
    async with db.begin(scope) as tx:
        found = [NewCase("overpaid", "order", UUID(int=n), {"amount_minor": 5}) for n in (1, 2)]
        await cases.open_cases(tx, cases=found)
    await listing.drain(db, scope)
    await expect(page.locator("[data-news]")).to_contain_text("2 new cases")
    await expect(page.locator("[data-part=all] .c")).to_have_text("2")


async def test_a_list_that_may_not_be_read_any_more_is_left_as_it_is(stage: Stage, db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 10}})
    placed = await place_one(db, scope, order(("TEA", 1)))
    await listing.drain(db, scope)
    async with stage.screen(scope) as screen:
        screen.expect("status of 403")
        page = await listening(screen, "/orders")
        async with stage.screen(scope, permissions=[]) as stranger:
            await screen.context.add_cookies(await stranger.context.cookies())  # type: ignore[arg-type]  # a cookie as it is read may be set
        await place_one(db, scope, order(("TEA", 1)))
        await listing.drain(db, scope)
        await expect(page.locator("#trouble")).to_contain_text("This needs the permission")
        await expect(page.get_by_role("link", name=placed.number, exact=True)).to_be_visible()
        await expect(page.locator("[data-news]")).to_be_hidden()
