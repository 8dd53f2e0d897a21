"""What all changes of rules have in common: taking turns, rows of drafts, rows of books."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.pricing import events
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.values.drafts import RuleId, RuleKey, RuleKind, Written, WrittenRule

SQL = sql.load("jiedan.pricing.service", "books.sql")

NO_IDS: Mapping[RuleKey, RuleId] = MappingProxyType({})
NO_VERSIONS: Mapping[RuleKey, int] = MappingProxyType({})


async def claim(tx: Tx) -> None:
    """Take this merchant's turn to write rules, until the end of the transaction.

    Writers of rules take turns, so drafts, books and their numbers are checked against a state that nobody else is
    changing. Readers, placement among them, never wait.
    """
    await tx.sql_count(SQL["claim_turn"])


async def write_rules(
    tx: Tx,
    rules_by_key: Mapping[RuleKey, WrittenRule],
    *,
    ids: Mapping[RuleKey, RuleId] = NO_IDS,
    versions: Mapping[RuleKey, int] = NO_VERSIONS,
) -> None:
    """Write rules of the draft: over what they were, or as new ones, under the id and as the version that are given."""
    if not rules_by_key:
        return
    keys = sorted(rules_by_key)
    await tx.sql_count(
        SQL["upsert_rules"],
        rule_ids=[ids.get(key) or tx.new_id() for key in keys],
        kinds=[key.kind for key in keys],
        codes=[key.code for key in keys],
        bodies=[_text(rules_by_key[key].body) for key in keys],
        examples=[_text(rules_by_key[key].examples) for key in keys],
        versions=[versions.get(key, 1) for key in keys],
        at=tx.now,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
    )


async def remove_rules(tx: Tx, keys: list[RuleKey]) -> None:
    """Take rules out of the draft."""
    if keys:
        await tx.sql_count(SQL["delete_rules"], kinds=[key.kind for key in keys], codes=[key.code for key in keys])


async def follow(tx: Tx, before: Written, after: Written) -> list[RuleKey]:
    """Make the draft say what a book says, and return which rules are others now."""
    changed = [change.key for change in rules.changes(before, after)]
    await remove_rules(tx, [key for key in changed if key not in after])
    await write_rules(tx, {key: after[key] for key in changed if key in after})
    return changed


async def write_book(
    tx: Tx,
    written: Written,
    *,
    kinds: tuple[RuleKind, ...],
    begins_at: datetime | None = None,
    note: str = "",
    restores: int | None = None,
) -> int:
    """Write the next version of the rules, and return its number; `kinds` of rules differ from the one before."""
    version = int((await tx.sql(SQL["raise_version"]))[0][0])
    examples: dict[str, dict[str, object]] = {}
    for key, rule in written.items():
        if rule.examples:
            examples.setdefault(key.kind, {})[key.code] = rule.examples
    await tx.sql_count(
        SQL["insert_book"],
        version=version,
        begins_at=begins_at,
        document=_text(rules.book_of(written)),
        examples=_text(examples),
        note=note,
        restores=restores,
        at=tx.now,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
    )
    tx.emit(
        events.PriceRulesChanged(
            merchant_id=tx.tenant, version=version, fields=kinds, begins_at=begins_at, restores=restores
        )
    )
    return version


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
