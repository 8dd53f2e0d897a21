"""The outermost ASGI layer: request ids, security headers, the access log, metrics, and a last answer.

Pure ASGI and thin, because every order passes here. Successful answers are logged at `debug` (metrics count them);
refusals, failures and slow answers at `info` and above.
"""

import logging
import re
import time
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from jiedan.base import draining, ids, metrics, tracing
from jiedan.base.errors import Unavailable
from jiedan.base.queueing import QueueFull
from jiedan.base.runtime import Runtime
from jiedan.base.web.exchange import ERROR_KEY, SCOPE_KEY, Exchange
from jiedan.base.web.hosts import Hosts
from jiedan.base.web.site import Site

SLOW_S = 1.0
SERVER_ERROR_STATUS = 500
CLIENT_ERROR_STATUS = 400

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY_HEADERS: list[tuple[bytes, bytes]] = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=()"),
]
_LAST = (b"connection", b"close")
"""The last answer on its connection: who ends is not asked anything more, which it could not answer."""

_TRANSPORT_SECURITY = (b"strict-transport-security", b"max-age=31536000")

REQUEST_SECONDS = metrics.histogram(
    "http_request_seconds", "Time to answer, by route and class of status.", ("method", "route", "status")
)

log = structlog.get_logger(__name__)
_LEVELS = logging.getLogger(__name__)


class Frame:
    """Wrap the whole application."""

    def __init__(self, app: ASGIApp, runtime: Runtime, site: Site) -> None:
        self.app = app
        self.runtime = runtime
        self.site = site
        self._uuids = ids.UuidFactory()
        self._headers = [*_SECURITY_HEADERS, *([_TRANSPORT_SECURITY] if site.is_https else [])]
        self._hosts = Hosts(urlsplit(runtime.settings.base_url()).hostname or "")
        self._observers: dict[tuple[str, str, str], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        own_id = self._uuids.new(self.runtime.clock.now()).hex
        call = Exchange(scope, self.runtime, self.site, _told_id(scope) or own_id, own_id, time.monotonic())
        scope[SCOPE_KEY] = call  # type: ignore[literal-required]  # ASGI lets servers and applications add keys
        host = self._hosts.concerns(scope)
        if host is not None:
            await self._lead_to_shop(call, host)
        status = 0
        own_headers = [*self._headers, (b"x-request-id", call.request_id.encode())]

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *own_headers, *call.headers_out]
                message["headers"] = headers
                if draining.is_on() and scope["http_version"] == "1.1":
                    headers.append(_LAST)
                if not any(name.lower() == b"cache-control" for name, _ in message["headers"]):
                    headers.append((b"cache-control", b"no-store"))
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=call.request_id)
        try:
            with tracing.span("request", method=scope["method"], path=scope["path"]):
                await self.app(scope, receive, send_framed)
        finally:
            self._note(call, scope, status)

    async def _lead_to_shop(self, call: Exchange, host: str) -> None:
        """Let the shop of a merchant's own host answer as if its slug were in the path."""
        try:
            slug = await self._hosts.slug_at(self.runtime.database, host)
        except Unavailable:
            return  # there is nothing at this address as long as nobody can say whose it is
        if slug is not None:
            scope = call.scope
            call.asked_path = scope["path"]
            scope["path"] = f"/s/{slug}{call.asked_path}"
            scope["raw_path"] = quote(scope["path"]).encode()

    def _note(self, call: Exchange, scope: Any, status: int) -> None:
        """Log and measure an answer."""
        elapsed_s = time.monotonic() - call.started_s
        route = scope.get("path_template") or "-"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        key = (method, route, f"{status // 100}xx")
        observer = self._observers.get(key)
        if observer is None:
            observer = self._observers[key] = REQUEST_SECONDS.labels(*key)
        observer.observe(elapsed_s)
        level = "debug"
        desk_tells = scope.get(ERROR_KEY) == QueueFull.code  # of all of them, once a second
        if status >= SERVER_ERROR_STATUS and not desk_tells:
            level = "warning"
        elif not desk_tells and (status >= CLIENT_ERROR_STATUS or status == 0 or elapsed_s > SLOW_S):
            level = "info"
        if level == "debug" and not _LEVELS.isEnabledFor(logging.DEBUG):
            return
        principal = call.principal
        getattr(log, level)(
            "answered",
            method=scope["method"],
            path=scope["path"],
            status=status,
            code=scope.get(ERROR_KEY),
            milliseconds=round(elapsed_s * 1000, 1),
            tenant=str(principal.tenant) if principal else None,
            actor=":".join(principal.actor) if principal else None,
        )


def _told_id(scope: Scope) -> str | None:
    """Return what the caller, or a proxy before us, calls the request."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode("ascii")
    return None
