"""Reads of roles."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, rules, tables
from jiedan.accounts.queries.rows import all_rows, one_row
from jiedan.accounts.values import Role, RoleId
from jiedan.base.db import ReadTx, Tx

ROLES_MAX = 50


async def roles(tx: ReadTx) -> Sequence[Role]:
    """Return every role, in the order they were made."""
    found = await all_rows(tx, _roles(tx).order_by(tables.Role.role_id).limit(ROLES_MAX))
    return [to_role(row) for row in found]


async def role(tx: ReadTx, role_id: UUID) -> Role:
    """Return a role. Raises RoleNotFound."""
    found = await one_row(tx, _roles(tx).where(tables.Role.role_id == role_id))
    if found is None:
        raise errors.RoleNotFound
    return to_role(found)


async def role_by_code(tx: ReadTx, code: str) -> Role | None:
    """Return the role with that code, or None."""
    found = await one_row(tx, _roles(tx).where(tables.Role.code == code))
    return to_role(found) if found else None


async def role_for_update(tx: Tx, role_id: UUID) -> Role:
    """Return a role, locked. Raises RoleNotFound."""
    r = tables.Role
    locked = _roles(tx).where(r.role_id == role_id).order_by(r.role_id).with_for_update(key_share=True)
    found = await one_row(tx, locked)
    if found is None:
        raise errors.RoleNotFound
    return to_role(found)


async def people_by_role(tx: ReadTx) -> Mapping[UUID, int]:
    """Return how many people have each role; roles that nobody has are absent."""
    p = tables.Staff
    counted = sa.select(p.role_id, sa.func.count()).where(p.tenant_id == tx.tenant).group_by(p.role_id)
    return dict(await all_rows(tx, counted))


async def people_with_role(tx: ReadTx, role_id: UUID) -> int:
    """Return how many people have a role, active or not."""
    t = tables.Staff
    counted = await tx.execute(
        sa.select(sa.func.count()).select_from(t).where(t.tenant_id == tx.tenant, t.role_id == role_id)
    )
    return int(counted.scalar_one())


def _roles(tx: ReadTx) -> Any:
    r = tables.Role
    return sa.select(r.role_id, r.code, r.name, r.permissions, r.version).where(r.tenant_id == tx.tenant)


def to_role(row: Any) -> Role:
    """Return the role of a row: id, code, name, permissions, version."""
    role_id, code, name, permissions, version = row
    return Role(RoleId(role_id), code, name, rules.effective_permissions(code, permissions), version)
