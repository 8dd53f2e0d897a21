"""Named SQL: a `.sql` file beside its hot path, one statement after each `-- name:` line.

The form is procrastinate's: SQL is a source file that editors highlight and `EXPLAIN` can read.
"""

import re
from importlib import resources
from typing import NamedTuple

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class Statement(NamedTuple):
    """One named statement; parameters are written `%(name)s`."""

    name: str
    text: bytes


def load(package: str, filename: str) -> dict[str, Statement]:
    """Read the statements of `filename` inside `package`, by name.

    Raises ValueError when the file has text before its first name or a name twice.
    """
    source = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    head, *parts = _NAME.split(source)
    if any(line.strip() and not line.startswith("--") for line in head.splitlines()):
        message = f"{package}/{filename}: text before the first -- name: line"
        raise ValueError(message)
    statements: dict[str, Statement] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in statements:
            message = f"{package}/{filename}: {name} stands twice"
            raise ValueError(message)
        lines = [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("--")]
        statements[name] = Statement(name, "\n".join(lines).strip().rstrip(";").encode())
    return statements
