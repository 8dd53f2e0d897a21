"""What happens to an exception that reaches the frame: a problem for programs, a page for people, the log for bugs."""

import re
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import msgspec
import structlog
from litestar import Request, Response
from litestar.enums import MediaType, ScopeType
from litestar.exceptions import MethodNotAllowedException
from litestar.routes import HTTPRoute

from jiedan.base import errors
from jiedan.base.web import exchange, gate, pages, problems, routing
from jiedan.base.web.bodies import unstorable_character
from jiedan.base.web.errors import IdMalformed, NoSuchPage, Unauthenticated
from jiedan.base.web.exchange import ERROR_KEY, Exchange
from jiedan.base.web.site import SIGN_IN_PATH
from jiedan.base.web.unit import Unit

EnterShop = Callable[[Unit, str], Awaitable[None]]
"""Let a visitor into the shop of a slug: the exchange learns its frame. Raises a refusal where there is none."""

log = structlog.get_logger()

_PARAMETER = re.compile(r"\{[^}]*\}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


async def find_frame(enter_shop: EnterShop | None, error: Exception, scope: Any) -> None:
    """Find out in which frame a person reads what went wrong, before it is told: Litestar's hook, which may wait.

    In a shop that is the shop's own, in the console the console's, each in the reader's language. Nothing is looked up
    for who goes too fast, or while the database does not answer: what is told then stands by itself.
    """
    if scope["type"] != ScopeType.HTTP:
        return
    call = exchange.of(scope)
    if not call.wants_html or _is_known(call):
        return
    slug = routing.shop_of(scope["path"])
    if slug is not None or scope.get("route_handler") is None:  # else the gate has found out who calls
        request: Request[Any, Any, Any] = Request(scope)
        asked = _asked(request, call, error)
        try:
            if not isinstance(problems.refusal_of(error, asked), errors.Unavailable):
                await _look_up(request, call, slug, enter_shop)
        except Exception as missed:  # what went wrong first is told all the same
            if problems.refusal_of(missed, asked) is None:
                log.exception("bug", path=scope["path"], request_id=call.request_id)
    if not _is_known(call):
        gate.remember(call)


def _is_known(call: Exchange) -> bool:
    """Tell whether the frame is known: who asks in the console, or of which shop."""
    return call.principal is not None or call.shopfront is not None


async def _look_up(
    request: Request[Any, Any, Any], call: Exchange, slug: str | None, enter_shop: EnterShop | None
) -> None:
    if call.site.limits.visitors.take(call.network, time.monotonic()):
        return
    if slug is None:
        await gate.recognize(call)
    elif enter_shop is not None and unstorable_character(slug) is None:
        gate.visit(call)
        await enter_shop(Unit(request), slug)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer `error`: Litestar's handler of every exception."""
    call = exchange.of(request.scope)
    refusal = problems.refusal_of(error, _asked(request, call, error))
    if refusal is None:
        log.error("bug", exc_info=error, path=request.scope["path"], request_id=call.request_id)
        problem = problems.internal(locale=call.locale, request_id=call.request_id)
        return _said(call, problem, {})
    if isinstance(refusal, errors.NotFound) and refusal.field is None:
        refusal = _placed(request, refusal)
    call.scope[ERROR_KEY] = refusal.code
    return refused(call, refusal)


def _asked(request: Request[Any, Any, Any], call: Exchange, error: Exception) -> problems.Asked:
    is_method = isinstance(error, MethodNotAllowedException)
    handler: Any = request.scope.get("route_handler")
    return problems.Asked(
        method=request.scope["method"],
        allowed=_methods(request.app.routes, request.scope["path"]) if is_method else "",
        body_bytes_max=call.runtime.settings.body_bytes_max,
        aliases={} if handler is None else handler.opt.get(gate.ALIASES, {}),
    )


def _placed(request: Request[Any, Any, Any], refusal: errors.NotFound) -> errors.NotFound:
    """Return `refusal` with the name of the path's parameter that it speaks of, or that is no id; else as it is."""
    if isinstance(refusal, NoSuchPage):
        return _malformed_id(request.app.routes, request.scope["path"]) or refusal
    told = {str(value) for value in refusal.data().values()}
    given = {name: str(value) for name, value in (request.scope.get("path_params") or {}).items()}
    named = [name for name, value in given.items() if value in told]
    if not told and len(given) == 1:
        named = list(given)
    refusal.field = named[0] if named else None
    return refusal


def _malformed_id(routes: Iterable[object], path: str) -> IdMalformed | None:
    """Return what is wrong with `path` where a route would have it but for an id, such as `/orders/1`."""
    if not path.startswith(routing.API_PATH):
        return None
    for route in routes:
        if isinstance(route, HTTPRoute) and "{" in route.path_format:
            named = re.fullmatch(_PARAMETER.sub("([^/]+)", route.path_format), path)
            names = [one.strip("{}").partition(":")[0] for one in _PARAMETER.findall(route.path_format)]
            for name, value in zip(names, named.groups() if named else (), strict=False):
                if name in _ids_of(route) and not _UUID.fullmatch(value):
                    return IdMalformed(value, field=name)
    return None


def _ids_of(route: HTTPRoute) -> frozenset[str]:
    return frozenset(name for name, parameter in route.path_parameters.items() if parameter.type is UUID)


def _methods(routes: Iterable[object], path: str) -> str:
    """Return the methods that `path` has, for the answer to another one."""
    found: set[str] = set()
    for route in routes:
        if isinstance(route, HTTPRoute) and re.fullmatch(_PARAMETER.sub("[^/]+", route.path_format), path):
            found.update(route.methods)
    return ", ".join(sorted(found))


def refused(call: Exchange, refusal: errors.Refusal) -> Response[Any]:
    """Answer a refusal."""
    if call.wants_html and isinstance(refusal, Unauthenticated) and call.header(b"hx-request"):
        return _sent_to_sign_in(call)
    if call.wants_html and isinstance(refusal, Unauthenticated) and call.scope["method"] == "GET":
        address = gate.sign_in_address(call, SIGN_IN_PATH)
        return Response("", status_code=303, headers={"Location": address}, media_type=MediaType.HTML)
    problem = problems.problem_of(refusal, locale=call.locale, request_id=call.request_id)
    return _said(call, problem, problems.headers_of(refusal))


def _sent_to_sign_in(call: Exchange) -> Response[Any]:
    """Tell htmx to leave the page for the sign-in, and to come back to it: a part of a page is no place for that."""
    try:
        at = urlsplit(call.header(b"hx-current-url"))
    except ValueError:  # as of `//[`, half an IPv6 address
        at = urlsplit("/")
    back = at.path + (f"?{at.query}" if at.query else "")
    address = f"{SIGN_IN_PATH}?next={quote(back, safe='/')}"
    return Response("", status_code=401, headers={"HX-Redirect": address}, media_type=MediaType.HTML)


def _said(call: Exchange, problem: problems.Problem, headers: dict[str, str]) -> Response[Any]:
    if call.wants_html:
        return pages.error_page(call, problem, headers)
    return Response(
        msgspec.json.encode(problem, enc_hook=str),
        status_code=problem.status,
        headers=headers,
        media_type=problems.MEDIA_TYPE,
    )
