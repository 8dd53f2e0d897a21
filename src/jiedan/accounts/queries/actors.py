"""Reads of who acts: whether a credential is still good, what its holder may do, and who edited what."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from jiedan.accounts import rules, values
from jiedan.base import sql
from jiedan.base.db import Load, ReadTx
from jiedan.base.edits import Edit, Edits
from jiedan.base.events import Actor

SQL = sql.load("jiedan.accounts.queries", "actors.sql")

EDITS_PER_THING_MAX = 100
"""So many of the newest edits of a thing are looked at; who edited it before these is not told."""


def credentials_alive(credential_ids: Collection[UUID]) -> Load[frozenset[UUID]]:
    """Read which of these sessions and API keys are not revoked, and whose person is still active.

    Expiry is not looked at: it is known since the credential was parsed, and checked there.
    """
    return Load(SQL["credentials_alive"], {"credential_ids": sorted(credential_ids)}, _first_column)


def actor_names(actors: Collection[Actor]) -> Load[Mapping[Actor, str]]:
    """Read the names of staff and API keys, for timelines; an actor of another kind is called by its id."""
    ours = {actor: UUID(actor.id) for actor in actors if actor.kind in {"staff", "api_key"}}

    def parse(rows: list[tuple[Any, ...]]) -> Mapping[Actor, str]:
        names = {row[0]: row[1] for row in rows}
        return {actor: names.get(ours.get(actor), actor.id) for actor in actors}

    return Load(SQL["staff_names"], {"staff_ids": sorted(ours.values())}, parse)


def permissions_of(actor: Actor) -> Load[frozenset[str]]:
    """Read what a member of staff or an API key may do now: nothing who left, or was revoked."""
    found = {"holder_id": UUID(actor.id) if actor.kind in {"staff", "api_key"} else None}
    return Load(SQL["permissions_of"], found, _permissions)


def roles_of(actors: Collection[Actor]) -> Load[Mapping[Actor, str]]:
    """Read the codes of the roles of staff, and of who made API keys; whoever has none is absent."""
    ours = {UUID(actor.id): actor for actor in actors if actor.kind in {"staff", "api_key"}}
    return Load(SQL["roles_of"], {"holder_ids": sorted(ours)}, lambda rows: {ours[key]: code for key, code in rows})


def _permissions(rows: list[tuple[Any, ...]]) -> frozenset[str]:
    if not rows:
        return frozenset()
    role, permissions, scope = rows[0]
    maker = values.ALL_PERMISSIONS if role is None else rules.effective_permissions(role, permissions)
    return maker if scope is None else rules.key_permissions(scope, maker=maker)


async def edits(tx: ReadTx, *, subject_ids: Collection[UUID], kind: str) -> Edits:
    """Return who edited things, and of which fields, as events of `kind` tell. Two statements.

    `EDITS_PER_THING_MAX` of each are looked at.
    """
    found: dict[UUID, list[Edit]] = {subject_id: [] for subject_id in subject_ids}
    rows = await tx.sql(SQL["edits"], subject_ids=sorted(found), kind=kind, edits_max=EDITS_PER_THING_MAX)
    for subject_id, actor_kind, actor_id, data in rows:
        found[subject_id].append(Edit.of(Actor(actor_kind, actor_id), data))
    names = await tx.load_one(actor_names({edit.actor for some in found.values() for edit in some}))
    return Edits(found, names)


def _first_column(rows: list[tuple[Any, ...]]) -> frozenset[UUID]:
    return frozenset(row[0] for row in rows)
