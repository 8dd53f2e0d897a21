"""What the editors of rules share: how the merchant writes, rows of tables, what speaks against publishing a rule."""

import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.web import bodies, forms
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.pages import Undo
from jiedan.base.web.unit import Unit
from jiedan.console import endings
from jiedan.console.prices.typed import Typing
from jiedan.pricing import service
from jiedan.pricing.values.drafts import DraftRule, RuleId, RuleKey
from jiedan.pricing.values.promotions import CHOICES_MAX

EXAMPLES = "examples"
"""Where what is wrong with examples that are kept is shown."""

_EXAMPLE = re.compile(r"examples\[([0-9]+)\]")


class RemovalForm(Form):
    """What is removed, at the version that was looked at."""

    version: bodies.Version


class Failures(NamedTuple):
    """What speaks against publishing a rule: by example, None for one that is right, and besides."""

    examples: list[str | None]
    others: tuple[str, ...]


def how_of(unit: Unit) -> Typing:
    """Return how the merchant writes amounts and moments."""
    return Typing(unit.principal.currency, unit.principal.time_zone)


@functools.cache
def row_count(form: Filled[Any], more: int, *columns: str) -> int:
    """Return how many rows a table of inputs shows: those that are filled in, and one or more to go on with."""
    filled = max(
        (place + 1 for name in columns for place, text in enumerate(form.raw.get(name, ())) if text), default=0
    )
    return min(filled + max(more, 1), CHOICES_MAX)


async def failures_of(tx: ReadTx, unit: Unit, key: RuleKey, examples: int) -> Failures:
    """Return what speaks against publishing one rule of the draft, as it is stored."""
    found: list[str | None] = [None] * examples
    others = []
    for problem in await service.problems(tx):
        if not _is_about(problem, key):
            continue
        told = i18n.say(unit.locale, problem)
        match = _EXAMPLE.search(problem.field or "")
        if match is None or int(match[1]) >= examples:
            others.append(told)
        else:
            found[int(match[1])] = found[int(match[1])] or told
    return Failures(found, tuple(others))


def _is_about(problem: Refusal, key: RuleKey) -> bool:
    rest = (problem.field or "").removeprefix(f"{key.kind}:{key.code}")
    return rest != (problem.field or "") and rest[:1] in {"", "."}


async def remove(unit: Unit, rule_id: RuleId) -> tuple[Filled[RemovalForm], Undo | None]:
    """Take a rule out of the draft at the version that was looked at.

    Return the form, with why not if refused, and the way back.
    """
    form = await forms.read(unit, RemovalForm)
    sent = form.value
    if sent is None:
        return form, None
    removal_id = await endings.tried(
        form,
        lambda: unit.write(lambda tx: service.remove_rule(tx, rule_id=rule_id, expected_version=sent.version)),
    )
    return form, way_back(removal_id)


def way_back(removal_id: UUID | None) -> Undo | None:
    """Return the form that takes removed rules back, where they were kept."""
    return None if removal_id is None else Undo(f"/prices/removals/{removal_id}/restoration", {})


async def save(
    unit: Unit,
    form: Filled[Any],
    work: Callable[[Tx], Awaitable[DraftRule]],
    place_of: Callable[[str], str],
) -> DraftRule | None:
    """Save a rule of the draft; None where it is refused, each reason at its input, those of examples at theirs."""
    return await endings.tried(form, lambda: unit.write(work), lambda refusal: refuse(form, refusal, place_of))


def refuse(form: Filled[Any], refusal: Refusal, place_of: Callable[[str], str]) -> None:
    """Show each reason of a refusal at its input; one that is not drawn yet is there from now on."""
    for reason in reasons_of(refusal):
        field = reason.field or ""
        reason.field = EXAMPLES if ".examples[" in field else place_of(field) or None
        if reason.field:
            form.raw = {reason.field: [""], **form.raw}
        form.refuse(reason)
