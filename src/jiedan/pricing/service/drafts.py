"""Write rules of the draft: add, change and remove them, and go back to what was published."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.accounts.service import history
from jiedan.base import errors as base_errors
from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.pricing import errors, events, queries
from jiedan.pricing.errors import drafts as draft_errors
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.rules import trying
from jiedan.pricing.service import removals, writing
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import DraftRule, Rule, RuleChange, RuleId, RuleKey, RuleKind, WrittenRule
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.lists import PriceList


async def create_rule(
    tx: Tx,
    *,
    kind: RuleKind,
    body: Rule,
    examples: Sequence[Example] = (),
    code: str = "",
    key: str | None = None,
) -> DraftRule:
    """Add a rule to the draft; `code` is needed of a rounding alone. The same `key` again answers with what it became.

    Raises RuleCodeTaken, or every problem of the rule, each at its field; TooManyRules; KeyReused.
    """
    own = RuleKey(kind, rules.code_of(kind, body, code))
    rule = WrittenRule(body, tuple(examples))
    wish = await once.subject(
        tx, operation="pricing.create_rule", key=key, body=(own, rules.plain(body), rule.examples)
    )
    if not wish.is_fresh:
        return await queries.draft_rule(tx, rule_id=RuleId(wish.id))
    _refuse(own, rule)
    await writing.claim(tx)
    present = await tx.load_one(queries.draft_rules())
    if any(found.key == own for found in present):
        raise errors.RuleCodeTaken(own.code, field="code")
    if len(present) >= drafts.RULES_MAX:
        raise draft_errors.TooManyRules(drafts.RULES_MAX)
    await writing.write_rules(tx, {own: rule}, ids={own: RuleId(wish.id)})
    tx.emit(events.PriceRuleAdded(rule_id=wish.id, rule_kind=kind, code=own.code))
    return await queries.draft_rule(tx, rule_id=RuleId(wish.id))


async def change_rule(
    tx: Tx,
    *,
    rule_id: RuleId,
    body: Rule,
    examples: Sequence[Example] | None = None,
    expected_version: int | None = None,
) -> DraftRule:
    """Change a rule of the draft; what is already so is no change. Without `examples` it keeps those it has.

    Raises PriceRuleNotFound, StaleVersion, RuleCodeFixed, RuleCodeTaken, PriceListInUse, or every problem of the rule.
    """
    await writing.claim(tx)
    old = await queries.draft_rule(tx, rule_id=rule_id)
    await _check_version(tx, old, expected_version)
    own = RuleKey(old.kind, rules.code_of(old.kind, body, old.code))
    if not isinstance(body, drafts.RULE_TYPES[old.kind]):
        raise draft_errors.RuleCodeFixed(old.code, field="kind")
    if own != old.key and old.kind not in rules.KEYED_BY_FIELDS:
        raise draft_errors.RuleCodeFixed(old.code, field="code")
    rule = WrittenRule(body, old.examples if examples is None else tuple(examples))
    _refuse(own, rule)
    if isinstance(body, PriceList) and isinstance(old.body, PriceList) and body.currency != old.body.currency:
        await _refuse_in_use(tx, old.code)
    fields = rules.fields_changed(WrittenRule(old.body, old.examples), rule)
    if not fields:
        return old
    if own != old.key:
        if own in queries.written(await tx.load_one(queries.draft_rules([old.kind]))):
            raise errors.RuleCodeTaken(own.code, field="code")
        await tx.sql_count(writing.SQL["rename_rule"], rule_id=rule_id, code=own.code)
    await writing.write_rules(tx, {own: rule})
    tx.emit(
        events.PriceRuleChanged(
            rule_id=rule_id, rule_kind=old.kind, code=own.code, version=old.version + 1, fields=fields
        )
    )
    return await queries.draft_rule(tx, rule_id=rule_id)


async def remove_rule(tx: Tx, *, rule_id: RuleId, expected_version: int | None = None) -> UUID | None:
    """Take a rule out of the draft; orders go on by it until the draft is published. Return the id to take it back by.

    Raises PriceRuleNotFound, StaleVersion, or PriceListInUse.
    """
    await writing.claim(tx)
    old = await queries.draft_rule(tx, rule_id=rule_id)
    await _check_version(tx, old, expected_version)
    if old.kind == "price_list":
        await _refuse_in_use(tx, old.code)
    gone = RuleChange(old.key, "removed", before=WrittenRule(old.body, old.examples))
    removal_id = await removals.keep(tx, [gone], {old.key: old})
    await writing.remove_rules(tx, [old.key])
    tx.emit(events.PriceRuleRemoved(rule_id=rule_id, rule_kind=old.kind, code=old.code))
    return removal_id


async def discard_changes(tx: Tx) -> tuple[list[RuleKey], UUID | None]:
    """Make the draft say again what was published last; return which rules were others, and the id to take it back by.

    There is no such id where nothing was changed, or too much to be kept. Raises PriceListInUse.
    """
    await writing.claim(tx)
    last, present, in_use = await tx.load(queries.last_book(), queries.draft_rules(), queries.list_currencies())
    published = {} if last is None else rules.parts_of(last.book, last.examples)
    written = queries.written(present)
    changes = rules.changes(written, published)
    removals.refuse_in_use((change.key for change in changes), published, in_use)
    removal_id = await removals.keep(tx, changes, {rule.key: rule for rule in present})
    changed = await writing.follow(tx, written, published)
    if changed:
        version = 0 if last is None else last.brief.version
        tx.emit(events.PriceDraftReset(merchant_id=tx.tenant, version=version, rules=len(changed)))
    return changed, removal_id


def _refuse(key: RuleKey, rule: WrittenRule) -> None:
    found: list[Refusal] = list(rules.problems_of_rule(key.kind, rule.body, key.code))
    found += trying.problems_of_examples(key, rule.examples)
    if found:
        raise base_errors.one_of(found)


async def _refuse_in_use(tx: Tx, list_code: str) -> None:
    currency = (await tx.load_one(queries.list_currencies())).get(list_code)
    if currency is not None:
        raise draft_errors.PriceListInUse(list_code, currency)


async def _check_version(tx: Tx, old: DraftRule, expected: int | None) -> None:
    await history.check_version(
        tx, subject_id=old.rule_id, kind=events.PriceRuleChanged.kind, current=old.version, expected=expected
    )
