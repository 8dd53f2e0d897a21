"""The page of invariants: made from small files of checks."""

from pathlib import Path

import pytest

from jiedan.base import verify
from tools import invariants

SOURCE = """\
-- What must hold of stock.

-- name: i12_reserved_is_on_hand
SELECT 1

-- name: i01_on_hand_is_the_sum
-- Two sums,
-- side by side.
SELECT 2 -- not said
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "verify.sql").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def test_checks_are_read_with_their_comments(sources: Path) -> None:
    assert list(invariants.checks(sources)) == [
        invariants.Check(12, "inventory", "reserved_is_on_hand", ""),
        invariants.Check(1, "inventory", "on_hand_is_the_sum", "Two sums, side by side."),
    ]


def test_checks_are_read_from_the_files_of_a_folder_as_well(sources: Path) -> None:
    (sources / "orders" / "verify").mkdir(parents=True)
    (sources / "orders" / "verify" / "money.sql").write_text("-- name: i06_adds_up\nSELECT 3\n", encoding="utf-8")
    assert list(invariants.checks(sources))[-1] == invariants.Check(6, "orders", "adds_up", "")


def test_a_number_that_is_no_invariants_is_refused(sources: Path) -> None:
    (sources / "inventory" / "verify.sql").write_text("-- name: i99_nothing\nSELECT 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="i99_nothing"):
        list(invariants.checks(sources))


def test_the_page_has_every_invariant_in_order_with_its_checks(sources: Path) -> None:
    page = invariants.rendered(invariants.checks(sources))
    headings = [int(line.removeprefix("## ")) for line in page.splitlines() if line.startswith("## ")]
    assert headings == list(range(1, 22))
    assert "- `i01_on_hand_is_the_sum` (inventory): Two sums, side by side.\n" in page
    assert page.count("Not checked") == 19


def test_the_page_names_what_verify_runs() -> None:
    assert {f"i{check.invariant:02}_{check.name}" for check in invariants.checks()} == {
        check.name for check in verify.checks()
    }
