"""Pieces made to measure: what a product page asks for, and what was typed there.

Measures and choices stand in the address of the page, so it may be passed on with them. What somebody writes on a piece
may name a person: where a text is asked for the page sends a form, and an address never has any.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web import forms
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.carts.values import ATTRIBUTES_MAX, CART_QUANTITY_MAX
from jiedan.catalog.values import Product, Sku
from jiedan.orders import service as orders
from jiedan.orders.rules import bespoke
from jiedan.orders.rules.bespoke import Asked
from jiedan.portal.visitor import Visitor
from jiedan.pricing.values import Formula, FormulaAttribute
from jiedan.pricing.values.formulas import WRITING_CHARACTERS_MAX

PREFIX = "m."
"""Before the names of measures in the address of a product's page."""

TYPED_CHARACTERS_MAX = 100

OPTIONS = ("o0", "o1", "o2", "o3")
"""What choices are called, by the place of their option."""

Code = Annotated[str, msgspec.Meta(max_length=100)]
Choice = Annotated[str, msgspec.Meta(max_length=200)]
Names = Annotated[list[Code], msgspec.Meta(max_length=ATTRIBUTES_MAX)]
Texts = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=WRITING_CHARACTERS_MAX)]], msgspec.Meta(max_length=ATTRIBUTES_MAX)
]
Quantity = Annotated[int, msgspec.Meta(ge=0, le=CART_QUANTITY_MAX)]


class PieceForm(forms.Form, kw_only=True):
    """So many of a SKU; of a piece made to measure, the names of its measures beside what they are.

    A page that asks for texts sends the options chosen with it, by their places.
    """

    sku: Code
    product_id: UUID
    quantity: Quantity = 1
    said_name: Names = msgspec.field(default_factory=list)
    said_value: Texts = msgspec.field(default_factory=list)
    o0: Choice = ""
    o1: Choice = ""
    o2: Choice = ""
    o3: Choice = ""


class Sent(NamedTuple):
    """What a product's page was asked for: options by place, and what is said of a piece by name.

    `sku` is the id or the code of one; `quantity` is how many somebody typed, 0 where nobody did.
    """

    options: Mapping[int, str]
    said: Mapping[str, str]
    sku: str
    quantity: int = 0
    is_form: bool = False


async def formulas(tx: ReadTx, who: Visitor, product: Product, skus: Sequence[Sku]) -> dict[str, Formula]:
    """Return the formulas of those SKUs of a product that are made to measure, by code. One statement."""
    products = {sku.code: product.code for sku in skus}
    return await orders.formulas_of_products(tx, products=products, prices_include_tax=who.settings.prices_include_tax)


def in_address(unit: Unit, sku: UUID | None) -> Sent:
    """Return what the address of a page asks for."""
    query = unit.request.query_params
    asked = {name: str(query.get(name, "")) for name in query}
    said = {name.removeprefix(PREFIX): text.strip() for name, text in asked.items() if name.startswith(PREFIX)}
    return Sent(_options(asked), said, "" if sku is None else str(sku))


def in_form(form: Filled[Any]) -> Sent:
    """Return what the form of a page asks for, whatever is wrong with it."""
    count = form.text("quantity")
    quantity = int(count) if count.isascii() and count.isdigit() and len(count) <= len(str(CART_QUANTITY_MAX)) else 0
    asked = {name: form.text(name) for name in form.raw}
    return Sent(_options(asked), said_in(form), form.text("sku"), quantity, is_form=True)


def said_in(form: Filled[Any]) -> dict[str, str]:
    """Return what a form says of a piece, by name."""
    typed = zip(form.raw.get("said_name", ()), form.raw.get("said_value", ()), strict=False)
    return {name: text for name, text in typed if text}


def _options(asked: Mapping[str, str]) -> dict[int, str]:
    return {place: asked[name] for place, name in enumerate(OPTIONS) if name in asked}


def typed(sent: Sent, formulas_by_code: Mapping[str, Formula]) -> dict[str, dict[str, str]]:
    """Return what was typed of what each SKU asks for, by its code; defaults of what was left out.

    A text in an address is none.
    """
    found: dict[str, dict[str, str]] = {}
    for code, formula in formulas_by_code.items():
        asked = [one for one in formula.attributes if sent.is_form or one.text is None]
        told = {one.name: _cut(one, sent.said.get(one.name, "")) for one in asked}
        found[code] = {name: text for name, text in told.items() if text}
    return found


def _cut(one: FormulaAttribute, text: str) -> str:
    """Return a number or a choice no longer than there are any; a text is judged, so nobody buys half of one."""
    return text if one.text is not None else text[:TYPED_CHARACTERS_MAX]


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
