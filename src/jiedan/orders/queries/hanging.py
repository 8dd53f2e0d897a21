"""What hangs on orders: addresses, notes, tags, attributes, holds."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Load, ReadTx
from jiedan.base.events import Actor
from jiedan.customers import rules as customers
from jiedan.customers.values import Address
from jiedan.orders.values import AddressKind, Hold, Note, NoteId, OrderId
from jiedan.pricing.rules import attributes
from jiedan.pricing.values.promotions import AttributeValue

SQL = sql.load("jiedan.orders.queries", "hanging.sql")

Rows = list[tuple[Any, ...]]


class Details(NamedTuple):
    """What hangs on one order; `holds` are the lifted ones, too."""

    addresses: Mapping[AddressKind, Address]
    notes: tuple[Note, ...]
    tags: tuple[str, ...]
    holds: tuple[Hold, ...]
    attributes: Mapping[str, AttributeValue]

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Return the attributes as they are typed."""
        return tuple([(name, attributes.text_of(value)) for name, value in self.attributes.items()])

    @property
    def standing_holds(self) -> tuple[Hold, ...]:
        """The holds that stop the order now."""
        return tuple(hold for hold in self.holds if hold.lifted_at is None)


class Standing(NamedTuple):
    """What of it decides about an order's goods: the kinds of holds that stand, the notes, whether it is sent."""

    hold_kinds: tuple[str, ...]
    note_ids: tuple[NoteId, ...]
    has_address: bool


class Destination(NamedTuple):
    """What of the address that an order goes to says how long the way takes."""

    country: str
    postal_code: str


def destinations(order_ids: Collection[UUID]) -> Load[dict[OrderId, Destination]]:
    """Load where orders go; those that are sent nowhere are absent."""

    def parse(rows: Rows) -> dict[OrderId, Destination]:
        return {OrderId(order_id): Destination(country, postal_code) for order_id, country, postal_code in rows}

    return Load(SQL["destinations"], {"order_ids": ids.in_order(order_ids)}, parse)


async def standing(tx: ReadTx, order_ids: Collection[UUID]) -> dict[OrderId, Standing]:
    """Return what decides about the goods of orders, by id; one entry for each asked for. One statement."""
    wanted = ids.in_order(order_ids)
    found = _grouped(await tx.sql(SQL["standing"], order_ids=wanted), 0)
    return {OrderId(order_id): _standing(found.get(order_id, ())) for order_id in wanted}


def _standing(rows: Iterable[tuple[Any, ...]]) -> Standing:
    hold_kinds: list[str] = []
    note_ids: list[NoteId] = []
    has_address = False
    for _, mark, kind, key in rows:
        if mark == "hold":
            hold_kinds.append(kind)
        elif mark == "note":
            note_ids.append(key)
        else:
            has_address = has_address or kind == "ship_to"
    return Standing(tuple(hold_kinds), tuple(note_ids), has_address)


async def details(tx: ReadTx, order_ids: Collection[UUID]) -> dict[OrderId, Details]:
    """Return what hangs on orders, by id; one entry for each asked for. Three statements, one round trip."""
    return hung(order_ids, await tx.load(*hanging(order_ids)))


def hanging(order_ids: Collection[UUID]) -> tuple[Load[Rows], ...]:
    """Load what hangs on orders: three statements, whose answers `hung` understands."""
    wanted = {"order_ids": ids.in_order(order_ids)}
    return tuple(Load(SQL[name], wanted, list) for name in ("addresses", "notes_and_tags", "holds"))


def hung(order_ids: Collection[UUID], found: Sequence[Rows]) -> dict[OrderId, Details]:
    """Return what `hanging` has found, by order."""
    addresses, notes_and_tags, holds = found
    by_address = _grouped(addresses, 0)
    by_note = _grouped([row for row in notes_and_tags if row[1] is not None], 0)
    by_tag = _grouped([row for row in notes_and_tags if row[1] is None and row[7] is None], 0)
    by_name = _grouped([row for row in notes_and_tags if row[7] is not None], 0)
    by_hold = _grouped(holds, 1)
    return {
        OrderId(order_id): Details(
            {row[1]: customers.address_of(row[2:]) for row in by_address.get(order_id, ())},
            tuple(Note(row[1], row[2], row[3], Actor(row[4], row[5]), row[6]) for row in by_note.get(order_id, ())),
            tuple(row[2] for row in by_tag.get(order_id, ())),
            tuple(_hold(row) for row in by_hold.get(order_id, ())),
            {row[2]: row[7] for row in by_name.get(order_id, ())},
        )
        for order_id in ids.in_order(order_ids)
    }


async def orders_of_holds(tx: ReadTx, hold_ids: Collection[UUID]) -> dict[UUID, OrderId]:
    """Return which order each hold is on; unknown ids are absent."""
    rows = await tx.sql(SQL["hold_orders"], hold_ids=ids.in_order(hold_ids))
    return {row[0]: OrderId(row[1]) for row in rows}


def _grouped(rows: Rows, column: int) -> dict[UUID, list[tuple[Any, ...]]]:
    return {key: list(of) for key, of in itertools.groupby(rows, key=lambda row: row[column])}


def _hold(row: tuple[Any, ...]) -> Hold:
    hold_id, order_id, kind, reason, permission, deadline_at, placed_at, by_kind, by_id, lifted_at, *lifted = row
    lifted_by = Actor(lifted[0], lifted[1]) if lifted_at is not None else None
    return Hold(
        hold_id,
        order_id,
        kind,
        reason,
        permission,
        deadline_at,
        placed_at,
        Actor(by_kind, by_id),
        lifted_at,
        lifted_by,
        lifted[2],
    )
