"""Known failure: whoever knows the address of a webhook says that something was paid."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders.values import OrderId
from jiedan.payments.providers.sandbox import signatures
from tests.conftest import FakeClock
from tests.payments import factories, sandboxed
from tests.payments.sandboxed import World
from tests.payments.test_inbox import header, lost_sale, send


@pytest.fixture
async def order_id(db: Database, scope: Scope) -> OrderId:
    return await factories.an_order(db, scope)


@pytest.fixture
async def world(db: Database, scope: Scope, order_id: OrderId) -> AsyncIterator[World]:
    async with sandboxed.open_world(db, scope) as opened:
        yield opened
        assert await factories.broken(db, scope) == {}


async def paid(world: World, payment: dict[str, Any]) -> int:
    captured: int = (await world.look(payment))["captured_minor"]
    return captured


async def test_no_byte_of_a_signed_message_may_be_another(world: World, clock: FakeClock, order_id: OrderId) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    good = header(world, body)
    for place in range(0, len(body), 7):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert (await send(world, changed, good)).status_code == 403, place
    (name, value), *_ = good.items()
    for place in range(0, len(value), 3):
        changed_value = value[:place] + ("0" if value[place] != "0" else "1") + value[place + 1 :]
        assert (await send(world, body, {name: changed_value})).status_code == 403, changed_value
    assert await paid(world, payment) == 0


@pytest.mark.parametrize("spelling", ["spaces", "order", "escapes"])
async def test_the_same_words_in_other_bytes_are_another_message(
    world: World, clock: FakeClock, order_id: OrderId, spelling: str
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    told = json.loads(body)
    other = {
        "spaces": json.dumps(told, indent=1),
        "order": json.dumps(dict(reversed(told.items())), separators=(",", ":")),
        "escapes": body.decode().replace("o", "\\u006f"),
    }[spelling]
    assert other.encode() != body
    assert (await send(world, other.encode(), header(world, body))).status_code == 403
    assert await paid(world, payment) == 0


@pytest.mark.parametrize("age", [timedelta(days=1), timedelta(hours=-1)])
async def test_a_message_that_is_old_or_from_the_future_is_refused(
    world: World, clock: FakeClock, order_id: OrderId, age: timedelta
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    good = header(world, body)
    clock.advance(age)
    assert (await send(world, body, good)).status_code == 403
    clock.advance(-age)
    assert await paid(world, payment) == 0


async def test_a_message_replayed_at_any_time_in_any_number_counts_once(
    world: World, clock: FakeClock, order_id: OrderId
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    statuses = [(await send(world, body, header(world, body))).status_code for _ in range(20)]
    assert statuses == [200] * 20
    assert await paid(world, payment) == 10_000


@pytest.mark.parametrize("change", [{"amount_minor": 9_999}, {"amount_minor": 10_001}, {"currency": "USD"}])
async def test_a_signed_message_with_another_amount_moves_nothing(
    world: World, clock: FakeClock, order_id: OrderId, change: dict[str, Any]
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    told = json.loads(body)
    target = told["operation"] if change.keys() <= told["operation"].keys() else told["payment"]
    target.update(change)
    changed = json.dumps(told).encode()
    assert (await send(world, changed, header(world, changed))).status_code in {200, 403}
    assert await paid(world, payment) == 0


async def test_a_message_for_one_merchant_is_none_for_another(
    world: World, clock: FakeClock, order_id: OrderId
) -> None:
    payment, body = await lost_sale(world, clock, order_id)
    assert (await send(world, body, header(world, body), tenant=uuid4())).status_code == 403
    assert (await send(world, body, {signatures.HEADER: ""})).status_code == 403
    assert await paid(world, payment) == 0
