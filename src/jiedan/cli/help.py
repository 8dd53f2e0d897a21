"""`--help` in the language of the reader.

What a command does and takes is said once: in its docstring, and in the line that lists it. The parser hands these
texts on as they stand; here they become messages like any other. `tools/messages.py` finds them in the docstrings.
"""

from collections.abc import Iterator
from typing import Literal

from cyclopts.help import HelpEntry, HelpPanel, InlineText
from cyclopts.help.formatters import DefaultFormatter
from cyclopts.help.specs import get_default_command_columns, get_default_parameter_columns
from rich.console import Console, ConsoleOptions
from rich.text import Text

from jiedan.base.i18n import N_, Series
from jiedan.cli import output

FORMAT: Literal["plaintext"] = "plaintext"
"""How the parser is to read the texts: as they are, so that they can be looked up."""

OF_THE_PARSER = (
    N_("Commands"),
    N_("Arguments"),
    N_("Parameters"),
    N_("Display this message and exit."),
    N_("Display application version."),
)
"""What the parser itself says on its pages."""

_USAGE = N_("Usage: {usage}")
_PLACEHOLDERS = {
    "COMMAND": N_("COMMAND"),
    "[OPTIONS]": N_("[OPTIONS]"),
    "[ARGS]": N_("[ARGS]"),
    "[ARGS...]": N_("[ARGS...]"),
}
_CHOICES = N_("[choices: {choices}]")
_DEFAULT = N_("[default: {default}]")
_REQUIRED = N_("[required]")
_DEFAULTS = {"True": N_("yes")}
_NOTHING = frozenset({"False", "()"})
"""Defaults that go without saying: an option that is off, a list that is empty."""

_NOTE_STYLE, _REQUIRED_STYLE, _USAGE_STYLE = "gray58", "red", "bold"


class Formatter:
    """Draws the parser's pages: a `cyclopts.help.protocols.HelpFormatter`."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Draw the commands or the parameters of a page."""
        layout = get_default_command_columns if panel.format == "command" else get_default_parameter_columns
        *names, explanation = layout(console, options, panel.entries)
        drawn = DefaultFormatter(column_specs=(*names, explanation.copy(renderer=_explained)))
        drawn(console, options, panel.copy(title=output.translated(str(panel.title))))

    def render_usage(self, console: Console, options: ConsoleOptions, usage: object) -> None:
        """Draw the line that shows how the command is typed."""
        del options
        typed = (
            output.translated(_PLACEHOLDERS[word]) if word in _PLACEHOLDERS else word for word in str(usage).split()
        )
        text = output.translated(_USAGE, usage=" ".join(typed))
        console.print(Text(f"{text}\n", style=_USAGE_STYLE))

    def render_description(self, console: Console, options: ConsoleOptions, description: object) -> None:
        """Draw what the command does."""
        del options
        for paragraph in _paragraphs(description):
            console.print(Text(f"{paragraph}\n"))


def _explained(entry: HelpEntry) -> Text:
    """Return what a command or a parameter is for, and what may stand there."""
    parts = [(paragraph, "") for paragraph in _paragraphs(entry.description)]
    if entry.choices:
        parts.append((output.translated(_CHOICES, choices=output.phrased(Series(entry.choices))), _NOTE_STYLE))
    if entry.default is not None and entry.default not in _NOTHING:
        default = output.translated(_DEFAULTS.get(entry.default, entry.default))
        parts.append((output.translated(_DEFAULT, default=default), _NOTE_STYLE))
    if entry.required:
        parts.append((output.translated(_REQUIRED), _REQUIRED_STYLE))
    return Text(" ").join(Text(text, style) for text, style in parts)


def _paragraphs(described: object) -> Iterator[str]:
    """Yield the paragraphs of a text as the parser hands it on, translated."""
    if isinstance(described, InlineText) and isinstance(described.primary_renderable, Text):
        for paragraph in described.primary_renderable.plain.split("\n\n"):
            if message := " ".join(paragraph.split()):
                yield output.translated(message)
