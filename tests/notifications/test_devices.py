"""Browsers that notices are pushed to: whose they are, what is told of them, and that their addresses are sealed."""

import base64
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.accounts.events import SessionsEnded
from jiedan.accounts.values import SELF
from jiedan.base.db import Database
from jiedan.base.drain import Drain
from jiedan.base.sealing import Sealer
from jiedan.base.settings import Settings
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.notifications import api, queries, service
from jiedan.notifications.post import push
from jiedan.notifications.service import devices
from jiedan.notifications.tables import PushMessage, PushSubscription
from jiedan.notifications.values import Push
from tests.accounts import factories
from tests.base import web_client

BODY = {"endpoint": "https://push.example/send/f00d", "p256dh": "B" * 87, "auth": "A" * 22}


async def add(
    db: Database,
    at: factories.Opened,
    endpoint: str,
    staff_id: Any = None,
    *,
    browser: str = "Firefox\x00",
    session_id: UUID | None = None,
) -> None:
    async with db.begin(at.scope) as tx:
        await service.add_device(
            tx,
            sealer=Sealer(web_client.SECRET),
            staff_id=staff_id or at.owner_id,
            push=Push(endpoint, "B" * 87, "A" * 22),
            browser=browser,
            session_id=session_id,
        )


async def count(db: Database, at: factories.Opened, staff_id: Any) -> int:
    async with db.read(at.scope) as tx:
        return len(await queries.devices(tx, staff_id=staff_id))


async def notice(db: Database, at: factories.Opened) -> None:
    """Put up a notice that all are told who may see cases."""
    async with db.begin(at.scope) as tx:
        await cases.open_cases(tx, cases=[NewCase("overpaid", "order", tx.new_id(), {})])
    await hear(db, at)


async def hear(db: Database, at: factories.Opened) -> None:
    """Let everybody hear of what happened."""
    drain = Drain(db, None, wiring.SUBSCRIPTIONS)
    while await drain.drain_tenant(at.tenant):
        pass


@pytest.fixture
def passwords() -> Iterator[accounts.Passwords]:
    opened = accounts.Passwords(factories.CountingHasher())
    yield opened
    opened.close()


async def waiting(db: Database, at: factories.Opened) -> int:
    counted = sa.select(sa.func.count()).where(PushMessage.tenant_id == at.tenant)
    async with db.read(at.scope) as tx:
        return int((await tx.execute(counted)).scalar_one())


async def test_a_browser_is_kept_listed_and_removed_by_its_person_alone(db: Database, tmp_path: Path) -> None:
    at = await factories.opened(db)
    other = await factories.person(db, at, "sales")
    await add(db, at, "https://push.example/theirs", other)
    caller = web_client.principal(permissions={SELF}, tenant=at.tenant, actor=at.scope.actor)
    async with web_client.open_client(
        routers=[api.NOTICES_ROUTER], principal=caller, database=db, home=tmp_path
    ) as client:
        key = (await client.get("/api/v1/push-key")).json()["public_key"]
        assert (await client.get("/api/v1/push-key")).json()["public_key"] == key, "made once"
        kept = await client.post("/api/v1/push-subscriptions", json=BODY, headers={"user-agent": "Firefox"})
        assert kept.status_code == 201
        again = await client.post("/api/v1/push-subscriptions", json=BODY, headers={"user-agent": "Firefox"})
        (listed,) = (await client.get("/api/v1/push-subscriptions")).json()
        assert listed["subscription_id"] == again.json()["subscription_id"]
        assert listed["browser"] == "Firefox"
        assert BODY["endpoint"] not in again.text
        assert (await client.delete(again.headers["location"])).status_code == 204
        assert (await client.delete(again.headers["location"])).json()["code"] == "device_not_found"
    assert await count(db, at, other) == 1


async def test_a_browser_that_tells_of_itself_again_stays_as_it_is(db: Database) -> None:
    at = await factories.opened(db)
    await add(db, at, "https://push.example/mine")
    async with db.read(at.scope) as tx:
        (before,) = await queries.devices(tx, staff_id=at.owner_id)
    await add(db, at, "https://push.example/mine")
    async with db.read(at.scope) as tx:
        assert await queries.devices(tx, staff_id=at.owner_id) == [before]
        assert await factories.events_told(tx, "notifications.device_added") == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "http://push.example/x"),
        ("endpoint", "https://"),
        ("p256dh", "B"),
        ("auth", "A" * 23),
        ("auth", ""),
    ],
)
async def test_what_no_browser_tells_is_refused(db: Database, field: str, value: str) -> None:
    caller = web_client.principal(permissions={SELF})
    async with web_client.open_client(routers=[api.NOTICES_ROUTER], principal=caller, database=db) as client:
        answer = await client.post("/api/v1/push-subscriptions", json={**BODY, field: value})
    assert answer.status_code == 422
    assert field in answer.text


