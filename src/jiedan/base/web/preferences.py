"""What a person chooses in this browser: language, light or dark, rows; without an account, without JavaScript."""

from urllib.parse import unquote, urlsplit

from litestar import Response, post
from litestar.enums import MediaType

from jiedan.base import i18n
from jiedan.base.web import forms, pages, routing
from jiedan.base.web.bodies import Code, Text
from jiedan.base.web.exchange import DENSITY_COOKIE, LANGUAGE_COOKIE, THEME_COOKIE
from jiedan.base.web.unit import Unit

PREFERENCE_AGE_S_MAX = 365 * 24 * 3600


class PreferenceForm(forms.Form):
    """A choice and the page to come back to."""

    value: Code
    back: Text = "/"


@post("/preferences/language", public=True, from_shops=True)
async def choose_language(unit: Unit) -> Response[str]:
    """Keep the language chosen and go back."""
    form = await forms.read(unit, PreferenceForm)
    if form.value is not None and form.value.value in i18n.LOCALES:
        unit.exchange.set_cookie(LANGUAGE_COOKIE, form.value.value, max_age_s=PREFERENCE_AGE_S_MAX)
    return back_to(form.value.back if form.value is not None else "/")


@post("/preferences/theme", public=True, from_shops=True)
async def choose_theme(unit: Unit) -> Response[str]:
    """Keep light, dark or automatic and go back."""
    form = await forms.read(unit, PreferenceForm)
    if form.value is not None and form.value.value in pages.THEMES:
        unit.exchange.set_cookie(THEME_COOKIE, form.value.value, max_age_s=PREFERENCE_AGE_S_MAX)
    return back_to(form.value.back if form.value is not None else "/")


@post("/preferences/density", public=True, from_shops=True)
async def choose_density(unit: Unit) -> Response[str]:
    """Keep comfortable or compact rows and go back."""
    form = await forms.read(unit, PreferenceForm)
    if form.value is not None and form.value.value in pages.DENSITIES:
        unit.exchange.set_cookie(DENSITY_COOKIE, form.value.value, max_age_s=PREFERENCE_AGE_S_MAX)
    return back_to(form.value.back if form.value is not None else "/")


def back_to(target: str) -> Response[str]:
    """Lead to a page of this site."""
    return Response("", status_code=303, headers={"Location": local_path(target)}, media_type=MediaType.HTML)


_STEPS = frozenset({".", ".."})
"""Parts of a path that a browser takes away, and others with them, before it goes there."""


def local_path(target: str) -> str:
    """Return `target` when it is a path of this site, else `/`: nobody is sent elsewhere by a crafted link."""
    try:
        parts = urlsplit(target)
    except ValueError:  # as of `//[`, half an IPv6 address
        return "/"
    is_local = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith(("//", "/\\"))
    leads_up = not _STEPS.isdisjoint(unquote(parts.path).replace("\\", "/").split("/"))
    return target if is_local and not leads_up and target.isprintable() else "/"


ROUTER = routing.root([choose_language, choose_theme, choose_density])
