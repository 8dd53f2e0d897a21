"""Take rules out of the draft so that they can be taken back."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from jiedan.base.db import Tx
from jiedan.pricing import events, queries
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.service import writing
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import DraftRule, RuleChange, RuleId, RuleKey, RuleKind, Written, WrittenRule
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.lists import PriceList

FORGET_REMOVALS_MAX = 500


class Kept(msgspec.Struct, frozen=True):
    """A rule as it was, with its id and version where it is to come back under them."""

    kind: RuleKind
    code: str
    body: dict[str, Any]
    examples: tuple[Example, ...]
    rule_id: RuleId | None = None
    version: int = 0

    @property
    def key(self) -> RuleKey:
        """Return what tells the rule apart."""
        return RuleKey(self.kind, self.code)


async def keep(tx: Tx, changes: Iterable[RuleChange], present: Mapping[RuleKey, DraftRule]) -> UUID | None:
    """Keep what rules were before changes and are after them, for `REMOVED_KEPT`, and return under which id.

    Where there are more of them than `REMOVED_RULES_MAX`, nothing is kept.
    """
    taken = list(changes)
    if not 0 < len(taken) <= drafts.REMOVED_RULES_MAX:
        return None
    removal_id = tx.new_id()
    await tx.sql_count(
        writing.SQL["insert_removal"],
        removal_id=removal_id,
        before=_text(_kept(x.key, x.before, present[x.key]) for x in taken if x.before is not None),
        after=_text(_kept(x.key, x.after, None) for x in taken if x.after is not None),
        at=tx.now,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
    )
    return removal_id


async def restore_removed(tx: Tx, *, removal_id: UUID) -> tuple[list[RuleKey], bool]:
    """Put rules back into the draft as they were before they were taken out; return which, and whether just now.

    Doing it again changes nothing. Raises RemovalNotFound, RulesChangedSince, TooManyRules, or PriceListInUse.
    """
    await writing.claim(tx)
    rows = await tx.sql(writing.SQL["removal"], removal_id=removal_id, since=tx.now - drafts.REMOVED_KEPT)
    if not rows:
        raise errors.RemovalNotFound(str(removal_id), drafts.REMOVED_KEPT // timedelta(hours=1))
    kept, followed = (msgspec.convert(side, list[Kept]) for side in rows[0][:2])
    before, after = _written(kept), _written(followed)
    keys = sorted(before.keys() | after.keys())
    if rows[0][2] is not None:
        return keys, False
    present, in_use = await tx.load(queries.draft_rules(), queries.list_currencies())
    now = queries.written(present)
    changed = [key for key in keys if now.get(key) != rules.without_defaults(after).get(key)]
    if changed:
        raise errors.RulesChangedSince(", ".join(key.code for key in changed))
    if len((now.keys() - set(keys)) | before.keys()) > drafts.RULES_MAX:
        raise errors.TooManyRules(drafts.RULES_MAX)
    refuse_in_use(keys, before, in_use)
    await writing.remove_rules(tx, [key for key in keys if key not in before])
    await writing.write_rules(
        tx,
        before,
        ids={rule.key: rule.rule_id for rule in kept if rule.rule_id is not None},
        versions={rule.key: rule.version + 1 for rule in kept},
    )
    await tx.sql_count(writing.SQL["mark_restored"], removal_id=removal_id, at=tx.now)
    tx.emit(events.PriceRulesRestored(removal_id=removal_id, rules=len(keys)))
    return keys, True


def refuse_in_use(keys: Iterable[RuleKey], before: Written, in_use: Mapping[str, str]) -> None:
    """Refuse to take a price list out, or to change its currency, that has prices by now. Raises PriceListInUse."""
    for key in keys:
        rule = before.get(key)
        currency = in_use.get(key.code) if key.kind == "price_list" else None
        if currency is not None and not (
            rule is not None and isinstance(rule.body, PriceList) and rule.body.currency == currency
        ):
            raise errors.PriceListInUse(key.code, currency)


async def forget_removals(tx: Tx) -> int:
    """Forget a set of what was taken out more than `REMOVED_KEPT` ago, and return how much it was."""
    return await tx.sql_count(
        writing.SQL["forget_removals"], until=tx.now - drafts.REMOVED_KEPT, most=FORGET_REMOVALS_MAX
    )


def _kept(key: RuleKey, rule: WrittenRule, row: DraftRule | None) -> Kept:
    body = rules.plain(rule.body)
    if row is None:
        return Kept(key.kind, key.code, body, rule.examples)
    return Kept(key.kind, key.code, body, rule.examples, row.rule_id, row.version)


def _written(kept: Iterable[Kept]) -> Written:
    return {rule.key: WrittenRule(rules.read(rule.kind, rule.body), rule.examples) for rule in kept}


def _text(kept: Iterable[Kept]) -> str:
    return msgspec.json.encode(list(kept)).decode()
