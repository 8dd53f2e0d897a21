"""What a command prints: tables and sentences for people, JSON with `--json`, progress on long work.

Results go to standard output; progress, notices and errors to standard error, so that a pipe carries results alone.
"""

import contextlib
import dataclasses
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec
import rich.box
import rich.console
import rich.progress
import rich.table

from jiedan.base import failures, i18n
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class UnknownLanguage(failures.Failure):
    """`--lang` names a language that there is no translation for."""

    message: ClassVar[str] = N_("There is no translation for {language}: choose en, zh_Hans or zh_Hant.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    language: str


class _Choice:
    """How this process prints."""

    def __init__(self) -> None:
        self.as_json = False
        self.locale = i18n.ENGLISH


_choice = _Choice()


def choose(*, as_json: bool, language: str | None) -> None:
    """Set how this process prints; without `language` the environment decides.

    Raises UnknownLanguage.
    """
    _choice.as_json = as_json
    locale = _of_environment() if language is None else i18n.match(language)
    if locale is None:
        raise UnknownLanguage(language=language or '""')
    _choice.locale = locale


def is_json() -> bool:
    """Tell whether results are wanted as JSON."""
    return _choice.as_json


def locale() -> str:
    """Return the chosen language."""
    return _choice.locale


def translated(message: str, /, **values: object) -> str:
    """Return a message in the chosen language, its named placeholders filled."""
    return i18n.translate(_choice.locale, message, **values)


def phrased(text: str) -> str:
    """Return a phrase in the chosen language; any other text as it is."""
    return i18n.phrased(_choice.locale, text)


def said(sayable: i18n.Sayable) -> str:
    """Return why something was refused or failed, and what would help, in the chosen language."""
    return i18n.say(_choice.locale, sayable)


def result(value: object, message: str = "", /, **values: object) -> None:
    """Print what a command found or did: `value` as JSON with `--json`, else the sentence `message`."""
    if _choice.as_json:
        sys.stdout.write(msgspec.json.encode(value, enc_hook=str).decode() + "\n")
    elif message:
        sys.stdout.write(translated(message, **values) + "\n")
    sys.stdout.flush()


def table(rows: Sequence[Mapping[str, object]], headings: Mapping[str, str]) -> None:
    """Print rows: JSON objects with `--json`, else a table with `headings` (messages) by key, in their order."""
    if _choice.as_json:
        result(rows)
        return
    drawn = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False)
    for index, heading in enumerate(headings.values()):
        drawn.add_column(translated(heading), overflow="fold", no_wrap=index == 0)
    for row in rows:
        drawn.add_row(*("" if row.get(key) is None else str(row[key]) for key in headings))
    rich.console.Console(highlight=False, markup=False).print(drawn)


def tell(message: str, /, **values: object) -> None:
    """Tell the person who waits something that is no result."""
    sys.stderr.write(translated(message, **values) + "\n")


def placed(text: str, field: str | None) -> str:
    """Return a sentence with the place it is about before it, where it is about one of several, like `lines[2].sku`."""
    return f"{field}: {text}" if field and "[" in field else text


def error(code: str, text: str, *, field: str | None = None) -> None:
    """Print, already translated, why a command stopped."""
    if _choice.as_json:
        told = {"error": {"code": code, "message": text} | ({"field": field} if field else {})}
        sys.stderr.write(msgspec.json.encode(told).decode() + "\n")
    else:
        sys.stderr.write(f"{placed(text, field)}\n")


@contextlib.contextmanager
def progress(message: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar for long work; call what this yields with how many more are done.

    Without a terminal, or with `--json`, nothing is drawn.
    """
    console = rich.console.Console(stderr=True)
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeRemainingColumn(),
    )
    hidden = _choice.as_json or not console.is_terminal
    with rich.progress.Progress(*columns, console=console, disable=hidden, transient=True) as bar:
        task = bar.add_task(translated(message), total=total)

        def advance(count: int) -> None:
            bar.advance(task, count)

        yield advance


def _of_environment() -> str:
    """Return our language for the first of the usual variables that is set; they hold values like zh_CN.UTF-8."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        given = os.environ.get(variable, "")
        if given:
            return i18n.match(given.partition(".")[0]) or i18n.ENGLISH
    return i18n.ENGLISH
