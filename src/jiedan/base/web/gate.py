"""The gate before every handler: who is calling, how fast, with a page's token, and with the permission asked for.

It runs after routing and before the body is read for the handler. Every route declares `permission="area:verb"` or
`public=True`; `refuse_undeclared` stops the start of an application that has a route without.
"""

import math
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from jiedan.base import idempotency
from jiedan.base.i18n import Phrase, Word
from jiedan.base.web import auth, csrf, exchange, prose, short
from jiedan.base.web.bodies import unstorable_character
from jiedan.base.web.errors import (
    CharacterRefused,
    ForgeryRefused,
    MediaTypeRefused,
    NoSuchPage,
    PermissionMissing,
    TooManyRequests,
    Unauthenticated,
    UnknownParameter,
    WrongValue,
)
from jiedan.base.web.exchange import Exchange
from jiedan.base.web.principals import SESSION, Principal
from jiedan.base.web.site import SESSION_COOKIE, VISITOR_COOKIE

PERMISSION = "permission"
PUBLIC = "public"
UNLIMITED = "unlimited"
"""A public route for machines and browsers' assets: nobody is identified, nothing is counted."""

INCOMING = "incoming"
"""A public route that proves its caller otherwise, by a signature: forms without a page's token are taken."""

STOREFRONT = "storefront"
"""A public route of a merchant's shop: whoever comes is a visitor there, staff who are signed in to a console too."""

FROM_SHOPS = "from_shops"
"""A public route that pages of shops send forms to as well, where staff who are signed in are visitors."""

IDEMPOTENT = "idempotent"
PARAMETERS = "query_parameters"
LISTS = "list_parameters"
ALIASES = "parameter_aliases"
TAKES_JSON = "takes_json"
TYPED = "typed_parameters"
"""Query parameters that are no prose by their type: card numbers in those of a write are masked but for these."""

_BEARER = "bearer "
_FORM_TYPES = (RequestEncodingType.URL_ENCODED.value, RequestEncodingType.MULTI_PART.value)


class UndeclaredRoute(RuntimeError):
    """A route declares neither a permission nor that it is public: a bug that must not start."""


