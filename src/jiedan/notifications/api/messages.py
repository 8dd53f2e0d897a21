"""REST of messages: what went out, what did not, and sending it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from jiedan.base import i18n, paging
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies, problems
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries, service
from jiedan.notifications.values import MESSAGES_PER_CALL_MAX, Message, RecipientKind, State


class MessageView(msgspec.Struct, frozen=True):
    """One mail to one recipient on account of one event. Its address and its words are not kept."""

    message_id: UUID
    mail: str
    recipient_kind: RecipientKind
    recipient_id: UUID
    state: State
    attempts: int
    failure: str | None
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, message: Message) -> "MessageView":
        """Return a message as it is answered."""
        return cls(
            message.message_id,
            message.kind,
            message.recipient_kind,
            message.recipient_id,
            message.state,
            message.attempts,
            message.failure,
            message.created_at,
            message.settled_at,
        )


class RequeueMailsBody(bodies.Body):
    """Which mails are to be sent again."""

    __example__: ClassVar[dict[str, Any]] = {"message_ids": ["0193a000-0000-7000-8000-000000000001"]}

    message_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MESSAGES_PER_CALL_MAX)]


class RequeueOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one mail of a set."""

    message_id: UUID
    done: bool
    error: problems.Reason | None = None


@get("/mails", permission="mail:read", summary="List mails")
async def list_mails(
    unit: Unit,
    mail_state: Annotated[State | None, QueryParameter(name="state")] = None,
    recipient_id: UUID | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[MessageView]]:
    """Return mails, newest first; `recipient_id` is an order, a customer or one of the staff."""
    filters = {"state": mail_state, "recipient_id": recipient_id}
    request = unit.page(queries.LIST_NAME, filters=filters, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.messages(tx, request=request, state=mail_state, recipient_id=recipient_id)
    return answers.listing(unit, page.each(MessageView.of))


@get("/mails/{message_id:uuid}", permission="mail:read", summary="Get a mail")
async def get_mail(unit: Unit, message_id: UUID) -> MessageView:
    """Return what became of one mail."""
    async with unit.read() as tx:
        return MessageView.of(await queries.message(tx, message_id))


@post("/mails/requeue", permission="mail:send", status_code=200, summary="Send mails again")
async def requeue_mails(unit: Unit, data: RequeueMailsBody) -> list[RequeueOutcome]:
    """Let mails that were not sent be tried again, written anew: one outcome each, in order."""
    outcomes = await unit.write(lambda tx: service.requeue_messages(tx, message_ids=data.message_ids))
    return _told(data.message_ids, outcomes, unit.locale)


def _told(asked: Sequence[UUID], outcomes: Sequence[UUID | Refusal], locale: str) -> list[RequeueOutcome]:
    return [
        RequeueOutcome(message_id, done=False, error=_reason(outcome, f"message_ids[{i}]", locale))
        if isinstance(outcome, Refusal)
        else RequeueOutcome(message_id, done=True)
        for i, (message_id, outcome) in enumerate(zip(asked, outcomes, strict=True))
    ]


def _reason(refusal: Refusal, place: str, locale: str) -> problems.Reason:
    return problems.Reason(refusal.code, i18n.say(locale, refusal), place, dict(refusal.data()) or None)


HANDLERS = (list_mails, get_mail, requeue_mails)
