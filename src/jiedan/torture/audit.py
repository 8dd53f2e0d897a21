"""The audit after a step: wait until nothing is due, check the books, and compare what was told with what is stored."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx2

from jiedan.base import verify
from jiedan.base.clock import Clock
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.dispatch import Dispatch
from jiedan.base.ids import TenantId
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId, OrderWithLines
from jiedan.payments import queries as payments
from jiedan.payments.values import SETTLED
from jiedan.torture.shop import Shop
from jiedan.torture.told import Acked, Told

IDS_PER_READ = 500
PAGE_ORDERS = 200
SHOWN_MAX = 10
LOOKS_TO_BE_SURE = 3
LOOK_EVERY_S = 0.2

PROCESSOR_FILE = "sandbox.jsonl"
_TAKES = frozenset({"sale", "capture"})


class Moved(NamedTuple):
    """Money that the processor moved under a key; `amount_minor` is below 0 for what was given back."""

    key: str
    charge: str
    amount_minor: int


class NotDrained(Exception):
    """Events or payments were still due when the time was over."""


class NotListed(Exception):
    """The orders could not be listed; status and answer."""


async def drained(url: str, clock: Clock, *, within_s: float) -> float:
    """Wait until no event is due any more, and return how many seconds it took; `url` is the dispatch role's.

    Raises NotDrained.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    dispatch = Dispatch(url)
    try:
        calm = 0
        while calm < LOOKS_TO_BE_SURE:
            due = await dispatch.due(clock.now())
            calm = 0 if due else calm + 1
            if due and loop.time() - began > within_s:
                message = f"events are due since {due[0].since:%H:%M:%S}"
                raise NotDrained(message)
            await asyncio.sleep(LOOK_EVERY_S)
        return loop.time() - began
    finally:
        await dispatch.close()


async def findings_of_books(database: Database, tenant: TenantId) -> tuple[int, list[str]]:
    """Run every check of `jiedan verify` on a merchant; return how many there are, and what they found."""
    checks = verify.checks()
    async with database.read(Scope(tenant)) as tx:
        found = await verify.run(tx, checks)
    return len(checks), [f"{x.check}: {x.count} rows, the first {x.rows[0]}" for x in found]


async def compared(database: Database, shop: Shop, told: Told, *, file: Path, url: str, settled: bool) -> list[str]:
    """Compare what clients were told with what is stored, here and at the processor; return every difference.

    `file` is the processor's own. Without `settled`, operations that nobody has answered yet explain what the
    processor did and we do not know. Raises httpx2.HTTPError when the orders cannot be listed at `url`.
    """
    acked = list(told.orders.values())
    async with database.read(Scope(shop.tenant)) as tx:
        stored = await _stored(tx, acked)
        found = [
            *told.contradictions,
            *_lost(acked, stored, told.canceled),
            *_oversold(shop, stored.values()),
            *await _payments_lost(tx, told),
            *await _money(tx, shop.tenant, file, settled=settled),
        ]
    known = {order.order_id for order in acked}
    strangers = [order_id for order_id in await _listed(shop, url) if order_id not in known]
    found += [f"order {order_id} is stored, and nobody was told of it" for order_id in strangers]
    return found


