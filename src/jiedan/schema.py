"""Every table of every module, in one metadata: for migrations and the tests that compare them."""

import importlib
import importlib.util
from pathlib import Path

from jiedan.base import tables

_HERE = Path(__file__).parent


def _load() -> None:
    for path in sorted([*_HERE.glob("*/tables.py"), *_HERE.glob("*/tables/__init__.py")]):
        module = path.relative_to(_HERE).with_suffix("").parts
        importlib.import_module(".".join(("jiedan", *(part for part in module if part != "__init__"))))


_load()
metadata = tables.Base.metadata


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell Alembic which tables are ours: procrastinate keeps its own."""
    return kind != "table" or name in metadata.tables
