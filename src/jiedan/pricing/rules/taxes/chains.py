"""The taxes of one class at one place as exact fractions of the price, compound ones on those before."""

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

from jiedan.pricing import values


class Component(NamedTuple):
    """One tax as a fraction of the price without tax: `numerator` / `denominator`, in lowest terms."""

    position: int
    name: str
    rate_ppm: int
    is_compound: bool
    numerator: int
    denominator: int

    @property
    def key(self) -> tuple[str, int, bool, int, int]:
        """Return what makes it the same tax on other lines, wherever it stands there."""
        return self[1:]


class Chain(NamedTuple):
    """All taxes of a class at a place. Together they are Σ `weights` / `denominator` of the price without tax."""

    components: tuple[Component, ...] = ()
    weights: tuple[int, ...] = ()
    denominator: int = 1


NO_TAX = Chain()


def chain_of(rates: Sequence[values.TaxRate]) -> Chain:
    """Return the chain of taxes that stand in order of their positions."""
    return _chain(tuple([(r.position, r.component, r.rate_ppm, r.is_compound) for r in rates]))


@functools.lru_cache(maxsize=4_096)
def _chain(taxes: tuple[tuple[int, str, int, bool], ...]) -> Chain:
    """Return the chain; one merchant has few, so each is worked out once.

    A compound tax is levied on the price and on every tax of a lower position. All fractions stand over one power of
    a million while the chain grows, so nothing is rounded.
    """
    weights: list[int] = []
    denominator = 1
    for position, _, rate_ppm, is_compound in taxes:
        lower = [w for w, (p, *_) in zip(weights, taxes, strict=False) if p < position] if is_compound else []
        weights = [w * values.PPM for w in weights]
        weights.append(rate_ppm * (denominator + sum(lower)))
        denominator *= values.PPM
    components = []
    for (position, name, rate_ppm, is_compound), weight in zip(taxes, weights, strict=True):
        shared = math.gcd(weight, denominator)
        component = Component(position, name, rate_ppm, is_compound, weight // shared, denominator // shared)
        components.append(component)
    return Chain(tuple(components), tuple(weights), denominator)
