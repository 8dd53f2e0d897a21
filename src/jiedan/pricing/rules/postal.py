"""Postal areas: prefixes and ranges of postal codes, and an index that finds all that hold a code.

`94` is every code that begins so, `94105..94110` every code whose first five characters lie between the two. Spaces,
dashes and case do not count.
"""

import bisect
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

CHARACTERS_MAX = 16
BETWEEN = ".."
DIGITS_AND_LETTERS = 36


class Span(NamedTuple):
    """The codes whose first characters lie between two of one length; a prefix is a span from itself to itself."""

    low: str
    high: str


def normal(text: str) -> str:
    """Return a postal code without spaces and dashes, upper case, full-width letters and digits as the plain ones."""
    return "".join([character for character in unicodedata.normalize("NFKC", text).upper() if character.isalnum()])


def span(text: str) -> Span | None:
    """Return what a prefix or range covers; None where it cannot be read."""
    first, between, last = text.partition(BETWEEN)
    found = Span(normal(first), normal(last if between else first))
    is_plain = all(c.isascii() and (c.isalnum() or c in " -") for c in first + last)
    fine = 0 < len(found.low) == len(found.high) <= CHARACTERS_MAX and found.low <= found.high
    return found if is_plain and fine else None


def narrowness(found: Span) -> tuple[int, int]:
    """Return what grows as an area gets narrower: first the characters that count, then how few codes lie between."""
    width = int(found.high, DIGITS_AND_LETTERS) - int(found.low, DIGITS_AND_LETTERS)
    return len(found.low), -width


class Index(Generic[T]):
    """Things by postal area: which of them hold a code costs one bisection per length of area, however many."""

    def __init__(self, things: Iterable[tuple[Span, T]]) -> None:
        by_length: dict[int, list[tuple[Span, T]]] = {}
        for found, thing in things:
            by_length.setdefault(len(found.low), []).append((found, thing))
        self._by_length: Mapping[int, tuple[list[tuple[str, bool]], list[tuple[T, ...]]]] = {
            length: _segments(members) for length, members in sorted(by_length.items())
        }

    def holding(self, postal_code: str) -> list[T]:
        """Return the things whose area holds the code, shorter areas first."""
        code = normal(postal_code)
        found: list[T] = []
        for length, (points, members) in self._by_length.items():
            if length <= len(code):
                found += members[bisect.bisect_right(points, (code[:length], False))]
        return found


def _segments(spans: Iterable[tuple[Span, T]]) -> tuple[list[tuple[str, bool]], list[tuple[T, ...]]]:
    """Return where areas of one length begin (False) and end (True), and what holds before each such point and last."""
    begun: dict[str, list[tuple[Span, T]]] = {}
    ends: set[tuple[str, bool]] = set()
    for found, thing in spans:
        begun.setdefault(found.low, []).append((found, thing))
        ends.add((found.high, True))
    points = sorted(ends.union((code, False) for code in begun))
    members: list[tuple[T, ...]] = [()]
    holding: list[tuple[Span, T]] = []
    for code, is_end in points:
        staying = [(found, thing) for found, thing in holding if not is_end or found.high != code]
        holding = staying if is_end else [*staying, *begun[code]]
        members.append(tuple([thing for _, thing in holding]))
    return points, members
