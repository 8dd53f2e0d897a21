"""Today's page told of one day, seven or thirty: what is charted, said aloud and beside what."""

import html
import re
from datetime import timedelta

import pytest

from jiedan.base import jobs
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.reports import service as reports
from tests.conftest import NOON, FakeClock
from tests.console.test_pages import HOME_STATEMENTS_MAX, open_console, page
from tests.orders import factories
from tests.orders.factories import order, shop

DAYS = ("", "?days=7", "?days=30")
QUEUES_STATEMENTS_MAX = 7


async def placed(db: Database, scope: Scope, *channels: str) -> None:
    await factories.place(db, scope, *[order(("TEA", 1), channel=x) for x in channels])


async def opened(db: Database, scope: Scope, clock: FakeClock) -> None:
    """Open a shop with orders of three weeks ago, of eight days ago and of today."""
    clock.set(NOON - timedelta(days=21))
    await shop(db, scope, {"TEA": {"W1": 1_000}}, payment_terms="on_delivery")
    await placed(db, scope, "web", "web", "web", "store")
    clock.set(NOON - timedelta(days=8))
    await placed(db, scope, "web", "api")
    clock.set(NOON)
    await jobs._until_done(db, scope.tenant, reports.count_hours)
    await placed(db, scope, "web")


def said(shown: str) -> list[str]:
    """Return what the charts say to who does not see them."""
    return [html.unescape(x) for x in re.findall(r'<svg class="bars course"[^>]*aria-label="([^"]*)"', shown)]


def strip(shown: str) -> dict[str, str]:
    """Return the figures of the strip by their labels."""
    return dict(re.findall(r'<dt>([^<]*)</dt><dd><div class="v">([^<]*)</div>', shown))


async def test_one_two_and_no_orders_are_said_as_people_count(db: Database, scope: Scope, clock: FakeClock) -> None:
    await opened(db, scope, clock)
    async with open_console(db, scope) as client:
        by_hour, by_channel = said(await page(client, "/home"))
    assert by_hour == "Orders and parcels by the hour, today: 1 order, 0 parcels shipped"
    assert by_channel == "Orders by channel, 7 days: Web shop 1"


async def test_a_period_is_told_beside_the_one_before(db: Database, scope: Scope, clock: FakeClock) -> None:
    await opened(db, scope, clock)
    async with open_console(db, scope) as client:
        week, month = [await page(client, f"/home?days={x}") for x in (7, 30)]
        odd = await page(client, "/home?days=365")
    assert '<a href="/c/acme/home?days=7" aria-current="page">7 days</a>' in week
    assert said(week) == [
        "Orders and parcels, 7 days: 1 order, 0 parcels shipped",
        "Orders by channel, 7 days: Web shop 1",
    ]
    assert strip(week)["Orders, 7 days"] == "1"
    assert "<b>−50.0%</b> against the 7 days before" in week
    assert said(month) == [
        "Orders and parcels, 30 days: 7 orders, 0 parcels shipped",
        "Orders by channel, 30 days: Web shop 5, API 1, Store 1",
    ]
    assert strip(month)["Orders, 30 days"] == "7"
    assert strip(month)["Sales, 30 days"] == "CN¥70.00"
    assert '<a href="/c/acme/home" aria-current="page">Today</a>' in odd


async def test_a_chart_stands_beside_as_a_table(db: Database, scope: Scope, clock: FakeClock) -> None:
    await opened(db, scope, clock)
    async with open_console(db, scope) as client:
        month = await page(client, "/home?days=30")
    course, channels = re.findall(r'<table class="tbl">(.*?)</table>', month, re.DOTALL)[:2]
    assert (course.count("<tr>"), channels.count("<tr>")) == (31, 31)
    assert re.findall(r'<th scope="col" class="r">([^<]*)', course) == ["Orders", "Parcels shipped", "Amount"]
    assert re.findall(r'<th scope="col" class="r">([^<]*)', channels) == ["Web shop", "API", "Store"]
    assert '<td class="r num">3</td><td class="r num">0</td><td class="r num">1</td>' in channels
    assert month.count('<rect class="c1"') == 3
    assert month.count('<rect class="c3"') == 1


@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("locale", ["en", "zh_Hans", "zh_Hant"])
async def test_a_merchant_who_has_sold_nothing_sees_empty_charts(
    db: Database, scope: Scope, locale: str, days: str
) -> None:
    await shop(db, scope, {"TEA": {"W1": 1}})
    async with open_console(db, scope, locale=locale) as client:
        shown = await page(client, f"/home{days}")
    assert len(said(shown)) == 2
    assert "%(" not in shown


async def test_every_period_costs_the_same_few_statements(
    db: Database, scope: Scope, clock: FakeClock, recorder: StatementRecorder
) -> None:
    await opened(db, scope, clock)
    counts = []
    async with open_console(db, scope) as client:
        await page(client, "/home")
        for days in DAYS:
            clock.set(clock.now() + timedelta(minutes=1))  # what was read is not known any more
            with recorder.watching() as sent:
                await page(client, f"/home{days}")
            counts.append(len(sent))
    assert max(counts) <= HOME_STATEMENTS_MAX, sent
    assert len(set(counts)) == 1, counts


async def test_the_queues_alone_cost_few_statements(
    db: Database, scope: Scope, clock: FakeClock, recorder: StatementRecorder
) -> None:
    await opened(db, scope, clock)
    part = {"accept": "text/html", "hx-request": "true", "hx-request-type": "partial"}
    async with open_console(db, scope) as client:
        whole = await page(client, "/home")
        with recorder.watching() as sent:
            answer = await client.get("/c/acme/home", headers=part)
        assert len(sent) <= QUEUES_STATEMENTS_MAX, sent
    queues = [re.findall(r'data-queue="([^"]*)".*?<b class="num">([^<]*)', x) for x in (whole, answer.text)]
    assert queues[0] == queues[1]
    assert len(queues[0]) == 12
    assert "<html" not in answer.text
    async with open_console(db, scope, frozenset({"orders:read"})) as client:
        answer = await client.get("/c/acme/home", headers=part)
    assert re.findall(r'data-queue="([^"]*)"', answer.text) == ["held", "unpaid", "waiting", "to_ship", "late"]
