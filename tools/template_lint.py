"""Read every Jinja template and refuse what the content security policy, translation or escaping would break.

No inline styles, scripts or event handlers; no `hx-on` and no `js:` values; `|safe` and `Markup` only where listed;
every text and every read-aloud attribute goes through `_()`; icons exist; templates are taken from the own
module or from base.
"""

import functools
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "jiedan"

SAFE_ALLOWED: frozenset[str] = frozenset()
"""Templates that may mark something as safe, each with its reason beside it."""

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TRANSLATED_BLOCK = re.compile(r"\{%-?\s*trans\b.*?%\}.*?\{%-?\s*endtrans\s*-?%\}", re.DOTALL)
UNSAFE = re.compile(r"\|\s*safe\b|\bMarkup\s*\(|\{%-?\s*autoescape\s+false")
TAKES = re.compile(r"\{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)[\"']")
ICON = re.compile(r"\bicon\(\s*[\"']([^\"']+)[\"']")
SYMBOL = re.compile(r'<symbol id="([^"]+)"')
WORDS = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
LITERAL = re.compile(r"[^\W\d_]+")
NOT_SAID = re.compile(r"""[\w:-]+="[^"]*"|\b\w*_\w*""")
"""Attributes that a macro puts into a tag, and identifiers."""

DEVELOPERS_READ = "base/guide/"
"""The style guide: for those who build pages, in English, with samples in every language."""

SAME_EVERYWHERE = frozenset({
    "API", "CN", "CSV", "CUP", "Ctrl", "Enter", "ID", "Jiedan", "JSON", "OpenAPI", "SKU", "TEA", "URL",
})  # fmt: skip
"""Words that every language writes the same way, keys and samples of codes; merchants' own words come from data."""

VERBATIM = frozenset({"code", "kbd", "samp", "script", "style", "svg"})
READ_ALOUD = frozenset({"alt", "aria-description", "aria-label", "placeholder", "title"})
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip


class _Page(HTMLParser):
    """Collect the problems of one template whose Jinja was blanked out."""

    def __init__(self, *, is_translated: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._is_translated = is_translated
        self.problems: list[tuple[int, str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "style":
            self._note("<style>: put it in a stylesheet")
        if tag == "script" and "src" not in names and ("type", "application/json") not in attrs:
            self._note("<script> without src: the content security policy refuses it")
        if tag == "img" and "alt" not in names:
            self._note("<img> without alt")
        for name, value in attrs:
            self._attribute(name, value or "")

    def _attribute(self, name: str, value: str) -> None:
        if name == "style":
            self._note("style=: use a class")
        if name.startswith(("on", "hx-on")):
            self._note(f"{name}=: inline handlers are refused")
        if value.strip().lower().startswith(("javascript:", "js:")):
            self._note(f"{name}=: scripts in attributes are refused")
        if name in READ_ALOUD and self._is_translated and _is_said(value):
            self._note(f"{name}={value!r} does not go through _()")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._is_translated and not VERBATIM.intersection(self._open) and _is_said(data):
            self._note(f"{' '.join(data.split())[:60]!r} does not go through _()")

    def _note(self, problem: str) -> None:
        self.problems.append((self.getpos()[0], problem))


def _is_said(text: str) -> bool:
    """Tell whether a text has words that a reader would want in their language."""
    text = NOT_SAID.sub("", text)
    return bool(WORDS.search(text)) and not {w for w in LITERAL.findall(text) if len(w) > 1} <= SAME_EVERYWHERE


def _blank(match: re.Match[str]) -> str:
    """Keep line numbers, drop the rest."""
    return "\n" * match[0].count("\n")


@functools.cache
def icons() -> frozenset[str]:
    """Return the names of the icons there are."""
    return frozenset(SYMBOL.findall((PACKAGE / "base/web/static/icons.svg").read_text(encoding="utf-8")))


def problems(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, problem) of one template; `name` is how templates call it, `module/page.html`."""
    unsafe = UNSAFE.search(text)
    if unsafe is not None and name not in SAFE_ALLOWED:
        yield text[: unsafe.start()].count("\n") + 1, "|safe: escape, or build it with a macro"
    module = name.split("/", maxsplit=1)[0]
    for match in TAKES.finditer(text):
        if match[1].split("/", maxsplit=1)[0] not in {module, "base"}:
            yield text[: match.start()].count("\n") + 1, f"takes {match[1]} from another module"
    for match in ICON.finditer(text):
        if match[1] not in icons():
            yield text[: match.start()].count("\n") + 1, f"icon {match[1]!r} is not in icons.svg"
    page = _Page(is_translated=not name.startswith(DEVELOPERS_READ))
    page.feed(JINJA.sub(_blank, TRANSLATED_BLOCK.sub(_blank, text)))
    page.close()
    yield from page.problems


def main() -> int:
    """Print every problem; 1 when there is one."""
    found: list[str] = []
    templates = sorted(p for p in PACKAGE.rglob("templates/**/*") if p.suffix in {".html", ".svg"})
    for path in templates:
        name = path.as_posix().rpartition("/templates/")[2]
        listed = problems(name, path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(ROOT)}:{line}: {problem}" for line, problem in listed]
    print("\n".join(found) if found else f"{len(templates)} templates are clean.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
