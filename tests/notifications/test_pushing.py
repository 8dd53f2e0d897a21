"""Notices reach the browsers of those they are for: encrypted, signed, once; and who is gone is forgotten."""

import asyncio
import contextlib
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from pydantic import SecretStr

from jiedan.accounts import service as staff
from jiedan.accounts.values import ALL_PERMISSIONS, ROLES
from jiedan.base.db import Database
from jiedan.base.sealing import Sealer
from jiedan.base.settings import Settings
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.notifications import queries, rules, service
from jiedan.notifications.post import encryption, push, pusher
from jiedan.notifications.post.pusher import Pusher
from jiedan.notifications.service import pushing
from jiedan.notifications.tables import PushMessage
from jiedan.notifications.values import Push
from tests.accounts import factories as accounts
from tests.accounts.authenticator import text
from tests.base import web_client
from tests.conftest import NOON, FakeClock
from tests.notifications import factories, receivers
from tests.notifications.factories import Post
from tests.notifications.receivers import Browser
from tests.patience import PATIENCE_S

KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = ("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6", "-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkN", "toIAiw4")
"""The key of the RFC's example."""

SETTINGS = Settings(home=Path("/nonexistent"), secret=SecretStr(web_client.SECRET), push_key=SecretStr(KEY))


def unpadded(content: str) -> bytes:
    return urlsafe_b64decode(content + "=" * (-len(content) % 4))


def test_a_push_is_encrypted_as_the_example_of_rfc_8291() -> None:
    body = encryption.encrypted(
        b"When I grow up, I want to be a watermelon",
        public_key=unpadded("".join(BROWSER)),
        secret=unpadded("BTBZMqHH6r4Tts7J_aSIgg"),
        key=ec.derive_private_key(int.from_bytes(unpadded(KEY), "big"), ec.SECP256R1()),
        salt=unpadded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w"
        "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    longest = encryption.encrypted(
        bytes(encryption.CONTENT_BYTES_MAX), public_key=Browser().public_key, secret=bytes(16)
    )
    assert len(longest) == encryption.RECORD_BYTES


def test_what_is_signed_says_who_we_are_and_for_whom() -> None:
    signed = push.authorization(SETTINGS, audience="https://push.example", now=NOON)
    scheme, _, rest = signed.partition(" t=")
    token, _, key = rest.partition(", k=")
    assert (scheme, key) == ("vapid", push.public_key(SETTINGS))
    head, told, signature = token.split(".")
    assert msgspec.json.decode(unpadded(head)) == {"typ": "JWT", "alg": "ES256"}
    claims = msgspec.json.decode(unpadded(told))
    assert claims["aud"] == "https://push.example"
    assert claims["exp"] == int((NOON + push.SIGNED_FOR).timestamp())
    assert claims["sub"] == "mailto:nobody@localhost.localdomain"
    raw = unpadded(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpadded(key))
    public.verify(der, f"{head}.{told}".encode(), ec.ECDSA(hashes.SHA256()))
    public_url = SETTINGS.model_copy(update={"public_url": "https://oms.example"})
    assert "aHR0cHM6Ly9vbXMuZXhhbXBsZS" in push.authorization(public_url, audience="https://p.example", now=NOON)


@pytest.mark.parametrize(
    "endpoint",
    ["https://127.0.0.1/x", "https://[::1]/x", "https://10.1.2.3/x", "https://localhost/x", "http://192.0.2.1/x"],
)
async def test_nothing_is_pushed_into_some_network(endpoint: str) -> None:
    to = Push(endpoint, text(Browser().public_key), text(receivers.SECRET))
    assert await Pusher(SETTINGS).push(to, b"{}", now=NOON) == "refused"


@pytest.mark.parametrize(
    "endpoint", ["https://[xxxxxxx", "https://[::1", "https://93.184.216.34:99999/x", "https://\u2488.example/x"]
)
async def test_what_names_no_place_is_refused(endpoint: str) -> None:
    to = Push(endpoint, text(Browser().public_key), text(receivers.SECRET))
    assert await Pusher(SETTINGS).push(to, b"{}", now=NOON) == "refused"


