"""Keep docs/reference/openapi.json as the code says: `python -m tools.openapi check|write`.

`check` prints the difference, so that a review sees what callers of the API will notice.
"""

import difflib
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from jiedan import app
from jiedan.base import clock
from jiedan.base.db import Database
from jiedan.base.runtime import Runtime
from jiedan.base.settings import Settings
from jiedan.base.web import document

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference" / "openapi.json"
DIFFERENCE_LINES_MAX = 40


def rendered() -> str:
    """Return the document of the whole application as text, the same on every machine; nothing is connected to."""
    system_clock = clock.SystemClock()
    settings = Settings(home=ROOT / "nowhere", secret="only the document is drawn, nothing is signed")  # type: ignore[arg-type]  # noqa: S106 - signs nothing
    database = Database("postgresql://127.0.0.1:1/none", clock=system_clock)
    frame = app.create_app(Runtime(settings=settings, database=database, clock=system_clock))
    litestar: Any = frame.app
    return as_text(drawn(litestar))


def drawn(litestar: Litestar) -> document.Document:
    """Return the completed document of an application."""
    return document.completed(litestar, litestar.openapi_schema.to_schema())


def as_text(made: document.Document) -> str:
    """Return a document as sorted, indented JSON."""
    return json.dumps(msgspec.to_builtins(made), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def difference(kept: str, made: str) -> list[str]:
    """Return what changed between the kept document and the one just made, line by line."""
    return list(
        difflib.unified_diff(kept.splitlines(), made.splitlines(), "docs/reference/openapi.json", "the code", n=1)
    )


def main(arguments: list[str]) -> int:
    """Check or write; 1 when the kept document is not what the code says, 2 for other arguments."""
    if arguments == ["write"]:
        REFERENCE.parent.mkdir(parents=True, exist_ok=True)
        REFERENCE.write_text(rendered(), encoding="utf-8")
        return 0
    if arguments != ["check"]:
        print("Usage: python -m tools.openapi check|write")
        return 2
    kept = REFERENCE.read_text(encoding="utf-8") if REFERENCE.exists() else ""
    changed = difference(kept, rendered())
    if not changed:
        return 0
    print("\n".join(changed[:DIFFERENCE_LINES_MAX]))
    if len(changed) > DIFFERENCE_LINES_MAX:
        print(f"… and {len(changed) - DIFFERENCE_LINES_MAX} lines more")
    print("The API's document changed: run `python -m tools.openapi write` and commit docs/reference/openapi.json.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
