"""The page of an erasure: what goes, what stays, what stands in the way; the form; how far it is."""

from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.privacy import queries, run
from jiedan.privacy.pages import ROUTER
from jiedan.privacy.values import PERMISSION
from tests.base import web_client
from tests.customers.factories import save, wang
from tests.orders.factories import order, place_one, shop

HTML = {"accept": "text/html"}


async def test_the_page_tells_what_stands_in_the_way_and_has_no_button_then(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"A": {"W1": 5}})
    (customer_id,) = await save(db, scope, [wang()])
    placed = await place_one(db, scope, order(("A", 1), customer_id=customer_id))
    caller = web_client.principal(permissions=[PERMISSION], tenant=scope.tenant, locale="en")
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db, session=True) as client:
        shown = (await client.get(f"/c/acme/customers/{customer_id}/erasure", headers=HTML)).text
    assert f"Orders are still open: {placed.number}." in shown
    assert "Deliver them, or cancel them." in shown
    assert "Erase permanently" not in shown


async def test_a_wrong_name_is_told_and_the_right_one_begins(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang(email=None)])
    caller = web_client.principal(permissions=[PERMISSION], tenant=scope.tenant, locale="en")
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db, session=True) as client:
        at = f"/c/acme/customers/{customer_id}/erasure"
        wrong = await client.submit(at, {"confirmation": "Li", "key": "k1"})
        assert (wrong.status_code, "Type exactly: 王敏" in wrong.text) == (422, True)
        empty = await client.submit(at, {"key": "k1"})
        assert (empty.status_code, "Please fill this in." in empty.text) == (422, True)
        begun = await client.submit(at, {"confirmation": "王敏", "key": "k1"})
        assert (begun.status_code, begun.headers["location"]) == (303, at)
        waiting = (await client.get(at, headers=HTML)).text
        assert ("Data are being erased" in waiting, 'hx-trigger="every 1s"' in waiting) == (True, True)
        await run.run(db, scope.tenant, await erasure_of(db, scope, customer_id))
        done = (await client.get(at, headers=HTML)).text
        assert ("Nothing is left but what was bought" in done, "hx-trigger" in done) == (True, False)


async def erasure_of(db: Database, scope: Scope, customer_id: UUID) -> UUID:
    async with db.read(scope) as tx:
        return (await queries.erasure_of(tx, customer_id)).erasure_id