@pytest.mark.parametrize("address", ["64:ff9b::a01:203", "2002:a01:203::1", "::ffff:10.1.2.3", "ff0e::1", "224.0.0.1"])
async def test_a_way_round_into_some_network_is_none(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    to = Push(f"https://{host}/x", text(Browser().public_key), text(receivers.SECRET))
    assert await Pusher(SETTINGS).push(to, b"{}", now=NOON) == "refused"


async def test_a_service_that_answers_ever_more_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pusher, "PUSH_S_MAX", 0.3)

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.1)
        writer.close()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        to = Push(f"http://127.0.0.1:{port}/x", text(Browser().public_key), text(receivers.SECRET))
        async with asyncio.timeout(PATIENCE_S):
            assert await Pusher(SETTINGS, is_anywhere=True).push(to, b"{}", now=NOON) == "later"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("200 OK", "sent"),
        ("201 Created", "sent"),
        ("404 Not Found", "gone"),
        ("410 Gone", "gone"),
        ("429 Too Many Requests", "later"),
        ("503 Service Unavailable", "later"),
        ("400 Bad Request", "refused"),
        ("302 Found", "refused"),
    ],
)
async def test_what_a_service_answers_is_understood(status: str, outcome: str) -> None:
    async with receivers.browser() as browser:
        browser.answers = [receivers.answer(status)]
        assert await Pusher(SETTINGS, is_anywhere=True).push(browser.push(), b"{}", now=NOON) == outcome
        (head,) = browser.heads
        assert head["request"] == "POST /send/f00d HTTP/1.1"
        assert (head["host"], head["content-encoding"], head["ttl"]) == (
            f"localhost:{browser.port}",
            "aes128gcm",
            "86400",
        )
    assert await Pusher(SETTINGS, is_anywhere=True).push(browser.push(), b"{}", now=NOON) == "later"


async def subscribe(post: Post, browser: Browser, staff_id: UUID, *, secret: str = web_client.SECRET) -> None:
    async with post.db.begin(post.scope) as tx:
        await service.add_device(
            tx, sealer=Sealer(secret), staff_id=staff_id, push=browser.push(f"/send/{staff_id}"), browser="Firefox"
        )


