"""Transfers between locations, on PostgreSQL."""

import dataclasses
from typing import NamedTuple
from uuid import uuid4

import pytest

from jiedan.base import idempotency
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import SkuId
from jiedan.inventory import errors, queries, rules, service
from jiedan.inventory.values import (
    Availability,
    Free,
    LocationId,
    Moved,
    NewTransfer,
    Owner,
    StockKey,
    Transfer,
    TransferClosed,
    TransferId,
    TransferStep,
)
from tests.inventory import factories
from tests.inventory.factories import act, act_telling, counters

EVENT_STATEMENTS = 2
"""What the commit adds: event log and outbox."""


class Two(NamedTuple):
    """Two locations: 10 pieces of each SKU at the first, nothing at the second."""

    sources: list[StockKey]
    targets: list[StockKey]

    def wish(self, quantity: int, *, key: str | None = None) -> NewTransfer:
        """Return a transfer of that much of every SKU."""
        quantities = tuple((source.sku_id, quantity) for source in self.sources)
        return NewTransfer(self.sources[0].location_id, self.targets[0].location_id, quantities, "T-1", key)


async def two_places(db: Database, scope: Scope, skus: int = 1) -> Two:
    sources = await factories.keys_with_stock(db, scope, [10] * skus)
    async with db.begin(scope) as tx:
        store = await factories.location(tx, "S1", kind="store")
    return Two(sources, [StockKey(source.sku_id, store.location_id) for source in sources])


async def opened(db: Database, scope: Scope, wish: NewTransfer) -> Transfer:
    (transfer,) = await act(db, scope, service.open_transfers, wishes=[wish])
    assert isinstance(transfer, Transfer), transfer
    return transfer


def step(transfer: Transfer, quantity: int, key: str | None = None) -> TransferStep:
    return TransferStep(transfer.transfer_id, transfer.lines[0].sku_id, quantity, key or str(uuid4()))


async def read(db: Database, scope: Scope, transfer: Transfer) -> Transfer:
    async with db.read(scope) as tx:
        return (await queries.transfers(tx, [transfer.transfer_id]))[transfer.transfer_id]


async def status(db: Database, scope: Scope, transfer: Transfer) -> str:
    return rules.transfer_status(await read(db, scope, transfer))


async def test_goods_travel_in_parts_and_count_as_incoming(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope)
    (source,), (target,) = two
    transfer = await opened(db, scope, two.wish(6))
    assert await status(db, scope, transfer) == "open"
    assert await counters(db, scope, source) == Availability(10, 6, 0, 0)

    (left,), told = await act_telling(db, scope, service.ship_transfers, steps=[step(transfer, 4)])
    assert told == ["transfer_shipped"]
    assert isinstance(left, Moved)
    assert (left.key, left.quantity, left.on_hand) == (source, -4, 6)
    assert await status(db, scope, transfer) == "in_transit"
    assert await counters(db, scope, source) == Availability(6, 2, 0, 0)
    assert await counters(db, scope, target) == Availability(0, 0, 0, 4)

    (arrived,), told = await act_telling(db, scope, service.receive_transfers, steps=[step(transfer, 3)])
    assert told == ["stock_became_available", "transfer_received"]
    assert isinstance(arrived, Moved)
    assert (arrived.key, arrived.quantity, arrived.on_hand) == (target, 3, 3)

    await act(db, scope, service.ship_transfers, steps=[step(transfer, 2)])
    await act(db, scope, service.receive_transfers, steps=[step(transfer, 3)])
    assert await status(db, scope, transfer) == "received"
    assert await counters(db, scope, source) == Availability(4, 0, 0, 0)
    assert await counters(db, scope, target) == Availability(6, 0, 0, 0)


async def test_closing_frees_the_rest_and_names_what_is_missing(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope)
    (source,), (target,) = two
    transfer = await opened(db, scope, two.wish(6))
    await act(db, scope, service.ship_transfers, steps=[step(transfer, 4)])
    await act(db, scope, service.receive_transfers, steps=[step(transfer, 3)])

    twice = [transfer.transfer_id, transfer.transfer_id]
    outcomes, told = await act_telling(db, scope, service.close_transfers, transfer_ids=twice)
    assert told == ["stock_became_available", "transfer_ended"]
    assert outcomes[0] == TransferClosed(transfer.transfer_id, freed=2, missing=1)
    assert isinstance(outcomes[1], errors.TransferEnded)
    assert await status(db, scope, transfer) == "closed"
    assert (await read(db, scope, transfer)).lines[0].missing == 1
    late = await act(db, scope, service.receive_transfers, steps=[step(transfer, 1)])
    assert isinstance(late[0], errors.TransferEnded)
    assert await counters(db, scope, source) == Availability(6, 0, 0, 0)
    assert await counters(db, scope, target) == Availability(3, 0, 0, 0)


async def test_a_transfer_that_never_left_is_canceled_by_closing(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope)
    transfer = await opened(db, scope, two.wish(6))
    await act(db, scope, service.close_transfers, transfer_ids=[transfer.transfer_id])
    assert await status(db, scope, transfer) == "canceled"
    assert await counters(db, scope, two.sources[0]) == Availability(10, 0, 0, 0)


