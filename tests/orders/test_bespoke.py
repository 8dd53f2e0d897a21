"""Pieces made to measure: what their lines say is checked, priced, kept, and priced the same whenever asked again."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from jiedan.base import verify
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal
from jiedan.base.recorder import StatementRecorder
from jiedan.base.web import problems
from jiedan.orders import api, queries, service
from jiedan.orders.rules import drafts
from jiedan.orders.tables import OrderLine
from jiedan.orders.values import LINE_ATTRIBUTES_BYTES_MAX, NewLine
from jiedan.pricing import queries as prices
from jiedan.pricing import service as pricing
from jiedan.pricing.errors.drafts import CannotPublish
from jiedan.pricing.values import Formula, FormulaAttribute, Said, Words
from jiedan.pricing.values.formulas import (
    ATTRIBUTES_MAX,
    LABEL_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    UNIT_CHARACTERS_MAX,
)
from tests.base import web_client
from tests.conftest import NOON
from tests.orders import factories
from tests.orders.factories import codes, order, place, place_one, shop
from tests.orders.test_placement_api import RIGHTS
from tests.pricing.bespoke_formulas import CURTAIN, LINEN_MINOR, ORDERED, SILK_MINOR
from tests.replays.factories import done, figures

SAID = (Said("width", "2400", "Width", "mm"), Said("height", "1800", "Height", "mm"), Said("fabric", "linen", "Fabric"))
CHECKS = verify.statements("orders")
TOLD = [
    {"name": "width", "value": "2400", "label": "Width", "unit": "mm"},
    {"name": "height", "value": "1800", "label": "Height", "unit": "mm"},
    {"name": "fabric", "value": "linen", "label": "Fabric"},
]


def curtain(quantity: int = 1, **facts: Any) -> NewLine:
    return NewLine(**{"sku": "CURTAIN", "quantity": quantity, "attributes": ORDERED, **facts})


@contextlib.asynccontextmanager
async def opened(db: Database, scope: Scope) -> AsyncIterator[web_client.Client]:
    """Open a client of a merchant that has goods already."""
    caller = web_client.principal(permissions=RIGHTS, tenant=scope.tenant)
    parts = [service.open_order_desk, service.order_subjects()]
    async with web_client.open_client(routers=[api.ROUTER], principal=caller, database=db, parts=parts) as client:
        yield client


async def publish(db: Database, scope: Scope, formula: Formula = CURTAIN) -> None:
    """Publish a formula."""
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=formula)
        await pricing.publish(tx)


async def sold(db: Database, scope: Scope, **settings: Any) -> None:
    """Open a merchant with curtains made to measure, and tea."""
    await shop(db, scope, {"CURTAIN": {"W1": 100}, "TEA": {"W1": 100}}, **settings)
    await publish(db, scope)


async def test_what_is_said_is_priced_and_kept_with_the_line(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    silk = curtain(2, attributes={**ORDERED, "fabric": "silk"})
    placed = await place_one(db, scope, order(curtain(), silk, ("TEA", 1)))
    async with db.read(scope) as tx:
        lines = (await queries.order(tx, placed.order_id)).lines
    assert placed.total_minor == LINEN_MINOR + 2 * SILK_MINOR + factories.PRICE_MINOR
    assert [(x.code, x.unit_minor, x.price_source) for x in lines] == [
        ("CURTAIN", LINEN_MINOR, "rule"),
        ("CURTAIN", SILK_MINOR, "rule"),
        ("TEA", factories.PRICE_MINOR, "list"),
    ]
    assert [x.attributes for x in lines] == [SAID, (*SAID[:2], Said("fabric", "silk", "Fabric")), ()]
    assert [x.formula for x in lines] == ["curtain", "curtain", None]
    async with db.read(scope) as tx:
        assert await tx.sql(CHECKS["i18_formulas_of_lines_are_in_the_book_that_priced_the_order"]) == []
    assert lines[0].described == "Product CURTAIN · Width 2400 mm · Height 1800 mm · Fabric linen"


async def test_a_formula_may_price_a_product(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 1}})
    await publish(db, scope, replace(CURTAIN, goods=("product:CURTAIN",)))
    assert (await place_one(db, scope, order(curtain()))).total_minor == LINEN_MINOR


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (curtain(attributes={}), [("attribute_missing", "width"), ("attribute_missing", "height")]),
        (curtain(attributes={**ORDERED, "width": "9 m"}), [("attribute_out_of_range", "width")]),
        (curtain(attributes={**ORDERED, "width": "2.4 kg"}), [("attribute_unit_wrong", "width")]),
        (curtain(attributes={**ORDERED, "lining": "silk"}), [("attribute_unknown", "lining")]),
        (curtain(attributes={**ORDERED, "fabric": "wool"}), [("attribute_not_a_choice", "fabric")]),
        (curtain(sku="TEA"), [("not_bespoke", "")]),
        (
            curtain(attributes={"width": 1}, unit_price_minor=1, price_reason="Friend."),
            [("attribute_out_of_range", "width"), ("attribute_missing", "height")],
        ),
    ],
)
async def test_what_cannot_be_made_is_refused_at_its_attribute(
    db: Database, scope: Scope, line: NewLine, expected: list[tuple[str, str]]
) -> None:
    await sold(db, scope)
    (outcome,) = await place(db, scope, order(line))
    assert codes(outcome) == [(code, f"lines[0].attributes{name and '.'}{name}") for code, name in expected]


async def test_a_price_by_hand_keeps_what_was_said_and_what_the_formula_asks(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain(2, unit_price_minor=50_000, price_reason="A stain.")))
    async with db.read(scope) as tx:
        (line,) = (await queries.order(tx, placed.order_id)).lines
    assert (line.unit_minor, line.price_source, line.ruled_minor) == (50_000, "manual", 2 * LINEN_MINOR)
    assert line.attributes == SAID


async def test_what_was_sold_elsewhere_said_what_it_said(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    sold_then = {"unit_minor": 100, "discount_minor": 0, "tax_minor": 0}
    line = {"sku": "CURTAIN", "quantity": 1, "as_sold": sold_then, "attributes": {"Breite": "2,4 m"}}
    async with opened(db, scope) as client:
        body = {"history": {"placed_at": "2020-05-01T00:00:00Z"}, "lines": [line]}
        placed = await client.post("/api/v1/orders", json=body)
        shown = (await client.get(placed.headers["location"])).json()
    assert shown["lines"][0]["attributes"] == [{"name": "Breite", "value": "2,4 m"}]


async def test_a_quote_a_preview_and_the_order_tell_the_same(db: Database, scope: Scope) -> None:
    line = {"sku": "CURTAIN", "quantity": 1, "attributes": {"width": "2.4 m", "height": 1800.0}}
    await sold(db, scope)
    async with opened(db, scope) as client:
        quoted = (await client.post("/api/v1/pricing/quote", json={"carts": [{"lines": [line]}]})).json()
        preview = (await client.post("/api/v1/orders/preview", json={"lines": [line]})).json()
        placed = await client.post("/api/v1/orders", json={"lines": [line]})
        shown = (await client.get(placed.headers["location"])).json()
        why = (await client.get(f"{placed.headers['location']}/prices", headers={"accept-language": "en"})).json()
    told = quoted[0]["quote"]
    assert told["total_minor"] == preview["total_minor"] == shown["total_minor"] == LINEN_MINOR
    assert (
        told["lines"][0]["attributes"] == preview["lines"][0]["attributes"] == shown["lines"][0]["attributes"] == TOLD
    )
    assert (told["lines"][0]["price_source"], told["lines"][0]["tiers"]) == ("rule", [])
    assert (why["is_same"], why["recomputed_minor"]) == (True, LINEN_MINOR)
    reason = "formula curtain; fabric = linen, height = 1800, width = 2400, area = 4.5"
    assert why["explanation"]["lines"][0]["reason"] == told["explanation"]["lines"][0]["reason"] == reason


@pytest.mark.parametrize(
    ("attributes", "code", "field"),
    [
        ([], "wrong_type", "lines[0].attributes"),
        ({"width": None}, "wrong_type", "lines[0].attributes[...]"),
        ({"width": {}}, "wrong_type", "lines[0].attributes[...]"),
        ({"width": "x" * 201}, "out_of_bounds", "lines[0].attributes[...]"),
        ({"width": 10**16}, "out_of_bounds", "lines[0].attributes[...]"),
        ({**ORDERED, "": 1}, "attribute_unknown", "lines[0].attributes"),
        ({**ORDERED, "x" * 41: 1}, "attribute_unknown", "lines[0].attributes"),
        ({f"a{i}": 1 for i in range(21)}, "out_of_bounds", "lines[0].attributes"),
        ({"width": True}, "wrong_type", "lines[0].attributes[...]"),
        ({"width": 1e-9, "height": 1800}, "attribute_out_of_range", "lines[0].attributes.width"),
    ],
)
async def test_what_is_no_attribute_is_refused_over_http(
    db: Database, scope: Scope, attributes: Any, code: str, field: str
) -> None:
    await sold(db, scope)
    async with opened(db, scope) as client:
        body = {"lines": [{"sku": "CURTAIN", "quantity": 1, "attributes": attributes}]}
        answer = await client.post("/api/v1/orders", json=body)
    assert answer.status_code in {400, 422}, answer.text
    told = answer.json()
    assert (told.get("code"), told.get("field")) == (code, field), told


async def test_pieces_that_are_the_same_may_stand_on_one_line_only(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    assert [(x.code, x.field) for x in drafts.check(order(curtain(), curtain()), now=NOON)] == [
        ("repeated_line", "lines[1].sku")
    ]
    both = order(curtain(), curtain(attributes={**ORDERED, "width": "3 m"}))
    assert drafts.check(both, now=NOON) == ()
    assert (await place_one(db, scope, both)).allocated == 2


async def test_it_is_priced_again_by_its_own_rules_and_by_those_of_the_draft(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(curtain()))
    dearer = replace(CURTAIN, expression=CURTAIN.expression + " + 10")
    async with db.begin(scope) as tx:
        (rule,) = [x for x in await tx.load_one(prices.draft_rules()) if x.code == "curtain"]
        await pricing.change_rule(tx, rule_id=rule.rule_id, body=dearer, expected_version=rule.version)
    replay = await done(db, scope)
    assert (await figures(db, scope, replay))["total"] == (1, LINEN_MINOR, LINEN_MINOR + 1_000)
    async with db.begin(scope) as tx:
        await pricing.publish(tx)
    async with db.read(scope) as tx:
        told = await service.explain_prices(tx, order_id=placed.order_id, locale="en")
    assert told.is_same, told.reasons


async def test_the_number_of_statements_depends_on_neither_drafts_nor_pieces(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await shop(db, scope, {"CURTAIN": {"W1": 10_000}})
    await publish(db, scope)

    async def statements(count: int, pieces: int) -> list[str]:
        lines = [curtain(attributes={**ORDERED, "width": 2_400 + 10 * i}) for i in range(pieces)]
        wanted = [factories.draft(order(*lines)) for _ in range(count)]
        with recorder.watching() as sent:
            outcomes = await place(db, scope, *wanted)
        assert all(not isinstance(x, Refusal) for x in outcomes)
        return sent

    await statements(1, 1)  # the first one also fills the process's cache of price rules
    assert await statements(1, 1) == await statements(20, 5)


async def test_goods_that_are_not_there_are_not_published(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 1}})
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=CURTAIN)
        with pytest.raises(CannotPublish) as refused:
            await pricing.publish(tx)
    (found,) = refused.value.reasons
    assert (found.code, found.field) == ("formula_goods_unknown", "formula:curtain.goods")
    assert problems.status_of(found) == 422


@pytest.mark.parametrize(
    "stored", [{"a": "b"}, [], [{"name": "n"}] * 21, [{"name": "n", "value": "x" * LINE_ATTRIBUTES_BYTES_MAX}]]
)
async def test_the_database_keeps_what_is_said_within_bounds(db: Database, scope: Scope, stored: Any) -> None:
    await sold(db, scope)
    await place_one(db, scope, order(curtain()))
    change = sa.update(OrderLine).where(OrderLine.tenant_id == scope.tenant).values(attributes=stored)
    with pytest.raises(IntegrityError, match="ck_order_line_attributes_bounded"):
        async with db.begin(scope) as tx:
            await tx.execute(change)


async def test_the_longest_that_may_be_said_in_three_languages_is_kept(db: Database, scope: Scope) -> None:
    long = "\U00020000"  # a letter of four bytes
    label, choice = long * LABEL_CHARACTERS_MAX, long * TEXT_CHARACTERS_MAX
    every = tuple(
        FormulaAttribute(
            long * (NAME_CHARACTERS_MAX - 2) + f"{i:02}",
            label,
            long * UNIT_CHARACTERS_MAX,
            choices=(choice,),
            default=choice,
            labels=Words(label, label, label),
            choice_labels={choice: Words(choice, choice, choice)},
        )
        for i in range(ATTRIBUTES_MAX)
    )
    await shop(db, scope, {"CURTAIN": {"W1": 1}})
    await publish(db, scope, Formula("longest", "7", "CNY", every, goods=("sku:CURTAIN",)))
    placed = await place_one(db, scope, order(curtain(attributes={})))
    async with db.read(scope) as tx:
        (line,) = (await queries.order(tx, placed.order_id)).lines
    assert [one.told_in("zh_Hans") for one in line.attributes] == [f"{label} {choice}"] * ATTRIBUTES_MAX


@pytest.mark.parametrize("stored", ["", "x" * 401])
async def test_the_database_keeps_the_code_of_a_formula_within_bounds(db: Database, scope: Scope, stored: str) -> None:
    await sold(db, scope)
    await place_one(db, scope, order(curtain()))
    change = sa.update(OrderLine).where(OrderLine.tenant_id == scope.tenant).values(formula=stored)
    with pytest.raises(IntegrityError, match="ck_order_line_formula_is_a_code"):
        async with db.begin(scope) as tx:
            await tx.execute(change)
