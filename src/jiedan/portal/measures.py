"""Pieces made to measure: what a product page asks for, and what was typed there."""

from collections.abc import Mapping, Sequence

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web.unit import Unit
from jiedan.catalog.values import Product, Sku
from jiedan.orders import service as orders
from jiedan.orders.rules import bespoke
from jiedan.orders.rules.bespoke import Asked
from jiedan.portal.visitor import Visitor
from jiedan.pricing.values import Formula

PREFIX = "m."
"""Before the names of measures in the address of a product's page."""

TYPED_CHARACTERS_MAX = 100


async def formulas(tx: ReadTx, who: Visitor, product: Product, skus: Sequence[Sku]) -> dict[str, Formula]:
    """Return the formulas of those SKUs of a product that are made to measure, by code. One statement."""
    products = {sku.code: product.code for sku in skus}
    return await orders.formulas_of_products(tx, products=products, prices_include_tax=who.settings.prices_include_tax)


def typed(unit: Unit, formulas_by_code: Mapping[str, Formula]) -> dict[str, dict[str, str]]:
    """Return what was typed of the measures that each SKU asks for, by its code; defaults of what was left out."""
    asked = unit.request.query_params
    found: dict[str, dict[str, str]] = {}
    for code, formula in formulas_by_code.items():
        told = {one.name: str(asked.get(f"{PREFIX}{one.name}", "")).strip() for one in formula.attributes}
        found[code] = {name: text[:TYPED_CHARACTERS_MAX] for name, text in told.items() if text}
    return found


def asked(unit: Unit, formula: Formula | None, said: Mapping[str, str], reasons: Sequence[Refusal]) -> list[Asked]:
    """Return what the form asks for; nothing is wrong with it before anything was typed."""
    if formula is None:
        return []
    problems = bespoke.problems_by_name(reasons) if said else {}
    told = {name: i18n.say(unit.locale, one) for name, one in problems.items()}
    return bespoke.inputs(formula, said, told, locale=unit.locale)


def in_the_way(unit: Unit, reasons: Sequence[Refusal]) -> list[str]:
    """Return why a piece has no price, beside what is wrong with one measure."""
    named = bespoke.problems_by_name(reasons).values()
    return [i18n.say(unit.locale, reason) for reason in reasons if reason not in named]
