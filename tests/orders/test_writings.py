"""Texts written on goods: priced by the letter, kept with their lines, changed as measures are, and forgotten."""

from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import service
from jiedan.orders.rules import drafts
from jiedan.orders.service import erasure
from jiedan.orders.values import CancelRequest, NewLine, Placed
from jiedan.pricing.values import Formula, FormulaAttribute, FormulaText, Said, Words
from jiedan.pricing.values.formulas import (
    ATTRIBUTES_MAX,
    LABEL_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    WRITING_CHARACTERS_MAX,
)
from tests.conftest import NOON
from tests.orders.factories import codes, order, place, place_one, shop
from tests.orders.test_bespoke import opened, publish
from tests.orders.test_remeasuring import current, edit, measures, refused
from tests.pricing.bespoke_formulas import ENGRAVED_MINOR, PLAIN_MINOR, RING

LABELS = Words(zh_hans="刻字", zh_hant="鐫刻")


def ring(text: Any = "Anna & Tom", quantity: int = 1, **facts: Any) -> NewLine:
    said = {} if text is None else {"engraving": text}
    return NewLine(**{"sku": "RING", "quantity": quantity, "attributes": said, **facts})


def engraving(text: str, letters: int) -> Said:
    return Said("engraving", text, "Engraving", labels=LABELS, letters=letters)


async def sold(db: Database, scope: Scope, formula: Formula = RING) -> None:
    """Open a merchant with rings to engrave."""
    await shop(db, scope, {"RING": {"W1": 1_000, "W2": 1_000}})
    await publish(db, scope, formula)


async def forgotten(db: Database, scope: Scope, *placed: Placed) -> None:
    """Cancel orders, and wipe the person out of them."""
    async with db.begin(scope) as tx:
        await service.cancel_orders(tx, requests=[CancelRequest(x.order_id, "customer_request") for x in placed])
    async with db.begin(scope) as tx:
        await erasure.erase_orders(tx, order_ids=[x.order_id for x in placed])


async def test_a_text_is_priced_by_the_letter_and_kept(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(ring(" Anna\u3000& Tom "), ring(None), ring("Otto", 2)))
    lines = (await current(db, scope, placed.order_id)).lines
    # 500.00 + (20.00 + 4 × 1.50) / 2 for each of two with the same text.
    assert [x.unit_minor for x in lines] == [ENGRAVED_MINOR, PLAIN_MINOR, PLAIN_MINOR + 1_300]
    assert [x.attributes[1] for x in lines] == [engraving("Anna & Tom", 8), engraving("", 0), engraving("Otto", 4)]
    assert lines[0].described == "Product RING · Size 52 · Engraving “Anna & Tom”"
    assert lines[1].told_in("zh_Hans") == "Product RING · Size 52 · 刻字 –"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 41, "attribute_text_too_long"),
        ("Anna\nTom", "attribute_text_invalid"),
        ("\u202eannA", "attribute_text_invalid"),
    ],
)
async def test_what_cannot_be_written_is_refused_at_its_attribute(
    text: str, expected: str, db: Database, scope: Scope
) -> None:
    await sold(db, scope)
    (outcome,) = await place(db, scope, order(ring(text)))
    assert codes(outcome) == [(expected, "lines[0].attributes.engraving")]


async def test_pieces_with_other_texts_are_other_lines(db: Database, scope: Scope) -> None:
    both = order(ring("Anna"), ring("Otto"))
    assert drafts.check(both, now=NOON) == ()
    assert [x.code for x in drafts.check(order(ring("Anna"), ring("Anna")), now=NOON)] == ["repeated_line"]
    await sold(db, scope)
    placed = await place_one(db, scope, both)
    assert [x.unit_minor for x in (await current(db, scope, placed.order_id)).lines] == [52_600, 52_600]


async def test_no_card_number_is_kept(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(ring("4111\u30001111\u30001111\u30001111")))
    (line,) = (await current(db, scope, placed.order_id)).lines
    assert line.attributes[1] == engraving("**** **** **** 1111", 16)


