"""How the lines of an order are read: by number, the parts of a kit right below it. Pure.

Kits are numbered where they were ordered, their parts after everything else: a number is given once and for all.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Numbered(Protocol):
    """A line of an order, by its number."""

    @property
    def line(self) -> int:
        """Its number."""
        ...

    @property
    def parent_line(self) -> int | None:
        """The number of the kit that it is a part of."""
        ...


L = TypeVar("L", bound=Numbered)


def place(line: Numbered) -> tuple[int, int]:
    """Return where a line is read: below its kit where it is a part of one."""
    return (line.line, 0) if line.parent_line is None else (line.parent_line, line.line)


def as_read(lines: Iterable[L]) -> list[L]:
    """Return lines in the order in which people read them."""
    return sorted(lines, key=place)


def parts_by_kit(lines: Iterable[L]) -> dict[int, list[L]]:
    """Return the parts of each kit, by the number of its line."""
    found: dict[int, list[L]] = {}
    for line in lines:
        if line.parent_line is not None:
            found.setdefault(line.parent_line, []).append(line)
    return found
