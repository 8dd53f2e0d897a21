"""REST of comments: what staff say among themselves about an order."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.orders import events, queries, service
from jiedan.orders.api.shapes import ActorView
from jiedan.orders.values import COMMENT_CHARS_MAX, MENTIONS_PER_COMMENT_MAX, CommentId, NewComment


class CommentBody(bodies.Body):
    """What to say; whom it calls, by the ids of staff, is told at once. Customers never see it."""

    __example__: ClassVar[dict[str, Any]] = {"text": "The customer called: please leave it with the doorman."}

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=COMMENT_CHARS_MAX, pattern=r"\S")]
    mentioned: Annotated[list[UUID], msgspec.Meta(max_length=MENTIONS_PER_COMMENT_MAX)] = msgspec.field(
        default_factory=list
    )


class CommentView(msgspec.Struct, frozen=True):
    """A comment; without `text` it was erased."""

    comment_id: UUID
    written_at: datetime
    author: ActorView
    mentioned: list[UUID]
    text: str | None


class CommentWritten(msgspec.Struct, frozen=True):
    """The comment that came to be."""

    comment_id: CommentId


@get("/orders/{order_id:uuid}/comments", permission="orders:read", summary="List the comments on an order")
async def list_comments(
    unit: Unit, order_id: UUID, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[CommentView]]:
    """List what staff said about an order, newest first."""
    request = unit.page("order-comments", filters={"order": order_id}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        await queries.order(tx, order_id)
        page = await queries.comments(tx, order_id, request=request)
    return answers.listing(unit, page.each(_comment))


@post("/orders/{order_id:uuid}/comments", permission="orders:comment", idempotent=True, summary="Comment on an order")
async def write_comment(unit: Unit, order_id: UUID, data: CommentBody) -> Response[CommentWritten]:
    """Say something to colleagues about an order, whatever its stage."""
    comment = NewComment(order_id, data.text, tuple(data.mentioned))
    key = unit.idempotency_key
    made = await unit.write(lambda tx: service.comment_order(tx, comment=comment, key=key))
    return answers.created(CommentWritten(made), f"/api/v1/orders/{order_id}/comments")


def _comment(entry: queries.Happening) -> CommentView:
    told = msgspec.convert(entry.data, events.OrderCommented, strict=False)
    return CommentView(
        comment_id=told.comment_id,
        written_at=entry.occurred_at,
        author=ActorView(*entry.actor),
        mentioned=list(told.mentioned),
        text=(entry.private or {}).get("text"),
    )


HANDLERS: list[Any] = [list_comments, write_comment]
