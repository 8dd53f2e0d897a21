"""What clients do: buy and give up scarce goods, take in more, pay back, and look; and what their history comes to."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from typing import Any, NamedTuple

from benchmarks.ground import PRICE_MINOR
from jiedan.orders import events
from tests.histories import checking
from tests.histories.checking import Change, Demand, Heard, Look, Placement, Stored, Told
from tests.histories.recording import Client, History, Record, Row, Subscriber, reason

UNITS_PER_ACCOUNT = 5
KEYS_SHARED_MAX = 200
PAGE = 100
TOO_LITTLE = "refund_too_large"
"""What a refund is refused with where less is left than was asked for."""

FIRST = {events.OrderCanceled.kind: events.OrderPlaced.kind}


class Wish(NamedTuple):
    """An order that somebody wants: the same wish may be sent by several."""

    key: str
    external_id: str
    sku: str
    quantity: int


class Buyers:
    """Clients who buy scarce goods, some of it the same as others at the same time, and give some of it up again."""

    def __init__(self, skus: Sequence[str], rows: int) -> None:
        self._skus, self._rows = skus, rows
        self._shared: list[Wish] = []

    async def turn(self, client: Client) -> None:
        """Place a set of orders, cancel some, now and then take in goods."""
        wishes = self._wishes(client)
        rows = [Row(wish.key, {"key": wish.key, "order": _order(wish)}, wish) for wish in wishes]
        placed = await client.send("place", "/orders/batch", "drafts", rows)
        mine = [(row.asked, said["order"]["order_id"]) for row, said in placed if said["status"] == "placed"]
        given_up = [(wish, order_id) for wish, order_id in mine if client.dice.random() < 0.3]
        if given_up:
            await client.send("cancel", "/orders/cancellations", "cancellations", [
                Row(f"no-{wish.key}", {"key": f"no-{wish.key}", "order_id": order_id, "reason": "changed_mind"},
                    (order_id, wish.sku, wish.quantity))
                for wish, order_id in given_up
            ])  # fmt: skip
        if client.dice.random() < 0.5:
            await self._receive(client)

    def _wishes(self, client: Client) -> list[Wish]:
        made = []
        for _ in range(self._rows):
            if self._shared and client.dice.random() < 0.06:
                made.append(client.dice.choice(self._shared))
                continue
            key = client.fresh_key()
            made.append(Wish(key, f"ext-{key}", client.dice.choice(self._skus), client.dice.randint(1, 3)))
        self._shared = (made[:4] + self._shared)[:KEYS_SHARED_MAX]
        return list({wish.key: wish for wish in made}.values())

    async def _receive(self, client: Client) -> None:
        rows = []
        for sku in client.dice.sample(self._skus, k=len(self._skus) // 2):
            key, quantity = client.fresh_key(), client.dice.randint(1, 2 * self._rows // len(self._skus) + 2)
            body = {"sku": sku, "location": "W1", "quantity": quantity, "key": key}
            rows.append(Row(key, body, (sku, quantity)))
        await client.send("receive", "/stock/receipts/batch", "items", rows)


def _order(wish: Wish) -> dict[str, Any]:
    return {"external_id": wish.external_id, "lines": [{"sku": wish.sku, "quantity": wish.quantity}]}


async def look_at_stock(client: Client, skus: Sequence[str]) -> None:
    """Read what is available of every SKU."""
    invoked = time.monotonic()
    found = await client.post("/stock/availability", {"skus": list(skus)})
    await client.look("stock", {row["sku"]: row["available"] for row in found}, invoked)


class Bank:
    """Paid orders as accounts: refunds take out of them, once each, never more than there is."""

    def __init__(self, accounts: int, rows: int) -> None:
        self._count, self._rows = accounts, rows
        self.accounts: list[tuple[str, str]] = []

    async def open(self, client: Client, sku: str) -> None:
        """Place the orders and pay them; each confirmation is sent by two clients' worth of keys at once."""
        wishes = [Wish(f"account-{n}", f"account-{n}", sku, UNITS_PER_ACCOUNT) for n in range(self._count)]
        rows = [Row(wish.key, {"key": wish.key, "order": _order(wish)}, wish) for wish in wishes]
        placed = [
            pair for part in _parts(rows, 100) for pair in await client.send("place", "/orders/batch", "drafts", part)
        ]
        for row, said in placed:
            order_id = said["order"]["order_id"]
            made = await client.post(f"/orders/{order_id}/payments", {"provider": "transfer"})
            self.accounts.append((order_id, made["payment_id"]))
            assert said["order"]["total_minor"] == UNITS_PER_ACCOUNT * PRICE_MINOR, row
        for part in _parts(self.accounts, 100):
            confirmations = [
                Row(f"pay-{payment}", {"payment_id": payment, "key": f"pay-{payment}"}, (order_id, self.paid))
                for order_id, payment in part
            ]
            await client.send("pay", "/payments/confirmations", "confirmations", confirmations)

    @property
    def paid(self) -> int:
        """What is on each account in the beginning."""
        return UNITS_PER_ACCOUNT * PRICE_MINOR

    async def turn(self, client: Client) -> None:
        """Pay back small amounts from a few accounts, confirm some payments once more, and look at one account."""
        some = client.dice.sample(self.accounts, k=min(len(self.accounts), self._rows // 5))
        rows = []
        for order_id, payment_id in some * 5:
            key, amount = client.fresh_key(), client.dice.randint(1, 120)
            body = {"payment_id": payment_id, "amount_minor": amount, "key": key}
            rows.append(Row(key, body, (order_id, amount)))
        await client.send("refund", "/payments/refunds", "refunds", rows)
        again = [
            Row(key := client.fresh_key(), {"payment_id": payment, "key": key}, (order_id, self.paid))
            for order_id, payment in some[:4]
        ]
        await client.send("pay", "/payments/confirmations", "confirmations", again)
        for order_id, _ in some[:2]:
            await self.look(client, order_id)

    async def look(self, client: Client, order_id: str) -> None:
        """Read what is left on an account."""
        invoked = time.monotonic()
        found = await client.get(f"/orders/{order_id}")
        await client.look("account", {order_id: found["captured_minor"] - found["refunded_minor"]}, invoked)


def _parts(rows: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for first in range(0, len(rows), size):
        yield list(rows[first : first + size])


async def all_orders(client: Client) -> list[Stored]:
    """Read every order, page by page; each is an operation."""
    found: list[Stored] = []
    cursor = ""
    while True:
        invoked = time.monotonic()
        page = await client.get(f"/orders?limit={PAGE}{cursor}")
        rows = [Stored(x["order_id"], x["external_id"], number_of(x["number"])) for x in page["items"]]
        await client.look("order", {row.order_id: row.number for row in rows}, invoked)
        found += rows
        if not page.get("next"):
            return found
        cursor = f"&cursor={page['next']}"


def number_of(number: str) -> int:
    """Return the number within an order number."""
    return int(number.rpartition("-")[2])


class Findings(NamedTuple):
    """What is wrong, by profile."""

    unique: list[str]
    stock: list[str]
    bank: list[str]
    queue: list[str]


def judge(
    history: History, stored: Sequence[Stored], subscribers: Sequence[Subscriber], *, on_hand: dict[str, int], paid: int
) -> Findings:
    """Return what no honest run explains."""
    placements = [_placement(record) for record in history.of("place")]
    return Findings(
        [*checking.unique(placements, stored), *checking.rising(placements)],
        list(_stock(history, stored, on_hand)),
        list(_bank(history, paid)),
        list(_queue(history, subscribers)),
    )


def _placement(record: Record) -> Placement:
    order = (record.said or {}).get("order") or {}
    return Placement(
        record.key,
        record.asked.external_id,
        record.invoked,
        record.ended,
        order.get("order_id"),
        number_of(order["number"]) if order else None,
        is_refused=record.outcome == "fail",
        was_there=record.outcome == "ok" and record.said["status"] == "already_placed",
        process=record.client,
    )


def effects(records: Sequence[Record]) -> dict[str, tuple[Record, float, float]]:
    """Return by key what was answered well, when it may have been done first, and by when it surely was."""
    began: dict[str, float] = {}
    done: dict[str, tuple[Record, float]] = {}
    for record in records:
        began[record.key] = min(began.get(record.key, checking.NEVER), record.invoked)
        if record.outcome == "ok" and record.ended < done.get(record.key, (record, checking.NEVER))[1]:
            done[record.key] = (record, record.ended)
    return {key: (record, began[key], ended) for key, (record, ended) in done.items()}


def _stock(history: History, stored: Sequence[Stored], on_hand: dict[str, int]) -> Iterator[str]:
    changes: dict[str, list[Change]] = defaultdict(list)
    placed = effects(history.of("place"))
    for record, invoked, ended in placed.values():
        changes[record.asked.sku].append(Change(invoked, ended, -record.asked.quantity))
    for record, invoked in _late(history, stored, placed):
        ended = max(look.invoked for look in history.of("stock"))  # all is quiet when they look for the last time
        changes[record.asked.sku].append(Change(invoked, ended, -record.asked.quantity))
    for record, invoked, ended in effects(history.of("cancel")).values():
        _, sku, quantity = record.asked
        changes[sku].append(Change(invoked, ended, quantity))
    for record, invoked, ended in effects(history.of("receive")).values():
        sku, quantity = record.asked
        changes[sku].append(Change(invoked, ended, quantity))
    looks: dict[str, list[Record]] = defaultdict(list)
    for record in history.of("stock"):
        looks[record.key].append(record)
        if record.said < 0:
            yield f"doubled: {record.key} was oversold by {-record.said}"
    refused: dict[str, list[Demand]] = defaultdict(list)
    for record in history.of("place"):
        if record.outcome == "fail":
            refused[record.asked.sku].append(Demand(record.invoked, record.ended, record.asked.quantity))
            if reason(record.said) != "insufficient_stock":
                yield f"lost: {record.key} was refused: {record.said}"
    for sku, start in on_hand.items():
        *before, last = [Look(r.invoked, r.ended, r.said) for r in looks[sku]]
        yield from checking.counter(sku, start, changes[sku], before, last.value)
        yield from checking.sold_out(sku, start, changes[sku], refused[sku])


def _late(history: History, stored: Sequence[Stored], placed: Container[str]) -> Iterator[tuple[Record, float]]:
    """Yield orders that are there and were never answered well, and since when they may be.

    Who hung up and asked again was refused, for want of stock say, while the first request waited for its turn
    somewhere else: it was carried out when there was stock again.
    """
    there = {order.external_id for order in stored}
    lost: dict[str, Record] = {}
    for record in history.of("place"):
        if record.outcome == "unknown" and record.key not in placed and record.asked.external_id in there:
            lost.setdefault(record.key, record)
    for record in lost.values():
        yield record, record.invoked


def _bank(history: History, paid: int) -> Iterator[str]:
    changes: dict[str, list[Change]] = defaultdict(list)
    for record, invoked, ended in effects(history.of("pay")).values():
        changes[record.asked[0]].append(Change(invoked, ended, record.asked[1]))
    for record, invoked, ended in effects(history.of("refund")).values():
        changes[record.asked[0]].append(Change(invoked, ended, -record.asked[1]))
    for record in history.of("pay"):
        if record.outcome == "ok" and not record.key.startswith("pay-"):
            yield f"doubled: {record.key} confirmed a payment of {paid} that was confirmed before"
    refused: dict[str, list[Demand]] = defaultdict(list)
    for record in history.of("refund"):
        if record.outcome == "fail":
            refused[record.asked[0]].append(Demand(record.invoked, record.ended, record.asked[1]))
            if reason(record.said) != TOO_LITTLE:
                yield f"lost: {record.key} was refused: {record.said}"
    looks: dict[str, list[Look]] = defaultdict(list)
    for record in history.of("account"):
        looks[record.key].append(Look(record.invoked, record.ended, record.said))
    for order_id, known in looks.items():
        *before, last = known
        if any(look.value < 0 for look in known):
            yield f"doubled: more was paid back than there was on {order_id}"
        yield from checking.counter(order_id, 0, changes[order_id], before, last.value)
        yield from checking.sold_out(order_id, 0, changes[order_id], refused[order_id])


def _queue(history: History, subscribers: Sequence[Subscriber]) -> Iterator[str]:
    heard = [
        [Heard(position, e["event_id"], e["kind"], e["subject_id"], at) for position, e, at in subscriber.heard]
        for subscriber in subscribers
    ]
    told = [
        Told(events.OrderPlaced.kind, record.said["order"]["order_id"], invoked, ended)
        for record, invoked, ended in effects(history.of("place")).values()
    ]
    told += [
        Told(events.OrderCanceled.kind, record.asked[0], invoked, ended)
        for record, invoked, ended in effects(history.of("cancel")).values()
    ]
    yield from checking.queue(heard, told, FIRST)


async def until_heard(client: Client, subscribers: Sequence[Subscriber], *, patience_s: float = 120.0) -> None:
    """Wait until every subscriber has heard everything that was told, nothing being done meanwhile."""
    deadline = time.monotonic() + patience_s
    told = {
        kind: len(effects(client.history.of(what)))
        for kind, what in ((events.OrderPlaced.kind, "place"), (events.OrderCanceled.kind, "cancel"))
    }
    while time.monotonic() < deadline:
        heard = [Counter(e["kind"] for _, e, _ in subscriber.heard) for subscriber in subscribers]
        if all(each[kind] >= count for each in heard for kind, count in told.items()):
            await asyncio.sleep(2.0)  # what is heard twice comes after it
            return
        await asyncio.sleep(0.5)


def dice_of(seed: int, name: str) -> random.Random:
    """Return the dice of one client."""
    return random.Random(f"{seed} {name}")
