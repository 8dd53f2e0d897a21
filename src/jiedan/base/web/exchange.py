"""One request and what is known about it on its way: made by the frame, completed by the gate."""

import dataclasses
import functools
from http.cookies import CookieError, SimpleCookie
from typing import Any

from jiedan.base import i18n
from jiedan.base.runtime import Runtime
from jiedan.base.web.principals import Principal
from jiedan.base.web.shopfront import Shopfront
from jiedan.base.web.site import Site

SCOPE_KEY = "jiedan.exchange"
ERROR_KEY = "jiedan.error"
"""Where the code of what was refused stands in the scope, for the log."""

COOKIES_LENGTH_MAX = 8_192

LANGUAGE_COOKIE = "jd_language"
THEME_COOKIE = "jd_theme"
DENSITY_COOKIE = "jd_density"


@dataclasses.dataclass(eq=False)
class Exchange:
    """Hold one request's identity, caller, language and further headers of its answer."""

    scope: Any
    runtime: Runtime
    site: Site
    request_id: str
    """What it is called in the log, in events and in the answer: as the caller calls it, who may call several so."""
    own_id: str
    """What no other request has: the number of the forms of a page that answers it."""
    started_s: float
    principal: Principal | None = None
    holder: str = ""
    """What a form token of this caller is made from: the session credential or the visitor cookie."""
    headers_out: list[tuple[bytes, bytes]] = dataclasses.field(default_factory=list)
    asked_path: str | None = None
    """The path that the browser asked for, where the application sees another: a shop at its merchant's host."""
    spoken: str | None = None
    """The language of the answer, where what is asked for has not all of ours: a merchant's shop."""
    time_zone: str | None = None
    """The time zone of the answer, where no principal brings one."""
    shopfront: Shopfront | None = None
    """The shop that a visitor is in: its frame is around the page that says what went wrong, too."""

    @property
    def path(self) -> str:
        """The path that the browser asked for."""
        path: str = self.scope["path"]
        return path if self.asked_path is None else self.asked_path

    def header(self, name: bytes) -> str:
        """Return the first header `name` (lower case), or an empty text."""
        for key, value in self.scope["headers"]:
            if key == name:
                text: str = value.decode("latin-1")
                return text
        return ""

    @functools.cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies that came."""
        raw = self.header(b"cookie")
        if not raw or len(raw) > COOKIES_LENGTH_MAX:
            return {}
        try:
            return {name: morsel.value for name, morsel in SimpleCookie(raw).items()}
        except CookieError:
            return {}

    @functools.cached_property
    def network(self) -> str:
        """The caller's address: IPv4 whole, IPv6 as its /64; behind trusted proxies, the one they saw."""
        return self.site.networks.of(self.scope, self.header(b"x-forwarded-for"))

    @property
    def locale(self) -> str:
        """The language of the answer.

        A page: the account's, what was chosen in this browser, the browser's.
        The API: the header's, the account's.
        """
        if self.spoken is not None:
            return self.spoken
        asked = i18n.negotiate(self.header(b"accept-language"))
        account = i18n.match(self.principal.locale) if self.principal and self.principal.locale else None
        if self.wants_html:
            return account or i18n.match(self.cookies.get(LANGUAGE_COOKIE, "")) or asked or i18n.ENGLISH
        return asked or account or i18n.ENGLISH

    @functools.cached_property
    def wants_html(self) -> bool:
        """Tell whether a person in a browser is asking, rather than a program."""
        if self.scope["path"].startswith("/api/v"):
            return False
        accept = self.header(b"accept")
        return "text/html" in accept

    def set_cookie(self, name: str, value: str, *, max_age_s: int | None, http_only: bool = True) -> None:
        """Set a cookie with the answer: same-site, for this host, over https alone where we are on https."""
        parts = [f"{name}={value}", "Path=/", "SameSite=Lax"]
        if max_age_s is not None:
            parts.append(f"Max-Age={max_age_s}")
        if http_only:
            parts.append("HttpOnly")
        if self.site.is_https:
            parts.append("Secure")
        self.headers_out.append((b"set-cookie", "; ".join(parts).encode("latin-1")))


def of(scope: Any) -> Exchange:
    """Return the exchange that the frame put into an ASGI scope."""
    exchange: Exchange = scope[SCOPE_KEY]
    return exchange