class Gate:
    """Let a request through to its handler, or refuse it: ASGI middleware inside Litestar's router."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check and pass on. Raises the refusals of `jiedan.base.web.errors`."""
        call = exchange.of(scope)
        opt: dict[str, Any] = scope["route_handler"].opt
        at_s = time.monotonic()
        if opt.get(UNLIMITED):
            await self._app(scope, receive, send)
            return
        if opt.get(STOREFRONT):
            visit(call)
        else:
            await _identify(call, at_s)
        principal = call.principal
        _slow_down(call, at_s, is_incoming=bool(opt.get(INCOMING)))
        permission = opt.get(PERMISSION)
        if permission is not None:
            if principal is None:
                raise Unauthenticated
            if permission not in principal.permissions:
                raise PermissionMissing(permission=Word(permission, call.site.permissions))
        _check_place(call, principal)
        if scope.get("query_string"):
            _check_query(call, opt)
        if opt.get(IDEMPOTENT):  # also where each row has a key of its own: what is documented is never overlooked
            idempotency.key_of_header(call.header(b"idempotency-key"))
        if opt.get(TAKES_JSON):
            _check_media_type(call)
        if scope["method"] not in csrf.SAFE_METHODS and not opt.get(INCOMING):  # type: ignore[typeddict-item]  # only requests over HTTP come here, which have a method
            await _check_forgery(call, scope, receive)
        if opt.get(short.SHORT):
            await short.answer(scope["route_handler"], scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _identify(call: Exchange, at_s: float) -> None:
    """Find out who calls; a credential that is not valid counts against its network. Raises Unauthenticated."""
    header = call.header(b"authorization")
    if header:
        text = header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else ""
        call.principal = await _known(call, text, at_s, auth.parse_api_key)
        if call.principal is None:
            _count_failure(call, at_s)
            raise Unauthenticated
        return
    text = call.cookies.get(call.site.cookie_name(SESSION_COOKIE), "")
    if text:
        call.principal = await _known(call, text, at_s, auth.parse_session)
        if call.principal is not None:
            call.holder = text
            return
    visit(call)


def visit(call: Exchange) -> None:
    """Let forms be made from the cookie of somebody who is not signed in."""
    call.holder = call.cookies.get(call.site.cookie_name(VISITOR_COOKIE), "")


def remember(call: Exchange) -> None:
    """Know a session seen a moment ago, without asking anybody; else whoever comes is a visitor."""
    text = call.cookies.get(call.site.cookie_name(SESSION_COOKIE), "")
    principal = call.site.authentication.remembered(text, time.monotonic()) if text else None
    if principal is None:
        visit(call)
    else:
        call.principal, call.holder = principal, text


async def recognize(call: Exchange) -> None:
    """Know a session where a request never came to the gate: an address that does not exist. May raise a refusal."""
    text = call.cookies.get(call.site.cookie_name(SESSION_COOKIE), "")
    principal = await _known(call, text, time.monotonic(), auth.parse_session) if text else None
    if principal is not None:
        call.principal, call.holder = principal, text


async def _known(call: Exchange, text: str, at_s: float, parse: Any) -> Principal | None:
    remembered = call.site.authentication.remembered(text, at_s)
    if remembered is not None:
        return remembered
    credential = parse(text)
    if credential is None:
        return None
    wait_s = call.site.limits.failures.peek(call.network, at_s)
    if wait_s:
        raise TooManyRequests(retry_after_s=math.ceil(wait_s))
    return await call.site.authentication.authenticate(credential, text, at_s)


def _count_failure(call: Exchange, at_s: float) -> None:
    wait_s = call.site.limits.failures.take(call.network, at_s)
    if wait_s:
        raise TooManyRequests(retry_after_s=math.ceil(wait_s))


def _slow_down(call: Exchange, at_s: float, *, is_incoming: bool) -> None:
    """Raise TooManyRequests when the caller, or the network of an unknown one, goes too fast."""
    if is_incoming:
        wait_s = call.site.limits.senders.take(call.network, at_s)
    elif call.principal is None:
        wait_s = call.site.limits.visitors.take(call.network, at_s)
    else:
        wait_s = call.site.limits.principals.take((call.principal.tenant, call.principal.caller), at_s)
    if wait_s:
        raise TooManyRequests(retry_after_s=math.ceil(wait_s))


def _check_place(call: Exchange, principal: Principal | None) -> None:
    """Refuse another merchant's pages as if they did not exist, and characters that no path may hold."""
    parameters = call.scope.get("path_params") or {}
    slug = parameters.get("slug")
    if slug is not None and principal is not None and slug != principal.slug:
        raise NoSuchPage
    for name, value in parameters.items():
        character = unstorable_character(value) if isinstance(value, str) else None
        if character is not None:
            raise CharacterRefused(character=character, field=name)


def _check_query(call: Exchange, opt: dict[str, Any]) -> None:
    """Refuse what the API does not know or is told twice, and characters that no text may hold.

    What a write is told there may be stored: card numbers in it are masked before anybody reads them.
    """
    if call.scope["method"] not in csrf.SAFE_METHODS:
        call.scope["query_string"] = prose.masked_query(call.scope["query_string"], opt.get(TYPED, ()))
    request: Request[Any, Any, Any] = Request(call.scope)
    known: frozenset[str] | None = opt.get(PARAMETERS)
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        character = unstorable_character(name) or unstorable_character(value)
        if character is not None:
            raise CharacterRefused(character=character, field=name.replace("\0", ""))
        if _REPLACED in value and _REPLACED_AS_SENT not in call.scope["query_string"].upper():
            raise WrongValue(problem=Phrase("a string is not UTF-8"), field=name)
        if known is not None and name not in known:
            raise UnknownParameter(name=name, known=", ".join(sorted(known)) or "-", field=name)
        if known is not None and name in seen and name not in opt[LISTS]:
            raise WrongValue(problem=Phrase("{column} stands there twice", column=name), field=name)
        seen.add(name)


_REPLACED = "\N{REPLACEMENT CHARACTER}"
"""What stands for bytes of a query that are no UTF-8, halves of a surrogate pair among them."""

_REPLACED_AS_SENT = b"%EF%BF%BD"
"""The same character, where somebody means it."""


def _check_media_type(call: Exchange) -> None:
    """Refuse a body that is said to be anything but JSON; one that is said to be nothing is read as JSON."""
    given = call.header(b"content-type").partition(";")[0].strip().lower()
    if given not in {"", "application/json"} and not (given.startswith("application/") and given.endswith("+json")):
        raise MediaTypeRefused(given=given)


async def _check_forgery(call: Exchange, scope: Scope, receive: Receive) -> None:
    """Refuse a change asked for with nothing but cookies, unless the page's token comes along."""
    if call.header(b"authorization") and call.principal is not None:
        return
    is_session = call.principal is not None and call.principal.scheme == SESSION
    content_type = call.header(b"content-type").partition(";")[0].strip().lower()
    is_shop = bool(call.scope["route_handler"].opt.get(STOREFRONT))
    if not is_session and not is_shop and content_type not in _FORM_TYPES:
        return  # nobody's cookie is used: a public API route, or a webhook that proves itself otherwise
    token = call.header(csrf.HEADER.encode())
    if not token and content_type in _FORM_TYPES:
        form = await Request(scope, receive).form()
        token = str(form.get(csrf.FIELD, ""))
    holders = [call.holder]
    if call.scope["route_handler"].opt.get(FROM_SHOPS):
        holders.append(call.cookies.get(call.site.cookie_name(VISITOR_COOKIE), ""))
    if not token or not any(holder and call.site.csrf.is_right(token, holder) for holder in holders):
        raise ForgeryRefused


def refuse_undeclared(routes: Iterable[object]) -> None:
    """Raise UndeclaredRoute for the first route that declares neither a permission nor that it is public."""
    for route in routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            if "OPTIONS" in handler.http_methods:
                handler.opt.setdefault(PUBLIC, True)
            permission = handler.opt.get(PERMISSION)
            lets_all_in = handler.opt.get(UNLIMITED) or handler.opt.get(INCOMING)
            if bool(permission) is bool(handler.opt.get(PUBLIC)) or (permission and lets_all_in):
                message = (
                    f"{'/'.join(sorted(handler.http_methods))} {route.path} ({handler.handler_name}) must declare "
                    'either permission="area:verb" or public=True; unlimited and incoming go with public'
                )
                raise UndeclaredRoute(message)
            _learn_parameters(route, handler)
            short.check(handler)


def _learn_parameters(route: HTTPRoute, handler: HTTPRouteHandler) -> None:
    """Note which query parameters a route knows, so that others of the API's are refused, and whether it takes JSON."""
    model = route.route_handler_map[next(iter(handler.http_methods))][1]
    fields = handler.parsed_fn_signature.parameters
    types = {p.field_alias: fields[p.field_name].raw for p in model.expected_query_params}
    handler.opt[TYPED] = prose.no_prose(types)
    if not route.path.startswith("/api/"):
        return
    handler.opt[TAKES_JSON] = handler.parsed_data_field is not None
    handler.opt[PARAMETERS] = frozenset(p.field_alias for p in model.expected_query_params)
    handler.opt[LISTS] = frozenset(p.field_alias for p in model.expected_query_params if p.is_sequence)
    handler.opt[ALIASES] = {p.field_name: p.field_alias for p in model.expected_query_params}


def sign_in_address(call: Exchange, sign_in_path: str) -> str:
    """Return where somebody who must sign in first is sent, with the way back."""
    query = call.scope.get("query_string", b"").decode("latin-1")
    target = call.scope["path"] + (f"?{query}" if query else "")
    return f"{sign_in_path}?next={quote(target, safe='/')}"
