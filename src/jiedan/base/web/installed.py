"""What makes the console an app on a phone or a desk: its manifest, its service worker, and the page shown offline.

The worker keeps files that are addressed by content and the offline page, which names nobody; pages of people are never
kept. `/sw.js` begins with the list of what to keep, so that it changes with any of it.
"""

import hashlib
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get
from litestar.enums import MediaType

from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.base.web import exchange, routing
from jiedan.base.web.assets import Assets
from jiedan.base.web.site import NavigationEntry
from jiedan.base.web.templates import View
from jiedan.base.web.unit import Unit

MANIFEST_TYPE = "application/manifest+json"
KEPT = ("app.css", "house.js", "htmx.js", "icons.svg", "mark.svg", "icon-192.png")
OFFLINE_PATH = "/offline"

ICONS = {
    "mark.svg": {"sizes": "any", "type": "image/svg+xml"},
    "icon-192.png": {"sizes": "192x192", "type": "image/png"},
    "icon-512.png": {"sizes": "512x512", "type": "image/png"},
    "icon-maskable-512.png": {"sizes": "512x512", "type": "image/png", "purpose": "maskable"},
}

COLOR, BACKGROUND = "#3a55d4", "#f5f7fa"
SHORT_NAME_CHARACTERS_MAX = 12
SHORTCUTS_MAX = 4

_TITLE = N_("No connection")
_SENTENCE = N_("Jiedan cannot be reached. What you typed is not lost: go back, and try again when you are online.")


def manifest(assets: Assets, *, name: str, start: str, lang: str, shortcuts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the manifest of an app called `name` whose pages lie below `start`."""
    return {
        "name": name,
        "short_name": name[:SHORT_NAME_CHARACTERS_MAX],
        "id": start,
        "start_url": start,
        "scope": start,
        "lang": lang,
        "display": "standalone",
        "background_color": BACKGROUND,
        "theme_color": COLOR,
        "icons": [
            {"src": assets.url("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": assets.url("icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": assets.url("icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {
                "src": assets.url("icon-maskable-512.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
        "shortcuts": shortcuts,
    }


@get("/manifest.webmanifest", permission="account:self")
async def console_manifest(unit: Unit) -> Response[bytes]:
    """Answer the manifest of the console: the merchant's name, and the first places its reader may open."""
    call, principal = unit.exchange, unit.principal
    start = f"/c/{quote(principal.slug)}/"
    places = [entry for entry in call.site.navigation if unit.may(entry.permission)]
    made = manifest(
        call.site.assets,
        name=principal.merchant,
        start=start,
        lang=i18n.LANG_BY_LOCALE[unit.locale],
        shortcuts=[_shortcut(unit, start, entry) for entry in _first(places)],
    )
    return Response(msgspec.json.encode(made), media_type=MANIFEST_TYPE)


def _first(places: list[NavigationEntry]) -> list[NavigationEntry]:
    """Return the places for an icon's menu: those that are for scanning first, the home page not at all."""
    wanted = [entry for entry in places if entry.path != "/home"]
    wanted.sort(key=lambda entry: not entry.is_scan)
    return wanted[:SHORTCUTS_MAX]


def _shortcut(unit: Unit, start: str, entry: NavigationEntry) -> dict[str, Any]:
    return {"name": i18n.gettext(unit.locale, entry.label), "url": start.rstrip("/") + entry.path}


@get("/sw.js", public=True, unlimited=True)
async def service_worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer the service worker with what it keeps."""
    assets = exchange.of(request.scope).site.assets
    kept = [OFFLINE_PATH, *(url for name in KEPT if (url := assets.url(name)) is not None)]
    version = hashlib.sha256("".join(kept).encode()).hexdigest()[:12]
    told = f"const VERSION = {_js(version)}, KEPT = {_js(kept)}, OFFLINE = {_js(OFFLINE_PATH)};\n"
    return Response(
        told.encode() + assets.named("sw.js").content,
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


def _js(value: object) -> str:
    return msgspec.json.encode(value).decode()


@get(OFFLINE_PATH, public=True, unlimited=True)
async def offline_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Answer the page that the worker shows without a connection: in every language, as it is kept for all readers."""
    call = exchange.of(request.scope)
    said = [
        (i18n.LANG_BY_LOCALE[locale], i18n.gettext(locale, _TITLE), i18n.gettext(locale, _SENTENCE))
        for locale in i18n.LOCALES
    ]
    view = View(i18n.ENGLISH, "UTC", call.runtime.clock.now())
    text = call.site.templates.render("base/offline.html", view, {"said": said})
    return Response(text, media_type=MediaType.HTML, headers={"Cache-Control": "no-cache"})


CONSOLE = routing.console([console_manifest])
ROOT = routing.root([service_worker, offline_page])
