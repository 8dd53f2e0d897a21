"""Comments: what staff say among themselves about orders, at any stage of theirs. The log of events keeps them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base import cards, once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.orders import errors, events, queries
from jiedan.orders.values import (
    COMMENT_CHARS_MAX,
    MENTIONS_PER_COMMENT_MAX,
    CommentId,
    NewComment,
    OrderId,
)

OPERATION = "orders.comment"


async def comment_orders(tx: Tx, *, comments: Sequence[NewComment]) -> list[CommentId | Refusal]:
    """Write comments on orders; one outcome per comment, same order. Card numbers in them are masked.

    An order keeps any number; they are read with its timeline.
    """
    found = await queries.orders(tx, {comment.order_id for comment in comments})
    is_calling = any(comment.mentioned for comment in comments)
    colleagues: dict[UUID, bool] = {x.staff_id: x.is_active for x in await accounts.staff(tx)} if is_calling else {}
    outcomes: list[CommentId | Refusal] = []
    for comment in comments:
        refusal = _refusal(comment, colleagues)
        if OrderId(comment.order_id) not in found:
            refusal = errors.OrderNotFound(str(comment.order_id))
        if refusal is not None:
            outcomes.append(refusal)
            continue
        comment_id = CommentId(tx.new_id())
        told = events.OrderCommented(
            order_id=comment.order_id, comment_id=comment_id, mentioned=tuple(dict.fromkeys(comment.mentioned))
        )
        tx.emit(told, private={"text": cards.masked(comment.text.strip())})
        outcomes.append(comment_id)
    return outcomes


async def comment_order(tx: Tx, *, comment: NewComment, key: str | None) -> CommentId:
    """Write one comment, once per `key`.

    Raises KeyReused, OrderNotFound, CommentEmpty, UnknownColleague, TooManyMentions; then the key is free again.
    """

    async def make() -> UUID:
        (made,) = accepted(await comment_orders(tx, comments=[comment]))
        return made

    return CommentId(await once.created(tx, operation=OPERATION, key=key, body=comment, make=make))


def _refusal(comment: NewComment, colleagues: Mapping[UUID, bool]) -> Refusal | None:
    if not 0 < len(comment.text.strip()) <= COMMENT_CHARS_MAX:
        return errors.CommentEmpty(COMMENT_CHARS_MAX, field="text")
    if len(comment.mentioned) > MENTIONS_PER_COMMENT_MAX:
        return errors.TooManyMentions(len(comment.mentioned), MENTIONS_PER_COMMENT_MAX, field="mentioned")
    for staff_id in comment.mentioned:
        if not colleagues.get(staff_id, False):
            return errors.UnknownColleague(str(staff_id), field="mentioned")
    return None
