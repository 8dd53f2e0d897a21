"""REST of rules that are being written: list, add, change, remove, go back to what is published."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put

from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.pricing import queries, service
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import RuleChange, RuleId, RuleKey, RuleKind, WrittenRule
from jiedan.pricing.values.examples import EXAMPLES_PER_RULE_MAX, Example

DRAFTS = "/price-rules/drafts"
PROMOTION = {
    "id": "3-plus-1",
    "name": "Buy 3, get 1 free",
    "offer": {"type": "buy_get", "buy": 3, "get": 1, "rate_ppm": 1_000_000},
    "goods": {"any_of": ["sku:TEA-250"]},
}
SPRING = {
    "id": "spring",
    "name": "A tenth off in spring",
    "offer": {"type": "percent_off", "rate_ppm": 100_000},
    "when": {"coupon": "required"},
}
FOUR = {
    "name": "The fourth is free",
    "currency": "CNY",
    "lines": [{"sku": "TEA-250", "quantity": 4, "unit_minor": 9_900}],
    "total_minor": 29_700,
}

Examples = Annotated[tuple[Example, ...], msgspec.Meta(max_length=EXAMPLES_PER_RULE_MAX)]


class RulePut(bodies.Body):
    """What a rule is to say. Its shape is that of its kind; examples that are not sent stay as they are."""

    __example__: ClassVar[dict[str, Any]] = {"body": SPRING}

    body: dict[str, Any]
    examples: Examples | None = None


class RuleBody(bodies.Body):
    """A rule to add to the draft. Only roundings need a `code`: the currency that is converted into."""

    __example__: ClassVar[dict[str, Any]] = {"kind": "promotion", "body": PROMOTION, "examples": [FOUR]}

    kind: RuleKind
    body: dict[str, Any]
    examples: Examples = ()
    code: Annotated[str, msgspec.Meta(max_length=drafts.RULE_CODE_CHARACTERS_MAX)] = ""


class RuleView(msgspec.Struct, frozen=True):
    """A rule of the draft."""

    rule_id: UUID
    kind: RuleKind
    code: str
    body: Mapping[str, Any]
    examples: tuple[Example, ...]
    changed_at: datetime
    changed_by: str
    version: int


class WrittenView(msgspec.Struct, frozen=True):
    """What a rule says, and the examples that prove it."""

    body: Mapping[str, Any]
    examples: tuple[Example, ...]


class ChangeView(msgspec.Struct, frozen=True):
    """A rule that differs between two books: which fields do, and what it is in each."""

    kind: RuleKind
    code: str
    change: drafts.ChangeKind
    fields: tuple[str, ...]
    before: WrittenView | None
    after: WrittenView | None


class DiscardedView(msgspec.Struct, frozen=True):
    """How many rules of the draft were others than those published, and the id to take them back by.

    There is no id where nothing was changed, or more than can be kept.
    """

    rules: int
    removal_id: UUID | None


class RuleName(msgspec.Struct, frozen=True):
    """What tells a rule apart."""

    kind: RuleKind
    code: str


class RemovalView(msgspec.Struct, frozen=True):
    """Rules that were taken out of the draft at once; `restored_at` tells when they were taken back."""

    removal_id: UUID
    rules: list[RuleName]
    removed_at: datetime
    removed_by: str
    restored_at: datetime | None


class RestoredView(msgspec.Struct, frozen=True):
    """Which rules are in the draft again as they were."""

    rules: list[RuleName]


def changes_view(changes: tuple[RuleChange, ...]) -> list[ChangeView]:
    """Return differences as the API shows them."""
    return [
        ChangeView(change.key.kind, change.key.code, change.change, change.fields, _written(one), _written(other))
        for change in changes
        for one, other in [(change.before, change.after)]
    ]


def _written(rule: WrittenRule | None) -> WrittenView | None:
    return None if rule is None else WrittenView(rules.plain(rule.body), rule.examples)


def _view(rule: drafts.DraftRule) -> RuleView:
    by = f"{rule.changed_by.kind}:{rule.changed_by.id}"
    return RuleView(
        rule.rule_id,
        rule.kind,
        rule.code,
        rules.plain(rule.body),
        rule.examples,
        rule.changed_at,
        by,
        rule.version,
    )


def read(kind: RuleKind, body: Mapping[str, Any]) -> drafts.Rule:
    """Return the rule that was sent. Raises the Invalid that names the first field in the wrong."""
    try:
        return rules.read(kind, body)
    except msgspec.ValidationError as error:
        refusal: Refusal = bodies.refusal_of(error)
        refusal.field = f"body.{refusal.field}" if refusal.field else "body"
        raise refusal from error


@get(DRAFTS, permission="prices:read", summary="List the price rules of the draft")
async def list_draft_rules(unit: Unit, kind: RuleKind) -> list[RuleView]:
    """Return the rules of one kind in the draft, by code."""
    async with unit.read() as tx:
        return [_view(rule) for rule in await tx.load_one(queries.draft_rules([kind]))]


@get(f"{DRAFTS}/{{rule_id:uuid}}", permission="prices:read", summary="Get a price rule of the draft")
async def get_draft_rule(unit: Unit, rule_id: UUID) -> Response[RuleView]:
    """Return one rule of the draft."""
    async with unit.read() as tx:
        found = await queries.draft_rule(tx, rule_id=RuleId(rule_id))
    return answers.versioned(_view(found), found.version)


@post(DRAFTS, permission="prices:write", idempotent=True, also=[404], summary="Add a price rule to the draft")
async def add_draft_rule(unit: Unit, data: RuleBody) -> Response[RuleView]:
    """Add a rule to the draft. Orders are priced by it once the draft is published."""
    body, key = read(data.kind, data.body), unit.idempotency_key
    made = await unit.write(
        lambda tx: service.create_rule(tx, kind=data.kind, body=body, examples=data.examples, code=data.code, key=key)
    )
    return answers.created(_view(made), f"/api/v1{DRAFTS}/{made.rule_id}", version=made.version)


@put(
    f"{DRAFTS}/{{rule_id:uuid}}",
    permission="prices:write",
    versioned=True,
    summary="Change a price rule of the draft",
)
async def change_draft_rule(unit: Unit, rule_id: UUID, data: RulePut) -> Response[RuleView]:
    """Let a rule of the draft say something else; with `If-Match` only if nobody has changed it meanwhile."""
    async with unit.read() as tx:
        kind = (await queries.draft_rule(tx, rule_id=RuleId(rule_id))).kind
    body = read(kind, data.body)
    changed = await unit.write(
        lambda tx: service.change_rule(
            tx,
            rule_id=RuleId(rule_id),
            body=body,
            examples=data.examples,
            expected_version=unit.if_match,
        )
    )
    return answers.versioned(_view(changed), changed.version)


@delete(
    f"{DRAFTS}/{{rule_id:uuid}}",
    permission="prices:write",
    versioned=True,
    summary="Remove a price rule from the draft",
)
async def remove_draft_rule(unit: Unit, rule_id: UUID) -> None:
    """Take a rule out of the draft; orders are priced by it until the draft is published.

    It can be taken back for a day, by the id that the list of removals tells.
    """
    await unit.write(lambda tx: service.remove_rule(tx, rule_id=RuleId(rule_id), expected_version=unit.if_match))


@get("/price-rules/changes", permission="prices:read", summary="Show what the draft of the price rules changes")
async def list_draft_changes(unit: Unit) -> list[ChangeView]:
    """Return in what the draft differs from the version that was published last."""
    async with unit.read() as tx:
        return changes_view(await service.unpublished(tx))


@post(
    "/price-rules/changes/discard",
    permission="prices:write",
    status_code=200,
    summary="Discard the changes of the draft",
)
async def discard_draft_changes(unit: Unit) -> DiscardedView:
    """Make the draft say again what was published last; with `removal_id` it can be taken back for a day."""
    changed, removal_id = await unit.write(service.discard_changes)
    return DiscardedView(len(changed), removal_id)


@get("/price-rules/removals", permission="prices:read", summary="List what was taken out of the draft lately")
async def list_rule_removals(unit: Unit) -> list[RemovalView]:
    """Return the last rules that were taken out of the draft, the latest first."""
    async with unit.read() as tx:
        found = await tx.load_one(queries.removals(at=tx.now))
    return [
        RemovalView(x.removal_id, _names(x.keys), x.removed_at, f"{x.removed_by.kind}:{x.removed_by.id}", x.restored_at)
        for x in found
    ]


@post(
    "/price-rules/removals/{removal_id:uuid}/restoration",
    permission="prices:write",
    status_code=200,
    summary="Take removed price rules back",
)
async def restore_removed_rules(unit: Unit, removal_id: UUID) -> RestoredView:
    """Put rules that were taken out within the last day back as they were, unless they were written anew since."""
    keys, _ = await unit.write(lambda tx: service.restore_removed(tx, removal_id=removal_id))
    return RestoredView(_names(keys))


def _names(keys: Iterable[RuleKey]) -> list[RuleName]:
    return [RuleName(key.kind, key.code) for key in keys]


HANDLERS = (
    list_draft_rules,
    get_draft_rule,
    add_draft_rule,
    change_draft_rule,
    remove_draft_rule,
    list_draft_changes,
    discard_draft_changes,
    list_rule_removals,
    restore_removed_rules,
)
