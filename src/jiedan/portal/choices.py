"""The options of a product: which SKU is meant, and what another choice would change. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.catalog.values import Product, Sku


class Other(NamedTuple):
    """A choice of an option: what one would get with it, all else as it is, beside what is chosen now.

    `more_minor` and `more_g` are how much more it costs and weighs, None where that is not known. A choice that goes
    with nothing else that is chosen leads to the nearest SKU that has it.
    """

    text: str
    is_chosen: bool
    is_there: bool
    more_minor: int | None
    more_g: int | None


class Axis(NamedTuple):
    """An option of a product, and its choices."""

    name: str
    others: tuple[Other, ...]


def meant(product: Product, sold: Sequence[Sku], asked: Mapping[int, str], sku_id: UUID | None) -> Sku:
    """Return the SKU that is meant: the one asked for by its id, else the one that has most of what was asked for.

    `sold` are the SKUs that are sold, at least one; `asked` are choices by the position of their option. Of two that
    fit alike, what was asked for first counts more, then the order of the SKUs.
    """
    by_id = next((sku for sku in sold if sku.sku_id == sku_id), None)
    if by_id is not None and not asked:
        return by_id
    start = by_id.option_values if by_id is not None else sold[0].option_values
    wanted = [asked.get(place, start[place] if place < len(start) else "") for place in range(len(product.options))]
    return max(sold, key=lambda sku: [a == b for a, b in zip(sku.option_values, wanted, strict=False)].count(True))


def axes(
    product: Product, sold: Sequence[Sku], chosen: Sku, prices: Mapping[UUID, int | None], there: Mapping[UUID, bool]
) -> tuple[Axis, ...]:
    """Return the options with what each choice would change; `prices` of one unit and `there` are by SKU."""
    found = []
    for place, option in enumerate(product.options):
        others = []
        for text in option.choices:
            with_it = [sku for sku in sold if place < len(sku.option_values) and sku.option_values[place] == text]
            if not with_it:
                continue  # what is not sold any more is not shown
            near = max(with_it, key=lambda sku: _alike(sku, chosen))
            others.append(
                Other(
                    text,
                    chosen.option_values[place] == text,
                    there[near.sku_id],
                    _more(prices[near.sku_id], prices[chosen.sku_id]),
                    _more(near.weight_g, chosen.weight_g),
                )
            )
        found.append(Axis(option.name, tuple(others)))
    return tuple(found)


def _alike(sku: Sku, other: Sku) -> int:
    return [a == b for a, b in zip(sku.option_values, other.option_values, strict=False)].count(True)


def _more(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other
