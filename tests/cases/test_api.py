"""The queue over HTTP: filters, assignment with versions, notes, resolution."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedan.base.db import Database
from jiedan.cases import service
from jiedan.cases.api import ROUTER
from jiedan.cases.values import NewCase
from tests.accounts import factories as staff
from tests.accounts.factories import Opened
from tests.base import web_client
from tests.base.web_client import Client

ORDER = UUID(int=7)


@pytest.fixture
async def at(db: Database) -> Opened:
    return await staff.opened(db)


@pytest.fixture
async def case_id(db: Database, at: Opened) -> UUID:
    async with db.begin(at.scope) as tx:
        (made,) = await service.open_cases(tx, cases=[NewCase("overpaid", "order", ORDER, {"amount_minor": 5})])
    return made


@pytest.fixture
async def client(db: Database, at: Opened) -> AsyncIterator[Client]:
    caller = web_client.principal(permissions=("cases:read", "cases:write"), tenant=at.tenant, actor=at.scope.actor)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as opened:
        yield opened


async def test_a_case_is_given_to_one_of_the_staff_and_shown_with_their_name(
    db: Database, at: Opened, client: Client, case_id: UUID
) -> None:
    lin = await staff.person(db, at, "sales")
    place = f"/api/v1/cases/{case_id}"
    found = await client.get(place)
    assert (found.json()["assignee"], found.headers["etag"]) == (None, '"1"')
    given = await client.post(
        f"{place}/assignment", json={"assignee_id": str(lin)}, headers={"If-Match": found.headers["etag"]}
    )
    assert given.status_code == 200, given.text
    assert given.json()["assignee"] == {"staff_id": str(lin), "name": "Sales"}
    late = await client.post(f"{place}/assignment", json={"assignee_id": None}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (409, "stale_version")
    assert late.json()["data"]["changed_by"] == "Wang Min"
    late = await client.post(f"{place}/resolution", json={"resolution": "Done."}, headers={"If-Match": '"1"'})
    assert late.status_code == 409
    wrong = await client.post(f"{place}/assignment", json={"assignee_id": str(uuid4())})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (422, "assignee_unknown", "assignee_id")
    back = await client.post(f"{place}/assignment", json={"assignee_id": None})
    assert (back.json()["assignee"], back.json()["version"]) == (None, 3)


async def test_the_queue_is_filtered_and_paged(db: Database, at: Opened, client: Client, case_id: UUID) -> None:
    async with db.begin(at.scope) as tx:
        await service.open_cases(tx, cases=[NewCase("refund_due", "order", UUID(int=n), {}) for n in range(1, 4)])
    await client.post(f"/api/v1/cases/{case_id}/assignment", json={"assignee_id": str(at.owner_id)})

    async def listed(**asked: Any) -> list[str]:
        answer = await client.get("/api/v1/cases", params=asked)
        assert answer.status_code == 200, answer.text
        return [case["case_id"] for case in answer.json()["items"]]

    assert await listed(assignee_id=str(at.owner_id)) == await listed(assigned="yes") == [str(case_id)]
    assert await listed(subject_id=str(ORDER)) == await listed(kind="overpaid") == [str(case_id)]
    assert len(await listed(assigned="no")) == 3
    first = (await client.get("/api/v1/cases", params={"kind": "refund_due", "limit": 2})).json()
    more = {"kind": "refund_due", "limit": 2, "cursor": first["next"]}
    assert len(first["items"]) + len(await listed(**more)) == 3
    assert (await client.get("/api/v1/cases", params={**more, "kind": "overpaid"})).status_code == 422
    assert (await client.get("/api/v1/cases", params={"state": "lost"})).status_code == 422


async def test_notes_are_written_once_per_key_and_shown_with_their_author(client: Client, case_id: UUID) -> None:
    place = f"/api/v1/cases/{case_id}"
    for _ in range(2):
        noted = await client.post(f"{place}/notes", json={"text": "Called."}, headers={"Idempotency-Key": "n1"})
        assert noted.status_code == 201
    assert [(note["text"], note["author"]) for note in noted.json()["notes"]] == [("Called.", "Wang Min")]
    assert (await client.post(f"{place}/notes", json={"text": ""})).status_code == 422
    assert (await client.post(f"/api/v1/cases/{uuid4()}/notes", json={"text": "?"})).status_code == 404
    done = await client.post(f"{place}/resolution", json={"resolution": "Paid back."})
    assert (done.json()["state"], done.json()["resolution"]) == ("resolved", "Paid back.")
    again = await client.post(f"{place}/resolution", json={"resolution": "Twice."})
    assert (again.status_code, again.json()["code"]) == (409, "case_already_resolved")


async def test_who_may_only_look_changes_nothing(db: Database, at: Opened, case_id: UUID) -> None:
    caller = web_client.principal(permissions=("cases:read",), tenant=at.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        assert (await client.get(f"/api/v1/cases/{case_id}")).status_code == 200
        for what in ("assignment", "notes", "resolution"):
            body = {"assignee_id": None} if what == "assignment" else {"text": "x"}
            assert (await client.post(f"/api/v1/cases/{case_id}/{what}", json=body)).status_code == 403
