"""Rules of the model by which goods get out: release, pick, short pick, pack, ship, deliver, collect, put back."""

from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.values import (
    SHORT_REASONS,
    Acknowledgement,
    Collection,
    Delivery,
    Fulfillment,
    OrderShipment,
    Pack,
    Parcel,
    Pick,
    PutBack,
    Readiness,
    ReleaseRequest,
    Ship,
    Short,
    Unpack,
)
from jiedan.inventory.values import StockKey
from jiedan.orders.values import LineQuantity, OrderId

T = TypeVar("T")

which = st.integers(0, 20)
few = st.integers(1, 4)


class GoodsOnTheirWay(RuleBasedStateMachine):
    """What a warehouse does, in any order; the model keeps what is on hand."""

    db: Database
    scope: Scope
    sold: dict[OrderId, Any]
    on_hand: dict[StockKey, int]

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        raise NotImplementedError

    def act(self, use_case: Any, **arguments: Any) -> Any:
        """Run one use case in a transaction of its own."""
        raise NotImplementedError

    def work(self) -> list[Fulfillment]:
        """Return every fulfillment there is, oldest first."""

        async def look() -> Mapping[Any, Fulfillment]:
            async with self.db.read(self.scope) as tx:
                return (await queries.of_orders(tx, list(self.sold))).fulfillments

        return sorted(self.wait(look()).values(), key=lambda x: x.fulfillment_id)

    def some_work(self, n: int, *statuses: str) -> Fulfillment | None:
        """Return one of the fulfillments at one of these statuses."""
        found = [x for x in self.work() if x.status in statuses]
        return found[n % len(found)] if found else None

    def some_parcel(self, n: int, *states: str) -> tuple[Fulfillment, Parcel] | None:
        """Return one of the parcels at one of these states."""
        found = [(x, p) for x in self.work() for p in x.parcels if p.state in states]
        return found[n % len(found)] if found else None

    def count_out(self, found: Fulfillment, lines: Mapping[Any, int]) -> None:
        """Let goods leave the model's shelves."""
        for line in found.lines:
            self.on_hand[StockKey(line.sku_id, found.location_id)] -= lines.get(line.line_id, 0)

    @rule(n=which)
    def release(self, n: int) -> None:
        """Release an order by hand, twice."""
        if self.sold:
            request = ReleaseRequest(list(self.sold)[n % len(self.sold)])
            _, second = self.act(service.release_orders, requests=[request, request])
            assert isinstance(second, Refusal)

    @rule(n=which, quantity=few)
    def pick(self, n: int, quantity: int) -> None:
        """Pick some units of a line, at most what is to be picked."""
        found = self.some_work(n, "released", "picking", "partly_shipped")
        if found is not None:
            line = found.lines[n % len(found.lines)]
            (outcome,) = self.act(service.pick_lines, picks=[Pick(found.fulfillment_id, line.line, quantity)])
            assert isinstance(outcome, Refusal) or quantity <= line.to_pick

    @rule(n=which)
    def pick_everything(self, n: int) -> None:
        """Pick all of a fulfillment."""
        found = self.some_work(n, "released", "picking")
        if found is not None:
            picks = [Pick(found.fulfillment_id, x.line, x.to_pick) for x in found.lines if x.to_pick]
            self.act(service.pick_lines, picks=picks)

    @rule(n=which, quantity=few, reason=st.sampled_from(SHORT_REASONS))
    def short(self, n: int, quantity: int, reason: Any) -> None:
        """Miss some units of a line: stock is counted down by exactly as many, whoever yields."""
        found = self.some_work(n, "released", "picking", "partly_shipped")
        if found is not None:
            line = found.lines[n % len(found.lines)]
            wish = Short(found.fulfillment_id, line.line, quantity, reason, "short")
            first, second = self.act(service.short_pick, shorts=[wish, wish])
            assert type(first) is type(second)
            if not isinstance(first, Refusal) and not self.was_told(wish):
                assert quantity <= line.to_pick
                self.on_hand[StockKey(line.sku_id, found.location_id)] -= quantity

    def was_told(self, wish: Short) -> bool:
        """Tell whether this very wish was sent before, under its key; remember it."""
        told: set[Short] = self.__dict__.setdefault("told", set())
        known = wish in told
        told.add(wish)
        return known

    @rule(n=which, quantity=st.none() | few)
    def pack(self, n: int, quantity: int | None) -> None:
        """Read the notes and pack what is picked, or some units of one line."""
        found = self.some_work(n, "picking", "picked", "partly_shipped")
        if found is not None:
            self.act(service.acknowledge_notes, wishes=[Acknowledgement(found.fulfillment_id)])
            line = found.lines[n % len(found.lines)]
            lines = None if quantity is None else (LineQuantity(line.line, quantity),)
            (outcome,) = self.act(service.pack_parcels, packs=[Pack(found.fulfillment_id, lines, 100)])
            assert isinstance(outcome, Refusal) or quantity is None or quantity <= line.to_pack

    @rule(n=which)
    def unpack(self, n: int) -> None:
        """Open a parcel that has not left."""
        found = self.some_parcel(n, "packed")
        if found is not None:
            (outcome,) = self.act(service.unpack_parcels, wishes=[Unpack(found[1].parcel_id)])
            assert outcome == found[1].parcel_id

    @rule(n=which)
    def ship(self, n: int) -> None:
        """Let a parcel leave, twice: it leaves once."""
        found = self.some_parcel(n, "packed")
        if found is not None:
            wish = Ship(found[1].parcel_id, "SF", "SF1")
            first, second = self.act(service.ship_parcels, wishes=[wish, wish])
            assert isinstance(second, Refusal)
            if not isinstance(first, Refusal):
                self.count_out(found[0], dict(found[1].lines))

    @rule(n=which)
    def ship_at_once(self, n: int) -> None:
        """Let all that may go of an order leave in one go."""
        if self.sold:
            order_id = list(self.sold)[n % len(self.sold)]
            before = {p.parcel_id for x in self.work() for p in x.parcels}
            (outcome,) = self.act(service.ship_orders, wishes=[OrderShipment(order_id, carrier="SF")])
            gone = [(x, p) for x in self.work() for p in x.parcels if p.parcel_id not in before]
            assert bool(gone) != isinstance(outcome, Refusal)
            for found, parcel in gone:
                assert parcel.state == "shipped"
                self.count_out(found, dict(parcel.lines))

    @rule(n=which)
    def deliver(self, n: int) -> None:
        """See a parcel arrive."""
        found = self.some_parcel(n, "shipped")
        if found is not None:
            (outcome,) = self.act(service.deliver_parcels, wishes=[Delivery(found[1].parcel_id)])
            assert outcome == found[1].parcel_id

    @rule(n=which, is_right=st.booleans())
    def collect(self, n: int, is_right: bool) -> None:
        """Make goods ready, and hand them over to whoever shows the code."""
        found = self.some_work(n, "packed", "ready")
        if found is not None:
            (ready,) = self.act(service.make_ready, wishes=[Readiness(found.fulfillment_id)])
            if isinstance(ready, Refusal):
                return
            wish = Collection(found.fulfillment_id, ready.code if is_right else "WRONG")
            (outcome,) = self.act(service.collect_fulfillments, wishes=[wish])
            assert is_right or isinstance(outcome, Refusal)
            if not isinstance(outcome, Refusal):
                for parcel in found.parcels:
                    if parcel.state == "packed":
                        self.count_out(found, dict(parcel.lines))

    @rule(n=which)
    def put_back(self, n: int) -> None:
        """Put withdrawn goods back on the shelf: the counters never knew they were away."""
        found = [(x, line) for x in self.work() for line in x.lines if line.to_put_back]
        if found:
            of, line = found[n % len(found)]
            quantity = min(line.to_put_back, line.picked - line.packed) or 1
            (outcome,) = self.act(service.put_back, wishes=[PutBack(of.fulfillment_id, line.line, quantity)])
            assert isinstance(outcome, Refusal) == (line.picked == line.packed)
