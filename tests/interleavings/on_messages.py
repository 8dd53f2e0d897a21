"""Operations on what people are told: mails, notices under the bell, the browsers they are pushed to, comments."""

from typing import Any
from uuid import UUID

import msgspec

from jiedan.accounts import service as accounts
from jiedan.accounts.events import SessionsEnded
from jiedan.base.db import Database, Tx
from jiedan.base.events import SYSTEM, StoredEvent
from jiedan.base.ids import TenantId
from jiedan.notifications import jobs, queries, service
from tests.api.worlds import SESSION_OF_DEVICE
from tests.interleavings.fixtures import DEVICE
from tests.interleavings.operation import call, task, use_case


async def _send(database: Database, tenant: TenantId, _ids: Any) -> None:
    await jobs.SEND_DUE.work(database, tenant, {})


async def _queue_mails(tx: Tx, ids: Any) -> Any:
    return await service.queue_mails(tx, [await queries.event(tx, UUID(ids["asked"]))])


async def _put_up_notices(tx: Tx, ids: Any) -> Any:
    return await service.put_up_notices(tx, [await queries.event(tx, UUID(ids["opened"]))])


async def _follow_sessions(tx: Tx, ids: Any) -> None:
    event = SessionsEnded(staff_id=UUID(ids["owner"]), session_ids=(SESSION_OF_DEVICE,))
    told = msgspec.to_builtins(event)
    subject = (event.kind, event.subject_kind, event.staff_id)
    await service.follow_sessions(tx, [StoredEvent(tx.new_id(), 0, tx.now, tx.now, SYSTEM, *subject, "", told, False)])


async def _begin_resets(tx: Tx, ids: Any) -> None:
    await accounts.begin_resets(tx, requested_at={UUID(ids["staff"]): tx.now})


def choice(name: str, *kinds: str) -> Any:
    """Return the choice of the kinds of notices that come as mail."""
    return call(name, "notices", "PUT /notices/mails", {"kinds": list(kinds)}, is_by_person=True)


OPERATIONS = [
    call("requeue mails", "mails", "POST /mails/requeue", {"message_ids": ["{failed mail}"]}),
    task("send mails", "mails", _send),
    use_case("lose mails", "mails", lambda tx, _: service.lose_forgotten(tx)),
    use_case("empty the mailbox", "mails", lambda tx, _: service.empty_mailbox(tx)),
    use_case("queue mails", "mails, mail settings", _queue_mails),
    call("change mail settings", "mail settings", "PATCH /mail-settings", {"reply_to": "orders{side}@example.com"}),
    call("silence mails", "mail settings", "PATCH /mail-settings", {"silenced": ["payment_received"]}),
    call("ask for a test mail", "mails, mail settings", "POST /mail-settings/test", is_by_person=True),
    call("read notices", "notices", "POST /notices/read", {"notice_ids": ["{notice}"]}, is_by_person=True),
    call("read all notices", "notices", "POST /notices/read", {}, is_by_person=True),
    choice("choose notices", "low_stock", "money_case"),
    choice("choose other notices", "mail_failed"),
    use_case("put up notices", "notices, mails", _put_up_notices),
    use_case("take down notices", "notices", lambda tx, _: service.take_down_notices(tx)),
    call("add a browser", "browsers", "POST /push-subscriptions", DEVICE, is_by_person=True),
    call("remove a browser", "browsers", "DELETE /push-subscriptions/{device}", is_by_person=True),
    use_case("forget browsers", "browsers", _follow_sessions),
    call(
        "comment",
        "new, staff",
        "POST /orders/{new}/comments",
        {"text": "The customer called.", "mentioned": ["{staff}"]},
    ),
    use_case("begin resets", "staff", _begin_resets),
]
