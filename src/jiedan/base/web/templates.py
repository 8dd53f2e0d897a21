"""Pages from Jinja templates: escaped always, in the reader's language, with the merchant's time zone.

Templates lie in `src/jiedan/<module>/templates/<module>/`. What a filter needs to know about the reader is held in a
context variable for the time of one synchronous rendering, so that macros need no extra arguments.
"""

import contextvars
import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any
from zoneinfo import ZoneInfo

import babel
import babel.dates
import babel.numbers
import jinja2
import jinja2.runtime
import markupsafe

from jiedan.base import i18n, money
from jiedan.base.web import accent, drawing, maps
from jiedan.base.web.assets import Assets


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """Who reads the page, and when."""

    locale: str
    time_zone: str
    now: datetime


MESSAGES_MAX = 8_192
"""How many messages are kept as pages write them."""

_view: contextvars.ContextVar[View] = contextvars.ContextVar("view")
_modules: contextvars.ContextVar[dict[str, Any]] = contextvars.ContextVar("modules")
"""The components of the page at hand, by the name of their file."""


class Templates:
    """Render templates of all modules; their pages name files of `assets`."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_folders()),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            auto_reload=False,
        )
        install: Any = self._environment
        install.install_gettext_callables(_gettext, _ngettext, newstyle=True)
        # Jinja's own take every message for markup, typed or ours, and look each function up in the context.
        self._environment.globals.update(gettext=_gettext, _=_gettext)
        self._environment.context_class = _Context
        self._environment.template_class = _Template
        self._environment.filters.update(
            money=_money, datetime=_datetime, date=_date, time=_time, number=_number, ago=_ago, iso=_iso, listed=_listed
        )
        self._environment.globals.update(
            asset=assets.url,
            accent_sheet=accent.url,
            icon_names=functools.partial(_icon_names, assets),
            spark_line=drawing.spark_line,
            spark_area=drawing.spark_area,
            bar_shapes=drawing.bar_shapes,
            land_address=maps.land_address,
        )

    def render(self, name: str, view: View, context: Mapping[str, Any]) -> str:
        """Return the page `name` for `view`."""
        return self._rendered(self._environment.get_template(name), view, context)

    def render_source(self, source: str, view: View, context: Mapping[str, Any]) -> str:
        """Return the page whose template is `source`: a merchant's own, or a test's."""
        return self._rendered(self._environment.from_string(source), view, context)

    def _rendered(self, template: jinja2.Template, view: View, context: Mapping[str, Any]) -> str:
        token, modules = _view.set(view), _modules.set({})
        try:
            return template.render(context)
        finally:
            _view.reset(token)
            _modules.reset(modules)


class _Template(jinja2.Template):
    """Run components once for each page: Jinja runs the whole file again wherever it is imported.

    Components read what every page has, never what the template that imports them has set; so the first import will do.
    """

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002 - Jinja's own name
        shared: bool = False,  # noqa: FBT001, FBT002 - Jinja's own signature
        locals: Mapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Any:
        """Return the macros of this file, as of this page."""
        name = self.name or ""
        if not (name.startswith("base/") or name.endswith("/_words.html")):
            return super().make_module(vars, shared, locals)
        modules = _modules.get({})
        if name not in modules:
            modules[name] = super().make_module(vars, shared, locals)
        return modules[name]


class _Context(jinja2.runtime.Context):
    """Call macros and plain functions at once: Jinja asks eight times what a callable wants before it calls it.

    A list of fifty orders calls five hundred macros; the questions were a fifth of its page.
    """

    def call(self, callable_: Any, /, *args: Any, **options: Any) -> Any:
        """Call what a template calls."""
        if type(callable_) is jinja2.runtime.Macro or _is_plain(callable_):
            options.pop("_loop_vars", None)
            options.pop("_block_vars", None)
            return callable_(*args, **options)
        return super().call(callable_, *args, **options)


def _is_plain(callable_: object) -> bool:
    """Tell whether it is a function, or the method of an object, that asks for nothing beside its arguments."""
    kind = type(callable_)
    if kind is MethodType:
        callable_ = callable_.__func__  # type: ignore[attr-defined]  # a method has one
        kind = type(callable_)
    return kind is BuiltinFunctionType or (kind is FunctionType and not callable_.__dict__)


def _icon_names(assets: Assets) -> list[str]:
    """Return the names of the icons there are."""
    return re.findall(r'<symbol id="([^"]+)"', assets.named("icons.svg").content.decode())


def _folders() -> list[Path]:
    """Return the template folders: base's own, then every module's."""
    package = Path(str(resources.files("jiedan")))
    return [package / "base" / "web" / "templates", *sorted(package.glob("*/templates"))]


def _gettext(message: str, /, **facts: object) -> markupsafe.Markup:
    """Write a message with its facts, escaped: what stands for one may be what somebody typed, like a role's name."""
    text = _escaped(_view.get().locale, message)
    return text % facts if facts else text


@functools.lru_cache(maxsize=MESSAGES_MAX)
def _escaped(locale: str, message: str) -> markupsafe.Markup:
    return markupsafe.escape(i18n.gettext(locale, message))


def _ngettext(singular: str, plural: str, count: int) -> str:
    return i18n.ngettext(_view.get().locale, singular, plural, count)


def _babel() -> babel.Locale:
    return _parsed(_view.get().locale)


@functools.cache
def _parsed(locale: str) -> babel.Locale:
    """Return Babel's locale: by name, it parses the name for each part of each date."""
    return babel.Locale.parse(i18n.BABEL_BY_LOCALE[locale])


@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _listed(texts: Iterable[str]) -> str:
    """Write texts in a row, set apart as the reader's language does; empty ones are left out."""
    return i18n.listed(_view.get().locale, [text for text in texts if text])


def _money(value: money.Money | int | None, currency: str | None = None) -> str:
    """Write an amount in minor units, or a Money, with its currency."""
    if value is None:
        return "—"
    amount = value if isinstance(value, money.Money) else money.Money(value, currency or "")
    return money.format_money(amount.minor, amount.currency, _babel())


def _datetime(value: datetime | None, style: str = "medium") -> str:
    """Write a moment in the merchant's time zone; `short` leaves out the seconds."""
    if value is None:
        return "—"
    if style == "short":
        return f"{_date(value)} {_time(value)}"
    zone = _zone(_view.get().time_zone)
    return babel.dates.format_datetime(value, format="medium", tzinfo=zone, locale=_babel())


def _date(value: date | None) -> str:
    """Write a day; a moment is the day it has in the merchant's time zone."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = value.astimezone(_zone(_view.get().time_zone)).date()
    return babel.dates.format_date(value, format="medium", locale=_babel())


def _time(value: datetime | None) -> str:
    """Write the time of day in the merchant's time zone."""
    if value is None:
        return "—"
    return babel.dates.format_time(value.astimezone(_zone(_view.get().time_zone)), format="short", locale=_babel())


def _ago(value: datetime | None) -> str:
    """Write how long ago a moment is, or in how long it will be."""
    if value is None:
        return "—"
    delta: timedelta = value - _view.get().now
    return babel.dates.format_timedelta(delta, add_direction=True, locale=_babel())


def _iso(value: datetime) -> str:
    """Write a moment for `<time datetime>`."""
    return value.astimezone(_zone(_view.get().time_zone)).isoformat(timespec="seconds")


def _number(value: int | None) -> str:
    """Write an integer with the reader's digit groups."""
    return "—" if value is None else babel.numbers.format_decimal(value, locale=_babel())
