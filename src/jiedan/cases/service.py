"""Use cases of cases: open, assign, resolve; sets, each in a constant number of statements."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.db import Tx
from jiedan.cases import errors, events, queries
from jiedan.cases.values import CaseId, NewCase


class Resolution(NamedTuple):
    """How a case was settled, in a person's words."""

    case_id: UUID
    words: str


async def open_cases(tx: Tx, *, cases: Sequence[NewCase]) -> list[CaseId]:
    """Open the cases that are not open yet; return the id of each, the standing one where there is one."""
    if not cases:
        return []
    unique = {(c.kind, c.subject_kind, c.subject_id): c for c in cases}
    keys = sorted(unique)
    ids = tx.new_ids(len(keys))
    key_columns = {
        "kinds": [kind for kind, _, _ in keys],
        "subject_kinds": [subject_kind for _, subject_kind, _ in keys],
        "subject_ids": [subject_id for _, _, subject_id in keys],
    }
    inserted = await tx.sql(
        queries.SQL["open_cases"],
        case_ids=ids,
        data=[msgspec.json.encode(unique[key].data).decode() for key in keys],
        at=tx.now,
        **key_columns,
    )
    fresh = {row[0] for row in inserted}
    by_key = {(row[0], row[1], row[2]): row[3] for row in await tx.sql(queries.SQL["open_cases_of"], **key_columns)}
    tx.emit(
        *(
            events.CaseOpened(case_id=case_id, case_kind=kind, about_kind=about_kind, about_id=about_id)
            for (kind, about_kind, about_id), case_id in by_key.items()
            if case_id in fresh
        )
    )
    return [CaseId(by_key[c.kind, c.subject_kind, c.subject_id]) for c in cases]


async def resolve_cases(
    tx: Tx, *, resolutions: Sequence[Resolution]
) -> list[CaseId | errors.CaseNotFound | errors.CaseAlreadyResolved]:
    """Settle cases; one outcome per resolution, same order."""
    rows = await tx.sql(queries.SQL["cases_for_update"], case_ids=sorted({r.case_id for r in resolutions}))
    found = {row[0]: row for row in rows}
    outcomes: list[CaseId | errors.CaseNotFound | errors.CaseAlreadyResolved] = []
    settled: dict[UUID, str] = {}
    for resolution in resolutions:
        row = found.get(resolution.case_id)
        if row is None:
            outcomes.append(errors.CaseNotFound(resolution.case_id))
        elif row[4] == "resolved" or resolution.case_id in settled:
            outcomes.append(errors.CaseAlreadyResolved(resolution.case_id))
        else:
            settled[resolution.case_id] = resolution.words
            outcomes.append(CaseId(resolution.case_id))
    if settled:
        await tx.sql(
            queries.SQL["resolve_cases"],
            case_ids=list(settled),
            resolutions=list(settled.values()),
            at=tx.now,
            actor=tx.actor.id,
        )
    for case_id, words in settled.items():
        _, kind, about_kind, about_id, *_ = found[case_id]
        tx.emit(
            events.CaseResolved(case_id=case_id, case_kind=kind, about_kind=about_kind, about_id=about_id),
            private={"resolution": words},
        )
    return outcomes


async def settle_about(tx: Tx, *, kind: str, subject_kind: str, subject_ids: Sequence[UUID], words: str) -> None:
    """Resolve the open cases of one kind about the given subjects, because what they asked for has happened."""
    rows = await tx.sql(
        queries.SQL["open_cases_of"],
        kinds=[kind] * len(subject_ids),
        subject_kinds=[subject_kind] * len(subject_ids),
        subject_ids=list(subject_ids),
    )
    await resolve_cases(tx, resolutions=[Resolution(row[3], words) for row in rows])


async def assign_cases(
    tx: Tx, *, case_ids: Sequence[UUID], assignee: str | None
) -> list[CaseId | errors.CaseNotFound | errors.CaseAlreadyResolved]:
    """Give open cases to a member of staff, or to nobody; one outcome per case, same order."""
    rows = await tx.sql(queries.SQL["cases_for_update"], case_ids=sorted(set(case_ids)))
    is_open = {row[0]: row[4] == "open" for row in rows}
    open_ids = sorted(row[0] for row in rows if row[4] == "open")
    await tx.sql(queries.SQL["assign_cases"], case_ids=open_ids, assignee=assignee)
    for case_id in open_ids:
        event = events.CaseAssigned(case_id=case_id, is_assigned=assignee is not None)
        tx.emit(event, private={"assignee": assignee} if assignee is not None else None)
    return [_assigned(case_id, is_open=is_open.get(case_id)) for case_id in case_ids]


def _assigned(case_id: UUID, *, is_open: bool | None) -> CaseId | errors.CaseNotFound | errors.CaseAlreadyResolved:
    if is_open is None:
        return errors.CaseNotFound(case_id)
    return CaseId(case_id) if is_open else errors.CaseAlreadyResolved(case_id)
