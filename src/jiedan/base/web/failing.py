"""What happens to an exception that reaches the frame: a problem for programs, a page for people, the log for bugs."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.enums import MediaType

from jiedan.base import errors
from jiedan.base.web import exchange, gate, pages, problems
from jiedan.base.web.errors import Unauthenticated
from jiedan.base.web.exchange import Exchange
from jiedan.base.web.site import SIGN_IN_PATH

log = structlog.get_logger()

ERROR_KEY = "jiedan.error"


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer `error`: Litestar's handler of every exception."""
    call = exchange.of(request.scope)
    limit = call.runtime.settings.body_bytes_max
    refusal = problems.refusal_of(error, method=request.scope["method"], body_bytes_max=limit)
    if refusal is None:
        log.error("bug", exc_info=error, path=request.scope["path"], request_id=call.request_id)
        problem = problems.internal(locale=call.locale, request_id=call.request_id)
        return _said(call, problem, {})
    call.scope[ERROR_KEY] = refusal.code
    return refused(call, refusal)


def refused(call: Exchange, refusal: errors.Refusal) -> Response[Any]:
    """Answer a refusal."""
    if call.wants_html and isinstance(refusal, Unauthenticated) and call.scope["method"] == "GET":
        address = gate.sign_in_address(call, SIGN_IN_PATH)
        return Response("", status_code=303, headers={"Location": address}, media_type=MediaType.HTML)
    problem = problems.problem_of(refusal, locale=call.locale, request_id=call.request_id)
    return _said(call, problem, problems.headers_of(refusal))


def _said(call: Exchange, problem: problems.Problem, headers: dict[str, str]) -> Response[Any]:
    if call.wants_html:
        return pages.error_page(call, problem, headers)
    return Response(
        msgspec.json.encode(problem, enc_hook=str),
        status_code=problem.status,
        headers=headers,
        media_type=problems.MEDIA_TYPE,
    )
