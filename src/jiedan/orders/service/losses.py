"""Goods that are not there after all: the lines that yield are sourced again, or made to wait."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.catalog.values import SkuId
from jiedan.inventory import service as inventory
from jiedan.inventory.values import Adjustment, Free, LocationId, Owner, StockKey
from jiedan.orders import changes, queries
from jiedan.orders.rules import canceling, derived, resourcing
from jiedan.orders.rules.resourcing import Resourced
from jiedan.orders.service import resource
from jiedan.orders.service.cancel import held_by
from jiedan.orders.values import OWNER_KIND, Loss, OrderId, OrderWithLines


async def lose_stock(
    tx: Tx, *, held: Mapping[OrderId, OrderWithLines], losses: Sequence[Loss], adjustments: Sequence[Adjustment]
) -> None:
    """Count stock down, free what `losses` name, and give their lines other stock, oldest promise first.

    Called in the transaction that found the loss, with the orders locked and as they are now. What finds no other
    stock waits, and each order keeps why. The statement count does not grow.
    """
    concerned = {x.order_id: held[x.order_id] for x in losses}
    made = await _sourced_again(tx, concerned, losses, adjustments) if concerned else []
    for outcome in await inventory.adjust_many(tx, adjustments=adjustments) if adjustments else ():
        if isinstance(outcome, Refusal):
            raise outcome
    settings = await tx.load_one(accounts.settings())
    await changes.save(
        tx,
        [
            changes.Change(
                before,
                derived.refreshed(before.order, got.lines, at=tx.now, expiry_minutes=settings.expiry_minutes),
                got.lines,
            )
            for before, got in made
        ],
    )


async def _sourced_again(
    tx: Tx,
    concerned: Mapping[OrderId, OrderWithLines],
    losses: Sequence[Loss],
    adjustments: Sequence[Adjustment],
) -> list[tuple[OrderWithLines, Resourced]]:
    hanging = await queries.details(tx, list(concerned))
    ship_to = {key: details.addresses.get("ship_to") for key, details in hanging.items()}
    where = await resource.places(tx, [address for address in ship_to.values() if address is not None])
    frees = {key: [_free(x) for x in losses if x.order_id == key] for key in concerned}
    kept = canceling.without(await held_by(tx, list(concerned.values())), _summed(frees.values()))
    keys = [StockKey(x.sku_id, x.location_id) for x in adjustments]
    left = await resource.lock_available(tx, {x.sku_id for x in adjustments}, keys)
    # Whoever yields does so because nothing unreserved is left there.
    left.update({(x.sku_id, x.location_id): 0 for x in losses if (x.sku_id, x.location_id) in left})
    made = []
    for order_id in sorted(concerned, key=lambda key: _promise(concerned[key])):
        before = concerned[order_id]
        got = resourcing.fill(
            _without(before, [x for x in losses if x.order_id == order_id]),
            kept,
            left,
            where.among(left),
            sku_ids=frozenset(x.sku_id for x in losses if x.order_id == order_id),
            destination=where.of(ship_to[order_id]),
        )
        for claim in got.claims:
            left[claim.key] -= claim.quantity
        made.append((before, got._replace(frees=tuple(frees[order_id]))))
    await resource.save_resourced(tx, made, kind="short_pick")
    return made


def _promise(found: OrderWithLines) -> tuple[Any, ...]:
    return (derived.promised_on(found.order), found.order.placed_at, found.order.order_id)


def _free(loss: Loss) -> Free:
    return Free(Owner(OWNER_KIND, loss.line_id), SkuId(loss.sku_id), LocationId(loss.location_id), loss.quantity)


def _summed(frees: Iterable[Sequence[Free]]) -> list[Free]:
    """Return what is freed with one row per line and place."""
    sums: dict[tuple[Any, ...], Free] = {}
    for free in (x for of in frees for x in of):
        key = (free.owner, free.key)
        before = sums.get(key)
        sums[key] = (
            free
            if before is None
            else dataclasses.replace(free, quantity=(before.quantity or 0) + (free.quantity or 0))
        )
    return list(sums.values())


def _without(found: OrderWithLines, losses: Sequence[Loss]) -> OrderWithLines:
    gone: dict[object, int] = {}
    for x in losses:
        gone[x.line_id] = gone.get(x.line_id, 0) + x.quantity
    lines = tuple(msgspec.structs.replace(x, allocated=x.allocated - gone.get(x.line_id, 0)) for x in found.lines)
    return OrderWithLines(found.order, lines)
