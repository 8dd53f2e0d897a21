"""What a handler works with: the caller, and transactions on the caller's behalf."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from litestar import Request

from jiedan.base import idempotency, paging
from jiedan.base.db import ReadTx, Scope, Tx
from jiedan.base.i18n import Phrase, Word
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.web import exchange, sending
from jiedan.base.web.errors import HeaderRefused, PermissionMissing, Unauthenticated
from jiedan.base.web.exchange import Exchange
from jiedan.base.web.principals import Principal

T = TypeVar("T")

VERSION_DIGITS_MAX = 18


class Unit:
    """One request's unit of work; a handler declares `unit: Unit`."""

    __slots__ = ("exchange", "request")

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self.request = request
        self.exchange: Exchange = exchange.of(request.scope)

    @property
    def principal(self) -> Principal:
        """Who is calling. Raises Unauthenticated on a public route when nobody is known."""
        if self.exchange.principal is None:
            raise Unauthenticated
        return self.exchange.principal

    @property
    def visitor(self) -> Principal | None:
        """Who is calling, or None."""
        return self.exchange.principal

    @property
    def tenant(self) -> TenantId:
        """The caller's merchant."""
        return self.principal.tenant

    @property
    def scope(self) -> Scope:
        """On whose behalf transactions run."""
        principal = self.principal
        return Scope(principal.tenant, principal.actor, self.exchange.request_id)

    @property
    def runtime(self) -> Runtime:
        """The process: settings, database, clock, parts."""
        return self.exchange.runtime

    @property
    def locale(self) -> str:
        """The language of the answer: en, zh_Hans or zh_Hant."""
        return self.exchange.locale

    @property
    def request_id(self) -> str:
        """The id that stands in the log, in events and in the answer."""
        return self.exchange.request_id

    @property
    def own_id(self) -> str:
        """An id that no other request has, whatever its caller calls it: what forms of its page are sent under."""
        return self.exchange.own_id

    @property
    def network(self) -> str:
        """The caller's address: IPv4 whole, IPv6 as its /64."""
        return self.exchange.network

    def part(self, kind: type[T]) -> T:
        """Return the process-wide thing of class `kind`, opened by `wiring.PARTS`."""
        return self.exchange.runtime.part(kind)

    def read(self) -> AbstractAsyncContextManager[ReadTx]:
        """Open a transaction that only reads."""
        return self.exchange.runtime.database.read(self.scope)

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` in one transaction, again when it lost to another; it may run several times.

        What a form asks for is done once. Raises FormAlreadySent when it came before.
        """
        return await sending.write(self.exchange.runtime.database, self.scope, self.request, work)

    def may(self, permission: str) -> bool:
        """Tell whether the caller has `permission`."""
        return self.exchange.principal is not None and permission in self.exchange.principal.permissions

    def require(self, permission: str) -> None:
        """Raise PermissionMissing when the caller lacks `permission`."""
        if permission not in self.principal.permissions:
            raise PermissionMissing(permission=Word(permission, self.exchange.site.permissions))

    @property
    def idempotency_key(self) -> str | None:
        """The caller's `Idempotency-Key`. Raises KeyInvalid for one that is too long or not printable."""
        return idempotency.key_of_header(self.exchange.header(b"idempotency-key"))

    @property
    def if_match(self) -> int | None:
        """The version in `If-Match: "3"`; None without the header or for `*`. Raises HeaderRefused."""
        header = self.exchange.header(b"if-match").strip()
        if header in {"", "*"}:
            return None
        text = header.removeprefix("W/").strip('"')
        if not (text.isascii() and text.isdigit()) or len(text) > VERSION_DIGITS_MAX:
            raise HeaderRefused(name="If-Match", problem=Phrase('it is not a version like "3"'), field="If-Match")
        return int(text)

    def page(
        self,
        name: str,
        *,
        filters: Mapping[str, object],
        limit: int = paging.LIMIT_DEFAULT,
        cursor: str | None = None,
    ) -> paging.Request:
        """Return which page of the list `name` is asked for. Raises BadCursor or BadLimit."""
        return paging.Request.of(
            self.exchange.site.cursors, tenant=self.tenant, name=name, filters=filters, limit=limit, cursor=cursor
        )


def provide(request: Request[Any, Any, Any]) -> Unit:
    """Give a handler its unit."""
    return Unit(request)
