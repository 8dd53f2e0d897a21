"""Check, offline, that the lock files say what pyproject.toml asks for.

`python -m tools.locks check` refuses a requirement that no lock pins, a pin outside its requirement's range, a pin
without a hash, two locks that disagree, and a pin that nothing asks for any more. `wanted EXTRA` prints the
requirements of an extra, for `make lock`.
"""

import importlib.metadata
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
RUNTIME, DEVELOP, EMBEDDED = "requirements.lock", "requirements-dev.lock", "requirements-embedded.lock"
NODE = "requirements-node.lock"


@dataclass(frozen=True)
class Pin:
    """One pinned package; `conditional` when it is installed on some machines only."""

    name: str
    version: str
    hashes: frozenset[str]
    conditional: bool


def pins(lock: str) -> dict[str, Pin]:
    """Return the pins of a lock file by canonical name."""
    found: dict[str, Pin] = {}
    for entry in (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if not entry.strip() or entry.lstrip().startswith("#"):
            continue
        pinned, *hashes = entry.split("--hash=")
        requirement = Requirement(pinned.strip())
        name = canonicalize_name(requirement.name)
        version = next(iter(requirement.specifier)).version
        found[name] = Pin(name, version, frozenset(h.strip() for h in hashes), requirement.marker is not None)
    return found


def wanted(project: dict[str, Any], lock: str) -> list[Requirement]:
    """Return what pyproject.toml asks a lock to hold."""
    extras = project["project"]["optional-dependencies"]
    if lock == EMBEDDED:
        return [Requirement(line) for line in extras["embedded"]]
    if lock == NODE:
        return [Requirement(line) for line in project["dependency-groups"]["node"]]
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    if lock == DEVELOP:
        lines += [*extras["dev"], *extras["otel"]]
    return [Requirement(line) for line in lines]


def unpinned(requirements: list[Requirement], pinned: dict[str, Pin]) -> Iterator[str]:
    """Yield each requirement that the lock does not meet."""
    for requirement in requirements:
        pin = pinned.get(canonicalize_name(requirement.name))
        if pin is None:
            yield f"{requirement} is not pinned"
        elif not requirement.specifier.contains(pin.version, prereleases=True):
            yield f"{requirement} is asked for, {pin.version} is pinned"


def unasked(requirements: list[Requirement], pinned: dict[str, Pin]) -> Iterator[str]:
    """Yield each pin that no requirement leads to, following what the installed packages declare."""
    reached: set[str] = set()
    waiting = [(canonicalize_name(r.name), frozenset(r.extras)) for r in requirements]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        reached.add(name)
        try:
            declared = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, declared):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ["", *extras]):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    for pin in pinned.values():
        if pin.name not in reached and not pin.conditional:
            yield f"{pin.name} is pinned, and nothing asks for it"


def disagreements(one: dict[str, Pin], other: dict[str, Pin]) -> Iterator[str]:
    """Yield each package that two locks pin differently."""
    for name in one.keys() & other.keys():
        if (one[name].version, one[name].hashes) != (other[name].version, other[name].hashes):
            yield f"{name} is {one[name].version} in one lock, {other[name].version} in the other"


def problems() -> Iterator[str]:
    """Yield every sentence that `make lock` would make untrue."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locks = {lock: pins(lock) for lock in (RUNTIME, DEVELOP, EMBEDDED, NODE)}
    for lock, pinned in locks.items():
        requirements = wanted(project, lock)
        yield from (f"{lock}: {p}" for p in unpinned(requirements, pinned))
        yield from (f"{lock}: {p}" for p in unasked(requirements, pinned))
        yield from (f"{lock}: {pin.name} has no hash" for pin in pinned.values() if not pin.hashes)
        yield from (f"{lock}: {p}" for p in disagreements(pinned, locks[DEVELOP]))
    yield from (f"{RUNTIME}: {name} is not in {DEVELOP}" for name in locks[RUNTIME].keys() - locks[DEVELOP].keys())


def main(arguments: list[str]) -> int:
    """Run one of the two commands; 1 when a lock is stale."""
    if arguments[:1] == ["wanted"] and len(arguments) == len(["wanted", "extra"]):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        print("\n".join(project["project"]["optional-dependencies"][arguments[1]]))
        return 0
    if arguments == ["check"]:
        found = list(problems())
        print("\n".join([*found, "Run `make lock` and commit the locks."]) if found else "The locks are fresh.")
        return 1 if found else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
