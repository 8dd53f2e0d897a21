"""A customer's page: who it is, what was bought, and all of it as a file."""

from uuid import uuid4

import msgspec

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customers
from tests.console.test_goods import browsing, shown
from tests.customers.factories import SHANGHAI, save, wang
from tests.orders.factories import order, place_one, shop

CUSTOMER_STATEMENTS_MAX = 30
READ = frozenset({"customers:read"})


async def test_a_customer_is_shown_with_what_was_bought(
    db: Database, scope: Scope, other_tenant: TenantId, recorder: StatementRecorder
) -> None:
    await shop(db, scope, {"TEA": {"W1": 99}})
    (first,) = await save(db, scope, [wang(tags=("VIP",), addresses=(SHANGHAI,))])
    (second,) = await save(db, scope, [wang(name="王敏 2", phone="139 1234 5678")])
    mine = await place_one(db, scope, order(("TEA", 2), customer_id=first))
    theirs = await place_one(db, scope, order(("TEA", 3), customer_id=second))
    async with db.begin(scope) as tx:
        await customers.merge_customers(tx, survivor_id=first, merged_id=second)
    async with browsing(db, scope) as client:
        page = await shown(client, f"/customers/{first}")
        with recorder.watching() as run:
            await shown(client, f"/customers/{first}")
        merged = await client.get(f"/c/acme/customers/{second}")
        data = await client.get(f"/c/acme/customers/{first}/data.json")
        assert (await client.get(f"/c/acme/customers/{second}/data.json")).status_code == 409
        await shown(client, f"/customers/{uuid4()}", 404)
    assert len(run) <= CUSTOMER_STATEMENTS_MAX, run
    assert mine.number in page
    assert theirs.number in page
    assert "CN¥50.00" in page
    assert "上海市黄浦区南京东路 1 号" in page
    assert "王敏 2" in page
    assert "+8613912345678" in page
    assert "Separate them" in page
    assert f"/orders/new?customer={first}" in page
    assert merged.status_code == 303
    assert merged.headers["location"].endswith(f"/customers/{first}")
    assert "attachment" in data.headers["content-disposition"]
    kept = msgspec.json.decode(data.content)
    assert kept["customer"]["name"] == "王敏"
    assert {row["number"] for row in kept["orders"]} == {mine.number, theirs.number}
    async with browsing(db, scope, READ) as client:
        plain = await shown(client, f"/customers/{first}")
        file = await client.get(f"/c/acme/customers/{first}/data.json")
    assert mine.number not in plain
    assert "New order" not in plain
    assert f"/customers/{first}/edit" not in plain
    assert msgspec.json.decode(file.content)["orders"] == []
    async with browsing(db, Scope(other_tenant)) as client:
        await shown(client, f"/customers/{first}", 404)
        await shown(client, f"/customers/{first}/data.json", 404)


async def test_what_staff_write_for_each_other_is_not_in_the_file_for_the_person(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 99}})
    (customer_id,) = await save(db, scope, [wang(tags=("VIP",))])
    placed = await place_one(db, scope, order(("TEA", 2), customer_id=customer_id, tags=("awkward",)))
    async with db.begin(scope) as tx:
        await customers.add_note(tx, customer_id=customer_id, text="Pays late.")
    async with browsing(db, scope) as client:
        page = await shown(client, f"/customers/{customer_id}")
        file = await client.get(f"/c/acme/customers/{customer_id}/data.json")
    assert ("Pays late." in page, "VIP" in page) == (True, True)
    assert placed.number in file.text
    assert not [word for word in ("Pays late.", "VIP", "awkward", "assignee") if word in file.text]
