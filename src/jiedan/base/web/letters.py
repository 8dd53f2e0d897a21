"""REST of dead letters: what handlers gave up on, let them try again, or give it up for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import dead_letters, i18n, paging
from jiedan.base.dead_letters import LETTERS_PER_SET_MAX, Letter
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies, problems, routing
from jiedan.base.web.unit import Unit

RETRY = "events:retry"

_EXAMPLE = {"handler": "orders.write_terms", "event_id": "0193a000-0000-7000-8000-000000000001"}


class DeadLetterView(msgspec.Struct, frozen=True):
    """An event that a handler gave up on."""

    handler: str
    event_id: UUID
    kind: str
    subject_id: UUID
    occurred_at: datetime
    attempts: int
    reason: str
    dead_at: datetime


class LetterBody(bodies.Body):
    """Which handler and which event, as listed."""

    __example__: ClassVar[dict[str, Any]] = _EXAMPLE

    handler: bodies.Code
    event_id: UUID


Letters = Annotated[list[LetterBody], msgspec.Meta(min_length=1, max_length=LETTERS_PER_SET_MAX)]


class RequeueBody(bodies.Body):
    """What is to be tried again."""

    __example__: ClassVar[dict[str, Any]] = {"letters": [_EXAMPLE]}

    letters: Letters


class DiscardBody(bodies.Body):
    """What is given up, and why."""

    __example__: ClassVar[dict[str, Any]] = {"letters": [_EXAMPLE], "reason": "The order was a test."}

    letters: Letters
    reason: bodies.Text


class LetterOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one dead letter of a set."""

    handler: str
    event_id: UUID
    done: bool
    error: problems.Reason | None = None


@get("/dead-letters", permission="events:read", summary="List events that handlers gave up on")
async def list_dead_letters(
    unit: Unit, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[DeadLetterView]]:
    """Return events that a handler could not digest however often it tried, by handler."""
    request = unit.page(dead_letters.LIST_NAME, filters={}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await dead_letters.dead_letters(tx, request=request)
    return answers.listing(unit, page.each(lambda x: DeadLetterView(*x)))


@post("/dead-letters/requeue", permission=RETRY, status_code=200, summary="Try events again")
async def requeue_dead_letters(unit: Unit, data: RequeueBody) -> list[LetterOutcome]:
    """Let handlers try events again from the start: one outcome each, in order."""
    letters = _letters(data.letters)
    outcomes = await unit.write(lambda tx: dead_letters.requeue(tx, letters=letters))
    return _told(unit, letters, outcomes)


@post("/dead-letters/discard", permission=RETRY, status_code=200, summary="Give events up")
async def discard_dead_letters(unit: Unit, data: DiscardBody) -> list[LetterOutcome]:
    """Take events off their handlers' lists for good, with a reason: one outcome each, in order."""
    letters = _letters(data.letters)
    outcomes = await unit.write(lambda tx: dead_letters.discard(tx, letters=letters, reason=data.reason))
    return _told(unit, letters, outcomes)


def _letters(given: Sequence[LetterBody]) -> list[Letter]:
    return [Letter(x.handler, x.event_id) for x in given]


def _told(unit: Unit, letters: Sequence[Letter], outcomes: Sequence[Letter | Refusal]) -> list[LetterOutcome]:
    return [
        LetterOutcome(*letter, done=False, error=_reason(outcome, f"letters[{i}]", unit.locale))
        if isinstance(outcome, Refusal)
        else LetterOutcome(*letter, done=True)
        for i, (letter, outcome) in enumerate(zip(letters, outcomes, strict=True))
    ]


def _reason(refusal: Refusal, place: str, locale: str) -> problems.Reason:
    return problems.Reason(refusal.code, i18n.say(locale, refusal), place, dict(refusal.data()) or None)


ROUTER = routing.api("Events", [list_dead_letters, requeue_dead_letters, discard_dead_letters])
