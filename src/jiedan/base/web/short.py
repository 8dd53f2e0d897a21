"""The short way to a handler: for the few routes that are called so often that the general way counts.

A route that declares `short=True` takes a body and its unit, nothing else, and answers JSON. Its gate calls it at once;
Litestar's way (arguments by name, dependencies, transfer models, exit stacks) costs a quarter of an order. To callers
and to the API's description it is a route like any other, and its refusals go the way of all others.
"""

from typing import Any

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.types import Receive, Scope, Send

from jiedan.base import errors
from jiedan.base.web import bodies, exchange, problems
from jiedan.base.web.requests import WholeRequest
from jiedan.base.web.unit import Unit

SHORT = "short"

ADMIT = "admit"
"""A function of the unit that raises when there is no room: it is asked before the body is read, as a server that has
too much to do refuses at the door or not at all."""

_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", problems.MEDIA_TYPE.encode())
_ARGUMENTS = {"unit", "data"}


class NotShort(RuntimeError):
    """A route that asks for the short way takes or does more than that way offers: a bug that must not start."""


async def answer(handler: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Call the handler and send what it answers, or a program the problem that it was refused for.

    Raises bugs, and what a page or a search for the field concerned has to answer.
    """
    request = WholeRequest(scope, receive, send)
    try:
        given = await _given(handler, request)
    except errors.NotFound:
        raise
    except errors.Refusal as refusal:
        call = exchange.of(scope)
        if call.wants_html:
            raise
        scope[exchange.ERROR_KEY] = refusal.code  # type: ignore[literal-required]  # ASGI lets applications add keys
        problem = problems.problem_of(refusal, locale=call.locale, request_id=call.request_id)
        body, media_type = msgspec.json.encode(problem, enc_hook=str), _PROBLEM
        status, more = problem.status, problems.headers_of(refusal)
    else:
        body, media_type = msgspec.json.encode(given.content), _JSON
        status, more = given.status_code or 200, given.headers
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in more.items()]
    headers += [media_type, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _given(handler: Any, request: WholeRequest) -> Response[Any]:
    unit = Unit(request)
    admit = handler.opt.get(ADMIT)
    if admit is not None:
        admit(unit)
    field: Any = handler.parsed_data_field
    data = bodies.decode(await request.body(), field.annotation)
    given: Response[Any] = await handler.fn(unit=unit, data=data)
    return given


def check(handler: HTTPRouteHandler) -> None:
    """Raise NotShort when the handler asks for the short way and cannot go it."""
    if not handler.opt.get(SHORT):
        return
    taken = set(handler.parsed_fn_signature.parameters)
    does_more = (
        handler.resolve_guards(),
        handler.resolve_before_request(),
        handler.resolve_after_response(),
        handler.cache,
        handler.has_sync_callable,
    )
    if taken != _ARGUMENTS or any(does_more):
        message = f"{handler.handler_name} must take exactly {sorted(_ARGUMENTS)}, be async, and do nothing around that"
        raise NotShort(message)
