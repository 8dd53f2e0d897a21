"""Narrowing a shelf down, on shelves made by hand."""

import itertools
from collections.abc import Mapping, Sequence
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiedan.catalog.queries import ShelfProduct, ShelfSku
from jiedan.catalog.values import Component, ProductId, SkuId, SkuKind
from jiedan.portal import facets
from jiedan.portal.facets import CHOICES_MAX, FACETS_MAX, Chosen, Counts, Item

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


def left(items: Sequence[Item], chosen: Chosen) -> list[str]:
    """Return what is left of a shelf."""
    return [each.product.name for each in facets.fitting(items, chosen)]


def counted(shown: Counts, facet: str) -> dict[str, int]:
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
    assert left(SHIRTS, both) == ["P2"]
    assert left(SHIRTS, both._replace(only_there=True)) == []
    assert left(SHIRTS, Chosen(options=(("Color", "blue"),), price_max=2_000)) == ["P1"]
    assert left(SHIRTS, Chosen(options=(("Color", "green"),), price_min=1)) == []


def test_choices_of_one_axis_widen_and_those_of_several_narrow() -> None:
    two_colors = (("Color", "blue"), ("Color", "green"))
    assert left(SHIRTS, Chosen(options=two_colors)) == ["P1", "P3"]
    assert left(SHIRTS, Chosen(options=(*two_colors, ("Size", "S")))) == ["P3"]
    assert left([*SHIRTS, CUP], Chosen(options=(("Flavor", "mint"),))) == []


def test_a_number_says_what_the_choice_would_leave() -> None:
    shown = facets.counted(SHIRTS, Chosen(options=(("Color", "red"),)))
    assert counted(shown, "Color") == {"red": 2, "blue": 2, "green": 1}
    assert counted(shown, "Size") == {"S": 1, "M": 1}
    assert (shown.there.products, shown.there.is_chosen) == (1, False)
    assert counted(facets.counted(SHIRTS, Chosen(only_there=True)), "Color") == {"red": 1, "blue": 1, "green": 1}


def test_an_axis_with_one_choice_is_offered_only_while_it_holds() -> None:
    alike = [shirt(n, (("red", "S"), 100, 1)) for n in (1, 2)]
    assert facets.counted(alike, Chosen()).facets == ()
    held = facets.counted(alike, Chosen(options=(("Color", "red"),)))
    assert [(f.name, [(c.text, c.is_chosen) for c in f.choices]) for f in held.facets] == [("Color", [("red", True)])]


def test_axes_and_choices_are_bounded_and_what_holds_stays() -> None:
    wide = [
        item(n, *[((f"{axis}{i}",), 100, 1) for i in range(CHOICES_MAX + 5)], options=(axis,))
        for n, axis in enumerate("ABCDEFGH", 1)
    ]
    shown = facets.counted(wide, Chosen())
    assert [len(f.choices) for f in shown.facets] == [CHOICES_MAX] * FACETS_MAX
    held = facets.counted(wide, Chosen(options=(("H", "H0"),)))
    assert held.facets[0].name == "H"
    assert left(wide, Chosen(options=(("H", "H0"),))) == ["P8"]


def test_prices_are_open_above_and_what_has_none_fits_no_range() -> None:
    priced = [item(n, ((), price, 1)) for n, price in enumerate((100, 200, 300, None), 1)]
    assert left(priced, Chosen(price_min=100, price_max=200)) == ["P1"]
    assert left(priced, Chosen(price_min=200)) == ["P2", "P3"]
    assert left(priced, Chosen()) == ["P1", "P2", "P3", "P4"]
    assert facets.counted([priced[3]], Chosen()).spans == ()


def test_goods_kits_and_services_are_there_in_their_own_way() -> None:
    part = SkuId(UUID(int=77))
    kit = ShelfSku(SkuId(UUID(int=78)), (), 100, (Component(part, 2), Component(SkuId(UUID(int=79)), 1)))
    service = ShelfSku(SkuId(UUID(int=80)), (), 100, ())
    products = [
        ShelfProduct(ProductId(UUID(int=number)), kind, SkuKind(kind), None, (), (sku,), None)
        for number, kind, sku in ((1, "kit", kit), (2, "service", service), (3, "goods", service))
    ]

    def there(stock: Mapping[UUID, int]) -> list[str]:
        return sorted(left(facets.items_of(products, stock), Chosen(only_there=True)))

    assert there({}) == ["service"]
    assert there({part: 1, UUID(int=79): 9, UUID(int=80): 1}) == ["goods", "service"]
    assert there({part: 2, UUID(int=79): 1}) == ["kit", "service"]


SKUS = st.tuples(
    st.tuples(st.sampled_from(COLORS), st.sampled_from(SIZES)), st.none() | st.integers(1, 100_000), st.integers(0, 2)
)
SHELVES = st.lists(st.lists(SKUS, min_size=1, max_size=4), max_size=30)
OPTIONS = [*(("Color", color) for color in COLORS), *(("Size", size) for size in SIZES)]
CHOSEN = st.builds(
    Chosen,
    options=st.lists(st.sampled_from(OPTIONS), unique=True).map(tuple),
    only_there=st.booleans(),
)


@given(SHELVES, CHOSEN)
def test_numbers_are_what_choosing_brings(shelf: list[list[Made]], chosen: Chosen) -> None:
    items = [shirt(number, *skus) for number, skus in enumerate(shelf, 1)]
    shown = facets.counted(items, chosen)
    for facet in shown.facets:
        others = tuple(pair for pair in chosen.options if pair[0] != facet.name)
        for choice in facet.choices:
            then = facets.fitting(items, chosen._replace(options=(*others, (facet.name, choice.text))))
            assert len(then) == choice.products
            assert choice.products or choice.is_chosen
    assert len(facets.fitting(items, chosen._replace(only_there=True))) == shown.there.products


@given(SHELVES, CHOSEN)
def test_ranges_of_prices_lie_side_by_side_and_count_what_they_leave(shelf: list[list[Made]], chosen: Chosen) -> None:
    items = [shirt(number, *skus) for number, skus in enumerate(shelf, 1)]
    spans = facets.counted(items, chosen).spans
    for span in spans:
        within = chosen._replace(price_min=span.low, price_max=span.high)
        assert len(facets.fitting(items, within)) == span.products > 0
        then = facets.counted(items, within)
        assert any((s.low, s.high) == (span.low, span.high) and s.is_chosen for s in then.spans)
    for one, next_one in itertools.pairwise(spans):
        assert one.high is not None
        assert next_one.low is not None
        assert one.high <= next_one.low
