"""Price a cart: pure integer arithmetic, nothing lost between lines, every step explained.

Order of steps: unit prices (manual, as sold, or the tier reached) → order discount, spread over lines by largest
remainder → tax per rate on the sum of its lines, spread the same way → shipping fee as a line of its own.
Exclusive tax is added to the line total, inclusive tax is the part of it that is tax.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.base import cards, money
from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values

Prices = Mapping[str, Sequence[values.Tier]]
"""Tiers of each code in the cart's currency, ascending by quantity."""


class _Unit(NamedTuple):
    minor: int
    source: values.PriceSource
    tier_from: int = 1
    reason: str = ""
    next_tier: tuple[int, int] | None = None


def price(cart: values.Cart, rules: values.PriceRules, prices: Prices) -> tuple[values.Quote, values.Trace]:
    """Return the quote of `cart` and its explanation.

    Raises CannotPrice with every reason, each naming its field.
    """
    reasons: list[Refusal] = []
    units = [_unit(line, prices.get(line.code, ()), cart.currency, reasons) for line in cart.lines]
    discount = _discount(cart, units, reasons)
    if reasons:
        raise errors.CannotPrice(tuple(reasons))
    discounts = _spread_discount(cart, units, discount)
    rates = [rate(rules, cart.country, line.tax_class) for line in cart.lines]
    nets = [unit.minor * line.quantity - off for line, unit, off in zip(cart.lines, units, discounts, strict=True)]
    taxes = _taxes(cart, nets, rates, included=rules.prices_include_tax)
    fees, shipping = _shipping(cart, rules, sum(nets))
    taxed = nets if rules.prices_include_tax else [net + tax for net, tax in zip(nets, taxes, strict=True)]
    # By position: an order has many lines, and names cost half as much again.
    lines = tuple(
        [
            values.QuoteLine(line.line, line.quantity, unit.minor, off, tax, rate_ppm, total, unit.source)
            for line, unit, off, tax, rate_ppm, total in zip(
                cart.lines, units, discounts, taxes, rates, taxed, strict=True
            )
        ]
    )
    quote = _sum(cart.currency, lines, fees, tax_included=rules.prices_include_tax)
    if quote.total_minor > money.AMOUNT_MINOR_MAX:
        too_much = errors.AmountOutOfRange(quote.total_minor, money.AMOUNT_MINOR_MAX, field="lines")
        raise errors.CannotPrice((too_much,))
    return quote, _trace(cart, rules, units, rates, shipping)


def _unit(line: values.CartLine, tiers: Sequence[values.Tier], currency: str, reasons: list[Refusal]) -> _Unit:
    """Return what one unit of a line costs, or note why it has no price."""
    field = f"lines[{line.line - 1}]"
    given = line.as_sold.unit_minor if line.as_sold is not None else line.manual_minor
    if given is not None:
        if not 0 <= given <= money.AMOUNT_MINOR_MAX:
            reasons.append(errors.AmountOutOfRange(given, money.AMOUNT_MINOR_MAX, field=f"{field}.unit_price_minor"))
        if line.as_sold is not None:
            return _Unit(given, "as_sold")
        if not line.manual_reason.strip() or len(line.manual_reason) > values.REASON_CHARACTERS_MAX:
            reasons.append(errors.ReasonMissing(field=f"{field}.price_reason"))
        return _Unit(given, "manual", reason=line.manual_reason)
    reached = None
    for tier in tiers:
        if tier.min_quantity > line.quantity:
            after = (tier.min_quantity - line.quantity, tier.unit_minor)
            if reached is None:
                reasons.append(errors.TierNotReached(line.code, tier.min_quantity, field=f"{field}.quantity"))
                return _Unit(0, "list")
            return _Unit(reached.unit_minor, "list", reached.min_quantity, next_tier=after)
        reached = tier
    if reached is None:
        reasons.append(errors.PriceMissing(line.code, currency, field=f"{field}.sku"))
        return _Unit(0, "list")
    return _Unit(reached.unit_minor, "list", reached.min_quantity)


def _discount(cart: values.Cart, units: Sequence[_Unit], reasons: list[Refusal]) -> int:
    """Return the order discount in minor units, or note why there can be none."""
    if cart.discount is None:
        return 0
    given = cart.discount
    goods = sum(_grosses(cart, units))
    if not given.reason.strip() or len(given.reason) > values.REASON_CHARACTERS_MAX:
        reasons.append(errors.ReasonMissing(field="discount.reason"))
    if given.amount_minor is not None and given.rate_ppm is None and 0 <= given.amount_minor <= goods:
        return given.amount_minor
    if given.rate_ppm is not None and given.amount_minor is None and 0 <= given.rate_ppm <= values.PPM:
        return money.round_half_up(goods * given.rate_ppm, values.PPM)
    is_only_too_much = given.rate_ppm is None and (given.amount_minor or 0) > goods
    if not (is_only_too_much and reasons):  # lines without a price are worth nothing yet
        reasons.append(errors.DiscountInvalid(field="discount"))
    return 0


