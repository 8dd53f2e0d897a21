"""Who looks after orders: given, handed over, found by person, told of; and taken back from those who leave."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database
from jiedan.base.drain import Drain
from jiedan.base.errors import Refusal, StaleVersion
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import api, errors, events, queries, service
from jiedan.orders.service import assign
from jiedan.orders.values import Assignment, CancelRequest, MarkRequest, OrderEdit, OrderId, Placed
from jiedan.orders.values.lists import ME, NOBODY, OrderFilter
from tests.accounts import factories as staff
from tests.accounts.factories import Opened
from tests.base import web_client
from tests.conftest import Urls
from tests.orders import factories, listing
from tests.orders.factories import order

STATEMENTS_MAX = 4
"""Of any number of orders: the orders and their lines, who works here, and the update."""


@pytest.fixture
async def at(db: Database) -> Opened:
    """Open a merchant with tea, who takes backorders."""
    made = await staff.opened(db, backorder=True)
    async with db.begin(made.scope) as tx:
        await factories.sku(tx, "TEA")
    return made


@pytest.fixture
async def lin(db: Database, at: Opened) -> UUID:
    """Hire somebody for sales."""
    return await staff.person(db, at, "sales")


async def placed(db: Database, at: Opened, number: int = 1) -> list[OrderId]:
    made = await factories.place(db, at.scope, *[order(("TEA", 1)) for _ in range(number)])
    return [x.order_id for x in made if isinstance(x, Placed)]


async def assigned(db: Database, at: Opened, *wishes: Assignment) -> list[OrderId | Refusal]:
    return await db.write(at.scope, lambda tx: service.assign_orders(tx, assignments=wishes))


async def current(db: Database, at: Opened, order_id: UUID) -> Any:
    async with db.read(at.scope) as tx:
        return (await queries.order(tx, order_id)).order


async def told(db: Database, at: Opened, order_id: UUID) -> list[tuple[str, str]]:
    """Return the kinds and people that the timeline tells of, oldest first."""
    async with db.read(at.scope) as tx:
        page = await queries.timeline(tx, [order_id], request=listing.request(tx))
    return [(x.kind, x.data["assignee_id"]) for x in reversed(page.items) if "assignee_id" in x.data]


async def hear(db: Database, at: Opened) -> None:
    drain = Drain(db, None, wiring.SUBSCRIPTIONS)
    while await drain.drain_tenant(at.tenant):
        pass


async def leave(db: Database, at: Opened, staff_id: UUID) -> None:
    """Let somebody leave, and everybody hear of it."""
    async with db.begin(at.scope) as tx:
        await accounts.change_staff(tx, staff_id=staff_id, changes={"is_active": False}, held=ALL_PERMISSIONS)
    await hear(db, at)


async def test_an_order_is_given_handed_over_and_given_to_nobody(db: Database, at: Opened, lin: UUID) -> None:
    (order_id,) = await placed(db, at)
    for assignee_id in (lin, lin, at.owner_id, None, None):
        assert await assigned(db, at, Assignment(order_id, assignee_id)) == [order_id]
        assert (await current(db, at, order_id)).assignee_id == assignee_id
    assert (await current(db, at, order_id)).version == 4, "what changes nothing is no edit"
    given, taken = events.OrderAssigned.kind, events.OrderUnassigned.kind
    assert await told(db, at, order_id) == [(given, str(lin)), (given, str(at.owner_id)), (taken, str(at.owner_id))]


async def test_each_assignment_of_a_set_has_an_outcome_of_its_own(db: Database, at: Opened, lin: UUID) -> None:
    one, two = await placed(db, at, 2)
    unjoined = await staff.person(db, at, "support", has_joined=False)
    nobody, stranger = uuid4(), uuid4()
    outcomes = await assigned(
        db,
        at,
        Assignment(one, lin, version=1),
        Assignment(two, lin, version=7),
        Assignment(nobody, lin),
        Assignment(two, stranger),
        Assignment(two, unjoined),
        Assignment(one, at.owner_id),
    )
    assert outcomes[0] == outcomes[5] == one
    assert [type(x) for x in outcomes[1:5]] == [
        StaleVersion,
        errors.OrderNotFound,
        errors.AssigneeUnknown,
        errors.AssigneeUnknown,
    ]
    assert (await current(db, at, one)).assignee_id == at.owner_id, "the later one stands"
    assert (await current(db, at, two)).assignee_id is None


async def test_whoever_may_not_see_orders_is_given_none(db: Database, at: Opened) -> None:
    (order_id,) = await placed(db, at)
    async with db.begin(at.scope) as tx:
        await accounts.create_role(
            tx, code="counter", name="Counter", permissions=frozenset({"inventory:read"}), held=ALL_PERMISSIONS
        )
    packer = await staff.person(db, at, "counter")
    (outcome,) = await assigned(db, at, Assignment(order_id, packer))
    assert isinstance(outcome, errors.AssigneeUnknown)


async def test_who_saw_an_older_order_hears_who_changed_what(db: Database, at: Opened, lin: UUID) -> None:
    (order_id,) = await placed(db, at)
    await assigned(db, at, Assignment(order_id, lin))
    await db.write(at.scope, lambda tx: service.mark_orders(tx, requests=[MarkRequest(order_id, tags=("gift",))]))
    (outcome,) = await assigned(db, at, Assignment(order_id, None, version=1))
    assert isinstance(outcome, StaleVersion)
    assert outcome.data()["changed_by"] == "Wang Min"
    edit = OrderEdit(tags=("VIP",))
    with pytest.raises(StaleVersion):
        await db.write(at.scope, lambda tx: service.edit_order(tx, order_id=order_id, edit=edit, version=1))
    with pytest.raises(StaleVersion):
        await db.write(at.scope, lambda tx: service.assign_order(tx, assignment=Assignment(order_id, None, 2)))


async def cancel(db: Database, at: Opened, order_id: UUID) -> None:
    request = CancelRequest(order_id, "customer_request")
    await db.write(at.scope, lambda tx: service.cancel_order(tx, request=request, key=None))


async def test_ended_orders_can_be_looked_after_too(db: Database, at: Opened, lin: UUID) -> None:
    (order_id,) = await placed(db, at)
    await cancel(db, at, order_id)
    assert await assigned(db, at, Assignment(order_id, lin)) == [order_id]


async def test_many_orders_are_given_in_as_few_statements_as_one(
    db: Database, at: Opened, lin: UUID, recorder: StatementRecorder
) -> None:
    orders = await placed(db, at, 30)
    for several in (orders[:1], orders[1:]):
        with recorder.watching() as sent:
            await assigned(db, at, *(Assignment(x, lin, 1) for x in several))
        assert len([x for x in sent if "event" not in x and "outbox" not in x]) <= STATEMENTS_MAX, sent


async def test_orders_of_who_leaves_are_nobodys_again_but_for_the_ended_ones(
    db: Database, at: Opened, lin: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assign, "TAKEN_BACK_PER_SET_MAX", 2)
    *mine, ended, kept = await placed(db, at, 7)
    await assigned(db, at, *(Assignment(x, lin) for x in (*mine, ended)), Assignment(kept, at.owner_id))
    await cancel(db, at, ended)
    await hear(db, at)
    await leave(db, at, lin)
    assert {(await current(db, at, x)).assignee_id for x in mine} == {None}
    assert (await current(db, at, ended)).assignee_id == lin
    assert (await current(db, at, kept)).assignee_id == at.owner_id
    assert (await told(db, at, mine[0]))[-1] == (events.OrderUnassigned.kind, str(lin))


async def test_an_order_given_while_somebody_leaves_is_taken_back_when_it_is_heard_of(
    db: Database, at: Opened, lin: UUID, urls: Urls
) -> None:
    (order_id,) = await placed(db, at)
    hasty = Database(urls.app, clock=db.clock, lock_timeout_ms=100, strict_locks=True)
    async with db.begin(at.scope) as giving:
        await service.assign_orders(giving, assignments=[Assignment(order_id, lin)])
        await leave(hasty, at, lin)  # who hears of it waits for the order in vain, and tries again later
    await hasty.close()
    assert (await current(db, at, order_id)).assignee_id == lin
    await hear(db, at)
    assert (await current(db, at, order_id)).assignee_id is None


async def test_lists_show_ones_own_those_of_a_colleague_and_nobodys(db: Database, at: Opened, lin: UUID) -> None:
    first, second, third = await placed(db, at, 3)
    await assigned(db, at, Assignment(first, lin), Assignment(second, at.owner_id))

    async def listed(assignee: str, me: UUID | None = at.owner_id, **more: Any) -> list[UUID]:
        async with db.read(at.scope) as tx:
            page = await listing.page_of(tx, OrderFilter(assignee=assignee, **more), me=me)
            (count,) = await queries.order_counts(
                tx, await queries.criteria_of(tx, [OrderFilter(assignee=assignee, **more)], time_zone="UTC", me=me)
            )
        assert count.value == len(page.items)
        return [row.order_id for row in page.items]

    assert await listed(ME) == await listed(ME, lifecycle=("open",)) == [second]
    assert await listed(str(lin)) == await listed(ME, me=lin) == [first]
    assert await listed(NOBODY) == [third]
    assert await listed(str(uuid4())) == await listed(ME, me=None) == []
    async with db.read(at.scope) as tx:
        (row,) = (await listing.page_of(tx, OrderFilter(assignee=str(lin)))).items
    assert row.assignee_id == lin


@contextlib.asynccontextmanager
async def client_of(db: Database, at: Opened, *rights: str) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=at.tenant, actor=at.scope.actor)
    async with web_client.open_client(
        routers=[api.ROUTER],
        principal=caller,
        database=db,
        parts=[service.open_order_desk, service.order_subjects()],
    ) as client:
        yield client


async def test_an_order_is_given_over_http_to_who_is_seen_there(db: Database, at: Opened, lin: UUID) -> None:
    (order_id,) = await placed(db, at)
    place = f"/api/v1/orders/{order_id}"
    async with client_of(db, at, "orders:read", "orders:write") as client:
        found = await client.get(place)
        assert found.json()["assignee_id"] is None
        sent = {"assignee_id": str(lin)}
        given = await client.post(f"{place}/assignment", json=sent, headers={"If-Match": found.headers["etag"]})
        late = await client.post(f"{place}/assignment", json=sent, headers={"If-Match": found.headers["etag"]})
        unknown = await client.post(f"{place}/assignment", json={"assignee_id": str(uuid4())})
        absent = await client.post(f"/api/v1/orders/{uuid4()}/assignment", json=sent)
        listed = (await client.get("/api/v1/orders", params={"assignee": str(lin)})).json()["items"]
        mine = (await client.get("/api/v1/orders", params={"assignee": "me"})).json()["items"]
        senseless = await client.get("/api/v1/orders", params={"assignee": "Lin"})
    assert (given.status_code, given.json()["assignee_id"], given.json()["version"]) == (200, str(lin), 2)
    assert (late.status_code, late.json()["code"]) == (409, "stale_version")
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["field"]) == (
        422,
        "assignee_unknown",
        "assignee_id",
    )
    assert absent.status_code == 404
    assert [(x["order_id"], x["assignee_id"]) for x in listed] == [(str(order_id), str(lin))]
    assert mine == []
    assert (senseless.status_code, senseless.json()["field"]) == (422, "assignee")


async def test_many_orders_are_given_over_http_with_an_outcome_each(db: Database, at: Opened, lin: UUID) -> None:
    one, two = await placed(db, at, 2)
    body = [
        {"order_id": str(one), "assignee_id": str(lin)},
        {"order_id": str(two), "assignee_id": str(lin), "version": 9},
        {"order_id": str(uuid4()), "assignee_id": None},
    ]
    async with client_of(db, at, "orders:read", "orders:write") as client:
        answer = await client.post("/api/v1/orders/assignments", json={"assignments": body})
        too_many = await client.post("/api/v1/orders/assignments", json={"assignments": body * 167})
    outcomes = answer.json()
    assert [x["done"] for x in outcomes] == [True, False, False]
    assert [x["error"]["code"] for x in outcomes[1:]] == ["stale_version", "order_not_found"]
    assert outcomes[2]["error"]["field"] == "assignments[2].order_id"
    assert too_many.status_code == 422
    async with client_of(db, at, "orders:read") as client:
        refused = await client.post("/api/v1/orders/assignments", json={"assignments": body})
    assert refused.status_code == 403


async def test_another_merchants_staff_and_orders_are_unknown(db: Database, at: Opened, lin: UUID) -> None:
    other = await staff.opened(db, backorder=True)
    (order_id,) = await placed(db, at)
    (foreign,) = await assigned(db, at, Assignment(order_id, other.owner_id))
    (unseen,) = await assigned(db, other, Assignment(order_id, other.owner_id))
    assert isinstance(foreign, errors.AssigneeUnknown)
    assert isinstance(unseen, errors.OrderNotFound)
