"""How lists of orders are shown: columns in an order of one's own, sorting, row spacing; and views that keep them."""

import html
import re

from jiedan.base.db import Database, Scope
from jiedan.console import orders_asked
from jiedan.orders.values import lists
from jiedan.orders.values.lists import Layout
from tests.console.test_pages import one_order, open_console, page, submit
from tests.orders.factories import order, place_one

HEADING = re.compile(r'<th scope="col"[^>]*>([^<]+)</th>')
LAYOUT = re.compile(r'name="layout" value="([^"]+)"')


def test_the_list_has_the_columns_that_views_may_name() -> None:
    assert tuple(orders_asked.COLUMNS) == lists.COLUMNS


def headings(text: str) -> list[str]:
    return HEADING.findall(text)[1:]


def layout_in(text: str) -> str:
    found = LAYOUT.search(text)
    assert found is not None
    return html.unescape(found[1])


async def test_columns_stand_as_they_were_put(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    async with open_console(db, scope) as client:
        chosen = {"column": ["total", "customer", "placed"]}
        await submit(client, "/orders/columns", chosen, on="/orders")
        assert headings(await page(client, "/orders")) == ["Total", "Customer", "Placed"]
        moved = await submit(client, "/orders/columns", {**chosen, "move": "placed:earlier"}, on="/orders")
        assert moved.headers["location"] == "/c/acme/orders?arrange=1"
        again = await page(client, "/orders?arrange=1")
        assert headings(again) == ["Total", "Placed", "Customer"]
        assert 'data-menu open><summary class="btn icon" aria-label="Columns"' in again
        await submit(client, "/orders/columns", {**chosen, "move": "total:earlier"}, on="/orders")
        assert headings(await page(client, "/orders")) == ["Total", "Customer", "Placed"]
        await submit(client, "/orders/columns", {"column": ["nothing"]}, on="/orders")
        assert headings(await page(client, "/orders")) == [
            orders_asked.COLUMNS[name] for name in orders_asked.COLUMNS_AT_FIRST
        ]


async def test_a_view_keeps_how_it_is_shown(db: Database, scope: Scope) -> None:
    first = await one_order(db, scope)
    second = await place_one(db, scope, order(("TEA", 1)))
    async with open_console(db, scope) as client:
        shown = await page(client, "/orders?columns=total.payment&sort=oldest&density=compact&payment=pending")
        assert re.search('id="orders"[^>]* data-density="compact"', shown)
        fields = {"name": "Unpaid first", "filters": '{"payment": ["pending"]}', "layout": layout_in(shown)}
        saved = await submit(client, "/orders/views", fields, on="/orders")
        at = saved.headers["location"].removeprefix("/c/acme")
        view = await page(client, at)
        assert headings(view) == ["Total", "Payment"]
        assert view.index(first.number) < view.index(second.number)
        assert re.search('id="orders"[^>]* data-density="compact"', view)
        assert "sort=newest" in view
        other = await page(client, f"{at}&sort=newest&columns=customer&density=comfortable")
        assert headings(other) == ["Customer"]
        assert other.index(second.number) < other.index(first.number)
        assert re.search('id="orders"[^>]* data-density="comfortable"', other)
        assert headings(await page(client, "/orders")) != ["Total", "Payment"]


async def test_a_view_is_given_the_layout_at_hand_or_keeps_its_own(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    async with open_console(db, scope) as client:
        fields = {"name": "Mine", "filters": "{}", "layout": '{"columns": ["total"]}'}
        saved = await submit(client, "/orders/views", fields, on="/orders")
        at = saved.headers["location"].removeprefix("/c/acme")
        change = at.replace("?view=", "/views/")
        await submit(client, change, {"name": "Ours", "version": "1"}, on=at)
        assert headings(await page(client, at)) == ["Total"]
        arranged = {"column": ["units", "total"], "of_list": "1", "listing": at.partition("?")[2]}
        moved = await submit(client, "/orders/columns", arranged, on=at)
        there = moved.headers["location"].removeprefix("/c/acme")
        now = await page(client, there)
        assert headings(now) == ["Units", "Total"]
        assert headings(await page(client, at)) == ["Total"]
        await submit(client, change, {"name": "Ours", "version": "2", "layout": layout_in(now)}, on=at)
        assert headings(await page(client, at)) == ["Units", "Total"]
        removed = await submit(client, f"{change}/removal", {}, on=at)
        assert removed.status_code == 303


async def test_what_is_no_layout_is_refused(db: Database, scope: Scope) -> None:
    async with open_console(db, scope) as client:
        for layout in ('{"columns": ["nothing"]}', '{"columns": ["total", "total"]}', "no"):
            fields = {"name": "Odd", "filters": "{}", "layout": layout}
            answer = await submit(client, "/orders/views", fields, on="/orders")
            assert answer.headers["location"] == "/c/acme/orders"
        shown = await page(client, "/orders?columns=nothing.total.total&sort=odd&density=odd")
        assert "Odd" not in shown
        assert "data-density" not in shown[shown.index('id="orders"') :][:40]


def test_a_layout_says_only_what_it_changes() -> None:
    assert lists.given(Layout()) == {}
    assert lists.given(Layout(columns=("total",), sort="oldest")) == {"columns": ("total",), "sort": "oldest"}
