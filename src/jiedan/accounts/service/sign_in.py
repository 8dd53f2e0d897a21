"""Signing in: counted, verified, begun; and the other ways a password comes to be set.

A password is hashed between two transactions, never inside one: it takes long, and a connection is dear. Whatever is
wrong, whoever asks, the work and the answer are the same.
"""

from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import errors, events, queries, rules, tables
from jiedan.accounts.queries import Account
from jiedan.accounts.service import credentials, factors, history, links, sessions, staff, throttle
from jiedan.accounts.service.passwords import Passwords
from jiedan.accounts.values import CodeWanted, SignedIn, StaffId, Visitor
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.base.sealing import Sealer


async def sign_in(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId | None,
    email: str,
    password: str,
    visitor: Visitor,
    sealer: Sealer,
    replaced: str | None = None,
) -> SignedIn | CodeWanted:
    """Sign somebody in and return the new session; the browser's former one (secret `replaced`) ends.

    Who signs in in two steps is asked for a code instead: `sign_in_by_code`. `tenant` is None when no merchant has the
    slug that was given. Raises SignInRefused, whatever was wrong, SignInThrottled or PasswordsBusy.
    """
    account = await _counted(database, tenant, email, visitor) if tenant is not None else None
    can_enter = account is not None and account.is_active
    verified = await passwords.verify(password, account.password_hash if account is not None and can_enter else None)
    if tenant is None or account is None or not verified.is_right:
        raise errors.SignInRefused
    found, rehashed = account, verified.rehashed

    async def enter(tx: Tx) -> SignedIn | CodeWanted | None:
        if not await _still(tx, found, rehashed):
            return None
        factor = await factors.factor(tx, staff_id=found.staff_id)
        if factor is not None and factor.is_confirmed:
            password_hash = rehashed or found.password_hash or ""
            token = factors.pending(tx.tenant, sealer, staff_id=found.staff_id, password_hash=password_hash, now=tx.now)
            return CodeWanted(found.staff_id, token)
        return await _enter(tx, found, visitor, replaced)

    signed_in = await database.write(_scope(tenant, found.staff_id, visitor), enter)
    if signed_in is None:
        raise errors.SignInRefused
    return signed_in


async def sign_in_by_code(
    database: Database,
    *,
    tenant: TenantId | None,
    token: str,
    code: str,
    visitor: Visitor,
    sealer: Sealer,
    replaced: str | None = None,
) -> SignedIn:
    """Take the second step: `token` says that the password was right, `code` is the app's or a recovery code.

    Each try counts as an attempt to sign in. Raises SignInExpired, CodeWrong or SignInThrottled.
    """
    if tenant is None:
        raise errors.SignInExpired
    staff_id = factors.whose(token)
    async with database.read(Scope(tenant)) as tx:
        account = await queries.account(tx, staff_id=staff_id)
        password_hash = account.password_hash if account is not None and account.is_active else None
        factors.check_pending(tenant, sealer, token=token, password_hash=password_hash, now=tx.now)
    if account is None:
        raise errors.SignInExpired
    found = account
    await _counted(database, tenant, found.email, visitor)

    async def enter(tx: Tx) -> SignedIn | None:
        if not await _still(tx, found, None):
            return None
        await factors.check(tx, sealer, staff_id=staff_id, code=code)
        return await _enter(tx, found, visitor, replaced)

    signed_in = await database.write(_scope(tenant, staff_id, visitor), enter)
    if signed_in is None:
        raise errors.SignInExpired
    return signed_in


async def _enter(tx: Tx, account: Account, visitor: Visitor, replaced: str | None) -> SignedIn:
    """Begin a session, and forgive the attempts that led to it."""
    signed_in = await sessions.begin(tx, staff_id=account.staff_id, visitor=visitor, replaced=replaced)
    await throttle.forgive(
        tx, account=throttle.account_subject(account.email), network=throttle.network_subject(visitor.network)
    )
    tx.emit(events.SignedIn(staff_id=account.staff_id, session_id=signed_in.session_id))
    return signed_in


