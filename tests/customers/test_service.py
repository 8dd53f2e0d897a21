"""Customers are saved in sets, edited with versions, merged and found."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from jiedan.accounts import queries as accounts
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections, StaleVersion
from jiedan.base.idempotency import KeyReused
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.base.tables import EventLog
from jiedan.customers import errors, events, queries, saving, service
from jiedan.customers.values import Address, CustomerEdit, Saved
from tests.accounts.factories import opened
from tests.conftest import FakeClock
from tests.customers.factories import SHANGHAI, save, wang
from tests.patience import until_it_waits


async def test_an_external_id_is_created_once_and_then_brought_up_to_date(db: Database, scope: Scope) -> None:
    (first,) = await save(db, scope, [wang(external_id="C-1", addresses=(SHANGHAI,), tags=("VIP",))])
    async with db.begin(scope) as tx:
        outcomes = await service.upsert_customers(
            tx, customers=[wang(external_id="C-1", name="王小敏", tags=("new",)), wang(name="")], country="CN"
        )
    assert outcomes[0] == Saved(first, is_new=False, version=2)
    assert isinstance(outcomes[1], Rejections)
    assert [(r.code, r.field) for r in outcomes[1].reasons] == [("customer_name_invalid", "customers[1].name")]
    async with db.read(scope) as tx:
        customer = await queries.customer(tx, first)
    assert (customer.name, customer.phone, customer.email) == ("王小敏", "+8613800138000", "Wang@example.com")
    assert [book.address for book in customer.addresses] == [SHANGHAI]
    assert customer.addresses[0].is_default
    assert customer.tags == ("VIP", "new")


async def test_every_reason_to_refuse_a_customer_is_named(db: Database, scope: Scope) -> None:
    bad = wang(phone="12", email="nobody", addresses=(Address(country="XX"),), tags=("",), external_id="A")
    async with db.begin(scope) as tx:
        outcomes = await service.upsert_customers(tx, customers=[wang(external_id="A"), bad], country="CN")
    assert isinstance(outcomes[0], Saved)
    assert isinstance(outcomes[1], Rejections)
    assert {r.field for r in outcomes[1].reasons} == {
        "customers[1].tags[0]",
        "customers[1].addresses[0].country",
        "customers[1].phone",
        "customers[1].email",
        "customers[1].external_id",
    }


async def test_an_edit_of_something_older_says_who_changed_what(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with db.begin(scope) as tx:
        outcomes = await service.edit_customers(
            tx, edits=[CustomerEdit(customer_id, 1, phone="139 0013 9000")], country="CN"
        )
    assert outcomes == [Saved(outcomes[0].customer_id, is_new=False, version=2)]  # type: ignore[union-attr]  # it is Saved
    async with db.begin(scope) as tx:
        stale, same, missing = await service.edit_customers(
            tx,
            edits=[
                CustomerEdit(customer_id, 1, name="王"),
                CustomerEdit(customer_id, 2, name="王敏"),
                CustomerEdit(UUID(int=5), None, name="?"),
            ],
            country="CN",
        )
    assert isinstance(stale, StaleVersion)
    assert stale.changed == "phone"
    assert same == Saved(outcomes[0].customer_id, is_new=False, version=2)  # type: ignore[union-attr]  # it is Saved
    assert isinstance(missing, errors.CustomerNotFound)


async def test_a_merged_id_resolves_to_its_survivor_until_the_merge_is_undone(db: Database, scope: Scope) -> None:
    first, second, third = await save(db, scope, [wang(), wang(email=""), wang(phone="")])
    async with db.begin(scope) as tx:
        await service.merge_customers(tx, survivor_id=second, merged_id=third)
        await service.merge_customers(tx, survivor_id=first, merged_id=second)
    async with db.read(scope) as tx:
        found = await tx.load_one(queries.existing([first, second, third]))
    assert {brief.customer_id for brief in found.values()} == {first}
    async with db.begin(scope) as tx:
        with pytest.raises(errors.NothingToUndo):
            await service.undo_merge(tx, survivor_id=second, merged_id=third)
        await service.undo_merge(tx, survivor_id=first, merged_id=second)
        with pytest.raises(errors.CustomerMerged):
            await service.add_note(tx, customer_id=third, text="Whose?")
    async with db.read(scope) as tx:
        found = await tx.load_one(queries.existing([first, second, third]))
    assert {key: brief.customer_id for key, brief in found.items()} == {first: first, second: second, third: second}


async def test_a_survivor_is_found_by_what_the_duplicate_was_found_by(db: Database, scope: Scope) -> None:
    first, second = await save(db, scope, [wang(), wang(phone="139 0013 9000", email="min@example.com")])

    async def found_by(typed: str) -> list[UUID]:
        async with db.begin(scope) as tx:
            await saving.write_terms(tx, [first, second])
            return (await queries.matching_customers(tx, text=typed)).customer_ids

    async with db.begin(scope) as tx:
        await service.merge_customers(tx, survivor_id=first, merged_id=second)
    for typed in ("13900139000", "min@example.com", "13800138000"):
        assert await found_by(typed) == [first], typed
    async with db.begin(scope) as tx:
        await service.undo_merge(tx, survivor_id=first, merged_id=second)
        assert (await queries.customer(tx, first)).contacts == ()
    assert await found_by("13900139000") == [second]


async def test_a_merge_cannot_be_undone_after_thirty_days(db: Database, scope: Scope, clock: FakeClock) -> None:
    first, second = await save(db, scope, [wang(), wang()])
    async with db.begin(scope) as tx:
        await service.merge_customers(tx, survivor_id=first, merged_id=second)
    clock.advance(timedelta(days=31))
    with pytest.raises(errors.NothingToUndo):
        async with db.begin(scope) as tx:
            await service.undo_merge(tx, survivor_id=first, merged_id=second)


@pytest.mark.parametrize(
    "typed",
    ["王敏", "wangmin", "wm", "8000", "13800138000", "+86 138 0013 8000", "wang@ex", "C-7", "大客户", "dakehu",
     "200001", "南京东路", "oolong", "marketing sms", "王敏 南京东路 oolong"],
)  # fmt: skip
async def test_a_customer_is_found_by(db: Database, scope: Scope, other_tenant: TenantId, typed: str) -> None:
    whole = wang(external_id="C-7", addresses=(SHANGHAI,), tags=("大客户",))
    (customer_id, other) = await save(db, scope, [whole, wang(name="李雷", phone="", email="")])
    async with db.begin(scope) as tx:
        await service.add_note(tx, customer_id=customer_id, text="Likes oolong.")
        consent = {"purpose": "marketing_sms", "source": "telephone"}
        await service.record_consent(tx, customer_id=customer_id, is_granted=True, **consent)  # type: ignore[arg-type]  # a purpose
        await service.record_consent(tx, customer_id=other, is_granted=False, **consent)  # type: ignore[arg-type]  # as above
        await saving.write_terms(tx, [customer_id, other])
    async with db.read(scope) as tx:
        assert await queries.matching_customers(tx, text=typed) == ([customer_id], False)
    async with db.read(Scope(other_tenant)) as tx:
        assert await queries.matching_customers(tx, text=typed) == ([], False)


async def test_the_same_again_changes_nothing(db: Database, scope: Scope) -> None:
    draft = wang(external_id="C-1", addresses=(SHANGHAI,), tags=("VIP",))
    (customer_id,) = await save(db, scope, [draft])
    outcomes = []
    for again in (draft, wang(external_id="C-1", phone=None, email=None), wang(external_id="C-1", phone="")):
        async with db.begin(scope) as tx:
            outcomes += await service.upsert_customers(tx, customers=[again], country="CN")
    assert outcomes == [Saved(customer_id, is_new=False, version=version) for version in (1, 1, 2)]
    async with db.read(scope) as tx:
        customer = await queries.customer(tx, customer_id)
        made = await accounts.edits(tx, subject_ids=[customer_id], kind=events.CustomerChanged.kind)
    (edit,) = made.by_thing[customer_id]
    assert (customer.phone, customer.email, edit.fields) == ("", "Wang@example.com", ("phone",))


async def test_an_import_does_not_write_to_who_was_merged(db: Database, scope: Scope) -> None:
    first, second = await save(db, scope, [wang(external_id="A"), wang(external_id="B")])
    async with db.begin(scope) as tx:
        await service.merge_customers(tx, survivor_id=first, merged_id=second)
        (refused,) = await service.upsert_customers(tx, customers=[wang(external_id="B", name="?")], country="CN")
    assert isinstance(refused, Rejections)
    assert [(r.code, r.field) for r in refused.reasons] == [("customer_merged", "customers[0].external_id")]


async def test_two_who_create_the_same_customer_at_once_make_one(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    async with db.begin(scope) as slow:
        await service.upsert_customers(slow, customers=[wang(external_id="C-1", name="One")], country="CN")

        async def other() -> list[Saved | Refusal]:
            async with db.begin(scope) as tx:
                return await service.upsert_customers(
                    tx, customers=[wang(external_id="C-1", name="Two"), wang(external_id="C-2")], country="CN"
                )

        waiting = asyncio.create_task(other())
        await until_it_waits(waiting, owner)
        assert not waiting.done()
    first, second = await waiting
    assert isinstance(first, Saved)
    assert isinstance(second, Saved)
    assert (first.is_new, first.version, second.is_new) == (False, 2, True)
    async with db.read(scope) as tx:
        assert (await queries.customer(tx, first.customer_id)).name == "Two"


async def test_a_note_names_its_author_and_a_key_writes_it_once(db: Database) -> None:
    at = await opened(db)
    scope = at.scope
    (customer_id,) = await save(db, scope, [wang()])
    for text in ("Likes oolong.", "Likes oolong."):
        async with db.begin(scope) as tx:
            await service.add_note(tx, customer_id=customer_id, text=text, key="n-1")
    async with db.begin(scope) as tx:
        with pytest.raises(KeyReused):
            await service.add_note(tx, customer_id=customer_id, text="Likes tea.", key="n-1")
    async with db.read(scope) as tx:
        (note,) = (await queries.customer(tx, customer_id)).notes
    assert (note.text, note.author) == ("Likes oolong.", "Wang Min")


async def test_where_a_consent_was_said_is_private(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with db.begin(scope) as tx:
        await service.record_consent(
            tx, customer_id=customer_id, purpose="profiling", is_granted=True, source="phone call with Wang Min"
        )
    async with db.read(scope) as tx:
        found = await tx.execute(
            sa.select(EventLog.data, EventLog.private_hash).where(
                EventLog.tenant_id == scope.tenant, EventLog.kind == events.ConsentRecorded.kind
            )
        )
    row = found.one()
    assert "Wang" not in str(row.data)
    assert row.private_hash is not None


async def test_the_statement_count_does_not_grow_with_the_set(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    counts = []
    for size in (1, 200):
        drafts = [wang(external_id=f"{size}-{i}", addresses=(SHANGHAI,), tags=("a",)) for i in range(size)]
        async with db.begin(scope) as tx:
            with recorder.watching() as sent:
                await service.upsert_customers(tx, customers=drafts, country="CN")
            counts.append(len(sent))
    assert counts[0] == counts[1] <= 9


async def test_a_survivor_keeps_what_another_duplicate_brings(db: Database, scope: Scope) -> None:
    first, second, third = await save(db, scope, [wang(phone="138 0013 8001"), wang(), wang(email="min@example.com")])

    async def contacts() -> set[tuple[str, str]]:
        async with db.read(scope) as tx:
            return set((await queries.customer(tx, first)).contacts)

    async with db.begin(scope) as tx:
        await service.merge_customers(tx, survivor_id=first, merged_id=second)
        await service.merge_customers(tx, survivor_id=first, merged_id=third)
    assert await contacts() == {("phone", "+8613800138000"), ("email", "min@example.com")}
    async with db.begin(scope) as tx:
        await service.undo_merge(tx, survivor_id=first, merged_id=second)
    assert await contacts() == {("phone", "+8613800138000"), ("email", "min@example.com")}
    async with db.begin(scope) as tx:
        await service.undo_merge(tx, survivor_id=first, merged_id=third)
    assert await contacts() == set()


async def test_tags_do_not_pile_up_over_their_limit(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang(external_id="A", tags=tuple(f"t{n}" for n in range(49)))])
    async with db.begin(scope) as tx:
        (fits,) = await service.upsert_customers(
            tx, customers=[wang(external_id="A", tags=("t49", " t1 "))], country="CN"
        )
        (refused,) = await service.upsert_customers(
            tx, customers=[wang(external_id="A", name="?", tags=("t50",))], country="CN"
        )
    assert fits == Saved(customer_id, is_new=False, version=2)
    assert isinstance(refused, Rejections)
    assert [(r.code, r.field) for r in refused.reasons] == [("customer_too_many", "customers[0].tags")]
    async with db.read(scope) as tx:
        customer = await queries.customer(tx, customer_id)
    assert (customer.name, len(customer.tags)) == ("王敏", 50)


async def test_card_numbers_in_notes_are_masked(db: Database) -> None:
    at = await opened(db)
    (customer_id,) = await save(db, at.scope, [wang()])
    async with db.begin(at.scope) as tx:
        await service.add_note(tx, customer_id=customer_id, text="Card 4111-1111-1111-1111, SKU 690123")
    async with db.read(at.scope) as tx:
        customer = await queries.customer(tx, customer_id)
    assert [note.text for note in customer.notes] == ["Card ****-****-****-1111, SKU 690123"]
