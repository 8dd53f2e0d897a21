"""Answers of the console and other pages for people."""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Response
from litestar.enums import MediaType

from jiedan.base import i18n
from jiedan.base.web import csrf, sending
from jiedan.base.web.exchange import DENSITY_COOKIE, THEME_COOKIE, Exchange
from jiedan.base.web.forms import OK_STATUS, Filled
from jiedan.base.web.principals import SESSION
from jiedan.base.web.problems import Problem
from jiedan.base.web.site import FLASH_COOKIE, VISITOR_COOKIE, NavigationEntry, nearest
from jiedan.base.web.templates import View
from jiedan.base.web.unit import Unit

FLASH_AGE_S_MAX = 60
FLASH_LENGTH_MAX = 500
THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
DEFAULT_TIME_ZONE = "UTC"


class Undo(NamedTuple):
    """The form that takes a change back: where it is sent, and what it says."""

    path: str
    fields: dict[str, str]


class Flash(NamedTuple):
    """A sentence shown once, on the page that follows a change; `tone` is ok, info, warn or bad."""

    text: str
    tone: str
    undo: Undo | None = None


def render(
    unit: Unit,
    name: str,
    *,
    part: str | None = None,
    form: Filled[Any] | None = None,
    status: int | None = None,
    **context: Any,
) -> Response[str]:
    """Answer the page `name`, or its template `part` to a script that changes only a part of the page.

    The layout's own needs (navigation, language, token) are added. A `form` that was refused brings its status, unless
    `status` says another, and headers such as `Retry-After`.
    """
    if part is not None and wants_part(unit):
        name = part
    if form is None:
        return _rendered(unit.exchange, name, status or OK_STATUS, {"form": None, **context}, {})
    return _rendered(unit.exchange, name, status or form.status, {"form": form, **context}, form.headers)


def wants_part(unit: Unit) -> bool:
    """Tell whether htmx asks for a part of the page, not a browser or htmx for the whole of it.

    A statement that only the rest of the page needs may be left out. htmx asks for the whole when it goes back in the
    history, and when it selects from the page itself.
    """
    call = unit.exchange
    return call.header(b"hx-request-type") == "partial" and not call.header(b"hx-history-restore-request")


def redirect(
    unit: Unit, path: str, *, flash: str | None = None, tone: str = "ok", undo: Undo | None = None, **data: Any
) -> Response[str]:
    """Send the reader to `path` after a change, with a sentence shown once there, and maybe a way to undo it.

    Paths below the console start with `/`, without `/c/{slug}`; `flash` is a message id filled from `data`.
    """
    call = unit.exchange
    if flash is not None:
        text = i18n.translate(call.locale, flash, **data)[:FLASH_LENGTH_MAX]
        way_back = None if undo is None else Undo(url(call, undo.path), undo.fields)
        raw = base64.urlsafe_b64encode(msgspec.json.encode(Flash(text, tone, way_back))).decode()
        call.set_cookie(call.site.cookie_name(FLASH_COOKIE), raw, max_age_s=FLASH_AGE_S_MAX)
    return Response("", status_code=303, headers={"Location": url(call, path)}, media_type=MediaType.HTML)


def url(call: Exchange, path: str) -> str:
    """Return the address of a page of the console of the merchant at hand; outside the console, `path` itself."""
    slug = call.principal.slug if call.principal is not None else ""
    return f"/c/{slug}{path}" if slug else path


def error_page(call: Exchange, problem: Problem, headers: Mapping[str, str]) -> Response[str]:
    """Answer a problem to a person."""
    if call.shopfront is not None:
        facts = {"problem": problem, "shop": call.shopfront}
        return _rendered(call, "base/shop_error.html", problem.status, facts, headers)
    return _rendered(call, "base/error.html", problem.status, {"problem": problem}, headers)


def _rendered(
    call: Exchange, name: str, status: int, context: Mapping[str, Any], headers: Mapping[str, str]
) -> Response[str]:
    text = rendered_text(call, name, context)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


