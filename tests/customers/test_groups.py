"""Customers are put into groups and taken out of them, in sets; groups come, are renamed and go."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from jiedan.base import paging
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections, StaleVersion
from jiedan.base.idempotency import KeyReused
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import errors, queries, saving, service
from jiedan.customers.values import GROUPS_MAX, CustomerRow, Group, Membership, Saved
from tests.customers.factories import save, wang
from tests.orders.factories import merchant


async def made(db: Database, scope: Scope, code: str = "wholesale", name: str = "Wholesale") -> Group:
    return await db.write(scope, lambda tx: service.create_group(tx, code=code, name=name))


async def put_in(db: Database, scope: Scope, group: Group, customer_ids: Sequence[UUID]) -> list[Membership | Refusal]:
    return await db.write(scope, lambda tx: service.add_members(tx, group_id=group.group_id, customer_ids=customer_ids))


async def take_out(
    db: Database, scope: Scope, group: Group, customer_ids: Sequence[UUID]
) -> list[Membership | Refusal]:
    return await db.write(
        scope, lambda tx: service.remove_members(tx, group_id=group.group_id, customer_ids=customer_ids)
    )


async def codes_of(db: Database, scope: Scope, *customer_ids: UUID) -> list[list[str]]:
    async with db.read(scope) as tx:
        found = await tx.load_one(queries.groups_of(customer_ids))
    return [[group.code for group in found.get(customer_id, [])] for customer_id in customer_ids]


async def members(db: Database, scope: Scope, group: Group, limit: int = 2) -> list[list[CustomerRow]]:
    """Return who is in a group, page by page."""
    shown, cursor = [], None
    while True:
        async with db.read(scope) as tx:
            cursors = paging.Cursors("a secret of this test")
            request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=limit, cursor=cursor)
            page = await queries.member_rows(tx, group_id=group.group_id, request=request)
        shown.append(page.items)
        cursor = page.next
        if cursor is None:
            return shown


async def test_a_group_is_created_once_per_key_and_code(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        first = await service.create_group(tx, code="vip", name="VIP", key="k")
    async with db.begin(scope) as tx:
        again = await service.create_group(tx, code="vip", name="VIP", key="k")
    assert again == first
    async with db.begin(scope) as tx:
        with pytest.raises(KeyReused):
            await service.create_group(tx, code="vip", name="Very", key="k")
    async with db.begin(scope) as tx:
        with pytest.raises(errors.GroupCodeTaken) as taken:
            await service.create_group(tx, code="vip", name="Other")
    assert taken.value.field == "code"


async def test_there_are_only_so_many_groups(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        for i in range(GROUPS_MAX):
            await service.create_group(tx, code=f"g-{i}", name="G")
        with pytest.raises(errors.TooManyGroups):
            await service.create_group(tx, code="one-more", name="G")


async def test_two_who_add_the_last_group_at_once_do_not_add_two(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
        for i in range(GROUPS_MAX - 1):
            await service.create_group(tx, code=f"g-{i}", name="G")
    both = asyncio.Barrier(2)

    async def one(code: str) -> Group | errors.TooManyGroups:
        try:
            async with db.begin(scope) as tx:
                await both.wait()
                return await service.create_group(tx, code=code, name="G")
        except errors.TooManyGroups as refusal:
            return refusal

    outcomes = await asyncio.gather(one("last"), one("one-more"))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Group", "TooManyGroups"]
    async with db.read(scope) as reading:
        assert len(await queries.groups(reading)) == GROUPS_MAX


async def test_a_group_is_renamed_at_the_version_that_was_read(db: Database, scope: Scope) -> None:
    group = await made(db, scope)
    same = await db.write(scope, lambda tx: service.rename_group(tx, group_id=group.group_id, name="Wholesale"))
    renamed = await db.write(
        scope, lambda tx: service.rename_group(tx, group_id=group.group_id, name="Dealers", expected_version=1)
    )
    assert (same.version, renamed.version, renamed.name, renamed.code) == (1, 2, "Dealers", "wholesale")
    async with db.begin(scope) as tx:
        with pytest.raises(StaleVersion):
            await service.rename_group(tx, group_id=group.group_id, name="X", expected_version=1)
    async with db.begin(scope) as tx:
        with pytest.raises(errors.GroupNotFound):
            await service.rename_group(tx, group_id=UUID(int=5), name="X")


async def test_a_group_with_members_is_not_removed(db: Database, scope: Scope) -> None:
    group = await made(db, scope)
    ids = await save(db, scope, [wang(), wang()])
    await put_in(db, scope, group, ids)
    async with db.begin(scope) as tx:
        with pytest.raises(errors.GroupNotEmpty) as refused:
            await service.remove_group(tx, group_id=group.group_id)
        assert refused.value.members == 2
    await take_out(db, scope, group, ids)
    async with db.begin(scope) as tx:
        with pytest.raises(StaleVersion):
            await service.remove_group(tx, group_id=group.group_id, expected_version=7)
        await service.remove_group(tx, group_id=group.group_id, expected_version=1)
        assert await queries.groups(tx) == []


async def test_customers_go_in_and_out_in_sets_with_an_outcome_each(db: Database, scope: Scope) -> None:
    group = await made(db, scope)
    first, second, third = await save(db, scope, [wang(), wang(), wang()])
    await db.write(scope, lambda tx: service.merge_customers(tx, survivor_id=second, merged_id=third))
    unknown = UUID(int=7)
    joined = await put_in(db, scope, group, [first, third, unknown, first])
    assert joined[0] == Membership(first, is_member=True, is_changed=True)
    assert isinstance(joined[1], errors.CustomerMerged)
    assert isinstance(joined[2], errors.CustomerNotFound)
    assert joined[2].field == "customer_ids[2]"
    assert joined[3] == Membership(first, is_member=True, is_changed=False)
    assert await put_in(db, scope, group, [first]) == [Membership(first, is_member=True, is_changed=False)]
    left = await take_out(db, scope, group, [first, second])
    assert left == [Membership(first, is_member=False, is_changed=True), Membership(second, False, False)]
    async with db.begin(scope) as tx:
        with pytest.raises(errors.GroupNotFound):
            await service.add_members(tx, group_id=unknown, customer_ids=[first])
        with pytest.raises(errors.TooMany):
            await service.add_members(tx, group_id=group.group_id, customer_ids=[first] * 501)


async def test_a_hundred_take_as_many_statements_as_one(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    group = await made(db, scope)
    ids = await save(db, scope, [wang() for _ in range(100)])
    counts = []
    for some in (ids[:1], ids[1:]):
        with recorder.watching() as statements:
            await put_in(db, scope, group, some)
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_a_customer_is_in_exactly_the_groups_that_are_said(db: Database, scope: Scope) -> None:
    for code in ("a", "b", "c"):
        await made(db, scope, code, code.upper())
    (who,) = await save(db, scope, [wang()])
    await db.write(scope, lambda tx: service.set_groups(tx, customer_id=who, codes=["a", "b"]))
    await db.write(scope, lambda tx: service.set_groups(tx, customer_id=who, codes=["b", "c", "b"]))
    assert await codes_of(db, scope, who) == [["b", "c"]]
    async with db.begin(scope) as tx:
        with pytest.raises(Rejections) as refused:
            await service.set_groups(tx, customer_id=who, codes=["b", "x"])
    assert [(r.code, r.field) for r in refused.value.reasons] == [("unknown_customer_group", "groups[1]")]
    await db.write(scope, lambda tx: service.set_groups(tx, customer_id=who, codes=[]))
    assert await codes_of(db, scope, who) == [[]]


async def test_members_are_listed_newest_first_page_by_page(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    group = await made(db, scope)
    ids = await save(db, scope, [wang(name=f"N {i}") for i in range(5)])
    await put_in(db, scope, group, ids)
    shown = await members(db, scope, group)
    assert [[row.name for row in page] for page in shown] == [["N 4", "N 3"], ["N 2", "N 1"], ["N 0"]]
    async with db.read(scope) as tx:
        assert await queries.member_count(tx, group_id=group.group_id) == (5, False)
        ((counted, number, is_capped),) = await queries.counted_groups(tx)
    assert (counted, number, is_capped) == (group, 5, False)
    async with db.read(Scope(other_tenant)) as tx:
        assert await queries.counted_groups(tx) == []
        with pytest.raises(errors.GroupNotFound):
            await queries.group(tx, group.group_id)


async def test_the_survivor_is_in_the_groups_of_the_duplicate_until_they_are_parted(db: Database, scope: Scope) -> None:
    both, theirs = await made(db, scope, "both"), await made(db, scope, "theirs")
    survivor, duplicate = await save(db, scope, [wang(), wang()])
    await put_in(db, scope, both, [survivor, duplicate])
    await put_in(db, scope, theirs, [duplicate])
    await db.write(scope, lambda tx: service.merge_customers(tx, survivor_id=survivor, merged_id=duplicate))
    assert await codes_of(db, scope, survivor, duplicate) == [["both", "theirs"], ["both", "theirs"]]
    assert [[row.customer_id for row in page] for page in await members(db, scope, theirs)] == [[survivor]]
    await db.write(scope, lambda tx: service.undo_merge(tx, survivor_id=survivor, merged_id=duplicate))
    assert await codes_of(db, scope, survivor, duplicate) == [["both"], ["both", "theirs"]]


async def test_a_group_that_is_gone_is_not_given_back(db: Database, scope: Scope) -> None:
    gone = await made(db, scope, "gone")
    survivor, duplicate = await save(db, scope, [wang(), wang()])
    await put_in(db, scope, gone, [duplicate])
    await db.write(scope, lambda tx: service.merge_customers(tx, survivor_id=survivor, merged_id=duplicate))
    await take_out(db, scope, gone, [survivor])
    await db.write(scope, lambda tx: service.remove_group(tx, group_id=gone.group_id))
    await db.write(scope, lambda tx: service.undo_merge(tx, survivor_id=survivor, merged_id=duplicate))
    assert await codes_of(db, scope, survivor, duplicate) == [[], []]


async def test_who_is_erased_is_in_no_group(db: Database, scope: Scope) -> None:
    group = await made(db, scope)
    (who,) = await save(db, scope, [wang()])
    await put_in(db, scope, group, [who])
    async with db.begin(scope) as tx:
        await service.begin_erasure(tx, customer_id=who, customer_ids=[who], erasure_id=tx.new_id())
        await service.erase_customers(tx, customer_ids=[who])
    assert await codes_of(db, scope, who) == [[]]


async def test_customers_come_with_groups_and_stay_in_those_they_had(db: Database, scope: Scope) -> None:
    await made(db, scope, "a")
    await made(db, scope, "b")
    (who,) = await save(db, scope, [wang(external_id="C-1", groups=("a",))])
    async with db.begin(scope) as tx:
        again, wrong = await service.upsert_customers(
            tx, customers=[wang(external_id="C-1", groups=("b",)), wang(groups=("b", "x"))], country="CN"
        )
    assert again == Saved(who, is_new=False, version=1)
    assert isinstance(wrong, Rejections)
    assert [(r.code, r.field) for r in wrong.reasons] == [("unknown_customer_group", "customers[1].groups[1]")]
    assert await codes_of(db, scope, who) == [["a", "b"]]


async def test_a_list_is_narrowed_down_to_a_group(db: Database, scope: Scope) -> None:
    group = await made(db, scope)
    inside, _ = await save(db, scope, [wang(tags=("tea",)), wang(tags=("tea",))])
    await put_in(db, scope, group, [inside])
    async with db.begin(scope) as tx:
        await saving.write_terms(tx, [inside])
    async with db.read(scope) as tx:
        found = await queries.matching_customers(tx, text="tea", having=[":group:wholesale"])
        facts = await queries.row_facts(tx, [inside])
    assert found.customer_ids == [inside]
    assert facts[inside].groups == ("wholesale",)
