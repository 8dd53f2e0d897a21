"""The orders of a customer who is signed in: a list, and pages without a secret; of another customer, nothing."""

import re
from pathlib import Path

from jiedan.base.db import Database, Scope
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerId
from jiedan.orders import events, queries
from tests.portal import people
from tests.portal.factories import HTML, Visitor, open_shop, visiting
from tests.portal.test_orders import FRONT, bought, cancel, id_of, told, under

LEI = "lei@example.com"


async def numbers(who: Visitor, query: str = "") -> list[str]:
    """Return the numbers that the list shows."""
    page = await who.get(f"/orders{query}")
    return re.findall(rf'href="{who.base}/orders/[0-9a-f-]+">([^<]+)<', page)


async def test_a_customer_finds_their_orders_by_status_and_number(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        guest = await who.client.get(f"{who.base}/orders", headers=HTML, follow_redirects=False)
        assert guest.headers["location"] == f"{who.base}/account/sign-in?next={who.base}/orders"
        await people.join(who, db, scope)
        assert "You have not ordered anything yet." in await who.get("/orders")
        paths = [(await bought(who, 1)).partition("?")[0] for _ in range(12)]
        listed = await numbers(who)
        assert len(listed) == 10
        more = re.search(r'rel="next" href="([^"]+)"', await who.get("/orders"))
        assert more is not None
        assert len(await numbers(who, "?" + more[1].partition("?")[2].replace("&amp;", "&"))) == 2
        async with db.read(scope) as tx:
            number = (await queries.order(tx, id_of(paths[0]))).order.number
        assert (await cancel(who, f"{paths[0]}?", what="all")).status_code == 303
        assert await numbers(who, "?status=canceled") == [number]
        assert len(await numbers(who, "?status=pending")) == 10
        assert await numbers(who, "?status=shipped") == []
        behind = re.search(r'rel="next" href="([^"]+)"', await who.get("/orders?status=pending"))
        assert behind is not None
        await cancel(who, f"{paths[1]}?", what="all")
        emptied = await who.get("/orders?" + behind[1].partition("?")[2].replace("&amp;", "&"))
        assert "There is nothing further here." in emptied
        assert f'href="{who.base}/orders?status=pending">To the first page' in emptied
        assert "No order fits." not in emptied
        assert "No order fits." in await who.get("/orders?status=shipped")
        assert len(await numbers(who, "?status=nonsense")) == 10
    async with db.read(scope) as tx:
        (by,) = await told(tx, id_of(paths[0]), events.LinesCanceled.kind)
        order = (await queries.order(tx, id_of(paths[0]))).order
    assert by == ("customer", str(order.customer_id))


async def test_another_customer_is_told_of_no_order(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path / "mei") as mei, visiting(db, scope, tmp_path / "lei") as lei:
        await people.join(mei, db, scope)
        await people.join(lei, db, scope, email=LEI, name="李雷")
        path = await bought(mei)
        bare = path.partition("?")[0]
        assert "长安街1号" in await mei.get(bare)
        assert (await numbers(lei), len(await numbers(mei))) == ([], 1)
        for part in ("", "/cancel", "/edit"):
            hidden = await lei.get(f"{bare}{part}", 404)
            assert ("长安街" in hidden, "Longjing" in hidden) == (False, False)
        for part in ("cancel", "edit", "requests", "reorder", "code"):
            answer = await lei.send(f"{bare}/{part}", {"action": "cancel", "text": "Hello"}, on="/cart")
            assert answer.status_code == 404, part
        cursor = re.search(r"cursor=([^&\"]+)", await mei.get("/orders"))
        assert cursor is None
        assert "长安街1号" in await lei.get(path)  # the link was given to them


async def test_a_customer_changes_their_address_for_mails_too(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        path = f"{(await bought(who)).partition('?')[0]}?"
        form = await who.get(under(path, "edit"))
        assert 'name="contact_email"' in form
        assert "ticket=" not in form.partition("<main")[2]
        again = await who.follow(await who.send(under(path, "reorder"), {}, on=path))
        assert 'value="TEA-50"' in again


async def test_orders_of_a_merged_duplicate_are_theirs(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path / "mei") as mei, visiting(db, scope, tmp_path / "lei") as lei:
        await people.join(mei, db, scope)
        await people.join(lei, db, scope, email=LEI, name="韩梅梅")
        path = (await bought(mei)).partition("?")[0]
        first = await _customer(db, scope, path)
        second = await _customer(db, scope, (await bought(lei)).partition("?")[0])
        await db.write(scope, lambda tx: customers.merge_customers(tx, survivor_id=second, merged_id=first))
        assert "Longjing" in await lei.get(path)
        assert len(await numbers(lei)) == 2


async def _customer(db: Database, scope: Scope, path: str) -> CustomerId:
    async with db.read(scope) as tx:
        found = (await queries.order(tx, id_of(path))).order.customer_id
    assert found is not None
    return found
