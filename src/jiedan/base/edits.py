"""Edits that meet: what was changed since the caller read it, as the events of edits tell. Pure.

An event of an edit carries its fields as `fields` (or `changed`) and the `version` that it led to.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base.errors import StaleVersion
from jiedan.base.events import Actor
from jiedan.base.i18n import N_, Phrase, Series, Word

WORDS: Mapping[str, str] = {
    "addresses": N_("addresses"),
    "brand": N_("brand"),
    "category": N_("category"),
    "description": N_("description"),
    "email": N_("e-mail"),
    "is_active": N_("state"),
    "kind": N_("kind"),
    "locale": N_("language"),
    "name": N_("name"),
    "notes": N_("notes"),
    "options": N_("options"),
    "parent_id": N_("place in the tree"),
    "permissions": N_("permissions"),
    "phone": N_("phone"),
    "position": N_("position"),
    "role": N_("role"),
    "status": N_("status"),
    "tags": N_("tags"),
    "tax_class": N_("tax class"),
    "tax_certificates": N_("scans of tax certificates"),
    "tax_exemptions": N_("tax exemptions"),
    "tax_number": N_("tax number"),
}
"""What fields are called in a sentence; those that are not here stand for themselves."""


class Edit(NamedTuple):
    """One edit of a thing: who made it, of which fields, and the event's data."""

    actor: Actor
    fields: tuple[str, ...]
    data: Mapping[str, Any]

    @classmethod
    def of(cls, actor: Actor, data: Mapping[str, Any]) -> "Edit":
        """Return the edit that an event with this actor and data tells of."""
        return cls(actor, tuple(data.get("fields") or data.get("changed") or ()), data)


class Edits(NamedTuple):
    """Edits of things, newest first, by the id of each thing asked for, and what their editors are called."""

    by_thing: Mapping[UUID, Sequence[Edit]] = MappingProxyType({})
    names: Mapping[Actor, str] = MappingProxyType({})


def since(edits: Iterable[Edit], version: int) -> list[Edit]:
    """Return the edits that made a thing newer than `version`."""
    return [edit for edit in edits if edit.data.get("version", 0) > version]


def stale(expected: int, current: int, edits: Sequence[Edit], names: Mapping[Actor, str]) -> StaleVersion:
    """Return the refusal of an edit of something older than it is now: who made `edits` and of what, by `names`."""
    editors = sorted({names[edit.actor] for edit in edits})
    fields = sorted({field for edit in edits for field in edit.fields})
    return StaleVersion(
        expected,
        current,
        Series(editors) if editors else Phrase("Somebody"),
        Series(Word(field, WORDS) for field in fields) if fields else Phrase("something"),
    )
