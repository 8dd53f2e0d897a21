"""Reads of groups of customers."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging, sql
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.customers import errors
from jiedan.customers.tables import Customer as CustomerTable
from jiedan.customers.tables import CustomerGroupMember
from jiedan.customers.values import CountedGroup, CustomerRow, Group, GroupId, GroupName

SQL = sql.load("jiedan.customers.queries", "groups.sql")

KEYSET = paging.Keyset(columns=(CustomerGroupMember.customer_id,))
"""Newest customer first, as the list of all customers."""


async def groups(tx: ReadTx) -> list[Group]:
    """Return every group, by name; there are at most `GROUPS_MAX`."""
    return [Group(*row) for row in await tx.sql(SQL["groups"])]


async def counted_groups(tx: ReadTx) -> list[CountedGroup]:
    """Return every group by name, with how many are in it, counted up to `paging.COUNT_MAX`. One statement."""
    rows = await tx.sql(SQL["counted_groups"], count_max=paging.COUNT_MAX)
    return [
        CountedGroup(Group(*columns), min(members, paging.COUNT_MAX), members > paging.COUNT_MAX)
        for *columns, members in rows
    ]


async def group(tx: ReadTx, group_id: UUID) -> Group:
    """Return one group. Raises GroupNotFound."""
    return _one(await tx.sql(SQL["group"], group_id=group_id), group_id)


async def group_for_update(tx: Tx, group_id: UUID) -> Group:
    """Return one group, locked against everybody who would join it. Raises GroupNotFound."""
    return _one(await tx.sql(SQL["group_for_update"], group_id=group_id), group_id)


async def groups_held(
    tx: Tx, *, group_ids: Collection[UUID] = (), codes: Collection[str] = ()
) -> dict[GroupId, GroupName]:
    """Return groups by id, as they stay until the transaction ends; what is not there is absent.

    Customers are locked after groups, never before.
    """
    rows = await tx.sql(SQL["groups_held"], group_ids=sorted(set(group_ids)), codes=sorted(set(codes)))
    return {GroupId(row[0]): GroupName(*row) for row in rows}


def groups_of(ids: Collection[UUID]) -> Load[dict[UUID, list[GroupName]]]:
    """Load the groups of customers, by the ids asked for; a merged id has its survivor's. Who is in none is absent."""

    def parse(rows: list[tuple[Any, ...]]) -> dict[UUID, list[GroupName]]:
        found: dict[UUID, list[GroupName]] = defaultdict(list)
        for customer_id, *columns in rows:
            found[customer_id].append(GroupName(*columns))
        return dict(found)

    return Load(SQL["groups_of"], {"customer_ids": sorted(set(ids))}, parse)


async def member_rows(tx: ReadTx, *, group_id: UUID, request: paging.Request) -> paging.Page[CustomerRow]:
    """Return a page of those who are in a group, newest customer first. One statement."""
    t = CustomerTable
    columns = (t.customer_id, t.kind, t.name, t.phone, t.email, t.created_at, t.version)
    rows = (await tx.execute(KEYSET.apply(_members(tx, sa.select(*columns), group_id), request))).all()
    return KEYSET.page(rows, request, make=lambda row: CustomerRow(*row), position=lambda row: (row.customer_id,))


async def member_count(tx: ReadTx, *, group_id: UUID) -> paging.Count:
    """Count those who are in a group, up to a limit. One statement."""
    return await paging.count(tx, _members(tx, sa.select(CustomerTable.customer_id), group_id))


def _members(tx: ReadTx, statement: Any, group_id: UUID) -> Any:
    t, m = CustomerTable, CustomerGroupMember
    return statement.join(m, sa.and_(m.tenant_id == t.tenant_id, m.customer_id == t.customer_id)).where(
        m.tenant_id == tx.tenant, m.group_id == group_id, t.tenant_id == tx.tenant, t.erasing_since.is_(None)
    )


def _one(rows: list[tuple[Any, ...]], group_id: UUID) -> Group:
    if not rows:
        raise errors.GroupNotFound(str(group_id))
    return Group(*rows[0])
