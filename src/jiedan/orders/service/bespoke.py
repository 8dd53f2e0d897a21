"""What may be said of goods that are made to measure, by the rules in force."""

from collections.abc import Collection, Mapping, Sequence

from jiedan.accounts import queries as accounts
from jiedan.base.db import ReadTx
from jiedan.orders.placement.load import RULES
from jiedan.orders.rules import bespoke
from jiedan.pricing import queries as pricing
from jiedan.pricing.rules import QuoteRules
from jiedan.pricing.values import AttributeValue, Formula


async def formulas_of_products(
    tx: ReadTx, *, products: Mapping[str, str], prices_include_tax: bool
) -> dict[str, Formula]:
    """Return the formulas of SKUs made to measure, by code; `products` are the codes of their products. One statement.

    Where a version of the rules is new to this process, one more.
    """
    rules = await _in_force(tx, prices_include_tax=prices_include_tax)
    return bespoke.asked({code: (f"product:{product}",) for code, product in products.items()}, rules.units)


async def formulas_of(tx: ReadTx, *, codes: Collection[str]) -> dict[str, Formula]:
    """Return the formulas of SKUs made to measure, by code. Two statements; three more where anything is."""
    settings = await tx.load_one(accounts.settings())
    rules = await _in_force(tx, prices_include_tax=settings.prices_include_tax)
    if not codes or not rules.units.bespoke:
        return {}
    goods = await pricing.goods(tx, codes=codes)
    return bespoke.asked({code: one.prices.traits for code, one in goods.items()}, rules.units)


async def read_said(
    tx: ReadTx, *, sku: str, said: Mapping[str, AttributeValue], prices_include_tax: bool
) -> dict[str, str]:
    """Return what is said of a piece of a SKU, checked, with units, before anything is ordered.

    Raises NotBespoke, and every attribute that is missing, unknown or out of its limits at once.
    """
    rules = await _in_force(tx, prices_include_tax=prices_include_tax)
    if not said and not rules.units.bespoke:
        return {}
    goods = await pricing.goods(tx, codes=[sku])
    formula = rules.units.formula_of(sku, goods[sku].prices.traits if sku in goods else ())
    return bespoke.read(sku, formula, said)


async def said_again(
    tx: ReadTx, *, pieces: Sequence[tuple[str, Mapping[str, AttributeValue]]], prices_include_tax: bool
) -> list[dict[str, str] | None]:
    """Return what of what was said of pieces, by SKU, can be said now; None of those that cannot be made any more.

    One statement, two where anything is made to measure; where a version of the rules is new to this process, one more.
    """
    rules = await _in_force(tx, prices_include_tax=prices_include_tax)
    codes = sorted({code for code, _ in pieces})
    goods = await pricing.goods(tx, codes=codes) if rules.units.bespoke else {}
    formulas = {
        code: rules.units.formula_of(code, goods[code].prices.traits if code in goods else ()) for code in codes
    }
    return [bespoke.again(code, formulas[code], said) for code, said in pieces]


async def _in_force(tx: ReadTx, *, prices_include_tax: bool) -> QuoteRules:
    version = await tx.load_one(pricing.version_in_force(at=tx.now))
    return await RULES.current(tx, version=version, prices_include_tax=prices_include_tax)
