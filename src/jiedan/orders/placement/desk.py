"""The order desk: drafts that arrive one by one are placed in batches; numbers are leased before a batch begins.

What is refused before the queue costs the good ones nothing; a read of its own then names all that speaks against it.
"""

import contextlib
import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from jiedan.base import db, desk, errors, idempotency, numbers, queueing
from jiedan.base.clock import Clock
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.orders.placement.place import Record, place_orders, preview_orders
from jiedan.orders.placement.promising import Promising
from jiedan.orders.rules import drafts
from jiedan.orders.values import NUMBER_SERIES, AlreadyPlaced, Draft, DraftRef, NewOrder, Outcome, Placed, Rejected


class Wish(NamedTuple):
    """What is wanted, its fingerprint, the credential it came with, and the saved draft that it is made of.

    `cards` are the gift cards of the codes in `body`, as they were typed.
    """

    body: NewOrder
    fingerprint: bytes
    credential_id: UUID | None = None
    saved: DraftRef | None = None
    cards: Mapping[str, UUID] = MappingProxyType({})


Item = queueing.Item[Wish]


class OrderDesk(desk.Desk[Wish, list[int], Outcome]):
    """Where every order of this process is placed."""

    def __init__(
        self,
        database: db.Database,
        clock: Clock,
        *,
        record: Record | None = None,
        promising: Promising | None = None,
    ) -> None:
        self._clock = clock
        self._leases = numbers.NumberLeases()
        place = functools.partial(_place, record, promising)
        super().__init__("orders", database=database, prepare=self._lease, run=place, check=self._refuse)

    async def place(self, scope: db.Scope, wish: Wish, *, caller: str, key: str | None) -> tuple[Placed, bool]:
        """Place one order and return it, with whether it is new.

        Raises its refusal, Rejections where there are several reasons, and what `Desk.submit` raises.
        """
        try:
            outcome = await self.submit(scope, wish, caller=caller, key=key or "")
        except errors.Unavailable:
            raise
        except errors.Refusal:
            rejected = await self._refused_at_entry(scope, [wish])
            if 0 not in rejected:
                raise
            outcome = rejected[0]
        if isinstance(outcome, Rejected):
            raise refusal_of(outcome)
        return (outcome.order, False) if isinstance(outcome, AlreadyPlaced) else (outcome, True)

    async def place_many(self, scope: db.Scope, wishes: Sequence[tuple[Wish, str]], *, caller: str) -> list[Outcome]:
        """Place (wish, key) pairs, each under its own key if it has one: one outcome each, in order."""
        submissions = [queueing.Submission(wish, key) for wish, key in wishes]
        answers = await self.submit_many(scope, submissions, caller=caller)
        refused = [i for i, answer in enumerate(answers) if isinstance(answer, errors.Refusal)]
        at_entry = await self._refused_at_entry(scope, [wishes[i][0] for i in refused]) if refused else {}
        told = {refused[n]: rejected for n, rejected in at_entry.items()}
        return [
            told.get(i) or _rejected(answer) if isinstance(answer, errors.Refusal) else answer
            for i, answer in enumerate(answers)
        ]

    async def _refused_at_entry(self, scope: db.Scope, wishes: Sequence[Wish]) -> dict[int, Rejected]:
        """Return every reason against the wishes that were refused without the database, by their place among `wishes`.

        While the database does not answer, those that need none are all that can be told.
        """
        now = self._clock.now()
        known = {i: reasons for i, wish in enumerate(wishes) if (reasons := drafts.check(wish.body, now=now))}
        if not known:
            return {}
        refused = [
            Draft(
                wishes[i].body, 0, scope.actor, scope.request_id, "", "", wishes[i].fingerprint, cards=wishes[i].cards
            )
            for i in known
        ]
        try:
            async with self._database.read(scope) as tx:
                looked_up = await preview_orders(tx, refused)
        except errors.Unavailable:
            return {i: Rejected(reasons) for i, reasons in known.items()}
        return {
            i: found if isinstance(found, Rejected) else Rejected(known[i])
            for i, found in zip(known, looked_up, strict=True)
        }

    async def _lease(self, database: db.Database, tenant: TenantId, items: Sequence[Item]) -> list[int]:
        return await self._leases.take(database, tenant, NUMBER_SERIES, len(items))

    def _refuse(self, _scope: db.Scope, wish: Wish) -> None:
        reasons = drafts.check(wish.body, now=self._clock.now())
        if reasons:
            raise refusal_of(Rejected(reasons))


def wish_of(
    body: NewOrder,
    credential_id: UUID | None,
    *,
    saved: DraftRef | None = None,
    cards: Mapping[str, UUID] = MappingProxyType({}),
) -> Wish:
    """Return what `body` wants, ready for the desk; its fingerprint names gift cards and not their codes."""
    named = body
    if body.wallets:
        wallets = [x if x.code is None else replace(x, code=str(cards.get(x.code, ""))) for x in body.wallets]
        named = replace(body, wallets=tuple(wallets))
    return Wish(body, idempotency.fingerprint(named), credential_id, saved, cards)


def refusal_of(rejected: Rejected) -> errors.Refusal:
    """Return the one reason, or all of them as one refusal."""
    return errors.one_of(rejected.reasons)


@contextlib.asynccontextmanager
async def open_order_desk(
    runtime: Runtime, *, record: Record | None = None, promising: Promising | None = None
) -> AsyncIterator[OrderDesk]:
    """Open the desk of this process; at the end it takes nothing new and places what waits.

    Without somebody to `record` it, no order is paid out of wallets; without somebody `promising`, orders hear later
    when they arrive.
    """
    opened = OrderDesk(runtime.database, runtime.clock, record=record, promising=promising)
    try:
        yield opened
    finally:
        await opened.close()


async def _place(
    record: Record | None, promising: Promising | None, tx: db.Tx, leased: list[int], items: Sequence[Item]
) -> list[Outcome]:
    return await place_orders(
        tx,
        [
            Draft(
                body=item.work.body,
                number=number,
                actor=item.scope.actor,
                request_id=item.scope.request_id,
                caller=item.caller,
                key=item.key,
                fingerprint=item.work.fingerprint,
                credential_id=item.work.credential_id,
                saved=item.work.saved,
                cards=item.work.cards,
            )
            for number, item in zip(leased, items, strict=True)
        ],
        record=record,
        promising=promising,
        are_alone=True,
    )


def _rejected(refusal: errors.Refusal) -> Rejected:
    return Rejected(errors.reasons_of(refusal))
