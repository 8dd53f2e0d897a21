"""Messages of providers: forged, replayed, changed, late, twice, to nobody; and one that a crash left behind."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import msgspec
import psycopg
import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders.values import OrderId
from jiedan.payments import jobs, queries, writing
from jiedan.payments.providers.sandbox import signatures
from jiedan.payments.values import HANDLE_AFTER, INBOX_BYTES_MAX
from tests.conftest import FakeClock
from tests.payments import factories, sandboxed
from tests.payments.sandboxed import World


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    return await factories.an_order(db, scope)


@pytest.fixture
async def world(db: Database, scope: Scope, order_id: OrderId) -> AsyncIterator[World]:
    async with sandboxed.open_world(db, scope) as opened:
        yield opened
        assert await factories.broken(db, scope) == {}


async def lost_sale(world: World, clock: FakeClock, order_id: OrderId) -> tuple[dict[str, Any], bytes]:
    """Pay with a card whose answer is lost on its way: the charge is there, and the message about it."""
    payment = await world.pay(order_id, token="tok_late")
    clock.advance(sandboxed.LATE)
    world.processor.bank.settle_due()
    (delivery,) = world.store.deliveries.values()
    return payment, delivery.body.encode()


def header(world: World, body: bytes, *, secret: str | None = None) -> dict[str, str]:
    """Sign a body as the processor would, now."""
    (account,) = world.store.accounts.values()
    return {signatures.HEADER: signatures.sign(secret or account.webhook_secret, body, world.database.clock.now())}


async def send(world: World, body: bytes, headers: dict[str, str], *, tenant: object = None) -> httpx2.Response:
    """Post to our door as anybody could: without any credential of ours."""
    async with httpx2.AsyncClient(transport=world.wires) as anybody:
        address = f"http://localhost:8000/in/{tenant or world.scope.tenant}/sandbox"
        return await anybody.post(address, content=body, headers={**headers, "content-type": "application/json"})


async def test_a_message_counts_once_however_often_it_comes(world: World, clock: FakeClock, order_id: OrderId) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    headers = header(world, body)
    told = [await send(world, body, headers) for _ in range(3)]
    assert [(r.status_code, r.json()) for r in told] == [
        (200, {"is_new": True}),
        (200, {"is_new": False}),
        (200, {"is_new": False}),
    ]
    assert (await world.look(payment))["captured_minor"] == 10_000


async def test_what_does_not_prove_itself_is_refused_alike_and_leaves_nothing(
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    good = header(world, body)
    attacks: list[tuple[bytes, dict[str, str]]] = [
        (body, {}),
        (body, {signatures.HEADER: "t=1,v1=zz"}),
        (body, header(world, body, secret="guessed")),
        (body.replace(b"10000", b"99999"), good),
        (body + b" ", good),
        (b"{}", header(world, b"{}")),
        (b"\xff\x00", header(world, b"\xff\x00")),
    ]
    for content, headers in attacks:
        refused = await send(world, content, headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "webhook_refused"), content
    assert (await send(world, body, good, tenant=uuid4())).status_code == 403
    huge = b" " * (INBOX_BYTES_MAX + 1)
    assert (await send(world, huge, header(world, huge))).status_code == 403
    clock.advance(signatures.WINDOW + timedelta(seconds=2))
    assert (await send(world, body, good)).json()["data"]["problem"] == "it is too old or from the future"
    async with db.read(scope) as tx:
        assert await queries.unhandled_messages(tx, before=tx.now, limit=9) == []
    assert (await world.look(payment))["captured_minor"] == 0
    assert (await send(world, body, header(world, body))).json() == {"is_new": True}


async def test_a_provider_that_nobody_has_is_refused(world: World) -> None:
    async with httpx2.AsyncClient(transport=world.wires) as anybody:
        answer = await anybody.post(f"http://localhost:8000/in/{world.scope.tenant}/nobody", content=b"{}")
    assert answer.status_code == 403


async def test_a_message_with_another_amount_is_a_case_and_moves_nothing(
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    message = msgspec.json.decode(body)
    message["operation"]["amount_minor"] = 1
    changed = msgspec.json.encode(message)
    assert (await send(world, changed, header(world, changed))).status_code == 200
    assert await factories.open_cases(db, scope, payment["payment_id"]) == ["payment_mismatch"]
    assert (await world.look(payment))["captured_minor"] == 0


async def test_a_message_that_a_crash_left_is_handled_by_the_sweep(
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    async with db.begin(scope) as tx:
        for external_id, content in (("evt", body), ("odd", b"[]")):
            await tx.sql(
                writing.SQL["store_message"],
                provider="sandbox",
                external_id=external_id,
                headers=msgspec.json.encode(header(world, content)).decode(),
                body=content,
                at=tx.now,
            )
    clock.advance(max(HANDLE_AFTER, signatures.WINDOW) + timedelta(seconds=1))
    world.wires.is_cut = True
    await jobs.sweep(db)
    assert (await world.look(payment))["captured_minor"] == 10_000
    async with db.read(scope) as tx:
        assert await queries.unhandled_messages(tx, before=tx.now, limit=9) == []


async def test_a_message_that_cannot_be_handled_keeps_no_other_waiting(  # noqa: PLR0917 - what pytest gives
    world: World, db: Database, scope: Scope, clock: FakeClock, order_id: OrderId, owner: psycopg.Connection[object]
) -> None:
    """What one message says breaks a constraint: the others are handled alone, and the sweep goes on."""
    payment, body = await lost_sale(world, clock, order_id)
    message = msgspec.json.decode(body)
    message["operation"]["ref"] = "ch_that_nobody_can_store"
    broken = msgspec.json.encode(message)
    async with db.begin(scope) as tx:
        for external_id, content in (("a-broken", broken), ("b-good", body)):
            await tx.sql(
                writing.SQL["store_message"],
                provider="sandbox",
                external_id=external_id,
                headers=msgspec.json.encode(header(world, content)).decode(),
                body=content,
                at=tx.now,
            )
    owner.execute(
        "ALTER TABLE payment_operation ADD CONSTRAINT test_refused CHECK (provider_ref <> 'ch_that_nobody_can_store')"
    )
    try:
        clock.advance(HANDLE_AFTER + timedelta(seconds=1))
        world.wires.is_cut = True
        await jobs.sweep(db)
        assert (await world.look(payment))["captured_minor"] == 10_000
        async with db.read(scope) as tx:
            left = await queries.unhandled_messages(tx, before=tx.now, limit=9)
        assert [message.external_id for message in left] == ["a-broken"]
    finally:
        owner.execute("ALTER TABLE payment_operation DROP CONSTRAINT test_refused")
    await jobs.sweep(db)
    async with db.read(scope) as tx:
        assert await queries.unhandled_messages(tx, before=tx.now, limit=9) == []


async def test_a_message_is_stored_as_it_came_without_credentials(
    world: World, clock: FakeClock, order_id: OrderId, owner: psycopg.Connection[object]
) -> None:
    _, body = await lost_sale(world, clock, order_id)
    await send(world, body, {**header(world, body), "cookie": "a=b"})
    row = owner.execute(
        "SELECT body, headers, outcome FROM payment_inbox WHERE tenant_id = %s", (world.scope.tenant,)
    ).fetchone()
    assert isinstance(row, tuple)
    assert row[0] == body
    assert signatures.HEADER in row[1]
    assert not {"cookie", "authorization"} & set(row[1])
    assert row[2] == "applied"
