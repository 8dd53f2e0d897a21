"""Points in the shop: the page of a customer, and paying with them at the checkout."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.wallets import service
from jiedan.wallets.values import LoyaltyRule
from tests.conftest import NOON
from tests.portal import people
from tests.portal.factories import visiting
from tests.portal.test_checkout_wallets import CHANGED, bought, opened, place, press, put_on, rows
from tests.portal.test_wallets import issued, mei
from tests.wallets import factories
from tests.wallets.factories import act, balance, earning, points

POINTS = "/account/points"
STATEMENTS_MAX = 12
RULE = LoyaltyRule("CNY", 1, 100, 365, pays_points=100, pays_minor=100, pays_points_min=200, pays_share_percent=50)


async def rule(db: Database, scope: Scope, **changes: Any) -> None:
    """Set how points work."""
    await act(db, scope, service.set_loyalty_rules, rows=[RULE._replace(**changes)])


async def test_customers_see_their_points_and_what_those_are_good_for(
    db: Database, scope: Scope, tmp_path: Path, recorder: StatementRecorder
) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        assert "sign-in" in (await who.client.get(f"{who.base}{POINTS}", follow_redirects=False)).headers["location"]
        await people.join(who, db, scope)
        assert POINTS in await who.get("/account")
        assert "You have no points yet." in await who.get(POINTS)
        customer_id = await mei(db, scope)
        await rule(db, scope)
        await act(db, scope, service.settle_earnings, earnings=[earning(customer_id, 30_000)])
        soon = points(customer_id, 50)._replace(expires_at=NOON + timedelta(days=9), note="Only for staff.")
        await factories.moved(db, scope, soon)
        assert POINTS in await who.get("/account/wallets")
        with recorder.watching() as run:
            page = await who.get(POINTS)
    assert len(run) <= STATEMENTS_MAX, run
    for said in (
        "350 points pay up to CN¥3.00 of an order.",
        "+300 points",
        "+50 points",
        "Goodwill",
        "1 point for each CN¥1.00 you spend, once an order is complete",
        "They live for 365 days.",
        "100 points pay CN¥1.00",
        "from 200 points on",
        "at most 50 % of an order",
    ):
        assert said in page, said
    assert page.count("good until") == 2
    assert "Only for staff." not in page


async def test_points_pay_at_the_checkout_beside_a_card(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    await rule(db, scope)
    card = await issued(db, scope, amount=1_000)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        (given,) = await factories.moved(db, scope, points(await mei(db, scope), 1_250))
        await who.put_in("longjing", "TEA-50")
        plain = await who.get("/checkout")
        assert "Your 1,250 points pay up to CN¥12.00." in plain
        shown = await put_on(who, (await press(who, plain, points="1")).text, card)
        assert "1,200 of your 1,250 points pay CN¥12.00." in shown
        assert (rows(shown)["1,200 points"], rows(shown)["Still to be paid"]) == ("-CN¥12.00", "CN¥8.00")
        answer = await place(who, shown)
        placed = await who.follow(answer)
    _, tenders = await bought(db, scope, answer)
    assert [(x.method, x.amount_minor) for x in tenders] == [
        ("points", 1_200),
        ("gift_card", 1_000),
        ("bank_transfer", 800),
    ]
    assert rows(placed)["Points"] == "-CN¥12.00"
    assert await balance(db, scope, given.wallet_id) == 50


async def test_a_rate_that_changed_is_shown_before_it_is_paid(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    await rule(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        (given,) = await factories.moved(db, scope, points(await mei(db, scope), 4_000))
        await who.put_in("longjing", "TEA-50")
        shown = (await press(who, await who.get("/checkout"), points="1")).text
        assert "1,500 of your 4,000 points pay CN¥15.00." in shown
        await rule(db, scope, pays_points=200)
        refused = await place(who, shown)
        assert (refused.status_code, CHANGED in refused.text) == (409, True)
        assert "3,000 of your 4,000 points pay CN¥15.00." in refused.text
        await bought(db, scope, await place(who, refused.text))
    assert await balance(db, scope, given.wallet_id) == 1_000


async def test_too_few_points_are_not_offered(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    await rule(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        assert "points" not in (await who.get("/checkout")).partition("<main")[2].replace('name="points"', "")
        await people.join(who, db, scope)
        await factories.moved(db, scope, points(await mei(db, scope), 199))
        assert "Pay with points" not in await who.get("/checkout")
