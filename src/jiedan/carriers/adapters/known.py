"""The carriers of this installation: our own, and those that other packages registered."""

from collections.abc import Mapping
from functools import cache

from jiedan.base import lazy
from jiedan.carriers import errors
from jiedan.carriers.adapters.hand import Hand
from jiedan.carriers.adapters.protocol import Carrier
from jiedan.carriers.adapters.rates import Rates

ENTRY_POINTS = "jiedan.carriers"


@cache
def adapters() -> Mapping[str, Carrier]:
    """Return every adapter by its name."""
    others = {name: make() for name, make in lazy.adapters(ENTRY_POINTS).items()}
    return {Hand.name: Hand(), Rates.name: Rates(), **others}


def find(name: str) -> Carrier:
    """Return an adapter by its name. Raises UnknownAdapter."""
    found = adapters().get(name)
    if found is None:
        raise errors.UnknownAdapter(name, ", ".join(sorted(adapters())), field="adapter")
    return found
