"""What the proof makes of the reports of its tests."""

from pathlib import Path

import pytest

from tests import enumerations
from tools import proof

RESULTS = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite>
<testcase classname="tests.imports" name="test_days"><skipped message="the file is missing"/></testcase>
<testcase classname="tests.properties" name="test_shares"/>
</testsuite></testsuites>
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


def test_what_was_skipped_is_told_with_its_reason() -> None:
    assert proof.skipped(RESULTS) == ["test_days: the file is missing"]
