"""Customers over HTTP: created once per key, refused with the field's name, merged, and invisible to others."""

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import sqlalchemy as sa

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.customers import service
from jiedan.customers.api import ROUTER
from jiedan.customers.tables import CustomerLink
from jiedan.customers.values import Browser, CustomerId
from tests.accounts.factories import merchant
from tests.base import web_client

WANG = {"name": "王敏", "phone": "138 0013 8000", "email": "wang@example.com"}
ALL = ("customers:read", "customers:write", "customers:merge")


@contextlib.asynccontextmanager
async def client_of(db: Database, tenant: TenantId, *permissions: str) -> AsyncIterator[web_client.Client]:
    """Open a client of a merchant that has settings."""
    async with db.begin(Scope(tenant)) as tx:
        await merchant(tx)
    caller = web_client.principal(permissions=permissions, tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        yield client


async def indexed(db: Database, tenant: TenantId) -> None:
    """Let the drain write search terms."""
    kinds = [kind for kind in wiring.SUBSCRIPTIONS if kind.startswith("customers.")]
    await Drain(db, None, {kind: wiring.SUBSCRIPTIONS[kind] for kind in kinds}).drain_tenant(tenant)


async def test_a_customer_is_created_once_per_key(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        key = {"Idempotency-Key": "k-1"}
        first = await client.post("/api/v1/customers", json=WANG, headers=key)
        again = await client.post("/api/v1/customers", json=WANG, headers=key)
        other = await client.post("/api/v1/customers", json={**WANG, "name": "李雷"}, headers=key)
        listed = await client.get("/api/v1/customers")
    assert (first.status_code, first.headers["etag"]) == (201, '"1"')
    assert first.json()["phone"] == "+8613800138000"
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert [row["customer_id"] for row in listed.json()["items"]] == [first.json()["customer_id"]]


async def test_what_is_wrong_is_named_and_nothing_is_stored(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        unknown = await client.post("/api/v1/customers", json={**WANG, "phnoe": "1"})
        refused = await client.post("/api/v1/customers", json={**WANG, "phone": "12", "email": "x"})
        listed = await client.get("/api/v1/customers")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "phnoe")
    assert refused.status_code == 422
    assert [e["field"] for e in refused.json()["errors"]] == ["phone", "email"]
    assert listed.json()["items"] == []


async def test_an_edit_needs_the_version_that_was_read(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        made = (await client.post("/api/v1/customers", json=WANG)).json()
        address = f"/api/v1/customers/{made['customer_id']}"
        changed = await client.patch(address, json={"name": "王小敏"}, headers={"If-Match": '"1"'})
        stale = await client.patch(address, json={"name": "王大敏"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["name"], changed.headers["etag"]) == (200, "王小敏", '"2"')
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")


async def test_the_book_the_notes_the_tags_and_the_consents_are_kept(db: Database, tenant: TenantId) -> None:
    home = {"country": "HK", "region": "Kowloon", "district": "Mong Kok", "line1": "1 Nathan Road"}
    async with client_of(db, tenant, *ALL) as client:
        made = (await client.post("/api/v1/customers", json=WANG)).json()
        address = f"/api/v1/customers/{made['customer_id']}"
        book = await client.post(f"{address}/addresses", json={"address": home, "label": "Home"})
        bad = await client.post(f"{address}/addresses", json={"address": {**home, "country": "XX"}})
        silent = await client.post(f"{address}/addresses", json={"address": {**home, "phone": "12"}})
        dialed = await client.post(f"{address}/addresses", json={"address": {**home, "phone": "2345 6789"}})
        await client.put(f"{address}/tags", json={"tags": ["VIP", "tea"]})
        once = await client.put(f"{address}/tags", json={"tags": ["VIP"]})
        twice = await client.put(f"{address}/tags", json={"tags": [" VIP", "VIP"]})
        empty = await client.put(f"{address}/tags", json={"tags": ["VIP", "  "]})
        await client.post(f"{address}/notes", json={"text": "Likes oolong."})
        consent = {"purpose": "marketing_email", "is_granted": True, "source": "web shop"}
        await client.post(f"{address}/consents", json=consent)
        whole = await client.post(f"{address}/consents", json={**consent, "is_granted": False})
        address_id = book.json()["addresses"][0]["address_id"]
        removed = await client.delete(f"{address}/addresses/{address_id}")
        gone = await client.delete(f"{address}/addresses/{address_id}")
    assert book.status_code == 201
    assert book.json()["addresses"][0]["is_default"]
    assert bad.json()["field"] == "address.country"
    assert (silent.status_code, silent.json()["field"]) == (422, "address.phone")
    assert dialed.json()["addresses"][1]["address"]["phone"] == "+85223456789"
    assert whole.json()["tags"] == ["VIP"]
    assert once.json()["version"] == twice.json()["version"]
    assert (empty.status_code, empty.json()["code"], empty.json()["field"]) == (422, "tag_empty", "tags[1]")
    assert whole.json()["notes"][0]["text"] == "Likes oolong."
    assert [(c["purpose"], c["is_granted"]) for c in whole.json()["consents"]] == [("marketing_email", False)]
    assert (removed.status_code, gone.status_code) == (204, 404)


async def test_a_batch_creates_each_customer_once_per_key(db: Database, tenant: TenantId) -> None:
    known = {**WANG, "external_id": "A", "key": "k-1"}
    rows = [
        known,
        {"name": "李雷", "key": "k-2"},
        {"name": "李雷", "key": "k-2"},
        {"name": "?", "phone": "1", "key": "k-3"},
    ]
    async with client_of(db, tenant, *ALL) as client:
        made = (await client.post("/api/v1/customers", json={**WANG, "external_id": "A"})).json()
        first = (await client.post("/api/v1/customers/batch", json={"customers": rows})).json()
        rows[3] = {"name": "?", "phone": "138 0013 8001", "key": "k-3"}
        again = (await client.post("/api/v1/customers/batch", json={"customers": rows})).json()
        rows[1] = {"name": "韩梅梅", "key": "k-2"}
        reused = (await client.post("/api/v1/customers/batch", json={"customers": rows[:2]})).json()
        rows[0] = {**known, "key": "a\nb"}
        broken = await client.post("/api/v1/customers/batch", json={"customers": rows})
        listed = await client.get("/api/v1/customers")
    ids = [row.get("customer_id") for row in first]
    assert ids == [made["customer_id"], ids[1], ids[1], None]
    assert first[1]["is_new"]
    assert [row["customer_id"] for row in again[:3]] == ids[:3]
    assert again[3]["is_new"]
    assert (reused[1]["problem"]["code"], reused[1]["problem"]["field"]) == (
        "idempotency_key_reused",
        "customers[1].key",
    )
    assert (broken.status_code, broken.json()["field"]) == (422, "customers[0].key")
    assert len(listed.json()["items"]) == 3


async def test_customers_are_filtered_by_tag_and_consent(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        both, one, none = [
            (await client.post("/api/v1/customers", json={"name": f"Tagore {tags}", "tags": tags})).json()[
                "customer_id"
            ]
            for tags in (["VIP", " tea "], ["vip"], [])
        ]
        consent = {"purpose": "marketing_email", "is_granted": True, "source": "shop"}
        for customer_id in (both, none):
            await client.post(f"/api/v1/customers/{customer_id}/consents", json=consent)
        await client.post(f"/api/v1/customers/{none}/consents", json={**consent, "is_granted": False})
        await indexed(db, tenant)

        async def found(**filters: str) -> list[str]:
            listed = await client.get("/api/v1/customers", params=filters)
            assert listed.status_code == 200, listed.text
            return [row["customer_id"] for row in listed.json()["items"]]

        assert await found() == [none, one, both]
        assert await found(tag="Vip") == [one, both]
        assert await found(tag="tea") == [both]
        assert await found(tag="te") == []
        assert await found(consent="marketing_email") == [both]
        assert await found(consent="marketing_email", tag="vip") == [both]
        assert await found(q="tagore", tag="vip") == [one, both]
        assert await found(q="tag:vip", tag="tea") == [both]
        assert await found(q="consent") == []
        paged = await client.get("/api/v1/customers", params={"tag": "vip", "limit": 1})
        rest = await client.get("/api/v1/customers", params={"tag": "vip", "limit": 1, "cursor": paged.json()["next"]})
        unknown = await client.get("/api/v1/customers", params={"consent": "everything"})
    assert [row["customer_id"] for page in (paged, rest) for row in page.json()["items"]] == [one, both]
    assert rest.json()["next"] is None
    assert (unknown.status_code, unknown.json()["field"]) == (422, "consent")


async def test_duplicates_are_offered_merged_and_parted_again(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        other = {"name": "王小敏", "email": "Wang@example.com", "external_id": "B"}
        batch = {"customers": [{**WANG, "external_id": "A"}, other, {"name": ""}]}
        malformed = await client.post("/api/v1/customers/batch", json=batch)
        batch["customers"][2] = {"name": "Somebody", "phone": "1"}
        first, second, third = (await client.post("/api/v1/customers/batch", json=batch)).json()
        await indexed(db, tenant)
        address = f"/api/v1/customers/{first['customer_id']}"
        offered = await client.get(f"{address}/duplicates")
        body, key = {"merged_id": second["customer_id"]}, {"Idempotency-Key": "m-1"}
        merged = await client.post(f"{address}/merges", json=body, headers=key)
        repeated = await client.post(f"{address}/merges", json=body, headers=key)
        itself = await client.post(f"{address}/merges", json={"merged_id": first["customer_id"]})
        parted = await client.delete(f"{address}/merges/{second['customer_id']}")
        again = await client.delete(f"{address}/merges/{second['customer_id']}")
    assert (malformed.status_code, malformed.json()["field"]) == (422, "customers[2].name")
    assert third["problem"]["code"] == "phone_invalid"
    assert [row["customer_id"] for row in offered.json()] == [second["customer_id"]]
    assert merged.json() == {"survivor_id": first["customer_id"], "merged_id": second["customer_id"]}
    assert repeated.json() == merged.json()
    assert itself.status_code == 422
    assert parted.status_code == 200
    assert again.json()["code"] == "nothing_to_undo"


async def test_other_merchants_and_lesser_rights_see_nothing(
    db: Database, tenant: TenantId, other_tenant: TenantId
) -> None:
    async with client_of(db, tenant, *ALL) as client:
        made = (await client.post("/api/v1/customers", json=WANG)).json()
    async with client_of(db, other_tenant, *ALL) as stranger:
        seen = await stranger.get(f"/api/v1/customers/{made['customer_id']}")
        edited = await stranger.patch(f"/api/v1/customers/{made['customer_id']}", json={"name": "mine"})
        listed = await stranger.get("/api/v1/customers")
    reader = web_client.principal(permissions=["customers:read"], tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=reader, database=db) as client:
        forbidden = await client.post("/api/v1/customers", json=WANG)
        unknown = await client.get(f"/api/v1/customers/{UUID(int=1)}")
    assert (seen.status_code, edited.status_code, listed.json()["items"]) == (404, 404, [])
    assert (forbidden.status_code, unknown.status_code) == (403, 404)


async def open_shop(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await accounts.change_storefront(tx, changes={"is_open": True})


async def test_staff_see_close_and_open_an_account_and_mail_links_into_it(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        made = (await client.post("/api/v1/customers", json=WANG)).json()
        nobody = (await client.post("/api/v1/customers", json={"name": "李雷"})).json()
        at = f"/api/v1/customers/{made['customer_id']}/account"
        none = await client.get(at)
        nowhere = await client.post(f"{at}/links")
        await open_shop(db, Scope(tenant))
        invited = await client.post(f"{at}/links")
        unreachable = await client.post(f"/api/v1/customers/{nobody['customer_id']}/account/links")
        async with db.begin(Scope(tenant)) as tx:
            customer_id = CustomerId(UUID(made["customer_id"]))
            await service.give_account(tx, customer_id=customer_id, email="wang@example.com", password_hash=None)
            await service.begin_session(tx, account_id=customer_id, browser=Browser("203.0.113.7", "Firefox"))
        shown = await client.get(at)
        closed = await client.put(at, json={"is_active": False})
        again = await client.put(at, json={"is_active": False})
        refused = await client.post(f"{at}/links")
        opened = await client.put(at, json={"is_active": True})
        entered = await client.post(f"{at}/links")
    async with db.read(Scope(tenant)) as tx:
        purposes = sa.select(CustomerLink.purpose).where(CustomerLink.tenant_id == tenant)
        mailed = sorted((await tx.execute(purposes)).scalars())
    assert (none.status_code, none.json()["code"]) == (404, "customer_account_not_found")
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "shop_closed")
    assert (invited.status_code, entered.status_code, mailed) == (204, 204, ["registration", "sign_in"])
    assert (unreachable.status_code, unreachable.json()["code"]) == (409, "no_address_to_write_to")
    assert (shown.json()["email"], shown.json()["has_password"], shown.json()["seen_at"] is None) == (
        "wang@example.com", False, False,
    )  # fmt: skip
    assert (closed.json()["is_active"], closed.json()["seen_at"], again.json()) == (False, None, closed.json())
    assert (refused.status_code, refused.json()["code"]) == (409, "customer_account_disabled")
    assert opened.json()["is_active"]


async def test_who_may_only_read_changes_no_account(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, "customers:read") as client:
        at = f"/api/v1/customers/{tenant}/account"
        assert (await client.put(at, json={"is_active": False})).status_code == 403
        assert (await client.post(f"{at}/links")).status_code == 403
