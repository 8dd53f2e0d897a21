"""Use cases of cases: open, assign, note, resolve; sets, each in a constant number of statements."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.accounts import service as staff
from jiedan.base import cards, erasing, once
from jiedan.base.db import LockRank, Tx
from jiedan.base.errors import Overtaken, Refusal, StaleVersion, accepted
from jiedan.cases import errors, events, queries
from jiedan.cases.queries import Locked
from jiedan.cases.values import (
    NOTE_CHARACTERS_MAX,
    RESOLUTION_CHARACTERS_MAX,
    Assignment,
    CaseId,
    NewCase,
    NewNote,
    NoteId,
    Resolution,
    Successor,
)


async def open_cases(tx: Tx, *, cases: Sequence[NewCase]) -> list[CaseId]:
    """Open the cases that are not open yet; return the id of each, the standing one where there is one.

    Whoever opens the same case meanwhile is waited for, as for a lock.
    """
    if not cases:
        return []
    tx.will_lock(LockRank.CASE)
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
    if len(by_key) < len(keys):  # one that stood in the way was resolved between the two statements
        raise Overtaken
    tx.emit(
        *(
            events.CaseOpened(case_id=case_id, case_kind=kind, about_kind=about_kind, about_id=about_id)
            for (kind, about_kind, about_id), case_id in by_key.items()
            if case_id in fresh
        )
    )
    return [CaseId(by_key[c.kind, c.subject_kind, c.subject_id]) for c in cases]


async def resolve_cases(tx: Tx, *, resolutions: Sequence[Resolution]) -> list[CaseId | Refusal]:
    """Settle cases; one outcome per resolution, same order."""
    outcomes, _ = await _resolve(tx, resolutions)
    return outcomes


async def _resolve(tx: Tx, resolutions: Sequence[Resolution]) -> tuple[list[CaseId | Refusal], dict[UUID, Locked]]:
    """Return what `resolve_cases` does, and the cases as they were."""
    found = await queries.cases_for_update(tx, [r.case_id for r in resolutions])
    outcomes: list[CaseId | Refusal] = []
    settled: dict[UUID, str] = {}
    for resolution in resolutions:
        case_id = resolution.case_id
        refusal = _refusal(found.get(case_id), case_id, resolution.version)
        if refusal is None and case_id in settled:
            refusal = errors.CaseAlreadyResolved(case_id)
        if refusal is None and not 0 < len(resolution.words.strip()) <= RESOLUTION_CHARACTERS_MAX:
            refusal = errors.TextMissing(RESOLUTION_CHARACTERS_MAX, field="resolution")
        if refusal is None:
            settled[case_id] = cards.masked(resolution.words)
        outcomes.append(refusal or CaseId(case_id))
    if settled:
        await tx.sql_count(
            queries.SQL["resolve_cases"],
            case_ids=list(settled),
            resolutions=list(settled.values()),
            at=tx.now,
            actor=tx.actor.id,
        )
    for case_id, words in settled.items():
        of = found[case_id]
        tx.emit(
            events.CaseResolved(case_id=case_id, case_kind=of.kind, about_kind=of.subject_kind, about_id=of.subject_id),
            private={"resolution": words},
        )
    return outcomes, found


async def settle_about(tx: Tx, *, kind: str, subject_kind: str, subject_ids: Sequence[UUID], words: str) -> None:
    """Resolve the open cases of one kind about the given subjects, because what they asked for has happened."""
    await settle_all(tx, answers={(kind, subject_kind, subject_id): words for subject_id in subject_ids})


async def settle_all(tx: Tx, *, answers: Mapping[tuple[str, str, UUID], str]) -> list[Locked]:
    """Resolve the open cases of kinds about subjects with the words given: three statements at most.

    Return them as they were, with who worked on them.
    """
    if not answers:
        return []
    keys = sorted(answers)
    rows = await tx.sql(
        queries.SQL["open_cases_of"],
        kinds=[kind for kind, _, _ in keys],
        subject_kinds=[subject_kind for _, subject_kind, _ in keys],
        subject_ids=[subject_id for _, _, subject_id in keys],
    )
    if not rows:
        return []
    _, found = await _resolve(tx, [Resolution(row[3], answers[row[0], row[1], row[2]]) for row in rows])
    return [of for of in found.values() if of.state == "open"]


async def replace_cases(
    tx: Tx, *, answers: Mapping[tuple[str, str, UUID], str], successors: Sequence[Successor]
) -> None:
    """Do `settle_all`, and open cases that go on with the work: who had it has it on, as far as they can still sign in.

    The statement count does not grow with the number of cases.
    """
    settled = await settle_all(tx, answers=answers)
    opened = await open_cases(tx, cases=[new for new, _ in successors])
    whose = {(of.kind, of.subject_kind, of.subject_id): of.assignee_id for of in settled if of.assignee_id is not None}
    assignments: list[Assignment] = []
    for case_id, (new, kinds) in zip(opened, successors, strict=True):
        keys = [(kind, new.subject_kind, new.subject_id) for kind in kinds]
        assignments += [Assignment(case_id, whose[key]) for key in keys if key in whose][:1]
    if assignments:
        await assign_cases(tx, assignments=assignments)


async def assign_cases(tx: Tx, *, assignments: Sequence[Assignment]) -> list[CaseId | Refusal]:
    """Give open cases to members of staff, or to nobody; one outcome per assignment, same order, earlier ones first.

    Only who can sign in is given a case. What changes nothing is no edit.
    """
    found = await queries.cases_for_update(tx, [a.case_id for a in assignments])
    wanted = {a.assignee_id for a in assignments if a.assignee_id is not None}
    people = {p.staff_id for p in await accounts.staff(tx) if p.is_active and p.has_password} if wanted else set()
    outcomes: list[CaseId | Refusal] = []
    given: dict[UUID, Locked] = {}
    for assignment in assignments:
        case_id, assignee_id = assignment.case_id, assignment.assignee_id
        of = given.get(case_id) or found.get(case_id)
        refusal = _refusal(of, case_id, assignment.version)
        if refusal is None and assignee_id is not None and assignee_id not in people:
            refusal = errors.AssigneeUnknown(assignee_id, field="assignee_id")
        outcomes.append(refusal or CaseId(case_id))
        if refusal is None and of is not None and of.assignee_id != assignee_id:
            given[case_id] = of._replace(assignee_id=assignee_id, version=found[case_id].version + 1)
    if given:
        await tx.sql_count(
            queries.SQL["assign_cases"],
            case_ids=list(given),
            assignee_ids=[of.assignee_id for of in given.values()],
        )
    tx.emit(
        *(
            events.CaseAssigned(case_id=case_id, assignee_id=of.assignee_id, version=of.version)
            for case_id, of in given.items()
        )
    )
    return outcomes


async def check_version(tx: Tx, *, case_id: UUID, expected: int | None) -> None:
    """Lock a case and refuse what somebody wants to do with an older one; unknown ones are left to who does it.

    Raises StaleVersion, which says who changed what.
    """
    of = (await queries.cases_for_update(tx, [case_id])).get(case_id)
    if of is not None and of.state == "open":
        await staff.check_version(
            tx, subject_id=case_id, kind=events.CaseAssigned.kind, current=of.version, expected=expected
        )


async def add_notes(tx: Tx, *, notes: Sequence[NewNote]) -> list[NoteId | Refusal]:
    """Write down something about cases, open or not; one outcome per note, same order."""
    found = await queries.cases_for_update(tx, [note.case_id for note in notes])
    outcomes: list[NoteId | Refusal] = []
    made: dict[NoteId, NewNote] = {}
    for note in notes:
        if note.case_id not in found:
            outcomes.append(errors.CaseNotFound(note.case_id))
        elif not 0 < len(note.text.strip()) <= NOTE_CHARACTERS_MAX:
            outcomes.append(errors.TextMissing(NOTE_CHARACTERS_MAX, field="text"))
        else:
            note_id = NoteId(tx.new_id())
            made[note_id] = note._replace(text=cards.masked(note.text))
            outcomes.append(note_id)
    if made:
        await tx.sql_count(
            queries.SQL["insert_notes"],
            note_ids=list(made),
            case_ids=[note.case_id for note in made.values()],
            texts=[note.text for note in made.values()],
            at=tx.now,
            actor_kind=tx.actor.kind,
            actor_id=tx.actor.id,
        )
    for note_id, note in made.items():
        tx.emit(events.CaseNoted(case_id=note.case_id, note_id=note_id), private={"text": note.text})
    return outcomes


async def add_note(tx: Tx, *, note: NewNote, key: str | None) -> NoteId:
    """Write down one note, once per `key`. Raises KeyReused, CaseNotFound, TextMissing."""

    async def make() -> UUID:
        (made,) = accepted(await add_notes(tx, notes=[note]))
        return made

    return NoteId(await once.created(tx, operation="cases.add_note", key=key, body=note, make=make))


async def erase_cases(tx: Tx, *, subject_ids: Collection[UUID]) -> list[CaseId]:
    """Wipe what people wrote into cases about these subjects, open or not; return which those are."""
    tx.will_lock(LockRank.CASE)
    rows = await tx.sql(queries.SQL["cases_to_erase"], subject_ids=sorted(set(subject_ids)))
    case_ids = [row[0] for row in rows]
    if case_ids:
        wanted = {"case_ids": case_ids, "erased": erasing.ERASED}
        await tx.sql_many([(queries.SQL["erase_notes"], wanted), (queries.SQL["erase_resolutions"], wanted)])
    return case_ids


def _refusal(of: Locked | None, case_id: UUID, version: int | None) -> Refusal | None:
    if of is None:
        return errors.CaseNotFound(case_id)
    if of.state == "resolved":
        return errors.CaseAlreadyResolved(case_id)
    if version is not None and version != of.version:
        return StaleVersion(version, of.version, "-", "assignee_id")
    return None