async def test_programs_write_read_and_change_texts(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    body = {"lines": [{"sku": "RING", "quantity": 1, "attributes": {"engraving": "Anna & Tom", "size": 60}}]}
    async with opened(db, scope) as client:
        (quoted,) = (await client.post("/api/v1/pricing/quote", json={"carts": [body]})).json()
        placed = await client.post("/api/v1/orders", json=body)
        at = placed.headers["location"]
        shown = (await client.get(at)).json()
        change = {"measures": [{"line": 1, "attributes": {"engraving": "Otto"}}]}
        looked = (await client.post(f"{at}/edit-preview", json=change)).json()
        changed = await client.patch(at, json=change, headers={"if-match": '"1"'})
        why = (await client.get(f"{at}/prices", headers={"accept-language": "en"})).text
        longest = {"lines": [{**body["lines"][0], "attributes": {"engraving": "x" * (WRITING_CHARACTERS_MAX + 1)}}]}
        refused_ = (await client.post("/api/v1/orders", json=longest)).json()
    assert quoted["quote"]["total_minor"] == shown["total_minor"] == ENGRAVED_MINOR
    assert shown["lines"][0]["attributes"][1] == {
        "name": "engraving",
        "value": "Anna & Tom",
        "label": "Engraving",
        "labels": {"zh_Hans": "刻字", "zh_Hant": "鐫刻"},
        "letters": 8,
    }
    assert looked["total_minor"] == 52_600
    assert changed.status_code == 200
    assert changed.json()["lines"][0]["attributes"][1]["value"] == "Otto"
    assert "length(engraving) = 8" in why, "as it was placed"
    assert refused_["status"] in {400, 422}


async def test_a_text_is_changed_until_it_is_worked_on(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(db, scope, order(ring("Anna"), ring("Otto")))
    assert await refused(db, scope, placed, measures(engraving="Otto")) == [("repeated_line", "measures[0].attributes")]
    assert await refused(db, scope, placed, measures(engraving="a\nb")) == [
        ("attribute_text_invalid", "measures[0].attributes.engraving")
    ]
    await edit(db, scope, placed, measures(engraving=""))
    found = await current(db, scope, placed.order_id)
    assert found.lines[0].attributes[1] == engraving("", 0)
    assert found.lines[0].unit_minor == PLAIN_MINOR
    assert found.lines[0].placed_attributes[1] == engraving("Anna", 4)
    await edit(db, scope, placed, measures(engraving="Anna & Tom"))
    assert (await current(db, scope, placed.order_id)).lines[0].unit_minor == ENGRAVED_MINOR
    async with db.read(scope) as tx:
        assert (await service.explain_prices(tx, order_id=placed.order_id, locale="en")).is_same


async def test_what_is_left_of_texts_still_explains_the_prices(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    placed = await place_one(
        db, scope, order(ring("Anna", location="W1"), ring("Anna", location="W2"), ring("Otto", 2), ring(None))
    )
    other = await place_one(db, scope, order(ring("Emma")))
    await edit(db, scope, other, measures(engraving="Emma & Tom"))
    before = [x.unit_minor for x in (await current(db, scope, placed.order_id)).lines]
    await forgotten(db, scope, placed, other)
    found = await current(db, scope, placed.order_id)
    assert [x.unit_minor for x in found.lines] == before == [51_300, 51_300, 51_300, PLAIN_MINOR]
    assert [x.attributes[1].value for x in found.lines] == ["⣿⣿⣿⣿", "⣿⣿⣿⣿", "⣾⣾⣾⣾", ""]
    assert [x.attributes[0].value for x in found.lines] == ["52"] * 4, "measures stay: prices need them"
    (line,) = (await current(db, scope, other.order_id)).lines
    assert (line.attributes[1].value, line.placed_attributes[1].value) == ("⣿" * 8, "⣾" * 4)
    for order_id in (placed.order_id, other.order_id):
        async with db.read(scope) as tx:
            told = await service.explain_prices(tx, order_id=order_id, locale="en")
        assert told.is_same, told.reasons


async def test_what_stands_for_a_text_is_not_written_onto_another_piece(db: Database, scope: Scope) -> None:
    await sold(db, scope)
    async with db.read(scope) as tx:
        pieces = [("RING", {"engraving": "⣿⣿⣿⣿", "size": "60"}), ("RING", {"engraving": "Otto"})]
        today = await service.said_again(tx, pieces=pieces, prices_include_tax=True)
    assert today == [{"size": "60", "engraving": ""}, {"size": "52", "engraving": "Otto"}]


async def test_forgetting_takes_as_many_statements_for_many_texts(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await sold(db, scope)
    several = [order(*[ring(f"Name {i}") for i in range(count)]) for count in (1, 1, 5)]
    placed = [await place_one(db, scope, one) for one in several]
    async with db.begin(scope) as tx:
        await service.cancel_orders(tx, requests=[CancelRequest(x.order_id, "customer_request") for x in placed])
    sent = []
    for some in (placed[:1], placed[1:]):
        with recorder.watching() as statements:
            async with db.begin(scope) as tx:
                await erasure.erase_orders(tx, order_ids=[x.order_id for x in some])
        sent.append(len(statements))
    assert sent[0] == sent[1]


async def test_the_longest_texts_are_kept(db: Database, scope: Scope) -> None:
    label = "\U0001f48d" * LABEL_CHARACTERS_MAX
    every = tuple(
        FormulaAttribute(
            "永" * (NAME_CHARACTERS_MAX - 2) + f"{i:02}",
            label,
            labels=Words(label, label, label),
            text=FormulaText(WRITING_CHARACTERS_MAX),
        )
        for i in range(ATTRIBUTES_MAX)
    )
    text = "\U0001f48d" * WRITING_CHARACTERS_MAX
    await shop(db, scope, {"RING": {"W1": 1}})
    await publish(db, scope, Formula("longest", "7", "CNY", every, goods=("sku:RING",)))
    placed = await place_one(db, scope, order(ring(None, attributes={one.name: text for one in every})))
    assert [x.value for x in (await current(db, scope, placed.order_id)).lines[0].attributes] == [text] * ATTRIBUTES_MAX
    await forgotten(db, scope, placed)
    (line,) = (await current(db, scope, placed.order_id)).lines
    assert {x.value for x in line.attributes} == {"⣿" * WRITING_CHARACTERS_MAX}
