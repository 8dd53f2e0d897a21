"""How xdist hands out the tests: what starts installations of its own first, one after the other on one worker.

They take longest, so one that began last would be waited for alone; and two beside each other would feel each other's
faults. Everything else goes to whichever worker is free. A pytest plugin.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has types, but does not say so

INSTALLATIONS = frozenset(
    {
        "tests/torture/test_torture.py",
        "tests/journeys/test_readme.py",
        "tests/cli/test_serve.py",
    }
)

TYPED = frozenset({"tests/strangers/test_card_numbers.py", "tests/strangers/test_naughty_strings.py"})
"""What types into every input there is, once in the worker that runs them."""


class InstallationsFirst(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Hand out tests one by one, but those of a unit together: the unit with most tests is handed out first."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the name of the unit that a test belongs to: itself, the installations, or what types everywhere."""
        file, _, _ = nodeid.partition("::")
        if file in TYPED:
            return "typed"
        return "installations" if file in INSTALLATIONS else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Take the place of xdist's own groups, which pytest 9.2 does not let it name."""
    return InstallationsFirst(config, log) if config.getoption("dist") == "loadgroup" else None
