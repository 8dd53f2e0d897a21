"""The command line: `jiedan COMMAND …`.

One file per family of commands, imported only when one of its commands runs. A new family is a file with functions,
or with a `cyclopts.App` of its own for `jiedan family verb`, and one line in `COMMANDS`. A command is written like

    async def list_merchants() -> None:
        '''List …'''                                 # what --help says, in the language of the reader
        async with runtime.running() as jiedan:      # settings, database (started if needed), guards
            …
        output.table(…)                              # a table for people, JSON with --json

and lets its failures out: `main` prints each as one sentence on standard error and exits with its code. 0 is success,
1 a failure or a refusal, 2 a command that was typed wrong, 130 Ctrl-C.
"""

import dataclasses
import sys
from collections.abc import Iterable
from typing import Annotated, ClassVar

import cyclopts

from jiedan.base import failures
from jiedan.base.i18n import N_
from jiedan.cli import help as help_
from jiedan.cli import output, stops

COMMANDS = {
    "serve": ("jiedan.cli.serve:serve", N_("Serve the API, the console and the portal, and work on what falls due.")),
    "worker": ("jiedan.cli.serve:worker", N_("Work on what falls due, without serving.")),
    "migrate": ("jiedan.cli.migrate:migrate", N_("Apply the migrations the database lacks.")),
    "merchant": ("jiedan.cli.merchant:app", N_("Create, list and show merchants.")),
    "user": ("jiedan.cli.user:app", N_("Invite staff, give them a way back in, list them.")),
    "apikey": ("jiedan.cli.apikey:app", N_("Create, list and revoke API keys.")),
    "customer": ("jiedan.cli.customer:app", N_("Erase the personal data of a customer.")),
    "fulfillment": (
        "jiedan.cli.fulfillment:app",
        N_("Release, pick, pack, ship, deliver and hand over, many at once."),
    ),
    "prices": ("jiedan.cli.prices:app", N_("Look at the rules of prices, publish them, go back, price a cart.")),
    "coupons": ("jiedan.cli.coupons:app", N_("Make coupons, write their codes to a file, look one up.")),
    "gift-cards": ("jiedan.cli.gift_cards:app", N_("Let gift cards be found under another signing secret.")),
    "import": ("jiedan.cli.imports:import_file", N_("Import products, customers, stock … from a CSV or XLSX file.")),
    "export": ("jiedan.cli.export:export", N_("Export orders or their lines to a CSV or XLSX file.")),
    "backup": ("jiedan.cli.backup:backup", N_("Write the whole installation to one file, while it serves.")),
    "restore": ("jiedan.cli.backup:restore", N_("Fill an empty installation from a backup, and compare.")),
    "verify": ("jiedan.cli.verify:check", N_("Check the books of one merchant or of all.")),
    "dead-letters": (
        "jiedan.cli.dead_letters:app",
        N_("See what handlers of events gave up on, and let them try again."),
    ),
    "demo": ("jiedan.cli.demo:demo", N_("Make a merchant with a past to try Jiedan with.")),
    "sandbox": ("jiedan.cli.sandbox:sandbox", N_("Run the card processor to try payments with.")),
    "torture": (
        "jiedan.cli.torture:torture",
        N_("Break an installation made for it, under load, and check what is left."),
    ),
    "settings": ("jiedan.cli.settings:settings", N_("List every setting with its value and its source.")),
}

app = cyclopts.App(
    name="jiedan",
    help=N_("Jiedan takes orders from every channel and promises only stock that exists."),
    help_format=help_.FORMAT,
    help_formatter=help_.Formatter(),
    result_action="return_value",
)
for _name, (_target, _help) in COMMANDS.items():
    app.command(_target, name=_name, help=_help)


@app.meta.default
def _with_global_options(
    *tokens: Annotated[str, cyclopts.Parameter(show=False, allow_leading_hyphen=True)],
    json: Annotated[bool, cyclopts.Parameter(negative=())] = False,
    lang: str | None = None,
) -> object:
    """Run a command.

    Parameters
    ----------
    json
        Print results and errors as JSON.
    lang
        Language of messages: en, zh_Hans or zh_Hant; default from LC_ALL, LC_MESSAGES or LANG.

    """
    output.choose(as_json=json, language=lang)
    return app(tokens, exit_on_error=False, print_error=False)


@dataclasses.dataclass(eq=False)
class NotText(failures.Failure):
    """A word of the command line has bytes that are no text: nothing could store it, or show it again."""

    message: ClassVar[str] = N_("{typed} is not text: type it in UTF-8.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    typed: str


def _refuse_garbled(arguments: Iterable[str]) -> None:
    """Raise NotText for the first word that is no text."""
    for word in arguments:
        shown = word.encode(errors="backslashreplace").decode()
        if shown != word:
            raise NotText(typed=shown)


def run(arguments: list[str]) -> int:
    """Run one command line, without the program's name, and return its exit code."""
    try:
        output.choose(as_json="--json" in arguments, language=_language(arguments))
        _refuse_garbled(arguments)
        result = app.meta(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except BaseException as error:  # noqa: BLE001 - everything that stops a command is told here, bugs are raised again
        return stops.told(error)
    return result if isinstance(result, int) else 0


def _language(arguments: list[str]) -> str | None:
    """Return what follows `--lang`: the parser answers --help, and what is typed wrong, before it reads options."""
    for word, following in zip(arguments, [*arguments[1:], None], strict=True):
        option, equals, value = word.partition("=")
        if option == "--lang":
            return value if equals else following
    return None


def main() -> None:
    """Run the command line of this process: the entry point `jiedan`."""
    sys.exit(run(sys.argv[1:]))
