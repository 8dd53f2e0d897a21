"""Reads of staff, of the links they come in by, and of where they are signed in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, rules, tables, values
from jiedan.accounts.queries import merchants
from jiedan.accounts.queries.roles import to_role
from jiedan.accounts.queries.rows import all_rows, one_row
from jiedan.accounts.values import Invitation, Session, Staff, StaffId
from jiedan.base import ids
from jiedan.base.db import ReadTx, Tx

STAFF_MAX = 1_000
SESSIONS_SHOWN_MAX = 100


class Account(NamedTuple):
    """What a sign-in needs to know about the account behind an e-mail address."""

    staff_id: StaffId
    email: str
    name: str
    password_hash: str | None
    is_active: bool


class Link(NamedTuple):
    """A one-time link that may still be used, and whose it is."""

    staff_id: StaffId
    purpose: str
    email: str
    name: str
    expires_at: datetime


async def lock_staff(tx: Tx) -> None:
    """Lock the merchant's row: one edit of the lists of staff and roles at a time.

    So the last two owners are not removed by each other, no e-mail address is taken twice at once, and no role is
    removed while somebody is given it.
    """
    await merchants.lock_merchant(tx)


async def people(tx: ReadTx) -> int:
    """Return how many people there are, active or not."""
    p = tables.Staff
    counted = await tx.execute(sa.select(sa.func.count()).select_from(p).where(p.tenant_id == tx.tenant))
    return int(counted.scalar_one())


async def staff(tx: ReadTx) -> Sequence[Staff]:
    """Return everybody, in the order they were added."""
    found = await all_rows(tx, _staff(tx).order_by(tables.Staff.staff_id).limit(STAFF_MAX))
    return [_person(row) for row in found]


async def person(tx: ReadTx, staff_id: UUID) -> Staff:
    """Return one of the staff. Raises StaffNotFound."""
    found = await one_row(tx, _staff(tx).where(tables.Staff.staff_id == staff_id))
    if found is None:
        raise errors.StaffNotFound
    return _person(found)


async def persons(tx: ReadTx, staff_ids: Collection[UUID]) -> dict[StaffId, Staff]:
    """Return some of the staff by id; unknown ids are absent."""
    found = await all_rows(tx, _staff(tx).where(tables.Staff.staff_id.in_(ids.in_order(staff_ids))))
    return {person.staff_id: person for person in map(_person, found)}


async def person_by_email(tx: ReadTx, email: str) -> Staff | None:
    """Return the person with that e-mail address, or None."""
    key = rules.email_key(email)
    found = await one_row(tx, _staff(tx).where(tables.Staff.email_key == key))
    return _person(found) if found else None


async def person_for_update(tx: Tx, staff_id: UUID) -> Staff:
    """Return one of the staff, locked. Raises StaffNotFound."""
    p = tables.Staff
    named = sa.select(p.staff_id).where(p.tenant_id == tx.tenant, p.staff_id == staff_id).order_by(p.staff_id)
    await tx.execute(named.with_for_update(key_share=True))
    # Read after the lock: a join that waited for somebody's new role would look for it among the roles it had found.
    found = await one_row(tx, _staff(tx).where(p.staff_id == staff_id))
    if found is None:
        raise errors.StaffNotFound
    return _person(found)


async def owners(tx: ReadTx) -> frozenset[StaffId]:
    """Return the owners who can sign in."""
    p, r = tables.Staff, tables.Role
    found = await tx.execute(
        sa.select(p.staff_id)
        .join(r, sa.and_(r.tenant_id == p.tenant_id, r.role_id == p.role_id))
        .where(p.tenant_id == tx.tenant, r.code == values.OWNER, p.is_active, p.password_hash.is_not(None))
    )
    return frozenset(found.scalars())


async def account(tx: ReadTx, *, email: str | None = None, staff_id: UUID | None = None) -> Account | None:
    """Return the account behind an e-mail address or an id, or None."""
    p = tables.Staff
    named = p.email_key == rules.email_key(email) if email is not None else p.staff_id == staff_id
    found = await all_rows(
        tx, sa.select(p.staff_id, p.email, p.name, p.password_hash, p.is_active).where(p.tenant_id == tx.tenant, named)
    )
    return Account(*found[0]) if found else None


async def invitations(tx: ReadTx) -> Sequence[Invitation]:
    """Return who was invited and has not come in, whether or not the link is still good; newest first."""
    s, p, r = tables.StaffLink, tables.Staff, tables.Role
    found = await all_rows(
        tx,
        sa.select(p.staff_id, p.email, p.name, r.code, s.created_at, s.expires_at)
        .join(p, sa.and_(p.tenant_id == s.tenant_id, p.staff_id == s.staff_id))
        .join(r, sa.and_(r.tenant_id == p.tenant_id, r.role_id == p.role_id))
        .where(s.tenant_id == tx.tenant, s.purpose == "invitation")
        .order_by(s.created_at.desc())
        .limit(STAFF_MAX),
    )
    return [Invitation(*row) for row in found]


async def link(tx: ReadTx, *, secret_hash: bytes) -> Link:
    """Return whose one-time link this is. Raises LinkNotValid, also when it has expired or its person left."""
    s, p = tables.StaffLink, tables.Staff
    found = await all_rows(
        tx,
        sa.select(s.staff_id, s.purpose, p.email, p.name, s.expires_at)
        .join(p, sa.and_(p.tenant_id == s.tenant_id, p.staff_id == s.staff_id))
        .where(s.tenant_id == tx.tenant, has_secret(secret_hash), s.expires_at > tx.now, p.is_active),
    )
    if not found:
        raise errors.LinkNotValid
    return Link(*found[0])


def has_secret(secret_hash: bytes) -> sa.ColumnElement[bool]:
    """Return the condition that a one-time link has a secret: the one that was shown, or the one that was mailed."""
    return sa.or_(tables.StaffLink.secret_hash == secret_hash, tables.StaffLink.mailed_hash == secret_hash)


async def sessions(tx: ReadTx, *, staff_id: UUID) -> Sequence[Session]:
    """Return a person's sessions that have not ended, newest first."""
    s = tables.StaffSession
    found = await all_rows(
        tx,
        sa.select(s.session_id, s.created_at, s.last_seen_at, s.expires_at, s.network, s.user_agent)
        .where(
            s.tenant_id == tx.tenant,
            s.staff_id == staff_id,
            s.expires_at > tx.now,
            s.last_seen_at > tx.now - rules.SESSION_IDLE,
        )
        .order_by(s.session_id.desc())
        .limit(SESSIONS_SHOWN_MAX),
    )
    return [Session(*row) for row in found]


def _staff(tx: ReadTx) -> Any:
    p, r = tables.Staff, tables.Role
    has_password = p.password_hash.is_not(None)
    return (
        sa.select(p.staff_id, p.email, p.name, p.locale, p.is_active, has_password, p.version, p.created_at)
        .add_columns(r.role_id, r.code, r.name, r.permissions, r.version)
        .join(r, sa.and_(r.tenant_id == p.tenant_id, r.role_id == p.role_id))
        .where(p.tenant_id == tx.tenant)
    )


def _person(row: Any) -> Staff:
    staff_id, email, name, locale, is_active, has_password, version, created_at = row[:8]
    return Staff(staff_id, email, name, locale, to_role(row[8:]), is_active, has_password, version, created_at)
