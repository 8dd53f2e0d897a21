"""Which promotion gives which of the gifts that a customer named, once it is known which promotions give any.

A gift that was named is chosen once: who wants it of two promotions names it twice. As many promotions as can be have a
choice of their own, those that act earlier first, and each has what was named first of what it gives, as far as that
takes the choice from no other. A promotion that gives one SKU alone needs none. What was chosen of one promotion by its
id is that one's, and takes nothing from the others.
"""

from collections.abc import Collection, Mapping, Sequence

from jiedan.pricing.rules.promotions.calls import Call, Node
from jiedan.pricing.rules.promotions.stacking import Search
from jiedan.pricing.values.promotions import Gift, Promotion


def foreseen(promotion: Promotion, named: Sequence[str], own: Mapping[str, str]) -> str:
    """Return what a promotion would give if it were the only one: by that it is weighed against others.

    `own` are the SKUs chosen of one promotion, by its id.
    """
    offer = promotion.offer
    if not (named or own) or not isinstance(offer, Gift) or len(offer.skus) == 1:
        return ""
    if own.get(promotion.id) in offer.skus:
        return own[promotion.id]
    return next((sku for sku in named if sku in offer.skus), "")


def chosen(best: Node, search: Search, named: Sequence[str], own: Mapping[str, str]) -> Node:
    """Return a combination with the choices of its own promotions: none was taken by one that is not given."""
    if not named:
        return best
    choosing = [
        call
        for call, given in best.given
        if given.gift is not None and call.choice and call.choice != own.get(call.promotion.id)
    ]
    skus = [_skus(call) for call in choosing]
    choices = shared_out(skus, named)
    if choices == [call.choice for call in choosing]:
        return best
    for call, choice in zip(choosing, choices, strict=True):
        call.choice = choice
    return search.all_of([call for call, _ in best.given])


def shared_out(offered: Sequence[Collection[str]], named: Sequence[str]) -> list[str]:
    """Return the gift of `named` that each of `offered` gives, in their order; nothing where none is left for it."""
    served: list[int] = []
    for i in range(len(offered)):
        if _all_have_one([offered[j] for j in (*served, i)], named):
            served.append(i)
    choices = [""] * len(offered)
    left = list(named)
    for done, i in enumerate(served, start=1):
        others = [offered[j] for j in served[done:]]
        for place, sku in enumerate(left):
            rest = left[:place] + left[place + 1 :]
            if sku in offered[i] and _all_have_one(others, rest):
                choices[i], left = sku, rest
                break
    return choices


def _skus(call: Call) -> tuple[str, ...]:
    return call.promotion.offer.skus if isinstance(call.promotion.offer, Gift) else ()


def _all_have_one(offered: Sequence[Collection[str]], named: Sequence[str]) -> bool:
    """Tell whether each can have a gift of its own: the way is made free one after the other (Kuhn)."""
    holder: dict[int, int] = {}

    def finds(i: int, seen: set[int]) -> bool:
        for place, sku in enumerate(named):
            if sku in offered[i] and place not in seen:
                seen.add(place)
                if place not in holder or finds(holder[place], seen):
                    holder[place] = i
                    return True
        return False

    return all(finds(i, set()) for i in range(len(offered)))
