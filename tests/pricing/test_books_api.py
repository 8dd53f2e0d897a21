"""Price rules over HTTP: drafted, refused by their fields, published, compared, gone back to."""

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.pricing.api import ROUTER
from tests.accounts.factories import merchant
from tests.base import web_client

DRAFTS, VERSIONS = "/api/v1/price-rules/drafts", "/api/v1/price-rules/versions"
LATER = {"begins_at": "2099-01-01T00:00:00Z"}
SPRING = {"id": "spring", "name": "Spring", "offer": {"type": "percent_off", "rate_ppm": 100_000}}
EXAMPLE = {
    "name": "A tenth off",
    "currency": "CNY",
    "lines": [{"sku": "TEA", "quantity": 2, "unit_minor": 5_000}],
    "total_minor": 9_000,
}


async def test_rules_are_drafted_published_and_gone_back_to(db: Database, tenant: TenantId) -> None:
    async with db.begin(Scope(tenant)) as tx:
        await merchant(tx)
    caller = web_client.principal(permissions=["prices:read", "prices:write", "prices:publish"], tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        wrong = await client.post(DRAFTS, json={"kind": "promotion", "body": {**SPRING, "offer": {"type": "gold"}}})
        unknown = await client.post(DRAFTS, json={"kind": "promotion", "body": {**SPRING, "color": "red"}})
        nowhere = await client.post(DRAFTS, json={"kind": "tax_settings", "body": {"home_region": "BE"}})
        made = await client.post(
            DRAFTS, json={"kind": "promotion", "body": SPRING, "examples": [{**EXAMPLE, "total_minor": 1}]}
        )
        failed = await client.post(VERSIONS, json={})
        rule = f"{DRAFTS}/{made.json()['rule_id']}"
        mended = await client.put(rule, json={"body": SPRING, "examples": [EXAMPLE]}, headers={"If-Match": '"1"'})
        stale = await client.put(rule, json={"body": SPRING, "examples": []}, headers={"If-Match": '"1"'})
        shown = await client.get(rule)
        listed = await client.get(DRAFTS, params={"kind": "promotion"})
        changes = await client.get("/api/v1/price-rules/changes")
        first = await client.post(VERSIONS, json={"note": "First"})
        removed = await client.delete(rule)
        second = await client.post(VERSIONS, json=LATER)
        compared = await client.get(f"{VERSIONS}/2/changes", params={"since": 1})
        back = await client.post(f"{VERSIONS}/2/withdrawal")
        restored = await client.post("/api/v1/price-rules/changes/discard")
        again = await client.post(f"{VERSIONS}/1/restorations", json={})
        versions = await client.get(VERSIONS)
        older = await client.get(VERSIONS, params={"before": 2})
        book = await client.get(f"{VERSIONS}/1")
        missing = await client.get(f"{VERSIONS}/9")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "body.offer.type")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "body.color")
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "tax_home_unnamed")
    assert nowhere.json()["field"] == "home_country"
    assert (made.status_code, made.json()["code"], made.json()["version"]) == (201, "spring", 1)
    assert (failed.status_code, failed.json()["code"]) == (422, "example_fails")
    # 2 × 50.00 less a tenth are 90.00, and not 0.01.
    assert "90.00" in failed.text
    assert (mended.json()["version"], stale.status_code) == (2, 409)
    assert shown.json() == mended.json()
    assert listed.json() == [mended.json()]
    assert [(one["code"], one["change"]) for one in changes.json()] == [("spring", "added")]
    assert (first.status_code, first.json()["version"], first.json()["state"]) == (201, 1, "in_force")
    assert removed.status_code == 204
    assert (second.json()["version"], second.json()["state"]) == (2, "scheduled")
    assert [(one["code"], one["change"]) for one in compared.json()] == [("spring", "removed")]
    assert back.json()["state"] == "withdrawn"
    assert restored.json()["rules"] == 1
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_publish")
    assert [one["state"] for one in versions.json()] == ["withdrawn", "in_force"]
    assert [one["version"] for one in older.json()] == [1]
    assert book.json()["rules"]["promotions"][0]["id"] == "spring"
    assert book.json()["examples"]["promotion"]["spring"][0]["total_minor"] == 9_000
    assert missing.status_code == 404


async def test_some_changes_are_published_and_a_waiting_version_begins_with_them(
    db: Database, tenant: TenantId
) -> None:
    async with db.begin(Scope(tenant)) as tx:
        await merchant(tx)
    caller = web_client.principal(permissions=["prices:read", "prices:write", "prices:publish"], tenant=tenant)
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        for name in ("spring", "summer"):
            body = {**SPRING, "id": name}
            assert (await client.post(DRAFTS, json={"kind": "promotion", "body": body})).status_code == 201
        unknown = await client.post(VERSIONS, json={"rules": [{"kind": "promotion", "code": "winter"}]})
        none = await client.post(VERSIONS, json={"rules": []})
        wrong = await client.post(VERSIONS, json={"rules": [{"kind": "gold", "code": "spring"}]})
        waits = await client.post(VERSIONS, json={**LATER, "rules": [{"kind": "promotion", "code": "spring"}]})
        early = await client.post(VERSIONS, json={"rules": [{"kind": "promotion", "code": "summer"}]})
        whole = await client.post(f"{VERSIONS}/1/restorations", json={"rules": []})
        versions = (await client.get(VERSIONS)).json()
        changes = (await client.get("/api/v1/price-rules/changes")).json()
        now = (await client.get(f"{VERSIONS}/2")).json()
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["field"]) == (
        422,
        "rule_not_changed",
        "rules[0]",
    )
    assert (none.status_code, none.json()["code"]) == (422, "no_rule_chosen")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "rules[0].kind")
    assert whole.status_code == 422
    assert (waits.json()["state"], early.json()["state"]) == ("scheduled", "in_force")
    told = [(one["version"], one["state"]) for one in versions]
    assert told == [(3, "scheduled"), (2, "in_force"), (1, "withdrawn")]
    assert (changes, [one["id"] for one in now["rules"]["promotions"]]) == ([], ["summer"])
