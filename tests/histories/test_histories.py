"""Many clients of a served installation at once: what each was told is what happened, once, and in order.

They buy scarce goods under shared keys, give them up, take in more, pay back, look, and follow the events; now and then
they hang up before they are answered, and ask again under the same key. Four profiles are judged: unique (one order per
key), stock (nothing oversold, nothing lost), bank (each payment and refund once) and queue (each event once, no gap).
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.ground import Ground, open_ground, serve
from tests import enumerations
from tests.histories import profiles
from tests.histories.profiles import Bank, Buyers
from tests.histories.recording import Client, History, Subscriber

IS_PROOF = bool(os.environ.get(enumerations.REPORT))
OPERATIONS = 200_000 if IS_PROOF else 2_000
BUYERS, TELLERS = (6, 2) if IS_PROOF else (4, 2)
SKUS, ON_HAND = (24, 400) if IS_PROOF else (8, 60)
ROWS, ACCOUNTS = (100, 300) if IS_PROOF else (20, 30)
SEED = 20261122
ACCOUNT_SKU = "SKU-1"
"""What accounts are made of: nobody buys it otherwise."""


@contextlib.asynccontextmanager
async def served(ground: Ground) -> AsyncIterator[int]:
    """Serve the ground, its own events put back into the outbox: nobody has heard of them. Yield the port."""
    ground.query(
        "INSERT INTO outbox (tenant_id, event_id, available_at) SELECT tenant_id, event_id, recorded_at FROM event_log"
    )
    async with serve(ground.home) as running:
        yield running.port


@pytest.mark.proof
async def test_nothing_is_lost_doubled_or_reordered(tmp_path: Path) -> None:
    history = History()
    async with open_ground(skus=SKUS + 1, on_hand=max(ON_HAND, 5 * ACCOUNTS)) as ground, served(ground) as port:
        skus = [f"SKU-{n}" for n in range(2, SKUS + 2)]

        def client(name: str) -> Client:
            return Client(port, ground.api_key, name, history, profiles.dice_of(SEED, name))

        subscribers = [
            Subscriber(port, ground.api_key, history, profiles.dice_of(SEED, name)) for name in ("one", "other")
        ]
        following = [asyncio.create_task(subscriber.follow()) for subscriber in subscribers]
        bank, buyers, auditor = Bank(ACCOUNTS, ROWS), Buyers(skus, ROWS), client("auditor")
        await bank.open(auditor, ACCOUNT_SKU)

        def goes_on() -> bool:
            return history.operations < OPERATIONS or not history.unknown

        async def buy(each: Client) -> None:
            while goes_on():
                await buyers.turn(each)

        async def pay_back(each: Client) -> None:
            while goes_on():
                await bank.turn(each)

        async def look(each: Client) -> None:
            while goes_on():
                await profiles.look_at_stock(each, skus)
                await asyncio.sleep(0.1)

        clients = [client(f"buyer-{n}") for n in range(BUYERS)]
        tellers = [client(f"teller-{n}") for n in range(TELLERS)]
        await asyncio.gather(*map(buy, clients), *map(pay_back, tellers), look(client("looker")))
        await profiles.until_heard(auditor, subscribers)
        for task in following:
            task.cancel()
        await profiles.look_at_stock(auditor, skus)
        for order_id, _ in bank.accounts:
            await bank.look(auditor, order_id)
        stored = await profiles.all_orders(auditor)
        books = await auditor.get("/verify")
    on_hand = dict.fromkeys(skus, max(ON_HAND, 5 * ACCOUNTS))
    found = profiles.judge(history, stored, subscribers, on_hand=on_hand, paid=bank.paid)
    history.write(tmp_path / "history.jsonl")
    assert not any(found), f"seed {SEED}: {[(name, some[:5]) for name, some in zip(found._fields, found, strict=True)]}"
    assert books["balance"], books["findings"]
    judged = sum(1 for _ in enumerations.cases("histories: operations of clients", range(history.operations)))
    assert history.unknown, "nobody hung up"
    assert judged >= OPERATIONS or not IS_PROOF
