"""Reads of replays."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base import errands, paging, sql
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.pricing.values.books import RuleBook
from jiedan.replays import errors
from jiedan.replays import tables as t
from jiedan.replays.values import (
    FIGURES,
    MOST_SHOWN,
    UNDER_WAY,
    ListedOutcome,
    Most,
    OrderRow,
    Replay,
    ReplayStatus,
    Subject,
    Sum,
    SumKey,
)

SQL = sql.load("jiedan.replays", "queries.sql")

ORDERS = paging.Keyset(columns=(t.PriceReplayOrder.order_id,), descending=False)

_OF_ALL = sorted(set(FIGURES) - {"sku", "customer"})


def _replay(row: Any) -> Replay:
    return Replay(
        replay_id=row.replay_id,
        days=row.days,
        from_at=row.from_at,
        until_at=row.until_at,
        locale=row.locale,
        status=ReplayStatus(row.status),
        total=row.total,
        done=row.done,
        after_at=row.after_at,
        after_id=row.after_id,
        base_version=row.base_version,
        changes=row.changes,
        stopped_by=row.stopped_by,
        asked_by=Actor(row.actor_kind, row.actor_id),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


REPLAYS = errands.Errands(
    t.PriceReplay,
    t.PriceReplay.replay_id,
    make=_replay,
    missing=errors.ReplayNotFound,
    under_way=UNDER_WAY,
    apart={"document"},
)


async def replay(tx: ReadTx, replay_id: UUID) -> Replay:
    """Return one replay. Raises ReplayNotFound."""
    return await REPLAYS.one(tx, replay_id)


async def replay_for_update(tx: Tx, replay_id: UUID) -> Replay:
    """Return one replay, locked until the end of the transaction. Raises ReplayNotFound."""
    return await REPLAYS.one_for_update(tx, replay_id)


async def replays(tx: ReadTx, *, request: paging.Request) -> paging.Page[Replay]:
    """List replays, newest first."""
    return await REPLAYS.page(tx, request)


async def under_way(tx: ReadTx) -> Replay | None:
    """Return the replay that the worker has in hand, if there is one."""
    return await REPLAYS.newest_under_way(tx)


async def book(tx: ReadTx, replay_id: UUID) -> RuleBook:
    """Return the draft that a replay is about, as it was when it was asked for. Raises ReplayNotFound."""
    r = t.PriceReplay
    statement = sa.select(r.document).where(r.tenant_id == tx.tenant, r.replay_id == replay_id)
    document = (await tx.execute(statement)).scalar_one_or_none()
    if document is None:
        raise errors.ReplayNotFound
    return msgspec.convert(document, RuleBook)


def sums(replay_id: UUID) -> Load[Mapping[SumKey, Sum]]:
    """Load the figures of all orders of a replay, by figure and currency."""

    def parse(rows: list[tuple[Any, ...]]) -> Mapping[SumKey, Sum]:
        return {SumKey(*row[:3]): Sum(*row[3:]) for row in rows}

    return Load(SQL["sums"], {"replay_id": replay_id, "figures": _OF_ALL}, parse)


def most(
    replay_id: UUID, subject: Subject, currencies: Sequence[str], *, is_risen: bool, count: int = MOST_SHOWN
) -> Load[list[Most]]:
    """Load the SKUs or customers whose orders would cost most more, or less, in each currency."""
    parameters = {"replay_id": replay_id, "figure": subject, "currencies": list(currencies), "most": count}
    name = "most_risen" if is_risen else "most_fallen"
    return Load(SQL[name], parameters, lambda rows: [Most(*row) for row in rows])


def orders_most(
    replay_id: UUID, currencies: Sequence[str], *, is_risen: bool, count: int = MOST_SHOWN
) -> Load[list[OrderRow]]:
    """Load the orders that would cost most more, or less, in each currency."""
    parameters = {"replay_id": replay_id, "currencies": list(currencies), "most": count}
    name = "orders_risen" if is_risen else "orders_fallen"
    return Load(SQL[name], parameters, lambda rows: [OrderRow(*row) for row in rows])


async def orders(
    tx: ReadTx, replay_id: UUID, *, request: paging.Request, outcome: ListedOutcome
) -> paging.Page[OrderRow]:
    """List the orders of a replay with one outcome, those placed first first."""
    o = t.PriceReplayOrder
    statement = sa.select(
        o.order_id, o.outcome, o.currency, o.before_minor, o.after_minor, o.code, o.detail
    ).where(o.tenant_id == tx.tenant, o.replay_id == replay_id, o.outcome == outcome)  # fmt: skip
    rows = (await tx.execute(ORDERS.apply(statement, request))).all()
    return ORDERS.page(rows, request, make=_order, position=lambda row: (row.order_id,))


def _order(row: Any) -> OrderRow:
    return OrderRow(*row)
