"""What promotions give, in a sentence: `Buy 3 × Tea, get 1 more free`."""

from collections.abc import Callable, Iterator

from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values import promotions
from jiedan.pricing.values.carts import PPM

_HALF = PPM // 2


def goods(choice: promotions.Goods, reader: Reader) -> str:
    """Return which goods are chosen."""
    named = [trait(one, reader) for one in choice.any_of]
    told = reader.row(named) if named else reader.say(N_("all goods"))
    if choice.all_of:
        others = reader.row(trait(one, reader) for one in choice.all_of)
        told = reader.say(N_("{goods} (of {others})"), goods=told, others=others)
    if choice.none_of:
        others = reader.row(trait(one, reader) for one in choice.none_of)
        told = reader.say(N_("{goods} (without {others})"), goods=told, others=others)
    return told


def trait(text: str, reader: Reader) -> str:
    """Return what a trait chooses: `sku:TEA` by its name, a category, brand or tag by its kind too."""
    kind, _, code = text.partition(":")
    name = reader.name(kind, code)
    message = {
        "category": N_("category {name}"),
        "brand": N_("brand {name}"),
        "tag": N_("goods tagged {name}"),
    }.get(kind)
    return name if message is None else reader.say(message, name=name)


def traits(promotion: promotions.Promotion) -> Iterator[str]:
    """Yield the traits that a promotion is about, for who looks up what they are called."""
    given = promotion.offer
    choices = [promotion.goods, promotion.when.counted or promotions.ALL_GOODS]
    if isinstance(given, promotions.BuyGet) and given.other is not None:
        choices.append(given.other)
    elif isinstance(given, promotions.Bundle):
        choices += [slot.goods for slot in given.slots]
    elif isinstance(given, promotions.Gift):
        yield from (f"sku:{sku}" for sku in given.skus)
    for choice in choices:
        yield from (*choice.any_of, *choice.all_of, *choice.none_of)


def offer(promotion: promotions.Promotion, reader: Reader) -> str:
    """Return what a promotion gives and how often in one order."""
    return _WORDS[type(promotion.offer)](promotion, reader)


def _percent_off(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.PercentOff):
        return ""
    if given.per == "order" and promotion.goods == promotions.ALL_GOODS:
        told = reader.say(N_("{rate} off the order"), rate=reader.rate(given.rate_ppm))
    else:
        told = reader.say(
            N_("{rate} off {goods}"), rate=reader.rate(given.rate_ppm), goods=goods(promotion.goods, reader)
        )
    return reader.clauses([told, _at_most(given.at_most, reader)])


def _amount_off(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.AmountOff):
        return ""
    amount, of = reader.amounts(given.amounts), goods(promotion.goods, reader)
    if given.per == "unit":
        return reader.say(N_("{amount} off each unit of {goods}"), amount=amount, goods=of)
    if given.per == "line":
        return reader.say(N_("{amount} off each line of {goods}"), amount=amount, goods=of)
    if promotion.goods == promotions.ALL_GOODS:
        return reader.say(N_("{amount} off the order"), amount=amount)
    return reader.say(N_("{amount} off {goods}, once per order"), amount=amount, goods=of)


def _fixed_price(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.FixedPrice):
        return ""
    of = goods(promotion.goods, reader)
    return reader.say(N_("{goods} for {amount} each"), goods=of, amount=reader.amounts(given.amounts))


def _steps(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.Steps):
        return ""
    told = reader.clauses(_step(step, given, reader) for step in given.steps)
    if promotion.goods != promotions.ALL_GOODS:
        told = reader.say(N_("{goods}: {offer}"), goods=goods(promotion.goods, reader), offer=told)
    return reader.clauses([told, _at_most(given.at_most, reader)])


def _step(step: promotions.Step, given: promotions.Steps, reader: Reader) -> str:
    off = reader.rate(step.rate_ppm) if step.rate_ppm else reader.amounts(step.amounts)
    if given.by == "quantity":
        message = N_("{off} off for every {count} units") if given.repeats else N_("{off} off from {count} units on")
        return reader.say(message, off=off, count=step.from_quantity)
    message = N_("{off} off for every {spent} spent") if given.repeats else N_("{off} off from {spent} spent on")
    return reader.say(message, off=off, spent=reader.amounts(step.from_amounts))


