"""The console's queue of cases, and what staff say of payments that providers do not tell about."""

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.cases import queries, service
from jiedan.cases.values import Assignment, Case, CaseId, NewCase, Resolution
from jiedan.console import pages
from jiedan.payments.providers import gateways
from jiedan.payments.values import SETTLE_AFTER
from tests.accounts import factories as staff
from tests.accounts.factories import Opened
from tests.base import web_client
from tests.base.web_client import Client
from tests.conftest import FakeClock
from tests.console.test_pages import page, submit
from tests.orders import factories as orders_factories
from tests.orders.factories import order, place_one
from tests.payments import factories as money

LIST_STATEMENTS_MAX = 6


@pytest.fixture
async def at(db: Database) -> Opened:
    made = await staff.opened(db, backorder=True)
    async with db.begin(made.scope) as tx:
        await orders_factories.sku(tx, "TEA")
    return made


@contextlib.asynccontextmanager
async def console(db: Database, at: Opened, rights: frozenset[str] = ALL_PERMISSIONS) -> AsyncIterator[Client]:
    """Open the console for the owner, with these rights."""
    caller = web_client.principal(permissions=rights, tenant=at.tenant, actor=at.scope.actor, locale="en")
    async with web_client.open_client(
        routers=[pages.ROUTER], principal=caller, session=True, database=db, parts=[gateways.open_gateways]
    ) as client:
        yield client


async def opened(db: Database, at: Opened, *cases: NewCase) -> list[CaseId]:
    async with db.begin(at.scope) as tx:
        return await service.open_cases(tx, cases=cases)


async def current(db: Database, at: Opened, case_id: UUID) -> Case:
    async with db.read(at.scope) as tx:
        return await queries.case(tx, case_id)


def overpaid(subject_id: UUID) -> NewCase:
    return NewCase("overpaid", "order", subject_id, {"amount_minor": 1_250, "currency": "CNY"})


async def test_the_queue_shows_what_is_open_by_kind_and_person(db: Database, at: Opened) -> None:
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    first, second = await opened(db, at, overpaid(placed.order_id), NewCase("refund_due", "order", uuid4(), {}))
    async with db.begin(at.scope) as tx:
        await service.assign_cases(tx, assignments=[Assignment(second, at.owner_id)])
    async with console(db, at) as client:
        everything = await page(client, "/cases")
        mine = await page(client, "/cases?who=me")
        nobodys = await page(client, "/cases?who=nobody&kind=overpaid")
        none = await page(client, "/cases?who=someone")
        settled = await page(client, "/cases?state=resolved")
    assert placed.number in everything
    assert "¥12.50" in everything
    assert [f"/cases/{x}" in everything for x in (first, second)] == [True, True]
    assert [f"/cases/{x}" in mine for x in (first, second)] == [False, True]
    assert [f"/cases/{x}" in nobodys for x in (first, second)] == [True, False]
    assert re.search(r'aria-current="page">Paid too much<span class="c">1</span>', nobodys)
    assert "No case fits." in none
    assert "No case fits." in settled


async def test_a_case_is_taken_noted_handed_over_and_settled(db: Database, at: Opened) -> None:
    lin = await staff.person(db, at, "sales")
    (case_id,) = await opened(db, at, overpaid(uuid4()))
    here = f"/cases/{case_id}"
    async with console(db, at) as client:
        shown = await page(client, here)
        assert "Take it" in shown
        taken = await submit(client, f"{here}/assignment", {"version": 1, "assignee_id": str(at.owner_id)}, on=here)
        assert (taken.status_code, (await current(db, at, case_id)).assignee_id) == (303, at.owner_id)
        fields = {"key": "n1", "text": "Called the bank."}
        for _ in range(2):
            await submit(client, f"{here}/notes", fields, on=here)
        late = await submit(client, f"{here}/assignment", {"version": 1, "assignee_id": str(lin)}, on=here)
        assert late.status_code == 409
        assert "Wang Min" in late.text
        await submit(client, f"{here}/assignment", {"version": 2, "assignee_id": str(lin)}, on=here)
        shown = await page(client, here)
        assert shown.count("Called the bank.") == 1
        empty = await submit(client, f"{here}/resolution", {"version": 3, "resolution": ""}, on=here)
        assert empty.status_code == 422
        done = await submit(client, f"{here}/resolution", {"version": 3, "resolution": "Paid back."}, on=here)
        assert done.status_code == 303
        shown = await page(client, here)
    assert "Paid back." in shown
    assert "Take it" not in shown
    assert (await current(db, at, case_id)).state == "resolved"


async def test_a_case_settled_by_itself_says_so_and_unknown_ones_are_not_there(db: Database, at: Opened) -> None:
    (case_id,) = await opened(db, at, overpaid(uuid4()))
    async with db.begin(Scope(at.tenant)) as tx:
        await service.resolve_cases(tx, resolutions=[Resolution(case_id, "The money was returned.")])
    async with console(db, at) as client:
        shown = await page(client, f"/cases/{case_id}")
        await page(client, f"/cases/{uuid4()}", 404)
    assert "The money was returned." in shown
    assert "Jiedan" in shown