async def open_case(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        await cases.open_cases(tx, cases=[NewCase("overpaid", "order", tx.new_id(), {})])
    await post.hear()


async def pushed(post: Post) -> int:
    post.office.pusher = Pusher(SETTINGS, is_anywhere=True)
    return await service.push_due(post.db, post.at.tenant, post.office)


async def waiting(post: Post) -> int:
    m = PushMessage
    async with post.db.read(post.scope) as tx:
        found = await tx.execute(sa.select(sa.func.count()).select_from(m).where(m.tenant_id == post.at.tenant))
        return int(found.scalar_one())


async def test_a_notice_comes_to_those_it_is_for_once(db: Database) -> None:
    async with factories.opened(db) as post, receivers.browser() as browser:
        reader = await accounts.person(db, post.at, "warehouse")
        for staff_id in (post.at.owner_id, reader):
            await subscribe(post, browser, staff_id)
        await open_case(post)
        assert await pushed(post) == 1 + ("cases:read" in ROLES["warehouse"].permissions)
        shown = browser.read()
        assert shown[0]["title"] == "Money case"
        assert shown[0]["url"].startswith(f"/c/{post.at.slug}/")
        async with db.read(post.scope) as tx:
            (notice,) = await queries.notices(tx, staff_id=post.at.owner_id, permissions=ALL_PERMISSIONS)
        assert {each["tag"] for each in shown} == {str(notice.notice_id)}
        assert await pushed(post) == 0
        assert await waiting(post) == 0


async def test_what_was_read_meanwhile_is_not_pushed(db: Database) -> None:
    async with factories.opened(db) as post, receivers.browser() as browser:
        await subscribe(post, browser, post.at.owner_id)
        await open_case(post)
        async with db.begin(post.scope) as tx:
            await service.read_notices(tx, staff_id=post.at.owner_id, permissions=ALL_PERMISSIONS, notice_ids=None)
        assert await pushed(post) == 1
        assert browser.bodies == []
        assert await waiting(post) == 0


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_a_browser_that_is_gone_is_forgotten(db: Database, status: str) -> None:
    async with factories.opened(db) as post, receivers.browser() as browser:
        await subscribe(post, browser, post.at.owner_id)
        await open_case(post)
        await open_case(post)
        browser.answers = [receivers.answer(status)]
        assert await pushed(post) == 1
        async with db.read(post.scope) as tx:
            assert await queries.devices(tx, staff_id=post.at.owner_id) == []
        assert await waiting(post) == 0


async def test_a_browser_whose_keys_do_not_open_is_forgotten(db: Database) -> None:
    async with factories.opened(db) as post, receivers.browser() as browser:
        await subscribe(post, browser, post.at.owner_id, secret="another installation's secret, long enough")
        await open_case(post)
        await pushed(post)
        async with db.read(post.scope) as tx:
            assert await queries.devices(tx, staff_id=post.at.owner_id) == []


async def test_what_fails_is_tried_again_and_given_up(db: Database, clock: FakeClock) -> None:
    async with factories.opened(db) as post, receivers.browser() as browser:
        await subscribe(post, browser, post.at.owner_id)
        await open_case(post)
        browser.answers = [receivers.answer("503 Service Unavailable")] * rules.PUSH_ATTEMPTS_MAX
        for _ in range(rules.PUSH_ATTEMPTS_MAX):
            assert await pushed(post) == 1
            assert await pushed(post) == 0
            clock.advance(timedelta(hours=9))
            if len(browser.bodies) == 2:
                break
        assert await waiting(post) == 1
        clock.advance(rules.PUSH_WAITING_MAX)
        assert await pushed(post) == 0
        assert await waiting(post) == 0
        assert rules.push_again_at(attempts=rules.PUSH_ATTEMPTS_MAX, at=NOON) is None
        assert rules.push_again_at(attempts=1, at=NOON) == NOON + timedelta(minutes=2)


async def test_whoever_may_not_see_it_any_more_is_not_told(db: Database) -> None:
    async with factories.opened(db) as post, receivers.browser() as browser:
        person = await accounts.person(db, post.at, "finance")
        await subscribe(post, browser, person)
        await open_case(post)
        async with db.begin(post.scope) as tx:
            await staff.change_staff(tx, staff_id=person, changes={"is_active": False}, held=ALL_PERMISSIONS)
        await pushed(post)
        assert browser.bodies == []
        assert await waiting(post) == 0


async def test_what_cannot_be_written_holds_up_nothing_else(db: Database, owner: psycopg.Connection[Any]) -> None:
    async with factories.opened(db) as post, receivers.browser() as browser:
        await subscribe(post, browser, post.at.owner_id)
        await open_case(post)
        await open_case(post)
        owner.execute(
            "UPDATE notice SET data = '{\"case\": []}' WHERE tenant_id = %s AND notice_id IN"
            " (SELECT m.notice_id FROM push_message m WHERE m.tenant_id = %s ORDER BY m.push_id LIMIT 1)",
            (post.at.tenant, post.at.tenant),
        )
        assert await pushed(post) == 2
        assert len(browser.bodies) == 1
        assert await waiting(post) == 1, "it is tried again, and given up in the end"


async def test_slow_services_keep_nobody_else_waiting(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "RUN_S_MAX", 0.0)
    async with factories.opened(db) as post, receivers.browser() as browser:
        await subscribe(post, browser, post.at.owner_id)
        await open_case(post)
        assert await pushed(post) == 0
        assert await waiting(post) == 1
        monkeypatch.setattr(pushing, "RUN_S_MAX", 60.0)
        assert await pushed(post) == 1
