"""REST of published price rules: list, look, compare, publish, go back, take back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.pricing import queries, service
from jiedan.pricing.api.drafts import ChangeView, changes_view
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import BookBrief, RuleKey
from jiedan.pricing.values.examples import Example

VERSIONS = "/price-rules/versions"
Version = Annotated[int, Parameter(ge=0, le=2**53)]


class PublishBody(bodies.Body):
    """When the version begins, at once where nothing is said, and what is noted of it."""

    __example__: ClassVar[dict[str, Any]] = {"note": "Singles' Day", "begins_at": "2030-11-10T16:00:00Z"}

    begins_at: datetime | None = None
    note: Annotated[str, msgspec.Meta(max_length=drafts.NOTE_CHARACTERS_MAX)] = ""


class RuleChoice(bodies.Body):
    """A rule by its kind and its code."""

    __example__: ClassVar[dict[str, Any]] = {"kind": "promotion", "code": "3-plus-1"}

    kind: drafts.RuleKind
    code: Annotated[str, msgspec.Meta(max_length=drafts.RULE_CODE_CHARACTERS_MAX)]


class PublishDraftBody(PublishBody):
    """When the version begins, what is noted of it, and which changes it is of: all of the draft without `rules`."""

    rules: Annotated[tuple[RuleChoice, ...], msgspec.Meta(max_length=drafts.RULES_MAX)] | None = None


class BookBriefView(msgspec.Struct, frozen=True):
    """A published version without its rules."""

    version: int
    state: drafts.BookState
    begins_at: datetime
    note: str
    restores: int | None
    published_at: datetime
    published_by: str
    withdrawn_at: datetime | None


class BookView(BookBriefView, frozen=True, kw_only=True):
    """A published version: all its rules, and the examples that proved them by kind and code."""

    rules: Mapping[str, Any]
    examples: Mapping[str, Mapping[str, tuple[Example, ...]]]


def _fields(brief: BookBrief, *, in_force: int, at: datetime) -> dict[str, Any]:
    return {
        "version": brief.version,
        "state": brief.state(in_force=in_force, at=at),
        "begins_at": brief.begins_at,
        "note": brief.note,
        "restores": brief.restores,
        "published_at": brief.published_at,
        "published_by": f"{brief.published_by.kind}:{brief.published_by.id}",
        "withdrawn_at": brief.withdrawn_at,
    }


def _just_done(brief: BookBrief) -> BookBriefView:
    """Show a version that was published or taken back at this moment."""
    in_force = 0 if brief.begins_at > brief.published_at else brief.version
    return BookBriefView(**_fields(brief, in_force=in_force, at=brief.published_at))


@get(VERSIONS, permission="prices:read", summary="List the versions of the price rules")
async def list_versions(
    unit: Unit, *, before: Annotated[int | None, Parameter(ge=1, le=2**53)] = None
) -> list[BookBriefView]:
    """Return published versions, the newest first, fifty at most; those below `before` where it is given."""
    async with unit.read() as tx:
        found, in_force = await tx.load(queries.books(before=before), queries.version_in_force(at=tx.now))
        return [BookBriefView(**_fields(brief, in_force=in_force, at=tx.now)) for brief in found]


@get(f"{VERSIONS}/{{version:int}}", permission="prices:read", summary="Get a version of the price rules")
async def get_version(unit: Unit, version: int) -> BookView:
    """Return a version with all its rules."""
    async with unit.read() as tx:
        found = await queries.book(tx, version=version)
        in_force = await tx.load_one(queries.version_in_force(at=tx.now))
        examples: dict[str, dict[str, tuple[Example, ...]]] = {}
        for key, of_rule in found.examples.items():
            examples.setdefault(key.kind, {})[key.code] = of_rule
        fields = _fields(found.brief, in_force=in_force, at=tx.now)
        return BookView(**fields, rules=msgspec.to_builtins(found.book), examples=examples)


@get(
    f"{VERSIONS}/{{version:int}}/changes",
    permission="prices:read",
    summary="Compare two versions of the price rules",
)
async def compare_versions(unit: Unit, version: int, since: Version) -> list[ChangeView]:
    """Return in what a version differs from the version `since`."""
    async with unit.read() as tx:
        new = await queries.book(tx, version=version)
        old = await queries.book(tx, version=since)
    return changes_view(rules.changes(rules.parts_of(old.book, old.examples), rules.parts_of(new.book, new.examples)))


@post(VERSIONS, permission="prices:publish", idempotent=True, summary="Publish the draft of the price rules")
async def publish_draft(unit: Unit, data: PublishDraftBody) -> Response[BookBriefView]:
    """Publish the draft as the next version, which never changes; refused with every reason where it must not be.

    With `rules` only these changes of it are published: checked is the last version with them alone, and the draft
    keeps the others. They may begin before a version that waits, unless that changes the same rules: it is taken back
    then, and published again with them as the version after.
    """
    key = unit.idempotency_key
    only = None if data.rules is None else [RuleKey(one.kind, one.code) for one in data.rules]
    made = await unit.write(
        lambda tx: service.publish(tx, begins_at=data.begins_at, note=data.note, only=only, key=key)
    )
    return answers.created(_just_done(made), f"/api/v1{VERSIONS}/{made.version}")


@post(
    f"{VERSIONS}/{{version:int}}/restorations",
    permission="prices:publish",
    idempotent=True,
    summary="Publish an old version of the price rules again",
)
async def restore_version(unit: Unit, version: int, data: PublishBody) -> Response[BookBriefView]:
    """Publish what an old version says as the next one; the draft then says the same, until that is taken back."""
    key = unit.idempotency_key
    made, _ = await unit.write(
        lambda tx: service.roll_back(tx, version=version, begins_at=data.begins_at, note=data.note, key=key)
    )
    return answers.created(_just_done(made), f"/api/v1{VERSIONS}/{made.version}")


@post(
    f"{VERSIONS}/{{version:int}}/withdrawal",
    permission="prices:publish",
    status_code=200,
    summary="Take back a version of the price rules",
)
async def withdraw_version(unit: Unit, version: int) -> BookBriefView:
    """Take back a version that has not begun; it is kept, and never holds."""
    return _just_done(await unit.write(lambda tx: service.withdraw(tx, version=version)))


HANDLERS = (
    list_versions,
    get_version,
    compare_versions,
    publish_draft,
    restore_version,
    withdraw_version,
)
