"""Reads of accounts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, rules, tables, values
from jiedan.accounts.values import (
    ApiKey,
    ApiKeyId,
    Invitation,
    Logo,
    MerchantSettings,
    Passkey,
    Role,
    RoleId,
    Session,
    Staff,
    StaffId,
    Storefront,
)
from jiedan.base import sql
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.base.edits import Edit, Edits
from jiedan.base.events import Actor

SQL = sql.load("jiedan.accounts", "queries.sql")

STAFF_MAX = 1_000
ROLES_MAX = 50
API_KEYS_MAX = 500
SESSIONS_SHOWN_MAX = 100
EDITS_PER_THING_MAX = 100
"""So many of the newest edits of a thing are looked at; who edited it before these is not told."""


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


def settings() -> Load[MerchantSettings]:
    """Read what the merchant has decided.

    Parsing raises MerchantNotFound when the tenant has no settings.
    """
    return Load(SQL["settings"], {}, _settings)


def credentials_alive(credential_ids: Collection[UUID]) -> Load[frozenset[UUID]]:
    """Read which of these sessions and API keys are not revoked, and whose person is still active.

    Expiry is not looked at: it is known since the credential was parsed, and checked there.
    """
    return Load(SQL["credentials_alive"], {"credential_ids": sorted(credential_ids)}, _first_column)


def actor_names(actors: Collection[Actor]) -> Load[Mapping[Actor, str]]:
    """Read the names of staff and API keys, for timelines; an actor of another kind is called by its id."""
    ours = {actor: UUID(actor.id) for actor in actors if actor.kind in {"staff", "api_key"}}

    def parse(rows: list[tuple[Any, ...]]) -> Mapping[Actor, str]:
        names = {row[0]: row[1] for row in rows}
        return {actor: names.get(ours.get(actor), actor.id) for actor in actors}

    return Load(SQL["staff_names"], {"staff_ids": sorted(ours.values())}, parse)


def permissions_of(actor: Actor) -> Load[frozenset[str]]:
    """Read what a member of staff or an API key may do now: nothing who left, or was revoked."""
    found = {"holder_id": UUID(actor.id) if actor.kind in {"staff", "api_key"} else None}
    return Load(SQL["permissions_of"], found, _permissions)


def _permissions(rows: list[tuple[Any, ...]]) -> frozenset[str]:
    if not rows:
        return frozenset()
    role, permissions, scope = rows[0]
    maker = values.ALL_PERMISSIONS if role is None else rules.effective_permissions(role, permissions)
    return maker if scope is None else rules.key_permissions(scope, maker=maker)


async def edits(tx: ReadTx, *, subject_ids: Collection[UUID], kind: str) -> Edits:
    """Return who edited things, and of which fields, as events of `kind` tell. Two statements.

    `EDITS_PER_THING_MAX` of each are looked at.
    """
    found: dict[UUID, list[Edit]] = {subject_id: [] for subject_id in subject_ids}
    rows = await tx.sql(SQL["edits"], subject_ids=sorted(found), kind=kind, edits_max=EDITS_PER_THING_MAX)
    for subject_id, actor_kind, actor_id, data in rows:
        found[subject_id].append(Edit.of(Actor(actor_kind, actor_id), data))
    names = await tx.load_one(actor_names({edit.actor for some in found.values() for edit in some}))
    return Edits(found, names)


def storefront() -> Load[Storefront]:
    """Read how the merchant's shop shows itself; a closed one where nobody has said."""
    return Load(SQL["storefront"], {}, _storefront)


async def storefront_for_update(tx: Tx) -> Storefront:
    """Return how the shop shows itself, locked; version 0 where nobody has said."""
    return _storefront(await tx.sql(SQL["storefront_for_update"]))


async def logo(tx: ReadTx) -> Logo | None:
    """Return the merchant's logo, or None."""
    rows = await tx.sql(SQL["logo"])
    return Logo(*rows[0]) if rows else None


def _storefront(rows: list[tuple[Any, ...]]) -> Storefront:
    return Storefront(*rows[0]) if rows else Storefront()


async def settings_for_update(tx: Tx) -> MerchantSettings:
    """Return the settings, locked. Raises MerchantNotFound."""
    return _settings(await tx.sql(SQL["settings_for_update"]))


