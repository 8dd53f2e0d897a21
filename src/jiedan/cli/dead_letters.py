"""`jiedan dead-letters list | requeue | discard`."""

import functools
import secrets
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import cyclopts

from jiedan.base import dead_letters, paging
from jiedan.base.db import Scope, Tx
from jiedan.base.dead_letters import DeadLetter, Letter
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.runtime import Runtime
from jiedan.cli import merchant, output, runtime

Work = Callable[[Tx, Sequence[Letter]], Awaitable[list[Letter | Refusal]]]

app = cyclopts.App(name="dead-letters", help=N_("See what handlers of events gave up on, and let them try again."))

_REQUEUED = N_("To be tried again: {count}.")
_DISCARDED = N_("Given up for good: {count}.")
_HEADINGS = {
    "handler": N_("Handler"),
    "event_id": N_("Event"),
    "kind": N_("Kind"),
    "subject_id": N_("About"),
    "dead_at": N_("Given up"),
    "attempts": N_("Attempts"),
    "reason": N_("Reason"),
}


@app.command(name="list")
async def list_(slug: str) -> None:
    """List events that a handler could not digest however often it tried.

    Parameters
    ----------
    slug
        The merchant.

    """
    async with runtime.running() as jiedan:
        found = await _all(jiedan, await merchant.scope_of(jiedan.database, slug))
    output.table([{key: getattr(letter, key) for key in _HEADINGS} for letter in found], _HEADINGS)


@app.command
async def requeue(slug: str, handler: str | None = None, event_id: UUID | None = None) -> None:
    """Let handlers try again what they gave up on: all of it, that of one handler, or one event of it.

    Parameters
    ----------
    slug
        The merchant.
    handler
        The handler, as listed; without it all of them.
    event_id
        The event, as listed; without it all of the handler's.

    """
    await _each(slug, handler, event_id, _REQUEUED, lambda tx, letters: dead_letters.requeue(tx, letters=letters))


@app.command
async def discard(slug: str, handler: str, event_id: UUID, *, reason: str) -> None:
    """Give one event up for its handler, for good.

    Parameters
    ----------
    slug
        The merchant.
    handler
        The handler, as listed.
    event_id
        The event, as listed.
    reason
        Why nobody needs it.

    """
    await _each(
        slug,
        handler,
        event_id,
        _DISCARDED,
        lambda tx, letters: dead_letters.discard(tx, letters=letters, reason=reason),
    )


async def _each(
    slug: str,
    handler: str | None,
    event_id: UUID | None,
    told: str,
    work: Work,
) -> None:
    """Do `work` set by set for the letters chosen; one that is named and not there is refused."""
    async with runtime.running() as jiedan:
        scope = await merchant.scope_of(jiedan.database, slug)
        found = [letter.letter for letter in await _all(jiedan, scope)]
        chosen = [x for x in found if handler in {None, x.handler} and event_id in {None, x.event_id}]
        if not chosen and handler is not None and event_id is not None:
            raise dead_letters.DeadLetterNotFound(handler, str(event_id))
        done = 0
        for start in range(0, len(chosen), dead_letters.LETTERS_PER_SET_MAX):
            letters = chosen[start : start + dead_letters.LETTERS_PER_SET_MAX]
            outcomes = await jiedan.database.write(scope, functools.partial(_worked, letters=letters, work=work))
            done += sum(isinstance(outcome, Letter) for outcome in outcomes)
    output.result({"count": done}, told, count=done)


async def _worked(tx: Tx, *, letters: Sequence[Letter], work: Work) -> list[Letter | Refusal]:
    return await work(tx, letters)


async def _all(jiedan: Runtime, scope: Scope) -> list[DeadLetter]:
    cursors = paging.Cursors(secrets.token_hex())
    found: list[DeadLetter] = []
    cursor: str | None = None
    while True:
        request = paging.Request.of(
            cursors,
            tenant=scope.tenant,
            name=dead_letters.LIST_NAME,
            filters={},
            limit=paging.LIMIT_MAX,
            cursor=cursor,
        )
        async with jiedan.database.read(scope) as tx:
            page = await dead_letters.dead_letters(tx, request=request)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found
