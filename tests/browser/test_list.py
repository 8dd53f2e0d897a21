"""The list of orders in a browser: two hundred shipped at once with three failures, and a view of one's own."""

import re
from uuid import UUID

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from jiedan.bulk import jobs
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft
from jiedan.orders import service as orders
from jiedan.orders.values import Contact, HoldRequest, Placed
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.bulk.factories import by_staff, done
from tests.customers import factories as customer_factories
from tests.orders import factories, listing
from tests.orders.factories import order, shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

ORDERS = 200
HELD = 3


async def opened(db: Database, scope: Scope, number: int) -> tuple[Scope, list[UUID]]:
    """Open a shop with so many orders of tea, the first ones tagged as gifts."""
    await shop(db, scope, {"TEA": {"W1": 10_000}}, payment_terms="on_delivery")
    ids: list[UUID] = []
    for begins in range(0, number, 50):
        drafts = [
            order(("TEA", 1), contact=Contact(name=f"Anna {i}"), tags=("gift",) if i < 2 else ())
            for i in range(begins, min(begins + 50, number))
        ]
        ids += [x.order_id for x in await factories.place(db, scope, *drafts) if isinstance(x, Placed)]
    return await by_staff(db, scope), ids


async def work(db: Database, scope: Scope, address: str) -> None:
    """Do a job as the worker does."""
    await listing.drain(db, scope)
    await jobs.do_job(db, scope.tenant, {"job_id": address.rpartition("/")[2]})


@chromium.on_desk_and_phone
async def test_two_hundred_are_shipped_at_once_and_three_are_tried_again(
    db: Database, scope: Scope, stage: Stage, width: int
) -> None:
    staff, ids = await opened(db, scope, ORDERS)
    holds = [HoldRequest(order_id, "manual", "Look at the address.") for order_id in ids[:HELD]]
    await db.write(staff, lambda tx: orders.place_holds(tx, requests=holds))
    await listing.drain(db, scope)
    async with stage.screen(scope, width=width, staff=UUID(staff.actor.id)) as screen:
        page = await screen.open("/orders")
        if width == chromium.PHONE_WIDTH:  # cards have no head with a box for all of them
            await page.locator("[data-pick]").first.check()
        else:
            await page.get_by_role("checkbox", name="Choose all of this page").check()
            await expect(page.get_by_text("50 chosen")).to_be_visible()
        await page.get_by_role("button", name=f"All {ORDERS} that fit").click()
        ship = page.get_by_role("button", name="Ship", exact=True)
        if not await ship.is_visible():
            await page.locator("#orders .bulk").get_by_label("More actions").click()
        await ship.click()
        await expect(page.get_by_text("This cannot be taken back.")).to_be_visible()
        await page.get_by_role("button", name="Ship", exact=True).click()
        await expect(page.get_by_text("Waiting for its turn")).to_be_visible()
        await work(db, scope, page.url)
        await expect(page.get_by_text("Finished")).to_be_visible()
        await expect(page.get_by_text(f"{ORDERS} / {ORDERS}")).to_be_visible()
        await page.get_by_role("link", name=re.compile("^Not done")).click()
        rows = page.get_by_role("table").locator("tbody tr")
        await expect(rows).to_have_count(HELD)
        await expect(rows.first).to_contain_text("cannot be released")

        await done(db, staff, "unhold", order_ids=ids[:HELD], reason="It is right.")
        await page.get_by_role("button", name=f"Try these {HELD} again").click()
        await expect(page.get_by_text(f"0 / {HELD}")).to_be_visible()
        await work(db, scope, page.url)
        await expect(page.get_by_text(f"{HELD} / {HELD}")).to_be_visible()
        await expect(page.get_by_text("Not done 0")).to_be_visible()


@chromium.on_desk_and_phone
async def test_filters_become_a_view_of_ones_own(db: Database, scope: Scope, stage: Stage, width: int) -> None:
    staff, _ = await opened(db, scope, 5)
    await listing.drain(db, scope)
    async with stage.screen(scope, width=width, staff=UUID(staff.actor.id)) as screen:
        page = await screen.open("/orders")
        await page.get_by_text("Filter", exact=True).click()
        form = page.get_by_role("form", name="All filters")
        await form.get_by_label("Tag", exact=True).fill("gift")
        await form.get_by_role("button", name="Apply").click()
        await expect(page.locator("tbody tr")).to_have_count(2)
        await expect(page).to_have_url(re.compile("tag=gift"))
        await page.locator("summary[aria-label='Save as a view']").click()
        await page.get_by_label("Save what is filtered as a view").fill("Gifts")
        await page.get_by_role("button", name="Save the view").click()
        tab = page.get_by_role("link", name=re.compile("^Gifts"))
        await expect(tab).to_have_attribute("aria-current", "page")
        await expect(tab).to_contain_text("2")
        await page.get_by_role("link", name=re.compile("^All")).first.click()
        await expect(page.locator("tbody tr")).to_have_count(5)
        await page.go_back()
        await expect(page.locator("tbody tr")).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False])
