"""What staff have thrown away, removed or blocked comes back by the way back in the toast."""

from typing import Any

from jiedan.base.db import Database, Scope
from jiedan.base.errors import accepted
from jiedan.pricing import queries as prices
from jiedan.pricing import service as pricing
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.lists import PriceList
from tests.base import web_client
from tests.console.test_goods import shown
from tests.console.test_new_order import TEA, drafts, send
from tests.console.test_order_page import way_back
from tests.console.test_pages import HTML
from tests.console.test_prices import drafted, saved, selling
from tests.pricing import coupon_factories
from tests.pricing.coupon_factories import codes_of, use
from tests.wallets import factories as wallets


async def take_back(client: web_client.Client, path: str) -> str:
    """Look at a page that shows a way back, go it, and return the page that follows."""
    to, fields = way_back(await shown(client, path))
    answer = await client.post(f"/c/acme{to}", data=fields, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return await shown(client, answer.headers["location"].removeprefix("/c/acme"))


async def submit(client: web_client.Client, path: str, fields: dict[str, str], *, on: str) -> None:
    answer = await client.submit(f"/c/acme{path}", fields, page=f"/c/acme{on}")
    assert answer.status_code == 303, answer.text


async def test_a_draft_that_was_thrown_away_comes_back(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await send(client, TEA, "keep")
        (draft,) = await drafts(db, scope)
        at = f"/orders/drafts/{draft.draft_id}"
        await submit(client, f"{at}/removal", {"version": str(draft.version)}, on="/orders/drafts")
        assert await drafts(db, scope) == []
        page = await take_back(client, "/orders/drafts")
        (back,) = await drafts(db, scope)
        await submit(client, f"{at}/placement", {}, on="/orders/drafts")
        await submit(client, f"{at}/restoration", {}, on="/orders/drafts")
        late = await shown(client, "/orders/drafts")
    assert "The draft is back." in page
    assert (back.draft_id, back.data) == (draft.draft_id, draft.data)
    assert "This draft has become order" in late
    assert await drafts(db, scope) == []


async def test_price_rules_that_were_taken_out_come_back(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client)
        await submit(client, f"{path}/removal", {"version": "1"}, on=path)
        assert await drafted(db, scope) == []
        to, fields = way_back(await shown(client, "/prices"))
        answer = await client.post(f"/c/acme{to}", data=fields, headers=HTML, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        assert "The draft is as it was." in await shown(client, "/prices/publish")
        await submit(client, to, {}, on="/prices/publish")
        assert "This was taken back already; the draft stays as it is." in await shown(client, "/prices/publish")
        assert [rule.code for rule in await drafted(db, scope)] == ["spring"]
        assert "data-confirm" not in await shown(client, path)
        await submit(client, "/prices/discard", {}, on="/prices/publish")
        assert await drafted(db, scope) == []
        await take_back(client, "/prices")
        assert [rule.code for rule in await drafted(db, scope)] == ["spring"]


async def test_the_draft_comes_back_after_going_back_to_a_version(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        await saved(client)
        await submit(client, "/prices/publish", {}, on="/prices/publish")
        await saved(client, id="summer")
        await submit(client, "/prices/publish", {}, on="/prices/publish")
        await saved(client, id="autumn")
        await submit(client, "/prices/versions/1/restoring", {}, on="/prices/versions/1")
        assert [rule.code for rule in await drafted(db, scope)] == ["spring"]
        await take_back(client, "/prices/versions")
        assert [rule.code for rule in await drafted(db, scope)] == ["autumn", "spring", "summer"]


async def test_what_was_written_anew_since_is_told(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        path = await saved(client)
        await submit(client, f"{path}/removal", {"version": "1"}, on=path)
        to, fields = way_back(await shown(client, "/prices"))
        await saved(client, off="30%")
        answer = await client.post(f"/c/acme{to}", data=fields, headers=HTML, follow_redirects=False)
        told = await shown(client, "/prices/publish")
    assert answer.status_code == 303
    assert "These rules have been changed since: spring." in told


async def test_a_draft_whose_new_list_has_prices_stays_and_says_why(db: Database, scope: Scope) -> None:
    async with selling(db, scope) as client:
        async with db.begin(scope) as tx:
            await pricing.create_rule(tx, kind="price_list", body=PriceList("web", "CNY"))
            accepted(await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("web", "TEA", (Tier(1, 9_000),))]))
        answer = await client.submit("/c/acme/prices/discard", {}, page="/c/acme/prices/publish")
    assert answer.status_code == 409
    assert "The price list web has prices in CNY." in answer.text
    assert [rule.code for rule in await drafted(db, scope)] == ["web"]


async def test_so_many_changes_that_none_is_kept_ask_before(db: Database, scope: Scope, monkeypatch: Any) -> None:
    monkeypatch.setattr("jiedan.pricing.values.drafts.REMOVED_RULES_MAX", 1)
    async with selling(db, scope) as client:
        await saved(client)
        assert "cannot be undone" not in await shown(client, "/prices/publish")
        await saved(client, id="summer")
        assert "They are more than 1, so this cannot be undone." in await shown(client, "/prices/publish")
        await submit(client, "/prices/discard", {}, on="/prices/publish")
        assert "data-fade" not in await shown(client, "/prices")
    async with db.read(scope) as tx:
        assert await tx.load_one(prices.removals(at=tx.now)) == []


async def test_a_gift_card_and_a_coupon_that_were_blocked_work_again(db: Database, scope: Scope) -> None:
    who = await wallets.customer(db, scope)
    made = await wallets.card(db, scope, 5_000, customer_id=who)
    batch = await coupon_factories.batch(db, scope)
    async with selling(db, scope) as client:
        at = f"/gift-cards/{made.card.wallet.wallet_id}"
        await submit(client, f"{at}/blocking", {"version": "1", "is_blocked": "1"}, on=at)
        assert "The gift card works again." in await take_back(client, at)
        await submit(client, f"{at}/blocking", {"version": "3", "is_blocked": "1"}, on=at)
        codes = await client.get(f"/c/acme/coupons/{batch.batch_id}", headers=HTML)
        coupon_id = codes.text.partition('name="coupon_id" value="')[2].partition('"')[0]
        at = f"/coupons/{batch.batch_id}"
        for offered in (True, False):
            await submit(client, f"{at}/blocking", {"coupon_id": coupon_id, "is_blocked": "1"}, on=at)
            assert await codes_of(db, scope, use(coupon="SPRING10")) == ["blocked"]
            page = await shown(client, at)
            assert "The code is blocked." in page
            assert ("data-fade" in page) is offered
        await submit(client, f"{at}/blocking", {"coupon_id": coupon_id}, on=at)
        await shown(client, at)
        await submit(client, f"{at}/blocking", {"coupon_id": coupon_id, "is_blocked": "1"}, on=at)
        await take_back(client, at)
        assert await codes_of(db, scope, use(coupon="SPRING10")) != ["blocked"]


async def test_the_terms_of_coupons_come_back(db: Database, scope: Scope) -> None:
    batch = await coupon_factories.batch(db, scope)
    at = f"/coupons/{batch.batch_id}"
    wish = {"version": str(batch.version), "first_day": "2026-11-01", "note": "Longer.", "is_blocked": "1"}
    async with selling(db, scope) as client:
        await submit(client, f"{at}/changes", wish, on=at)
        changed = await shown(client, at)
        to, fields = way_back(changed)
        answer = await client.post(f"/c/acme{to}", data=fields, headers=HTML, follow_redirects=False)
        assert answer.status_code == 303, answer.text.partition('role="alert"')[2][:600]
        back = await shown(client, at)
        same = {"version": "3", "note": batch.note}
        await submit(client, f"{at}/changes", same, on=at)
        unchanged = await shown(client, at)
    assert ">Longer.<" in changed
    assert ">Longer.<" not in back
    assert "data-fade" not in unchanged
