"""What rules of prices may ask about an order beside its goods: who buys, where to, when, what may be used. Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from jiedan.catalog.values import SellableSku, SkuId
from jiedan.customers.values import Address, CustomerBrief
from jiedan.orders.values import GiftChoice, NewOrder
from jiedan.pricing import rules as pricing
from jiedan.pricing.rules import regions
from jiedan.pricing.rules.coupons import facts_of
from jiedan.pricing.values import NO_STATUS, Piece, Place, SkuPrices, TaxStatus
from jiedan.pricing.values.promoted import Facts, GiftStock
from jiedan.pricing.values.redemptions import FoundUses, PromotionFacts

_NO_USES = PromotionFacts()
_NO_GROUPS: frozenset[str] = frozenset()
_UNUSED = FoundUses({}, {})


class Known(NamedTuple):
    """What prices are made of, read at one moment: the rules in force, what is known of SKUs by code, parts of kits.

    `local_at` is `at` by the merchant's clock. `groups` are codes, `earlier_orders` as many as make a difference.
    `gifts` are the SKUs that may be given, by code. `buyers` are the customers, with what they have to show for taxes;
    `shown` is what an order was placed with, where it is priced once more.
    """

    rules: pricing.QuoteRules
    skus: Mapping[str, SkuPrices]
    at: datetime
    local_at: datetime
    components: Mapping[SkuId, SellableSku]
    groups: Mapping[UUID, frozenset[str]] = MappingProxyType({})
    earlier_orders: Mapping[UUID, int] = MappingProxyType({})
    uses: FoundUses = _UNUSED
    pieces: Mapping[str, Piece] = MappingProxyType({})
    gifts: Mapping[str, SellableSku] = MappingProxyType({})
    buyers: Mapping[UUID, CustomerBrief] = MappingProxyType({})
    shown: TaxStatus | None = None


class Terms(NamedTuple):
    """What is asked beside the goods: in which currency, where they go, for whom and how they are paid.

    `gifts` are how many there are of each SKU that may be given; `home` is the merchant's country.
    """

    currency: str
    place: Place
    customer_id: UUID | None = None
    payment_terms: str = ""
    payment_method: str = ""
    gifts: Mapping[str, int] = MappingProxyType({})
    home: str = ""


def place_of(address: Address | None, home_country: str) -> Place:
    """Return where goods go as rules of places ask it; without an address they stay in the merchant's country."""
    if address is None:
        return Place(home_country)
    return Place(address.country, regions.region_code(address.country, address.region), address.postal_code)


def known_as(buyer: CustomerBrief | None) -> frozenset[str]:
    """Return the ids of duplicates that a customer was known by, as rules name customers."""
    return _NO_GROUPS if buyer is None or not buyer.known_as else frozenset(map(str, buyer.known_as))


def unjudged(known: Known) -> Known:
    """Return what is known without the quantities that may be ordered: what was ordered is not judged once more."""
    if all(sku.quantities is None for sku in known.skus.values()):
        return known
    return known._replace(skus={code: sku._replace(quantities=None) for code, sku in known.skus.items()})


def facts(body: NewOrder, terms: Terms, known: Known) -> Facts:
    """Return what rules may ask about an order beside its goods."""
    customer_id = terms.customer_id
    left = _NO_USES
    if body.coupons or known.rules.needs.caps:
        left = facts_of(
            known.uses,
            codes=body.coupons,
            customer_id=customer_id,
            promotions=known.rules.needs.caps,
            at=known.at,
        )
    return Facts(
        terms.currency,
        known.at,
        known.local_at,
        body.channel,
        "" if customer_id is None else str(customer_id),
        known.groups.get(customer_id, _NO_GROUPS) if customer_id is not None else _NO_GROUPS,
        known.earlier_orders.get(customer_id) if customer_id is not None else None,
        terms.payment_method,
        terms.place,
        body.location or "",
        body.attributes,
        left.coupons,
        left.uses_left,
        left.customer_uses_left,
        left.units_left,
        {code: GiftStock(count, _unit_minor(code, terms, known)) for code, count in terms.gifts.items()},
        tuple([one for one in body.gifts if isinstance(one, str)]),
        gifts_of={one.promotion: one.sku for one in body.gifts if isinstance(one, GiftChoice)},
        payment_terms=terms.payment_terms,
        known_as=known_as(known.buyers.get(customer_id) if customer_id is not None else None),
    )


def status(terms: Terms, known: Known, at: datetime) -> TaxStatus:
    """Return what the customer has to show: now, or what an order was placed with."""
    if known.shown is not None or terms.customer_id is None:
        return known.shown or NO_STATUS
    return pricing.status_of(known.buyers.get(terms.customer_id), at)


def _unit_minor(code: str, terms: Terms, known: Known) -> int:
    """Return what a gift is worth against other offers: its first price in the catalog."""
    prices = known.skus.get(code)
    tiers = prices.catalog.get(terms.currency, ()) if prices is not None else ()
    return tiers[0].unit_minor if tiers else 0
