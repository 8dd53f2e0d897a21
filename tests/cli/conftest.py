"""A home folder that the system user of the embedded server can enter, as root too."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiedan-cli-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder, "home")
