"""Where rules can be read: as they are in the draft, or were in a version."""

from collections.abc import Collection
from urllib.parse import quote

from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.console.prices.kinds import PLACE_BY_KIND
from jiedan.console.prices.why import Link
from jiedan.pricing.values.drafts import DraftRule, RuleKind


def in_version(unit: Unit, version: int) -> Link:
    """Return where rules of a published version can be read; nowhere for who may not, and where nothing was."""

    def link(kind: RuleKind, code: str) -> str:
        if not version or not unit.may("prices:read"):
            return ""
        return pages.url(unit.exchange, f"/prices/versions/{version}?rule={quote(f'{kind}:{code}', safe='')}")

    return link


def in_draft(unit: Unit, rules: Collection[DraftRule]) -> Link:
    """Return where rules of the draft can be read; of tax rates the day from which one holds may be missing."""
    places = {(rule.kind, rule.code): rule.rule_id for rule in rules}

    def link(kind: RuleKind, code: str) -> str:
        found = places.get((kind, code))
        if found is None and kind == "tax_rate":
            found = next(
                (rule.rule_id for rule in rules if rule.kind == kind and rule.code.startswith(f"{code}|")), None
            )
        if found is None:
            return ""
        place = "promotions" if kind == "promotion" else f"rules/{PLACE_BY_KIND[kind]}"
        return pages.url(unit.exchange, f"/prices/{place}/{found}")

    return link
