"""Decide about carts: what they ask of stock, what a line costs, what becomes of two that meet. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import cards
from jiedan.base.errors import Refusal, reasons_of
from jiedan.carts import errors
from jiedan.carts.values import (
    CART_COUPONS_MAX,
    CART_LINES_MAX,
    CART_QUANTITY_MAX,
    PIECE_DIGITS,
    CartLine,
    LineView,
    SaidValue,
    Wish,
)
from jiedan.catalog.values import PriceTier, SellableSku, SkuId, SkuKind
from jiedan.pricing.errors import NotBespoke
from jiedan.pricing.rules import formulas, quantities
from jiedan.pricing.values import CompiledFormula
from jiedan.sourcing.values import Demand


class Part(NamedTuple):
    """Goods that a line asks for: itself, or a component of a kit."""

    sku_id: SkuId
    quantity: int


def piece_of(attributes: Mapping[str, SaidValue]) -> str:
    """Return what tells a piece made to measure from others of its SKU; empty for what is like any other."""
    if not attributes:
        return ""
    return hashlib.sha256(msgspec.json.encode(sorted(attributes.items()))).hexdigest()[:PIECE_DIGITS]


def masked(wish: Wish) -> Wish:
    """Return a wish without card numbers in what is said of its piece."""
    texts = {name: str(value) for name, value in wish.attributes.items()}
    found = {name: cards.masked(text) for name, text in texts.items() if cards.masked(text) != text}
    return wish._replace(attributes={**wish.attributes, **found}) if found else wish


def piece_wished(wish: Wish) -> str:
    """Return of which piece a wish is."""
    return wish.piece or piece_of(wish.attributes)


def parts_of(sku: SellableSku, quantity: int) -> list[Part]:
    """Return the goods that `quantity` units of a SKU are; none for a service."""
    if sku.kind == SkuKind.goods:
        return [Part(sku.sku_id, quantity)]
    return [Part(component.sku_id, component.quantity * quantity) for component in sku.components]


def demands(lines: Sequence[tuple[SellableSku, int]]) -> list[Demand]:
    """Return what lines ask of stock, numbered from 1."""
    parts = [part for sku, quantity in lines for part in parts_of(sku, quantity)]
    return [Demand(number, part.sku_id, part.quantity) for number, part in enumerate(parts, start=1)]


def units_left(sku: SellableSku, left: Mapping[UUID, int]) -> int | None:
    """Return how many units of a SKU can be made of what is `left` of goods; None where stock does not count."""
    parts = parts_of(sku, 1)
    return min((max(left.get(part.sku_id, 0), 0) // part.quantity for part in parts), default=None)


def unit_price(tiers: Sequence[PriceTier], quantity: int) -> int | None:
    """Return what one of `quantity` units costs; None where so few have no price."""
    reached = [tier.unit_minor for tier in tiers if tier.min_quantity <= quantity]
    return reached[-1] if reached else None


def check_wishes(wishes: Sequence[Wish]) -> list[Refusal]:
    """Return what is wrong with what a cart is to hold, whatever the catalog says."""
    reasons: list[Refusal] = [
        errors.CartQuantityOutOfRange(wish.quantity, CART_QUANTITY_MAX, field=f"lines[{i}].quantity")
        for i, wish in enumerate(wishes)
        if not 0 <= wish.quantity <= CART_QUANTITY_MAX
    ]
    for i, wish in enumerate(wishes):
        reasons += formulas.problems_of_names(wish.attributes, field=f"lines[{i}].attributes")
    seen: set[tuple[str, str]] = set()
    for i, wish in enumerate(wishes):
        key = wish.sku, piece_wished(wish)
        if key in seen:
            reasons.append(errors.SkuRepeated(wish.sku, field=f"lines[{i}].sku"))
        seen.add(key)
    if len(seen) > CART_LINES_MAX:
        reasons.append(errors.CartFull(CART_LINES_MAX, field="lines"))
    return reasons


def problems_said(
    sku: str, formula: CompiledFormula | None, given: Mapping[str, SaidValue], *, field: str
) -> list[Refusal]:
    """Return what is wrong with what is said of a piece; without a formula nothing may be said of it."""
    if formula is None:
        return [NotBespoke(sku, field=field)] if given else []
    try:
        formulas.read_attributes(formula, given, field=field)
    except Refusal as refusal:
        return list(reasons_of(refusal))
    return []


def units_of(lines: Iterable[CartLine | LineView]) -> dict[SkuId, int]:
    """Return how many units of each SKU lines ask for, all pieces made to measure together."""
    found: dict[SkuId, int] = {}
    for line in lines:
        found[line.sku_id] = found.get(line.sku_id, 0) + line.quantity
    return found


def quantity_problems(
    wishes: Sequence[Wish],
    skus: Mapping[str, SellableSku],
    before: Mapping[tuple[SkuId, str], CartLine],
    after: Mapping[tuple[SkuId, str], CartLine],
) -> list[Refusal]:
    """Return which SKUs would be asked for in a quantity that cannot be ordered, all their pieces together.

    What a cart has already is not judged again, nor is what is left when a piece is taken out.
    """
    in_all = units_of(after.values())
    found: dict[SkuId, Refusal | None] = {}
    for i, wish in enumerate(wishes):
        sku = skus.get(wish.sku)
        if sku is None or sku.quantities is None or sku.sku_id in found:
            continue
        key = sku.sku_id, piece_wished(wish)
        if key in after and (key not in before or after[key].quantity != before[key].quantity):
            found[sku.sku_id] = quantities.quantity_problem(
                sku.code, in_all[sku.sku_id], sku.quantities, field=f"lines[{i}].quantity"
            )
    return [problem for problem in found.values() if problem is not None]


def merged(kept: Iterable[CartLine], brought: Iterable[CartLine]) -> list[CartLine]:
    """Return the lines of two carts as one: what is in both is wanted as often as in the larger of the two.

    Somebody who put a thing into the cart before and after signing in means the same thing. What does not fit is left
    out from the end.
    """
    lines = {(line.sku_id, line.piece): line for line in kept}
    for line in brought:
        before = lines.get((line.sku_id, line.piece))
        if before is None or line.quantity > before.quantity:
            lines[line.sku_id, line.piece] = line
    return list(lines.values())[:CART_LINES_MAX]


def merged_coupons(kept: Iterable[str], brought: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of two carts as those of one; what does not fit is left out from the end."""
    return tuple(dict.fromkeys([*kept, *brought]))[:CART_COUPONS_MAX]
