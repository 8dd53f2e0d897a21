"""What examples beside rules, and carts that are tried, come to, and whether that is what was expected. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from jiedan.base import money
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.i18n import Phrase
from jiedan.customers.values import CustomerBrief
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.rules.quoting import QuoteRules, quote
from jiedan.pricing.rules.taxes import status_of
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.drafts import RuleKey
from jiedan.pricing.values.examples import (
    EXAMPLE_COUPONS_MAX,
    EXAMPLE_LINES_MAX,
    EXAMPLE_NAME_CHARACTERS_MAX,
    EXAMPLE_QUANTITY_MAX,
    EXAMPLES_PER_RULE_MAX,
    KNOWN,
    Example,
    ExampleGift,
    ExampleLine,
)
from jiedan.pricing.values.goods import PricedGoods
from jiedan.pricing.values.lots import Lot, Place
from jiedan.pricing.values.promoted import Coupon, Facts, GiftStock
from jiedan.pricing.values.promotions import Gift, Promotion
from jiedan.pricing.values.quotes import Basket, BasketLine, GiftGoods, Priced, PricedTrace
from jiedan.pricing.values.shipping import Piece
from jiedan.pricing.values.units import SkuPrices, Wanted

STANDARD_CLASS = "standard"
GIFTS_THERE = 1_000_000
"""Examples do not ask how many gifts are in stock."""


class Circumstances(NamedTuple):
    """What a book is tried in: when it begins, the merchant's clock, tax setting and country, goods, goods to try.

    `there` are the traits that the catalog has of those that rules ask for; None where nobody looked. `currencies` are
    those that the merchant sells in. `groups` are codes and `customers` ids that there are, of those that rules name;
    None where nobody looked, as with `is_shop_open`.
    """

    at: datetime
    zone: tzinfo
    version: int
    prices_include_tax: bool
    country: str
    goods: Mapping[str, PricedGoods]
    samples: Mapping[str, Sequence[Lot]] = {}
    there: frozenset[str] | None = None
    currencies: tuple[str, ...] = ()
    groups: frozenset[str] | None = None
    customers: frozenset[str] | None = None
    is_shop_open: bool | None = None


def problems_of_examples(key: RuleKey, examples: Sequence[Example]) -> list[Refusal]:
    """Return which examples cannot be tried at all."""
    found: list[Refusal] = []
    for i, example in enumerate(examples):
        amounts = [example.total_minor, example.discount_minor, example.shipping_minor]
        fine = (
            i < EXAMPLES_PER_RULE_MAX
            and 0 < len(example.name.strip()) <= EXAMPLE_NAME_CHARACTERS_MAX
            and money.is_currency(example.currency)
            and 0 < len(example.lines) <= EXAMPLE_LINES_MAX
            and len(example.coupons) <= EXAMPLE_COUPONS_MAX
            and all(map(_is_sound, example.lines))
            and (example.gifts is not None or any(amount is not None for amount in amounts))
            and all(amount is None or 0 <= amount <= money.AMOUNT_MINOR_MAX for amount in amounts)
            and all(0 < count <= EXAMPLE_QUANTITY_MAX for count in (example.gifts or {}).values())
        )
        if not fine:
            field = f"{key.kind}:{key.code}.examples[{i}]"
            found.append(errors.ExampleInvalid(example.name, EXAMPLE_LINES_MAX, field=field))
    return found


def _is_sound(line: ExampleLine) -> bool:
    is_priced = line.unit_minor is None or 0 <= line.unit_minor <= money.AMOUNT_MINOR_MAX
    return bool(line.sku.strip()) and 1 <= line.quantity <= EXAMPLE_QUANTITY_MAX and is_priced


def tried(example: Example, compiled: QuoteRules, c: Circumstances, *, field: str) -> Iterator[Refusal]:
    """Yield where the engine comes to something else than an example says."""
    try:
        priced, _ = explained(example, compiled, c)
    except Refusal as refusal:
        for reason in reasons_of(refusal):
            yield errors.ExampleNotPriced(example.name, str(reason), field=field)
        return
    currency = example.currency
    for name, expected, got in (
        ("total_minor", example.total_minor, priced.total_minor),
        ("discount_minor", example.discount_minor, priced.discount_minor),
    ):
        if expected is not None and expected != got:
            told = [str(money.decimal_amount(minor, currency)) for minor in (expected, got)]
            yield errors.ExampleFails(example.name, told[0], told[1], currency, field=f"{field}.{name}")
    fee = shipping_of(priced)
    if example.shipping_minor is not None and example.shipping_minor != fee:
        told = [str(money.decimal_amount(minor, currency)) for minor in (example.shipping_minor, fee)]
        yield errors.ExampleShippingFails(example.name, told[0], told[1], currency, field=f"{field}.shipping_minor")
    given = gifts_of(priced)
    if example.gifts is not None and dict(example.gifts) != given:
        yield errors.ExampleGiftsFail(example.name, _listed(example.gifts), _listed(given), field=f"{field}.gifts")


def shipping_of(priced: Priced) -> int:
    """Return what shipping costs after discounts, in minor units, without tax that is added."""
    return sum([fee.unit_minor - fee.discount_minor + fee.relief_minor for fee in priced.fees])


def gifts_of(priced: Priced) -> dict[str, int]:
    """Return how many of each SKU are given."""
    found: dict[str, int] = {}
    for gift in priced.gifts:
        found[gift.sku] = found.get(gift.sku, 0) + gift.quantity
    return found


def _listed(gifts: Mapping[str, int]) -> str | Phrase:
    return ", ".join(f"{count} × {sku}" for sku, count in sorted(gifts.items())) or Phrase("none")


def explained(
    example: Example,
    compiled: QuoteRules,
    c: Circumstances,
    *,
    buyer: CustomerBrief | None = None,
    found: Facts | None = None,
) -> tuple[Priced, PricedTrace]:
    """Return what the engine makes of an example, for a customer where one is named, and why. Raises CannotPrice.

    Whether the customer is a business is said by the customer or by the example. What was `found` of the customer, of
    what is left of limits, of codes and of gifts holds where the example does not say otherwise; without it all is
    left.
    """
    at = example.at or c.at
    place = Place(example.country, example.region, example.postal_code) if example.country else None
    status = status_of(buyer, at)
    lines, skus = [], {}
    for i, line in enumerate(example.lines):
        known = c.goods.get(line.sku) or _unknown(line.sku)
        prices = known.prices
        if line.unit_minor is not None:
            prices = prices._replace(entries=(), catalog={example.currency: (Tier(1, line.unit_minor),)})
        skus[line.sku] = prices
        wanted = Wanted(i + 1, line.sku, line.quantity, attributes=line.attributes)
        lines.append(BasketLine(wanted, known.tax_class, known.piece))
    gifts = _gifts(compiled, c, example.currency)
    facts = _facts(example, at, found)._replace(
        local_at=at.astimezone(c.zone),
        place=place,
        is_business=example.is_business or status.is_business,
        gifts={sku: _left(sku, stock, found) for sku, (stock, _) in gifts.items()},
    )
    if buyer is not None:
        facts = facts._replace(customer=str(buyer.customer_id), known_as=frozenset(map(str, buyer.known_as)))
    basket = Basket(
        facts,
        tuple(lines),
        tax_status=status,
        shipping_method=example.shipping_method,
        gifts={sku: goods for sku, (_, goods) in gifts.items()},
    )
    return quote(basket, skus, compiled.at_home(c.country))


def _facts(example: Example, at: datetime, found: Facts | None) -> Facts:
    """Return what an example says of its customer and of the order, beside what was found."""
    known = found or Facts(example.currency, at, at)
    earlier = example.earlier_orders
    if earlier is None:
        earlier = 0 if found is None and example.customer else known.earlier_orders
    named = tuple([one for one in example.gift_choices if isinstance(one, str)])
    return known._replace(
        currency=example.currency,
        at=at,
        channel=example.channel,
        customer=known.customer or example.customer or (KNOWN if example.is_of_somebody else ""),
        groups=frozenset(example.groups),
        earlier_orders=earlier,
        payment_method=example.payment_method or known.payment_method,
        payment_terms=example.payment_terms or known.payment_terms,
        location=example.location or known.location,
        attributes=example.attributes,
        coupons=(*known.coupons, *[Coupon(promotion, promotion) for promotion in example.coupons]),
        gifts_named=named,
        gifts_of={one.promotion: one.sku for one in example.gift_choices if isinstance(one, ExampleGift)},
    )


def _left(sku: str, stock: GiftStock, found: Facts | None) -> GiftStock:
    """Return how many there are of a gift: as many as were found where somebody looked, or more than are given."""
    if found is None or sku not in found.gifts:
        return stock
    return stock._replace(available=found.gifts[sku].available)


def _unknown(sku: str) -> PricedGoods:
    """Return goods that only an example knows: a piece that nobody weighed."""
    return PricedGoods(sku, sku, STANDARD_CLASS, SkuPrices(frozenset({f"sku:{sku}"})), Piece(sku, 1))


def _gifts(compiled: QuoteRules, c: Circumstances, currency: str) -> dict[str, tuple[GiftStock, GiftGoods]]:
    found = {}
    for one in compiled.promotions.promotions:
        for sku in gift_skus(one.promotion):
            known = c.goods.get(sku) or _unknown(sku)
            tiers = known.prices.catalog.get(currency, ())
            stock = GiftStock(GIFTS_THERE, tiers[0].unit_minor if tiers else 0)
            found[sku] = (stock, GiftGoods(known.tax_class, known.piece))
    return found


def gift_skus(promotion: Promotion) -> Sequence[str]:
    """Return what a promotion gives, where it gives anything."""
    return promotion.offer.skus if isinstance(promotion.offer, Gift) else ()
