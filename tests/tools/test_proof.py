"""What the proof makes of the reports of its tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import enumerations
from tools import proof

SUITE = """
import pytest
def test_fine(): pass
def test_missing(): pytest.skip("the file is missing")
def test_lost(): assert False
@pytest.fixture
def untidy():
    yield
    raise OSError
def test_untidy(untidy): pass
"""


def test_the_last_word_on_each_enumeration_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report"
    monkeypatch.setenv(enumerations.REPORT, str(report))
    monkeypatch.setattr(enumerations, "TOLD_EVERY_S", 0.0)
    assert list(enumerations.cases("letters", "abc")) == ["a", "b", "c"]
    left = enumerations.cases("numbers", range(10))
    assert [next(left) for _ in range(4)] == [0, 1, 2, 3]
    lines = report.read_text().splitlines(keepends=True)
    assert len(lines) > 4
    assert [(c.name, c.cases, c.is_whole) for c in proof.counts([*lines, '{"name": "half a li'])] == [
        ("letters", 3, True),
        ("numbers", 3, False),
    ]


def test_a_slice_reports_nothing_and_is_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(enumerations.REPORT, raising=False)
    assert len(list(enumerations.cases("numbers", range(2 * enumerations.SLICES)))) == 2
    with pytest.raises(AssertionError, match="the slice is empty"):
        list(enumerations.cases("nothing", ()))


def test_what_failed_is_not_noted_and_what_was_skipped_is_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    notes = tmp_path / "notes"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "-p", "tools.proof_notes", "-p", "no:cacheprovider"]
    own = {"PROOF_PASSED": str(notes), "PROOF_RAN_WITH": "a tree", "PYTHONPATH": str(proof.ROOT), "PYTEST_ADDOPTS": ""}
    environment = {**os.environ, **own}
    rooted = [f"--rootdir={tmp_path}", "-c", os.devnull, "test_suite.py"]
    subprocess.run([*command, *rooted], cwd=tmp_path, env=environment, check=False, capture_output=True)
    found = proof.passed(notes.read_text().splitlines(keepends=True))
    assert {node: (each.ran_with, each.skipped) for node, each in found.items()} == {
        "test_suite.py::test_fine": ("a tree", None),
        "test_suite.py::test_missing": ("a tree", "Skipped: the file is missing"),
    }


def test_what_passed_is_not_run_again_until_anything_it_ran_with_changes(tmp_path: Path) -> None:
    first = proof.State(tmp_path, with_="this tree")
    first.keep({"a.py::test": proof.Passed("this tree", 1.0), "b.py::test": proof.Passed("another tree", 1.0)})
    first.keep({"c.py::test": proof.Passed("this tree", 1.0)})
    again = proof.State(tmp_path, with_="this tree")
    assert (sorted(again.passed), again.goes) == (["a.py::test", "c.py::test"], 2)
    assert list(proof.State(tmp_path, with_="another tree").passed) == ["b.py::test"]
    assert proof.State(tmp_path, with_="a third tree").goes == 0
    again.forget()
    assert (proof.State(tmp_path, with_="this tree").passed, proof.State(tmp_path, with_="this tree").goes) == ({}, 0)


def test_what_was_not_committed_counts_in_its_own_go_alone(tmp_path: Path) -> None:
    state = proof.State(tmp_path, with_=proof.UNCOMMITTED)
    note(state, "a.py::test", proof.UNCOMMITTED)
    state.gather()
    assert list(state.passed) == ["a.py::test"]
    assert proof.State(tmp_path, with_=proof.UNCOMMITTED).passed == {}


def test_a_go_that_was_killed_counts_for_what_it_ran_with_and_not_for_what_lies_there_since(tmp_path: Path) -> None:
    killed = proof.State(tmp_path, with_="this tree")
    note(killed, "a.py::test", "this tree")
    note(killed, "b.py::test", "another tree")
    again = proof.State(tmp_path, with_="another tree")
    again.gather()
    assert list(again.passed) == ["b.py::test"]


def note(state: proof.State, node: str, ran_with: str) -> None:
    told = {"test": node, "seconds": 1.0, "skipped": None, "ran_with": ran_with}
    with state.notes.open("a") as file:
        file.write(json.dumps(told) + "\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a file of each kind that tests depend on, committed."""
    of_tests = ("tests/conftest.py", "tests/crashes/a.py", "tests/orders/factories.py")
    for name in ("src/a.py", *of_tests, "tools/a.py", "benchmarks/a.py", "benchmarks/results/a.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock", "README.md"):
        (tmp_path / name).write_text("1")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607 - git is git


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "More")


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        *(("src/a.py", True), ("tests/conftest.py", True), ("tests/orders/factories.py", True), ("tools/a.py", True)),
        *(("pyproject.toml", True), ("requirements.lock", True), ("requirements-dev.lock", True), ("README.md", False)),
        *(("benchmarks/a.py", True), ("benchmarks/results/a.json", False)),
    ],
)
def test_tests_ran_with_all_that_they_may_import(repository: Path, name: str, *, matters: bool) -> None:
    before = proof.ran_with(repository)
    (repository / name).write_text("2")
    assert (proof.ran_with(repository) == proof.UNCOMMITTED) is matters
    commit(repository)
    after = proof.ran_with(repository)
    assert after != proof.UNCOMMITTED
    assert (after != before) is matters


OLD = '{"met": true, "seconds": 1200.0}'


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "import os; os.abort()", "pass"])
def test_a_soak_that_fails_or_tells_nothing_is_not_taken_for_the_one_before(tmp_path: Path, code: str) -> None:
    result = tmp_path / "soak.json"
    result.write_text(OLD)
    with pytest.raises(proof.SoakFailed):
        proof.soaked([sys.executable, "-c", code], result)
    assert not result.exists()


def test_a_soak_that_failed_after_it_had_written_is_none_either(tmp_path: Path) -> None:
    result = tmp_path / "soak.json"
    code = f"import pathlib; pathlib.Path({str(result)!r}).write_text({OLD!r}); raise SystemExit(1)"
    with pytest.raises(proof.SoakFailed, match="ended with 1"):
        proof.soaked([sys.executable, "-c", code], result)


def test_a_soak_that_ended_well_is_what_it_has_written(tmp_path: Path) -> None:
    result = tmp_path / "soak.json"
    code = f"import pathlib; pathlib.Path({str(result)!r}).write_text({OLD!r})"
    assert proof.soaked([sys.executable, "-c", code], result) == {"met": True, "seconds": 1200.0}


def test_only_the_enumerations_of_tests_that_passed_count(tmp_path: Path) -> None:
    state = proof.State(tmp_path, with_="-")
    told = [
        '{"name": "letters", "cases": 3, "seconds": 1.0, "is_whole": true, "test": "tests/a.py::test"}',
        '{"name": "numbers", "cases": 9, "seconds": 1.0, "is_whole": true, "test": "tests/b.py::test"}',
    ]
    state.report.write_text("".join(f"{line}\n" for line in told))
    state.keep({"tests/a.py::test": proof.Passed("-", 1.0)})
    assert [count.name for count in state.counts()] == ["letters"]
