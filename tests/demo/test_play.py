"""A play goes through the services: the books balance, and playing again doubles nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from jiedan.base import verify
from jiedan.demo import offers
from jiedan.notifications.rules import WAITING_MAX
from jiedan.pricing import queries as pricing
from tests.conftest import NOON, Urls
from tests.demo.theater import Theater

DAYS = 8
COUNT = 40


@pytest.fixture
async def theater(urls: Urls, tmp_path: Path) -> AsyncIterator[Theater]:
    made = Theater(urls, tmp_path)
    await made.open()
    yield made
    await made.database.close()


ORDERS = "SELECT DISTINCT lifecycle, payment_status, fulfillment_status FROM orders WHERE tenant_id = :tenant"
TOTALS = (
    "SELECT (SELECT count(*) FROM orders WHERE tenant_id = :tenant),"
    " (SELECT sum(amount_minor) FROM payment_entry WHERE tenant_id = :tenant),"
    " (SELECT sum(quantity) FROM stock_movement WHERE tenant_id = :tenant AND kind = 'receipt'),"
    " (SELECT count(*) FROM price_book WHERE tenant_id = :tenant),"
    " (SELECT count(*) FROM coupon WHERE tenant_id = :tenant),"
    " (SELECT count(*) FROM gift_card WHERE tenant_id = :tenant),"
    " (SELECT count(*) FROM wallet_movement WHERE tenant_id = :tenant)"
)
TRADE = (
    "SELECT (SELECT count(DISTINCT list_code) FROM price_list_entry WHERE tenant_id = :tenant),"
    " (SELECT count(*) FROM customer_group_member WHERE tenant_id = :tenant),"
    " (SELECT count(*) FROM wallet_movement WHERE tenant_id = :tenant AND kind = 'earning')"
)
CURTAINS = (
    "SELECT count(*), count(DISTINCT price_source) FROM order_line"
    " WHERE tenant_id = :tenant AND code = 'CURTAIN-ROOM' AND attributes IS NOT NULL AND price_source = 'rule'"
)
METHODS = "SELECT DISTINCT method FROM payment WHERE tenant_id = :tenant"
USED = "SELECT promotion, count(*) FROM redemption WHERE tenant_id = :tenant GROUP BY promotion"
CODES = (
    "SELECT (SELECT count(*) FROM coupon WHERE tenant_id = :tenant),"
    " (SELECT count(*) FROM gift_card WHERE tenant_id = :tenant),"
    " (SELECT count(*) FROM orders WHERE tenant_id = :tenant)"
)


async def test_a_play_fills_the_shop_and_playing_again_doubles_nothing(theater: Theater) -> None:
    played = await theater.play(days=DAYS, played=COUNT)
    assert played.orders == COUNT
    assert not played.refusals
    found = set(await theater.count(ORDERS))
    assert ("completed", "paid", "delivered") in found
    assert {"open", "completed"} <= {lifecycle for lifecycle, _, _ in found}
    assert await theater.count("SELECT count(*) FROM outbox WHERE tenant_id = :tenant") == [(0,)]
    ((first, last, delivered),) = await theater.count(
        "SELECT min(placed_at), max(placed_at), (SELECT max(delivered_at) FROM parcel WHERE tenant_id = :tenant)"
        " FROM orders WHERE tenant_id = :tenant"
    )
    assert NOON - timedelta(days=DAYS) <= first < last <= NOON + timedelta(seconds=1)
    assert delivered <= NOON + timedelta(seconds=1)
    ((promised,),) = await theater.count(
        "SELECT count(*) FROM orders WHERE tenant_id = :tenant AND promised_p90_on > promised_p50_on"
    )
    assert promised > COUNT / 2
    ((mails, told),) = await theater.count(
        "SELECT count(*), min(available_at) FROM mail_message WHERE tenant_id = :tenant AND state = 'queued'"
    )
    assert mails, "what is still news is told"
    assert told > NOON - WAITING_MAX, "nobody is told of what lies long back"

    assert {"gift_card", "store_credit"} <= {method for (method,) in await theater.count(METHODS)}
    used = dict(await theater.count(USED))
    assert {"friends", "letter"} <= used.keys()
    assert used.keys() & {"welcome", "towel"}, "offers that need no code are given, too"

    ((lists, members, earned),) = await theater.count(TRADE)
    assert (lists, members > 0, earned > 0) == (2, True, True)

    ((curtains, kinds),) = await theater.count(CURTAINS)
    assert (curtains > 0, kinds) == (True, 1), "curtains are made to measure, at the price of their formula"

    before = await theater.count(TOTALS)
    again = await theater.play(days=DAYS, played=COUNT)
    assert again.orders == COUNT
    assert set(again.refusals) <= {"nothing_to_acknowledge", "order_ended"}
    assert await theater.count(TOTALS) == before
    async with theater.database.read(theater.scope) as tx:
        assert await verify.run(tx, verify.checks()) == []


async def test_offers_are_opened_without_anybody_who_uses_them(theater: Theater) -> None:
    for _ in range(2):
        played = await theater.play(days=1, played=0)
        assert (played.orders, played.refusals) == (0, {})
    async with theater.database.read(theater.scope) as tx:
        last = await tx.load_one(pricing.last_book())
        assert await verify.run(tx, verify.checks()) == []
    assert last is not None
    assert {one.id for one in last.book.promotions} == {one.id for one in offers.promotions(NOON)}
    assert await theater.count(CODES) == [(offers.LETTER_CODES + 1, offers.CARDS_UNSOLD, 0)]
