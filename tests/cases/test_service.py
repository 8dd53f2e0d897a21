"""Cases are opened once, assigned and resolved, and other merchants never see them."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import paging
from jiedan.base.db import Database, LockOrderBroken, LockRank, Scope, Tx
from jiedan.base.errors import StaleVersion
from jiedan.base.recorder import StatementRecorder
from jiedan.base.tables import EventLog
from jiedan.cases import errors, queries, service
from jiedan.cases.values import Assignment, CaseFilter, NewCase, NewNote, Resolution, Successor
from tests.accounts import factories as staff

CURSORS = paging.Cursors("a secret of the tests")
ORDERS = [UUID(int=n) for n in range(1, 201)]


def overpaid(order: UUID) -> NewCase:
    return NewCase("overpaid", "order", order, {"amount_minor": 5})


async def test_a_case_is_opened_once_per_subject(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        first = await service.open_cases(tx, cases=[overpaid(ORDERS[0]), overpaid(ORDERS[1]), overpaid(ORDERS[0])])
    async with db.begin(scope) as tx:
        again = await service.open_cases(tx, cases=[overpaid(ORDERS[1])])
    assert first[0] == first[2] != first[1]
    assert again == [first[1]]
    async with db.read(scope) as tx:
        about = await queries.cases_about(tx, ORDERS[:2])
    assert {case.case_id for case in about} == set(first)
    assert {case.state for case in about} == {"open"}


async def test_cases_are_locked_after_all_else(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        tx.will_lock(LockRank.WALLET)
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
        with pytest.raises(LockOrderBroken, match="WALLET is locked after CASE"):
            tx.will_lock(LockRank.WALLET)
    for lock in (
        lambda tx: queries.cases_for_update(tx, [case_id]),
        lambda tx: service.erase_cases(tx, subject_ids=ORDERS[:1]),
    ):
        async with db.begin(scope) as tx:
            await lock(tx)
            with pytest.raises(LockOrderBroken, match="ORDER is locked after CASE"):
                tx.will_lock(LockRank.ORDER)


async def test_a_resolved_case_keeps_its_words_and_is_not_resolved_twice(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
    resolution = Resolution(case_id, "Paid back in cash.")
    nowhere = Resolution(UUID(int=9), "?")
    async with db.begin(scope) as tx:
        outcomes = await service.resolve_cases(tx, resolutions=[resolution, nowhere, resolution])
    assert outcomes[0] == case_id
    assert isinstance(outcomes[1], errors.CaseNotFound)
    assert isinstance(outcomes[2], errors.CaseAlreadyResolved)
    async with db.read(scope) as tx:
        case = await queries.case(tx, case_id)
    assert (case.state, case.resolution, case.resolved_by) == ("resolved", "Paid back in cash.", "jiedan")
    async with db.begin(scope) as tx:
        (reopened,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
    assert reopened != case_id


async def test_only_somebody_who_works_here_is_given_a_case(db: Database) -> None:
    at = await staff.opened(db)
    scope, lin, guest = (
        at.scope,
        await staff.person(db, at, "sales"),
        await staff.person(db, at, "support", has_joined=False),
    )
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
        outcomes = await service.assign_cases(
            tx,
            assignments=[
                Assignment(case_id, UUID(int=5)),
                Assignment(case_id, guest),
                Assignment(UUID(int=6), lin),
                Assignment(case_id, lin, version=1),
                Assignment(case_id, None, version=1),
            ],
        )
    kinds = [errors.AssigneeUnknown, errors.AssigneeUnknown, errors.CaseNotFound, UUID, StaleVersion]
    assert [isinstance(outcome, kind) for outcome, kind in zip(outcomes, kinds, strict=True)] == [True] * 5
    async with db.read(scope) as look:
        case = await queries.case(look, case_id)
        told = await look.execute(
            sa.select(EventLog.data).where(EventLog.tenant_id == tx.tenant, EventLog.kind == "cases.case_assigned")
        )
    assert (case.assignee_id, case.version) == (lin, 2)
    assert [data["assignee_id"] for data in told.scalars()] == [str(lin)]
    async with db.begin(scope) as again:
        await service.assign_cases(again, assignments=[Assignment(case_id, lin)])
        assert (await queries.case(again, case_id)).version == 2
        await service.assign_cases(again, assignments=[Assignment(case_id, None)])
        assert (await queries.case(again, case_id)).assignee_id is None


async def test_cases_are_found_by_kind_person_and_subject(db: Database) -> None:
    at = await staff.opened(db)
    scope, lin = at.scope, await staff.person(db, at, "sales")
    async with db.begin(scope) as tx:
        opened = await service.open_cases(tx, cases=[overpaid(order) for order in ORDERS[:3]])
        due = NewCase("refund_due", "order", ORDERS[0], {})
        opened += await service.open_cases(tx, cases=[due])
        await service.assign_cases(tx, assignments=[Assignment(opened[1], lin), Assignment(opened[3], lin)])

    async def found(**asked: object) -> set[UUID]:
        filters = CaseFilter(**asked)  # type: ignore[arg-type]  # a test's shorthand
        request = paging.Request.of(CURSORS, tenant=scope.tenant, name="cases", filters=filters._asdict())
        async with db.read(scope) as look:
            return {case.case_id for case in (await queries.cases(look, request=request, filters=filters)).items}

    assert await found(kind="overpaid") == set(opened[:3])
    assert await found(assignee_id=lin) == {opened[1], opened[3]}
    assert await found(assignee_id=lin, kind="refund_due") == {opened[3]}
    assert await found(is_assigned=False) == {opened[0], opened[2]}
    assert await found(is_assigned=True, subject_id=ORDERS[0]) == {opened[3]}
    assert await found(state="resolved") == set()
    async with db.read(scope) as look:
        assert await queries.open_numbers(look) == {"overpaid": 3, "refund_due": 1}


async def test_notes_stay_with_their_case_and_their_words_are_private(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
        notes = [NewNote(case_id, "Called the bank."), NewNote(UUID(int=9), "?"), NewNote(case_id, " "),
                 NewNote(case_id, "x" * 2_001)]  # fmt: skip
        outcomes = await service.add_notes(tx, notes=notes)
    assert isinstance(outcomes[1], errors.CaseNotFound)
    assert isinstance(outcomes[2], errors.TextMissing)
    assert isinstance(outcomes[3], errors.TextMissing)
    wish = NewNote(case_id, "Twice?")
    again = [await db.write(scope, lambda tx: service.add_note(tx, note=wish, key="n1")) for _ in range(2)]
    assert again[0] == again[1]
    async with db.read(scope) as look:
        written = (await queries.notes_of(look, [case_id]))[case_id]
        told = await look.execute(sa.select(EventLog.data).where(EventLog.tenant_id == look.tenant))
    assert [note.text for note in written] == ["Called the bank.", "Twice?"]
    assert written[0].note_id == outcomes[0]
    assert not [data for data in told.scalars() if "bank" in str(data)]


async def test_another_merchant_cannot_touch_a_case(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
    other = await staff.opened(db)
    thief = other.owner_id
    async with db.begin(other.scope) as tx:
        assigned = await service.assign_cases(tx, assignments=[Assignment(case_id, thief)])
        resolved = await service.resolve_cases(tx, resolutions=[Resolution(case_id, "gone")])
        noted = await service.add_notes(tx, notes=[NewNote(case_id, "mine")])
    async with db.begin(scope) as tx:
        foreign = await service.assign_cases(tx, assignments=[Assignment(case_id, thief)])
    for outcomes in (assigned, resolved, noted):
        assert isinstance(outcomes[0], errors.CaseNotFound)
    assert isinstance(foreign[0], errors.AssigneeUnknown)


async def test_the_statement_count_does_not_grow_with_the_set(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    counts = []
    for subjects in (ORDERS[:1], ORDERS[1:]):
        async with db.begin(scope) as tx:
            with recorder.watching() as sent:
                opened = await service.open_cases(tx, cases=[overpaid(order) for order in subjects])
                await service.resolve_cases(tx, resolutions=[Resolution(c, "done") for c in opened])
            counts.append(len(sent))
    assert counts[0] == counts[1] <= 4


async def test_card_numbers_in_notes_and_resolutions_are_masked(db: Database, scope: Scope) -> None:
    said, kept = "Card 4111111111111111", "Card ************1111"
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
        await service.add_notes(tx, notes=[NewNote(case_id, said)])
        await service.resolve_cases(tx, resolutions=[Resolution(case_id, said)])
    async with db.read(scope) as tx:
        case = await queries.case(tx, case_id)
        notes = (await queries.notes_of(tx, [case_id]))[case_id]
    assert (case.resolution, [note.text for note in notes]) == (kept, [kept])


async def test_a_case_that_is_resolved_while_it_is_looked_for_is_opened_anew(
    db: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,) = await db.write(scope, lambda tx: service.open_cases(tx, cases=[overpaid(ORDERS[0])]))
    left = [Resolution(before, "Paid back in cash.")]

    async def again(tx: Tx) -> UUID:
        send = tx.sql

        async def overtaken(statement: Any, **parameters: Any) -> Any:
            rows = await send(statement, **parameters)
            if statement is queries.SQL["open_cases"] and left:
                resolutions = [left.pop()]
                await db.write(scope, lambda other: service.resolve_cases(other, resolutions=resolutions))
            return rows

        monkeypatch.setattr(tx, "sql", overtaken)
        (found,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
        return found

    after = await db.write(scope, again)
    assert after != before
    async with db.read(scope) as reading:
        found = {case.case_id: case.state for case in await queries.cases_about(reading, [ORDERS[0]])}
    assert found == {before: "resolved", after: "open"}


@pytest.mark.parametrize("count", [1, 40])
async def test_who_works_on_a_case_works_on_its_successor(
    db: Database, recorder: StatementRecorder, count: int
) -> None:
    at = await staff.opened(db)
    lin, gone = [await staff.person(db, at, role) for role in ("sales", "support")]
    others = [NewCase("refund_due", "order", order, {"amount_minor": 3}) for order in ORDERS[:3]]
    async with db.begin(at.scope) as tx:
        first = await service.open_cases(tx, cases=[*(overpaid(order) for order in ORDERS[:count]), *others])
        both = [Assignment(first[0], gone), Assignment(first[count], lin), Assignment(first[count + 1], gone)]
        await service.assign_cases(tx, assignments=both)
        await accounts.change_staff(tx, staff_id=gone, changes={"is_active": False}, held=ALL_PERMISSIONS)
    kinds = ("refund_due", "overpaid")
    answers = {(kind, "order", order): "See the new one." for kind in kinds for order in ORDERS[:count]}
    new = [Successor(NewCase("refund_due", "order", order, {"amount_minor": 8}), kinds) for order in ORDERS[:count]]
    async with db.begin(at.scope) as tx:
        with recorder.watching() as sent:
            await service.replace_cases(tx, answers=answers, successors=new)
    assert len(sent) == 8
    async with db.read(at.scope) as tx:
        found = [case for case in await queries.cases_about(tx, ORDERS[:count]) if case.state == "open"]
    assert {case.subject_id: (case.assignee_id, case.data["amount_minor"]) for case in found} == {
        order: (lin if order == ORDERS[0] else None, 8) for order in ORDERS[:count]
    }, "the first kind counts first, and nobody is given what they cannot open"