async def test_a_step_is_done_once_and_never_too_far(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope)
    transfer = await opened(db, scope, two.wish(6))
    stranger = dataclasses.replace(transfer, transfer_id=TransferId(uuid4()))
    shipped = await act(
        db,
        scope,
        service.ship_transfers,
        steps=[
            step(transfer, 4, "out"),
            step(transfer, 4, "out"),
            step(transfer, 5, "out"),
            step(transfer, 3),
            step(transfer, 0),
            step(stranger, 1),
            TransferStep(transfer.transfer_id, SkuId(uuid4()), 1, "other"),
        ],
    )
    steps = [step(transfer, 5), step(transfer, 4, "in"), step(transfer, 4, "in"), step(stranger, 1)]
    received = await act(db, scope, service.receive_transfers, steps=steps)
    assert [type(outcome).__name__ for outcome in shipped] == [
        "Moved", "Moved", "OperationKeyReused", "MoreThanTransferred", "InvalidQuantity", "TransferNotFound",
        "NotInTransfer",
    ]  # fmt: skip
    assert [type(outcome).__name__ for outcome in received] == [
        "MoreThanTransferred", "Moved", "Moved", "TransferNotFound",
    ]  # fmt: skip
    assert await counters(db, scope, two.targets[0]) == Availability(4, 0, 0, 0)


async def test_all_of_a_transfer_is_reserved_or_none(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope, skus=2)
    await act(db, scope, factories.hold, key=two.sources[1], quantity=5)
    outcomes = await act(db, scope, service.open_transfers, wishes=[two.wish(6), two.wish(5), two.wish(1)])
    assert [type(outcome).__name__ for outcome in outcomes] == ["InsufficientStock", "Transfer", "InsufficientStock"]
    assert await counters(db, scope, two.sources[0]) == Availability(10, 5, 0, 0)


async def test_transfers_that_lead_nowhere_are_refused(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope)
    here, there, sku = two.sources[0].location_id, two.targets[0].location_id, two.sources[0].sku_id
    async with db.begin(scope) as tx:
        outcomes = await service.open_transfers(
            tx,
            wishes=[
                NewTransfer(here, here, ((sku, 1),)),
                NewTransfer(here, there, ()),
                NewTransfer(here, there, ((sku, 1), (sku, 1))),
                NewTransfer(here, there, ((sku, 0),)),
                NewTransfer(here, LocationId(tx.new_id()), ((sku, 1),)),
                NewTransfer(LocationId(tx.new_id()), there, ((sku, 1),)),
            ],
        )
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "InvalidTransfer", "InvalidTransfer", "InvalidTransfer", "InvalidQuantity", "LocationNotFound",
        "LocationNotFound",
    ]  # fmt: skip


async def test_a_key_opens_one_transfer(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope)
    wishes = [two.wish(6, key="k"), two.wish(6, key="k"), two.wish(5, key="k")]
    first, twin, other = await act(db, scope, service.open_transfers, wishes=wishes)
    (again,) = await act(db, scope, service.open_transfers, wishes=wishes[:1])
    wishes = [two.wish(6, key="n"), two.wish(6, key="n")]
    refused, refused_twin = await act(db, scope, service.open_transfers, wishes=wishes)
    (smaller,) = await act(db, scope, service.open_transfers, wishes=[two.wish(4, key="n")])
    assert isinstance(first, Transfer)
    assert first == twin == again
    assert isinstance(other, idempotency.KeyReused)
    assert isinstance(refused, errors.InsufficientStock)
    assert refused_twin is refused
    assert isinstance(smaller, Transfer)
    assert await counters(db, scope, two.sources[0]) == Availability(10, 10, 0, 0)


async def test_what_was_freed_for_others_does_not_leave(db: Database, scope: Scope) -> None:
    two = await two_places(db, scope)
    transfer = await opened(db, scope, two.wish(6))
    frees = [Free(Owner("transfer", transfer.transfer_id), *two.sources[0], 2)]
    await act(db, scope, service.release_many, frees=frees)
    (refused,) = await act(db, scope, service.ship_transfers, steps=[step(transfer, 5)])
    assert isinstance(refused, errors.MoreThanTransferred)
    assert refused.possible == 4
    (closed,) = await act(db, scope, service.close_transfers, transfer_ids=[transfer.transfer_id])
    assert closed == TransferClosed(transfer.transfer_id, freed=4, missing=0)
    assert await counters(db, scope, two.sources[0]) == Availability(10, 0, 0, 0)


@pytest.mark.parametrize("skus", [1, 200])
async def test_statements_of_a_transfer(db: Database, scope: Scope, recorder: StatementRecorder, skus: int) -> None:
    two = await two_places(db, scope, skus=skus)
    spent = []
    with recorder.watching() as sent:
        transfer = await opened(db, scope, two.wish(6, key="k"))
    spent.append(len(sent) - EVENT_STATEMENTS)
    for move, quantity in ((service.ship_transfers, 4), (service.receive_transfers, 3)):
        steps = [TransferStep(transfer.transfer_id, x.sku_id, quantity, str(uuid4())) for x in transfer.lines]
        with recorder.watching() as sent:
            assert all(isinstance(outcome, Moved) for outcome in await act(db, scope, move, steps=steps))
        spent.append(len(sent) - EVENT_STATEMENTS)
    with recorder.watching() as sent:
        await act(db, scope, service.close_transfers, transfer_ids=[transfer.transfer_id])
    spent.append(len(sent) - EVENT_STATEMENTS)
    assert spent == [7, 11, 7, 9]
