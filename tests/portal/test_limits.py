"""What customers do by themselves has limits that no way of asking goes round."""

import dataclasses
from pathlib import Path

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.events import Actor
from jiedan.cases import service as cases
from jiedan.cases.values import NewNote
from jiedan.orders import errors, service
from jiedan.orders.values import REQUESTS_PER_ORDER_MAX, CustomerWish
from tests.orders import factories as orders
from tests.portal import people
from tests.portal.factories import open_shop, visiting
from tests.portal.test_orders import FRONT, bought, cancel, picked, the_order


async def test_a_line_that_is_named_twice_is_given_up_no_further_than_it_is_free(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, front={**FRONT, "cancel_until": "picked"})
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, 4)
        await picked(db, scope, path, 2)
        twice = await cancel(who, path, what="some", line=["1", "1"], quantity=["2", "1"])
        assert (twice.status_code, "cannot be canceled here any more" in twice.text) == (409, True)
        assert (await the_order(db, scope, path)).total_minor == 12_000
        both = await cancel(who, path, what="some", line=["1", "1"], quantity=["1", "1"])
        assert both.status_code == 303
        assert (await the_order(db, scope, path)).total_minor == 6_000


@pytest.mark.parametrize("typed", ["1.0", "1e0", "01"])
async def test_a_number_is_read_as_the_form_reads_it(db: Database, scope: Scope, tmp_path: Path, typed: str) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, 2)
        done = await cancel(who, path, what="some", line=["1.0"], quantity=[typed])
        assert done.status_code in {303, 422}
        assert (await the_order(db, scope, path)).total_minor == (3_000 if done.status_code == 303 else 6_000)


async def test_what_is_put_into_the_cart_again_is_the_customers_alone(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        path = (await bought(who)).partition("?")[0]
        await who.follow(await who.send(f"{path}/reorder", {}, on=path))
        assert 'value="TEA-50"' in await who.get("/cart")
        assert not [cookie for cookie in who.client.cookies.jar if "cart" in cookie.name and cookie.value]


async def test_an_answer_lets_the_customer_go_on(db: Database, scope: Scope) -> None:
    await orders.shop(db, scope, {"TEA": {"W1": 5}})
    placed = await orders.place_one(db, scope, orders.order(("TEA", 1)))
    guest = dataclasses.replace(scope, actor=Actor("guest", "visitor"))
    staff = dataclasses.replace(scope, actor=Actor("staff", str(placed.order_id)))
    wish = CustomerWish(placed.order_id, "Ring twice.")
    for _ in range(REQUESTS_PER_ORDER_MAX):
        case_id = await db.write(guest, lambda tx: service.ask_about_order(tx, wish=wish))
    with pytest.raises(errors.TooManyRequestsOfOrder):
        await db.write(guest, lambda tx: service.ask_about_order(tx, wish=wish))
    await db.write(staff, lambda tx: cases.add_notes(tx, notes=[NewNote(case_id, "We do.")]))
    assert await db.write(guest, lambda tx: service.ask_about_order(tx, wish=wish)) == case_id
