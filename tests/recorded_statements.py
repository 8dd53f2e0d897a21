"""Judge every statement that the suite sent, whoever built it, and name those that no test ever sends.

A pytest plugin: each worker hands its recorded statements to the process that started it, which judges them at the end.
Statements that no test sends are looked for only when the whole suite ran and passed.
"""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from jiedan.base import db, sql
from jiedan.base.recorder import StatementRecorder
from tests.architecture import tree
from tools import portable_sql

RECORDERS = pytest.StashKey[list[StatementRecorder]]()
STATEMENTS = pytest.StashKey[set[str]]()
PROBLEMS = pytest.StashKey[list[str]]()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Remember the recorder of every database that a fixture opens."""
    made = yield
    if isinstance(made, db.Database) and made.recorder is not None:
        request.config.stash.setdefault(RECORDERS, []).append(made.recorder)
    return made


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker recorded."""
    sent = getattr(node, "workeroutput", {}).get("statements", [])
    node.config.stash.setdefault(STATEMENTS, set()).update(sent)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Hand over what was recorded, or judge it where everything came together."""
    config = session.config
    sent = {text for recorder in config.stash.get(RECORDERS, []) for text in recorder.distinct}
    if hasattr(config, "workeroutput"):
        config.workeroutput["statements"] = sorted(sent)
        return
    handed_over: set[str] | None = config.stash.get(STATEMENTS, None)
    sent.update(handed_over or ())
    found = [
        f"{problem}\n    {' '.join(text.split())[:300]}" for text in sent for problem in portable_sql.problems(text)
    ]
    if exitstatus == 0 and _is_whole(config):
        found += [f"no test sends {name}" for name in _never_sent(sent)]
    if found:
        config.stash[PROBLEMS] = sorted(found)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was found."""
    if found := config.stash.get(PROBLEMS, []):
        terminalreporter.section("statements", red=True)
        terminalreporter.write_line("\n".join(found))
        terminalreporter.write_line("A statement that must look across tenants says so: /* across tenants: why */")


def _is_whole(config: pytest.Config) -> bool:
    option = config.option
    narrowed = option.keyword or option.markexpr or option.collectonly or getattr(option, "lf", False)
    return not narrowed and [str(a).rstrip("/") for a in config.args] == ["tests"]


def _never_sent(sent: set[str]) -> Iterator[str]:
    """Yield the named statements of `.sql` files that are not among those sent."""
    for path in sorted(set(tree.PACKAGE.rglob("*.sql")) - set(tree.PACKAGE.glob("migrations/*"))):
        package = ".".join(["jiedan", *path.parent.relative_to(tree.PACKAGE).parts])
        for name, statement in sql.load(package, path.name).items():
            if statement.text.decode() not in sent:
                yield f"{path.relative_to(tree.ROOT)}:{name}"
