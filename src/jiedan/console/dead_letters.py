"""Events that a handler gave up on: why, let them be tried again, or give them up for good."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import dead_letters, i18n
from jiedan.base.dead_letters import Letter
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console import audit_words, words

ROWS = 50
LIST_NAME = "console-dead-letters"


class LettersForm(forms.Form):
    """What is chosen, each as `handler/event`, and what is done with it; giving up needs a reason."""

    act: bodies.Code
    letters: list[bodies.Name] = msgspec.field(default_factory=list)
    reason: str = ""


@get("/dead-letters", permission="events:read")
async def letters_page(unit: Unit) -> Response[str]:
    """Show what handlers gave up on."""
    return await _page(unit, None)


@post("/dead-letters", permission="events:retry")
async def decide(unit: Unit) -> Response[str]:
    """Let events be tried again, or give them up."""
    form = await forms.read(unit, LettersForm)
    sent = form.value
    if sent is None:
        return await _page(unit, form)
    letters = [letter for text in sent.letters if (letter := _letter(text)) is not None]
    if not letters:
        form.above.append(i18n.gettext(unit.locale, N_("Choose what this is about first.")))
        form.status = 422
        return await _page(unit, form)
    try:
        if sent.act == "discard":
            outcomes = await unit.write(lambda tx: dead_letters.discard(tx, letters=letters, reason=sent.reason))
        else:
            outcomes = await unit.write(lambda tx: dead_letters.requeue(tx, letters=letters))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, form)
    done = sum(not isinstance(outcome, Refusal) for outcome in outcomes)
    said = N_("{count} given up.") if sent.act == "discard" else N_("{count} are tried again now.")
    return pages.redirect(unit, "/dead-letters", flash=said, count=done)


def _letter(text: str) -> Letter | None:
    handler, _, event_id = text.rpartition("/")
    try:
        return Letter(handler, UUID(event_id))
    except ValueError:
        return None


async def _page(unit: Unit, form: "Filled[LettersForm] | None") -> Response[str]:
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page(LIST_NAME, filters={}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await dead_letters.dead_letters(tx, request=request)
        count = await dead_letters.count(tx)
    happenings = {**audit_words.HAPPENINGS, **words.HAPPENINGS}
    return pages.render(unit, "console/dead_letters.html", form=form, page=page, count=count, happenings=happenings)


HANDLERS: tuple[Any, ...] = (letters_page, decide)
