"""Where the code comes from that is tortured: a report that does not say it cannot be told from an older one."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CHANGED = "+"


def commit(root: Path = ROOT) -> str:
    """Return the commit of the source tree at `root`, with `+` where files were changed since; empty without a tree."""
    if not (root / ".git").exists():
        return ""
    found = _git(root, "rev-parse", "HEAD")
    return found + CHANGED if found and _git(root, "status", "--porcelain", "--", "src") else found


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False, text=True)  # noqa: S607 - git is git
    except OSError:  # a source tree, and nobody here to tell of it
        return ""
    return done.stdout.strip()
