"""Read the rules of the book that is being written, and what price lists say of SKUs."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from jiedan.base import paging
from jiedan.base.db import Load, ReadTx
from jiedan.base.events import Actor
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.queries import versions
from jiedan.pricing.queries.versions import SQL
from jiedan.pricing.rules import drafts as decisions
from jiedan.pricing.values import drafts
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.drafts import DraftRule, RuleId, RuleKey, RuleKind
from jiedan.pricing.values.examples import Example
from jiedan.pricing.values.lists import ListEntry, PriceList

ENTRIES_PER_PAGE = 200


class ListedPrice(NamedTuple):
    """What a price list says of one SKU, in minor units of the list's currency."""

    sku: str
    currency: str
    entry: ListEntry


def draft_rules(kinds: Collection[RuleKind] | None = None) -> Load[list[DraftRule]]:
    """Return the rules of the draft by kind and code; those of some kinds where they are named."""
    wanted = None if kinds is None else sorted(kinds)
    return Load(SQL["draft_rules"], {"kinds": wanted}, lambda rows: [_rule(row) for row in rows])


def rules_by_code(kind: RuleKind, codes: Collection[str]) -> Load[list[DraftRule]]:
    """Return rules of the draft of one kind by their codes; those that are not there are absent."""
    wanted = {"kind": kind, "codes": sorted(set(codes))}
    return Load(SQL["rules_by_code"], wanted, lambda rows: [_rule(row) for row in rows])


def rule_count(*, most: int) -> Load[int]:
    """Count the rules of the draft, no further than `most`."""
    return Load(SQL["rule_count"], {"most": most}, lambda rows: int(rows[0][0]))


async def draft_rule(tx: ReadTx, *, rule_id: RuleId) -> DraftRule:
    """Return one rule of the draft. Raises PriceRuleNotFound."""
    rows = await tx.sql(SQL["draft_rule"], rule_id=rule_id)
    if not rows:
        raise errors.PriceRuleNotFound(str(rule_id))
    return _rule(rows[0])


def removals(*, at: datetime) -> Load[list[drafts.Removal]]:
    """Return what was taken out of the draft within `REMOVED_KEPT` before `at`, the latest first."""

    def parse(row: tuple[Any, ...]) -> drafts.Removal:
        removal_id, kinds, codes, removed_at, actor_kind, actor_id, restored_at = row
        keys = tuple(sorted(set(map(RuleKey, kinds, codes))))
        return drafts.Removal(removal_id, keys, removed_at, Actor(actor_kind, actor_id), restored_at)

    shown = {"since": at - drafts.REMOVED_KEPT, "most": drafts.REMOVALS_SHOWN_MAX}
    return Load(SQL["removals"], shown, lambda rows: [parse(row) for row in rows])


def _rule(row: tuple[Any, ...]) -> DraftRule:
    rule_id, kind, code, body, examples, version, changed_at, actor_kind, actor_id = row
    return DraftRule(
        RuleId(rule_id),
        kind,
        code,
        msgspec.convert(body, drafts.RULE_TYPES[kind]),
        msgspec.convert(examples, tuple[Example, ...]),
        version,
        changed_at,
        Actor(actor_kind, actor_id),
    )


def written(rules: list[DraftRule]) -> drafts.Written:
    """Return rules of the draft by what tells them apart."""
    return decisions.without_defaults({rule.key: drafts.WrittenRule(rule.body, rule.examples) for rule in rules})


def list_prices(
    codes: Collection[str], currencies: Collection[str] | None = None
) -> Load[Mapping[str, tuple[ListEntry, ...]]]:
    """Return what price lists say of SKUs, by SKU code; lists in other currencies are left out where some are named."""
    parameters = {
        "codes": sorted(set(codes)),
        "currencies": None if currencies is None else sorted(set(currencies)),
    }

    def parse(rows: list[tuple[Any, ...]]) -> Mapping[str, tuple[ListEntry, ...]]:
        found: dict[str, list[ListEntry]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(_listed(row).entry)
        return {code: tuple(entries) for code, entries in found.items()}

    return Load(SQL["list_prices"], parameters, parse)


def entries_of_list(
    list_code: str, *, after: str | None = None, most: int = ENTRIES_PER_PAGE
) -> Load[list[ListedPrice]]:
    """Return what a price list says, by SKU code; what follows `after` where it is given."""
    parameters = {"list_code": list_code, "after": after, "most": most}
    return Load(SQL["entries_of_list"], parameters, lambda rows: [_listed(row) for row in rows])


_BY_SKU = paging.Keyset((), descending=False)


async def entry_rows(tx: ReadTx, *, request: paging.Request, list_code: str) -> paging.Page[ListedPrice]:
    """Return a page of what a price list says, by SKU code. One statement."""
    code = None if request.position is None else str(request.position[0])
    most = request.limit + 1
    if request.backwards:
        found = await tx.sql(SQL["entries_before"], list_code=list_code, before=code, most=most)
    else:
        found = await tx.sql(SQL["entries_of_list"], list_code=list_code, after=code, most=most)
    return _BY_SKU.page([_listed(row) for row in found], request, make=_same, position=lambda row: (row.sku,))


def _same(row: ListedPrice) -> ListedPrice:
    return row


async def price_lists(tx: ReadTx) -> dict[str, PriceList]:
    """Return the price lists of the newest book and of the draft by code; the draft's goes first."""
    last, present = await tx.load(versions.last_book(), draft_rules(["price_list"]))
    published = {} if last is None else decisions.parts_of(last.book)
    lists = [rule.body for rule in [*published.values(), *written(present).values()]]
    return {found.code: found for found in lists if isinstance(found, PriceList)}


def list_currencies() -> Load[Mapping[str, str]]:
    """Return the currency of each price list that has prices."""
    return Load(SQL["list_currencies"], {}, dict)


def _listed(row: tuple[Any, ...]) -> ListedPrice:
    sku, list_code, currency, mode, min_quantities, units_minor = row
    tiers = tuple(map(Tier, min_quantities, units_minor))
    return ListedPrice(sku, currency, ListEntry(list_code, tiers, mode))
