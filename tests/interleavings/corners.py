"""What stands on the stage beside orders, goods and people: carts, mails, notices, jobs of the worker, counts.

Some of it is old enough to be forgotten, and some of it somebody still uses.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import tables as staff
from jiedan.base import tables
from jiedan.base.db import Database, Tx
from jiedan.bulk import tables as bulk
from jiedan.carts import tables as carts
from jiedan.exports import tables as exports
from jiedan.notifications import queries as mails
from jiedan.notifications import service as notifications
from jiedan.notifications import tables as notes
from jiedan.notifications.events import TestMailRequested
from jiedan.notifications.post import office
from jiedan.orders import indexing
from jiedan.orders.tables import OrderDraft
from jiedan.pricing.tables import PriceRuleRemoval
from jiedan.replays import tables as replays
from jiedan.reports import service as reports
from jiedan.reports.values import HOUR, KEPT
from tests.accounts import factories as accounts
from tests.api import worlds
from tests.interleavings import on_prices
from tests.interleavings.on_privacy import CONFIRMED, GUEST, LEAVER

LONG_AGO = timedelta(days=91)


class Site(NamedTuple):
    """Where the stage is built: the merchant, how its API is called, what its things are called."""

    db: Database
    at: accounts.Opened
    call: Callable[..., Awaitable[Any]]
    ids: dict[str, str]

    async def write(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        """Do something in a transaction of the owner's."""
        return await self.db.write(self.at.scope, work)

    async def change(self, table: Any, *conditions: Any, **values: Any) -> None:
        """Change rows of the merchant, as time and mishaps would have done."""
        changed = sa.update(table).where(table.tenant_id == self.at.tenant, *conditions).values(**values)
        await self.write(lambda tx: tx.execute(changed))


async def furnish(site: Site) -> None:
    """Put everything there."""
    await _left_behind(site)
    await _carts(site)
    await _drafts(site)
    await _removed_rules(site)
    await _mails(site)
    await _notices(site)
    await _jobs(site)
    await _counts(site)
    await _leavers(site)


async def _leavers(site: Site) -> None:
    """Let one customer want to be forgotten, one be on the way to it, and a guest's order have come to nothing."""
    site.ids["leaver"] = (await site.call("POST", "/customers", LEAVER))["customer_id"]
    left = (await site.call("POST", "/customers", LEAVER))["customer_id"]
    line = {"sku": "TEA-500", "quantity": 1}
    placed = await site.call("POST", "/orders", {"lines": [line], "customer_id": left, "tags": ["gift"]})
    site.ids["left order"] = placed["order_id"]
    await site.call("POST", f"/orders/{placed['order_id']}/cancellations", {"reason": "They moved away."})
    begun = await site.call("POST", f"/customers/{left}/erasure", CONFIRMED)
    site.ids["erasure"] = begun["erasure_id"]
    guest = await site.call("POST", "/orders", {"lines": [line], "contact": GUEST})
    site.ids["guest order"] = guest["order_id"]
    await site.call("POST", f"/orders/{guest['order_id']}/cancellations", {"reason": "They moved away."})
    await site.write(lambda tx: indexing.write_terms(tx, [UUID(guest["order_id"])]))


async def _left_behind(site: Site) -> None:
    """Let somebody have left who looked after an order."""
    gone = await accounts.person(site.db, site.at, "helper", email="gone@example.com")
    site.ids["gone"] = str(gone)
    await site.call("POST", f"/orders/{site.ids['new']}/assignment", {"assignee_id": str(gone)})
    await site.change(staff.Staff, staff.Staff.staff_id == gone, is_active=False)


async def _carts(site: Site) -> None:
    line = {"sku": "TEA-500", "quantity": 2}
    cart = await site.call("POST", "/carts", {"customer_id": site.ids["wang"], "lines": [line]})
    old = await site.call("POST", "/carts", {"lines": [{**line, "quantity": 1}]})
    site.ids.update({"cart": cart["cart_id"], "old cart": old["cart_id"]})
    now = site.db.clock.now()
    await site.change(carts.Cart, carts.Cart.cart_id == UUID(old["cart_id"]), updated_at=now - LONG_AGO)


async def _drafts(site: Site) -> None:
    """Let a draft have been thrown away just now, and another long ago."""
    for name in ("thrown draft", "old draft"):
        thrown = await site.call("POST", "/order-drafts", {"data": {"lines": [{"sku": "TEA-500", "quantity": 1}]}})
        site.ids[name] = thrown["draft_id"]
        await site.call("DELETE", f"/order-drafts/{thrown['draft_id']}")
    long_ago = site.db.clock.now() - LONG_AGO
    await site.change(OrderDraft, OrderDraft.draft_id == UUID(site.ids["old draft"]), discarded_at=long_ago)


async def _removed_rules(site: Site) -> None:
    """Let a rule have been taken out of the draft long ago."""
    gone = on_prices.promotion("old", 1)
    made = await site.call("POST", "/price-rules/drafts", {"kind": "promotion", "body": gone})
    await site.call("DELETE", f"/price-rules/drafts/{made['rule_id']}")
    listed = await site.call("GET", "/price-rules/removals")
    (removal_id,) = (each["removal_id"] for each in listed if each["rules"][0]["code"] == "old")
    long_ago = site.db.clock.now() - LONG_AGO
    await site.change(PriceRuleRemoval, PriceRuleRemoval.removal_id == UUID(removal_id), removed_at=long_ago)


