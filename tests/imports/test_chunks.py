"""Drafts of a chunk go to their module so many at a call, and every row is told what became of its draft."""

from collections.abc import Sequence

from jiedan.imports.targets import chunks
from jiedan.imports.values import Outcome, Row


def row(number: int) -> Row:
    return Row(number, {})


async def test_each_row_is_told_what_became_of_its_draft() -> None:
    calls: list[list[str]] = []

    async def save(some: Sequence[str]) -> list[str]:
        calls.append([*some])
        return [draft.upper() for draft in some]

    def outcome(done: str, draft: str) -> Outcome:
        assert done == draft.upper()
        return "created" if done == "A" else "updated"

    drafted = [([row(3), row(1)], "a"), ([row(2)], "b"), ([row(4)], "c")]
    told = await chunks.save_drafts(drafted, save=save, at_once_max=2, outcome=outcome)
    assert told == {1: "created", 3: "created", 2: "updated", 4: "updated"}
    assert calls == [["a", "b"], ["c"]]


async def test_without_drafts_nobody_is_asked() -> None:
    async def save(_: Sequence[str]) -> list[str]:
        raise AssertionError

    assert await chunks.save_drafts([], save=save, at_once_max=2, outcome=lambda _done, _draft: "updated") == {}
