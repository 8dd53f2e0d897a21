from collections.abc import Sequence
from uuid import UUID

import pytest

from jiedan.base import errors, idempotency, once
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal

OPERATION = "test.do"
Wish = tuple[str | None, int]


class Doing:
    """Take numbers and say them with the id each was given; negative ones are refused."""

    def __init__(self) -> None:
        self.sets: list[list[int]] = []

    async def with_ids(self, fresh: Sequence[tuple[int, UUID]]) -> list[tuple[int, UUID] | Refusal]:
        self.sets.append([number for number, _ in fresh])
        return [errors.Invalid(field="number") if number < 0 else (number, made) for number, made in fresh]

    async def without(self, fresh: Sequence[int]) -> list[int | Refusal]:
        self.sets.append(list(fresh))
        return [errors.Invalid(field="number") if number < 0 else number for number in fresh]


async def each(tx: Tx, doing: Doing, *wishes: Wish) -> list[tuple[int, UUID] | Refusal]:
    return await once.each(
        tx, operation=OPERATION, wishes=wishes, work=doing.with_ids, again=lambda number, made: (number, made)
    )


async def test_each_wish_is_done_once_and_leads_to_the_same(db: Database, scope: Scope) -> None:
    doing = Doing()
    async with db.begin(scope) as tx:
        first = await each(tx, doing, ("a", 1), (None, 2), ("a", 1), ("b", 3))
    async with db.begin(scope) as tx:
        again = await each(tx, doing, ("b", 3), ("c", 4), ("a", 1))
    assert doing.sets == [[1, 2, 3], [4]]
    assert first[0] == first[2] == again[2]
    assert again[0] == first[3]


async def test_what_is_refused_is_refused_alike_and_frees_its_key(db: Database, scope: Scope) -> None:
    doing = Doing()
    async with db.begin(scope) as tx:
        refused = await each(tx, doing, ("a", -1), ("a", -1), ("a", 2), ("b", 2))
    assert [type(outcome) for outcome in refused] == [errors.Invalid, errors.Invalid, idempotency.KeyReused, tuple]
    async with db.begin(scope) as tx:
        (done,) = await each(tx, doing, ("a", 5))
    assert isinstance(done, tuple)
    assert done[0] == 5


async def test_nothing_is_asked_for_when_all_is_done(db: Database, scope: Scope) -> None:
    doing = Doing()
    for _ in range(2):
        async with db.begin(scope) as tx:
            assert await once.done_each(tx, operation=OPERATION, wishes=[("a", 1)], work=doing.without) == [None]
    assert doing.sets == [[1]]


async def test_one_wish_is_done_once_or_refused(db: Database, scope: Scope) -> None:
    doing = Doing()
    for _ in range(2):
        async with db.begin(scope) as tx:
            await once.done(tx, operation=OPERATION, key="a", wish=1, work=doing.without)
    assert doing.sets == [[1]]
    with pytest.raises(idempotency.KeyReused) as reused:
        async with db.begin(scope) as tx:
            await once.done(tx, operation=OPERATION, key="a", wish=2, work=doing.without)
    assert reused.value.field == once.HEADER
    with pytest.raises(errors.Invalid):
        async with db.begin(scope) as tx:
            await once.done(tx, operation=OPERATION, key="b", wish=-1, work=doing.without)


async def test_a_key_whose_thing_is_gone_meanwhile_says_so(db: Database, scope: Scope) -> None:
    doing = Doing()
    wishes: list[Wish] = [("a", 1), ("b", 2)]
    async with db.begin(scope) as tx:
        first, _ = await each(tx, doing, *wishes)
    assert isinstance(first, tuple)
    kept = first[1]

    async def read(_: Tx, subject_ids: Sequence[UUID]) -> dict[UUID, tuple[int, UUID]]:
        return {subject_id: (1, subject_id) for subject_id in subject_ids if subject_id == kept}

    async with db.begin(scope) as tx:
        found = await once.subjects(tx, operation=OPERATION, wishes=wishes)
        again = await once.settle(tx, operation=OPERATION, subjects=found, made={}, read=read)
    assert again[0] == (1, kept)
    assert isinstance(again[1], idempotency.MadeBeforeIsGone)
    assert (again[1].key, doing.sets) == ("b", [[1, 2]])
