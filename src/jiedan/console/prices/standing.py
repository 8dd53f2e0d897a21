"""How rules of the draft stand to what is published, and what is in force of them. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime

from jiedan.base.i18n import N_
from jiedan.console.words import Sign
from jiedan.pricing.rules import drafts
from jiedan.pricing.values.drafts import DraftRule, PublishedBook, RuleChange, RuleKey, WrittenRule
from jiedan.pricing.values.promotions import Promotion

ADDED = Sign(N_("Not published"), "info", "empty")
CHANGED = Sign(N_("Changed, not published"), "warn", "half")
REMOVED = Sign(N_("Removed, not published"), "warn", "empty")
AS_PUBLISHED = Sign(N_("As published"), "ok", "full")
COMING = Sign(N_("Not begun"), "info", "quarter")
ACTIVE = Sign(N_("Active"), "ok", "full")
OVER = Sign(N_("Over"), "", "empty")


def changes_of(rules: Collection[DraftRule], last: PublishedBook | None) -> Mapping[RuleKey, RuleChange]:
    """Return in what the draft differs from what was published last, by rule."""
    before = {} if last is None else drafts.parts_of(last.book, last.examples)
    after = {rule.key: WrittenRule(rule.body, rule.examples) for rule in rules}
    return {change.key: change for change in drafts.changes(before, after)}


def sign_of(promotion: Promotion, change: RuleChange | None, *, at: datetime) -> Sign:
    """Return how a promotion of the draft stands: not as published, or what it does now."""
    if change is not None:
        return ADDED if change.change == "added" else CHANGED
    when = promotion.when
    if when.from_at is not None and at < when.from_at:
        return COMING
    return OVER if when.until_at is not None and at >= when.until_at else ACTIVE