async def lock_staff(tx: Tx) -> None:
    """Lock the merchant's row: one edit of the lists of staff and roles at a time.

    So the last two owners are not removed by each other, no e-mail address is taken twice at once, and no role is
    removed while somebody is given it.
    """
    await tx.sql(SQL["settings_for_update"])


async def roles(tx: ReadTx) -> Sequence[Role]:
    """Return every role, in the order they were made."""
    found = await _all(tx, _roles(tx).order_by(tables.Role.role_id).limit(ROLES_MAX))
    return [_role(row) for row in found]


async def role(tx: ReadTx, role_id: UUID) -> Role:
    """Return a role. Raises RoleNotFound."""
    found = await _one(tx, _roles(tx).where(tables.Role.role_id == role_id))
    if found is None:
        raise errors.RoleNotFound
    return _role(found)


async def role_by_code(tx: ReadTx, code: str) -> Role | None:
    """Return the role with that code, or None."""
    found = await _one(tx, _roles(tx).where(tables.Role.code == code))
    return _role(found) if found else None


async def people_by_role(tx: ReadTx) -> Mapping[UUID, int]:
    """Return how many people have each role; roles that nobody has are absent."""
    p = tables.Staff
    counted = sa.select(p.role_id, sa.func.count()).where(p.tenant_id == tx.tenant).group_by(p.role_id)
    return dict(await _all(tx, counted))


async def role_for_update(tx: Tx, role_id: UUID) -> Role:
    """Return a role, locked. Raises RoleNotFound."""
    r = tables.Role
    locked = _roles(tx).where(r.role_id == role_id).order_by(r.role_id).with_for_update(key_share=True)
    found = await _one(tx, locked)
    if found is None:
        raise errors.RoleNotFound
    return _role(found)


async def people(tx: ReadTx) -> int:
    """Return how many people there are, active or not."""
    p = tables.Staff
    counted = await tx.execute(sa.select(sa.func.count()).select_from(p).where(p.tenant_id == tx.tenant))
    return int(counted.scalar_one())


async def live_api_keys(tx: ReadTx) -> int:
    """Return how many API keys are not revoked."""
    k = tables.ApiKey
    counted = await tx.execute(
        sa.select(sa.func.count()).select_from(k).where(k.tenant_id == tx.tenant, k.revoked_at.is_(None))
    )
    return int(counted.scalar_one())


async def people_with_role(tx: ReadTx, role_id: UUID) -> int:
    """Return how many people have a role, active or not."""
    t = tables.Staff
    counted = await tx.execute(
        sa.select(sa.func.count()).select_from(t).where(t.tenant_id == tx.tenant, t.role_id == role_id)
    )
    return int(counted.scalar_one())


async def staff(tx: ReadTx) -> Sequence[Staff]:
    """Return everybody, in the order they were added."""
    found = await _all(tx, _staff(tx).order_by(tables.Staff.staff_id).limit(STAFF_MAX))
    return [_person(row) for row in found]


async def person(tx: ReadTx, staff_id: UUID) -> Staff:
    """Return one of the staff. Raises StaffNotFound."""
    found = await _one(tx, _staff(tx).where(tables.Staff.staff_id == staff_id))
    if found is None:
        raise errors.StaffNotFound
    return _person(found)


async def person_by_email(tx: ReadTx, email: str) -> Staff | None:
    """Return the person with that e-mail address, or None."""
    key = rules.email_key(email)
    found = await _one(tx, _staff(tx).where(tables.Staff.email_key == key))
    return _person(found) if found else None


async def person_for_update(tx: Tx, staff_id: UUID) -> Staff:
    """Return one of the staff, locked. Raises StaffNotFound."""
    p = tables.Staff
    named = sa.select(p.staff_id).where(p.tenant_id == tx.tenant, p.staff_id == staff_id).order_by(p.staff_id)
    await tx.execute(named.with_for_update(key_share=True))
    # Read after the lock: a join that waited for somebody's new role would look for it among the roles it had found.
    found = await _one(tx, _staff(tx).where(p.staff_id == staff_id))
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
    found = await _all(
        tx, sa.select(p.staff_id, p.email, p.name, p.password_hash, p.is_active).where(p.tenant_id == tx.tenant, named)
    )
    return Account(*found[0]) if found else None


