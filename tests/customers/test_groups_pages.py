"""Groups of customers, as people see and change them."""

from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain, Handler
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import events, jobs, queries, service
from jiedan.customers.values import Group
from tests.customers.factories import save, wang
from tests.customers.test_groups import put_in
from tests.customers.test_pages import LIST_STATEMENTS_MAX, browsing, sent, shown

GROUP_STATEMENTS_MAX = 7
READ = frozenset({"customers:read"})


async def found(db: Database, scope: Scope) -> None:
    terms = (Handler("customers.write_terms", jobs.write_terms, history=True),)
    told = (events.CustomerCreated, events.GroupJoined, events.GroupLeft)
    await Drain(db, None, {event.kind: terms for event in told}).drain_tenant(scope.tenant)


async def codes(db: Database, scope: Scope, customer_id: UUID) -> list[str]:
    async with db.read(scope) as tx:
        return [group.code for group in (await queries.customer(tx, customer_id)).groups]


async def only_group(db: Database, scope: Scope) -> Group:
    async with db.read(scope) as tx:
        (group,) = await queries.groups(tx)
    return group


async def test_a_group_is_made_filled_renamed_emptied_and_removed(db: Database, scope: Scope) -> None:
    first, second = await save(db, scope, [wang(), wang(name="Anna Bell", email="anna@example.com")])
    await found(db, scope)
    async with browsing(db, scope) as client:
        assert "There are no groups yet." in await shown(client, "/customer-groups")
        nameless = await sent(client, "/customer-groups", {"code": "vip", "name": ""})
        made = await sent(client, "/customer-groups", {"code": "vip", "name": "Very important"})
        twice = await sent(client, "/customer-groups", {"code": "vip", "name": "Again"})
        group = await only_group(db, scope)
        at = f"/customer-groups/{group.group_id}"
        assert "Nobody is in this group yet." in await shown(client, at)
        looked = await shown(client, f"{at}?find=anna")
        assert f'value="{second}"' in looked
        assert str(first) not in looked
        assert "No customer fits." in await shown(client, f"{at}?find=nobody")
        await sent(client, f"{at}/members", {"customer_ids": [str(second)]}, on=at)
        assert "Put into the group: 1." in await shown(client, at)
        assert "in the group" in await shown(client, f"{at}?find=anna")
        full = await sent(client, f"{at}/removal", {"version": "1"}, on=at)
        await sent(client, at, {"name": "Dealers", "version": "1"})
        stale = await sent(client, at, {"name": "Others", "version": "1"})
        nobody = await sent(client, f"{at}/members/removals", {}, on=at)
        await sent(client, f"{at}/members/removals", {"customer_ids": [str(second)]}, on=at)
        assert await codes(db, scope, second) == []
        gone = await sent(client, f"{at}/removal", {"version": "2"}, on=at)
        await shown(client, at, 404)
    assert nameless.status_code == 422
    assert "Please fill this in." in nameless.text
    assert made.headers["location"].endswith(at)
    assert (twice.status_code, "There is already a customer group vip." in twice.text) == (409, True)
    assert (full.status_code, "The group vip still has members: 1." in full.text) == (409, True)
    assert stale.status_code == 409
    assert nobody.status_code == 303
    assert gone.headers["location"].endswith("/customer-groups")


async def test_who_cannot_be_put_in_is_told_with_the_reason(db: Database, scope: Scope) -> None:
    group = await db.write(scope, lambda tx: service.create_group(tx, code="vip", name="VIP"))
    kept, merged = await save(db, scope, [wang(), wang()])
    await db.write(scope, lambda tx: service.merge_customers(tx, survivor_id=kept, merged_id=merged))
    at = f"/customer-groups/{group.group_id}"
    async with browsing(db, scope) as client:
        await sent(client, f"{at}/members", {"customer_ids": [str(kept), str(merged)]}, on=at)
        page = await shown(client, at)
    assert "1 were changed, others were not." in page
    assert "This customer was merged" in page
    assert await codes(db, scope, kept) == ["vip"]


