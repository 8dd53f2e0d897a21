"""Roles: sets of permissions that each merchant edits; the owner's is fixed."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from jiedan.accounts import errors, events, queries, rules, tables
from jiedan.accounts.service import history
from jiedan.accounts.values import Grant, Role, RoleId
from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal


class RoleRefused(NamedTuple):
    """A role that stays as it is, and why."""

    role: Role
    refusal: Refusal


async def create_role(
    tx: Tx, *, code: str, name: str, permissions: Collection[str], held: frozenset[str], key: str | None = None
) -> Role:
    """Add a role, by somebody who holds the permissions `held`; the same `key` again answers with what it has become.

    Raises RoleCodeInvalid, NameInvalid, PermissionUnknown, PermissionNotHeld, ScopeEmpty, RoleCodeTaken, TooMany or
    KeyReused.
    """
    history.refuse(
        [
            *rules.check_role_code(code),
            *rules.check_name(name, field="name"),
            *rules.check_permissions(permissions, held=held),
        ]
    )
    body = (code, name, sorted(permissions))
    wish = await once.subject(tx, operation="accounts.create_role", key=key, body=body)
    if not wish.is_fresh:
        return await queries.role(tx, wish.id)
    await queries.lock_staff(tx)
    if len(await queries.roles(tx)) >= queries.ROLES_MAX:
        raise errors.TooMany(limit=queries.ROLES_MAX)
    role = Role(RoleId(wish.id), code, name, frozenset(permissions), 1)
    added = await tx.execute(
        pg.insert(tables.Role)
        .values(
            tenant_id=tx.tenant,
            role_id=role.role_id,
            code=code,
            name=name,
            permissions=sorted(role.permissions),
            version=1,
            created_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "code"])
        .returning(tables.Role.role_id)
    )
    if added.one_or_none() is None:
        raise errors.RoleCodeTaken(role=code, field="code")
    tx.emit(events.RoleCreated(role_id=role.role_id, code=code, permissions=tuple(sorted(role.permissions))))
    return role


async def change_role(
    tx: Tx,
    *,
    role_id: UUID,
    held: frozenset[str],
    name: str | None = None,
    permissions: Collection[str] | None = None,
    expected_version: int | None = None,
) -> Role:
    """Rename a role or set its permissions; None leaves as is. It holds for its people within a minute.

    Raises RoleNotFound, StaleVersion, OwnerRoleFixed, NameInvalid, PermissionUnknown, ScopeEmpty or PermissionNotHeld:
    nobody edits a role that may do more than they may.
    """
    before = await queries.role_for_update(tx, role_id)
    await history.check_version(
        tx, subject_id=role_id, kind=events.RoleChanged.kind, current=before.version, expected=expected_version
    )
    after = Role(
        before.role_id,
        before.code,
        before.name if name is None else name,
        before.permissions if permissions is None else frozenset(permissions),
        before.version + 1,
    )
    history.refuse(
        [
            *rules.check_owner_role(before),
            *rules.check_name(after.name, field="name"),
            *rules.missing(before.permissions, held=held),
            *(rules.check_permissions(permissions, held=held) if permissions is not None else ()),
        ]
    )
    diff = rules.changed(before, after)
    if not diff:
        return before
    r = tables.Role
    await tx.execute(
        sa.update(r)
        .where(r.tenant_id == tx.tenant, r.role_id == role_id)
        .values(name=after.name, permissions=sorted(after.permissions), version=after.version)
    )
    tx.emit(
        events.RoleChanged(
            role_id=role_id,
            version=after.version,
            fields=tuple(sorted(diff)),
            granted=tuple(sorted(after.permissions - before.permissions)),
            withdrawn=tuple(sorted(before.permissions - after.permissions)),
        )
    )
    return after


async def set_permissions(tx: Tx, *, grants: Collection[Grant], held: frozenset[str]) -> list[Role | RoleRefused]:
    """Set the permissions of several roles, all or none; return each role as it is now, or why it stays as it was.

    What is as it shall be is left alone, whoever made it so. Where one is refused, the caller takes everything back.
    """
    outcomes: list[Role | RoleRefused] = []
    present = {role.role_id: role for role in await queries.roles(tx)}
    for grant in sorted(grants, key=lambda each: each.role_id):
        role = present.get(grant.role_id)
        if role is None:
            raise errors.RoleNotFound
        if role.permissions == grant.permissions:
            outcomes.append(role)
            continue
        try:
            changed = await change_role(
                tx,
                role_id=grant.role_id,
                held=held,
                permissions=grant.permissions,
                expected_version=grant.version,
            )
        except Refusal as refusal:
            outcomes.append(RoleRefused(role, refusal))
        else:
            outcomes.append(changed)
    return outcomes


async def remove_role(tx: Tx, *, role_id: UUID, held: frozenset[str]) -> None:
    """Remove a role that nobody has. Raises RoleNotFound, OwnerRoleFixed, PermissionNotHeld or RoleInUse."""
    await queries.lock_staff(tx)
    role = await queries.role_for_update(tx, role_id)
    history.refuse(rules.missing(role.permissions, held=held))
    history.refuse(rules.check_owner_role(role))
    count = await queries.people_with_role(tx, role_id)
    if count:
        raise errors.RoleInUse(count=count)
    r = tables.Role
    await tx.execute(sa.delete(r).where(r.tenant_id == tx.tenant, r.role_id == role_id))
    tx.emit(events.RoleRemoved(role_id=role_id, code=role.code))
