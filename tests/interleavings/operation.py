"""An operation that writes: a call of the API, a use case behind it, or a task of the worker."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from jiedan.base.db import Database, Tx
from jiedan.base.ids import TenantId

Work = Callable[[Tx, Any], Awaitable[Any]]
"""A use case behind the API: takes the transaction and the stage's ids."""

Task = Callable[[Database, TenantId, Mapping[str, str]], Awaitable[Any]]
"""Work with transactions of its own: takes the database, the merchant and the stage's ids."""


class Operation(NamedTuple):
    """A call of the API, or a use case or task that has no address: `on` names the objects it is about."""

    name: str
    on: frozenset[str]
    method: str = ""
    path: str = ""
    body: Any = None
    work: Work | None = None
    task: Task | None = None
    is_of_parts: bool = False
    """Whether it is a call that has several transactions that write."""

    is_by_person: bool = False
    """Whether only somebody who signed in may call it, and no program."""


def call(name: str, on: str, address: str, body: Any = None, *, is_by_person: bool = False) -> Operation:
    """Return a call of the API; `on` are objects, separated by commas."""
    method, _, path = address.partition(" ")
    return Operation(name, frozenset(on.split(", ")), method, path, body, is_by_person=is_by_person)


def use_case(name: str, on: str, work: Work) -> Operation:
    """Return a use case that has no address."""
    return Operation(name, frozenset(on.split(", ")), work=work)


def task(name: str, on: str, work: Task) -> Operation:
    """Return what the worker does in transactions of its own."""
    return Operation(name, frozenset(on.split(", ")), task=work)
