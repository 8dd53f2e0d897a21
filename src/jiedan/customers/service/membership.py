"""Who is in which group: what every way into a group and out of it shares."""

from collections.abc import Collection, Iterable
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.customers import events, queries
from jiedan.customers.values import GroupName

SQL = sql.load("jiedan.customers.service", "groups.sql")

Pair = tuple[GroupName, UUID]
"""A group and a customer."""


async def held(tx: Tx, codes: Collection[str]) -> dict[str, GroupName]:
    """Return groups by code, held; unknown codes are absent. No statement without codes."""
    found = await queries.groups_held(tx, codes=codes) if codes else {}
    return {group.code: group for group in found.values()}


async def join(tx: Tx, pairs: Iterable[Pair]) -> set[Pair]:
    """Put customers into held groups, and tell; return who was not in them before. One statement, or none."""
    return await _change(tx, "join", pairs, event=events.GroupJoined, at=tx.now)


async def leave(tx: Tx, pairs: Iterable[Pair]) -> set[Pair]:
    """Take customers out of groups, and tell; return who was in them before. One statement, or none."""
    return await _change(tx, "leave", pairs, event=events.GroupLeft)


async def _change(
    tx: Tx,
    statement: str,
    pairs: Iterable[Pair],
    *,
    event: type[events.GroupJoined | events.GroupLeft],
    **parameters: object,
) -> set[Pair]:
    wanted = {(group.group_id, customer_id): (group, customer_id) for group, customer_id in sorted(pairs)}
    if not wanted:
        return set()
    group_ids, customer_ids = zip(*wanted, strict=True)
    rows = await tx.sql(SQL[statement], group_ids=list(group_ids), customer_ids=list(customer_ids), **parameters)
    changed = [wanted[group_id, customer_id] for group_id, customer_id in sorted(rows)]
    tx.emit(*(event(customer_id=who, group_id=group.group_id, group=group.code) for group, who in changed))
    return set(changed)
