"""Guests are erased by the address that they ordered with: which orders that reaches, and what it is refused for."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import queries as customers
from jiedan.customers.tables import Customer
from jiedan.orders import events
from jiedan.orders import queries as orders
from jiedan.orders import service as order_service
from jiedan.orders.queries import guests
from jiedan.orders.service.guests import identify_guests
from jiedan.orders.values import CancelRequest, Contact, OrderId
from jiedan.privacy import queries, rules, run
from jiedan.privacy import service as privacy
from jiedan.privacy.api import ROUTER
from jiedan.privacy.pages import ROUTER as PAGES
from jiedan.privacy.values import PERMISSION, TOLD_WITHIN, Erasure, Status
from tests.base import web_client
from tests.conftest import FakeClock
from tests.customers.factories import save, wang
from tests.orders import listing
from tests.orders.factories import order, place_one, shop

EMAIL = "Gu.Est@example.com"
TYPED = " gu.est@EXAMPLE.com "
HTML = {"accept": "text/html"}


async def placed(db: Database, scope: Scope, email: str = EMAIL, *, ended: bool = True, **facts: Any) -> OrderId:
    contact = Contact(name="Gu Est", phone="+8613912345678", email=email)
    found = await place_one(db, scope, order(("A", 1), contact=contact, **facts))
    if ended:
        async with db.begin(scope) as tx:
            await order_service.cancel_orders(tx, requests=[CancelRequest(found.order_id, "customer_request")])
    return OrderId(found.order_id)


async def begin(db: Database, scope: Scope, email: str = TYPED, **fields: Any) -> Erasure:
    async with db.begin(scope) as tx:
        return await privacy.begin_guest_erasure(tx, **{"email": email, "confirmation": email, **fields})


async def refused(db: Database, scope: Scope, email: str = TYPED, **fields: Any) -> list[str]:
    with pytest.raises(Refusal) as caught:
        await begin(db, scope, email, **fields)
    return [reason.code for reason in reasons_of(caught.value)]


async def known(db: Database, scope: Scope) -> int:
    async with db.read(scope) as tx:
        counted = sa.select(sa.func.count()).select_from(Customer).where(Customer.tenant_id == tx.tenant)
        return int((await tx.execute(counted)).scalar_one())


async def owner_of(db: Database, scope: Scope, order_id: OrderId) -> UUID | None:
    async with db.read(scope) as tx:
        return (await orders.order(tx, order_id)).order.customer_id


async def test_every_order_of_the_address_is_reached_and_nobody_elses(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    (customer_id,) = await save(db, scope, [wang()])
    mine = [await placed(db, scope, email) for email in (EMAIL, EMAIL.lower(), EMAIL.upper())]
    others = [
        await placed(db, scope, "other@example.com"),
        await placed(db, scope, f"x{EMAIL}"),
        await placed(db, scope, customer_id=customer_id),
    ]
    await listing.drain(db, scope)
    erasure = await begin(db, scope)
    assert (erasure.status, erasure.orders_total) == (Status.telling, 3)
    async with db.read(scope) as tx:
        guest = await customers.customer(tx, erasure.customer_id)
    assert (guest.name, guest.email) == ("Guest gu.est@EXAMPLE.com", TYPED.strip().lower())
    assert {await owner_of(db, scope, order_id) for order_id in mine} == {erasure.customer_id}
    assert [await owner_of(db, scope, order_id) for order_id in others] == [None, None, customer_id]
    clock.advance(TOLD_WITHIN)
    done = await run.run(db, scope.tenant, erasure.erasure_id)
    assert (done.status, done.orders_done) == (Status.done, 3)
    async with db.read(scope) as tx:
        contacts = [(await orders.order(tx, order_id)).order.contact.email for order_id in (*mine, *others)]
    assert contacts == ["", "", "", "other@example.com", f"x{EMAIL}", EMAIL]
    assert await refused(db, scope) == ["no_guest_orders"]


async def test_orders_tell_whose_they_became(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    order_id = await placed(db, scope)
    await listing.drain(db, scope)
    erasure = await begin(db, scope)
    async with db.read(scope) as tx:
        page = await orders.timeline(tx, [order_id], request=listing.request(tx))
    told = [x for x in page.items if x.kind == events.GuestIdentified.kind]
    assert [x.data["customer_id"] for x in told] == [str(erasure.customer_id)]


async def test_what_is_refused_changes_nothing(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    open_id = await placed(db, scope, ended=False)
    await listing.drain(db, scope)
    assert await refused(db, scope, key="one") == ["erasure_orders_open"]
    assert await refused(db, scope, confirmation="somebody@example.com") == ["erasure_not_confirmed"]
    assert await refused(db, scope, "nobody@example.com") == ["no_guest_orders"]
    assert await refused(db, scope, "Gu Est") == ["email_invalid"]
    assert (await known(db, scope), await owner_of(db, scope, open_id)) == (0, None)
    async with db.begin(scope) as tx:
        await order_service.cancel_orders(tx, requests=[CancelRequest(open_id, "customer_request")])
    assert (await begin(db, scope, key="one")).orders_total == 1


async def test_the_same_key_begins_one_erasure(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    await placed(db, scope)
    await listing.drain(db, scope)
    first = await begin(db, scope, key="one")
    assert await begin(db, scope, key="one") == first
    assert await refused(db, scope, "other@example.com", key="one") == ["idempotency_key_reused"]
    assert await refused(db, scope, key="two") == ["no_guest_orders"]
    assert await known(db, scope) == 1


async def test_an_address_of_too_many_orders_is_nobodys_own(
    db: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "GUEST_ORDERS_MAX", 2)
    await shop(db, scope, {"A": {"W1": 50}})
    for _ in range(2):
        await placed(db, scope)
    await listing.drain(db, scope)
    async with db.read(scope) as tx:
        assert len(await queries.guest_orders(tx, EMAIL)) == 2
    await placed(db, scope)
    await listing.drain(db, scope)
    assert await refused(db, scope) == ["too_many_guest_orders"]


async def test_an_order_that_somebody_else_took_meanwhile_is_left(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    first, second = [await placed(db, scope) for _ in range(2)]
    await listing.drain(db, scope)
    (customer_id,) = await save(db, scope, [wang()])
    async with db.begin(scope) as tx:
        found = await guests.guest_orders(tx, EMAIL, limit=10)
        assert found == [first, second]
        assert await identify_guests(tx, customer_id=customer_id, order_ids=[first]) == 1
        assert await guests.guest_orders_for_update(tx, EMAIL, found) == [second]
        assert await guests.guest_orders_for_update(tx, "other@example.com", found) == []


async def test_the_number_of_statements_does_not_grow(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    counts = []
    for email, count in (("one@example.com", 1), ("four@example.com", 4)):
        for _ in range(count):
            await placed(db, scope, email)
        await listing.drain(db, scope)
        with recorder.watching() as sent:
            await begin(db, scope, email)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_guest_is_named_by_the_address_and_never_at_too_great_length() -> None:
    assert rules.guest_name("en", "a@example.com") == "Guest a@example.com"
    assert len(rules.guest_name("en", f"{'a' * 240}@example.com")) == 200


async def test_over_the_api(db: Database, scope: Scope, other_tenant: Any) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    await placed(db, scope)
    await listing.drain(db, scope)
    at, body = "/api/v1/guest-erasures", {"email": EMAIL}
    for tenant, permissions, status in ((scope.tenant, ["customers:write"], 403), (other_tenant, [PERMISSION], 422)):
        caller = web_client.principal(permissions=permissions, tenant=tenant)
        async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
            assert (await client.post(at, json=body)).status_code == status
    caller = web_client.principal(permissions=[PERMISSION], tenant=scope.tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        key = {"idempotency-key": "one"}
        begun, again = [await client.post(at, json=body, headers=key) for _ in range(2)]
        shown = begun.json()
        assert (begun.status_code, again.json()) == (202, shown)
        assert begun.headers["location"] == f"/api/v1/customers/{shown['customer_id']}/erasure"
        assert (await client.get(begun.headers["location"])).json() == shown
        assert (shown["status"], shown["orders_total"]) == ("telling", 1)
        gone = await client.post(at, json=body)
        assert (gone.status_code, gone.json()["code"], gone.json()["field"]) == (422, "no_guest_orders", "email")


async def test_the_page_counts_the_orders_and_begins_when_the_address_is_typed_again(
    db: Database, scope: Scope
) -> None:
    await shop(db, scope, {"A": {"W1": 50}})
    order_id = await placed(db, scope, ended=False)
    await listing.drain(db, scope)
    caller = web_client.principal(permissions=[PERMISSION], tenant=scope.tenant, locale="en")
    async with web_client.open_client(routers=[PAGES], principal=caller, database=db, session=True) as client:
        at = "/c/acme/guest-erasure"
        empty = (await client.get(at, headers=HTML)).text
        assert ("Look for orders" in empty, "Erase permanently" in empty) == (True, False)
        none = await client.get(f"{at}?email=nobody@example.com", headers=HTML)
        assert (none.status_code, "No guest has ordered with nobody@example.com." in none.text) == (200, True)
        assert "Erase permanently" not in none.text
        found = (await client.get(at, params={"email": TYPED}, headers=HTML)).text
        assert ("1 order of a guest has this address." in found, "gu.est@EXAMPLE.com" in found) == (True, True)
        page = f"{at}?email={EMAIL}"
        sent = {"email": EMAIL, "confirmation": EMAIL, "key": "k1"}
        standing = await client.submit(at, sent, page=page)
        assert (standing.status_code, "Orders are still open" in standing.text) == (409, True)
        async with db.begin(scope) as tx:
            await order_service.cancel_orders(tx, requests=[CancelRequest(order_id, "customer_request")])
        wrong = await client.submit(at, {**sent, "confirmation": "gu"}, page=page)
        assert (wrong.status_code, f"Type exactly: {EMAIL}" in wrong.text) == (422, True)
        unsaid = await client.submit(at, {"email": EMAIL, "key": "k1"}, page=page)
        assert (unsaid.status_code, "Please fill this in." in unsaid.text) == (422, True)
        begun = await client.submit(at, sent, page=page)
        assert begun.status_code == 303
        followed = (await client.get(begun.headers["location"], headers=HTML)).text
        assert "The customer is being told" in followed
