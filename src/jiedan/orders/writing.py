"""Writing what is put on orders: holds, notes, tags, addresses, contact and wishes, and why they are as they are."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.customers import rules as customers
from jiedan.customers.values import Address
from jiedan.orders import changes
from jiedan.orders.values import DecisionKind, Line, NewNote, Order, OrderId
from jiedan.pricing.values import Said

SQL = sql.load("jiedan.orders", "writing.sql")


async def set_prices(tx: Tx, order: Order, lines: Sequence[Line], *, is_noted: bool) -> int:
    """Write what lines of an order cost, and where it `is_noted` anew what frees it of tax; return its new version.

    One round trip.
    """
    told = [(SQL["set_tax"], {"order_id": order.order_id, "tax": _tax(order)})] if is_noted else []
    *_, versions = await tx.sql_many(
        [
            (SQL["set_line_prices"], _prices(lines)),
            *told,
            (SQL["raise_versions"], {"order_ids": [order.order_id]}),
        ]
    )
    return int(versions[0][1])


def _tax(order: Order) -> str | None:
    return None if order.tax is None else msgspec.json.encode(order.tax).decode()


async def set_measures(tx: Tx, lines: Sequence[Line]) -> None:
    """Write what lines of an order say of pieces made to measure, and what they cost; its version is another matter."""
    if lines:
        await tx.sql(SQL["set_line_prices"], **_prices(lines))


async def add_fees(tx: Tx, lines: Sequence[Line]) -> None:
    """Write lines of fees that an order had none of before; no statement without any."""
    if not lines:
        return
    columns = ("line_id", "order_id", "line", "kind", "code", "name", "placed_at", "tax_included", "tax_class")
    told: dict[str, Any] = {name: [getattr(x, name) for x in lines] for name in columns}
    await tx.sql_many([(SQL["insert_fees"], told), (SQL["set_line_prices"], _prices(lines))])


def _prices(lines: Sequence[Line]) -> dict[str, Any]:
    return {
        **changes.cost_columns(lines),
        "unit_minor": [x.unit_minor for x in lines],
        "price_sources": [x.price_source for x in lines],
        "price_reasons": [x.price_reason for x in lines],
        "ruled_minor": [x.ruled_minor for x in lines],
        "by_hand_minor": [x.by_hand_minor for x in lines],
        "placed_sources": [x.placed_source for x in lines],
        "placed_unit_minor": [x.placed_unit_minor for x in lines],
        "placed_discount_minor": [x.placed_discount_minor for x in lines],
        "placed_by_hand_minor": [x.placed_by_hand_minor for x in lines],
        "attributes": [said_json(x.attributes) for x in lines],
        "placed_attributes": [said_json(x.placed_attributes) for x in lines],
        "tax_classes": [x.tax_class for x in lines],
    }


def said_json(said: tuple[Said, ...]) -> str | None:
    """Return what a line says of its piece as it is stored."""
    return msgspec.json.encode(said).decode() if said else None


async def replace_addresses(tx: Tx, order_id: OrderId, addresses: Mapping[str, Address | None]) -> None:
    """Replace an order's addresses by kind; None removes one."""
    if not addresses:
        return
    await tx.sql(SQL["delete_addresses"], order_id=order_id, kinds=sorted(addresses))
    given = [(kind, address) for kind, address in sorted(addresses.items()) if address is not None]
    await tx.sql(
        SQL["insert_addresses"],
        order_id=order_id,
        kinds=[kind for kind, _ in given],
        **customers.address_columns([a for _, a in given]),
    )


async def replace_tags(tx: Tx, order_id: OrderId, tags: Sequence[str]) -> None:
    """Make an order's tags exactly `tags`."""
    await tx.sql(SQL["delete_tags"], order_id=order_id, tags=sorted(tags))
    await tx.sql(SQL["insert_tags"], order_id=order_id, tags=sorted(tags))


async def add_notes(tx: Tx, order_id: OrderId, notes: Sequence[NewNote]) -> None:
    """Write notes on an order."""
    if not notes:
        return
    await tx.sql(
        SQL["insert_notes"],
        order_id=order_id,
        note_ids=tx.new_ids(len(notes)),
        kinds=[note.kind for note in notes],
        texts=[note.text for note in notes],
        at=tx.now,
        by_kind=tx.actor.kind,
        by_id=tx.actor.id,
    )


async def mark(
    tx: Tx,
    order_ids: Sequence[OrderId],
    *,
    added: Sequence[tuple[OrderId, str]],
    removed: Sequence[tuple[OrderId, str]],
    notes: Sequence[tuple[OrderId, NewNote]],
) -> dict[OrderId, int]:
    """Put tags and notes on orders and take tags off; return the new version of each of `order_ids`. One round trip."""
    *_, versions = await tx.sql_many(
        [
            (SQL["insert_tags_of"], {"order_ids": [x for x, _ in added], "tags": [tag for _, tag in added]}),
            (SQL["delete_tags_of"], {"order_ids": [x for x, _ in removed], "tags": [tag for _, tag in removed]}),
            (
                SQL["insert_notes_of"],
                {
                    "order_ids": [x for x, _ in notes],
                    "note_ids": tx.new_ids(len(notes)),
                    "kinds": [note.kind for _, note in notes],
                    "texts": [note.text for _, note in notes],
                    "at": tx.now,
                    "by_kind": tx.actor.kind,
                    "by_id": tx.actor.id,
                },
            ),
            (SQL["raise_versions"], {"order_ids": list(order_ids)}),
        ]
    )
    return {OrderId(order_id): version for order_id, version in versions}


async def assign(tx: Tx, assignees: Mapping[OrderId, UUID | None]) -> dict[OrderId, int]:
    """Give each order to its assignee, or to nobody; return their new versions. One statement."""
    rows = await tx.sql(
        SQL["assign_orders"], order_ids=list(assignees), assignee_ids=[assignees[key] for key in assignees]
    )
    return {OrderId(order_id): version for order_id, version in rows}


async def add_decisions(tx: Tx, *, kind: DecisionKind, decided: Sequence[tuple[Order, Mapping[str, Any]]]) -> None:
    """Keep why orders are as they are now, with what was applied."""
    if not decided:
        return
    await tx.sql(
        SQL["insert_decisions"],
        kind=kind,
        order_ids=[order.order_id for order, _ in decided],
        decision_ids=tx.new_ids(len(decided)),
        rules_versions=[order.price_rules_version for order, _ in decided],
        data=[msgspec.json.encode(data).decode() for _, data in decided],
        decided_at=tx.now,
    )


async def update_head(tx: Tx, order: Order) -> int:
    """Write what people may change of an order itself; return its new version."""
    rows = await tx.sql(
        SQL["update_head"],
        order_id=order.order_id,
        name=order.contact.name,
        phone=order.contact.phone,
        email=order.contact.email,
        delivery_wish=order.delivery_wish,
        location_id=order.requested_location_id,
        tax=_tax(order),
        shipping_method=order.shipping_method,
        shipping_name=order.shipping_name,
        line_count=order.line_count,
    )
    return int(rows[0][0])
