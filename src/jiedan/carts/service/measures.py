"""Judge what is said of pieces made to measure as they are put into a cart, by the rules in force."""

from collections.abc import Mapping

from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.carts import rules
from jiedan.carts.values import CartLine
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.pricing import queries as pricing


async def problems(
    tx: ReadTx,
    lines: Mapping[int, CartLine],
    skus: Mapping[SkuId, SellableSku],
    *,
    version: int,
    prices_include_tax: bool,
) -> list[Refusal]:
    """Return what is wrong with what lines say, by their places in what was asked, each at its measure.

    One statement where anything is made to measure by this version of the rules, else none; two more where the version
    is new to this process.
    """
    if not lines:
        return []
    in_force = await pricing.RULES.current(tx, version=version, prices_include_tax=prices_include_tax)
    codes = {place: skus[line.sku_id].code for place, line in lines.items()}
    goods = await pricing.goods(tx, codes=sorted(set(codes.values()))) if in_force.units.bespoke else {}
    found: list[Refusal] = []
    for place, line in lines.items():
        code = codes[place]
        traits = goods[code].prices.traits if code in goods else ()
        formula = in_force.units.formula_of(code, traits)
        found += rules.problems_said(code, formula, line.attributes, field=f"lines[{place}].attributes")
    return found
