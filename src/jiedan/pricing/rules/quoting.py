"""Price a basket: units → promotions → discount by hand → shipping → tax → sum, each step told.

Pure integers. What a lot of goods gets off comes back to its lines by largest remainder of what they are still worth,
so no line falls below 0 and nothing is lost; how goods are split into lines changes what lines cost, never the total.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from jiedan.base import cards, money
from jiedan.base.errors import Refusal
from jiedan.pricing import errors
from jiedan.pricing.rules import promotions, shipping, taxes, units
from jiedan.pricing.rules.needs import NOTHING, Needs
from jiedan.pricing.values import carts
from jiedan.pricing.values import quotes as values
from jiedan.pricing.values.lists import Buyer
from jiedan.pricing.values.promoted import Applied, Facts, Outcome, Promoted, ShippingReduction
from jiedan.pricing.values.shipping import Contents, Piece, ShippingFormula, ShippingOffer
from jiedan.pricing.values.taxes import Taxable, Taxed, TaxedItem, TaxPart
from jiedan.pricing.values.units import ManualLimit, SkuPrices, UnitPrices

BY_HAND = ""
"""The promotion of a reduction that a person gave."""

Skus = Mapping[str, SkuPrices]

Told = TypeVar("Told", Applied, Outcome)


_NO_PROMOTIONS = promotions.compile_promotions(())


class QuoteRules(NamedTuple):
    """One version of everything that prices a basket beside what is known of its SKUs, compiled."""

    version: int
    prices_include_tax: bool
    units: units.UnitRules
    promotions: promotions.Compiled
    shipping: shipping.CompiledShipping
    taxes: taxes.CompiledTaxes
    shipping_formula: ShippingFormula | None = None
    needs: Needs = NOTHING
    manual_limits: tuple[ManualLimit, ...] = ()

    def without_promotions(self) -> "QuoteRules":
        """Return the same rules without promotions: what happened elsewhere met none of ours."""
        return self._replace(promotions=_NO_PROMOTIONS) if self.promotions.promotions else self

    def including_tax(self, *, included: bool) -> "QuoteRules":
        """Return the same rules over prices that include tax, or do not: what was sold elsewhere says it itself."""
        if included == self.prices_include_tax:
            return self
        table = self.taxes._replace(prices_include_tax=included)
        return self._replace(prices_include_tax=included, taxes=table)

    def at_home(self, country: str) -> "QuoteRules":
        """Return the same rules as they count for a merchant of a country, where the tax settings name no home.

        Rules that counted for another country before count for this one then.
        """
        counted = taxes.counted_at(self.taxes, country)
        return self if counted is self.taxes else self._replace(taxes=counted)


class _Fee(NamedTuple):
    """The shipping fee before tax; `code` is the method that asks it, `method` the one that ships."""

    code: str
    minor: int
    tax_class: str
    reductions: tuple[values.Reduction, ...] = ()
    offers: tuple[ShippingOffer, ...] = ()
    method: values.TakenMethod | None = None

    @property
    def left_minor(self) -> int:
        return self.minor - sum([r.minor for r in self.reductions]) if self.reductions else self.minor


def quote(basket: values.Basket, skus: Skus, rules: QuoteRules) -> tuple[values.Priced, values.PricedTrace]:
    """Return the price of a basket and its explanation.

    Raises CannotPrice with every reason that can be told at once, each naming its field.
    """
    unit = units.unit_prices([line.wanted for line in basket.lines], skus, rules.units, _buyer(basket.facts))
    left = _Left(basket, unit)
    won = promotions.promote(unit.lots, _facts(basket, unit, rules), rules.promotions)
    if won.applied:
        left.take_promotions(won)
    left.take_by_hand(basket.discount)
    gifts = tuple([
        values.PricedGift(
            gift.promotion, gift.sku, gift.quantity, basket.gifts[gift.sku].tax_class, gift.wanted, gift.is_chosen
        )
        for gift in won.gifts
    ])  # fmt: skip
    fee = _fee(basket, gifts, sum(left.minor), won, rules)
    taxed = _taxed(basket, left.minor, fee, rules)
    taken = _Steps(unit, left, won, gifts, fee, taxed)
    priced = _priced(basket, taken, rules)
    if priced.total_minor > money.AMOUNT_MINOR_MAX:
        too_much = errors.AmountOutOfRange(priced.total_minor, money.AMOUNT_MINOR_MAX, field="lines")
        raise errors.CannotPrice((too_much,))
    return priced, _trace(basket, taken, rules)


class _Left:
    """What lines are still worth, by position, and what came off them."""

    def __init__(self, basket: values.Basket, unit: UnitPrices) -> None:
        self.lot_of = unit.lot_of
        self.taken: list[list[values.Reduction]] = []
        self.minor: list[int] = []
        for line, price in zip(basket.lines, unit.lines, strict=True):
            off = 0 if line.as_sold is None else line.as_sold.discount_minor
            self.taken.append([values.Reduction(BY_HAND, off)] if off else [])
            self.minor.append(line.wanted.quantity * price.unit_minor - price.tier_off_minor - off)

    def take_promotions(self, won: Promoted) -> None:
        """Take what promotions give off each lot from the lines of the lot."""
        lines_of: dict[int, list[int]] = {}
        for i, lot in enumerate(self.lot_of):
            lines_of.setdefault(lot, []).append(i)
        for applied in won.applied:
            for lot, minor in applied.lots:
                self._take(applied.promotion, minor, lines_of[lot])

    def take_by_hand(self, discount: carts.OrderDiscount | None) -> None:
        """Take a discount on the whole order from what the lines are still worth. Raises CannotPrice."""
        if discount is None:
            return
        minor = _by_hand(discount, sum(self.minor))
        self._take(BY_HAND, minor, range(len(self.minor)))

    def _take(self, promotion: str, minor: int, lines: Sequence[int]) -> None:
        if not minor:
            return
        for i, share in zip(lines, money.share_out(minor, [self.minor[i] for i in lines]), strict=True):
            if share:
                self.minor[i] -= share
                self.taken[i].append(values.Reduction(promotion, share))


class _Steps(NamedTuple):
    """What each step made of a basket."""

    unit: UnitPrices
    left: _Left
    won: Promoted
    gifts: tuple[values.PricedGift, ...]
    fee: _Fee
    taxed: Taxed


def _by_hand(discount: carts.OrderDiscount, goods_minor: int) -> int:
    """Return a discount by hand in minor units. Raises CannotPrice naming what is wrong with it."""
    reasons: list[Refusal] = []
    if not discount.reason.strip() or len(discount.reason) > carts.REASON_CHARACTERS_MAX:
        reasons.append(errors.ReasonMissing(field="discount.reason"))
    minor = discount.amount_minor
    if discount.rate_ppm is not None and minor is None and 0 <= discount.rate_ppm <= carts.PPM:
        minor = money.round_half_up(goods_minor * discount.rate_ppm, carts.PPM)
    elif discount.rate_ppm is not None or minor is None or not 0 <= minor <= goods_minor:
        reasons.append(errors.DiscountInvalid(field="discount"))
    if reasons:
        raise errors.CannotPrice(tuple(reasons))
    return minor or 0


def _buyer(facts: Facts) -> Buyer:
    return Buyer(facts.currency, facts.at, facts.channel, facts.customer, facts.groups, facts.known_as)


def _facts(basket: values.Basket, unit: UnitPrices, rules: QuoteRules) -> Facts:
    """Return the facts with what shipping would cost before promotions, which weighs offers on it against others."""
    if not rules.promotions.reduces_shipping:
        return basket.facts
    goods = sum(lot.worth_minor for lot in unit.lots)
    return basket.facts._replace(shipping_minor=_fee(basket, (), goods, None, rules).minor)


def _fee(
    basket: values.Basket,
    gifts: Sequence[values.PricedGift],
    goods_minor: int,
    won: Promoted | None,
    rules: QuoteRules,
) -> _Fee:
    """Return the shipping fee: by hand, or of the method chosen, less what promotions give. Raises CannotPrice."""
    try:
        return _chosen_fee(basket, gifts, goods_minor, won.shipping if won is not None else (), rules)
    except Refusal as refusal:
        raise errors.CannotPrice((refusal,)) from refusal


def _chosen_fee(
    basket: values.Basket,
    gifts: Sequence[values.PricedGift],
    goods_minor: int,
    reductions: Sequence[ShippingReduction],
    rules: QuoteRules,
) -> _Fee:
    """Return the shipping fee. Raises ShippingNotOffered, ShippingMethodUnavailable, ShippingNotChosen."""
    named = basket.shipping_method
    if basket.shipping_minor is not None:
        minor, tax_class = basket.shipping_minor, basket.shipping_tax_class
        if named is None:
            return _Fee("", minor, tax_class)
        about = shipping.named(rules.shipping, named)
        return _Fee("", minor, about.tax_class, method=values.TakenMethod(about.code, about.name, is_chosen=True))
    pieces = _pieces(basket, gifts) if rules.shipping.methods else ()
    if not pieces:
        if named is not None:
            raise errors.ShippingNotChosen(field=shipping.FIELD)
        return _Fee("", 0, "")
    contents = Contents(basket.facts.currency, goods_minor, pieces)
    place = basket.facts.place or values.NOWHERE
    offers = shipping.offers(contents, place, rules.shipping, rules.shipping_formula)
    chosen = shipping.choose(offers, named)
    method = values.TakenMethod(chosen.method, chosen.name, is_chosen=named is not None)
    if not reductions:
        return _Fee(chosen.method, chosen.fee_minor, chosen.tax_class, (), offers, method)
    offs = promotions.shipping_off(chosen.fee_minor, reductions)
    told = [values.Reduction(r.promotion, off) for r, off in zip(reductions, offs, strict=True) if off]
    reduced = tuple([_reduced(offer, reductions) for offer in offers])
    return _Fee(chosen.method, chosen.fee_minor, chosen.tax_class, tuple(told), reduced, method)


def _reduced(offer: ShippingOffer, reductions: Sequence[ShippingReduction]) -> ShippingOffer:
    """Return an offer with what promotions leave of its fee."""
    off = sum(promotions.shipping_off(offer.fee_minor, reductions)) if offer.serves else 0
    return offer._replace(left_minor=offer.fee_minor - off) if off else offer


def _pieces(basket: values.Basket, gifts: Sequence[values.PricedGift]) -> tuple[Piece, ...]:
    found = [_pieces_of(line.piece, line.wanted.quantity) for line in basket.lines if line.piece is not None]
    for gift in gifts:
        piece = basket.gifts[gift.sku].piece
        found += [_pieces_of(piece, gift.quantity)] if piece is not None else []
    return tuple(found)


def _pieces_of(piece: Piece, quantity: int) -> Piece:
    return piece if piece.quantity == quantity else piece._replace(quantity=quantity)


def _taxed(basket: values.Basket, left: Sequence[int], fee: _Fee, rules: QuoteRules) -> Taxed:
    """Return the tax of all lines and the fee; what was sold elsewhere keeps the tax it was sold with."""
    items = [Taxable(minor, line.tax_class) for line, minor in zip(basket.lines, left, strict=True)]
    own = [None if line.as_sold is None else line.as_sold.tax_minor for line in basket.lines]
    if fee.minor:
        own.append(basket.shipping_tax_minor)
        items.append(Taxable(fee.left_minor, fee.tax_class, "fee"))
    place = basket.facts.place or values.NOWHERE
    if own.count(None) == len(own):
        return taxes.tax(items, place, basket.tax_status, rules.taxes, basket.facts.at)
    asked = [item for item, known in zip(items, own, strict=True) if known is None]
    taxed = taxes.tax(asked, place, basket.tax_status, rules.taxes, basket.facts.at)
    answers = iter(taxed.items)
    merged = tuple(
        next(answers) if known is None else _as_known(item.amount_minor, known, included=rules.prices_include_tax)
        for item, known in zip(items, own, strict=True)
    )
    return taxed._replace(
        items=merged,
        net_minor=sum(item.net_minor for item in merged),
        tax_minor=sum(item.tax_minor for item in merged),
        gross_minor=sum(item.gross_minor for item in merged),
    )


def _as_known(amount_minor: int, tax_minor: int, *, included: bool) -> TaxedItem:
    net = amount_minor - tax_minor if included else amount_minor
    return TaxedItem(net, tax_minor, net + tax_minor, (TaxPart("", 0, tax_minor, net, treatment="as_sold"),))


def _priced(basket: values.Basket, taken: _Steps, rules: QuoteRules) -> values.Priced:
    fee, taxed = taken.fee, taken.taxed
    # By position: a batch has hundreds of lines, and names cost half as much again.
    lines = tuple([
        values.PricedLine(
            line.wanted.line,
            line.wanted.code,
            line.wanted.quantity,
            price.unit_minor,
            price.tier_off_minor + (sum([r.minor for r in off]) if off else 0) + tax.relief_minor,
            tax.tax_minor,
            tax.gross_minor,
            tuple(off),
            price.tier_off_minor,
            tax.relief_minor,
            tax.parts,
        )
        for line, price, off, tax in zip(basket.lines, taken.unit.lines, taken.left.taken, taxed.items, strict=False)
    ])  # fmt: skip
    fees = (_priced_fee(fee, taxed.items[-1]),) if fee.minor else ()
    return values.Priced(
        currency=basket.facts.currency,
        lines=lines,
        gifts=taken.gifts,
        fees=fees,
        subtotal_minor=sum([line.unit_minor * line.quantity for line in lines]),
        discount_minor=sum([line.discount_minor for line in lines]),
        tax_minor=taxed.tax_minor,
        total_minor=taxed.gross_minor,
        tax_included=rules.prices_include_tax,
        method=fee.method,
    )


def _priced_fee(fee: _Fee, tax: TaxedItem) -> values.PricedFee:
    return values.PricedFee(
        code=carts.SHIPPING,
        method=fee.code,
        unit_minor=fee.minor,
        discount_minor=fee.minor - fee.left_minor + tax.relief_minor,
        tax_class=fee.tax_class,
        tax_minor=tax.tax_minor,
        total_minor=tax.gross_minor,
        reductions=fee.reductions,
        relief_minor=tax.relief_minor,
        taxes=tax.parts,
    )


def _trace(basket: values.Basket, taken: _Steps, rules: QuoteRules) -> values.PricedTrace:
    won, taxed = taken.won, taken.taxed
    off = {reduction.promotion: reduction.minor for reduction in taken.fee.reductions}
    return values.PricedTrace(
        rules_version=rules.version,
        units=tuple([line.trace for line in taken.unit.lines]),
        applied=tuple([_with_amount(one, off) for one in won.applied]) if off else won.applied,
        near_misses=won.near_misses,
        outcomes=tuple([_with_amount(one, off) for one in won.outcomes]) if off else won.outcomes,
        coupons=won.coupons,
        search=won.search,
        discount=cards.masked(basket.discount.reason) if basket.discount is not None else "",
        shipping=taken.fee.offers,
        tax_rates=taxed.found,
        tax_notes=taxed.notes,
    )


def _with_amount(told: Told, off: Mapping[str, int]) -> Told:
    """Return what became of a promotion with what it took off the fee, which is only known once there is one."""
    minor = off.get(told.promotion)
    return told if minor is None else msgspec.structs.replace(told, amount_minor=minor)