def _grosses(cart: values.Cart, units: Sequence[_Unit]) -> list[int]:
    """Return what each line is worth before the order's discount: without what it was sold for less."""
    return [
        unit.minor * line.quantity - (line.as_sold.discount_minor if line.as_sold is not None else 0)
        for line, unit in zip(cart.lines, units, strict=True)
    ]


def _spread_discount(cart: values.Cart, units: Sequence[_Unit], discount: int) -> list[int]:
    """Return each line's discount: its own as sold, plus its share of the order's."""
    own = [line.as_sold.discount_minor if line.as_sold is not None else 0 for line in cart.lines]
    if not discount:
        return own
    return [a + b for a, b in zip(own, money.share_out(discount, _grosses(cart, units)), strict=True)]


def rate(rules: values.PriceRules, country: str, tax_class: str) -> int:
    """Return the tax rate of a class in a country, in parts per million; the others' rate where it has none."""
    rates = rules.tax_rates
    return rates.get((country, tax_class), rates.get((values.ANY_COUNTRY, tax_class), 0))


def tax_of(net_minor: int, rate_ppm: int, *, included: bool) -> int:
    """Return the tax of an amount in minor units, rounded half up: on top of it, or contained in it."""
    return money.round_half_up(net_minor * rate_ppm, values.PPM + rate_ppm if included else values.PPM)


def spread_tax(nets_minor: Sequence[int], rate_ppm: int, *, included: bool) -> list[int]:
    """Return the tax of amounts under one rate: computed on their sum, spread by largest remainder."""
    return money.share_out(tax_of(sum(nets_minor), rate_ppm, included=included), nets_minor)


def _taxes(cart: values.Cart, nets: Sequence[int], rates: Sequence[int], *, included: bool) -> list[int]:
    """Return each line's tax: computed per rate on the sum, spread by largest remainder; as sold stays as sold."""
    taxes = [line.as_sold.tax_minor if line.as_sold is not None else 0 for line in cart.lines]
    by_rate: dict[int, list[int]] = {}
    for i, (line, rate_ppm) in enumerate(zip(cart.lines, rates, strict=True)):
        if rate_ppm and line.as_sold is None:
            by_rate.setdefault(rate_ppm, []).append(i)
    for rate_ppm, members in by_rate.items():
        shares = spread_tax([nets[i] for i in members], rate_ppm, included=included)
        for i, share in zip(members, shares, strict=True):
            taxes[i] = share
    return taxes


def _shipping(cart: values.Cart, rules: values.PriceRules, goods_minor: int) -> tuple[tuple[values.Fee, ...], str]:
    """Return the shipping fee as a fee line, and which rule made it."""
    flat = rules.shipping.get(cart.currency)
    tax_class = flat.tax_class if flat is not None else "standard"
    if cart.shipping_minor is not None:
        fee, rule = cart.shipping_minor, "given"
    elif not cart.ships:
        return (), "nothing_to_ship"
    elif flat is None:
        return (), "no_fee"
    elif flat.free_from_minor is not None and goods_minor >= flat.free_from_minor:
        return (), "free_from"
    else:
        fee, rule = flat.fee_minor, "flat"
    if not fee:
        return (), "waived"
    shipping_rate = rate(rules, cart.country, tax_class)
    included = rules.prices_include_tax
    tax = cart.shipping_tax_minor
    if tax is None:
        tax = tax_of(fee, shipping_rate, included=included)
    return (values.Fee(values.SHIPPING, fee, tax, shipping_rate, tax_class, fee if included else fee + tax),), rule


def _sum(
    currency: str, lines: tuple[values.QuoteLine, ...], fees: tuple[values.Fee, ...], *, tax_included: bool
) -> values.Quote:
    return values.Quote(
        currency=currency,
        lines=lines,
        fees=fees,
        subtotal_minor=sum(line.unit_minor * line.quantity for line in lines),
        discount_minor=sum(line.discount_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines) + sum(fee.tax_minor for fee in fees),
        total_minor=sum(line.total_minor for line in lines) + sum(fee.total_minor for fee in fees),
        tax_included=tax_included,
    )


def _trace(
    cart: values.Cart, rules: values.PriceRules, units: Sequence[_Unit], rates: Sequence[int], shipping: str
) -> values.Trace:
    near = 0
    lines = []
    for line, unit, rate in zip(cart.lines, units, rates, strict=True):
        near += unit.next_tier is not None
        lines.append(
            values.LineTrace(
                line=line.line,
                source=unit.source,
                unit_minor=unit.minor,
                tier_from=unit.tier_from,
                reason=unit.reason,
                tax=f"{line.tax_class}:{rate}" if rate else "",
                next_tier=unit.next_tier if near <= values.NEAR_MISSES_MAX else None,
            )
        )
    return values.Trace(
        rules_version=rules.version,
        lines=tuple(lines),
        discount=cards.masked(cart.discount.reason) if cart.discount is not None else "",
        shipping=shipping,
    )
