"""A lane of the crowd: orders are placed and live through the batch doors, some hundred in each transaction.

Everything it does bears a key or is done once by its nature, so a wave that was begun may be done again.
"""

import functools
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from jiedan.base import idempotency
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.customers.values import CustomerId
from jiedan.demo import crowd, stories, wishes
from jiedan.demo.crowd import Deed, Due, Span, Way
from jiedan.demo.hours import PlayClock
from jiedan.demo.people import Person
from jiedan.demo.stories import Story
from jiedan.fulfillment import queries as fulfillment_queries
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import Delivery, OrderShipment, Take
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.values import DRAFTS_PER_BATCH_MAX, AlreadyPlaced, Draft, LineQuantity, OrderId, Outcome, Placed
from jiedan.orders.values.changes import CancelRequest, HoldRequest, LiftRequest
from jiedan.payments import queries as payment_queries
from jiedan.payments import service as payments
from jiedan.payments.values import ExternalPayment, Method, OperationRequest

CALLER = "demo"
SET_SIZE = 500
"""Orders that something is done with in one transaction."""

SEEDS_PER_PLAY = 1_000_003
"""Lanes of plays with seeds next to each other tell nothing alike."""

TOO_MUCH_MINOR = 500
RIGHTS = frozenset({"orders:lift"})
AFTER_THE_WAVE = timedelta(seconds=2)
"""What a new wave brings is later than what reactions to the wave before it are dated."""

_METHODS: Mapping[str, Method] = {"web": "card", "phone": "bank_transfer", "email": "bank_transfer"}


class Part(NamedTuple):
    """An order under way."""

    order_id: OrderId
    story: Story
    way: Way


class _Turn(NamedTuple):
    """When something is done: in which wave, and whether while the wave before is being reacted to."""

    wave: int
    is_ahead: bool


class OpenDatabase(Protocol):
    """Opens the database for a process, by a clock."""

    def __call__(self, *, clock: PlayClock) -> Database:
        """Return it; nothing is connected yet."""
        ...


class Casting(NamedTuple):
    """What a lane is made from, wherever it lives: its `place` among the lanes, and the `warehouse` it buys at.

    `customers` are those of `people`.
    """

    place: int
    warehouse: str
    span: Span
    seed: int
    scope: Scope
    open_database: OpenDatabase
    people: Sequence[Person]
    customers: Sequence[CustomerId]

    def stories(self) -> Iterator[Story]:
        """Return what the lane tells."""
        return stories.stories(
            self.span.numbers[self.place :: crowd.LANES],
            people=self.people,
            until=self.span.until,
            days=self.span.days,
            seed=self.seed * SEEDS_PER_PLAY + self.place,
            fates=crowd.FATES,
            baskets=crowd.BASKETS,
        )


