"""All shipping methods side by side: what each asks, and why others do not serve; and the choice of one."""

from collections.abc import Sequence

from jiedan.base import money
from jiedan.base.i18n import Series
from jiedan.pricing import errors, values
from jiedan.pricing.rules.shipping import charging, compiling, measuring

FIELD = "shipping_method"


def offers(
    contents: values.Contents,
    place: values.Place,
    rules: compiling.CompiledShipping,
    formula: values.ShippingFormula | None = None,
) -> tuple[values.ShippingOffer, ...]:
    """Return what every method says: those that serve first, the cheapest before, then by code.

    `formula` answers for tariffs by formula. Where nothing is to be shipped there are no offers.
    """
    if not any(piece.quantity for piece in contents.pieces):
        return ()
    once = measuring.Measuring(contents, rules.settings)
    found = [_offer(method, once, place, formula) for method in rules.methods]
    found.sort(key=_by_fee)
    return tuple(found)


def _by_fee(offer: values.ShippingOffer) -> tuple[bool, int, str]:
    return not offer.serves, offer.fee_minor, offer.method


def _offer(
    method: compiling.Method,
    once: measuring.Measuring,
    place: values.Place,
    formula: values.ShippingFormula | None,
) -> values.ShippingOffer:
    about, contents = method.method, once.contents
    zone = compiling.zone_at(method, place)
    if isinstance(zone, values.ShippingReason):
        return values.ShippingOffer(about.code, about.name, about.tax_class, reasons=(zone,))
    offer = values.ShippingOffer(about.code, about.name, about.tax_class, 0, zone.code)
    rate = zone.rates.get(contents.currency)
    if rate is None:
        return offer._replace(reasons=(values.ShippingReason("not_in_currency", currency=contents.currency),))
    asking = charging.Asking(once)
    charging.check_limits(asking, about.limits)
    tariff = charging.tariff_steps(asking, rate.tariff, about.divisor, formula)
    surcharges = charging.surcharge_steps(asking, method.surcharges, place)
    if asking.reasons:
        return offer._replace(reasons=tuple(asking.reasons))
    steps = charging.bounded(rate, tariff, surcharges, contents.goods_minor)
    fee = sum(step.minor for step in steps)
    if fee > money.AMOUNT_MINOR_MAX:
        reason = values.ShippingReason("fee_out_of_range", fee, money.AMOUNT_MINOR_MAX)
        return offer._replace(reasons=(reason,))
    told = (*asking.assumed(), *steps)
    free_from = rate.free_from_minor if fee else None
    return values.ShippingOffer(about.code, about.name, about.tax_class, fee, zone.code, told, (), None, free_from)


def choose(offered: Sequence[values.ShippingOffer], method: str | None) -> values.ShippingOffer:
    """Return the offer of the named method, or of the cheapest; of equal fees the one whose code comes first.

    Raises ShippingNotOffered where no method serves, and ShippingMethodUnavailable, naming those that do, where the
    named one does not.
    """
    serving = [offer for offer in offered if offer.serves]
    if not serving:
        raise errors.ShippingNotOffered(field=FIELD)
    if method is None:
        return min(serving, key=_by_fee)
    for offer in serving:
        if offer.method == method:
            return offer
    raise errors.ShippingMethodUnavailable(method, Series(offer.method for offer in serving), field=FIELD)


def named(rules: compiling.CompiledShipping, method: str) -> values.ShippingMethod:
    """Return a method by its code, wherever it serves: a fee by hand asks none of its zones.

    Raises ShippingMethodUnavailable, naming those there are, and ShippingNotChosen where there are none.
    """
    if not rules.methods:
        raise errors.ShippingNotChosen(field=FIELD)
    for one in rules.methods:
        if one.method.code == method:
            return one.method
    raise errors.ShippingMethodUnavailable(method, Series(one.method.code for one in rules.methods), field=FIELD)
