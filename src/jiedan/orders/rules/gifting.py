"""Gifts of drafts: how many there are beside what the draft itself wants, and where they come from. Pure.

A gift never stands in the way of what is bought. It is given where stock is left once the goods have theirs; else
another one of the choice is, or none.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.catalog.values import SellableSku, SkuKind
from jiedan.orders.rules import refusing
from jiedan.orders.rules.planning import Circumstances, Key, Plan
from jiedan.orders.values import GIFTS_PER_ORDER_MAX, PROMOTION_CHARS_MAX, STOCKED_KINDS, GiftChoice, NewOrder
from jiedan.sourcing import rules as sourcing
from jiedan.sourcing import values as sources

UNCOUNTED = 1_000_000
"""How many there are of a gift that takes no stock."""

GIFT_CHARACTERS_MAX = 100
"""Codes of SKUs are no longer."""

Left = Mapping[Key, int]
Where = Mapping[UUID, Sequence[UUID]]


class Lacking(NamedTuple):
    """How many of each gift there really are, by SKU code: fewer than a plan gives."""

    gifts: Mapping[str, int]


def chosen(typed: Sequence[str], of: Sequence[str] = ()) -> tuple[str | GiftChoice, ...]:
    """Return the gifts that somebody chose, as many as an order may choose; what no SKU is called is left out.

    Each is a choice of one promotion: `of` are their ids beside what was typed. Where a page says none, or other than
    one for each, a gift that two give may be chosen twice.
    """
    ids = of if len(of) == len(typed) else [""] * len(typed)
    named: list[str | GiftChoice] = []
    for sku, promotion in zip(typed, ids, strict=True):
        if not sku.strip() or len(sku) > GIFT_CHARACTERS_MAX:
            continue
        is_of_one = promotion.strip() and len(promotion) <= PROMOTION_CHARS_MAX
        named.append(GiftChoice(promotion=promotion, sku=sku) if is_of_one else sku)
    return tuple(named[:GIFTS_PER_ORDER_MAX])


def as_typed(chosen: Iterable[object]) -> list[tuple[str, str]]:
    """Return the SKU and the promotion of gifts that a draft says, whoever wrote it, as a page has them."""
    found = []
    for one in chosen:
        if isinstance(one, Mapping):
            found.append((str(one.get("sku", "")), str(one.get("promotion", ""))))
        else:
            found.append((str(one), ""))
    return found


def there(body: NewOrder, c: Circumstances, left: Left, locations: Where) -> dict[str, int]:
    """Return how many of each gift could be given beside what `body` itself takes of it, by SKU code.

    `left` is what may be promised, `locations` where a SKU is kept.
    """
    if not c.prices.gifts:
        return {}
    own: dict[UUID, int] = {}
    for goods in refusing.needed(body, c):
        own[goods.sku_id] = own.get(goods.sku_id, 0) + goods.quantity
    asked = c.locations.get(body.location) if body.location is not None else None

    def promised(sku_id: UUID) -> int:
        places = [x for x in locations.get(sku_id, ()) if asked is None or x == asked]
        return max(0, sum([max(0, left[sku_id, x]) for x in places]) - own.get(sku_id, 0))

    found: dict[str, int] = {}
    for code, sku in c.prices.gifts.items():
        if not sku.is_active:
            found[code] = 0
        elif sku.kind is SkuKind.service:
            found[code] = UNCOUNTED
        elif sku.components:
            found[code] = min([promised(part.sku_id) // part.quantity for part in sku.components])
        else:
            found[code] = promised(sku.sku_id)
    return found


def sourced(plan: Plan, left: Left, candidates: Sequence[sources.Candidate]) -> Plan | Lacking:
    """Choose locations for the goods and gifts of a plan, or say how many gifts there are: the goods come first.

    What is missing of the goods is in the plan's choice.
    """
    gifts = plan.gift_lines
    wanted = plan.wanted
    choice, trace = sourcing.choose(wanted, left, candidates)
    if not choice.missing:
        return plan._replace(choice=choice, sourcing_trace=trace)
    bought = wanted._replace(demands=tuple([x for x in wanted.demands if x.line not in gifts]))
    alone, why = sourcing.choose(bought, left, candidates)
    if choice.missing == alone.missing:
        return plan._replace(choice=choice, sourcing_trace=trace)
    rest = dict(left)
    for a in alone.assignments:
        rest[a.sku_id, a.location_id] -= a.quantity
    opened = {a.location_id for a in alone.assignments}
    if wanted.split == "never" and opened:
        candidates = [x for x in candidates if x.location_id in opened]
    given, _ = sourcing.choose(
        wanted._replace(demands=tuple([x for x in wanted.demands if x.line in gifts])), rest, candidates
    )
    if given.missing:
        return Lacking(_found(plan, given.missing))
    both = sources.Choice((*alone.assignments, *given.assignments), alone.missing)
    return plan._replace(choice=both, sourcing_trace=why)


def given_by(plan: Plan) -> dict[str, int]:
    """Return what a plan gives, by SKU code."""
    found: dict[str, int] = {}
    for line in plan.lines:
        if line.price_source == "gift":
            found[line.code] = found.get(line.code, 0) + line.ordered
    return found


def rivals_of(plan: Plan, c: Circumstances) -> set[UUID]:
    """Return the SKUs that hold the stock of all gifts that could be given instead of those that are."""
    codes = {code for rule in plan.price_story.applied if rule.gift is not None for code in rule.gift.choices}
    return set(_stocked(c.prices.gifts[code] for code in codes if code in c.prices.gifts))


def _stocked(skus: Iterable[SellableSku]) -> Iterable[UUID]:
    for sku in skus:
        if sku.components:
            yield from (part.sku_id for part in sku.components)
        elif sku.kind.value in STOCKED_KINDS:
            yield sku.sku_id


def _found(plan: Plan, missing: Mapping[int, int]) -> dict[str, int]:
    """Return how many of each gift were found whole, where so many units of lines are missing."""
    found = dict.fromkeys(given_by(plan), 0)
    for line in plan.lines:
        if line.price_source != "gift":
            continue
        parts = [x for x in plan.lines if x.parent_line == line.line]
        counts = [(x.ordered - missing.get(x.line, 0)) // (x.ordered // line.ordered) for x in parts]
        found[line.code] += min(counts) if counts else line.ordered - missing.get(line.line, 0)
    return found
