"""What a call that was done already may be answered: the first answer again, or the refusal that is named for it."""

from typing import Any

import pytest

from tests.crashes import walking
from tests.crashes.nursery import Done

JSON = "application/json"
MADE = Done(
    status=201, content_type=JSON, location="/api/v1/orders/1", content=b'{"id": 1, "lines": [{"state": "done"}]}'
)
PENDING = b'{"id": 1, "lines": [{"state": "pending"}]}'


def fault(said: Done, *, was_done: bool = True, **facts: Any) -> str:
    """Return what is wrong with an answer to what was answered with `MADE` at first."""
    scenario = walking.Scenario("POST /api/v1/orders", None, **facts)  # type: ignore[arg-type]  # no stage is set
    nothing: Any = None
    walk = walking.Walk(nothing, scenario, nothing, nothing, MADE, (), (), frozenset())
    return walk._answer_fault(said, was_done=was_done)


def answer(content: bytes = MADE.content, status: int = 201, location: str = MADE.location) -> Done:
    return Done(status=status, content_type=JSON, location=location, content=content)


@pytest.mark.parametrize("again", [answer(), answer(status=200, location="")])
def test_the_first_answer_may_be_said_again(again: Done) -> None:
    assert fault(again) == ""


@pytest.mark.parametrize(
    "again",
    [
        answer(b'{"id": 2, "lines": [{"state": "done"}]}'),
        answer(b'{"id": 2, "lines": [{"state": "done"}]}', 200),
        answer(b"{}", 200),
        answer(PENDING, 200),
        answer(b'{"code": "order_gone"}', 409),
        answer(b"", 303),
    ],
)
def test_another_answer_may_not_whatever_its_status(again: Done) -> None:
    assert fault(again).startswith("answered ")
    assert fault(again, again=frozenset({"sent_before"})).startswith("answered ")


def test_a_refusal_is_taken_by_its_name_and_only_where_something_was_done() -> None:
    refused = answer(b'{"code": "order_gone"}', 409)
    assert fault(refused, again=frozenset({"order_gone"})) == ""
    assert fault(refused, again=frozenset({"order_gone"}), was_done=False)


def test_fields_may_differ_that_are_named_and_no_others() -> None:
    facts: dict[str, Any] = {"but_for": frozenset({"lines.state"}), "again": frozenset({'"state": "pending"'})}
    assert fault(answer(PENDING), **facts) == ""
    assert fault(answer(PENDING, 200), **facts) == ""
    assert fault(answer(PENDING.replace(b"pending", b"lost")), **facts)
    assert fault(answer(PENDING.replace(b"1", b"2")), **facts)
    assert fault(answer(PENDING, 409), **facts)
    assert fault(answer(b'{"state": "pending"}'), **facts)
