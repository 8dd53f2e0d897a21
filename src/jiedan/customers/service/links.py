"""One-time links to addresses: asked for by anybody, minted by whoever writes the mail, used up by its reader.

Known and unknown addresses are counted, stored and answered alike; the event tells of the link alone, and the mail's
writer gives it a secret. So an address is proved before anything is known of whose it is, or made of it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts import queries as merchants
from jiedan.accounts import service as accounts
from jiedan.base import ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.customers import errors, events, queries, rules
from jiedan.customers.service import sessions, telling, throttle
from jiedan.customers.service.sessions import SQL
from jiedan.customers.values import Browser, CustomerId, Holder, Link, LinkId, LinkPurpose, MailedLink, Wish


class _Minted(NamedTuple):
    """A link that has a secret now."""

    link_id: LinkId
    purpose: LinkPurpose
    account_id: CustomerId | None
    email: str
    expires_at: datetime

    @property
    def wants_a_free_address(self) -> bool:
        return self.account_id is None or self.purpose == "email_change"


async def request_link(
    database: Database, *, tenant: TenantId, email: str, wish: Wish, locale: str, browser: Browser
) -> None:
    """Have a link mailed to an address: into its account, or to open one where it has none.

    Nobody is told which. What leads into an account goes to the very address that was proved, not to another one that
    is folded to the same. Raises EmailInvalid, or LinksThrottled after the count is stored.
    """
    address = _checked(email)

    async def work(tx: Tx) -> int:
        wait_s = await throttle.count_link(tx, email=address, network=browser.network)
        account = await queries.account(tx, email=address)
        if not wait_s:
            purpose: LinkPurpose = "registration" if account is None else wish
            to = address if account is None else account.email
            await _put(tx, to, purpose, None if account is None else account.customer_id, locale)
        return wait_s

    wait_s = await database.write(Scope(tenant, request_id=browser.request_id), work)
    if wait_s:
        raise errors.LinksThrottled(retry_after_s=wait_s)


async def request_email_change(
    tx: Tx, *, account_id: UUID, email: str, locale: str, network: str
) -> errors.LinksThrottled | None:
    """Have a link mailed to the address by which a customer wants to sign in; return why not, when it is too often.

    Raises EmailInvalid or AccountNotFound. Whether somebody else has the address is not said.
    """
    address = _checked(email)
    await queries.access_for_update(tx, account_id)
    wait_s = await throttle.count_link(tx, email=address, network=network)
    if wait_s:
        return errors.LinksThrottled(retry_after_s=wait_s)
    await _put(tx, address, "email_change", CustomerId(account_id), locale)
    return None


async def send_link(tx: Tx, *, customer_id: UUID) -> None:
    """Mail a customer, on behalf of staff, a link: into their account, or to open one.

    Raises CustomerNotFound, CustomerMerged, CustomerErased, ShopClosed, AccountDisabled or NoAddressToWriteTo.
    """
    head = await telling.living(tx, customer_id)
    if not (await tx.load_one(merchants.storefront())).is_open:
        raise errors.ShopClosed
    account = await queries.account(tx, customer_id=customer_id)
    if account is not None and not (await queries.access_for_update(tx, account.customer_id)).is_active:
        raise errors.AccountDisabled
    email = account.email if account is not None else head.email
    if not email:
        raise errors.NoAddressToWriteTo
    if account is None:
        account = await queries.account(tx, email=email)  # another customer's, who signs in by the same address
    purpose: LinkPurpose = "registration" if account is None else "sign_in"
    to = email if account is None else account.email
    await _put(tx, to, purpose, None if account is None else account.customer_id, head.locale)


async def mail_links(tx: Tx, *, link_ids: Collection[UUID]) -> dict[LinkId, MailedLink]:
    """Give links their secrets, each for the mail that carries it; what ran out, or is of no use, is absent.

    Of no use are those into disabled accounts. What was mailed before under the same link ends.
    """
    secrets = {link_id: accounts.new_secret() for link_id in ids.in_order(link_ids)}
    hashes = [accounts.secret_hash(secret) for secret in secrets.values()]
    rows = await tx.sql(SQL["mint_links"], link_ids=list(secrets), secret_hashes=hashes, at=tx.now)
    found = [_Minted(*row) for row in rows]
    taken = await queries.emails_with_account(tx, {x.email for x in found if x.wants_a_free_address})
    return {
        x.link_id: MailedLink(x.purpose, secrets[x.link_id], x.expires_at)
        for x in found
        if not (x.wants_a_free_address and x.email in taken)  # somebody has the address meanwhile
    }


async def use(tx: Tx, *, secret: str, purpose: LinkPurpose) -> Link:
    """Use a link up: of two who use it at once, one gets LinkNotValid. Raises LinkNotValid.

    The account that it leads into is locked before it, as by everybody who ends the links of an account.
    """
    secret_hash = accounts.secret_hash(secret)
    await tx.sql(SQL["lock_account_of_link"], secret_hash=secret_hash)
    rows = await tx.sql(SQL["use_link"], secret_hash=secret_hash, purpose=purpose, at=tx.now)
    if not rows:
        raise errors.LinkNotValid
    link_id, email, account_id = rows[0]
    return Link(LinkId(link_id), purpose, email, account_id, tx.now)


async def prove_email(tx: Tx, *, secret: str, holder: Holder) -> None:
    """Let a signed-in customer sign in by the address that a link was mailed to; other sessions and links end.

    Whoever got the mail without being that customer, as an address is easily mistyped, can do nothing with it.
    Raises LinkNotValid, also when somebody else has the address.
    """
    link = await use(tx, secret=secret, purpose="email_change")
    if link.account_id != holder.account_id:
        raise errors.LinkNotValid
    before = await queries.access_for_update(tx, holder.account_id)
    is_taken = await queries.account(tx, email=link.email) is not None
    if is_taken or not before.is_active:
        raise errors.LinkNotValid
    await tx.sql_count(
        SQL["set_email"], customer_id=holder.account_id, email=link.email, email_key=rules.email_key(link.email)
    )
    await tx.sql_count(SQL["end_links"], customer_id=holder.account_id)
    await sessions.end_all(tx, account_id=holder.account_id, kept=holder.session_id)
    tx.emit(
        events.AccountEmailChanged(customer_id=holder.account_id),
        private={"before": before.email, "after": link.email},
    )


async def _put(tx: Tx, email: str, purpose: LinkPurpose, account_id: CustomerId | None, locale: str) -> None:
    link_id = LinkId(tx.new_id())
    await tx.sql(
        SQL["put_link"],
        link_id=link_id,
        purpose=purpose,
        email=email,
        email_key=rules.email_key(email),
        customer_id=account_id,
        locale=locale,
        at=tx.now,
        expires_at=tx.now + rules.LINK_LIFE[purpose],
    )
    tx.emit(events.LinkRequested(link_id=link_id, purpose=purpose))


def _checked(email: str) -> str:
    address = rules.normalize_email(email)
    if address is None:
        raise errors.EmailInvalid(email, field="email")
    return address
