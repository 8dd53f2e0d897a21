"""Run every check, two at a time, and print each one's time: `make check`.

Arguments are names of checks: `python -m tools.check types imports` runs two of them.
"""

import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sysconfig.get_path("scripts"))
AT_ONCE = 2

OUTPUT_LINES_MAX = 60

CODE = [folder for folder in ("src", "tests", "tools", "benchmarks") if (ROOT / folder).is_dir()]

CHECKS: dict[str, list[str]] = {
    "types": ["mypy", *CODE],  # the longest first
    "architecture": ["pytest", "-q", "-p", "no:cacheprovider", "tests/architecture", "tests/tools"],
    "imports": ["lint-imports", "--no-cache"],
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "sql": ["python", "-m", "tools.sql_lint"],
    "plans": ["pytest", "-q", "-p", "no:cacheprovider", "tests/base/test_explain.py"],
    "templates": ["python", "-m", "tools.template_lint"],
    "messages": ["python", "-m", "tools.messages", "check"],
    "reference": ["python", "-m", "tools.openapi", "check"],
    "invariants": ["python", "-m", "tools.invariants", "check"],
    "locks": ["python", "-m", "tools.locks", "check"],
    "unused": ["vulture", *CODE],
    "dependencies": ["deptry", "--no-ansi", "src"],
    "spelling": ["typos"],
}


class Result(NamedTuple):
    """How one check went."""

    name: str
    code: int
    output: str
    seconds: float


def run(name: str) -> Result:
    """Run one check and keep what it prints."""
    command = CHECKS[name]
    start = time.monotonic()
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    return Result(name, done.returncode, done.stdout + done.stderr, time.monotonic() - start)


def main(names: list[str]) -> int:
    """Run the named checks, or all; print the output of those that fail; 1 when one does."""
    if unknown := set(names) - CHECKS.keys():
        print(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(CHECKS)}.")
        return 2
    failed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for result in pool.map(run, names or CHECKS):
            print(f"{'ok    ' if result.code == 0 else 'FAILED'} {result.name} ({result.seconds:.1f} s)", flush=True)
            if result.code:
                failed.append(result.name)
                lines = result.output.rstrip().splitlines()
                print("\n".join(lines[:OUTPUT_LINES_MAX]), flush=True)
                if len(lines) > OUTPUT_LINES_MAX:
                    print(f"… and {len(lines) - OUTPUT_LINES_MAX} lines more")
    print(f"Failed: {', '.join(failed)}" if failed else "Every check passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