async def test_who_may_only_look_gets_no_forms(db: Database, at: Opened) -> None:
    (case_id,) = await opened(db, at, overpaid(uuid4()))
    async with console(db, at, frozenset({"cases:read"})) as client:
        shown = await page(client, f"/cases/{case_id}")
        refused = await submit(
            client, f"/cases/{case_id}/resolution", {"version": 1, "resolution": "x"}, on=f"/cases/{case_id}"
        )
    assert "<textarea" not in shown
    assert refused.status_code == 403


async def test_a_page_of_the_queue_costs_few_statements_however_long_it_is(
    db: Database, at: Opened, recorder: StatementRecorder
) -> None:
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    await opened(db, at, overpaid(placed.order_id), *(overpaid(uuid4()) for _ in range(60)))
    async with console(db, at) as client:
        with recorder.watching() as sent:
            first = await page(client, "/cases")
        address = re.search(r'rel="next" href="([^"]+)"', first)
        assert address is not None
        second = (await client.get(address[1].replace("&amp;", "&"), headers={"accept": "text/html"})).text
    assert len(sent) <= LIST_STATEMENTS_MAX
    assert len(set(re.findall(r"/cases/([0-9a-f-]{36})", first + second))) == 61


async def test_the_money_of_a_case_is_moved_from_its_page(db: Database, at: Opened) -> None:
    await money.with_gateway(db, at.scope)
    placed = await place_one(db, at.scope, order(("TEA", 2)))
    payment_id = await money.transfer(db, at.scope, placed.order_id)
    (case_id,) = await opened(db, at, overpaid(placed.order_id))
    here = f"/cases/{case_id}"
    path = f"/orders/{placed.order_id}/payments/{payment_id}"
    async with console(db, at) as client:
        shown = await page(client, here)
        assert f'action="/c/acme{path}/confirmations?case={case_id}"' in shown
        unread = await submit(client, f"{path}/confirmations?case={case_id}", {"key": "a", "amount": "much"}, on=here)
        assert (unread.status_code, "Settle the case" in unread.text) == (422, True)
        done = await submit(client, f"{path}/confirmations?case={case_id}", {"key": "b"}, on=here)
        assert (done.status_code, done.headers["location"]) == (303, f"/c/acme{here}")
        wish = {"key": "c", "amount": "12.50", "action": "preview"}
        looked = await submit(client, f"{path}/refunds?case={case_id}", wish, on=here)
        assert looked.status_code == 200
        assert "go back to the customer" in looked.text
        assert "Settle the case" in looked.text
        given = await submit(client, f"{path}/refunds?case={case_id}", {**wish, "action": ""}, on=here)
        assert (given.status_code, given.headers["location"]) == (303, f"/c/acme{here}")
        nowhere = await submit(client, f"{path}/refunds?case={uuid4()}", {"key": "d", "amount": "x"}, on=here)
        assert nowhere.status_code == 404
    assert (await money.the_payment(db, at.scope, payment_id)).sums.refunded == 1_250
    async with console(db, at, ALL_PERMISSIONS - {"payments:read"}) as client:
        assert "Money of the order" not in await page(client, here)
    async with console(db, at, ALL_PERMISSIONS - {"cases:read"}) as client:
        order_page = await submit(
            client, f"{path}/refunds?case={case_id}", {"key": "e", "amount": "x"}, on=f"/orders/{placed.order_id}"
        )
        assert "Settle the case" not in order_page.text


async def test_staff_settle_what_a_provider_does_not_tell_about(db: Database, at: Opened, clock: FakeClock) -> None:
    await money.with_gateway(db, at.scope)
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    created = await money.create(db, at.scope, placed.order_id, token="tok_visa")
    (operation,) = await money.the_operations(db, at.scope, created.payment_id)
    here = f"/orders/{placed.order_id}"
    settle = f"{here}/payments/{created.payment_id}/settlements"
    fields = {"operation_id": str(operation.operation_id), "outcome": "succeeded", "reason": "On the statement."}
    async with console(db, at) as client:
        assert "Record the outcome:" not in await page(client, here)
        early = await submit(client, settle, fields, on=here)
        assert (early.status_code, "only a moment ago" in early.text) == (409, True)
        clock.advance(SETTLE_AFTER + timedelta(seconds=1))
        assert "Record the outcome:" in await page(client, here)
        card = await submit(client, settle, {**fields, "reason": "4242424242424242"}, on=here)
        assert (card.status_code, "4242" in card.text.replace("4242424242424242", "", 1)) == (422, False)
        other = await submit(client, f"{here}/payments/{uuid4()}/settlements", fields, on=here)
        assert other.status_code == 404
        done = await submit(client, settle, {**fields, "reference": "ch_7"}, on=here)
        assert done.status_code == 303, done.text
        shown = await page(client, here)
    assert "Outcome settled by hand" in shown
    assert "<q>On the statement.</q>" in shown
    payment = await money.the_payment(db, at.scope, created.payment_id)
    assert (payment.state, payment.provider_ref) == ("captured", "ch_7")