class Lane:
    """One half of the crowd; `clock` is that of `database`.

    `refusals` counts, by code, what the services did not let happen.
    """

    def __init__(self, database: Database, clock: PlayClock, casting: Casting) -> None:
        self.refusals: Counter[str] = Counter()
        self.placed = 0
        self._database = database
        self._scope = casting.scope
        self._clock = clock
        self._since = casting.span.since
        self._last = crowd.waves(casting.span.days) - 1
        self._warehouse = casting.warehouse
        self._people = casting.people
        self._customers = casting.customers
        self._stories = casting.stories()
        self._next = next(self._stories, None)
        self._told: list[Story] = []
        self._dues: dict[_Turn, dict[Deed, list[Part]]] = {}

    def tell(self, wave: int, *, not_before: int = 0, advance: Callable[[int], None]) -> int:
        """Take the stories of the next wave in hand; return how many orders are to be placed.

        With `not_before` they are placed already: only those are found again that have something before them then.
        """
        self._told = []
        passed = 0
        while self._next is not None and crowd.wave_of(self._next.placed_at, since=self._since) <= wave:
            if not_before and all(due.wave < not_before for due in self._dues_of(self._next)):
                passed += 1
            else:
                self._told.append(self._next)
            self._next = next(self._stories, None)
        self.placed += passed
        if passed:
            advance(passed)
        return len(self._told)

    async def place(
        self, wave: int, numbers: Sequence[int], *, not_before: int = 0, advance: Callable[[int], None]
    ) -> None:
        """Place the orders that were told, and let those be paid that are paid at once."""
        if not not_before:
            self._clock.reach(self._since + crowd.WAVE * wave + AFTER_THE_WAVE)
        for start in range(0, len(self._told), DRAFTS_PER_BATCH_MAX):
            some = self._told[start : start + DRAFTS_PER_BATCH_MAX]
            given = numbers[start : start + DRAFTS_PER_BATCH_MAX]
            if not not_before:
                self._clock.reach(some[-1].placed_at)
            outcomes = await self._database.write(self._scope, functools.partial(self._place, told=some, numbers=given))
            if not not_before:
                await self._database.write(self._scope, functools.partial(_pay, told=some, outcomes=outcomes))
            for story, outcome in zip(some, outcomes, strict=True):
                self._noted_placed(story, outcome, not_before)
            advance(len(some))

    async def act(self, wave: int, *, is_ahead: bool) -> None:
        """Do what is due in a wave: what need not wait for the reactions to the wave before, or all else."""
        self._clock.reach(self._since + crowd.WAVE * (wave + 1))
        due = self._dues.pop(_Turn(wave, is_ahead), {})
        for deed in crowd.DEEDS:
            parts = due.get(deed, [])
            for start in range(0, len(parts), SET_SIZE):
                some = parts[start : start + SET_SIZE]
                done = await self._database.write(self._scope, functools.partial(_DEEDS[deed], parts=some))
                self.refusals.update(outcome.code for outcome in done if isinstance(outcome, Refusal))

    def _dues_of(self, story: Story) -> list[Due]:
        return crowd.dues(story, since=self._since, last=self._last)

    async def _place(self, tx: Tx, *, told: Sequence[Story], numbers: Sequence[int]) -> list[Outcome]:
        drafts = [self._draft(tx, story, number) for story, number in zip(told, numbers, strict=True)]
        return await orders.place_orders(tx, drafts, promising=fulfillment.PROMISING)

    def _draft(self, tx: Tx, story: Story, number: int) -> Draft:
        person = self._people[story.person]
        body = wishes.order(story, person, self._customers[story.person], location=self._warehouse)
        return Draft(
            body=body,
            number=number,
            actor=tx.actor,
            request_id=tx.request_id,
            caller=CALLER,
            key=wishes.key(story),
            fingerprint=idempotency.fingerprint(body),
        )

    def _noted_placed(self, story: Story, outcome: Outcome, not_before: int) -> None:
        match outcome:
            case Placed():
                order_id = outcome.order_id
            case AlreadyPlaced():
                order_id = outcome.order.order_id
            case _:
                self.refusals.update(reason.code for reason in outcome.reasons)
                return
        self.placed += 1
        part = Part(order_id, story, crowd.way(story, since=self._since))
        dues = self._dues_of(story)
        ahead = crowd.ahead(dues, placed=crowd.wave_of(story.placed_at, since=self._since))
        for wave, deed in dues:
            if wave >= not_before:
                self._dues.setdefault(_Turn(wave, wave in ahead), {}).setdefault(deed, []).append(part)


async def _pay(tx: Tx, told: Sequence[Story], outcomes: Sequence[Outcome]) -> None:
    """Let those pay that pay as they order."""
    paid = []
    for story, outcome in zip(told, outcomes, strict=True):
        placed = outcome.order if isinstance(outcome, AlreadyPlaced) else outcome
        if isinstance(placed, Placed) and crowd.is_paid_at_once(story):
            amount_minor = placed.total_minor + TOO_MUCH_MINOR if story.fate == "overpaid" else None
            method = _METHODS.get(story.channel, "other")
            paid.append(ExternalPayment(placed.order_id, method, amount_minor, key=f"{wishes.key(story)}:paid"))
    if paid:
        await payments.record_external(tx, payments=paid)


def _key(part: Part, deed: Deed) -> str:
    return f"{wishes.key(part.story)}:{deed}"


