"""Rules compiled once: a published version never changes, so it is kept as long as there is room."""

from collections import OrderedDict
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.pricing import rules
from jiedan.pricing.queries import versions
from jiedan.pricing.values.books import RuleBook

CACHED_VERSIONS_MAX = 1_000

Key = tuple[UUID, int | UUID, bool]


class RulesCache:
    """Compiled rules by tenant, version and the merchant's tax setting; bounded, what was used longest ago goes.

    Beside published versions, which are known by number, it keeps drafts that somebody tries, by the id of the trial.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, rules.QuoteRules] = OrderedDict()

    async def current(self, tx: ReadTx, *, version: int, prices_include_tax: bool) -> rules.QuoteRules:
        """Return the rules of a version, read and compiled where they are not at hand; version 0 has none.

        Raises PriceBookNotFound.
        """
        key = (tx.tenant, version, prices_include_tax)
        if key not in self._kept:
            book = (await versions.book(tx, version=version)).book if version else versions.EMPTY
            self._keep(key, rules.compile_book(book, version=version, prices_include_tax=prices_include_tax))
        return self._found(key)

    def tried(self, tx: ReadTx, book: RuleBook, *, trial_id: UUID, prices_include_tax: bool) -> rules.QuoteRules:
        """Return the rules of a book that was not published, compiled where they are not at hand.

        A trial has one book, which never changes.
        """
        key = (tx.tenant, trial_id, prices_include_tax)
        if key not in self._kept:
            self._keep(key, rules.compile_book(book, version=0, prices_include_tax=prices_include_tax))
        return self._found(key)

    def _found(self, key: Key) -> rules.QuoteRules:
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: Key, compiled: rules.QuoteRules) -> None:
        self._kept[key] = compiled
        if len(self._kept) > CACHED_VERSIONS_MAX:
            self._kept.popitem(last=False)


RULES = RulesCache()
"""Price rules of this process, by tenant; every use compares the version."""


async def shipping_methods(tx: ReadTx) -> dict[str, str]:
    """Return the names of the shipping methods in force, by code. One statement, and another for new rules."""
    version = await tx.load_one(versions.version_in_force(at=tx.now))
    found = await RULES.current(tx, version=version, prices_include_tax=True)
    return {one.method.code: one.method.name for one in found.shipping.methods}
