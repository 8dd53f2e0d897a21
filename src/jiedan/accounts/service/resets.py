"""Passwords that were forgotten: a request by anybody, a link for whoever has the account, a mail that carries it.

Known and unknown accounts are counted, stored and answered alike. The request tells who is meant; a handler makes the
link; whoever writes the mail gives the link a secret of its own. So a secret never stands in an event.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from jiedan.accounts import errors, events, queries
from jiedan.accounts.service import links, throttle
from jiedan.accounts.values import LinkPurpose, OneTimeLink, Visitor
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId


async def request_reset(database: Database, *, tenant: TenantId | None, email: str, visitor: Visitor) -> None:
    """Ask for a reset link; `tenant` is None when no merchant has the slug that was given.

    Nobody is told whether there is such an account. Raises ResetsThrottled after the count is stored.
    """
    if tenant is None:
        return

    async def work(tx: Tx) -> int:
        wait_s = await throttle.count_reset(tx, email=email, network=visitor.network)
        account = await queries.account(tx, email=email)
        if not wait_s:
            can_reset = account is not None and account.is_active and account.password_hash is not None
            staff_id = account.staff_id if account is not None and can_reset else None
            tx.emit(events.PasswordResetRequested(merchant_id=tx.tenant, staff_id=staff_id))
        return wait_s

    wait_s = await database.write(Scope(tenant, request_id=visitor.request_id), work)
    if wait_s:
        raise errors.ResetsThrottled(retry_after_s=wait_s)


async def begin_resets(tx: Tx, *, requested_at: Mapping[UUID, datetime]) -> None:
    """Make a reset link for each of these people, by when they asked; done again it changes nothing.

    The one made before, if any, ends. Who left meanwhile, or never came in, gets none.
    """
    for staff_id, at in sorted(requested_at.items()):
        person = await queries.person_for_update(tx, staff_id)
        made_at = await links.made_at(tx, staff_id=staff_id)
        if not (person.is_active and person.has_password) or (made_at is not None and made_at >= at):
            continue
        link = await links.issue(tx, staff_id=person.staff_id, purpose="password_reset")  # its secret is forgotten here
        tx.emit(events.PasswordResetIssued(staff_id=person.staff_id, expires_at=link.expires_at))


async def mail_links(tx: Tx, *, staff_ids: Collection[UUID], purpose: LinkPurpose) -> dict[UUID, OneTimeLink]:
    """Return one-time links of people, each with a secret for the mail that carries it; what has ended is absent.

    What was shown to whoever made a link goes on working; what was mailed before ends.
    """
    return await links.mail(tx, staff_ids=staff_ids, purpose=purpose)
