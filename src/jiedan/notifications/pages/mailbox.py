"""The mailbox: mails that no server sends, read as they would have been, with the links in them."""

from typing import NamedTuple
from uuid import UUID

from litestar import Response, get

from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries
from jiedan.notifications.mails import MAILS
from jiedan.notifications.post import composing, rendering
from jiedan.notifications.post.office import Office
from jiedan.notifications.queries import Kept
from jiedan.notifications.service.keeping import MAILS_KEPT
from jiedan.notifications.values import Envelope

ROWS = 50


class Opened(NamedTuple):
    """A mail of the mailbox, opened."""

    kept: Kept
    envelope: Envelope


@get("/mail/mailbox", permission="mailbox:read")
async def mailbox_page(unit: Unit) -> Response[str]:
    """Show what is in the mailbox, newest first."""
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page(queries.MAILBOX_NAME, filters={}, limit=ROWS, cursor=cursor)
    office = unit.part(Office)
    async with unit.read() as tx:
        page = await queries.mailbox(tx, request=request)
    opened = [Opened(kept, office.opened(unit.tenant, kept.message_id, kept.sealed)) for kept in page.items]
    return pages.render(
        unit,
        "notifications/mailbox.html",
        page=page,
        opened=opened,
        mails=MAILS,
        days=MAILS_KEPT.days,
        has_server=office.smtp is not None,
    )


@get("/mail/mailbox/{message_id:uuid}", permission="mailbox:read")
async def kept_mail_page(unit: Unit, message_id: UUID) -> Response[str]:
    """Show one mail: its headers, what it says, and its text part. Raises NotInMailbox."""
    opened = await _opened(unit, message_id)
    return pages.render(
        unit,
        "notifications/kept_mail.html",
        opened=opened,
        envelope=opened.envelope,
        blocks=rendering.blocks(opened.envelope.content),
        text=rendering.text(opened.envelope),
        headers=composing.headers(opened.envelope),
        mails=MAILS,
    )


@get("/mail/mailbox/{message_id:uuid}/source", permission="mailbox:read")
async def mail_source(unit: Unit, message_id: UUID) -> Response[bytes]:
    """Answer one mail as a file that mail programs open. Raises NotInMailbox."""
    opened = await _opened(unit, message_id)
    headers = {"Content-Disposition": f'attachment; filename="{opened.kept.kind}.eml"'}
    content = composing.compose(opened.envelope)
    return Response(content, media_type="message/rfc822", headers=headers)


async def _opened(unit: Unit, message_id: UUID) -> Opened:
    async with unit.read() as tx:
        kept = await queries.kept(tx, message_id)
    return Opened(kept, unit.part(Office).opened(unit.tenant, kept.message_id, kept.sealed))


HANDLERS = (mailbox_page, kept_mail_page, mail_source)