async def _hold(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    requests = [(HoldRequest(p.order_id, p.story.hold, wishes.HOLD_REASON), _key(p, "hold")) for p in parts]
    return await orders.place_each_hold(tx, requests=requests)


async def _lift(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    hanging = await order_queries.details(tx, [p.order_id for p in parts])
    found = [LiftRequest(h.hold_id, "Checked.", RIGHTS) for d in hanging.values() for h in d.standing_holds]
    return await orders.lift_holds(tx, requests=found) if found else ()


async def _cancel(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    requests = [(CancelRequest(p.order_id, wishes.CANCEL_REASON), _key(p, "cancel")) for p in parts]
    return await orders.cancel_each(tx, requests=requests)


async def _cancel_line(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    requests = [
        (
            CancelRequest(p.order_id, wishes.CANCEL_REASON, (LineQuantity(1, p.story.lines[0][1]),)),
            _key(p, "cancel_line"),
        )
        for p in parts
    ]
    return await orders.cancel_each(tx, requests=requests)


async def _give_back(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    """Give back what canceled units had cost."""
    order_ids = [p.order_id for p in parts]
    whole = await order_queries.orders(tx, order_ids)
    paid = await payment_queries.payments_of_orders(tx, order_ids)
    requests = [
        OperationRequest(
            paid[p.order_id][0].payment_id,
            "refund",
            whole[p.order_id].order.balance_minor,
            wishes.CANCEL_REASON,
            key=_key(p, "give_back"),
        )
        for p in parts
        if p.order_id in paid and whole[p.order_id].order.balance_minor > 0
    ]
    return await payments.request_operations(tx, requests=requests) if requests else ()


async def _ship_part(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    return await fulfillment.ship_orders(
        tx, wishes=[_shipment(p, "ship_part", (Take(1, p.story.lines[0][1]),)) for p in parts]
    )


async def _ship(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    return await fulfillment.ship_orders(tx, wishes=[_shipment(p, "ship", None) for p in parts])


async def _bring(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    """Tell of parcels that have arrived, and when they had left."""
    shipments = [_shipment(p, "bring", None)._replace(at=p.way.left_at, delivered_at=p.way.arrived_at) for p in parts]
    return await fulfillment.ship_orders(tx, wishes=shipments)


async def _perform(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    """Perform services; what was canceled is not."""
    whole = await order_queries.orders(tx, [p.order_id for p in parts])
    performed = [
        orders.Performance(order_id, lines)
        for order_id, found in whole.items()
        if (lines := wishes.services_left(found))
    ]
    return await orders.perform_services(tx, performances=performed) if performed else ()


def _shipment(part: Part, deed: Deed, lines: tuple[Take, ...] | None) -> OrderShipment:
    story = part.story
    carrier = wishes.carrier(story)
    return OrderShipment(
        part.order_id, lines, carrier, wishes.tracking_number(story, 1 if lines else 2), key=_key(part, deed)
    )


async def _deliver(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    parcel_ids = await fulfillment_queries.parcels_under_way(tx, [p.order_id for p in parts])
    if not parcel_ids:
        return ()
    return await fulfillment.deliver_parcels(tx, wishes=[Delivery(parcel_id) for parcel_id in parcel_ids])


async def _settle(tx: Tx, parts: Sequence[Part]) -> Collection[object]:
    """Take what was owed since the delivery, or at the door."""
    owed = [
        ExternalPayment(
            p.order_id,
            "cash_on_delivery" if p.story.fate == "on_delivery" else "bank_transfer",
            key=_key(p, "settle"),
        )
        for p in parts
    ]
    return await payments.record_external(tx, payments=owed)


_DEEDS: Mapping[Deed, Callable[..., Awaitable[Collection[Any]]]] = {
    "hold": _hold,
    "lift": _lift,
    "cancel": _cancel,
    "cancel_line": _cancel_line,
    "give_back": _give_back,
    "ship_part": _ship_part,
    "ship": _ship,
    "bring": _bring,
    "perform": _perform,
    "deliver": _deliver,
    "settle": _settle,
}
