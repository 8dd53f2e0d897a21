"""Forms as pages show them: what stands in their inputs, and what a browser sends when somebody types into one."""

import html.parser
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx2

from jiedan.base.web import samples
from tests.accounts import factories
from tests.api import worlds
from tests.base import web_client

HTML = {"accept": "text/html"}
TYPED = frozenset({"text", "search", "email", "tel", "url", "textarea"})
"""Kinds of inputs that people type texts into."""

_SENT_AS_CHOSEN = frozenset({"checkbox", "radio"})
_NEVER_SENT = frozenset({"button", "reset", "image"})
_SAMPLES = {
    "number": "1",
    "date": "2026-12-01",
    "time": "10:00",
    "datetime-local": "2026-12-01T10:00",
    "password": factories.PASSWORD,
    "email": "wang@example.com",
    "tel": "138 0013 8000",
}
"""What is typed into an empty input that must be filled in, by its kind."""

_TABLE = b"sku,name,price\nPOT,Pot,48.00\n"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Input(NamedTuple):
    """An input with what stands in it."""

    name: str
    kind: str
    value: str
    is_required: bool
    takes: str
    """Media types of the files it takes."""


class Shown(NamedTuple):
    """A form as a page shows it."""

    action: str
    is_multipart: bool
    inputs: list[Input]

    @property
    def name(self) -> str:
        """How it is called whichever thing it is about."""
        return _ID.sub("{id}", self.action.partition("?")[0])

    def typed(self) -> list[Input]:
        """Return the inputs that people type into, or choose files with; one of several with the same name."""
        found = {x.name: x for x in reversed(self.inputs) if x.kind in TYPED or x.kind == "file"}
        return list(reversed(found.values()))


class _Reader(html.parser.HTMLParser):
    """Collect the forms of a page that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Shown] = []
        self._inputs: list[Input] | None = None
        self._area: Input | None = None
        self._select: Input | None = None
        self._is_chosen = False
        self._has_button = False
        self._unchosen: list[Input] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inputs, self._has_button, self._unchosen = [], False, []
            if given.get("method") == "post":
                is_multipart = given.get("enctype") == "multipart/form-data"
                self.forms.append(Shown(given.get("action", ""), is_multipart, self._inputs))
        elif tag == "option" and self._select is not None:
            self._choose(given)
        elif self._inputs is not None and given.get("name") and "disabled" not in given:
            self._meet(tag, given)

    def handle_endtag(self, tag: str) -> None:
        """Leave one element."""
        if tag == "form" and self._inputs is not None:
            chosen = {x.name for x in self._inputs}
            self._inputs += {x.name: x for x in reversed(self._unchosen) if x.name not in chosen}.values()
            self._inputs = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """Read what stands in a large input."""
        if self._area is not None and self._inputs is not None:
            self._area = self._inputs[-1] = self._area._replace(value=(self._area.value + data).removeprefix("\n"))

    def _meet(self, tag: str, given: dict[str, str]) -> None:
        assert self._inputs is not None
        kind = given.get("type", "text" if tag == "input" else "submit") if tag in {"input", "button"} else tag
        made = Input(given["name"], kind, given.get("value", ""), "required" in given, given.get("accept", ""))
        if kind in _NEVER_SENT or (kind in _SENT_AS_CHOSEN and "checked" not in given):
            self._unchosen += [made] if kind == "radio" and made.is_required else []
            return
        if kind == "submit":
            if self._has_button:
                return
            self._has_button = True
        if kind in _SENT_AS_CHOSEN and not made.value:
            made = made._replace(value="on")
        self._inputs.append(made)
        if tag == "textarea":
            self._area = made
        elif tag == "select":
            self._select, self._is_chosen = made, False

    def _choose(self, given: dict[str, str]) -> None:
        """Take the option that is selected, or the first."""
        assert self._select is not None
        assert self._inputs is not None
        is_first = self._inputs[-1] is self._select and not self._is_chosen and not self._select.value
        if "selected" in given or is_first:
            self._select = self._inputs[-1] = self._select._replace(value=given.get("value", ""))
            self._is_chosen = self._is_chosen or "selected" in given


def forms_of(page: str) -> list[Shown]:
    """Return the forms of a page that are posted."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


async def shown(browser: web_client.Client, address: str) -> list[Shown]:
    """Return the forms of the page at an address; none where there is no page for this browser."""
    answer = await browser.get(address, headers=HTML, follow_redirects=False)
    is_page = answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    return forms_of(answer.text) if is_page else []


async def send(browser: web_client.Client, form: Shown, *, name: str = "", text: str = "") -> httpx2.Response:
    """Send a form as it is shown, with `text` typed into the inputs `name`, or as the name of the file chosen there.

    What must be filled in and is empty gets a sample.
    """
    chosen = [x for x in form.inputs if x.kind == "file"]
    files = [(x.name, _file(x, text if x.name == name else "")) for x in chosen]
    fields = {key: [text] * len(values) if key == name else values for key, values in fields_of(form).items()}
    sent: dict[str, Any] = {"data": fields, **({"files": files} if form.is_multipart else {})}
    return await browser.post(form.action, headers=HTML, follow_redirects=False, **sent)


def fields_of(form: Shown) -> dict[str, list[str]]:
    """Return what a form is sent with as it is shown, files apart."""
    fields: dict[str, list[str]] = {}
    for each in form.inputs:
        if each.kind != "file":
            fields.setdefault(each.name, []).append(each.value or _sample(each))
    return fields


def _file(chosen: Input, name: str) -> tuple[str, bytes, str]:
    is_picture = "image" in chosen.takes
    ending = "png" if is_picture else "csv"
    content = worlds.picture() if is_picture else _TABLE
    return f"{name or 'file'}.{ending}", content, "image/png" if is_picture else "text/csv"


def _sample(empty: Input) -> str:
    if not empty.is_required:
        return ""
    return _SAMPLES.get(empty.kind) or samples.TEXTS.get(empty.name) or "1"


def same(forms: Sequence[Shown], form: Shown) -> Shown | None:
    """Return the form among those of a page shown again that is `form`: it leads there, and has inputs of its names."""
    names = {x.name for x in form.inputs}
    alike = [each for each in forms if each.action == form.action]
    return max(alike, key=lambda each: len(names & {x.name for x in each.inputs}), default=None)
