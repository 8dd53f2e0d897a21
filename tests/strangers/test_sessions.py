"""Known failure: a session that was planted, was stolen before a sign-in, or outlives the rights it was begun with."""

from jiedan.base.db import Database
from tests.accounts import factories
from tests.base.web_client import Client

HTML = {"accept": "text/html"}


async def _me(client: Client, credential: str) -> int:
    answer = await client.get("/api/v1/me", headers={"cookie": f"jd_session={credential}"})
    return answer.status_code


async def test_every_sign_in_begins_a_session_of_its_own_and_ends_the_one_before(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        first = client.cookies["jd_session"]
        await factories.enter(client, at)
        second = client.cookies["jd_session"]
        client.cookies.clear()
        assert first != second
        assert [await _me(client, one) for one in (first, second)] == [401, 200]


async def test_the_token_of_a_visitor_is_worth_nothing_after_the_sign_in(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        await client.get("/sign-in", headers=HTML)
        holder = next(iter(client.cookies.values()))
        before = client.frame.site.csrf.token(holder)
        await factories.enter(client, at)
        answer = await client.patch("/api/v1/settings", json={"name": "Stolen"}, headers={"x-csrf-token": before})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_token_missing")


async def test_a_new_password_ends_what_was_begun_with_the_old_one(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as thief, factories.application(db) as client:
        await factories.enter(thief, at)
        stolen = thief.cookies["jd_session"]
        await factories.enter(client, at)
        own = f"/c/{at.slug}/account"
        new = "eight loud lanterns"
        fields = {"present": factories.PASSWORD, "password": new, "repeated": new}
        changed = await client.submit(f"{own}/password", fields, page=own)
        rotated = client.cookies["jd_session"]
        client.cookies.clear()
        assert changed.status_code == 303, changed.text
        assert [await _me(client, one) for one in (stolen, rotated)] == [401, 200]


async def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        kept = client.cookies["jd_session"]
        await client.submit("/sign-out", {}, page=f"/c/{at.slug}/account")
        client.cookies.clear()
        assert await _me(client, kept) == 401


async def test_a_credential_in_the_wrong_place_is_none(db: Database) -> None:
    at = await factories.opened(db)
    key = await factories.api_key(db, at)
    async with factories.application(db) as client:
        for address in (
            f"/api/v1/me?api_key={key.credential}",
            f"/api/v1/me?access_token={key.credential}",
            f"/api/v1/me?jd_session={key.credential}",
        ):
            assert (await client.get(address)).status_code in {401, 422}
        assert await _me(client, key.credential) == 401
