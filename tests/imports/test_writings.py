"""Texts on goods in files: what goes out comes in as it was written."""

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from jiedan.base.db import Database, Scope
from jiedan.catalog.values import Labels
from jiedan.exports import rules
from jiedan.imports.values import Counts
from jiedan.orders import queries as orders
from jiedan.orders.values import NewLine
from jiedan.pricing import service as pricing
from tests.imports.factories import csv_of, imported
from tests.imports.test_orders import refused, stored
from tests.orders import factories
from tests.pricing.bespoke_formulas import RING


async def sold(db: Database, scope: Scope) -> None:
    """Open a merchant with rings to engrave."""
    await factories.shop(db, scope, {"A": {"W1": 100}})
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=replace(RING, goods=("sku:A",)))
        await pricing.publish(tx)


@pytest.mark.parametrize("text", ["Anna & Tom", "007", "true", 'a;b,c="d"=＝；，\'', '"', "=1+1", "", "@x", "a b"])
async def test_any_text_goes_out_and_comes_in_as_it_is(text: str, db: Database, scope: Scope) -> None:
    await sold(db, scope)
    wanted = factories.order(NewLine(sku="A", quantity=1, attributes={"engraving": text}))
    placed = await factories.place_one(db, scope, wanted)
    async with db.read(scope) as tx:
        found = await orders.order(tx, placed.order_id)
    titles = [column.key for column in rules.COLUMNS["lines"]]
    row = rules.line_row(found.order, found.lines[0], Labels(), zone=ZoneInfo("UTC"))
    measures = str(row[titles.index("measures")])
    assert measures.startswith("size=52; engraving="), "so no cell begins like a formula of a spreadsheet"
    quoted = measures.replace('"', '""')
    done = await imported(db, scope, "orders", csv_of("order id,sku,qty,measures", f'X1,A,1,"{quoted}"'))
    assert done.counts == Counts(read=1, created=1)
    assert found.lines[0].attributes[1].value == text
    assert (await stored(db, scope))["X1"].lines[0].attributes == found.lines[0].attributes


async def test_a_text_of_digits_stays_as_it_was_typed(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    rows = csv_of(
        "order id,sku,qty,measures", "D1,A,1,engraving=007; size=0060", "D1,A,1,engraving=7", "D2,A,1,engraving=a\tb"
    )
    done = await imported(db, scope, "orders", rows)
    assert await refused(db, scope, done) == [(4, "measures", "attribute_text_invalid")]
    lines = (await stored(db, scope))["D1"].lines
    assert [[one.value for one in x.attributes] for x in lines] == [["60", "007"], ["52", "7"]]
