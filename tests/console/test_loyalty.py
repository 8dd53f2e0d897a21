"""The loyalty program, as staff set it, and what the console tells of a customer's points."""

import re
from datetime import timedelta

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.wallets import queries, service
from jiedan.wallets.values import LoyaltyRule
from tests.base import web_client
from tests.conftest import NOON
from tests.console.test_goods import browsing, shown
from tests.orders.factories import shop
from tests.wallets import factories
from tests.wallets.factories import act

PAGE = "/c/acme/loyalty"
STATEMENTS_MAX = 3
READ = frozenset({"wallets:read"})
FIELDS = {
    "currency": "CNY",
    "version": "0",
    "points": "1",
    "step": "1.00",
    "lives_days": "365",
    "pays_points": "100",
    "pays": "0.50",
    "pays_points_min": "200",
    "pays_share_percent": "30",
}


async def save(client: web_client.Client, **fields: str) -> httpx2.Response:
    return await client.submit(PAGE, {**FIELDS, **fields}, page=PAGE)


async def rules(db: Database, scope: Scope) -> list[LoyaltyRule]:
    async with db.read(scope) as tx:
        return await queries.loyalty_rules(tx)


async def test_a_program_is_set_and_shown_again(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await shop(db, scope, {})
    async with browsing(db, scope) as client:
        assert "Points in CNY" in await shown(client, "/loyalty")
        answer = await save(client)
        assert answer.status_code in {200, 303}, answer.text
        with recorder.watching() as sent:
            page = await shown(client, "/loyalty")
        stale = await save(client, version="1", points="2")
        assert stale.status_code in {200, 303}, stale.text
        refused = await save(client, version="1", points="3")
    assert await rules(db, scope) == [LoyaltyRule("CNY", 2, 100, 365, 2, 100, 50, 200, 30)]
    assert re.search(r'name="pays"[^>]*value="0.50"', page)
    assert len(sent) <= STATEMENTS_MAX, sent
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"step": ""}, "Please fill this in."),
        ({"step": "0"}, "CN¥0.00 cannot be moved here."),
        ({"pays": "much"}, "much is not an amount in CNY."),
        ({"currency": "XXZ", "step": "1"}, "XXZ"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(fields: dict[str, str], said: str, db: Database, scope: Scope) -> None:
    await shop(db, scope, {})
    async with browsing(db, scope) as client:
        answer = await save(client, **fields)
    assert (answer.status_code, said in answer.text) == (422, True), answer.text
    assert await rules(db, scope) == []


async def test_who_may_only_look_changes_nothing(db: Database, scope: Scope) -> None:
    await shop(db, scope, {})
    async with browsing(db, scope, READ) as client:
        page = await shown(client, "/loyalty")
        refused = await save(client)
    assert ('class="btn primary"' in page.partition("<main")[2], refused.status_code) == (False, 403)


async def test_a_customers_points_say_what_they_pay_and_when_they_run_out(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    soon = factories.points(who, 70)._replace(expires_at=NOON + timedelta(days=9))
    given, _ = await factories.moved(db, scope, soon, factories.points(who, 50))
    pays = LoyaltyRule("CNY", 1, 100, None, pays_points=50, pays_minor=100)
    await act(db, scope, service.set_loyalty_rules, rows=[pays])
    async with browsing(db, scope) as client:
        page = await shown(client, f"/wallets/{given.wallet_id}")
    assert "They pay up to CN¥2.00 of an order." in page
    assert ("70 points" in page, "never run out" in page) == (True, True)