async def invitations(tx: ReadTx) -> Sequence[Invitation]:
    """Return who was invited and has not come in, whether or not the link is still good; newest first."""
    s, p, r = tables.StaffLink, tables.Staff, tables.Role
    found = await _all(
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
    found = await _all(
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
    found = await _all(
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


async def passkeys(tx: ReadTx, *, staff_id: UUID) -> Sequence[Passkey]:
    """Return a person's passkeys, in the order they were made."""
    found = await _all(tx, _passkeys(tx, staff_id).order_by(tables.Passkey.passkey_id))
    return [Passkey(*row) for row in found]


async def passkey_for_update(tx: Tx, *, staff_id: UUID, passkey_id: UUID) -> Passkey:
    """Return one of a person's passkeys, locked. Raises PasskeyNotFound."""
    k = tables.Passkey
    locked = _passkeys(tx, staff_id).where(k.passkey_id == passkey_id).order_by(k.passkey_id)
    found = await _one(tx, locked.with_for_update(key_share=True))
    if found is None:
        raise errors.PasskeyNotFound
    return Passkey(*found)


def _passkeys(tx: ReadTx, staff_id: UUID) -> Any:
    k = tables.Passkey
    return sa.select(k.passkey_id, k.name, k.is_synced, k.version, k.created_at, k.last_used_at).where(
        k.tenant_id == tx.tenant, k.staff_id == staff_id
    )


async def api_keys(tx: ReadTx) -> Sequence[ApiKey]:
    """Return API keys: those that are good first, then revoked ones, each newest first; `API_KEYS_MAX` at most."""
    k = tables.ApiKey
    found = await _all(tx, _api_keys(tx).order_by(k.revoked_at.is_not(None), k.api_key_id.desc()).limit(API_KEYS_MAX))
    return [_api_key(row) for row in found]


async def api_key(tx: ReadTx, api_key_id: UUID) -> ApiKey:
    """Return an API key. Raises ApiKeyNotFound."""
    found = await _one(tx, _api_keys(tx).where(tables.ApiKey.api_key_id == api_key_id))
    if found is None:
        raise errors.ApiKeyNotFound
    return _api_key(found)


async def api_key_for_update(tx: Tx, api_key_id: UUID) -> ApiKey:
    """Return an API key, locked. Raises ApiKeyNotFound."""
    k = tables.ApiKey
    locked = _api_keys(tx).where(k.api_key_id == api_key_id).order_by(k.api_key_id).with_for_update(key_share=True)
    found = await _one(tx, locked)
    if found is None:
        raise errors.ApiKeyNotFound
    return _api_key(found)


def _settings(rows: list[tuple[Any, ...]]) -> MerchantSettings:
    if not rows:
        raise errors.MerchantNotFound
    columns: Any = (tuple(value) if isinstance(value, list) else value for value in rows[0])
    return MerchantSettings(*columns)


def _first_column(rows: list[tuple[Any, ...]]) -> frozenset[UUID]:
    return frozenset(row[0] for row in rows)


async def _all(tx: ReadTx, statement: sa.Executable) -> Sequence[Any]:
    return (await tx.execute(statement)).all()


async def _one(tx: ReadTx, statement: sa.Executable) -> Any:
    return (await tx.execute(statement)).one_or_none()


def _roles(tx: ReadTx) -> Any:
    r = tables.Role
    return sa.select(r.role_id, r.code, r.name, r.permissions, r.version).where(r.tenant_id == tx.tenant)


def _role(row: Any) -> Role:
    role_id, code, name, permissions, version = row
    return Role(RoleId(role_id), code, name, rules.effective_permissions(code, permissions), version)


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
    return Staff(staff_id, email, name, locale, _role(row[8:]), is_active, has_password, version, created_at)


def _api_keys(tx: ReadTx) -> Any:
    k = tables.ApiKey
    return sa.select(
        k.api_key_id, k.name, k.hint, k.permissions, k.created_by, k.created_at, k.expires_at, k.revoked_at
    ).add_columns(k.last_used_at).where(k.tenant_id == tx.tenant)  # fmt: skip


def _api_key(row: Any) -> ApiKey:
    api_key_id, name, hint, permissions, *rest = row
    return ApiKey(ApiKeyId(api_key_id), name, hint, frozenset(permissions), *rest)
