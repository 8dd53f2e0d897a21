"""Read tax rates and flat shipping fees with their version."""

from typing import Any

from jiedan.base.db import Load
from jiedan.pricing import rules as decisions
from jiedan.pricing import values
from jiedan.pricing.queries import versions


def rules(*, prices_include_tax: bool) -> Load[values.PriceRules]:
    """Return what the newest version says of plain tax rates and flat fees."""
    newest = versions.last_book()

    def parse(rows: list[tuple[Any, ...]]) -> values.PriceRules:
        found = newest.parse(rows)
        if found is None:
            return decisions.flat_rules(versions.EMPTY, version=0, prices_include_tax=prices_include_tax)
        return decisions.flat_rules(found.book, version=found.brief.version, prices_include_tax=prices_include_tax)

    return Load(newest.statement, newest.parameters, parse)