def rendered_text(call: Exchange, name: str, context: Mapping[str, Any]) -> str:
    """Return the page `name` with what the layout needs."""
    _remember_visitor(call)
    principal = call.principal
    locale = call.locale
    call.headers_out += [
        (b"content-language", i18n.LANG_BY_LOCALE[locale].encode()),
        (b"vary", b"Cookie, Accept-Language, HX-Request-Type"),
    ]
    time_zone = call.time_zone or (principal.time_zone if principal else DEFAULT_TIME_ZONE)
    path = call.path
    root = url(call, "")
    full = {
        "locale": locale,
        "lang": i18n.LANG_BY_LOCALE[locale],
        "languages": _languages(call),
        "theme": _chosen(call, THEME_COOKIE, THEMES),
        "density": _chosen(call, DENSITY_COOKIE, DENSITIES),
        "principal": principal if principal and principal.scheme == SESSION else None,
        "may": frozenset[str]() if principal is None else principal.permissions,
        "navigation": _navigation(call),
        "settings_pages": _settings(call),
        "numbers_waiting": call.site.waiting.known(principal) if principal else {},
        "waiting_for": call.site.waiting.names(principal) if principal else frozenset[str](),
        "path": path,
        "here": _here(call),
        "csrf_token": call.site.csrf.token(call.holder),
        "csrf_field": csrf.FIELD,
        "form_field": sending.FIELD,
        "form_id": call.own_id,
        "flash": _take_flash(call),
        "url": lambda target: f"{root}{target}",
        "with_query": lambda **changes: _with_query(call, changes),
        "request_id": call.request_id,
        **context,
    }
    below = path.removeprefix(root)
    full |= {
        "current_place": nearest(full["navigation"], below),
        "current_setting": nearest(full["settings_pages"], below),
    }
    return call.site.templates.render(name, View(locale, time_zone, call.runtime.clock.now()), full)


def _remember_visitor(call: Exchange) -> None:
    """Give somebody not signed in the cookie their form tokens are made from."""
    if not call.holder:
        call.holder = csrf.new_visitor()
        call.set_cookie(call.site.cookie_name(VISITOR_COOKIE), call.holder, max_age_s=None)


def _settings(call: Exchange) -> list[NavigationEntry]:
    """Return what else can be set up, on the pages where something is."""
    if call.principal is None or not nearest(call.site.settings, call.scope["path"].removeprefix(url(call, ""))):
        return []
    return [entry for entry in call.site.settings if entry.permission in call.principal.permissions]


def _navigation(call: Exchange) -> list[NavigationEntry]:
    if call.principal is None:
        return []
    return [entry for entry in call.site.navigation if entry.permission in call.principal.permissions]


def _chosen(call: Exchange, cookie: str, choices: tuple[str, ...]) -> str:
    """Return what the person chose in this browser, else the first choice."""
    chosen = call.cookies.get(cookie, "")
    return chosen if chosen in choices else choices[0]


def _languages(call: Exchange) -> Mapping[str, str]:
    """Return the names of the languages to choose from: in a shop, those its merchant offers."""
    offered = call.shopfront.locales if call.shopfront is not None else ()
    return {locale: i18n.NAME_BY_LOCALE[locale] for locale in offered or i18n.NAME_BY_LOCALE}


def _here(call: Exchange) -> str:
    query = call.scope.get("query_string", b"").decode("latin-1")
    path = call.path
    return path + (f"?{query}" if query else "")


def _with_query(call: Exchange, changes: Mapping[str, object]) -> str:
    """Return this page's address with some parameters changed; None drops one."""
    query = dict(parse_qsl(call.scope.get("query_string", b"").decode("latin-1")))
    merged = {**query, **{key: str(value) for key, value in changes.items() if value is not None}}
    kept = [(key, value) for key, value in merged.items() if not (key in changes and changes[key] is None)]
    return f"{call.path}?{urlencode(kept)}" if kept else call.path


def _take_flash(call: Exchange) -> Flash | None:
    name = call.site.cookie_name(FLASH_COOKIE)
    raw = call.cookies.get(name)
    if not raw:
        return None
    call.set_cookie(name, "", max_age_s=0)
    try:
        flash = msgspec.json.decode(base64.urlsafe_b64decode(raw), type=Flash)
    except (ValueError, msgspec.DecodeError):
        return None
    tone = flash.tone if flash.tone in {"ok", "info", "warn", "bad"} else "info"
    undo = flash.undo if flash.undo is not None and flash.undo.path.startswith("/c/") else None
    return Flash(flash.text[:FLASH_LENGTH_MAX], tone, undo)
