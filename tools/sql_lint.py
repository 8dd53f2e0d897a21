"""Read every SQL statement in the source, `.sql` files and strings, and judge it by `tools/portable_sql.py`.

Statements that SQLAlchemy builds are judged in the tests, where they are recorded as they run.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools import portable_sql

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "jiedan"

STATEMENT = re.compile(
    r"\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|MERGE INTO|CREATE|ALTER|DROP|TRUNCATE|SET|LOCK TABLE)\s+[\w(*\"]"
)
NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)

DEFINES = ("base/migrate.py", "base/schema.py", "base/server/", "migrations/")
"""Places that create roles, databases and schemas."""


def from_sql_file(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, statement) of a `.sql` file."""
    _, *parts = NAME.split(path.read_text(encoding="utf-8"))
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        yield name, re.sub(r"^\s*--.*$", "", body, flags=re.MULTILINE).strip().rstrip(";")


def from_python(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (line, statement) of every string that is SQL; what an f-string fills in is read as a name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values}
    for node in ast.walk(tree):
        text = _text(node) if id(node) not in inner else None
        if text and STATEMENT.match(text):
            yield str(getattr(node, "lineno", 0)), text


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        value = node.value
        return value.decode(errors="replace") if isinstance(value, bytes) else value if isinstance(value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "filled_in" for v in node.values)
    return None


def main() -> int:
    """Print every problem; 1 when there is one."""
    count = 0
    found: list[str] = []
    for path in sorted([*PACKAGE.rglob("*.sql"), *PACKAGE.rglob("*.py")]):
        inside = path.relative_to(PACKAGE).as_posix()
        for place, statement in from_sql_file(path) if path.suffix == ".sql" else from_python(path):
            count += 1
            problems = portable_sql.problems(statement, ddl=inside.startswith(DEFINES))
            found += [f"{path.relative_to(ROOT)}:{place}: {problem}" for problem in problems]
    print("\n".join(found) if found else f"{count} statements are portable and tied to a tenant.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