async def test_where_a_browser_takes_pushes_is_sealed(db: Database) -> None:
    at = await factories.opened(db)
    await add(db, at, "https://push.example/secret")
    async with db.read(at.scope) as tx:
        table = PushSubscription
        asked = sa.select(table.sealed, table.browser, table.subscription_id).where(table.tenant_id == tx.tenant)
        (row,) = await tx.execute(asked)
    assert b"push.example" not in row.sealed
    place = devices.place(at.tenant, row.subscription_id)
    assert b"push.example/secret" in Sealer(web_client.SECRET).open(row.sealed, place=place)
    assert row.browser == "Firefox"


async def test_a_browser_belongs_to_who_signed_in_last_and_there_is_an_end(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "DEVICES_PER_PERSON_MAX", 2)
    at = await factories.opened(db)
    other = await factories.person(db, at, "sales")
    for number in range(3):
        await add(db, at, f"https://push.example/{number}")
    assert await count(db, at, at.owner_id) == 2
    await add(db, at, "https://push.example/2", other)
    assert (await count(db, at, at.owner_id), await count(db, at, other)) == (1, 1)


async def test_a_browser_with_new_keys_keeps_what_is_on_its_way_and_one_that_changes_hands_does_not(
    db: Database,
) -> None:
    at = await factories.opened(db)
    other = await factories.person(db, at, "sales")
    await add(db, at, "https://push.example/mine")
    await notice(db, at)
    await add(db, at, "https://push.example/mine", browser="Firefox 2")
    async with db.read(at.scope) as tx:
        (device,) = await queries.devices(tx, staff_id=at.owner_id)
        assert device.browser == "Firefox 2"
    assert await waiting(db, at) == 1
    await add(db, at, "https://push.example/mine", other)
    assert (await count(db, at, at.owner_id), await count(db, at, other)) == (0, 1)
    assert await waiting(db, at) == 0
    async with db.read(at.scope) as tx:
        assert await factories.events_told(tx, "notifications.device_removed") == 1


async def test_a_browser_goes_with_the_session_that_it_was_told_of_in(db: Database, tmp_path: Path) -> None:
    at = await factories.opened(db)
    session_id = UUID(int=7)
    caller = web_client.principal(permissions={SELF}, tenant=at.tenant, actor=at.scope.actor)
    caller = dataclasses.replace(caller, credential_id=session_id)
    async with web_client.open_client(
        routers=[api.NOTICES_ROUTER], principal=caller, database=db, home=tmp_path
    ) as client:
        assert (await client.post("/api/v1/push-subscriptions", json=BODY)).status_code == 201
    async with db.begin(at.scope) as tx:
        tx.emit(SessionsEnded(staff_id=at.owner_id, session_ids=(session_id,)))
    await hear(db, at)
    assert await count(db, at, at.owner_id) == 0


async def test_who_signs_out_is_pushed_nothing_more_there(db: Database, passwords: accounts.Passwords) -> None:
    at = await factories.opened(db)
    here, there = [await factories.sign_in(db, passwords, at) for _ in range(2)]
    await add(db, at, "https://push.example/here", session_id=here.session_id)
    await add(db, at, "https://push.example/there", session_id=there.session_id)
    await notice(db, at)
    assert await waiting(db, at) == 2
    async with db.begin(at.scope) as tx:
        await accounts.sign_out(tx, secret=here.credential.partition(".")[2])
    await hear(db, at)
    assert (await count(db, at, at.owner_id), await waiting(db, at)) == (1, 1)
    async with db.read(at.scope) as tx:
        assert await factories.events_told(tx, "notifications.device_removed") == 1


async def test_who_signs_in_again_keeps_the_browser_until_they_sign_out_of_that(
    db: Database, passwords: accounts.Passwords
) -> None:
    at = await factories.opened(db)
    other = await factories.person(db, at, "sales")
    first = await factories.sign_in(db, passwords, at)
    await add(db, at, "https://push.example/here", session_id=first.session_id)
    again = await factories.sign_in(db, passwords, at, replaced=first.credential.partition(".")[2])
    await hear(db, at)
    assert await count(db, at, at.owner_id) == 1
    theirs = f"sales@{at.slug}.example"
    await factories.sign_in(db, passwords, at, theirs, replaced=again.credential.partition(".")[2])
    await hear(db, at)
    assert (await count(db, at, at.owner_id), await count(db, at, other)) == (0, 0)


async def test_a_browser_that_tells_of_itself_in_another_session_goes_with_that(db: Database) -> None:
    at = await factories.opened(db)
    for session_id in (UUID(int=1), UUID(int=2)):
        await add(db, at, "https://push.example/here", session_id=session_id)
    for session_id, left in ((UUID(int=1), 1), (UUID(int=2), 0)):
        async with db.begin(at.scope) as tx:
            tx.emit(SessionsEnded(staff_id=at.owner_id, session_ids=(session_id,)))
        await hear(db, at)
        assert await count(db, at, at.owner_id) == left


def test_the_public_key_belongs_to_the_private_one(tmp_path: Path) -> None:
    made = Settings(home=tmp_path, testing=True)
    private = push.private_key(made)
    assert (tmp_path / "push-key").stat().st_mode & 0o777 == 0o600
    point = base64.urlsafe_b64decode(push.public_key(made) + "=")
    assert point[0] == 4
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    told = Settings(home=tmp_path / "other", push_key=SecretStr(private), testing=True)
    assert push.public_key(told) == push.public_key(made)
