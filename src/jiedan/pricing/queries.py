"""Reads of pricing: the rules under their version, cached per tenant and process."""

from collections import OrderedDict
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load, ReadTx
from jiedan.pricing import values

SQL = sql.load("jiedan.pricing", "queries.sql")

CACHED_TENANTS_MAX = 1_000


def version() -> Load[int]:
    """Return the version of the price rules; 0 where nothing was ever set."""
    return Load(SQL["version"], {}, lambda rows: int(rows[0][0]) if rows else 0)


def rules(*, prices_include_tax: bool) -> Load[values.PriceRules]:
    """Return the price rules in one statement, all of one version."""

    def parse(rows: list[tuple[Any, ...]]) -> values.PriceRules:
        found = 0
        tax_rates: dict[tuple[str, str], int] = {}
        shipping: dict[str, values.FlatShipping] = {}
        for kind, a, b, number, extra in rows:
            if kind == "version":
                found = number
            elif kind == "tax":
                tax_rates[a, b] = number
            else:
                shipping[a] = values.FlatShipping(number, extra, b)
        return values.PriceRules(found, prices_include_tax, tax_rates, shipping)

    return Load(SQL["rules"], {}, parse)


class RulesCache:
    """The rules of each tenant, kept while their version and the merchant's tax setting stand; bounded, oldest out."""

    def __init__(self) -> None:
        self._by_tenant: OrderedDict[UUID, values.PriceRules] = OrderedDict()

    async def current(self, tx: ReadTx, *, version: int, prices_include_tax: bool) -> values.PriceRules:
        """Return the rules of `version`, read again where the cache holds another one.

        What is read may be newer than `version`; its own version says so.
        """
        cached = self._by_tenant.get(tx.tenant)
        if cached is not None and (cached.version, cached.prices_include_tax) == (version, prices_include_tax):
            self._by_tenant.move_to_end(tx.tenant)
            return cached
        loaded = await tx.load_one(rules(prices_include_tax=prices_include_tax))
        self._by_tenant[tx.tenant] = loaded
        if len(self._by_tenant) > CACHED_TENANTS_MAX:
            self._by_tenant.popitem(last=False)
        return loaded
