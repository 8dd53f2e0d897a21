"""The lock check: what it compares, on small locks."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import locks

LOCK = """\
# header
msgspec==0.22.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
uvloop==0.23.0 ; sys_platform != 'win32' \\
    --hash=sha256:cc
"""


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, locks.Pin]:
    """Return the pins of a small lock."""
    (tmp_path / "small.lock").write_text(LOCK, encoding="utf-8")
    monkeypatch.setattr(locks, "ROOT", tmp_path)
    return locks.pins("small.lock")


def test_pins_are_read_with_hashes_and_markers(pinned: dict[str, locks.Pin]) -> None:
    assert pinned["msgspec"] == locks.Pin("msgspec", "0.22.0", frozenset({"sha256:aa", "sha256:bb"}), conditional=False)
    assert pinned["uvloop"].conditional


def test_what_is_asked_for_must_be_pinned_in_range(pinned: dict[str, locks.Pin]) -> None:
    assert list(locks.unpinned([Requirement("msgspec>=0.22")], pinned)) == []
    assert list(locks.unpinned([Requirement("msgspec>=0.23")], pinned)) == [
        "msgspec>=0.23 is asked for, 0.22.0 is pinned"
    ]
    assert list(locks.unpinned([Requirement("rich")], pinned)) == ["rich is not pinned"]


def test_what_nothing_asks_for_is_named(pinned: dict[str, locks.Pin]) -> None:
    assert list(locks.unasked([Requirement("msgspec")], pinned)) == []
    assert list(locks.unasked([], pinned)) == ["msgspec is pinned, and nothing asks for it"]


def test_two_locks_must_agree(pinned: dict[str, locks.Pin]) -> None:
    other = {"msgspec": locks.Pin("msgspec", "0.21.0", frozenset(), conditional=False)}
    assert list(locks.disagreements(pinned, other)) == ["msgspec is 0.22.0 in one lock, 0.21.0 in the other"]