async def settled_within(ask: Callable[[], Any], *, within_s: float) -> list[str]:
    """Ask until there is no difference left, or the time is over; return what is left."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + within_s
    while True:
        found: list[str] = await ask()
        if not found or loop.time() > give_up_at:
            return found
        await asyncio.sleep(1)


async def _stored(tx: ReadTx, acked: Sequence[Acked]) -> dict[OrderId, OrderWithLines]:
    found: dict[OrderId, OrderWithLines] = {}
    for start in range(0, len(acked), IDS_PER_READ):
        found |= await orders.orders(tx, [x.order_id for x in acked[start : start + IDS_PER_READ]])
    return found


def _lost(acked: Iterable[Acked], stored: dict[OrderId, OrderWithLines], canceled: set[UUID]) -> Iterator[str]:
    """Yield each order that was told of and is not there, or is not what was told."""
    for told in acked:
        found = stored.get(OrderId(told.order_id))
        if found is None:
            yield f"order {told.number} was told of, and is lost"
            continue
        units: Counter[str] = Counter()
        for line in found.lines:
            if line.code in told.units:
                units[line.code] += line.ordered
        if (found.order.number, dict(units)) != (told.number, told.units):
            yield f"order {told.number} is not what was told: {found.order.number}, {dict(units)}"
        if told.order_id in canceled:
            if found.order.lifecycle != "canceled":
                yield f"the cancellation of order {told.number} was told of, and is lost"
        elif found.order.total_minor != told.total_minor:
            yield f"order {told.number} was told to cost {told.total_minor}, and costs {found.order.total_minor}"


def _oversold(shop: Shop, stored: Iterable[OrderWithLines]) -> Iterator[str]:
    """Yield each SKU of which more is promised than there ever was."""
    promised: Counter[str] = Counter()
    for order in stored:
        for line in order.lines:
            promised[line.code] += line.allocated + line.shipped
    for sku, units in promised.items():
        if units > shop.units.get(sku, 0):
            yield f"{units} units of {sku} are promised, and there were {shop.units.get(sku, 0)}"


async def _payments_lost(tx: ReadTx, told: Told) -> list[str]:
    ids = list(told.payments.values())
    known: set[UUID] = set()
    for start in range(0, len(ids), IDS_PER_READ):
        known |= set(await payments.payments(tx, ids[start : start + IDS_PER_READ]))
    return [f"payment {x} was told of, and is lost" for x in ids if x not in known]


async def _money(tx: ReadTx, tenant: TenantId, file: Path, *, settled: bool) -> list[str]:
    """Return every difference between what the processor moved and what our books say it moved."""
    found: list[str] = []
    moved = list(moves(file, str(tenant)))
    by_order: Counter[UUID | None] = Counter()
    for start in range(0, len(moved), IDS_PER_READ):
        part = moved[start : start + IDS_PER_READ]
        operations = await payments.operations_by_key(tx, [x.key for x in part])
        of = await payments.payments(tx, {x.payment_id for x in operations.values()})
        for move in part:
            operation = operations.get(move.key)
            if operation is None:
                found.append(f"the processor moved {move.amount_minor} under key {move.key}, which nobody asked for")
                continue
            by_order[of[operation.payment_id].order_id] += move.amount_minor
            if operation.state != "succeeded" and (settled or operation.state in SETTLED):
                found.append(f"the processor moved {move.amount_minor} under {move.key}, here it is {operation.state}")
    stored = await orders.orders(tx, [x for x in by_order if x is not None])
    for order_id, taken in by_order.items():
        order = None if order_id is None else stored.get(OrderId(order_id))
        # What was canceled costs nothing; giving its money back may be under way.
        is_due_back = order is not None and order.order.lifecycle == "canceled" and not settled
        if order is not None and taken > order.order.total_minor and not is_due_back:
            found.append(f"order {order.order.number} costs {order.order.total_minor}, and {taken} was taken")
    return found


def moves(file: Path, account: str) -> Iterator[Moved]:
    """Yield what the processor moved for an account, read from the lines it writes; the last word on a key counts."""
    operations: dict[str, dict[str, Any]] = {}
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # half a line: it was killed while it wrote
        if row.get("type") == "Operation" and row["account"] == account:
            operations[row["answer"]["key"]] = row
    for key, row in operations.items():
        kind, answer = row["ask"]["kind"], row["answer"]
        if answer["state"] == "succeeded" and (kind in _TAKES or kind == "refund"):
            sign = 1 if kind in _TAKES else -1
            yield Moved(key, row["charge"], sign * answer["amount_minor"])


async def _listed(shop: Shop, url: str) -> list[UUID]:
    """Return the ids of all orders, as the API lists them."""
    found: list[UUID] = []
    async with httpx2.AsyncClient(base_url=url, headers=shop.headers, timeout=60, trust_env=False) as http:
        cursor: str | None = None
        while True:
            at = {} if cursor is None else {"cursor": cursor}
            answer = await http.get("/api/v1/orders", params={"limit": PAGE_ORDERS, **at})
            if not answer.is_success:
                raise NotListed(answer.status_code, answer.text[:300])
            page = answer.json()
            found += [UUID(row["order_id"]) for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                return found
