"""REST of mails and notices."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from tests.accounts import factories as people
from tests.api import worlds
from tests.base import web_client
from tests.notifications import factories, servers
from tests.notifications.factories import Post


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db) as opened:
        yield opened


@pytest.fixture
async def client(post: Post, tmp_path: Any) -> AsyncIterator[web_client.Client]:
    """Open the whole application, with the owner's API key."""
    key = await people.api_key(post.db, post.at)
    async with worlds.open_api(post.db, tmp_path) as opened:
        opened.headers["authorization"] = f"Bearer {key.credential}"
        yield opened


async def test_mails_are_listed_filtered_and_read(post: Post, client: web_client.Client) -> None:
    placed = await post.place()
    await post.send()
    (listed,) = (await client.get("/api/v1/mails")).json()["items"]
    assert (listed["mail"], listed["state"], listed["recipient_id"]) == ("order_placed", "sent", str(placed.order_id))
    assert "li.lei@example.com" not in f"{listed}"
    one = await client.get(f"/api/v1/mails/{listed['message_id']}")
    assert one.json() == listed
    assert (await client.get("/api/v1/mails?state=failed")).json()["items"] == []
    assert (await client.get(f"/api/v1/mails?recipient_id={uuid4()}")).json()["items"] == []
    missing = await client.get(f"/api/v1/mails/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "message_not_found")


async def test_a_set_of_mails_is_sent_again_each_with_its_own_outcome(post: Post, client: web_client.Client) -> None:
    await post.place()
    await post.place()
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        server.answers["RCPT"] = "550 nobody"
        await post.send()
    first, second = [str(message.message_id) for message in await post.messages("order_placed")]
    body = {"message_ids": [first, str(uuid4())]}
    done, unknown = (await client.post("/api/v1/mails/requeue", json=body)).json()
    assert done == {"message_id": first, "done": True}
    assert (unknown["done"], unknown["error"]["code"]) == (False, "message_not_found")
    states = {m["message_id"]: m["state"] for m in (await client.get("/api/v1/mails")).json()["items"]}
    assert (states[first], states[second]) == ("queued", "failed")


async def test_what_is_chosen_of_mails_is_versioned(client: web_client.Client) -> None:
    chosen = await client.get("/api/v1/mail-settings")
    assert (chosen.headers["etag"], chosen.json()["silenced"]) == ('"1"', [])
    changed = await client.patch("/api/v1/mail-settings", json={"silenced": ["shipped"]}, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = await client.patch("/api/v1/mail-settings", json={"silenced": []}, headers={"if-match": '"1"'})
    assert stale.status_code == 409
    wrong = await client.patch("/api/v1/mail-settings", json={"silenced": ["invitation"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "mail_unknown")


async def test_notices_are_for_people_and_not_for_keys(client: web_client.Client) -> None:
    for path in ("/notices", "/notices/unread", "/notices/mails"):
        answer = await client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "for_people_only")
    answer = await client.post("/api/v1/mail-settings/test")
    assert (answer.status_code, answer.json()["code"]) == (403, "for_people_only")


async def test_a_person_reads_their_notices(post: Post, tmp_path: Any) -> None:
    async with post.db.begin(post.scope) as tx:
        await cases.open_cases(tx, cases=[NewCase(k, "order", tx.new_id(), {}) for k in ("overpaid", "underpaid")])
    await post.hear()
    assert "cases:read" in ALL_PERMISSIONS
    async with worlds.open_api(post.db, tmp_path) as client:
        await people.enter(client, post.at)
        token = {"x-csrf-token": client.frame.site.csrf.token(client.cookies["jd_session"])}
        assert (await client.get("/api/v1/notices/unread")).json() == {"unread": 2}
        newest, _ = (await client.get("/api/v1/notices")).json()
        assert newest["text"] == "A case was opened: Paid too little."
        read = await client.post("/api/v1/notices/read", json={"notice_ids": [newest["notice_id"]]}, headers=token)
        assert read.json() == {"unread": 1}
        assert (await client.post("/api/v1/notices/read", json={}, headers=token)).json() == {"unread": 0}
        chosen = await client.put("/api/v1/notices/mails", json={"kinds": ["low_stock"]}, headers=token)
        assert chosen.json()["kinds"] == ["low_stock"]
        wrong = await client.put("/api/v1/notices/mails", json={"kinds": ["weather"]}, headers=token)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "mail_unknown")
