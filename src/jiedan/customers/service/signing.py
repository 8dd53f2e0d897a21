"""Customers come in: by password, or by a link from their mail; and what they choose of both.

A password is hashed between two transactions, never inside one. Whatever is wrong, whoever asks, the work and the
answer are the same. What must happen when somebody comes in (their cart becomes theirs) is told as `then` and happens
in the same transaction.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from jiedan.accounts import queries as merchants
from jiedan.accounts import rules as passwords_rules
from jiedan.accounts.service import Passwords, secret_hash
from jiedan.base import errors as base_errors
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.customers import errors, events, queries
from jiedan.customers.service import book, links, opening, sessions, throttle
from jiedan.customers.service.sessions import SQL
from jiedan.customers.values import Account, Browser, CustomerId, Joining, Link, LinkPurpose, SignedIn

Then = Callable[[Tx, CustomerId], Awaitable[object]]
"""What else happens when a customer comes in; takes the customer as `queries.holder` names them."""

CONSENT_SOURCE = "shop"


async def enter(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    email: str,
    password: str,
    browser: Browser,
    replaced: str | None,
    then: Then,
) -> SignedIn:
    """Sign a customer in by password and return the new session; the browser's former one (`replaced`) ends.

    Raises EntryRefused, whatever was wrong, EntryThrottled or PasswordsBusy.
    """
    account = await _counted(database, tenant, email, browser)
    can_enter = account is not None and account.is_active
    verified = await passwords.verify(password, account.password_hash if account is not None and can_enter else None)
    if account is None or not verified.is_right:
        raise errors.EntryRefused
    found, password_hash = account, verified.rehashed or account.password_hash

    async def work(tx: Tx) -> SignedIn | None:
        if not await _still(tx, found, password_hash):
            return None
        await throttle.forgive(tx, email=email, network=browser.network)
        return await _begin(tx, found.customer_id, browser, replaced, then)

    signed_in = await database.write(_scope(tenant, found.customer_id, browser), work)
    if signed_in is None:
        raise errors.EntryRefused
    return signed_in


async def enter_by_link(tx: Tx, *, secret: str, browser: Browser, replaced: str | None, then: Then) -> SignedIn:
    """Sign a customer in by a link from their mail, and use it up. Raises LinkNotValid."""
    account_id = await _account_of(tx, secret, "sign_in")
    return await _begin(tx, account_id, browser, replaced, then)


async def join(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    secret: str,
    joining: Joining,
    password: str,
    browser: Browser,
    replaced: str | None,
    then: Then,
) -> SignedIn:
    """Open an account for the address that a link was mailed to, and sign its owner in.

    An empty `password` is none: links by mail alone lead in. Where exactly one customer is known by the address and
    has no account, the account is theirs. Raises LinkNotValid, or what is wrong with name, phone or password.
    """
    link = await _link(database, tenant, secret, "registration")
    async with database.read(Scope(tenant)) as tx:
        settings = await tx.load_one(merchants.settings())
    password_hash = None
    if password:
        _check_password(password, (link.email, joining.name, settings.name, settings.slug))
        password_hash = await passwords.hash(password)

    async def work(tx: Tx) -> SignedIn:
        await opening.known_for_update(tx, email=link.email)
        used = await links.use(tx, secret=secret, purpose="registration")
        customer_id = await opening.open_account(
            tx, email=used.email, joining=joining, password_hash=password_hash, country=settings.country
        )
        for purpose in joining.consents:
            await book.record_consent(
                tx, customer_id=customer_id, purpose=purpose, is_granted=True, source=CONSENT_SOURCE
            )
        return await _begin(tx, customer_id, browser, replaced, then)

    return await database.write(Scope(tenant, Actor("guest", "joining"), browser.request_id), work)


async def reset_password(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    secret: str,
    password: str,
    browser: Browser,
    replaced: str | None,
    then: Then,
) -> SignedIn:
    """Set the password of the account that a link was mailed for; every session ends, and a new one begins.

    Raises LinkNotValid, or what is wrong with the password.
    """
    account_id = (await _link(database, tenant, secret, "password_reset")).account_id
    if account_id is None:
        raise errors.LinkNotValid
    password_hash = await _new_hash(database, passwords, tenant, account_id, password)

    async def work(tx: Tx) -> SignedIn:
        whose = await _account_of(tx, secret, "password_reset")
        await _set_password(tx, whose, password_hash)
        return await _begin(tx, whose, browser, replaced, then)

    return await database.write(_scope(tenant, account_id, browser), work)


async def change_password(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    account_id: UUID,
    present: str,
    password: str,
    browser: Browser,
) -> SignedIn:
    """Change a customer's own password: every session ends, and the one in use goes on under a new secret.

    Raises PresentPasswordWrong, EntryThrottled, or what is wrong with the new password.
    """
    found = await verified(database, passwords, tenant=tenant, account_id=account_id, present=present, browser=browser)
    password_hash = await _new_hash(database, passwords, tenant, account_id, password)

    async def work(tx: Tx) -> SignedIn | None:
        if not await _still(tx, found, found.password_hash):
            return None
        await _set_password(tx, account_id, password_hash)
        return await sessions.begin(tx, account_id=account_id, browser=browser)

    signed_in = await database.write(_scope(tenant, account_id, browser), work)
    if signed_in is None:
        raise errors.PresentPasswordWrong(field="present")
    return signed_in


async def verified(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    account_id: UUID,
    present: str,
    browser: Browser,
) -> Account:
    """Return the account of a customer who gave their present password; guesses count as attempts to sign in.

    A right one forgives those before, as it does at the sign-in.
    Raises AccountNotFound, PresentPasswordWrong or EntryThrottled.
    """
    async with database.read(Scope(tenant)) as tx:
        account = await queries.account(tx, customer_id=account_id)
    if account is None:
        raise errors.AccountNotFound
    await _counted(database, tenant, account.email, browser)
    if not (await passwords.verify(present, account.password_hash)).is_right:
        raise errors.PresentPasswordWrong(field="present")
    await database.write(
        _scope(tenant, account_id, browser),
        lambda tx: throttle.forgive(tx, email=account.email, network=browser.network),
    )
    return account


async def _link(database: Database, tenant: TenantId, secret: str, purpose: LinkPurpose) -> Link:
    """Return a link that may still be used for this purpose; nothing else is told by it. Raises LinkNotValid."""
    async with database.read(Scope(tenant)) as tx:
        link = await queries.link(tx, secret_hash=secret_hash(secret))
    if link.purpose != purpose:
        raise errors.LinkNotValid
    return link


async def _new_hash(database: Database, passwords: Passwords, tenant: TenantId, account_id: UUID, password: str) -> str:
    async with database.read(Scope(tenant)) as tx:
        account = await queries.account(tx, customer_id=account_id)
        settings = await tx.load_one(merchants.settings())
    if account is None:
        raise errors.AccountNotFound
    _check_password(password, (account.email, account.name, settings.name, settings.slug))
    return await passwords.hash(password)


def _check_password(password: str, personal: tuple[str, ...]) -> None:
    found = passwords_rules.check_password(password, personal=personal)
    if found:
        raise base_errors.one_of(found)


async def _set_password(tx: Tx, account_id: UUID, password_hash: str) -> None:
    if not await tx.sql_count(SQL["set_password"], customer_id=account_id, password_hash=password_hash):
        raise errors.LinkNotValid
    await tx.sql_count(SQL["end_links"], customer_id=account_id)
    await sessions.end_all(tx, account_id=account_id)
    tx.emit(events.AccountPasswordChanged(customer_id=account_id))


async def _account_of(tx: Tx, secret: str, purpose: LinkPurpose) -> CustomerId:
    """Use a link up and return its account, locked. Raises LinkNotValid, also when the account is disabled."""
    link = await links.use(tx, secret=secret, purpose=purpose)
    if link.account_id is None or not (await queries.access_for_update(tx, link.account_id)).is_active:
        raise errors.LinkNotValid
    return link.account_id


async def _begin(tx: Tx, account_id: UUID, browser: Browser, replaced: str | None, then: Then) -> SignedIn:
    signed_in = await sessions.begin(tx, account_id=account_id, browser=browser, replaced=replaced)
    survivors = await tx.load_one(queries.existing([account_id]))
    await then(tx, survivors[CustomerId(account_id)].customer_id)
    return signed_in


async def _counted(database: Database, tenant: TenantId, email: str, browser: Browser) -> Account | None:
    """Count the attempt for the address, known or not, and for the network; return the account.

    Raises EntryThrottled after the count is stored.
    """

    async def work(tx: Tx) -> tuple[Account | None, int]:
        wait_s = await throttle.count_attempt(tx, email=email, network=browser.network)
        return await queries.account(tx, email=email), wait_s

    account, wait_s = await database.write(Scope(tenant, request_id=browser.request_id), work)
    if wait_s:
        raise errors.EntryThrottled(retry_after_s=wait_s)
    return account


async def _still(tx: Tx, account: Account, password_hash: str | None) -> bool:
    """Lock the account and tell whether it still is as it was when its password was verified; store a better hash."""
    return bool(
        await tx.sql_count(
            SQL["confirm_account"],
            customer_id=account.customer_id,
            password_hash=password_hash,
            verified_hash=account.password_hash,
        )
    )


def _scope(tenant: TenantId, account_id: UUID, browser: Browser) -> Scope:
    return Scope(tenant, Actor("customer", str(account_id)), browser.request_id)
