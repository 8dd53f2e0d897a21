"""The load: customers who place, pay, cancel and read, each with keys, and who ask again until they know.

A request without a good answer is sent again under the same key; only what was answered is written down.
"""

import asyncio
import contextlib
import random  # noqa: TID251 - seeded, so that a step can be played again
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from uuid import UUID

import httpx2

from jiedan.torture import shop as shops
from jiedan.torture.installation import Server
from jiedan.torture.shop import Shop
from jiedan.torture.told import Acked, Told, Trouble

CLIENTS = 12
ANSWER_S_MAX = 40.0
"""Longer than anything the application itself waits for."""

BATCH_ORDERS = 4
PAUSE_S = 0.02
RETRY_PAUSE_S = 0.1
RETRY_PAUSE_S_MAX = 1.0
OPEN_ORDERS_MAX = 200

TOKENS = ("tok_visa", "tok_visa", "tok_visa", "tok_declined", "tok_duplicates", "tok_reorders")
ACTIONS = {"place": 50, "pay": 20, "cancel": 6, "batch": 6, "read": 14, "list": 4}
"""Of a hundred."""

READS = frozenset({"read", "list"})

TOO_MANY, SERVER_ERROR, UNAVAILABLE = 429, 500, 503
GONE_WRONG = 400


class GaveUp(Exception):
    """The time was over and there was still no good answer."""


