"""What merchants and staff choose of mails and notices, and the mail that shows whether mails arrive."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from jiedan.accounts import queries as people
from jiedan.accounts import service as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken, Rejections
from jiedan.notifications import events, queries, rules
from jiedan.notifications.mails import OPTIONAL
from jiedan.notifications.notices import NOTICES
from jiedan.notifications.service.statements import SQL
from jiedan.notifications.values import MailSettings


async def change_settings(tx: Tx, *, changes: Mapping[str, Any], expected_version: int | None = None) -> MailSettings:
    """Edit `from_address`, `reply_to` or `silenced`; what changes nothing is no edit.

    Raises AddressInvalid, MailUnknown or StaleVersion, which says who changed what.
    """
    before = await tx.load_one(queries.settings())
    await accounts.check_version(
        tx,
        subject_id=tx.tenant,
        kind=events.MailSettingsChanged.kind,
        current=before.version,
        expected=expected_version,
    )
    after = dataclasses.replace(before, **changes)
    after = dataclasses.replace(after, silenced=tuple(sorted(set(after.silenced))))
    found = rules.check_settings(after, optional=OPTIONAL)
    if found:
        raise found[0] if len(found) == 1 else Rejections(tuple(found))
    fields = [
        name for name in ("from_address", "reply_to", "silenced") if getattr(before, name) != getattr(after, name)
    ]
    if not fields:
        return before
    rows = await tx.sql(
        SQL["save_settings"],
        from_address=after.from_address,
        reply_to=after.reply_to,
        silenced=list(after.silenced),
        expected=before.version,
        at=tx.now,
    )
    if not rows:  # somebody else was faster: what they changed stays, or a version that was seen is stale
        raise Overtaken
    tx.emit(
        events.MailSettingsChanged(merchant_id=tx.tenant, version=before.version + 1, fields=tuple(fields)),
        private={
            "before": {name: getattr(before, name) for name in fields},
            "after": {name: getattr(after, name) for name in fields},
        },
    )
    return dataclasses.replace(after, version=before.version + 1)


async def request_trial(tx: Tx, *, staff_id: UUID) -> None:
    """Have a test mail sent to one of the staff."""
    tx.emit(events.TestMailRequested(staff_id=staff_id))


async def choose_notice_mails(tx: Tx, *, staff_id: UUID, kinds: Collection[str]) -> frozenset[str]:
    """Let these kinds of notices, and no other, come to one of the staff as mail, too. Raises MailUnknown."""
    found = rules.check_kinds(sorted(set(kinds)), known=NOTICES, field="kinds")
    if found:
        raise found[0]
    await people.person_for_update(tx, staff_id)  # of two choices at once, the second is what stands
    before = await queries.wishes_of(tx, staff_id=staff_id)
    after = frozenset(kinds)
    if before != after:
        wanted = sorted(after)
        await tx.sql_count(SQL["forget_wishes"], staff_id=staff_id, kinds=wanted)
        await tx.sql_count(SQL["keep_wishes"], staff_id=staff_id, kinds=wanted)
        tx.emit(events.NoticeMailsChosen(staff_id=staff_id, kinds=tuple(wanted)))
    return after
