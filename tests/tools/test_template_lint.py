"""The template lint, on small pages."""

import pytest

from tools import template_lint

REFUSED = [
    ('<p style="color: red">{{ _("Paid") }}</p>', "style="),
    ("<style>p {}</style>", "<style>"),
    ("<script>go()</script>", "<script> without src"),
    ('<button onclick="go()">{{ _("Pay") }}</button>', "onclick="),
    ('<a href="javascript:go()">{{ _("Pay") }}</a>', "scripts in attributes"),
    ('<div hx-on:click="go()"></div>', "hx-on:click="),
    ('<div hx-vals="js:{a: 1}"></div>', "scripts in attributes"),
    ('{{ ui.icon("no-such-icon") }}', "no-such-icon"),
    ("<p>Paid</p>", "'Paid' does not go through _()"),
    ("<p>已付款</p>", "does not go through _()"),
    ('<input placeholder="Search orders">', "placeholder="),
    ('<img src="/a.png">', "without alt"),
    ("{{ note|safe }}", "|safe"),
    ('{% include "catalog/sku.html" %}', "another module"),
]

CLEAN = """
{% extends "base/page.html" %}
{% from "orders/_line.html" import line %}
<h1>{{ _("Orders") }}</h1>
<p title="{{ _("Customer") }}">{{ order.number }} · <code>jiedan serve</code></p>
<p>{% trans count=lines|length %}One line{% pluralize %}{{ count }} lines{% endtrans %} SKU</p>
<script type="module" src="{{ asset("app.js") }}"></script>
<img src="{{ url }}" alt="">
{% macro described(wrong) %}{% if wrong %} aria-invalid="true"{% endif %}{% endmacro %}
"""


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_breaks_the_page_is_refused(text: str, reason: str) -> None:
    assert reason in "\n".join(problem for _, problem in template_lint.problems("orders/page.html", text))


def test_the_style_guide_need_not_be_translated_but_is_held_to_the_rest() -> None:
    assert list(template_lint.problems("base/guide/marks.html", "<p>Paid</p>")) == []
    assert list(template_lint.problems("base/guide/marks.html", "<p style='color: red'></p>"))


def test_a_clean_page_passes() -> None:
    assert list(template_lint.problems("orders/page.html", CLEAN)) == []


def test_problems_carry_their_line() -> None:
    assert next(template_lint.problems("orders/page.html", "{# one\ntwo #}\n<p>Paid</p>"))[0] == 3
