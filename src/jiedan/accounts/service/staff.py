"""The people of a merchant: invited by a link, edited, deactivated; an owner is always left."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, events, queries, rules, tables, values
from jiedan.accounts.service import history, links, sessions, throttle
from jiedan.accounts.values import NewStaff, OneTimeLink, Role, Staff, StaffId
from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Series


async def invite_staff(tx: Tx, *, staff: NewStaff, held: frozenset[str], key: str | None = None) -> OneTimeLink:
    """Invite somebody, or again somebody who never came in; the link made before ends.

    Raises EmailInvalid, NameInvalid, ChoiceUnknown, EmailTaken, TooMany, PermissionNotHeld when the role may do more
    than the inviter, who holds `held`, KeyReused, or LinkShown when the same `key` has made a link: it is nowhere to
    be read again.
    """
    body = (rules.email_key(staff.email), staff.name, staff.role, staff.locale)
    wish = await once.subject(tx, operation="accounts.invite_staff", key=key, body=body)
    if not wish.is_fresh:
        raise errors.LinkShown
    await queries.lock_staff(tx)
    role = await _role(tx, staff.role)
    history.refuse(rules.missing(role.permissions, held=held))
    history.refuse(_check(staff.email, staff.name, staff.locale))
    existing = await queries.person_by_email(tx, staff.email)
    if existing is not None:
        history.refuse(rules.missing(existing.role.permissions, held=held))
    if existing is not None and existing.has_password:
        raise errors.EmailTaken(field="email")
    staff_id = StaffId(wish.id) if existing is None else existing.staff_id
    if existing is None:
        await _add(tx, staff, role, staff_id)
    else:
        renewed = dataclasses.replace(existing, name=staff.name, locale=staff.locale, role=role, is_active=True)
        await _edit(tx, existing, renewed)
    link = await links.issue(tx, staff_id=staff_id, purpose="invitation")
    tx.emit(
        events.StaffInvited(staff_id=staff_id, role_id=role.role_id, expires_at=link.expires_at),
        private={"name": staff.name, "email": staff.email},
    )
    return link


async def revoke_invitation(tx: Tx, *, staff_id: UUID, held: frozenset[str]) -> None:
    """Take an invitation back; the account stays, deactivated, and can be invited again. Done twice it is done once.

    Raises StaffNotFound, PermissionNotHeld or AlreadyJoined.
    """
    await queries.lock_staff(tx)
    person = await queries.person_for_update(tx, staff_id)
    history.refuse(rules.missing(person.role.permissions, held=held))
    if person.has_password:
        raise errors.AlreadyJoined
    was_open = await links.withdraw(tx, staff_id=person.staff_id)
    if await _edit(tx, person, dataclasses.replace(person, is_active=False)) or was_open:
        tx.emit(events.InvitationRevoked(staff_id=person.staff_id))


async def change_staff(
    tx: Tx,
    *,
    staff_id: UUID,
    changes: Mapping[str, Any],
    held: frozenset[str],
    expected_version: int | None = None,
) -> Staff:
    """Edit `email`, `name`, `locale`, `role` (a code) or `is_active` of somebody; what changes nothing is no edit.

    Whoever gets another role or is deactivated is signed out everywhere. A link that was mailed ends when the person is
    deactivated, or has another address than the one it went to. Raises StaffNotFound, StaleVersion,
    EmailInvalid, NameInvalid, ChoiceUnknown, EmailTaken, LastOwner, or PermissionNotHeld when the person may, or would,
    do more than the editor, who holds `held`.
    """
    await queries.lock_staff(tx)
    owners = await queries.owners(tx)
    before = await queries.person_for_update(tx, staff_id)
    await history.check_version(
        tx, subject_id=staff_id, kind=events.StaffChanged.kind, current=before.version, expected=expected_version
    )
    role = await _role(tx, changes["role"]) if "role" in changes else before.role
    after = dataclasses.replace(before, **{**changes, "role": role})
    after = dataclasses.replace(after, email=after.email.strip())
    history.refuse(rules.missing(before.role.permissions | role.permissions, held=held))
    history.refuse(
        [
            *_check(after.email, after.name, after.locale),
            *rules.check_owner_left(before, after, owners=owners),
        ]
    )
    has_another_address = rules.email_key(after.email) != rules.email_key(before.email)
    if has_another_address:
        await _check_email_free(tx, after)
    changed = await _edit(tx, before, after)
    if "role" in changed or not after.is_active:
        await sessions.end(tx, staff_id=before.staff_id)
    if not after.is_active or has_another_address:
        await links.withdraw(tx, staff_id=before.staff_id)
    return dataclasses.replace(after, version=before.version + 1) if changed else before


async def reset_password(tx: Tx, *, staff_id: UUID, held: frozenset[str], key: str | None = None) -> OneTimeLink:
    """Make a link by which somebody chooses a new password; the present one works until then.

    Somebody who never came in gets another invitation. Raises StaffNotFound, also for the deactivated,
    PermissionNotHeld, KeyReused, or LinkShown when the same `key` has made a link.
    """
    wish = await once.subject(tx, operation="accounts.reset_password", key=key, body=staff_id)
    if not wish.is_fresh:
        raise errors.LinkShown
    person = await queries.person_for_update(tx, staff_id)
    if not person.is_active:
        raise errors.StaffNotFound
    history.refuse(rules.missing(person.role.permissions, held=held))
    if not person.has_password:
        link = await links.issue(tx, staff_id=person.staff_id, purpose="invitation")
        tx.emit(events.StaffInvited(staff_id=person.staff_id, role_id=person.role.role_id, expires_at=link.expires_at))
        return link
    link = await links.issue(tx, staff_id=person.staff_id, purpose="password_reset")
    tx.emit(events.PasswordResetIssued(staff_id=person.staff_id, expires_at=link.expires_at))
    return link


async def set_password(tx: Tx, *, staff_id: StaffId, password_hash: str) -> None:
    """Store a new password; every session of the person ends, so does the link, and attempts are forgotten.

    Raises StaffNotFound, also for the deactivated.
    """
    p = tables.Staff
    stored = await tx.execute(
        sa.update(p)
        .where(p.tenant_id == tx.tenant, p.staff_id == staff_id, p.is_active)
        .values(password_hash=password_hash)
        .returning(p.email)
    )
    email = stored.scalar_one_or_none()
    if email is None:
        raise errors.StaffNotFound
    await throttle.forgive(tx, account=throttle.account_subject(email), network=b"")
    await sessions.end(tx, staff_id=staff_id)
    await links.withdraw(tx, staff_id=staff_id)
    tx.emit(events.PasswordChanged(staff_id=staff_id))


def _check(email: str, name: str, locale: str) -> list[Refusal]:
    return [*rules.check_email(email), *rules.check_name(name, field="name"), *rules.check_locale(locale)]


async def _role(tx: Tx, code: str) -> Role:
    role = await queries.role_by_code(tx, code)
    if role is None:
        known = Series(role.code for role in await queries.roles(tx))
        raise errors.ChoiceUnknown(value=code, choices=known, field="role")
    return role


async def _add(tx: Tx, staff: NewStaff, role: Role, staff_id: StaffId) -> None:
    if await queries.people(tx) >= queries.STAFF_MAX:
        raise errors.TooMany(limit=queries.STAFF_MAX)
    await tx.execute(
        sa.insert(tables.Staff).values(
            tenant_id=tx.tenant,
            staff_id=staff_id,
            email=staff.email.strip(),
            email_key=rules.email_key(staff.email),
            name=staff.name,
            locale=staff.locale,
            role_id=role.role_id,
            password_hash=staff.password_hash,
            is_active=True,
            version=1,
            created_at=tx.now,
        )
    )


async def _check_email_free(tx: Tx, person: Staff) -> None:
    other = await queries.person_by_email(tx, person.email)
    if other is not None and other.staff_id != person.staff_id:
        raise errors.EmailTaken(field="email")


async def _edit(tx: Tx, before: Staff, after: Staff) -> Collection[str]:
    """Write what differs of a person, and tell; return the names of what did, none when nothing was written."""
    diff = rules.changed(before, after)
    if not diff:
        return ()
    p = tables.Staff
    await tx.execute(
        sa.update(p)
        .where(p.tenant_id == tx.tenant, p.staff_id == before.staff_id)
        .values(
            email=after.email.strip(),
            email_key=rules.email_key(after.email),
            name=after.name,
            locale=after.locale,
            role_id=after.role.role_id,
            is_active=after.is_active,
            version=before.version + 1,
        )
    )
    tx.emit(
        events.StaffChanged(
            staff_id=before.staff_id,
            version=before.version + 1,
            fields=tuple(sorted(diff)),
            role_id=after.role.role_id,
            is_active=after.is_active,
        ),
        private={
            "before": {name: _plain(old) for name, (old, _) in diff.items()},
            "after": {name: _plain(new) for name, (_, new) in diff.items()},
        },
    )
    return tuple(diff)


def _plain(value: object) -> object:
    return value.code if isinstance(value, values.Role) else value
