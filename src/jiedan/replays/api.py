"""REST of replays: begin one, follow it, read what it came to, cancel it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.orders import queries as orders
from jiedan.replays import queries, rules, service
from jiedan.replays.values import (
    DAYS_MAX,
    ListedOutcome,
    Most,
    OrderRow,
    Replay,
    ReplayStatus,
    Subject,
    Sum,
    SumKey,
)

REPLAYS = "/pricing/replays"
REPLAY = f"{REPLAYS}/{{replay_id:uuid}}"


class ReplayBody(bodies.Body):
    """How many days to look back."""

    __example__: ClassVar[dict[str, Any]] = {"days": 30}

    days: Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX)] = 30


class ReplayView(msgspec.Struct, frozen=True):
    """A replay and how far it is; `changes` rules of the draft differed from version `base_version`."""

    replay_id: UUID
    status: ReplayStatus
    days: int
    from_at: datetime
    until_at: datetime
    total: int
    done: int
    base_version: int
    changes: int
    stopped_by: str
    created_at: datetime
    updated_at: datetime


class BeforeAfter(msgspec.Struct, frozen=True):
    """What was charged, what it would be, and in how many orders it would be something else."""

    before_minor: int
    after_minor: int
    orders: int


class GiftsView(msgspec.Struct, frozen=True):
    """Units that were given for nothing, units that would be, and in how many orders that is something else."""

    before: int
    after: int
    orders: int


class FiguresView(msgspec.Struct, frozen=True):
    """What the orders in one currency came to, and would come to.

    `compared` orders are in the figures: `same` of them would cost what they did, `changed` would not; `risen` and
    `fallen` are those that would cost more or less, as sums of what they come to. The others are in none of the sums:
    of those `by_hand` somebody has set prices since they were placed.
    """

    currency: str
    compared: int
    same: int
    changed: int
    refused: int
    unlike: int
    by_hand: int
    canceled: int
    imported: int
    total: BeforeAfter
    discount: BeforeAfter
    shipping: BeforeAfter
    tax: BeforeAfter
    risen: BeforeAfter
    fallen: BeforeAfter
    gifts: GiftsView


class ReplayNote(msgspec.Struct, frozen=True):
    """What has to be known beside the figures: what was assumed, because nobody kept it."""

    code: str
    text: str


class ChangedOrder(msgspec.Struct, frozen=True):
    """What would become of one order; `code` and `detail` say why it would be refused, or cannot be told."""

    order_id: UUID
    number: str
    currency: str
    before_minor: int
    after_minor: int
    difference_minor: int
    code: str
    detail: str


class ChangedSku(msgspec.Struct, frozen=True):
    """What the lines of a SKU come to in the orders where they would cost something else."""

    sku: str
    currency: str
    orders: int
    before_minor: int
    after_minor: int
    difference_minor: int


class ChangedCustomer(msgspec.Struct, frozen=True):
    """What the orders of a customer come to that would cost something else."""

    customer_id: UUID
    currency: str
    orders: int
    before_minor: int
    after_minor: int
    difference_minor: int


class ReplayResult(ReplayView, frozen=True, kw_only=True):
    """A replay with what it came to so far: figures of each currency, what changes most, and what nobody knows.

    Of each currency and direction the ten that change most; orders are there for who may see orders, customers for who
    may see customers.
    """

    figures: list[FiguresView]
    notes: list[ReplayNote]
    orders: list[ChangedOrder]
    skus: list[ChangedSku]
    customers: list[ChangedCustomer]


@post(REPLAYS, permission="prices:write", status_code=202, idempotent=True, summary="Replay the draft of the prices")
async def begin_replay(unit: Unit, data: ReplayBody) -> Response[ReplayView]:
    """Price the orders of the last days by the draft of the price rules as it is now, in the worker.

    Nothing about the orders is changed, and nobody is told. One replay is under way at a time.
    """
    key = unit.idempotency_key
    replay = await unit.write(lambda tx: service.begin_replay(tx, days=data.days, locale=unit.locale, key=key))
    return answers.accepted(_shown(replay), f"/api/v1{REPLAYS}/{replay.replay_id}")


@get(REPLAYS, permission="prices:read", summary="List replays of prices")
async def list_replays(
    unit: Unit, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[ReplayView]]:
    """Return replays, newest first; they are kept for ninety days."""
    request = unit.page("replays", filters={}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.replays(tx, request=request)
    return answers.listing(unit, page.each(_shown))


@get(REPLAY, permission="prices:read", summary="Get a replay of prices")
async def get_replay(unit: Unit, replay_id: UUID) -> ReplayResult:
    """Return how far a replay is, and what it came to."""
    async with unit.read() as tx:
        replay = await queries.replay(tx, replay_id)
        book = await queries.book(tx, replay_id)
        sums = await tx.load_one(queries.sums(replay_id))
        currencies = rules.currencies(sums)
        changed = await _orders_most(tx, replay_id, currencies) if unit.may("orders:read") else []
        skus = await _most(tx, replay_id, "sku", currencies)
        customers = await _most(tx, replay_id, "customer", currencies) if unit.may("customers:read") else []
        numbers = await tx.load_one(orders.numbers_of_orders([row.order_id for row in changed]))
    coming = [one.name for one in rules.yet_to_begin(book, replay.created_at)]
    return ReplayResult(
        **msgspec.structs.asdict(_shown(replay)),
        figures=[_figures(sums, currency) for currency in currencies],
        notes=[ReplayNote(note.code, note.text) for note in rules.notes(unit.locale, sums, coming)],
        orders=_changed(changed, numbers),
        skus=[ChangedSku(*row) for row in skus],
        customers=[ChangedCustomer(UUID(row.subject), *row[1:]) for row in customers],
    )


@get(f"{REPLAY}/orders", permission="orders:read", summary="List the orders of a replay of prices")
async def list_replayed_orders(
    unit: Unit,
    replay_id: UUID,
    outcome: ListedOutcome = "changed",
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[ChangedOrder]]:
    """Return the orders of one outcome, oldest first.

    They would cost something else, would be refused, cannot be compared, or somebody has set their prices since.
    """
    unit.require("prices:read")
    filters = {"replay": str(replay_id), "outcome": outcome}
    request = unit.page("replayed-orders", filters=filters, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        await queries.replay(tx, replay_id)
        page = await queries.orders(tx, replay_id, request=request, outcome=outcome)
        numbers = await tx.load_one(orders.numbers_of_orders([row.order_id for row in page.items]))
    return answers.listing(unit, paging.Page(_changed(page.items, numbers), page.next, page.previous))


@post(f"{REPLAY}/cancellation", permission="prices:write", status_code=200, summary="Cancel a replay of prices")
async def cancel_replay(unit: Unit, replay_id: UUID) -> ReplayView:
    """End a replay after the orders in hand; what it came to by then is kept."""
    return _shown(await unit.write(lambda tx: service.cancel_replay(tx, replay_id=replay_id)))


async def _most(tx: ReadTx, replay_id: UUID, subject: Subject, currencies: Sequence[str]) -> list[Most]:
    fallen, risen = await tx.load(
        queries.most(replay_id, subject, currencies, is_risen=False),
        queries.most(replay_id, subject, currencies, is_risen=True),
    )
    return [*fallen, *risen]


async def _orders_most(tx: ReadTx, replay_id: UUID, currencies: Sequence[str]) -> list[OrderRow]:
    fallen, risen = await tx.load(
        queries.orders_most(replay_id, currencies, is_risen=False),
        queries.orders_most(replay_id, currencies, is_risen=True),
    )
    return [*fallen, *risen]


def _changed(rows: Iterable[OrderRow], numbers: Mapping[Any, str]) -> list[ChangedOrder]:
    return [
        ChangedOrder(
            row.order_id,
            numbers.get(row.order_id, ""),
            row.currency,
            row.before_minor,
            row.after_minor,
            row.difference_minor,
            row.code,
            row.detail,
        )
        for row in rows
    ]


def _shown(replay: Replay) -> ReplayView:
    return ReplayView(
        replay_id=replay.replay_id,
        status=replay.status,
        days=replay.days,
        from_at=replay.from_at,
        until_at=replay.until_at,
        total=replay.total,
        done=replay.done,
        base_version=replay.base_version,
        changes=replay.changes,
        stopped_by=replay.stopped_by,
        created_at=replay.created_at,
        updated_at=replay.updated_at,
    )


def _figures(sums: Mapping[SumKey, Sum], currency: str) -> FiguresView:
    def of(figure: str) -> Sum:
        return sums.get(SumKey(figure, "", currency), Sum())

    def both(figure: str) -> BeforeAfter:
        found = of(figure)
        return BeforeAfter(found.before_minor, found.after_minor, found.orders)

    gifts = of("gifts")
    return FiguresView(
        currency=currency,
        compared=of("total").orders,
        same=of("same").orders,
        changed=of("changed").orders,
        refused=of("refused").orders,
        unlike=of("unlike").orders,
        by_hand=of("by_hand").orders,
        canceled=of("canceled").orders,
        imported=of("imported").orders,
        total=BeforeAfter(of("total").before_minor, of("total").after_minor, of("risen").orders + of("fallen").orders),
        discount=both("discount"),
        shipping=both("shipping"),
        tax=both("tax"),
        risen=both("risen"),
        fallen=both("fallen"),
        gifts=GiftsView(gifts.before_minor, gifts.after_minor, gifts.orders),
    )


HANDLERS: Sequence[Any] = (begin_replay, list_replays, get_replay, list_replayed_orders, cancel_replay)

ROUTER = routing.api("Prices", list(HANDLERS))
