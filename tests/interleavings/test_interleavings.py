"""Every two write operations on one object, in every order of their statements, on two connections.

Whatever the order, each is done or clearly refused, the books balance, and what is stored is what one of the two would
have left had they come one after the other.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from jiedan import wiring
from jiedan.base.web import document
from tests import enumerations
from tests.interleavings import operations
from tests.interleavings.operation import Operation
from tests.interleavings.operations import BY_THE_WORKER, LEFT_OUT, OF_THE_WORKER_LEFT_OUT, OPERATIONS, Pair
from tests.interleavings.playing import Played, Theater
from tests.interleavings.schedules import Branch, Tree

SLICES = 64
SHARES = 8
"""Parts that workers take one by one."""


def with_parameter(document_: Any, name: str) -> Iterator[str]:
    for path, item in document_["paths"].items():
        for method, told in item.items():
            if any(parameter.get("name") == name for parameter in told.get("parameters", [])):
                yield f"{method.upper()} {path.removeprefix('/api/v1')}"


async def all_pairs(theater: Theater) -> list[Pair]:
    made = (await theater.clients[0].get(document.DOCUMENT_PATH)).json()
    ours = {f"{each.method} {each.path}": address_in(made, each) for each in OPERATIONS}
    keyed, seen = (set(with_parameter(made, name)) for name in ("Idempotency-Key", "If-Match"))
    has_etag = {name for name, etag in theater.etags.items() if etag}
    return list(
        operations.pairs(
            OPERATIONS,
            keyed=frozenset(mine for mine, address in ours.items() if address in keyed),
            versioned=frozenset(mine for mine, address in ours.items() if address in seen and mine in has_etag),
        )
    )


AS_TRUE = {
    "403 permission_missing": {"200 ", "409 stale_version", "409 last_owner"},  # it had the permission when it began
    "422 unknown_location": {"422 cannot_hold_stock"},  # it was known when its code was looked up
}
"""What may be answered when two overlap, by what is answered when they follow one another."""


def address_in(document_: Any, operation: Operation) -> str:
    """Return the address of an operation as the API's document writes it: the one with the fewest parameters."""
    found = [
        path.removeprefix("/api/v1")
        for path, item in document_["paths"].items()
        if operation.method.lower() in item
        and re.fullmatch(re.sub(r"\{[^{}]+\}", "[^/]+", path), f"/api/v1{operation.path.partition('?')[0]}")
    ]
    return f"{operation.method} {min(found, key=lambda path: path.count('{'))}" if found else operation.name


async def play_all(theater: Theater, pair: Pair) -> tuple[int, list[str]]:
    """Play every schedule of a pair; return how many there are, and what is wrong with some."""
    theater.forget()
    backwards = await theater.play(pair, Tree(), Branch((1,)))
    tree, expected, count, wrong = Tree(), [backwards], 1, []
    while (branch := tree.next()) is not None:
        played = await theater.play(pair, tree, branch)
        if played is None:
            continue
        count += 1
        if len(expected) == 1:
            expected.append(played)
        wrong += [f"{pair.name} {played.run.turns}: {text}" for text in complaints(played, expected, theater.known)]
    return count, wrong


def complaints(played: Played, expected: list[Any], known: dict[str, int]) -> Iterator[str]:
    """Yield what is wrong with a schedule."""
    if found := {check: n for check, n in played.findings.items() if n > known.get(check, 0)}:
        yield f"{played.answers}: the books say {found}"
    if any(answer.startswith("5") for answer in played.answers):
        yield f"answered {played.answers}"
    if played.run.deadlocks:
        yield f"a deadlock at {played.run.blocked}"
    if not any(is_same(played, serial) for serial in expected):
        others = " or ".join(difference(played, serial) for serial in expected)
        yield f"not as one after the other: {others}"


def is_same(played: Played, serial: Played) -> bool:
    """Tell whether the same was left and everybody was told the same, or what is as true of it."""
    told = zip(played.answers, serial.answers, strict=True)
    return played.stored == serial.stored and all(a == b or a in AS_TRUE.get(b, ()) for a, b in told)


def difference(played: Played, serial: Played) -> str:
    answers = "" if played.answers == serial.answers else f"{played.answers} instead of {serial.answers} "
    more, less = played.stored - serial.stored, serial.stored - played.stored
    return f"{answers}\n   + {list(more)}\n   - {list(less)}"


@pytest.mark.proof
@pytest.mark.parametrize("share", range(SHARES))
async def test_every_order_of_statements_ends_well(theater: Theater, share: int) -> None:
    pairs = (await all_pairs(theater))[share::SHARES]
    wrong: list[str] = []
    name = f"interleavings: pairs, {share + 1} of {SHARES}"
    for pair in enumerations.cases(name, pairs, slices=SLICES):
        _, found = await play_all(theater, pair)
        wrong += found
    assert not wrong, "\n".join(wrong)


async def test_every_write_operation_has_its_pairs(theater: Theater) -> None:
    made = (await theater.clients[0].get(document.DOCUMENT_PATH)).json()
    there = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, item in made["paths"].items()
        for method in item
        if method != "get"
    }
    ours = {address_in(made, operation) for operation in OPERATIONS if operation.method}
    assert ours | set(LEFT_OUT) == there
    assert not ours & set(LEFT_OUT)


def test_all_that_the_worker_does_has_its_pairs() -> None:
    handlers = {handler.name for several in wiring.SUBSCRIPTIONS.values() for handler in several}
    there = handlers | {each.name for each in wiring.PERIODIC} | {each.name for each in wiring.TASKS}
    assert BY_THE_WORKER.keys() | OF_THE_WORKER_LEFT_OUT.keys() == there
    assert set(BY_THE_WORKER.values()) <= {operation.name for operation in OPERATIONS}