class Customer:
    """One client: does one thing after the other."""

    def __init__(
        self, number: int, shop: Shop, told: Told, servers: Sequence[Server], *, rng: random.Random, pay: Sequence[str]
    ) -> None:
        self._number = number
        self._shop = shop
        self._told = told
        self._servers = servers
        self._rng = rng
        self._pay_with = pay
        self._count = 0
        self._open: list[Acked] = []
        self._http = httpx2.AsyncClient(
            headers=shop.headers, timeout=httpx2.Timeout(ANSWER_S_MAX, connect=5), trust_env=False
        )
        self.give_up_at = float("inf")

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def run(self, goes_on: Callable[[], bool]) -> None:
        """Do things until told to stop; what was begun is finished."""
        actions = {
            "place": self._place,
            "pay": self._pay,
            "cancel": self._cancel,
            "batch": self._batch,
            "read": self._read,
            "list": self._list,
        }
        while goes_on():
            (action,) = self._rng.choices(list(ACTIONS), weights=list(ACTIONS.values()))
            key = self._key(action)
            try:
                await actions[action](key)
            except GaveUp:
                self._told.unresolved.append(key)
            await asyncio.sleep(PAUSE_S)

    def _key(self, action: str) -> str:
        self._count += 1
        return f"{self._shop.slug}-{self._number}-{action}-{self._count}"

    def _wish(self) -> dict[str, int]:
        skus = self._rng.sample(list(self._shop.units), self._rng.choice((1, 1, 2)))
        return {sku: self._rng.randint(1, 3) for sku in skus}

    async def _place(self, key: str) -> None:
        units = self._wish()
        body = shops.order(units, customer=f"Customer {self._number}")
        answer = await self._ask("place", "POST", "/orders", body, key=key)
        if answer.is_success:
            self._note_placed(key, answer.json(), units)

    def _note_placed(self, key: str, placed: dict[str, Any], units: dict[str, int]) -> None:
        acked = Acked(shops.order_id_of(placed), placed["number"], placed["total_minor"], units)
        self._told.acked(key, acked)
        if len(self._open) < OPEN_ORDERS_MAX:
            self._open.append(acked)

    async def _batch(self, key: str) -> None:
        wishes = {f"{key}-{i}": self._wish() for i in range(BATCH_ORDERS)}
        drafts = [{"order": shops.order(units, customer="Batch"), "key": each} for each, units in wishes.items()]
        answer = await self._ask("batch", "POST", "/orders/batch", {"drafts": drafts})
        if not answer.is_success:
            return
        for (each, units), outcome in zip(wishes.items(), answer.json(), strict=True):
            if outcome.get("order"):
                self._note_placed(each, outcome["order"], units)

    async def _pay(self, key: str) -> None:
        if not self._open:
            return
        order = self._open.pop(self._rng.randrange(len(self._open)))
        body = {"provider": "sandbox", "token": self._rng.choice(self._pay_with)}
        answer = await self._ask("pay", "POST", f"/orders/{order.order_id}/payments", body, key=key)
        if answer.is_success:
            self._told.paid(key, UUID(answer.json()["payment_id"]))

    async def _cancel(self, key: str) -> None:
        if not self._open:
            return
        order = self._open.pop(self._rng.randrange(len(self._open)))
        path = f"/orders/{order.order_id}/cancellations"
        answer = await self._ask("cancel", "POST", path, {"reason": "customer_request"}, key=key)
        if answer.is_success:
            self._told.canceled.add(order.order_id)

    async def _read(self, _key: str) -> None:
        if not self._open:
            return
        order = self._rng.choice(self._open)
        answer = await self._ask("read", "GET", f"/orders/{order.order_id}")
        if not answer.is_success:
            self._told.contradictions.append(f"order {order.number} was told of, and reads {answer.status_code}")

    async def _list(self, _key: str) -> None:
        await self._ask("list", "GET", "/orders?limit=20")

    async def _ask(
        self, operation: str, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx2.Response:
        """Send one request until there is a good answer, yes or no. Raises GaveUp."""
        loop = asyncio.get_running_loop()
        pause_s = RETRY_PAUSE_S
        headers = {} if key is None else {"idempotency-key": key}
        while True:
            self._told.requests += 1
            url = f"{self._server().url}/api/v1{path}"
            sent: dict[str, Any] = {} if body is None else {"json": body}
            phase = self._told.phase
            try:
                answer = await self._http.request(method, url, headers=headers, **sent)
                if answer.status_code != TOO_MANY and answer.status_code < SERVER_ERROR:
                    self._told.answers[f"{operation} {answer.status_code}"] += 1
                    return answer
                what, status = f"{answer.status_code} {_code(answer)}", answer.status_code
                self._told.without_remedy += status == UNAVAILABLE and "retry-after" not in answer.headers
            except httpx2.HTTPError as error:
                what, status = type(error).__name__, 0
            self._told.trouble(Trouble(loop.time(), phase, operation, what, status))
            if loop.time() > self.give_up_at:
                raise GaveUp
            await asyncio.sleep(pause_s * self._rng.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, RETRY_PAUSE_S_MAX)

    def _server(self) -> Server:
        """Return a server that takes load, the customer's own turn."""
        ready = [server for server in self._servers if server.takes_load] or list(self._servers)
        return ready[self._number % len(ready)]


def _code(answer: httpx2.Response) -> str:
    try:
        return str(answer.json().get("code", ""))
    except ValueError:
        return "?"


class Load:
    """All customers of one step."""

    def __init__(
        self,
        shop: Shop,
        servers: Sequence[Server],
        *,
        seed: int,
        clients: int = CLIENTS,
        pay: Sequence[str] = TOKENS,
    ) -> None:
        self.told = Told()
        self._goes_on = True
        self._customers = [
            Customer(number, shop, self.told, servers, rng=random.Random(f"{seed}-{number}"), pay=pay)  # noqa: S311 - not a secret
            for number in range(clients)
        ]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let the customers come."""
        self._tasks = [asyncio.create_task(c.run(lambda: self._goes_on)) for c in self._customers]

    async def finish(self, *, within_s: float) -> None:
        """Let them finish what they began, and go. What is not answered within `within_s` stays unresolved."""
        self._goes_on = False
        at = asyncio.get_running_loop().time() + within_s
        for customer in self._customers:
            customer.give_up_at = at
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """End them now, if they are still there."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for customer in self._customers:
            await customer.close()


@contextlib.asynccontextmanager
async def running(load: Load) -> AsyncIterator[Load]:
    """Run `load` inside the block."""
    load.start()
    try:
        yield load
    finally:
        await load.close()
