"""Groups of customers over HTTP: kept once per key, joined and left in sets, refused clearly, invisible to others."""

from uuid import uuid4

from jiedan.base.db import Database
from jiedan.base.ids import TenantId
from jiedan.customers.api import ROUTER
from tests.base import web_client
from tests.customers.test_api import ALL, WANG, client_of, indexed

GROUPS = "/api/v1/customer-groups"


async def added(client: web_client.Client, code: str = "wholesale") -> str:
    made = await client.post(GROUPS, json={"code": code, "name": code.title()})
    assert made.status_code == 201, made.text
    return str(made.json()["group_id"])


async def customer(client: web_client.Client, **facts: object) -> str:
    return str((await client.post("/api/v1/customers", json={**WANG, **facts})).json()["customer_id"])


async def test_a_group_is_created_read_renamed_and_removed(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        body, key = {"code": "vip", "name": "VIP"}, {"Idempotency-Key": "k-1"}
        made = await client.post(GROUPS, json=body, headers=key)
        again = await client.post(GROUPS, json=body, headers=key)
        taken = await client.post(GROUPS, json=body)
        address = f"{GROUPS}/{made.json()['group_id']}"
        renamed = await client.patch(address, json={"name": "Very"}, headers={"If-Match": '"1"'})
        stale = await client.patch(address, json={"name": "X"}, headers={"If-Match": '"1"'})
        read = await client.get(address)
        listed = (await client.get(GROUPS)).json()
        removed = await client.delete(address, headers={"If-Match": '"2"'})
        gone = await client.get(address)
    assert (made.status_code, made.headers["etag"], made.headers["location"]) == (201, '"1"', address)
    assert again.json() == made.json()
    assert (taken.status_code, taken.json()["code"], taken.json()["field"]) == (
        409,
        "customer_group_code_taken",
        "code",
    )
    assert (renamed.json()["name"], read.headers["etag"]) == ("Very", '"2"')
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert [(group["code"], group["name"], group["members"]) for group in listed] == [("vip", "Very", 0)]
    assert (removed.status_code, gone.status_code) == (204, 404)


async def test_customers_join_and_leave_with_an_outcome_each(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        group_id, who, nobody = await added(client), await customer(client), str(uuid4())
        members = f"{GROUPS}/{group_id}/members"
        joined = await client.post(members, json={"customer_ids": [who, nobody]})
        again = (await client.post(members, json={"customer_ids": [who]})).json()
        listed = (await client.get(members, params={"limit": 1})).json()
        whole = (await client.get(f"/api/v1/customers/{who}")).json()
        kept = await client.delete(f"{GROUPS}/{group_id}")
        left = (await client.post(f"{members}/removals", json={"customer_ids": [who]})).json()
        empty = (await client.get(members)).json()
        none = await client.post(members, json={"customer_ids": []})
        unknown = await client.get(f"{GROUPS}/{uuid4()}/members")
    assert joined.status_code == 200
    assert joined.json()[0] == {"customer_id": who, "is_member": True, "is_changed": True}
    problem = joined.json()[1]["problem"]
    assert (problem["code"], problem["field"]) == ("customer_not_found", "customer_ids[1]")
    assert again == [{"customer_id": who, "is_member": True, "is_changed": False}]
    assert [row["customer_id"] for row in listed["items"]] == [who]
    assert [(group["code"], group["group_id"]) for group in whole["groups"]] == [("wholesale", group_id)]
    assert (kept.status_code, kept.json()["code"]) == (409, "customer_group_not_empty")
    assert "1" in kept.json()["detail"]
    assert left == [{"customer_id": who, "is_member": False, "is_changed": True}]
    assert empty["items"] == []
    assert (none.status_code, none.json()["field"]) == (422, "customer_ids")
    assert unknown.status_code == 404


async def test_a_customer_is_put_into_exactly_these_groups(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        for code in ("a", "b"):
            await added(client, code)
        who = await customer(client, groups=["a"])
        set_ = await client.put(f"/api/v1/customers/{who}/groups", json={"groups": ["b"]})
        wrong = await client.put(f"/api/v1/customers/{who}/groups", json={"groups": ["b", "x"]})
        born = await client.post("/api/v1/customers", json={**WANG, "groups": ["x"]})
    assert [group["code"] for group in set_.json()["groups"]] == ["b"]
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (
        422,
        "unknown_customer_group",
        "groups[1]",
    )
    assert (born.status_code, born.json()["field"]) == (422, "groups[0]")


async def test_customers_are_filtered_by_group(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        await added(client)
        inside = await customer(client, groups=["wholesale"], tags=["tea"])
        await customer(client, tags=["tea"])
        await indexed(db, tenant)
        found = [
            (await client.get("/api/v1/customers", params=asked)).json()["items"]
            for asked in ({"group": "wholesale"}, {"group": "wholesale", "tag": "tea"}, {"group": "none"})
        ]
        await client.put(f"/api/v1/customers/{inside}/groups", json={"groups": []})
        await indexed(db, tenant)
        after = (await client.get("/api/v1/customers", params={"group": "wholesale"})).json()["items"]
    assert [[row["customer_id"] for row in rows] for rows in found] == [[inside], [inside], []]
    assert after == []


async def test_groups_are_for_whom_may_and_of_one_merchant(
    db: Database, tenant: TenantId, other_tenant: TenantId
) -> None:
    async with client_of(db, tenant, *ALL) as client:
        group_id = await added(client)
    async with client_of(db, other_tenant, *ALL) as client:
        listed = (await client.get(GROUPS)).json()
        theirs = await client.patch(f"{GROUPS}/{group_id}", json={"name": "Mine"})
        who = await customer(client)
        joined = await client.post(f"{GROUPS}/{group_id}/members", json={"customer_ids": [who]})
    assert (listed, theirs.status_code, joined.status_code) == ([], 404, 404)
    caller = web_client.principal(permissions=("customers:read",), tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        assert (await client.get(GROUPS)).status_code == 200
        assert (await client.post(GROUPS, json={"code": "x", "name": "X"})).status_code == 403
