"""Pages from Jinja templates: escaped always, in the reader's language, with the merchant's time zone.

Templates lie in `src/jiedan/<module>/templates/<module>/`. What a filter needs to know about the reader is held in a
context variable for the time of one synchronous rendering, so that macros need no extra arguments.
"""

import contextvars
import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import babel
import babel.dates
import babel.numbers
import jinja2
import jinja2.environment
import jinja2.runtime
import markupsafe
from jinja2.utils import missing

from jiedan.base import i18n, money
from jiedan.base.web import accent, compiling, drawing, maps
from jiedan.base.web.assets import Assets


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """Who reads the page, and when."""

    locale: str
    time_zone: str
    now: datetime


MESSAGES_MAX = 8_192
"""How many messages are kept as pages write them, in each language."""

WRITTEN_MAX = 8_192
"""How many days, times, moments, numbers and amounts are kept as pages write them, of each."""


class _Texts(dict[str, markupsafe.Markup]):
    """The messages of a language as pages write them, by message id."""

    def __init__(self, locale: str) -> None:
        super().__init__()
        self._locale = locale

    def __missing__(self, message: str) -> markupsafe.Markup:
        text = markupsafe.escape(i18n.gettext(self._locale, message))
        if len(self) < MESSAGES_MAX:
            self[message] = text
        return text


_texts = functools.cache(_Texts)


class _Page(NamedTuple):
    """The page at hand: its reader, the messages of their language, and all names that its template was given."""

    view: View
    texts: _Texts
    names: Mapping[str, Any]


_page: contextvars.ContextVar[_Page] = contextvars.ContextVar("page")


class Templates:
    """Render templates of all modules; their pages name files of `assets`."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._environment = _Environment(
            loader=jinja2.FileSystemLoader(_folders()),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            auto_reload=False,
        )
        self._environment.filters.update(
            money=_money,
            datetime=_datetime,
            date=_date,
            time=_time,
            number=_number,
            ago=_ago,
            iso=_iso,
            listed=_listed,
            told=_told,
        )
        # Jinja's own take every message for markup, typed or ours, and look each function up in the context.
        self._environment.globals.update(
            gettext=_gettext,
            _=_gettext,
            ngettext=_ngettext,
            asset=assets.url,
            icon=functools.cache(functools.partial(_icon, assets)),
            accent_sheet=accent.url,
            icon_names=functools.partial(_icon_names, assets),
            spark_line=drawing.spark_line,
            spark_area=drawing.spark_area,
            bar_shapes=drawing.bar_shapes,
            course_shapes=drawing.course,
            heap_up=drawing.heap_up,
            land_address=maps.land_address,
        )

    def render(self, name: str, view: View, context: Mapping[str, Any]) -> str:
        """Return the page `name` for `view`."""
        return self._rendered(self._environment.get_template(name), view, context)

    def render_source(self, source: str, view: View, context: Mapping[str, Any]) -> str:
        """Return the page whose template is `source`: a merchant's own, or a test's."""
        return self._rendered(self._environment.from_string(source), view, context)

    def _rendered(self, template: jinja2.Template, view: View, context: Mapping[str, Any]) -> str:
        names = {**self._environment.globals, **context}
        token = _page.set(_Page(view, _texts(view.locale), names))
        try:
            return template.render(names)
        finally:
            _page.reset(token)


class _AtHand(Mapping[str, Any]):
    """The names of whichever page is at hand."""

    def __getitem__(self, name: str) -> Any:
        return _page.get().names[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_page.get().names)

    def __len__(self) -> int:
        return len(_page.get().names)

    def get(self, name: str, default: Any = None) -> Any:
        """Return what the page calls `name`."""
        return _page.get().names.get(name, default)


class _Context(jinja2.runtime.Context):
    """The names of one template of the page at hand."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.texts = _page.get().texts

    def resolve_or_missing(self, key: str) -> Any:
        """Return what a name stands for."""
        found = self.vars.get(key, missing)
        return self.parent.get(key, missing) if found is missing else found


class _LastingContext(jinja2.runtime.Context):
    """The names of a file of components, which lasts longer than a page."""

    @property
    def texts(self) -> _Texts:
        """The messages of whoever reads the page at hand."""
        return _page.get().texts

    def resolve_or_missing(self, key: str) -> Any:
        """Return what a name stands for."""
        found = self.vars.get(key, missing)
        return _page.get().names.get(key, missing) if found is missing else found


class _Template(jinja2.Template):
    """Run the files of components once: Jinja runs the whole file again wherever it is imported.

    Components read what every page has, never what the template that imports them has set; so they look for it in the
    page at hand, whichever that is.
    """

    _lasting: Any = None

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002 - Jinja's own name
        shared: bool = False,  # noqa: FBT001, FBT002 - Jinja's own signature
        locals: Mapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Any:
        """Return the macros of this file."""
        name = self.name or ""
        if not (name.startswith("base/") or name.endswith("/_words.html")):
            return super().make_module(vars, shared, locals)
        if self._lasting is None:
            names: Any = _AtHand()
            context = _LastingContext(self.environment, names, self.name, self.blocks, self.globals)
            self._lasting = jinja2.environment.TemplateModule(self, context)
        return self._lasting


