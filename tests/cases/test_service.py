"""Cases are opened once, assigned and resolved, and other merchants never see them."""

from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.base.tables import EventLog
from jiedan.cases import errors, queries, service
from jiedan.cases.values import NewCase

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


async def test_a_resolved_case_keeps_its_words_and_is_not_resolved_twice(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
    resolution = service.Resolution(case_id, "Paid back in cash.")
    nowhere = service.Resolution(UUID(int=9), "?")
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


async def test_who_works_on_a_case_is_no_public_fact(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
        assert await service.assign_cases(tx, case_ids=[case_id], assignee="Wang Min") == [case_id]
    async with db.read(scope) as tx:
        assert (await queries.case(tx, case_id)).assignee == "Wang Min"
        told = await tx.execute(sa.select(EventLog.data).where(EventLog.tenant_id == tx.tenant))
    assert not [data for data in told.scalars() if "Wang" in str(data)]


async def test_another_merchant_cannot_touch_a_case(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    async with db.begin(scope) as tx:
        (case_id,) = await service.open_cases(tx, cases=[overpaid(ORDERS[0])])
    async with db.begin(Scope(other_tenant)) as tx:
        assigned = await service.assign_cases(tx, case_ids=[case_id], assignee="thief")
        resolved = await service.resolve_cases(tx, resolutions=[service.Resolution(case_id, "gone")])
    assert isinstance(assigned[0], errors.CaseNotFound)
    assert isinstance(resolved[0], errors.CaseNotFound)


async def test_the_statement_count_does_not_grow_with_the_set(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    counts = []
    for subjects in (ORDERS[:1], ORDERS[1:]):
        async with db.begin(scope) as tx:
            with recorder.watching() as sent:
                opened = await service.open_cases(tx, cases=[overpaid(order) for order in subjects])
                await service.resolve_cases(tx, resolutions=[service.Resolution(c, "done") for c in opened])
            counts.append(len(sent))
    assert counts[0] == counts[1] <= 4