async def accept_link(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    secret: str,
    password: str,
    visitor: Visitor,
    replaced: str | None = None,
) -> SignedIn | None:
    """Set the password of the person whom a one-time link belongs to, use the link up and sign them in.

    Who signs in in two steps is not, and None is returned: a link to an e-mail address is no second step.
    Raises LinkNotValid, or what is wrong with the password.
    """
    async with database.read(Scope(tenant)) as tx:
        link = await queries.link(tx, secret_hash=credentials.secret_hash(secret))
        settings = await tx.load_one(queries.settings())
    personal = (link.email, link.name, settings.name, settings.slug)
    history.refuse(rules.check_password(password, personal=personal))
    password_hash = await passwords.hash(password)

    async def enter(tx: Tx) -> SignedIn | None:
        await queries.person_for_update(tx, link.staff_id)  # before the link, as by everybody who ends it
        staff_id, purpose = await links.consume(tx, secret=secret)
        await staff.set_password(tx, staff_id=staff_id, password_hash=password_hash)
        if purpose == "invitation":
            tx.emit(events.StaffJoined(staff_id=staff_id))
        factor = await factors.factor(tx, staff_id=staff_id)
        if factor is not None and factor.is_confirmed:
            return None
        signed_in = await sessions.begin(tx, staff_id=staff_id, visitor=visitor, replaced=replaced)
        tx.emit(events.SignedIn(staff_id=staff_id, session_id=signed_in.session_id))
        return signed_in

    return await database.write(_scope(tenant, link.staff_id, visitor), enter)


async def change_password(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    staff_id: StaffId,
    present: str,
    password: str,
    visitor: Visitor,
) -> SignedIn:
    """Change one's own password: every session ends, and the one in use goes on under a new secret.

    Guesses at the present password count as attempts to sign in. Raises PasswordWrong, SignInThrottled, or what is
    wrong with the new password.
    """
    account = await prove(database, passwords, tenant=tenant, staff_id=staff_id, present=present, visitor=visitor)
    async with database.read(Scope(tenant)) as tx:
        settings = await tx.load_one(queries.settings())
    personal = (account.email, account.name, settings.name, settings.slug)
    history.refuse(rules.check_password(password, personal=personal))
    password_hash = await passwords.hash(password)

    async def enter(tx: Tx) -> SignedIn | None:
        if not await _still(tx, account, None):
            return None
        await staff.set_password(tx, staff_id=staff_id, password_hash=password_hash)
        return await sessions.begin(tx, staff_id=staff_id, visitor=visitor)

    signed_in = await database.write(_scope(tenant, staff_id, visitor), enter)
    if signed_in is None:
        raise errors.PasswordWrong(field="present")
    return signed_in


async def prove(
    database: Database, passwords: Passwords, *, tenant: TenantId, staff_id: StaffId, present: str, visitor: Visitor
) -> Account:
    """Make sure that it is the person, by their present password, and return their account.

    Guesses count as attempts to sign in. Raises StaffNotFound, PasswordWrong, SignInThrottled or PasswordsBusy.
    """
    async with database.read(Scope(tenant)) as tx:
        account = await queries.account(tx, staff_id=staff_id)
    if account is None:
        raise errors.StaffNotFound
    await _counted(database, tenant, account.email, visitor)
    if not (await passwords.verify(present, account.password_hash)).is_right:
        raise errors.PasswordWrong(field="present")
    subject, network = throttle.account_subject(account.email), throttle.network_subject(visitor.network)
    await database.write(
        _scope(tenant, staff_id, visitor), lambda tx: throttle.forgive(tx, account=subject, network=network)
    )
    return account


async def _counted(database: Database, tenant: TenantId, email: str, visitor: Visitor) -> Account | None:
    """Count the attempt for the account, known or not, and for the network; return the account.

    Raises SignInThrottled after the count is stored.
    """

    async def work(tx: Tx) -> tuple[Account | None, int]:
        wait_s = await throttle.count(
            tx, account=throttle.account_subject(email), network=throttle.network_subject(visitor.network)
        )
        return await queries.account(tx, email=email), wait_s

    account, wait_s = await database.write(Scope(tenant, request_id=visitor.request_id), work)
    if wait_s:
        raise errors.SignInThrottled(retry_after_s=wait_s)
    return account


async def _still(tx: Tx, account: Account, rehashed: str | None) -> bool:
    """Lock the account and tell whether it still is as it was when its password was verified; store a better hash."""
    p = tables.Staff
    same = await tx.execute(
        sa.update(p)
        .where(
            p.tenant_id == tx.tenant,
            p.staff_id == account.staff_id,
            p.is_active,
            p.password_hash == account.password_hash,
        )
        .values(password_hash=rehashed or account.password_hash)
    )
    return bool(same.rowcount)


def _scope(tenant: TenantId, staff_id: UUID, visitor: Visitor) -> Scope:
    return Scope(tenant, Actor("staff", str(staff_id)), visitor.request_id)
