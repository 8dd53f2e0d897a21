"""The console shows who looks after an order, hands it over, and finds orders by person."""

import re
from uuid import UUID

import pytest

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database
from jiedan.base.recorder import StatementRecorder
from jiedan.console import people
from jiedan.orders import service
from jiedan.orders.values import Assignment
from tests.accounts import factories as staff
from tests.accounts.factories import Opened
from tests.console.test_cases import console
from tests.console.test_order_page import way_back
from tests.console.test_pages import LIST_STATEMENTS_MAX, current, page, submit
from tests.orders import factories
from tests.orders.factories import order, place_one


@pytest.fixture
async def at(db: Database) -> Opened:
    """Open a merchant with tea."""
    made = await staff.opened(db, backorder=True)
    async with db.begin(made.scope) as tx:
        await factories.sku(tx, "TEA")
    return made


async def give(db: Database, at: Opened, order_id: UUID, assignee_id: UUID | None) -> None:
    wishes = [Assignment(order_id, assignee_id)]
    await db.write(at.scope, lambda tx: service.assign_orders(tx, assignments=wishes))


async def test_an_order_is_taken_handed_over_and_given_to_nobody(db: Database, at: Opened) -> None:
    lin = await staff.person(db, at, "sales")
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    here = f"/orders/{placed.order_id}"
    async with console(db, at) as client:
        assert "Take it" in await page(client, here)
        taken = await submit(client, f"{here}/assignment", {"version": 1, "assignee_id": str(at.owner_id)}, on=here)
        assert taken.status_code == 303
        mine = await page(client, here)
        path, fields = way_back(mine)
        assert (path, fields["version"], fields["assignee_id"]) == (f"{here}/assignment", "2", "")
        late = await submit(client, f"{here}/assignment", {"version": 1, "assignee_id": str(lin)}, on=here)
        over = await submit(client, f"{here}/assignment", {"version": 2, "assignee_id": str(lin)}, on=here)
        theirs = await page(client, here)
        peeked = await page(client, f"{here}/peek")
        nobody = await submit(client, f"{here}/assignment", {"version": 3, "assignee_id": ""}, on=here)
        shown = await page(client, here)
    assert "Take it" not in mine
    assert re.search(r"<b>Wang Min</b>\s*<span class=\"mute\">you</span>", mine)
    assert (late.status_code, "Wang Min" in late.text) == (409, True)
    assert over.status_code == nobody.status_code == 303
    assert "<b>Sales</b>" in theirs
    assert "Sales" in peeked
    assert shown.count("Order assigned") == 2
    assert shown.count("Order unassigned") == 1
    assert (await current(db, at.scope, placed.order_id)).order.assignee_id is None


async def test_who_may_only_look_sees_the_name_and_no_form(db: Database, at: Opened) -> None:
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    await give(db, at, placed.order_id, at.owner_id)
    async with console(db, at, frozenset({"orders:read"})) as client:
        shown = await page(client, f"/orders/{placed.order_id}")
        fields = {"version": 2, "assignee_id": ""}
        refused = await submit(client, f"/orders/{placed.order_id}/assignment", fields, on="/orders")
    assert "<b>Wang Min</b>" in shown
    assert "/assignment" not in shown
    assert refused.status_code == 403


async def test_the_list_shows_whose_orders_are_and_finds_them(
    db: Database,
    at: Opened,
    recorder: StatementRecorder,
) -> None:
    lin = await staff.person(db, at, "sales")
    first, second, third = [await place_one(db, at.scope, order(("TEA", 1))) for _ in range(3)]
    await give(db, at, first.order_id, lin)
    await give(db, at, second.order_id, at.owner_id)
    async with console(db, at) as client:
        everything = await page(client, "/orders")
        mine = await page(client, "/orders?view=mine")
        nobodys = await page(client, "/orders?assignee=nobody")
        with recorder.watching() as sent:
            theirs = await page(client, f"/orders?assignee={lin}")
        senseless = await page(client, "/orders?assignee=somebody", 422)
    numbers = [x.number for x in (first, second, third)]
    assert [[x in shown for x in numbers] for shown in (everything, mine, nobodys, theirs)] == [
        [True, True, True],
        [False, True, False],
        [False, False, True],
        [True, False, False],
    ]
    assert re.search(r'aria-current="page">Mine<span class="c">1</span>', mine)
    assert re.search(r"Assigned to <b>Sales</b>", theirs)
    assert re.search(r"Assigned to <b>Nobody</b>", nobodys)
    assert len(sent) <= LIST_STATEMENTS_MAX, sent
    assert "“somebody” cannot be looked for." in senseless


async def test_who_has_left_is_marked_on_the_ended_orders_that_stay_theirs(db: Database, at: Opened) -> None:
    lin = await staff.person(db, at, "sales")
    placed = await place_one(db, at.scope, order(("TEA", 1)))
    await give(db, at, placed.order_id, lin)
    async with db.begin(at.scope) as tx:
        await accounts.change_staff(tx, staff_id=lin, changes={"is_active": False}, held=ALL_PERMISSIONS)
    async with console(db, at) as client:
        shown = await page(client, f"/orders/{placed.order_id}")
        listed = await page(client, f"/orders?assignee={lin}")
    assert re.search(r"<b>Sales</b>.*?has left", shown)
    assert f'<option value="{lin}"' not in shown
    assert f'<option value="{lin}" selected>Sales</option>' in listed


async def test_names_are_read_again_after_a_while(db: Database, at: Opened, recorder: StatementRecorder) -> None:
    with recorder.watching() as sent:
        for _ in range(3):
            async with db.read(at.scope) as tx:
                found = await people.people(tx)
    assert len(sent) == 1
    assert found.called(at.owner_id) == "Wang Min"
    assert found.called(None) == ""
