"""Keep the translations whole: `python -m tools.messages check | update | prune`.

Message ids are English and stand in the source: `N_`, `Phrase`, `_`, `gettext`, `ngettext` in Python, `_()`,
`ngettext()` and `{% trans %}` in templates, and what the docstrings of the command line say of a command and its
parameters. `update` merges them into every catalog, sorted, without line numbers or dates; a translation that no source
asks for is set aside as obsolete (`#~`) and taken up again when one does, until `prune` drops it. `check` refuses a
missing, stale, fuzzy, empty or untranslated entry and placeholders that differ from those of the message id.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import catalog as catalogs
from babel.messages import extract, pofile
from cyclopts.help.help import docstring_parse

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "jiedan"
LOCALES = ("zh_Hans", "zh_Hant")

KEYWORDS: dict[str, Any] = {
    "N_": None,
    "Phrase": None,
    "_": None,
    "gettext": (2,),
    "ngettext": (2, 3),
    "translate": (2,),
}
"""Which arguments of calls in Python are message ids; the locale comes first where the text is said at once."""

KEYWORDS_OF_TEMPLATES: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
"""The same of calls in templates, where the locale is known, whatever values for placeholders follow."""

JINJA = {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false", "newstyle_gettext": "true"}

SAME_EVERYWHERE = frozenset({
    "API", "CSV", "Excel", "GTIN", "ID", "IP", "JSON", "Jiedan", "OK", "PDF", "PIN", "SKU", "URL", "UTC",
    "Webhook", "English", "简体中文", "繁體中文",
})  # fmt: skip
"""Message ids that every language writes the same way."""

PLACEHOLDER = re.compile(r"\{(\w*)[^{}]*\}|%\((\w+)\)s")

HEADER = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""

MessageId = str | tuple[str, ...]


def extracted() -> dict[MessageId, str]:
    """Return every message id of the source, with one place where it stands."""
    found: dict[MessageId, str] = {}
    for path in sorted(PACKAGE.rglob("*")):
        method = _method(path)
        if method is None:
            continue
        keywords = KEYWORDS if method == "python" else KEYWORDS_OF_TEMPLATES
        with path.open("rb") as file:
            for line, message, _, _ in extract.extract(method, file, keywords, options=dict(JINJA)):
                identity = tuple(message) if isinstance(message, list | tuple) else message
                if identity:
                    found.setdefault(identity, f"{path.relative_to(ROOT)}:{line}")
        if method == "python" and path.parent == PACKAGE / "cli":
            for line, text in explained(path.read_text(encoding="utf-8")):
                found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return found


def explained(source: str) -> Iterator[tuple[int, str]]:
    """Yield what `--help` takes from the docstrings of a module, paragraph by paragraph, and the line of its function.

    That is what a command decorated as one does, and what every command's parameters are; what an undecorated one does
    stands in the line that lists it.
    """
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parsed = docstring_parse(ast.get_docstring(node), "plaintext")
        texts = [parameter.description for parameter in parsed.params]
        if any(ast.unparse(decorator).startswith("app.command") for decorator in node.decorator_list):
            texts = [parsed.short_description, parsed.long_description, *texts]
        for paragraph in "\n\n".join(filter(None, texts)).split("\n\n"):
            if text := " ".join(paragraph.split()):
                yield node.lineno, text


def _method(path: Path) -> str | None:
    if path.suffix == ".py" and "versions" not in path.parts:
        return "python"
    if "templates" in path.parts and path.suffix in {".html", ".svg", ".txt", ".xml"}:
        return "jinja2.ext:babel_extract"
    return None


def po_file(locale: str) -> Path:
    """Return where the catalog of a locale stands."""
    return PACKAGE / "locale" / locale / "LC_MESSAGES" / "jiedan.po"


def read(locale: str) -> catalogs.Catalog:
    """Return the catalog of a locale; an empty one where there is no file yet."""
    path = po_file(locale)
    if not path.exists():
        return catalogs.Catalog(locale=locale)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=locale)


def _strings(message: catalogs.Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (str(message.string or ""),)


def _singular(identity: MessageId | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _placeholders(text: str) -> set[str]:
    return {one or other for one, other in PLACEHOLDER.findall(text.replace("{{", "").replace("}}", ""))}


def problems(locale: str, wanted: dict[MessageId, str]) -> Iterator[str]:
    """Yield what is wrong with the catalog of a locale."""
    catalog = read(locale)
    for identity, place in wanted.items():
        singular = _singular(identity)
        message = catalog.get(singular)
        if message is None:
            yield f"{locale}: missing: {singular!r} ({place})"
            continue
        strings = _strings(message)
        if message.fuzzy:
            yield f"{locale}: fuzzy: {singular!r} ({place})"
        if not all(s.strip() for s in strings):
            yield f"{locale}: not translated: {singular!r} ({place})"
        elif singular in strings and singular not in SAME_EVERYWHERE and re.search(r"[A-Za-z]{2}", _bare(singular)):
            yield f"{locale}: still English: {singular!r} ({place})"
        known = set().union(*(_placeholders(s) for s in ([identity] if isinstance(identity, str) else identity)))
        for string in filter(str.strip, strings):
            if _placeholders(string) - known or (isinstance(identity, str) and _placeholders(string) != known):
                yield f"{locale}: placeholders differ: {singular!r} ({place})"
    asked = {_singular(identity) for identity in wanted}
    for message in catalog:
        if message.id and _singular(message.id) not in asked:
            yield f"{locale}: nothing says {_singular(message.id)!r} any more"


def _bare(text: str) -> str:
    return PLACEHOLDER.sub("", text)


def update(locale: str, wanted: dict[MessageId, str], *, keeps_obsolete: bool = True) -> int:
    """Write the catalog of a locale with exactly the wanted ids; return how many still need a translation.

    What is translated besides is set aside as obsolete, or dropped.
    """
    old, new, missing = read(locale), catalogs.Catalog(locale=locale), 0
    known = {_singular(message.id): message for message in [*old.obsolete.values(), *old] if message.id}
    for identity in wanted:
        message = known.pop(_singular(identity), None)
        strings = _strings(message) if message is not None else ("",)
        missing += not any(strings)
        if isinstance(identity, str):
            new.add(identity, strings[0])
        else:
            new.add(identity, (strings[0],))
    if keeps_obsolete:
        new.obsolete.update((key, message) for key, message in known.items() if any(_strings(message)))
    buffer = io.BytesIO()
    pofile.write_po(buffer, new, width=0, no_location=True, omit_header=True, sort_output=True)
    path = po_file(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(HEADER.format(locale=locale).encode() + buffer.getvalue().rstrip(b"\n") + b"\n")
    return missing


def main(arguments: list[str]) -> int:
    """Run one of the commands; 1 when a catalog is not whole."""
    wanted = extracted()
    if arguments in (["update"], ["prune"]):
        for locale in LOCALES:
            missing = update(locale, wanted, keeps_obsolete=arguments == ["update"])
            print(f"{po_file(locale).relative_to(ROOT)}: {missing} of {len(wanted)} to translate")
        return 0
    if arguments == ["check"]:
        found = [problem for locale in LOCALES for problem in problems(locale, wanted)]
        print("\n".join(found) if found else f"{len(wanted)} messages are translated into {', '.join(LOCALES)}.")
        return 1 if found else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