async def _mails(site: Site) -> None:
    """Let one mail be kept for long, one due, one failed, one lost with its sender, and one asked for."""
    await _queue(site, [await _asked(site)])
    await notifications.send_due(site.db, site.at.tenant, office.of(site.db))
    await site.change(notes.MailboxMail, kept_at=site.db.clock.now() - LONG_AGO)
    await _queue(site, [await _asked(site) for _ in range(3)])
    queued = sa.select(notes.MailMessage.message_id).where(
        notes.MailMessage.tenant_id == site.at.tenant, notes.MailMessage.state == "queued"
    )
    found = await site.write(lambda tx: tx.execute(queued.order_by(notes.MailMessage.message_id)))
    failed, lost, _ = found.scalars()
    site.ids.update({"failed mail": str(failed), "asked": str(await _asked(site))})
    now, message = site.db.clock.now(), notes.MailMessage.message_id
    await site.change(notes.MailMessage, message == failed, state="failed", failure="refused", settled_at=now)
    await site.change(notes.MailMessage, message == lost, state="sending", attempts=1, available_at=now)


async def _asked(site: Site) -> UUID:
    """Have the owner ask for a mail; return the event."""
    await site.write(lambda tx: notifications.request_trial(tx, staff_id=site.at.owner_id))
    return await _last(site, TestMailRequested.kind)


async def _last(site: Site, kind: str, *, about: str = "") -> UUID:
    """Return the last event of a kind, about one thing where it is named."""
    log = tables.EventLog
    last = sa.select(log.event_id).where(log.tenant_id == site.at.tenant, log.kind == kind)
    if about:
        last = last.where(log.subject_id == UUID(about))
    found: UUID = (await site.write(lambda tx: tx.execute(last.order_by(log.event_id.desc()).limit(1)))).scalar_one()
    return found


async def _queue(site: Site, event_ids: list[UUID]) -> None:
    async def work(tx: Tx) -> int:
        return await notifications.queue_mails(tx, [await mails.event(tx, event_id) for event_id in event_ids])

    assert await site.write(work) == len(event_ids)


async def _notices(site: Site) -> None:
    """Let the notice of the case be old, and another case be known to nobody yet."""
    notice = notes.Notice
    of_case = sa.select(notice.notice_id).where(
        notice.tenant_id == site.at.tenant, notice.subject_id == UUID(site.ids["case"])
    )
    site.ids["notice"] = str((await site.write(lambda tx: tx.execute(of_case))).scalar_one())
    await site.change(notice, created_at=site.db.clock.now() - LONG_AGO)
    await worlds.open_case(site.db, site.at, UUID(site.ids["unpaid"]))
    site.ids["opened"] = str(await _last(site, "cases.case_opened"))
    site.ids["device"] = await worlds.push_to(site.db, site.at)
    await site.write(lambda tx: notifications.choose_notice_mails(tx, staff_id=site.at.owner_id, kinds=["money_case"]))


async def _jobs(site: Site) -> None:
    """Let a bulk job, a file and a replay be asked for; another job and replay have ended long ago, with a failure."""
    orders = [{"order_id": site.ids[name]} for name in ("new", "waiting")]
    wish = {"action": "tag", "wish": {"tag": "gift"}}
    job = await site.call("POST", "/bulk-jobs", {**wish, "orders": orders[:1]})
    old = await site.call("POST", "/bulk-jobs", {**wish, "orders": orders})
    file = await site.call("POST", "/export-files", {"rows": "lines", "filters": {"payment": ["paid"]}})
    site.ids.update({"job": job["job_id"], "old job": old["job_id"], "file": file["export_id"]})
    before, old_id = site.db.clock.now() - LONG_AGO, UUID(old["job_id"])
    await site.change(
        bulk.BulkJob, bulk.BulkJob.job_id == old_id,
        status="stopped", failed=1, stopped_by="By hand.", created_at=before, updated_at=before,
    )  # fmt: skip
    await site.change(
        bulk.BulkItem, bulk.BulkItem.job_id == old_id, bulk.BulkItem.place == 1, status="failed", code="order_held"
    )
    await site.change(exports.ExportJob, created_at=before)
    old_replay = await site.call("POST", "/pricing/replays", {"days": 7})
    await site.call("POST", f"/pricing/replays/{old_replay['replay_id']}/cancellation")
    await site.change(replays.PriceReplay, created_at=before, updated_at=before)
    site.ids["replay"] = (await site.call("POST", "/pricing/replays", {"days": 30}))["replay_id"]
    site.ids["check"] = (await site.call("POST", "/books-checks"))["check_id"]
    check = {"check_id": site.db.uuids.new(before), "asked_at": before, "ended_at": before}
    by = {"actor_kind": "system", "actor_id": "", "questions": 0, "findings": []}
    insert = sa.insert(tables.BooksCheck).values(tenant_id=site.at.tenant, **check, **by)
    await site.write(lambda tx: tx.execute(insert))


async def _counts(site: Site) -> None:
    """Let counting of figures have begun, and an hour be due again."""
    await site.write(reports.count_hours)
    site.ids["placed"] = str(await _last(site, "orders.order_placed", about=site.ids["picked"]))
    hour = site.db.clock.now() - KEPT + 2 * HOUR
    await site.write(lambda tx: reports.mark_due(tx, moments=[hour], event_id=UUID(site.ids["placed"])))
