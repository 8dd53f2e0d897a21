"""What templates become says the same as what Jinja makes of them; only sooner."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import jinja2
import pytest
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Macro

from jiedan.base.web import compiling, guide
from jiedan.base.web.assets import Assets
from jiedan.base.web.templates import Templates, View
from tests.base import web_client
from tests.base.test_web_pages import NOON

HTML = {"accept": "text/html"}
OF_ONE_REQUEST = re.compile(
    r'(?<=name="csrf_token" value=")\w+|(?<=name="form_id" value=")\w+|(?<=X-CSRF-Token&#34;: &#34;)\w+'
)
VIEW = View("zh_Hans", "Asia/Shanghai", NOON)


class Thing(NamedTuple):
    """Something with attributes."""

    name: str = "<b>tea</b> & cups"
    minor: int = 1_250
    none: None = None


class Boxed:
    """Something that has items and no attributes of their names."""

    def __getitem__(self, name: str) -> str:
        return {"inside": "tea"}[name]

    def greet(self, *names: str, **more: str) -> str:
        """Return everything it was told."""
        return f"{names} {sorted(more.items())}"


FACTS: Mapping[str, Any] = {
    "thing": Thing(),
    "boxed": Boxed(),
    "things": [Thing("a"), Thing("<c>")],
    "data": {"reason": "x < y", "more": {"deep": 1}},
    "words": {"class": "kept", "for": "whom"},
    "role": "Owner",
    "days": 3,
}

SOURCES = (
    "{{ thing.name }} {{ thing.minor }} {{ thing.none }} {{ boxed.inside }} {{ data.reason }} {{ data.more.deep }}",
    "{{ thing.nothing is defined }} {{ nothing is defined }} {{ data.reason is defined }}",
    '{{ nothing|default("none") }} {{ thing.nothing|default("none") }} {{ data.nothing|default("<none>") }}',
    '{{ boxed.greet("a", thing.name, **words) }} {{ boxed.greet(*data, class="x") }} {{ data.get("reason") }}',
    '{{ _("Owner") }} {{ _(role) }} {{ _("%(days)s days", days=thing.name) }} {{ gettext("Owner") }}',
    '{{ ngettext("%(num)s order", "%(num)s orders", days) }} {{ ngettext("%(num)s order", "%(num)s orders", 1) }}',
    """{% macro m(a, b="<b>", c=none) %}[{{ a }}|{{ b }}|{{ c }}]{% endmacro %}
    {{ m(1) }}{{ m(thing.name, c="c") }}{{ m(c=1, a=2, b=3) }}{{ m("", m("y")) }}{{ [m(1), thing.name]|join(", ") }}""",
    "{% macro m(a) %}{{ a }} {{ varargs }} {{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
    "{% macro m(a, caller=none) %}{{ a }}{{ caller() if caller else '-' }}{% endmacro %}{{ m(1, none) }}",
    """{% macro m(a="x") %}<p>{% if caller is defined %}{{ caller() }}{% endif %}{{ a }}</p>{% endmacro %}
    {% call m() %}{{ thing.name }}{% endcall %}{% call m(2) %}<i>{% endcall %}""",
    "{% macro m() %}{{ caller('<x>') }}{% endmacro %}{% call(a) m() %}{{ a }}{{ thing.minor }}{% endcall %}",
    "{% for x in things %}{{ loop.index }}{{ x.name }}{% if not loop.last %}, {% endif %}{% else %}-{% endfor %}",
    "{% for x in things if x.name == 'a' %}{% set y = x.name %}{{ y }}{% endfor %}",
    "{% set z %}<i>{{ role }}{% endset %}{{ z }}{% set a, b = role, things %}{{ a }}{{ b|length }}",
    '{{ icon("check") }}{{ icon(role) }}{{ asset("icons.svg") }}{{ icon("x") ~ thing.name }}',
    '{% if asset("mark.svg") %}{{ asset("mark.svg") }}{% endif %}{% set x = icon("check") %}{{ x }}',
    """{% import "base/macros.html" as ui with context %}{{ ui.icon("check") }}{{ ui.badge(_("Owner"), "ok", "full") }}
    {{ ui.moment(now) }}{{ ui.ago(now) }}{{ ui.copy(thing.name) }}{{ ui.field(none, "a", thing.name, hint="<i>") }}""",
    """{{ 1234|number }} {{ now|date }} {{ now|time }} {{ now|datetime }} {{ now|datetime("short") }} {{ now|iso }}
    {{ thing.minor|money("CNY") }} {{ [thing.name, ""]|listed }} {{ true }} {{ 1.5 }} {{ none }}""",
    "{{ thing.name|upper }} {{ (thing.name|forceescape)|length }} {{ things|map(attribute='name')|join('<') }}",
    "{{ '%s'|format(role) }} {{ {'a': '<'}['a'] }} {{ things[0].name }} {{ things[1:]|length }} {{ (role, 1)|list }}",
)


@pytest.fixture(scope="module")
def ours() -> Templates:
    return Templates(Assets())


@pytest.fixture(scope="module")
def jinjas() -> Templates:
    """Return the same templates, as Jinja compiles them."""
    made = Templates(Assets())
    made._environment.code_generator_class = CodeGenerator  # type: ignore[assignment]  # ours inherits from it
    return made


@pytest.mark.parametrize("source", SOURCES)
def test_a_template_says_what_it_says(ours: Templates, jinjas: Templates, source: str) -> None:
    facts = {**FACTS, "now": NOON, "csrf_field": "f", "csrf_token": "t"}
    assert ours.render_source(source, VIEW, facts) == jinjas.render_source(source, VIEW, facts)


@pytest.mark.parametrize("language", ["en", "zh_Hant"])
async def test_every_component_says_what_it_says(ours: Templates, jinjas: Templates, language: str) -> None:
    headers = {**HTML, "cookie": f"jd_language={language}"}
    pages = []
    for templates in (ours, jinjas):
        async with web_client.open_client(templates=templates, at=NOON) as client:
            texts = [(await client.get(address, headers=headers)).text for address in guide.ADDRESSES]
            pages.append([OF_ONE_REQUEST.sub("", text) for text in texts])
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ thing.nothing }}", "has no attribute 'nothing'"),
        ("{{ nothing() }}", "'nothing' is undefined"),
        ("{{ thing.nothing.more }}", "has no attribute 'nothing'"),
        ("{{ _(nothing) }}", "'nothing' is undefined"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", "parameter 'a' was not provided"),
        ("{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}", "No caller defined"),
    ],
)
def test_what_is_not_there_is_told(ours: Templates, source: str, why: str) -> None:
    with pytest.raises(jinja2.UndefinedError, match=why):
        ours.render_source(source, VIEW, FACTS)


@pytest.mark.parametrize("call", ["m(1, 2, 3)", "m(d=1)", "m(1, a=2)", "m(1, 2, c=3)"])
def test_a_component_refuses_what_it_does_not_take(ours: Templates, jinjas: Templates, call: str) -> None:
    source = "{% macro m(a, b=2) %}{{ a }}{% endmacro %}{{ " + call + " }}"
    told = []
    for templates in (ours, jinjas):
        with pytest.raises(TypeError) as refused:
            templates.render_source(source, VIEW, FACTS)
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_components_are_of_whoever_reads(ours: Templates) -> None:
    """Their files run once, so nothing in them may stay with the first reader."""
    source = '{% import "base/macros.html" as ui with context %}{{ ui.csrf() }}{{ ui.moment(now) }}{{ ui.failed() }}'
    for locale, zone, token in (("en", "UTC", "one"), ("zh_Hans", "Asia/Shanghai", "two"), ("en", "UTC", "three")):
        facts = {"csrf_field": "f", "csrf_token": token, "form_field": "g", "form_id": "h", "now": NOON}
        page = ours.render_source(source, View(locale, zone, NOON), facts)
        assert f'value="{token}"' in page
        assert ("This could not be loaded." in page) is (locale == "en")
        assert ("+08:00" in page) is (zone == "Asia/Shanghai")


def test_what_is_known_before_is_not_asked_again(ours: Templates) -> None:
    written = "".join(
        _python(ours, name) for name in ("console/order.html", "console/_timeline.html", "base/frame.html")
    )
    assert "context.call(" not in written
    assert "escape(" not in written
    assert "resolve('_')" not in written
    assert '<svg class="i" aria-hidden="true"><use href="/static/' in written


def _python(templates: Templates, name: str) -> str:
    environment = templates._environment
    assert environment.loader is not None
    source, filename, _ = environment.loader.get_source(environment, name)
    return environment.compile(source, name, filename, raw=True)


def test_components_are_macros() -> None:
    assert issubclass(compiling.Component, Macro)
