"""An operation that writes: a call of the API, or a use case behind it."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from jiedan.base.db import Tx

Work = Callable[[Tx, Any], Awaitable[Any]]
"""A use case behind the API: takes the transaction and the stage's ids."""


class Operation(NamedTuple):
    """A call of the API, or a use case that has no address: `on` names the objects it is about."""

    name: str
    on: frozenset[str]
    method: str = ""
    path: str = ""
    body: Any = None
    work: Work | None = None
    is_of_parts: bool = False
    """Whether it has several transactions that write."""


def call(name: str, on: str, address: str, body: Any = None) -> Operation:
    """Return a call of the API; `on` are objects, separated by commas."""
    method, _, path = address.partition(" ")
    return Operation(name, frozenset(on.split(", ")), method, path, body)


def use_case(name: str, on: str, work: Work) -> Operation:
    """Return a use case that has no address."""
    return Operation(name, frozenset(on.split(", ")), work=work)
