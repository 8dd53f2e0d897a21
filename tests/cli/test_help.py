"""`--help` and what is typed wrong, in the language of the reader."""

import re
import subprocess
import sys
from collections.abc import Iterator

import cyclopts
import pytest

from jiedan import cli

CHINESE = ("zh_Hans", "zh_Hant")
HEAVY = ("alembic", "granian", "httpx2", "litestar", "markdown_it", "procrastinate", "sqlalchemy")
"""What no page of help needs."""

_BORDERS = re.compile("[│╭╮╰╯─]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NAMES = re.compile(r"(?<![\w-])--?[\w-]+(?: \([\w-]+\))?(?: [A-Z.]+)?|\b[A-Z][A-Z-]+\b")
"""How options and values are typed, which is the same in every language."""


def _typed(app: cyclopts.App, chain: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command there is, and every family of commands, as it is typed."""
    yield chain
    for name in app:
        if not name.startswith("-"):
            yield from _typed(app[name], (*chain, name))


COMMANDS = list(_typed(cli.app))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give pages one line for each text, and the reader no language yet."""
    monkeypatch.setenv("COLUMNS", "1000")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def _page(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Return the texts of a page, without the names of commands, options and values."""
    assert cli.run([*words, "--help"]) == 0
    lines = [_NAMES.sub("", _BORDERS.sub("", line)).strip() for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if line]


def test_families_and_their_commands_are_walked() -> None:
    assert {(), ("serve",), ("merchant",), ("merchant", "create"), ("dead-letters", "requeue")} < set(COMMANDS)


@pytest.mark.parametrize("locale", CHINESE)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_page_is_in_the_language_of_the_reader(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...], locale: str
) -> None:
    usage, *texts = _page(capsys, *command, "--lang", locale)
    assert usage.startswith(" ".join(("用法：jiedan", *command)))
    assert [text for text in texts if not _HAN.search(text)] == []
    assert not any(re.search(r"[a-z]+ [a-z]+ [a-z]+", re.sub("`[^`]*`", "", text)) for text in texts)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_page_is_chinese_to_an_english_reader(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    assert not any(_HAN.search(text) for text in _page(capsys, *command))


@pytest.mark.parametrize("variable", ["LC_ALL", "LC_MESSAGES", "LANG"])
def test_pages_follow_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "zh_TW.UTF-8")
    assert "用法：jiedan 命令 [選項]" in _page(capsys)
    assert cli.run(["--help", "--lang=en"]) == 0
    assert "Usage: jiedan COMMAND [OPTIONS]" in capsys.readouterr().out


def test_a_page_says_what_may_stand_there_and_what_does_if_nothing_is_typed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    said = "\n".join([*_page(capsys, "export"), *_page(capsys, "demo"), *_page(capsys, "serve")])
    assert all(note in said for note in ("[可选值：orders、lines] [必填]", "[默认：60]", "[默认：是]"))
    assert "False" not in said


@pytest.mark.parametrize("locale", CHINESE)
@pytest.mark.parametrize(
    "line",
    [
        "serv",
        "nothing-like-it",
        "--nothing",
        "merchant nonsense",
        "serve --prt 1",
        "settings --colour blue",
        "serve 1 2 3",
        "import orders",
        "merchant create shop",
        "merchant create shop --name",
        "serve --port 1 --port 2",
        "serve --port many",
        "serve --port=",
        "serve --worker=perhaps",
        "apikey create shop till --all --days=-3",
        "apikey revoke shop key",
        "apikey create --slug shop till more",
        "export everything file.csv",
        "settings --json --json",
        "settings --lang",
        "settings --lang fr",
    ],
)
def test_what_is_typed_wrong_is_said_in_the_language_of_the_reader(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, locale: str, line: str
) -> None:
    monkeypatch.setenv("LC_ALL", f"{'zh_CN' if locale == 'zh_Hans' else 'zh_TW'}.UTF-8")
    code = cli.run(line.split())
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert _HAN.search(said.err)
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", said.err)


def test_help_loads_nothing_that_only_work_needs() -> None:
    program = (
        f"import sys; from jiedan import cli; cli.run(['--help']); print([n for n in {HEAVY} if n in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
