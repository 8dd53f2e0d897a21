"""Reads of pricing: books of rules and their drafts, prices of lists, goods as prices see them."""

from jiedan.pricing.queries.cache import RULES, RulesCache, shipping_methods
from jiedan.pricing.queries.drafts import (
    ListedPrice,
    draft_rule,
    draft_rules,
    entries_of_list,
    entry_rows,
    list_currencies,
    list_prices,
    price_lists,
    removals,
    rule_count,
    rules_by_code,
    written,
)
from jiedan.pricing.queries.rates import rules, tax_rates_csv
from jiedan.pricing.queries.versions import (
    book,
    book_or_none,
    books,
    last_book,
    version,
    version_in_force,
    version_then,
)
from jiedan.pricing.queries.wares import cheapest, goods, traits_there

__all__ = [
    "RULES",
    "ListedPrice",
    "RulesCache",
    "book",
    "book_or_none",
    "books",
    "cheapest",
    "draft_rule",
    "draft_rules",
    "entries_of_list",
    "entry_rows",
    "goods",
    "last_book",
    "list_currencies",
    "list_prices",
    "price_lists",
    "removals",
    "rule_count",
    "rules",
    "rules_by_code",
    "shipping_methods",
    "tax_rates_csv",
    "traits_there",
    "version",
    "version_in_force",
    "version_then",
    "written",
]
