"""Narrowing a shelf down, on shelves made by hand."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.catalog.queries import ShelfProduct, ShelfSku
from jiedan.catalog.values import Component, ProductId, SkuId, SkuKind
from jiedan.portal import facets
from jiedan.portal.facets import CHOICES_MAX, FACETS_MAX, PRODUCTS_PER_PAGE, Chosen, Item, Shown

Made = tuple[tuple[str, ...], int | None, int]
"""A SKU by its choices, its price and how many of it are left."""

COLORS = ("red", "blue", "green")
SIZES = ("S", "M")


def item(number: int, *skus: Made, options: Sequence[str] = (), name: str = "", kind: str = "goods") -> Item:
    """Return a product; the later its number, the newer it is."""
    made = [
        ShelfSku(SkuId(UUID(int=number * 100 + place)), choices, unit_minor, ())
        for place, (choices, unit_minor, _) in enumerate(skus)
    ]
    product = ShelfProduct(
        ProductId(UUID(int=number)), name or f"P{number}", SkuKind(kind), None, tuple(options), tuple(made), None
    )
    left: dict[UUID, int] = {sku.sku_id: left for sku, (_, _, left) in zip(made, skus, strict=True)}
    return facets.items_of([product], left)[0]


def shirt(number: int, *skus: Made) -> Item:
    """Return a product that comes in colors and sizes."""
    return item(number, *skus, options=("Color", "Size"))


def names(shown: Shown) -> list[str]:
    """Return what is shown, in order."""
    return [each.product.name for each in shown.items]


def counted(shown: Shown, facet: str) -> dict[str, int]:
    """Return how many products each choice of a facet would leave."""
    (found,) = [each for each in shown.facets if each.name == facet]
    return {choice.text: choice.products for choice in found.choices}


SHIRTS = (
    shirt(1, (("red", "S"), 1_000, 3), (("blue", "M"), 1_200, 0)),
    shirt(2, (("red", "M"), 2_000, 0)),
    shirt(3, (("blue", "S"), 3_000, 1), (("green", "S"), None, 1)),
)
CUP = item(4, ((), 500, 0), name="Cup")


def test_one_sku_must_be_all_that_is_chosen() -> None:
    both = Chosen(options=(("Color", "red"), ("Size", "M")))
    assert names(facets.narrowed(SHIRTS, both)) == ["P2"]
    assert names(facets.narrowed(SHIRTS, both._replace(only_there=True))) == []
    assert names(facets.narrowed(SHIRTS, Chosen(options=(("Color", "blue"),), price_max=2_000))) == ["P1"]
    assert names(facets.narrowed(SHIRTS, Chosen(options=(("Color", "green"),), price_min=1))) == []


def test_choices_of_one_axis_widen_and_those_of_several_narrow() -> None:
    two_colors = (("Color", "blue"), ("Color", "green"))
    assert names(facets.narrowed(SHIRTS, Chosen(options=two_colors))) == ["P3", "P1"]
    assert names(facets.narrowed(SHIRTS, Chosen(options=(*two_colors, ("Size", "S"))))) == ["P3"]
    assert names(facets.narrowed([*SHIRTS, CUP], Chosen(options=(("Flavor", "mint"),)))) == []


def test_a_number_says_what_the_choice_would_leave() -> None:
    shown = facets.narrowed(SHIRTS, Chosen(options=(("Color", "red"),)))
    assert counted(shown, "Color") == {"red": 2, "blue": 2, "green": 1}
    assert counted(shown, "Size") == {"S": 1, "M": 1}
    assert (shown.there.products, shown.there.is_chosen) == (1, False)
    assert counted(facets.narrowed(SHIRTS, Chosen(only_there=True)), "Color") == {"red": 1, "blue": 1, "green": 1}


def test_an_axis_with_one_choice_is_offered_only_while_it_holds() -> None:
    alike = [shirt(n, (("red", "S"), 100, 1)) for n in (1, 2)]
    assert facets.narrowed(alike, Chosen()).facets == ()
    held = facets.narrowed(alike, Chosen(options=(("Color", "red"),)))
    assert [(f.name, [(c.text, c.is_chosen) for c in f.choices]) for f in held.facets] == [("Color", [("red", True)])]


def test_axes_and_choices_are_bounded_and_what_holds_stays() -> None:
    wide = [
        item(n, *[((f"{axis}{i}",), 100, 1) for i in range(CHOICES_MAX + 5)], options=(axis,))
        for n, axis in enumerate("ABCDEFGH", 1)
    ]
    shown = facets.narrowed(wide, Chosen())
    assert [len(f.choices) for f in shown.facets] == [CHOICES_MAX] * FACETS_MAX
    held = facets.narrowed(wide, Chosen(options=(("H", "H0"),)))
    assert held.facets[0].name == "H"
    assert names(held) == ["P8"]


def test_prices_are_open_above_and_what_has_none_fits_no_range() -> None:
    priced = [item(n, ((), price, 1)) for n, price in enumerate((100, 200, 300, None), 1)]
    assert names(facets.narrowed(priced, Chosen(price_min=100, price_max=200))) == ["P1"]
    assert names(facets.narrowed(priced, Chosen(price_min=200))) == ["P3", "P2"]
    assert names(facets.narrowed(priced, Chosen())) == ["P4", "P3", "P2", "P1"]
    assert facets.narrowed([priced[3]], Chosen()).spans == ()


def test_goods_kits_and_services_are_there_in_their_own_way() -> None:
    part = SkuId(UUID(int=77))
    kit = ShelfSku(SkuId(UUID(int=78)), (), 100, (Component(part, 2), Component(SkuId(UUID(int=79)), 1)))
    service = ShelfSku(SkuId(UUID(int=80)), (), 100, ())
    products = [
        ShelfProduct(ProductId(UUID(int=number)), kind, SkuKind(kind), None, (), (sku,), None)
        for number, kind, sku in ((1, "kit", kit), (2, "service", service), (3, "goods", service))
    ]

    def there(left: Mapping[UUID, int]) -> list[str]:
        return sorted(names(facets.narrowed(facets.items_of(products, left), Chosen(only_there=True))))

    assert there({}) == ["service"]
    assert there({part: 1, UUID(int=79): 9, UUID(int=80): 1}) == ["goods", "service"]
    assert there({part: 2, UUID(int=79): 1}) == ["kit", "service"]


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("newest", ["Cup", "P3", "P2", "P1"]),
        ("cheapest", ["Cup", "P1", "P2", "P3"]),
        ("dearest", ["P3", "P2", "P1", "Cup"]),
        ("name", ["Cup", "P1", "P2", "P3"]),
    ],
)
def test_a_shelf_is_sorted(sort: Any, wanted: list[str]) -> None:
    assert names(facets.narrowed([*SHIRTS, CUP], Chosen(sort=sort))) == wanted


@pytest.mark.parametrize("sort", ["cheapest", "dearest"])
def test_what_has_no_price_comes_last(sort: Any) -> None:
    shelf = [item(1, ((), None, 1)), item(2, ((), 300, 1)), item(3, ((), 100, 1))]
    assert names(facets.narrowed(shelf, Chosen(sort=sort)))[-1] == "P1"


def test_pages_follow_each_other_and_one_that_is_not_there_is_the_nearest() -> None:
    shelf = [item(n, ((), 100, 1)) for n in range(1, 2 * PRODUCTS_PER_PAGE + 2)]
    shown = [facets.narrowed(shelf, Chosen(page=page)) for page in (1, 2, 3)]
    assert [len(each.items) for each in shown] == [PRODUCTS_PER_PAGE, PRODUCTS_PER_PAGE, 1]
    assert list(itertools.chain(*map(names, shown))) == [f"P{n}" for n in range(len(shelf), 0, -1)]
    assert facets.narrowed(shelf, Chosen(page=99)) == shown[2]
    assert facets.narrowed(shelf, Chosen(page=-1)).page == 1
    nothing = facets.narrowed([], Chosen(page=3))
    assert (nothing.items, nothing.products, nothing.page, nothing.pages) == ((), 0, 1, 1)


SKUS = st.tuples(
    st.tuples(st.sampled_from(COLORS), st.sampled_from(SIZES)), st.none() | st.integers(1, 100_000), st.integers(0, 2)
)
SHELVES = st.lists(st.lists(SKUS, min_size=1, max_size=4), max_size=30)
OPTIONS = [*(("Color", color) for color in COLORS), *(("Size", size) for size in SIZES)]
CHOSEN = st.builds(
    Chosen,
    options=st.lists(st.sampled_from(OPTIONS), unique=True).map(tuple),
    only_there=st.booleans(),
    sort=st.sampled_from(facets.SORTS),
)


@given(SHELVES, CHOSEN)
def test_numbers_are_what_choosing_brings(shelf: list[list[Made]], chosen: Chosen) -> None:
    items = [shirt(number, *skus) for number, skus in enumerate(shelf, 1)]
    shown = facets.narrowed(items, chosen)
    for facet in shown.facets:
        others = tuple(pair for pair in chosen.options if pair[0] != facet.name)
        for choice in facet.choices:
            then = facets.narrowed(items, chosen._replace(options=(*others, (facet.name, choice.text))))
            assert then.products == choice.products
            assert choice.products or choice.is_chosen
    assert facets.narrowed(items, chosen._replace(only_there=True)).products == shown.there.products
    assert sum(len(facets.narrowed(items, chosen._replace(page=p)).items) for p in range(1, shown.pages + 1)) == (
        shown.products
    )


@given(SHELVES, CHOSEN)
def test_ranges_of_prices_lie_side_by_side_and_count_what_they_leave(shelf: list[list[Made]], chosen: Chosen) -> None:
    items = [shirt(number, *skus) for number, skus in enumerate(shelf, 1)]
    spans = facets.narrowed(items, chosen).spans
    for span in spans:
        then = facets.narrowed(items, chosen._replace(price_min=span.low, price_max=span.high))
        assert then.products == span.products > 0
        assert any((s.low, s.high) == (span.low, span.high) and s.is_chosen for s in then.spans)
    for one, next_one in itertools.pairwise(spans):
        assert one.high is not None
        assert next_one.low is not None
        assert one.high <= next_one.low
