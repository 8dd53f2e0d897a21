"""Lines as people read them: the parts of a kit right below it, wherever they are numbered."""

import pytest

from jiedan.base.db import Database, Scope
from jiedan.catalog.values import SkuKind
from jiedan.fulfillment.rules import fetching
from jiedan.orders.rules import kits
from tests.console.test_pages import open_console, page
from tests.fulfillment.factories import Floor, floor
from tests.fulfillment.test_pages import browser_of
from tests.fulfillment.test_papers import printed
from tests.fulfillment.test_rules import line
from tests.orders import factories


@pytest.mark.parametrize(
    ("parents", "read"),
    [
        ({}, [1, 2, 3, 4]),
        ({3: 1, 4: 1}, [1, 3, 4, 2]),
        ({3: 2, 4: 1}, [1, 4, 2, 3]),
        ({3: 2, 4: 2}, [1, 2, 3, 4]),
    ],
)
def test_parts_are_read_right_below_their_kit(parents: dict[int, int], read: list[int]) -> None:
    lines = [line(n, parent_line=parents.get(n)) for n in (4, 2, 1, 3)]
    assert [x.line for x in kits.as_read(lines)] == read
    of = kits.parts_by_kit(kits.as_read(lines))
    assert {part.line: kit for kit, parts in of.items() for part in parts} == parents


async def kit_on_the_floor(db: Database, scope: Scope) -> Floor:
    """Return a merchant with a kit of two cups and one pot, and tea."""
    at = await floor(db, scope, {"TEA": {"W": 9}, "CUP": {"W": 9}, "POT": {"W": 9}})
    async with at.db.begin(at.scope) as tx:
        parts = [(at.shop.skus["CUP"], 2), (at.shop.skus["POT"], 1)]
        await factories.sku(tx, "SET", kind=SkuKind.kit, parts=parts)
    return at


def order_of(text: str, *words: str) -> list[str]:
    """Return words in the order in which they are first said."""
    return sorted(words, key=text.index)


async def test_papers_name_the_kit_above_its_parts(db: Database, scope: Scope) -> None:
    at = await kit_on_the_floor(db, scope)
    order_id = await at.place(("SET", 2), ("TEA", 1))
    work = await at.only(order_id)
    read = [">SET<", ">CUP<", ">POT<", ">TEA<"]
    async with browser_of(at) as client:
        papers = [await printed(client, document, order_id) for document in ("pick-list", "delivery-note")]
        together = (await client.get(f"/c/acme/pick-lists?id={work.fulfillment_id}")).text
        papers.append(together.partition(work.number)[2])
        shown = [
            (await client.get(f"/c/acme/fulfillment/{work.fulfillment_id}{x}")).text for x in ("", "/pick", "/pack")
        ]
        await at.packed(order_id)
        papers.append(await printed(client, "packing-slip", order_id))
    for text in papers:
        assert order_of(text, *read) == read
        assert text.count('<tr class="kit">') == 1
        assert text.count('<tr class="part">') == 2
    for text in shown:
        assert text.count("part of Product SET") == 2


async def test_the_page_of_an_order_shows_parts_below_their_kit(db: Database, scope: Scope) -> None:
    at = await kit_on_the_floor(db, scope)
    order_id = await at.place(("SET", 2), ("TEA", 1))
    read = [">SET<", ">CUP<", ">POT<", ">TEA<"]
    async with open_console(db, scope) as client:
        shown = await page(client, f"/orders/{order_id}")
    lines = shown.partition('aria-label="Lines"')[2].partition("</section>")[0]
    assert order_of(lines, *read) == read
    assert lines.count("part of Product SET") == 2
    assert lines.count("Included") == 2
    assert lines.count("CN¥0.00") == 0


async def test_parts_of_a_kit_are_fetched_together(db: Database, scope: Scope) -> None:
    at = await kit_on_the_floor(db, scope)
    order_id = await at.place(("TEA", 1), ("SET", 1))
    work = await at.only(order_id)
    async with browser_of(at) as client:
        phone = (await client.get(f"/c/acme/fulfillment/{work.fulfillment_id}/pick")).text
        paper = await printed(client, "pick-list", order_id)
    for text in (phone, paper):
        assert order_of(text, ">CUP<", ">POT<", ">TEA<") == [">CUP<", ">POT<", ">TEA<"]


@pytest.mark.parametrize(
    ("codes", "parents", "fetched"),
    [
        ({1: "B", 2: "A"}, {}, ["A", "B"]),
        ({1: "M", 3: "Z", 4: "A"}, {3: 2, 4: 2}, ["A", "Z", "M"]),
        ({1: "B", 3: "A", 4: "C", 5: "A"}, {3: 2, 4: 2}, ["A", "C", "A", "B"]),
    ],
)
def test_lines_are_fetched_by_code_and_kits_as_one(
    codes: dict[int, str], parents: dict[int, int], fetched: list[str]
) -> None:
    lines = [line(n, code=code, parent_line=parents.get(n)) for n, code in codes.items()]
    assert [x.code for x in fetching.as_fetched(lines)] == fetched
