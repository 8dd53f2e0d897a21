"""The acts of a play: each does one step for a set of orders, through the services that everybody uses."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID

from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.demo import wishes as asking
from jiedan.demo.stories import Story
from jiedan.fulfillment import queries as fulfillment_queries
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import (
    Acknowledgement,
    Delivery,
    Fulfillment,
    Pack,
    Pick,
    Readiness,
    Ship,
    Short,
    ShortReason,
)
from jiedan.fulfillment.values import Collection as Collecting
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.values import LineQuantity, OrderId, OrderWithLines
from jiedan.orders.values.changes import CancelRequest, HoldRequest, LiftRequest
from jiedan.payments import service as payments
from jiedan.payments.service import Gateways
from jiedan.payments.values import Confirmation, Created, ExternalPayment, NewPayment

T = TypeVar("T")

GOOD_CARD, BAD_CARD = "tok_visa", "tok_declined"
TOO_MUCH_MINOR = 500
RIGHTS = frozenset({"orders:lift"})

_Tender = Literal["card", "transfer", "elsewhere"]


class Part(NamedTuple):
    """An order on the stage."""

    order_id: OrderId
    story: Story


class Stage:
    """Where acts take place; `refusals` counts, by code, what the services did not let happen."""

    def __init__(self, database: Database, scope: Scope, gateways: Gateways) -> None:
        self.refusals: Counter[str] = Counter()
        self._database = database
        self._scope = scope
        self._gateways = gateways
        self._codes: dict[UUID, str] = {}

    async def decline(self, parts: Sequence[Part]) -> None:
        """Pay with cards that are declined."""
        await self._card(parts, BAD_CARD, "declined")

    async def pay(self, parts: Sequence[Part]) -> None:
        """Pay what wallets have left as the channel pays: by card, by transfer, or at the marketplace."""
        by_tender: dict[_Tender, list[Part]] = {"card": [], "transfer": [], "elsewhere": []}
        for p in await self._owing(parts):
            by_tender[_tender(p.story)].append(p)
        await self._card(by_tender["card"], GOOD_CARD, "paid")
        elsewhere = by_tender["elsewhere"]
        if elsewhere:
            wishes = [ExternalPayment(p.order_id, "other", key=_key(p, "paid")) for p in elsewhere]
            self._noted(await self._write(lambda tx: payments.record_external(tx, payments=wishes)))
        await self._transfer(by_tender["transfer"], "bank_transfer")

    async def settle(self, parts: Sequence[Part]) -> None:
        """Pay what was bought on account, or at the door."""
        await self._transfer([p for p in parts if p.story.fate == "on_delivery"], "cash_on_delivery")
        await self._transfer([p for p in parts if p.story.fate != "on_delivery"], "bank_transfer")

    async def hold(self, parts: Sequence[Part]) -> None:
        """Put orders on hold."""
        wishes = [HoldRequest(p.order_id, p.story.hold, asking.HOLD_REASON) for p in parts]
        self._noted(await self._write(lambda tx: orders.place_holds(tx, requests=wishes)))

    async def lift(self, parts: Sequence[Part]) -> None:
        """Lift the holds of orders."""

        async def lift(tx: Tx) -> Sequence[object]:
            hanging = await order_queries.details(tx, [p.order_id for p in parts])
            wishes = [LiftRequest(h.hold_id, "Checked.", RIGHTS) for d in hanging.values() for h in d.standing_holds]
            return await orders.lift_holds(tx, requests=wishes) if wishes else []

        self._noted(await self._write(lift))

    async def cancel(self, parts: Sequence[Part]) -> None:
        """Cancel orders whole."""
        wishes = [(CancelRequest(p.order_id, asking.CANCEL_REASON), _key(p, "cancel")) for p in parts]
        self._noted(await self._write(lambda tx: orders.cancel_each(tx, requests=wishes)))

    async def cancel_line(self, parts: Sequence[Part]) -> None:
        """Cancel the first line of orders."""
        wishes = [
            (
                CancelRequest(p.order_id, asking.CANCEL_REASON, (LineQuantity(1, p.story.lines[0][1]),)),
                _key(p, "cancel_line"),
            )
            for p in parts
        ]
        self._noted(await self._write(lambda tx: orders.cancel_each(tx, requests=wishes)))

    async def short(self, parts: Sequence[Part]) -> None:
        """Miss one unit of each order at the shelf."""

        async def miss(tx: Tx) -> Sequence[object]:
            found = _by_order(await self._fulfillments(tx, parts))
            wishes = []
            for p in parts:
                lines = [line for f in found.get(p.order_id, ()) for line in f.lines if line.to_pick]
                if lines:
                    reason: ShortReason = "damaged" if p.story.number % 3 == 0 else "not_found"
                    wishes.append(Short(lines[0].fulfillment_id, lines[0].line, 1, reason, _key(p, "short")))
            return await fulfillment.short_pick(tx, shorts=wishes) if wishes else []

        self._noted(await self._write(miss))

    async def pick(self, parts: Sequence[Part]) -> set[OrderId]:
        """Pick what is released, perform services, and return the orders that are not ready to go on."""

        async def pick(tx: Tx) -> tuple[Sequence[object], set[OrderId]]:
            found = _by_order(await self._fulfillments(tx, parts))
            whole = await order_queries.orders(tx, [p.order_id for p in parts])
            wishes = [
                Pick(f.fulfillment_id, line.line, line.to_pick)
                for several in found.values()
                for f in several
                for line in f.lines
                if line.to_pick
            ]
            done = await fulfillment.pick_lines(tx, picks=wishes) if wishes else []
            return done, {p.order_id for p in parts if _waits(whole[p.order_id], found.get(p.order_id, ()))}

        done, waiting = await self._write(pick)
        self._noted(done)
        await self._perform([p for p in parts if p.order_id not in waiting])
        return waiting

    async def pick_part(self, parts: Sequence[Part]) -> None:
        """Begin to pick: the first line of each order, or a unit of it where there is no other."""

        async def pick(tx: Tx) -> Sequence[object]:
            picks = []
            for found in await self._fulfillments(tx, parts):
                lines = [line for line in found.lines if line.to_pick]
                if lines and (len(lines) > 1 or lines[0].to_pick > 1):
                    quantity = lines[0].to_pick if len(lines) > 1 else 1
                    picks.append(Pick(found.fulfillment_id, lines[0].line, quantity))
            return await fulfillment.pick_lines(tx, picks=picks) if picks else []

        self._noted(await self._write(pick))

    async def pack(self, parts: Sequence[Part]) -> None:
        """Pack what is picked; it stands there for the carrier to come."""
        await self._packed(parts, by_story=True)

    async def track(self, parts: Sequence[Part]) -> None:
        """Hear from the carriers where parcels are."""

        async def track(tx: Tx) -> Sequence[object]:
            stories = {p.order_id: p.story for p in parts}
            said = [
                asking.last_seen(stories[f.order_id], x.carrier, x.tracking_number, tx.now)
                for f in await self._fulfillments(tx, parts)
                for x in f.parcels
                if x.is_under_way and x.carrier is not None and x.tracking_number is not None
            ]
            return await fulfillment.record_tracking(tx, events=said) if said else []

        self._noted(await self._write(track))

    async def ship(self, parts: Sequence[Part]) -> set[OrderId]:
        """Pack and send what is picked, one parcel for each location, and return the orders of which more is to go."""
        stories = {p.order_id: p.story for p in parts}
        await self._packed(parts, by_story=True)

        async def ship(tx: Tx) -> Sequence[object]:
            loaded = await self._fulfillments(tx, parts)
            wishes = [_ship(x.parcel_id, stories[f.order_id]) for f in loaded for x in f.parcels if x.is_waiting]
            return await fulfillment.ship_parcels(tx, wishes=wishes) if wishes else []

        self._noted(await self._write(ship))
        async with self._database.read(self._scope) as tx:
            after = await self._fulfillments(tx, parts)
        return {f.order_id for f in after if any(line.open for line in f.lines)}

    async def deliver(self, parts: Sequence[Part]) -> None:
        """Let everything that is under way arrive."""

        async def deliver(tx: Tx) -> Sequence[object]:
            loaded = await self._fulfillments(tx, parts)
            wishes = [Delivery(x.parcel_id) for f in loaded for x in f.parcels if x.is_under_way]
            return await fulfillment.deliver_parcels(tx, wishes=wishes) if wishes else []

        self._noted(await self._write(deliver))

    async def ready(self, parts: Sequence[Part]) -> None:
        """Pack what is picked, and let it wait at the store under a code."""
        await self._packed(parts, by_story=False)

        async def ready(tx: Tx) -> Sequence[object]:
            loaded = await self._fulfillments(tx, parts)
            wishes = [Readiness(f.fulfillment_id) for f in loaded if f.status in {"packed", "ready"}]
            return await fulfillment.make_ready(tx, wishes=wishes) if wishes else []

        done = await self._write(ready)
        self._noted(done)
        self._codes.update({x.fulfillment_id: x.code for x in done if isinstance(x, fulfillment.Ready)})

    async def collect(self, parts: Sequence[Part]) -> None:
        """Hand over what customers come for with their codes."""

        async def collect(tx: Tx) -> Sequence[object]:
            loaded = await self._fulfillments(tx, parts)
            wishes = [
                Collecting(f.fulfillment_id, self._codes[f.fulfillment_id])
                for f in loaded
                if f.fulfillment_id in self._codes
            ]
            return await fulfillment.collect_fulfillments(tx, wishes=wishes) if wishes else []

        self._noted(await self._write(collect))

    async def refund(self) -> None:
        """Let the gateway do what cancellations have asked for."""
        await payments.sweep(self._database, self._scope, self._gateways)

    async def expire(self) -> None:
        """End what was not paid in time."""
        while await self._write(orders.expire_orders):
            pass

    async def _card(self, parts: Sequence[Part], token: str, name: str) -> None:
        if not parts:
            return
        wishes = [NewPayment(p.order_id, "sandbox", "card", token=token, key=_key(p, name)) for p in parts]

        async def before(tx: Tx) -> tuple[Sequence[object], list[str]]:
            made = await payments.create_payments(tx, wishes=wishes)
            return made, [x.operation_key for x in made if isinstance(x, Created) and x.operation_key]

        self._noted(await payments.perform(self._database, self._scope, self._gateways, before=before))

    async def _transfer(self, parts: Sequence[Part], method: str) -> None:
        if not parts:
            return
        wishes = [
            NewPayment(
                p.order_id,
                "transfer",
                "cash_on_delivery" if method == "cash_on_delivery" else "bank_transfer",
                key=_key(p, "paid"),
            )
            for p in parts
        ]

        made = await self._write(lambda tx: payments.create_payments(tx, wishes=wishes))
        self._noted(made)

        async def confirm(tx: Tx) -> Sequence[object]:
            whole = await order_queries.orders(tx, [p.order_id for p in parts])
            confirmations = [
                Confirmation(x.payment_id, _confirmed(whole[p.order_id], p.story), key=_key(p, "confirmed"))
                for p, x in zip(parts, made, strict=True)
                if isinstance(x, Created)
            ]
            return await payments.confirm_transfers(tx, confirmations=confirmations) if confirmations else []

        self._noted(await self._write(confirm))

    async def _packed(self, parts: Sequence[Part], *, by_story: bool) -> None:
        """Read the notes and fill boxes with what is picked: as many as the story tells, or one."""
        stories = {p.order_id: p.story for p in parts}

        async def acknowledge(tx: Tx) -> Sequence[object]:
            loaded = await self._fulfillments(tx, parts)
            wishes = [
                Acknowledgement(f.fulfillment_id)
                for f in loaded
                if stories[f.order_id].note and not f.parcels and any(line.to_pack for line in f.lines)
            ]
            return await fulfillment.acknowledge_notes(tx, wishes=wishes) if wishes else []

        async def pack(tx: Tx) -> Sequence[object]:
            loaded = await self._fulfillments(tx, parts)
            wishes = [
                _pack(f, stories[f.order_id]) if by_story else Pack(f.fulfillment_id)
                for f in loaded
                if any(line.to_pack for line in f.lines)
            ]
            return await fulfillment.pack_parcels(tx, packs=wishes) if wishes else []

        if any(p.story.note for p in parts):
            self._noted(await self._write(acknowledge))
        self._noted(await self._write(pack))

    async def _perform(self, parts: Sequence[Part]) -> None:
        async def perform(tx: Tx) -> Sequence[object]:
            whole = await order_queries.orders(tx, [p.order_id for p in parts])
            wishes = [
                orders.Performance(order.order_id, lines)
                for order, found in whole.values()
                if (lines := asking.services_left(OrderWithLines(order, found)))
            ]
            return await orders.perform_services(tx, performances=wishes) if wishes else []

        if parts:
            self._noted(await self._write(perform))

    async def _owing(self, parts: Sequence[Part]) -> list[Part]:
        """Return the orders of which something is still to be paid."""
        async with self._database.read(self._scope) as tx:
            whole = await order_queries.orders(tx, [p.order_id for p in parts])
        return [p for p in parts if whole[p.order_id].order.balance_minor < 0]

    async def _fulfillments(self, tx: ReadTx, parts: Sequence[Part]) -> list[Fulfillment]:
        loaded = await fulfillment_queries.of_orders(tx, [p.order_id for p in parts])
        return list(loaded.fulfillments.values())

    async def _write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._database.write(self._scope, work)

    def _noted(self, outcomes: Collection[object]) -> None:
        self.refusals.update(outcome.code for outcome in outcomes if isinstance(outcome, Refusal))


_BY_TRANSFER = frozenset({"phone", "email"})


def _tender(story: Story) -> _Tender:
    """Return how an order is paid: what is paid too much of is transferred."""
    if story.fate == "overpaid" or story.channel in _BY_TRANSFER:
        return "transfer"
    return "elsewhere" if story.channel == "marketplace" else "card"


def _key(part: Part, name: str) -> str:
    return f"demo:{part.order_id}:{name}"


def _by_order(found: Sequence[Fulfillment]) -> Mapping[OrderId, list[Fulfillment]]:
    by_order: dict[OrderId, list[Fulfillment]] = {}
    for each in found:
        by_order.setdefault(each.order_id, []).append(each)
    return by_order


def _waits(whole: OrderWithLines, found: Sequence[Fulfillment]) -> bool:
    """Tell whether an open order has goods that no location was told to pick."""
    if whole.order.lifecycle != "open":
        return False
    wanted = sum(line.ordered - line.canceled - line.shipped for line in whole.lines if line.kind in _STOCKED)
    return wanted > sum(line.open for f in found for line in f.lines)


_STOCKED = frozenset({"goods", "component"})


def _confirmed(whole: OrderWithLines, story: Story) -> int | None:
    """Return what arrived: exactly what was expected, but for who pays too much."""
    return whole.order.total_minor + TOO_MUCH_MINOR if story.fate == "overpaid" else None


def _pack(found: Fulfillment, story: Story) -> Pack:
    """Return a parcel of everything that is picked, or of a part of it where the story tells of several parcels."""
    lines = [LineQuantity(line.line, line.to_pack) for line in found.lines if line.to_pack]
    remaining = story.parcels - len(found.parcels)
    if remaining <= 1 or len(lines) <= 1:
        return Pack(found.fulfillment_id)
    return Pack(found.fulfillment_id, tuple(lines[: max(1, len(lines) // remaining)]))


def _ship(parcel_id: UUID, story: Story) -> Ship:
    number = asking.tracking_number(story, asking.parcel_number(parcel_id))
    return Ship(parcel_id, asking.carrier(story), number)
