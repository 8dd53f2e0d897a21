"""The timeline of an order, ready to be shown: by day, details of Jiedan's own work folded, edits with what differs."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.orders import events, queries
from jiedan.orders.queries import Happening, Who

ROWS = 60
LIST_NAME = "order-timeline"
FILTERS: Mapping[str, Who | None] = {"all": None, "people": "people", "system": "system"}
FOLDED_MIN = 2
"""Details that follow each other and are shown as one line."""


class Change(NamedTuple):
    """What an edit changed: `label` a message id, the texts before and after; an empty one was or is nothing."""

    label: str
    before: str
    after: str


class Told(NamedTuple):
    """One entry, by whom it was, what it changed, and whether the reader has not seen it yet."""

    entry: Happening
    by: str
    is_mine: bool
    changes: tuple[Change, ...]
    is_new: bool


class Row(NamedTuple):
    """An entry, or several details that are folded into one line."""

    told: tuple[Told, ...]

    @property
    def is_folded(self) -> bool:
        """Tell whether these are details."""
        return len(self.told) >= FOLDED_MIN


class Day(NamedTuple):
    """The rows of one day of the merchant, newest first."""

    on: date
    rows: list[Row]


class Timeline(NamedTuple):
    """A page of what happened; `newest` is the last event the reader has seen with it, where that is known."""

    days: list[Day]
    chosen: str
    older: str | None
    newer: str | None
    newest: UUID | None


async def timeline(tx: ReadTx, unit: Unit, subjects: Sequence[UUID]) -> Timeline:
    """Read the page of the timeline that the address asks for. Two statements. Raises BadCursor."""
    given = unit.request.query_params
    chosen = given.get("show") or "all"
    chosen = chosen if chosen in FILTERS else "all"
    cursor = given.get("before") or None
    request = unit.page(LIST_NAME, filters={"order": subjects[0], "show": chosen}, limit=ROWS, cursor=cursor)
    page = await queries.timeline(tx, subjects, request=request, who=FILTERS[chosen])
    names = await tx.load_one(accounts.actor_names({entry.actor for entry in page.items}))
    since = event_id(given.get("since"))
    told = [_told(unit, entry, names, since) for entry in page.items]
    is_newest = chosen == "all" and cursor is None
    newest = max((entry.event_id for entry in page.items), default=None) if is_newest else None
    return Timeline(_days(told, ZoneInfo(unit.principal.time_zone)), chosen, page.next, page.previous, newest)


def name_of(unit: Unit, actor: Actor, names: Mapping[Actor, str]) -> str:
    """Return how somebody is called."""
    known = {"system": words.SYSTEM, "guest": words.GUEST, "customer": words.CUSTOMER}.get(actor.kind)
    return names.get(actor, actor.id) if known is None else i18n.gettext(unit.locale, known)


def event_id(text: str | None) -> UUID | None:
    """Return the id that a text is, None for what is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _told(unit: Unit, entry: Happening, names: Mapping[Actor, str], since: UUID | None) -> Told:
    return Told(
        entry,
        name_of(unit, entry.actor, names),
        entry.actor == unit.principal.actor,
        changes_of(entry),
        since is not None and entry.event_id > since,
    )


def _days(told: Iterable[Told], zone: ZoneInfo) -> list[Day]:
    by_day = itertools.groupby(told, lambda x: x.entry.occurred_at.astimezone(zone).date())
    return [Day(on, list(rows(of))) for on, of in by_day]


def rows(told: Iterable[Told]) -> Iterable[Row]:
    """Return what is told, with details that follow each other folded into one row."""
    for is_detail, of in itertools.groupby(told, _is_detail):
        run = tuple(of)
        if is_detail and len(run) >= FOLDED_MIN:
            yield Row(run)
        else:
            yield from (Row((one,)) for one in run)


def _is_detail(told: Told) -> bool:
    """Tell whether this is work of Jiedan or another program that nobody has to see at first sight."""
    is_person = told.entry.actor.kind in queries.PEOPLE
    return not is_person and not told.is_new and told.entry.kind not in words.NOTEWORTHY


def changes_of(entry: Happening) -> tuple[Change, ...]:
    """Return what an edit changed, part by part; the notes that it added have nothing before."""
    if entry.kind != events.OrderEdited.kind or not entry.private:
        return ()
    return tuple(change for field, (before, after) in entry.private.items() for change in _parts(field, before, after))


def _parts(field: str, before: object, after: object) -> Iterable[Change]:
    label = words.FIELDS.get(field, field)
    if field == "notes":
        yield from (Change(label, "", note.get("text", "")) for note in cast("list[dict[str, str]]", after))
    elif isinstance(before, dict) and isinstance(after, dict):
        for name in words.ADDRESS_PARTS:
            was, became = _text(before.get(name)), _text(after.get(name))
            if was != became:
                yield Change(words.ADDRESS_PARTS[name], was, became)
    else:
        yield Change(label, _text(before), _text(after))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(str(value[name]) for name in words.ADDRESS_PARTS if value.get(name))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
