"""A plugin for pytest: note each test that passed as soon as it has; a proof that is killed loses only the rest.

The file that `PROOF_PASSED` names gets a line per test: its node id, seconds, why it was skipped, and what it ran with,
which `PROOF_RAN_WITH` says.
"""

import json
import os
from pathlib import Path

import pytest

PASSED, RAN_WITH = "PROOF_PASSED", "PROOF_RAN_WITH"


class Notes:
    """What is known of the tests under way."""

    def __init__(self, file: Path, ran_with: str) -> None:
        self._file = file
        self._ran_with = ran_with
        self._failed: set[str] = set()
        self._skipped: dict[str, str] = {}
        self._seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of the setup, the call and the teardown of a test; the last one settles it."""
        node = report.nodeid
        self._seconds[node] = self._seconds.get(node, 0.0) + report.duration
        if report.failed:
            self._failed.add(node)
        elif report.skipped:
            reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self._skipped[node] = str(reason)
        if report.when == "teardown" and node not in self._failed:
            told = {"test": node, "seconds": round(self._seconds[node], 1), "skipped": self._skipped.get(node)}
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**told, "ran_with": self._ran_with}) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Take notes where all reports arrive: not in the workers."""
    if PASSED in os.environ and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Notes(Path(os.environ[PASSED]), os.environ[RAN_WITH]))
