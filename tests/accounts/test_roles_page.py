"""The grid of roles: everything side by side, saved whole or not at all, by those who may."""

import re
from typing import Any

import pytest

from jiedan.accounts import queries, service, values
from jiedan.accounts.values import Role
from jiedan.base.db import Database
from tests.accounts import factories
from tests.accounts.factories import Opened
from tests.base.web_client import Client

HTML = {"accept": "text/html"}
TICK = re.compile(r'name="ticks" value="([0-9a-f-]{36}):([a-z:]+)"( checked)?( disabled)?')


def grid(shown: str) -> dict[str, Any]:
    """Return the form as a browser would send it: what is ticked and may be sent."""
    ticks = [f"{role}:{code}" for role, code, checked, disabled in TICK.findall(shown) if checked and not disabled]
    return {"ticks": ticks, "versions": re.findall(r'name="versions" value="([^"]+)"', shown)}


async def roles(db: Database, at: Opened) -> dict[str, Role]:
    async with db.read(at.scope) as tx:
        return {role.code: role for role in await queries.roles(tx)}


async def shown(client: Client, at: Opened) -> str:
    answer = await client.get(f"/c/{at.slug}/roles", headers=HTML)
    assert answer.status_code == 200
    return answer.text


def test_every_permission_is_about_something_that_has_words() -> None:
    assert {permission.partition(":")[0] for permission in values.PERMISSIONS} == values.AREAS.keys()


async def test_ticks_of_several_roles_are_saved_together(db: Database) -> None:
    at = await factories.opened(db)
    before = await roles(db, at)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        fields = grid(await shown(client, at))
        assert f"{before['owner'].role_id}:1" not in fields["versions"]
        assert len(fields["versions"]) == len(values.ROLES) - 1
        sales, floor = before["sales"].role_id, before["warehouse"].role_id
        fields["ticks"].remove(f"{sales}:orders:cancel")
        fields["ticks"].append(f"{floor}:payments:read")
        saved = await client.submit(f"/c/{at.slug}/roles", fields)
        assert saved.status_code == 303
        after = await roles(db, at)
        assert before["sales"].permissions - after["sales"].permissions == {"orders:cancel"}
        assert after["warehouse"].permissions - before["warehouse"].permissions == {"payments:read"}
        assert (after["sales"].version, after["finance"].version) == (2, 1)
        assert after["owner"].permissions == values.ALL_PERMISSIONS


async def test_what_was_read_before_somebody_else_s_edit_is_refused_whole(db: Database) -> None:
    at = await factories.opened(db)
    before = await roles(db, at)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        fields = grid(await shown(client, at))
        async with db.begin(at.scope) as tx:
            await service.change_role(
                tx, role_id=before["sales"].role_id, permissions=["orders:read"], held=values.ALL_PERMISSIONS
            )
        fields["ticks"].append(f"{before['finance'].role_id}:orders:cancel")
        stale = await client.submit(f"/c/{at.slug}/roles", fields)
        assert stale.status_code == 409
        assert "Sales: " in stale.text
        after = await roles(db, at)
        assert after["sales"].permissions == {"orders:read"}
        assert after["finance"].permissions == before["finance"].permissions
        again = grid(stale.text)
        assert f"{before['finance'].role_id}:orders:cancel" in again["ticks"]
        assert f"{before['sales'].role_id}:2" in again["versions"]


@pytest.mark.parametrize("forged", ["owner", "more", "nothing", "unknown", "malformed"])
async def test_nobody_gives_more_than_they_have_or_touches_the_owner_s(db: Database, forged: str) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        clerk = await service.create_role(
            tx, code="clerk", name="Clerk", permissions=["staff:read", "staff:write", "orders:read"],
            held=values.ALL_PERMISSIONS,
        )  # fmt: skip
        small = await service.create_role(
            tx, code="small", name="Small", permissions=["orders:read"], held=values.ALL_PERMISSIONS
        )
    await factories.person(db, at, "clerk")
    before = await roles(db, at)
    async with factories.application(db) as client:
        await factories.enter(client, at, f"clerk@{at.slug}.example")
        fields = grid(await shown(client, at))
        assert {each.partition(":")[0] for each in fields["versions"]} == {str(clerk.role_id), str(small.role_id)}
        sent = {
            "owner": {
                "versions": [f"{before['owner'].role_id}:1"],
                "ticks": [f"{before['owner'].role_id}:orders:read"],
            },
            "more": {"versions": [f"{small.role_id}:1"], "ticks": [f"{small.role_id}:payments:refund"]},
            "nothing": {"versions": [f"{small.role_id}:1"], "ticks": []},
            "unknown": {"versions": [f"{small.role_id}:1"], "ticks": [f"{small.role_id}:moon:write"]},
            "malformed": {"versions": ["x"], "ticks": []},
        }[forged]
        refused = await client.submit(f"/c/{at.slug}/roles", sent)
        assert refused.status_code in {403, 409, 422}
        assert await roles(db, at) == before


async def test_who_may_only_look_sees_boxes_that_cannot_be_ticked(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        await service.create_role(tx, code="eyes", name="Eyes", permissions=["staff:read"], held=values.ALL_PERMISSIONS)
    await factories.person(db, at, "eyes")
    async with factories.application(db) as client:
        await factories.enter(client, at, f"eyes@{at.slug}.example")
        fields = grid(await shown(client, at))
        assert fields == {"ticks": [], "versions": []}
        assert (await client.post(f"/c/{at.slug}/roles", data={}, headers=HTML)).status_code == 403


async def test_a_role_is_copied_renamed_and_removed_when_nobody_has_it(db: Database) -> None:
    at = await factories.opened(db)
    sales = (await roles(db, at))["sales"]
    await factories.person(db, at, "sales")
    async with factories.application(db) as client:
        await factories.enter(client, at)
        copy = (await client.get(f"/c/{at.slug}/roles/new?like={sales.role_id}", headers=HTML)).text
        assert 'value="Copy of Sales"' in copy
        ticked = re.findall(r'name="permissions" value="([a-z:]+)" checked', copy)
        assert set(ticked) == sales.permissions
        made = await client.submit(
            f"/c/{at.slug}/roles/new", {"code": "counter", "name": "Counter", "permissions": ticked}
        )
        assert made.status_code == 303
        counter = (await roles(db, at))["counter"]
        used = await client.submit(
            f"/c/{at.slug}/roles/{sales.role_id}/remove", {}, page=f"/c/{at.slug}/roles/{sales.role_id}"
        )
        assert (used.status_code, "1 people have this role" in used.text) == (409, True)
        gone = await client.submit(
            f"/c/{at.slug}/roles/{counter.role_id}/remove", {}, page=f"/c/{at.slug}/roles/{counter.role_id}"
        )
        assert gone.status_code == 303
        assert "counter" not in await roles(db, at)


async def test_what_names_no_role_is_refused(db: Database) -> None:
    at = await factories.opened(db)
    before = await roles(db, at)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        await shown(client, at)
        for wrong in ("-" * 36, "0" * 36, f"{before['sales'].role_id}"[:35] + "-"):
            refused = await client.submit(f"/c/{at.slug}/roles", {"versions": [f"{wrong}:1"]})
            assert refused.status_code == 422
    assert await roles(db, at) == before