def _buy_get(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.BuyGet):
        return ""
    facts = {
        "buy": given.buy,
        "get": given.get,
        "goods": goods(promotion.goods, reader),
        "price": _price(given, reader),
    }
    if given.among == "other" and given.other is not None:
        told = reader.say(
            N_("Buy {buy} × {goods}, get {get} × {other} {price}"), other=goods(given.other, reader), **facts
        )
    elif given.among == "sku":
        told = reader.say(N_("Buy {buy} × {goods}, get {get} more of the same SKU {price}"), **facts)
    else:
        told = reader.say(N_("Buy {buy} × {goods}, get {get} more {price} (the cheapest)"), **facts)
    once = "" if given.repeats else reader.say(N_("once per order"))
    return reader.clauses([told, once, _times(given.times_max, reader)])


def _price(given: promotions.BuyGet, reader: Reader) -> str:
    if given.amounts:
        return reader.say(N_("for {amount} each"), amount=reader.amounts(given.amounts))
    if given.rate_ppm == PPM:
        return reader.say(N_("free"))
    if given.rate_ppm == _HALF:
        return reader.say(N_("at half the price"))
    return reader.say(N_("at {rate} off"), rate=reader.rate(given.rate_ppm))


def _bundle(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.Bundle):
        return ""
    parts = reader.row(
        reader.say(N_("{count} × {goods}"), count=slot.quantity, goods=goods(slot.goods, reader))
        for slot in given.slots
    )
    told = reader.say(N_("{parts} together for {amount}"), parts=parts, amount=reader.amounts(given.amounts))
    return reader.clauses([told, _times(given.times_max, reader)])


def _gift(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.Gift):
        return ""
    what = reader.named("sku", given.skus)
    message = N_("{count} × {sku} as a gift") if len(given.skus) == 1 else N_("{count} × one of {sku} as a gift")
    told = reader.say(message, count=given.quantity, sku=what)
    often = reader.say(N_("each time the threshold is reached")) if given.per == "time" else ""
    of = promotion.goods if promotion.when.counted is None else promotion.when.counted
    when = promotion.when
    if of != promotions.ALL_GOODS and not (when.min_spend or when.min_quantity):
        told = reader.say(N_("with {goods}: {offer}"), goods=goods(of, reader), offer=told)
    return reader.clauses([told, often, _times(given.times_max, reader)])


def _shipping_off(promotion: promotions.Promotion, reader: Reader) -> str:
    given = promotion.offer
    if not isinstance(given, promotions.ShippingOff):
        return ""
    if given.rate_ppm == PPM:
        told = reader.say(N_("Free shipping"))
    else:
        off = reader.rate(given.rate_ppm) if given.rate_ppm else reader.amounts(given.amounts)
        told = reader.say(N_("{off} off the shipping fee"), off=off)
    if promotion.goods != promotions.ALL_GOODS:
        told = reader.say(N_("with {goods}: {offer}"), goods=goods(promotion.goods, reader), offer=told)
    return reader.clauses([told, _at_most(given.at_most, reader)])


def _at_most(amounts: promotions.Amounts, reader: Reader) -> str:
    return reader.say(N_("at most {amount} off"), amount=reader.amounts(amounts)) if amounts else ""


def _times(times_max: int | None, reader: Reader) -> str:
    if times_max is None:
        return ""
    return reader.say(N_("at most {count} times per order"), count=times_max)


_WORDS: dict[type, Callable[[promotions.Promotion, Reader], str]] = {
    promotions.PercentOff: _percent_off,
    promotions.AmountOff: _amount_off,
    promotions.FixedPrice: _fixed_price,
    promotions.Steps: _steps,
    promotions.BuyGet: _buy_get,
    promotions.Bundle: _bundle,
    promotions.Gift: _gift,
    promotions.ShippingOff: _shipping_off,
}
