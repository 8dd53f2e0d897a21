"""The source tree as the architecture tests read it: files, their module, their kind, their imports."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "jiedan"

KIND_ORDER = (
    ("api", "pages", "portal", "jobs"),
    ("service",),
    ("hot path",),
    ("queries",),
    ("tables",),
    ("rules",),
    ("events", "errors"),
    ("values",),
)
"""Kinds of files inside a module, higher ones first; a file imports only kinds below its own."""

KINDS = frozenset(kind for layer in KIND_ORDER for kind in layer)

ROOT_FILES = frozenset({"app", "worker", "cli", "wiring", "schema", "__init__", "__main__"})
"""Files (or folders of their names) directly under `jiedan`: the composition root, which knows every module."""

MECHANISMS = frozenset({"base", "locale", "migrations"})
"""Packages made of mechanisms, not of file kinds."""

FACES = frozenset({"console", "portal"})
"""Packages of pages, one file per page."""


@dataclass(frozen=True)
class Import:
    """One imported name: `module` is the dotted module, `name` what is taken from it (empty for `import x`)."""

    module: str
    name: str
    alias: str
    line: int

    @property
    def target(self) -> str:
        """The dotted path of what is bound: a module, or a name inside one."""
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True)
class SourceFile:
    """A Python file under `src/jiedan`."""

    path: Path
    parts: tuple[str, ...]
    """Path inside the package without the suffix: `("orders", "queries", "lists")`."""

    @property
    def package(self) -> str:
        """The module it belongs to; empty for the composition root."""
        return "" if self.parts[0] in ROOT_FILES else self.parts[0]

    @property
    def kind(self) -> str:
        """The kind of file: a name of `KINDS`, `__init__`, or the bare name of anything else."""
        if len(self.parts) == 1 or not self.package:
            return "root"
        name = self.parts[1]
        return "hot path" if name not in KINDS and is_hot_path(self.package, name) else name

    @property
    def where(self) -> str:
        """The path as people write it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return _parse(self.path)

    def imports(self) -> Iterator[Import]:
        """Yield every name the file imports, at any depth."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    yield Import(node.module, alias.name, alias.asname or alias.name, node.lineno)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(alias.name, "", alias.asname or alias.name, node.lineno)


def is_hot_path(package: str, name: str) -> bool:
    """Tell whether `name` inside `package` is a hot path: a file beside SQL of its name, or a folder with SQL."""
    place = PACKAGE / package / name
    return place.with_suffix(".sql").exists() or (place.is_dir() and any(place.glob("*.sql")))


@functools.cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@functools.cache
def sources() -> tuple[SourceFile, ...]:
    """Return every Python file of the package."""
    found = sorted(PACKAGE.rglob("*.py"))
    return tuple(SourceFile(path, path.relative_to(PACKAGE).with_suffix("").parts) for path in found)


def modules() -> tuple[str, ...]:
    """Return the names of the packages that are modules in the sense of ARCHITECTURE.md."""
    return tuple(sorted({s.package for s in sources() if s.package} - MECHANISMS - FACES))


@functools.cache
def repository_files() -> tuple[Path, ...]:
    """Return every file of the repository: what git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git is git
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def python_files(*folders: str) -> tuple[Path, ...]:
    """Return the Python files of the repository under `folders`."""
    return tuple(p for p in repository_files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in folders)


def parse(path: Path) -> ast.Module:
    """Return the parsed file, parsed once."""
    return _parse(path)


def owner_of(dotted: str) -> tuple[str, str]:
    """Return (module, kind) of a dotted path under `jiedan`; empty strings where it has none."""
    parts = dotted.split(".")
    if parts[0] != "jiedan":
        return "", ""
    package = parts[1] if len(parts) > 1 else ""
    name = parts[2] if len(parts) > 2 else ""
    return package, "hot path" if name and name not in KINDS and is_hot_path(package, name) else name
