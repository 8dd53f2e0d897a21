"""What was taken out of the draft of the price rules is put back as it was, or refused."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import StaleVersion, accepted
from jiedan.base.ids import TenantId
from jiedan.pricing import queries, service
from jiedan.pricing.api import ROUTER
from jiedan.pricing.errors import drafts as draft_errors
from jiedan.pricing.values import drafts
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.drafts import DraftRule
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import Goods, PercentOff, Promotion
from tests.accounts.factories import merchant
from tests.base import web_client
from tests.catalog.factories import goods, saved
from tests.conftest import FakeClock

SPRING = Promotion("spring", "Spring", PercentOff(100_000), Goods())
BETTER = Promotion("spring", "A better spring", PercentOff(200_000), Goods())
SUMMER = Promotion("summer", "Summer", PercentOff(50_000), Goods())


@pytest.fixture
async def shop(db: Database, scope: Scope) -> Scope:
    """Return a merchant who sells tea and has no rules."""
    async with db.begin(scope) as tx:
        await merchant(tx)
        await saved(tx, goods("TEA"))
    return scope


async def _add(tx: Tx, body: drafts.Rule) -> DraftRule:
    return await service.create_rule(tx, kind="price_list" if isinstance(body, PriceList) else "promotion", body=body)


async def _removed(tx: Tx, rule: DraftRule) -> UUID:
    removal_id = await service.remove_rule(tx, rule_id=rule.rule_id)
    assert removal_id is not None
    return removal_id


async def test_a_removed_rule_comes_back_under_its_id_as_a_later_version(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        rule = await _add(tx, SPRING)
        removal_id = await _removed(tx, rule)
        restored = await service.restore_removed(tx, removal_id=removal_id)
        again = await service.restore_removed(tx, removal_id=removal_id)
        back = await queries.draft_rule(tx, rule_id=rule.rule_id)
        (told,) = await tx.load_one(queries.removals(at=tx.now))
        with pytest.raises(StaleVersion):
            await service.change_rule(tx, rule_id=rule.rule_id, body=BETTER, expected_version=1)
    assert (restored, again) == (([rule.key], True), ([rule.key], False))
    assert (back.body, back.version) == (SPRING, 2)
    assert (told.removal_id, told.keys, told.restored_at) == (removal_id, (rule.key,), tx.now)


async def test_changes_that_were_discarded_come_back(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        spring = await _add(tx, SPRING)
        gone = await _add(tx, Promotion("gone", "Gone", PercentOff(10_000), Goods()))
        await service.publish(tx)
        await service.change_rule(tx, rule_id=spring.rule_id, body=BETTER)
        await service.remove_rule(tx, rule_id=gone.rule_id)
        await _add(tx, SUMMER)
        before = await service.unpublished(tx)
        changed, removal_id = await service.discard_changes(tx)
        assert removal_id is not None
        assert await service.unpublished(tx) == ()
        restored, _ = await service.restore_removed(tx, removal_id=removal_id)
        assert await service.unpublished(tx) == before
    assert restored == changed
    assert [change.change for change in before] == ["removed", "changed", "added"]


async def test_the_draft_comes_back_after_an_old_version_was_published_again(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        spring = await _add(tx, SPRING)
        await service.publish(tx)
        await service.change_rule(tx, rule_id=spring.rule_id, body=BETTER)
        await service.publish(tx)
        await _add(tx, SUMMER)
        before = queries.written(await tx.load_one(queries.draft_rules()))
        book, removal_id = await service.roll_back(tx, version=1)
        assert await service.unpublished(tx) == ()
        assert removal_id is not None
        restored, _ = await service.restore_removed(tx, removal_id=removal_id)
        assert queries.written(await tx.load_one(queries.draft_rules())) == before
    assert book.restores == 1
    assert [key.code for key in restored] == ["spring", "summer"]


async def test_what_adds_no_rule_comes_back_into_a_full_draft(
    db: Database, shop: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.begin(shop) as tx:
        spring = await _add(tx, SPRING)
        await service.publish(tx)
        await service.change_rule(tx, rule_id=spring.rule_id, body=BETTER)
        _, changed = await service.discard_changes(tx)
        removed = await _removed(tx, await _add(tx, SUMMER))
        present = await tx.load_one(queries.draft_rules())
        monkeypatch.setattr(drafts, "RULES_MAX", len(present))
        assert changed is not None
        await service.restore_removed(tx, removal_id=changed)
        with pytest.raises(draft_errors.TooManyRules):
            await service.restore_removed(tx, removal_id=removed)
        back = await queries.draft_rule(tx, rule_id=spring.rule_id)
    assert back.body == BETTER


async def test_what_was_written_anew_since_is_not_overwritten(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        removal_id = await _removed(tx, await _add(tx, SPRING))
        await _add(tx, BETTER)
        with pytest.raises(draft_errors.RulesChangedSince) as refused:
            await service.restore_removed(tx, removal_id=removal_id)
        (left,) = await tx.load_one(queries.draft_rules(["promotion"]))
    assert refused.value.rules == "spring"
    assert left.body == BETTER


async def test_a_list_that_has_prices_by_now_stays(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        rule = await _add(tx, PriceList("web", "CNY"))
        await service.publish(tx)
        await service.remove_rule(tx, rule_id=rule.rule_id)
        _, removal_id = await service.discard_changes(tx)
        assert removal_id is not None
        accepted(await service.set_list_prices(tx, rows=[service.ListPriceRow("web", "TEA", (Tier(1, 9_000),))]))
    with pytest.raises(draft_errors.PriceListInUse):
        await db.write(shop, lambda tx: service.restore_removed(tx, removal_id=removal_id))


async def test_a_list_that_was_never_published_and_has_prices_is_not_discarded(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await _add(tx, PriceList("web", "CNY"))
        await _add(tx, SPRING)
        accepted(await service.set_list_prices(tx, rows=[service.ListPriceRow("web", "TEA", (Tier(1, 9_000),))]))
        with pytest.raises(draft_errors.PriceListInUse) as refused:
            await service.discard_changes(tx)
        present = await tx.load_one(queries.draft_rules())
        assert len(await service.unpublished(tx)) == len(present)
        accepted(await service.set_list_prices(tx, rows=[service.ListPriceRow("web", "TEA", ())]))
        changed, _ = await service.discard_changes(tx)
    assert refused.value.price_list == "web"
    assert {key.code for key in changed} >= {"web", "spring"}


async def test_removals_are_forgotten_after_a_day(db: Database, shop: Scope, clock: FakeClock) -> None:
    async with db.begin(shop) as tx:
        first = await _removed(tx, await _add(tx, SPRING))
        summer = await _add(tx, SUMMER)
    clock.advance(drafts.REMOVED_KEPT + timedelta(seconds=1))
    async with db.begin(shop) as tx:
        with pytest.raises(draft_errors.RemovalNotFound):
            await service.restore_removed(tx, removal_id=first)
        second = await _removed(tx, summer)
        assert [told.removal_id for told in await tx.load_one(queries.removals(at=tx.now))] == [second]
        assert await service.forget_removals(tx) == 1
        assert await service.forget_removals(tx) == 0
        await service.restore_removed(tx, removal_id=second)


async def test_of_too_many_rules_nothing_is_kept(db: Database, shop: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "REMOVED_RULES_MAX", 1)
    async with db.begin(shop) as tx:
        for body in (SPRING, SUMMER):
            await _add(tx, body)
        changed, removal_id = await service.discard_changes(tx)
    assert (len(changed), removal_id) == (2, None)


async def test_removed_rules_are_listed_and_taken_back_over_rest(db: Database, tenant: TenantId) -> None:
    async with db.begin(Scope(tenant)) as tx:
        await merchant(tx)
        rule = await _add(tx, SPRING)
    caller = web_client.principal(permissions=["prices:read", "prices:write"], tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        gone = await client.post("/api/v1/price-rules/changes/discard")
        listed = await client.get("/api/v1/price-rules/removals")
        at = f"/api/v1/price-rules/removals/{gone.json()['removal_id']}/restoration"
        back = await client.post(at)
        again = await client.post(at)
        late = await client.get("/api/v1/price-rules/removals")
        missing = await client.post(f"/api/v1/price-rules/removals/{uuid4()}/restoration")
        shown = await client.get(f"/api/v1/price-rules/drafts/{rule.rule_id}")
    names = [{"kind": "promotion", "code": "spring"}]
    assert gone.json()["rules"] == 1
    assert [(one["rules"], one["restored_at"]) for one in listed.json()] == [(names, None)]
    assert back.json() == again.json() == {"rules": names}
    assert late.json()[0]["restored_at"] is not None
    assert (missing.status_code, missing.json()["code"]) == (404, "removal_not_found")
    assert shown.status_code == 200
    reader = web_client.principal(permissions=["prices:read"], tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=reader, database=db) as client:
        assert (await client.post(at)).status_code == 403
