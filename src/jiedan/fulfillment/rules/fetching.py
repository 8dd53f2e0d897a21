"""In which order somebody fetches the goods of one order. Pure."""

from collections.abc import Iterable

from jiedan.orders.rules import kits
from jiedan.orders.values import Line


def as_fetched(lines: Iterable[Line]) -> list[Line]:
    """Return lines by their codes, the parts of a kit together where the first of them comes.

    Where in a location goods lie is not kept; shelves are often laid out by code, so codes are the nearest thing to a
    path. Within one order a kit's parts are few: fetching them together costs a few steps at most, and what belongs
    together is counted in one hand. A list of several orders sums what to fetch, by code alone: there each detour
    would be taken for every order.
    """
    of = list(lines)
    begins: dict[int, str] = {}
    for line in of:
        group, _ = kits.place(line)
        begins[group] = min(begins.get(group, line.code), line.code)
    return sorted(of, key=lambda x: (begins[kits.place(x)[0]], kits.place(x)[0], x.code, x.line))