class _Environment(jinja2.Environment):
    """Templates as `compiling` makes them."""

    code_generator_class = compiling.Generator
    context_class = _Context
    template_class = _Template


def _icon(assets: Assets, name: str) -> markupsafe.Markup:
    """Return an icon of icons.svg."""
    return markupsafe.Markup('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        assets.url("icons.svg"), name
    )


def _icon_names(assets: Assets) -> list[str]:
    """Return the names of the icons there are."""
    return re.findall(r'<symbol id="([^"]+)"', assets.named("icons.svg").content.decode())


def _folders() -> list[Path]:
    """Return the template folders: base's own, then every module's."""
    package = Path(str(resources.files("jiedan")))
    return [package / "base" / "web" / "templates", *sorted(package.glob("*/templates"))]


def _gettext(message: str, /, **facts: object) -> markupsafe.Markup:
    """Write a message with its facts, escaped: what stands for one may be what somebody typed, like a role's name."""
    text = _page.get().texts[message]
    return text % facts if facts else text


def _ngettext(singular: str, plural: str, num: int, /, **facts: object) -> markupsafe.Markup:
    """Write the message for so many of something; `num` in it is the number."""
    text = i18n.ngettext(_page.get().view.locale, singular, plural, num)
    return markupsafe.escape(text) % {"num": num, **facts}


@functools.cache
def _babel(locale: str) -> babel.Locale:
    """Return Babel's locale: by name, it parses the name for each part of each date."""
    return babel.Locale.parse(i18n.BABEL_BY_LOCALE[locale])


@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _listed(texts: Iterable[str]) -> str:
    """Write texts in a row, set apart as the reader's language does; empty ones are left out."""
    return i18n.listed(_page.get().view.locale, [text for text in texts if text])


class _Tells(Protocol):
    """What has words of its own in the languages of readers."""

    def told_in(self, locale: str) -> str: ...


def _told(one: _Tells) -> str:
    """Write what something is called, in the reader's language as far as it has words in it."""
    return one.told_in(_page.get().view.locale)


def _money(value: money.Money | int | None, currency: str | None = None) -> str:
    """Write an amount in minor units, or a Money, with its currency."""
    if value is None:
        return "—"
    minor, currency = value if isinstance(value, money.Money) else (value, currency or "")
    return _written_money(_page.get().view.locale, minor, currency)


def _datetime(value: datetime | None, style: str = "medium") -> str:
    """Write a moment in the merchant's time zone; `short` leaves out the seconds."""
    if value is None:
        return "—"
    if style == "short":
        return f"{_date(value)} {_time(value)}"
    view = _page.get().view
    return _written_moment(view.locale, view.time_zone, value)


def _date(value: date | None) -> str:
    """Write a day; a moment is the day it has in the merchant's time zone."""
    if value is None:
        return "—"
    view = _page.get().view
    if isinstance(value, datetime):
        value = value.astimezone(_zone(view.time_zone)).date()
    return _written_day(view.locale, value)


def _time(value: datetime | None) -> str:
    """Write the time of day in the merchant's time zone."""
    if value is None:
        return "—"
    view = _page.get().view
    here = value.astimezone(_zone(view.time_zone))
    return _written_time(view.locale, here.hour, here.minute)


def _ago(value: datetime | None) -> str:
    """Write how long ago a moment is, or in how long it will be."""
    if value is None:
        return "—"
    view = _page.get().view
    delta: timedelta = value - view.now
    return babel.dates.format_timedelta(delta, add_direction=True, locale=_babel(view.locale))


def _iso(value: datetime) -> str:
    """Write a moment for `<time datetime>`."""
    return value.astimezone(_zone(_page.get().view.time_zone)).isoformat(timespec="seconds")


def _number(value: int | None) -> str:
    """Write an integer with the reader's digit groups."""
    return "—" if value is None else _written_number(_page.get().view.locale, value)


# Babel takes longer to write a day or a number than a page takes for all that stands around it.


@functools.lru_cache(maxsize=WRITTEN_MAX)
def _written_money(locale: str, minor: int, currency: str) -> str:
    return money.format_money(minor, currency, _babel(locale))


@functools.lru_cache(maxsize=WRITTEN_MAX)
def _written_moment(locale: str, time_zone: str, value: datetime) -> str:
    return babel.dates.format_datetime(value, format="medium", tzinfo=_zone(time_zone), locale=_babel(locale))


@functools.lru_cache(maxsize=WRITTEN_MAX)
def _written_day(locale: str, value: date) -> str:
    return babel.dates.format_date(value, format="medium", locale=_babel(locale))


@functools.lru_cache(maxsize=WRITTEN_MAX)
def _written_time(locale: str, hour: int, minute: int) -> str:
    return babel.dates.format_time(time(hour, minute), format="short", locale=_babel(locale))


@functools.lru_cache(maxsize=WRITTEN_MAX)
def _written_number(locale: str, value: int) -> str:
    return babel.numbers.format_decimal(value, locale=_babel(locale))
