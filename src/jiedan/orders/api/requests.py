"""REST of what customers ask for: a program of the merchant's own passes it on."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.cases.values import CaseId
from jiedan.orders import service
from jiedan.orders.values import REQUEST_CHARS_MAX, CustomerWish


class RequestBody(bodies.Body):
    """What the customer asks for, in their words."""

    __example__: ClassVar[dict[str, Any]] = {"text": "Could it be delivered to my neighbor at number 12?"}

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=REQUEST_CHARS_MAX, pattern=r"\S")]


class RequestMade(msgspec.Struct, frozen=True):
    """The case in which staff answer it; the same one while it is open."""

    case_id: CaseId


@post(
    "/orders/{order_id:uuid}/requests",
    permission="orders:write",
    idempotent=True,
    summary="Put down what a customer asks for",
)
async def ask(unit: Unit, order_id: UUID, data: RequestBody) -> Response[RequestMade]:
    """Open a case with what the customer asks for, or add to the one that is open."""
    wish = CustomerWish(order_id, data.text)
    key = unit.idempotency_key
    made = await unit.write(lambda tx: service.ask_about_order(tx, wish=wish, key=key))
    return answers.created(RequestMade(made), f"/api/v1/cases/{made}")


HANDLERS: list[Any] = [ask]
