"""Rules compiled once: a published version never changes, so it is kept as long as there is room."""

from collections import OrderedDict
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.pricing import rules
from jiedan.pricing.queries import versions

CACHED_VERSIONS_MAX = 1_000

Key = tuple[UUID, int, bool]


class RulesCache:
    """Compiled rules by tenant, version and the merchant's tax setting; bounded, what was used longest ago goes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, rules.QuoteRules] = OrderedDict()

    async def current(self, tx: ReadTx, *, version: int, prices_include_tax: bool) -> rules.QuoteRules:
        """Return the rules of a version, read and compiled where they are not at hand; version 0 has none.

        Raises PriceBookNotFound.
        """
        key = (tx.tenant, version, prices_include_tax)
        cached = self._kept.get(key)
        if cached is not None:
            self._kept.move_to_end(key)
            return cached
        book = (await versions.book(tx, version=version)).book if version else versions.EMPTY
        compiled = rules.compile_book(book, version=version, prices_include_tax=prices_include_tax)
        self._kept[key] = compiled
        if len(self._kept) > CACHED_VERSIONS_MAX:
            self._kept.popitem(last=False)
        return compiled
