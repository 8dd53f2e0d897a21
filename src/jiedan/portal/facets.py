"""By what a shelf may be narrowed down: options, price and what is there, each counted. Pure.

At most some hundred products are counted at once: each number says how many of them there would be with that choice,
whatever else is chosen staying as it is. Which products are shown, the database says by the same rules
(`inventory.queries.offered`).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.catalog.queries import ShelfProduct, ShelfSku
from jiedan.catalog.values import SkuKind
from jiedan.inventory.queries import ORDERS, Order

FACETS_MAX = 6
CHOICES_MAX = 20
PRICE_STEPS = 4
CHOSEN_MAX = 20

SORTS = ORDERS


class Item(NamedTuple):
    """A product on a shelf with what its SKUs have left; None where stock does not count."""

    product: ShelfProduct
    left: Mapping[UUID, int | None]

    def is_there(self, sku: ShelfSku) -> bool:
        """Tell whether one of a SKU could leave today."""
        left = self.left[sku.sku_id]
        return left is None or left > 0

    @property
    def is_any_there(self) -> bool:
        """Tell whether any of its SKUs is there."""
        return any(self.is_there(sku) for sku in self.product.skus)

    @property
    def prices(self) -> list[int]:
        """The prices of its SKUs, lowest first."""
        return sorted(sku.unit_minor for sku in self.product.skus if sku.unit_minor is not None)


class Chosen(NamedTuple):
    """What a visitor narrowed a shelf down to; `options` are pairs of an axis and a choice, prices minor units."""

    options: tuple[tuple[str, str], ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    only_there: bool = False
    sort: Order = "newest"


class Choice(NamedTuple):
    """A choice of a facet: how many products it would leave, and whether it holds."""

    text: str
    products: int
    is_chosen: bool


class Facet(NamedTuple):
    """An axis that products of the shelf have in common."""

    name: str
    choices: tuple[Choice, ...]


class Span(NamedTuple):
    """A range of prices, from `low` on and below `high`; an open end is None."""

    low: int | None
    high: int | None
    products: int
    is_chosen: bool


class Counts(NamedTuple):
    """By what a shelf may be narrowed down further."""

    facets: tuple[Facet, ...]
    spans: tuple[Span, ...]
    there: Choice


def items_of(products: Sequence[ShelfProduct], left: Mapping[UUID, int]) -> list[Item]:
    """Return products with what is left of their SKUs: of goods themselves, of kits by their parts."""
    return [Item(p, {sku.sku_id: _left_of(p.kind, sku, left) for sku in p.skus}) for p in products]


def wanted(options: Sequence[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the choices that hold, by their axis: of one axis any will do, of several each must be met."""
    found: dict[str, set[str]] = {}
    for name, text in options:
        found.setdefault(name, set()).add(text)
    return found


def fitting(items: Sequence[Item], chosen: Chosen) -> list[Item]:
    """Return the products of which one SKU is all that is chosen."""
    return [item for item in items if _fits(item, chosen)]


def counted(items: Sequence[Item], chosen: Chosen) -> Counts:
    """Return by what products may be narrowed down further, and how many each choice would leave."""
    there = len(fitting(items, chosen._replace(only_there=True)))
    return Counts(_facets(items, chosen), _spans(items, chosen), Choice("", there, chosen.only_there))


def _left_of(kind: SkuKind, sku: ShelfSku, left: Mapping[UUID, int]) -> int | None:
    if kind == SkuKind.service:
        return None
    if sku.parts:
        return min(left.get(part.sku_id, 0) // part.quantity for part in sku.parts)
    return left.get(sku.sku_id, 0)


def _fits(item: Item, chosen: Chosen) -> bool:
    """Tell whether one SKU of a product is all that is chosen."""
    held = wanted(chosen.options)
    axes = item.product.options
    if not held.keys() <= set(axes):
        return False
    return any(
        all(dict(zip(axes, sku.option_values, strict=False)).get(name) in texts for name, texts in held.items())
        and _is_in(sku.unit_minor, chosen)
        and (not chosen.only_there or item.is_there(sku))
        for sku in item.product.skus
    )


def _is_in(unit_minor: int | None, chosen: Chosen) -> bool:
    if chosen.price_min is None and chosen.price_max is None:
        return True
    if unit_minor is None:
        return False
    above = chosen.price_min is None or unit_minor >= chosen.price_min
    return above and (chosen.price_max is None or unit_minor < chosen.price_max)


def _facets(items: Sequence[Item], chosen: Chosen) -> tuple[Facet, ...]:
    """Return the axes of the shelf with their choices, the commonest first; those that are chosen stay."""
    texts: dict[str, dict[str, int]] = {}
    for item in items:
        for place, name in enumerate(item.product.options):
            seen = texts.setdefault(name, {})
            for text in dict.fromkeys(
                s.option_values[place] for s in item.product.skus if len(s.option_values) > place
            ):
                seen[text] = seen.get(text, 0) + 1
    held = {name for name, _ in chosen.options}
    names = sorted(texts, key=lambda name: (name not in held, -sum(texts[name].values())))[:FACETS_MAX]
    facets = []
    for name in names:
        others = tuple(pair for pair in chosen.options if pair[0] != name)
        choices = []
        for text in list(texts[name])[:CHOICES_MAX]:
            alone = chosen._replace(options=(*others, (name, text)))
            count = sum(_fits(item, alone) for item in items)
            choices.append(Choice(text, count, (name, text) in chosen.options))
        if len(choices) > 1 or name in held:
            facets.append(Facet(name, tuple(c for c in choices if c.products or c.is_chosen)))
    return tuple(facets)


def _spans(items: Sequence[Item], chosen: Chosen) -> tuple[Span, ...]:
    """Return ranges of prices with about as many products each, at round prices."""
    prices = sorted(item.prices[0] for item in items if item.prices)
    edges: list[int] = []
    for step in range(1, PRICE_STEPS):
        edge = _rounded(prices[len(prices) * step // PRICE_STEPS]) if prices else 0
        if prices and prices[0] < edge <= prices[-1] and edge not in edges:
            edges.append(edge)
    if not edges:
        return ()
    edges.sort()
    spans = []
    for low, high in zip([None, *edges], [*edges, None], strict=True):
        within = chosen._replace(price_min=low, price_max=high)
        count = sum(_fits(item, within) for item in items)
        spans.append(Span(low, high, count, (chosen.price_min, chosen.price_max) == (low, high)))
    return tuple(span for span in spans if span.products or span.is_chosen)


def _rounded(minor: int) -> int:
    """Return a price near this one that reads well: one or two digits and zeros."""
    digits = max(len(str(minor)) - 1, 0)
    step = 10**digits // 2 or 1
    return max(step, round(minor / step) * step)
