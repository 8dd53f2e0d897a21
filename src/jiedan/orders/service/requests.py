"""Let customers ask for what they may not do to an order by themselves: a case for staff, with their words."""

import itertools
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import accepted
from jiedan.cases import queries as case_queries
from jiedan.cases import service as cases
from jiedan.cases.values import CaseId, NewCase, NewNote
from jiedan.orders import errors, events, queries
from jiedan.orders.values import CUSTOMER_REQUEST, REQUEST_CHARS_MAX, REQUESTS_PER_ORDER_MAX, CustomerWish, OrderId

OPERATION = "orders.ask"


async def ask_about_order(tx: Tx, *, wish: CustomerWish, key: str | None = None) -> CaseId:
    """Put down what a customer asks for, once per `key`; it joins the request of the order that is open already.

    Card numbers in it are masked. Raises KeyReused, OrderNotFound, RequestEmpty or TooManyRequestsOfOrder; then the
    key is free again.
    """

    async def make() -> UUID:
        return await _ask(tx, wish)

    return CaseId(await once.created(tx, operation=OPERATION, key=key, body=wish, make=make))


async def _ask(tx: Tx, wish: CustomerWish) -> UUID:
    if not 0 < len(wish.text.strip()) <= REQUEST_CHARS_MAX:
        raise errors.RequestEmpty(REQUEST_CHARS_MAX, field="text")
    found = (await queries.orders(tx, [wish.order_id])).get(OrderId(wish.order_id))
    if found is None:
        raise errors.OrderNotFound(str(wish.order_id))
    opened = NewCase(CUSTOMER_REQUEST, "order", wish.order_id, {"number": found.order.number})
    (case_id,) = await cases.open_cases(tx, cases=[opened])
    said = (await case_queries.notes_of(tx, [case_id])).get(case_id, [])
    unanswered = list(itertools.takewhile(lambda note: note.author.kind != "staff", reversed(said)))
    if len(unanswered) >= REQUESTS_PER_ORDER_MAX:
        raise errors.TooManyRequestsOfOrder(found.order.number, REQUESTS_PER_ORDER_MAX)
    accepted(await cases.add_notes(tx, notes=[NewNote(case_id, wish.text.strip())]))
    tx.emit(events.CustomerAsked(order_id=wish.order_id, case_id=case_id))
    return case_id
