"""What the proof makes of the reports of its tests."""

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
    own = {"PROOF_PASSED": str(notes), "PYTHONPATH": str(proof.ROOT), "PYTEST_ADDOPTS": ""}
    environment = {**os.environ, **own}
    rooted = [f"--rootdir={tmp_path}", "-c", os.devnull, "test_suite.py"]
    subprocess.run([*command, *rooted], cwd=tmp_path, env=environment, check=False, capture_output=True)
    found = proof.passed(notes.read_text().splitlines(keepends=True), lambda node: f"tree of {node}")
    assert {node: (each.ran_with, each.skipped) for node, each in found.items()} == {
        "test_suite.py::test_fine": ("tree of test_suite.py::test_fine", None),
        "test_suite.py::test_missing": ("tree of test_suite.py::test_missing", "Skipped: the file is missing"),
    }


def test_what_passed_is_not_run_again_until_its_source_changes(tmp_path: Path) -> None:
    node = "tests/tools/test_proof.py::test_shares"
    first = proof.State(tmp_path)
    first.keep({node: proof.Passed(proof.ran_with(node), 1.0), "tests/gone/test_x.py::test": proof.Passed("-", 1.0)})
    first.keep({"tests/tools/test_proof.py::other": proof.Passed("another tree", 1.0)})
    again = proof.State(tmp_path)
    assert (list(again.passed), again.goes) == ([node], 2)
    again.forget()
    assert (proof.State(tmp_path).passed, proof.State(tmp_path).goes) == ({}, 0)


def test_only_the_enumerations_of_tests_that_passed_count(tmp_path: Path) -> None:
    state = proof.State(tmp_path)
    told = [
        '{"name": "letters", "cases": 3, "seconds": 1.0, "is_whole": true, "test": "tests/a.py::test"}',
        '{"name": "numbers", "cases": 9, "seconds": 1.0, "is_whole": true, "test": "tests/b.py::test"}',
    ]
    state.report.write_text("".join(f"{line}\n" for line in told))
    state.keep({"tests/a.py::test": proof.Passed("-", 1.0)})
    assert [count.name for count in state.counts()] == ["letters"]