async def test_what_is_exported_is_what_is_shown(db: Database, scope: Scope, stage: Stage, *, scripts: bool) -> None:
    staff, _ = await opened(db, scope, 5)
    await listing.drain(db, scope)
    async with stage.screen(scope, staff=UUID(staff.actor.id), scripts=scripts) as screen:
        page = await screen.open("/orders")
        await page.get_by_text("Filter", exact=True).click()
        form = page.get_by_role("form", name="All filters")
        await form.get_by_label("Tag", exact=True).fill("gift")
        await form.get_by_role("button", name="Apply").click()
        await expect(page.locator("tbody tr")).to_have_count(2)
        await page.get_by_role("button", name="Export").click()
        await expect(page).to_have_url(re.compile(r"/exports/new\?filters=.*gift"))


async def test_a_view_is_saved_and_orders_are_chosen_without_scripts(db: Database, scope: Scope, stage: Stage) -> None:
    staff, _ = await opened(db, scope, 3)
    await listing.drain(db, scope)
    async with stage.screen(scope, staff=UUID(staff.actor.id), scripts=False) as screen:
        page = await screen.open("/orders?tag=gift")
        await page.locator("summary[aria-label='Save as a view']").click()
        await page.get_by_label("Save what is filtered as a view").fill("Gifts")
        await page.get_by_role("button", name="Save the view").click()
        await expect(page.get_by_role("link", name=re.compile("^Gifts"))).to_be_visible()
        await page.locator("tbody input[type=checkbox]").first.check()
        await page.get_by_role("button", name="Release").click()
        await work(db, scope, page.url)
        await page.get_by_role("link", name="Refresh").click()
        await expect(page.get_by_text("Finished")).to_be_visible()
        await expect(page.get_by_text("1 / 1")).to_be_visible()


async def test_enter_on_a_ticked_row_does_nothing_to_it(db: Database, scope: Scope, stage: Stage) -> None:
    staff, _ = await opened(db, scope, 2)
    await listing.drain(db, scope)
    await customer_factories.save(db, scope, [CustomerDraft(name="Anna")])
    await db.write(scope, lambda tx: customers.create_group(tx, code="vip", name="VIP"))
    async with stage.screen(scope, staff=UUID(staff.actor.id)) as screen:
        for path in ("/orders", "/customers"):
            page = await screen.open(path)
            row = page.locator("tbody input[data-pick]").first
            await row.check()
            await row.press("Enter")
            await expect(row).to_be_checked()
            await expect(page).to_have_url(re.compile(f"{path}$"))


@pytest.mark.parametrize("locale", ["en-US", "zh-CN", "zh-TW"])
async def test_the_list_fits_and_nothing_lies_below_the_totals(
    db: Database, scope: Scope, stage: Stage, locale: str
) -> None:
    await shop(db, scope, {"TEA": {"W1": 1_000}}, backorder=True)
    facts = {"channel": "marketplace", "contact": Contact(name="Anna Maria Bell"), "tags": ("gift", "wholesale")}
    made = await factories.place(db, scope, *[order(("TEA", 999), **facts) for _ in range(3)])
    holds = [
        HoldRequest(x.order_id, kind, "Look.")
        for x in made
        if isinstance(x, Placed)
        for kind in ("payment_check", "address_check")
    ]
    await db.write(scope, lambda tx: orders.place_holds(tx, requests=holds))
    await listing.drain(db, scope)
    async with stage.screen(scope, locale=locale) as screen:
        page = await screen.open("/orders")
        await expect(page.locator("#orders tbody tr")).to_have_count(3)
        beyond = await page.locator("#orders .scroll").evaluate("x => x.scrollWidth - x.clientWidth")
        assert beyond <= 0


async def test_on_a_phone_what_is_done_to_many_takes_two_rows(db: Database, scope: Scope, phone: Screen) -> None:
    await opened(db, scope, 3)
    await listing.drain(db, scope)
    page = await phone.open("/orders")
    await page.locator("[data-pick]").first.check()
    bar = page.locator("#orders .bulk")
    await expect(bar).to_be_visible()
    tops = await bar.evaluate("x => [...x.children].filter(y => y.offsetHeight > 20).map(y => y.offsetTop)")
    assert max(tops) - min(tops) < 60, tops
    await bar.get_by_label("More actions").click()
    await expect(bar.get_by_role("button", name="Add a tag")).to_be_visible()
