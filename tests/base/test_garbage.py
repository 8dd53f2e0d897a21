"""How often Python looks for garbage is said by who owns the process, in one place."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiedan import base
from jiedan.base import garbage

SOURCES = Path(base.__file__).parents[1]


@pytest.fixture
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("_as_before")
def test_what_is_there_is_left_alone_and_the_rest_looked_at_seldom() -> None:
    garbage.look_seldom(garbage.WORKING)
    assert gc.get_threshold()[:2] == garbage.WORKING[:2]
    assert gc.get_freeze_count() > 0


def test_no_library_function_sets_thresholds() -> None:
    setting = [
        str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py") if "gc.set_threshold" in path.read_text()
    ]
    assert setting == ["base/garbage.py"]
    owners = [str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py") if "look_seldom(" in path.read_text()]
    assert sorted(owners) == [
        "base/garbage.py",
        "base/process.py",
        "cli/demo.py",
        "cli/import_olist.py",
        "demo/apart.py",
    ]
