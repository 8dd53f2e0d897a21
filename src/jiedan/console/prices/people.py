"""Customers that are named in forms of prices: found by what one types, told apart by how they are reached."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console.errors import CustomersFit, NoCustomerFits
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerRow
from jiedan.pricing.values.examples import KNOWN

NAMED, TYPED = "customers", "customers_find"
"""The input of customers that a rule is for, by their ids, and the one in which another is looked for."""

EXAMPLE = "example_who"
FIND = "find"

FITTING_MAX = 12
SEARCHES_MAX = 5
"""Texts by which customers are looked for at once."""

Fitting = Mapping[str, Sequence[CustomerRow]]
"""Who fits what was typed where that is not one, by input: `customers_find`, or `example-0` as it was sent."""

NOBODY: Fitting = MappingProxyType({})


def id_of(text: str) -> UUID | None:
    """Return the id that a text is; None for any other text."""
    try:
        return UUID(text)
    except ValueError:
        return None


async def fitting(tx: ReadTx, unit: Unit, text: str) -> list[CustomerRow]:
    """Return who fits what was typed: a name, its pinyin, a phone number or an address. Three statements."""
    among = list((await customers.matching_customers(tx, text=text)).customer_ids)
    if not among:
        return []
    request = unit.page("price_people", filters={"q": text}, limit=FITTING_MAX)
    return list((await customers.customer_rows(tx, request=request, among=among)).items)


def told(rows: Sequence[CustomerRow]) -> str:
    """Return who they are, with how each is reached."""
    return ", ".join(" ".join(filter(None, (row.name, row.phone or row.email))) for row in rows)


async def named(unit: Unit, form: Filled[Any]) -> Fitting:
    """Put ids where customers were looked for by words that fit one alone; return who fits the others.

    Refused on the form is what nobody fits, and what several do, unless it was only asked who does. What examples say
    that nobody fits stays: rules may name customers by words of their own. Fifteen statements at most.
    """
    wanted = _wanted(form) if unit.may("customers:read") else {}
    if not wanted:
        return {}
    found: dict[str, list[CustomerRow]] = {}
    async with unit.read() as tx:
        for field, text in wanted.items():
            found[field] = await fitting(tx, unit, text)
    refused: list[Refusal] = []
    for field, text in wanted.items():
        rows = found[field]
        if len(rows) == 1:
            _put(form, field, str(rows[0].customer_id))
        elif rows and form.text("action") != FIND:
            refused.append(CustomersFit(text, told(rows), field=field))
        elif not rows and field == TYPED:
            refused.append(NoCustomerFits(text, field=field))
    for refusal in refused:
        form.raw = {refusal.field or "": [""], **form.raw}
        form.refuse(refusal)
    return {field: rows for field, rows in found.items() if len(rows) > 1}


def _wanted(form: Filled[Any]) -> dict[str, str]:
    """Return by which texts customers are looked for, by input, a bounded number of them."""
    texts = {TYPED: form.text(TYPED)}
    texts |= {f"example-{i}": text for i, text in enumerate(form.raw.get(EXAMPLE, ()))}
    wanted = {field: text for field, text in texts.items() if text and text != KNOWN and id_of(text) is None}
    if id_of(texts[TYPED]) is not None:
        _put(form, TYPED, texts[TYPED])
    return dict(list(wanted.items())[:SEARCHES_MAX])


def _put(form: Filled[Any], field: str, customer_id: str) -> None:
    """Let a form say the id of the customer that was looked for."""
    if field == TYPED:
        ids = [text for text in form.raw.get(NAMED, ()) if text]
        form.raw = {**form.raw, NAMED: list(dict.fromkeys([*ids, customer_id])), TYPED: [""]}
        if form.value is not None:
            form.value = msgspec.structs.replace(form.value, **{NAMED: form.raw[NAMED]})
    else:
        place = int(field.removeprefix("example-"))
        texts = list(form.raw[EXAMPLE])
        texts[place] = customer_id
        form.raw = {**form.raw, EXAMPLE: texts}