async def test_those_ticked_in_the_list_are_put_into_a_group_and_taken_out(db: Database, scope: Scope) -> None:
    group = await db.write(scope, lambda tx: service.create_group(tx, code="vip", name="VIP"))
    kept, merged, other = await save(db, scope, [wang(), wang(), wang(name="Anna Bell")])
    await db.write(scope, lambda tx: service.merge_customers(tx, survivor_id=kept, merged_id=merged))
    at = f"/customer-groups/{group.group_id}"
    ticked: dict[str, object] = {"is_from_list": "1", "listing": "q=bell"}
    async with browsing(db, scope) as client:
        listed = await shown(client, "/customers?q=bell")
        assert f'formaction="/c/acme{at}/members"' in await shown(client, "/customers")
        nobody = await sent(client, f"{at}/members", ticked, on="/customers")
        one = await sent(client, f"{at}/members", {**ticked, "customer_ids": [str(other)]}, on="/customers")
        assert "Put into the group: 1." in await shown(client, "/customers")
        some = {**ticked, "customer_ids": [str(kept), str(merged), str(other)]}
        told = await sent(client, f"{at}/members", some, on="/customers")
        out = await sent(client, f"{at}/members/removals", {**ticked, "customer_ids": [str(kept)]}, on="/customers")
        again = await sent(client, f"{at}/members/removals", {**ticked, "customer_ids": [str(kept)]}, on="/customers")
    assert "customer_ids" not in listed, "nobody fits"
    assert {answer.headers["location"] for answer in (nobody, one, out)} == {"/c/acme/customers?q=bell"}
    assert told.status_code == 200
    assert "Put into the group: 1." in told.text
    assert told.text.count(">Not done<") == 1
    assert "This customer was merged" in told.text
    assert "Was in the group already." in told.text
    assert 'href="/c/acme/customers?q=bell"' in told.text
    assert "Was not in the group." in again.text
    assert (await codes(db, scope, kept), await codes(db, scope, other)) == ([], ["vip"])


async def test_who_may_only_read_ticks_nobody(db: Database, scope: Scope) -> None:
    await db.write(scope, lambda tx: service.create_group(tx, code="vip", name="VIP"))
    await save(db, scope, [wang()])
    async with browsing(db, scope, READ) as client:
        listed = await shown(client, "/customers")
    assert "customer_ids" not in listed
    assert "formaction" not in listed


async def test_the_groups_of_a_customer_are_chosen(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    async with db.begin(scope) as tx:
        for code in ("a", "b"):
            await service.create_group(tx, code=code, name=code.upper())
    (who,) = await save(db, scope, [wang(groups=("a",))])
    async with browsing(db, scope) as client:
        page = "/customers/new"
        await sent(client, f"/customers/{who}/groups", {"groups": ["b"]}, on=page)
        assert await codes(db, scope, who) == ["b"]
        await sent(client, f"/customers/{who}/groups", {"groups": ["b", "x"]}, on=page)
        assert await codes(db, scope, who) == ["b"]
        await sent(client, f"/customers/{who}/groups", {}, on=page)
        assert await codes(db, scope, who) == []
    async with browsing(db, Scope(other_tenant)) as client:
        refused = await sent(client, f"/customers/{who}/groups", {"groups": []}, on=page)
        assert refused.status_code == 404


async def test_the_list_is_narrowed_down_to_a_group(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    group = await db.write(scope, lambda tx: service.create_group(tx, code="vip", name="Very important"))
    await save(db, scope, [wang(name="Anna Bell", groups=("vip",)), wang(name="Bob")])
    await found(db, scope)
    async with browsing(db, scope) as client:
        every = await shown(client, "/customers")
        assert every.count(">Very important<") == 4, (
            "the choice, Anna's, and what can be done with those who are ticked"
        )
        for query in ("group=vip", "group=vip&q=anna"):
            with recorder.watching() as run:
                page = await shown(client, f"/customers?{query}")
            assert ("Anna Bell" in page, "Bob" in page) == (True, False), query
            assert 'title="Take this filter away"' in page
            assert len(run) <= LIST_STATEMENTS_MAX, run
        with recorder.watching() as run:
            await shown(client, f"/customer-groups/{group.group_id}?find=anna")
        assert len(run) <= GROUP_STATEMENTS_MAX, run


@pytest.mark.parametrize("count", [2, 40])
async def test_the_page_of_a_group_takes_the_same_few_statements(
    db: Database, scope: Scope, recorder: StatementRecorder, count: int
) -> None:
    group = await db.write(scope, lambda tx: service.create_group(tx, code="vip", name="VIP"))
    await put_in(db, scope, group, await save(db, scope, [wang() for _ in range(count)]))
    async with browsing(db, scope) as client:
        for path, most in ((f"/customer-groups/{group.group_id}", 3), ("/customer-groups", 1)):
            with recorder.watching() as run:
                await shown(client, path)
            assert len(run) <= most, (path, run)


async def test_groups_are_changed_by_whom_may_and_seen_by_nobody_else(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    group = await db.write(scope, lambda tx: service.create_group(tx, code="vip", name="VIP"))
    at = f"/customer-groups/{group.group_id}"
    async with browsing(db, scope, READ) as client:
        assert "Add the group" not in await shown(client, "/customer-groups")
        page = await shown(client, at)
        assert "Remove the group" not in page
        assert "Add customers" not in page
        assert (await sent(client, f"{at}/removal", {}, on=at)).status_code == 403
    async with browsing(db, Scope(other_tenant)) as client:
        assert "There are no groups yet." in await shown(client, "/customer-groups")
        await shown(client, at, 404)
