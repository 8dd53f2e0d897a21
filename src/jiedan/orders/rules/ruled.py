"""What lines cost by the rules before promotions, where a price times a quantity does not tell it. Pure."""

from collections.abc import Mapping

from jiedan.pricing import errors, rules
from jiedan.pricing.values import SkuPrices, Wanted
from jiedan.pricing.values.lists import Buyer
from jiedan.pricing.values.promoted import Facts
from jiedan.pricing.values.quotes import Basket, Priced


def by_rules(
    basket: Basket, priced: Priced, skus: Mapping[str, SkuPrices], units: rules.UnitRules
) -> Mapping[int, int]:
    """Return what lines cost by the rules, by place: those with a price by hand, and those of graduated tiers.

    A line whose SKU has no price by the rules is absent.
    """
    found: dict[int, int] = {}
    for i, (line, price) in enumerate(zip(basket.lines, priced.lines, strict=True)):
        wanted = line.wanted
        if price.tier_off_minor:
            found[i] = price.unit_minor * price.quantity - price.tier_off_minor
        elif wanted.given_minor is not None and wanted.given_as == "manual":
            alike = [x.wanted for x in basket.lines if x.wanted.code == wanted.code]
            counted = sum([x.quantity for x in alike if x.attributes == wanted.attributes])
            ruled = _ruled_minor(wanted, counted, basket.facts, skus, units)
            if ruled is not None:
                found[i] = ruled
    return found


def _ruled_minor(
    wanted: Wanted, counted: int, facts: Facts, skus: Mapping[str, SkuPrices], units: rules.UnitRules
) -> int | None:
    """Return what the units of a line cost by the rules, or None; `counted` such units are ordered in all.

    Whether so many may be ordered was judged with all pieces of the SKU.
    """
    buyer = Buyer(facts.currency, facts.at, facts.channel, facts.customer, facts.groups, facts.known_as)
    known = {wanted.code: skus[wanted.code]._replace(quantities=None)} if wanted.code in skus else {}
    try:
        asked = Wanted(1, wanted.code, counted, attributes=wanted.attributes)
        prices = rules.unit_prices([asked], known, units, buyer)
    except errors.CannotPrice:
        return None
    of_all = prices.lines[0]
    return of_all.unit_minor * wanted.quantity - of_all.tier_off_minor * wanted.quantity // counted
