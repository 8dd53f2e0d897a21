"""The pages of replays: asked for, followed, read in figures and words, canceled, by who may."""

from uuid import UUID

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.replays import run
from tests.console.test_pages import open_console, page, submit
from tests.orders.factories import order, shop
from tests.pricing import coupon_factories as coupons
from tests.replays.factories import TENTH, begun, done, drafted, placed

LIST_STATEMENTS_MAX = 8
REPLAY_STATEMENTS_MAX = 20


async def test_a_replay_is_asked_for_followed_and_read(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    wang = await coupons.customer(db, scope, name="Gao Ling")
    tea, _ = await placed(db, scope, order(("TEA", 2), customer_id=wang), order(("CUP", 1)))
    await drafted(db, scope, TENTH)
    async with open_console(db, scope) as client:
        first = await page(client, "/prices/replays")
        assert ("No replays yet." in first, "differs from what is published in 1 rule" in first) == (True, True)
        sent = await submit(client, "/prices/replays", {"days": "7"}, on="/prices/replays")
        assert sent.status_code == 303, sent.text
        address = sent.headers["location"].removeprefix("/c/acme")
        waiting = await page(client, address)
        assert ("every 1s" in waiting, "Cancel the replay" in waiting, "0 / 2" in waiting) == (True, True, True)
        under_way = await page(client, "/prices/replays")
        assert "A replay is under way already." in under_way
        await run.run(db, scope.tenant, UUID(address.rpartition("/")[2]))
        told = await page(client, address)
        assert ("every 1s" in told, "2 / 2" in told) == (False, True)
        for text in ("¥28.00", "−CN¥2.00", "−6.7%", "Product TEA", "Gao Ling", tea.number, "What this cannot know"):
            assert text in told, text
        assert "No orders here." in await page(client, f"{address}?outcome=refused")
        listed = await page(client, "/prices/replays")
        assert "Finished" in listed


async def test_a_replay_is_canceled(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    await placed(db, scope, order(("TEA", 1)))
    replay = await begun(db, scope)
    address = f"/prices/replays/{replay.replay_id}"
    async with open_console(db, scope) as client:
        sent = await submit(client, f"{address}/cancellation", {}, on=address)
        assert sent.status_code == 303, sent.text
        assert "Canceled" in await page(client, address)


async def test_what_cannot_be_replayed_is_told_on_the_form(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    async with open_console(db, scope) as client:
        none = await submit(client, "/prices/replays", {"days": "7"}, on="/prices/replays")
        wrong = await submit(client, "/prices/replays", {"days": "999"}, on="/prices/replays")
    assert (none.status_code, "No order was placed in these days." in none.text) == (422, True)
    assert wrong.status_code in {400, 422}


async def test_who_may_only_read_prices_sees_figures_alone(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    wang = await coupons.customer(db, scope, name="Gao Ling")
    (tea,) = await placed(db, scope, order(("TEA", 1), customer_id=wang))
    await drafted(db, scope, TENTH)
    replay = await done(db, scope)
    address = f"/prices/replays/{replay.replay_id}"
    async with open_console(db, scope, rights=frozenset({"prices:read"})) as client:
        told = await page(client, address)
        listed = await page(client, "/prices/replays")
    assert ("¥9.00" in told, tea.number in told, "Gao Ling" in told) == (True, False, False)
    assert 'name="days"' not in listed


async def test_pages_take_few_statements(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 99}})
    await placed(db, scope, *[order(("TEA", 1)) for _ in range(9)])
    await drafted(db, scope, TENTH)
    replay = await done(db, scope)
    recorder = db.recorder
    assert recorder is not None
    async with open_console(db, scope, rights=ALL_PERMISSIONS) as client:
        with recorder.watching() as of_list:
            await page(client, "/prices/replays")
        with recorder.watching() as of_one:
            await page(client, f"/prices/replays/{replay.replay_id}")
    assert len(of_list) <= LIST_STATEMENTS_MAX, of_list
    assert len(of_one) <= REPLAY_STATEMENTS_MAX, of_one


async def test_it_is_told_in_other_languages(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    await placed(db, scope, order(("TEA", 1)))
    await drafted(db, scope, TENTH)
    replay = await done(db, scope)
    async with open_console(db, scope, locale="zh_Hans") as client:
        assert "<progress" in await page(client, f"/prices/replays/{replay.replay_id}")
