"""Free conditions of promotions: a comparison over the order, in the language of formulas, checked and compiled once.

The language is bounded when it is read (characters, parts, levels) and each part is evaluated once at most, so what a
condition costs is known before any cart comes; values in between are bounded as in formulas.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Phrase
from jiedan.pricing.errors import formulas as formula_errors
from jiedan.pricing.errors import promotions as errors
from jiedan.pricing.rules.formulas import checking, parsing
from jiedan.pricing.values import lots, promoted
from jiedan.pricing.values.formulas import Evaluate, Kind, Surroundings, Value

PAYMENT = "payment"
"""What `payment_terms` were called; published books still say it, new ones may not."""

NAMES: Mapping[str, Kind] = MappingProxyType(
    {
        "goods": "number",
        "quantity": "number",
        "skus": "number",
        "hour": "number",
        "weekday": "number",
        "day": "number",
        "month": "number",
        "currency": "text",
        "channel": "text",
        "country": "text",
        "region": "text",
        "postal_code": "text",
        "location": "text",
        "payment_method": "text",
        "payment_terms": "text",
        PAYMENT: "text",
        "is_known": "truth",
    }
)
"""What conditions know of an order, and of which kind it is."""

Condition = Callable[[Surroundings], bool]


def compiled(expression: str) -> Condition:
    """Return a condition ready for carts. Raises what is wrong with it as it is written, in the words of formulas.

    Evaluated, it raises FormulaDividesByZero and FormulaOverflow.
    """
    steps: list[tuple[str, Evaluate]] = []
    result: Condition = _never
    for name, part in _parts(expression):
        if name:
            steps.append((name, part.evaluate))
        else:
            result = checking.truth(part)

    def condition(around: Surroundings) -> bool:
        if not steps:
            return result(around)
        inner = around._replace(names=dict(around.names))
        for name, evaluate in steps:
            inner.names[name] = evaluate(inner)
        return result(inner)

    return condition


def _parts(expression: str) -> list[tuple[str, checking.Part]]:
    """Return the steps of a condition by name, the last of them without one. Raises what is wrong with it."""
    known = checking.Known(dict(NAMES), {name: frozenset({name}) for name in NAMES}, {}, {}, {})
    found = []
    for step in parsing.parse(expression):
        part = checking.check(step.node, known)
        if step.name:
            if step.name in known.kinds or step.name in checking.USAGE:
                raise formula_errors.FormulaNameInvalid(step.name, field=parsing.FIELD)
            known.kinds[step.name], known.made_of[step.name] = part.kind, part.attributes
        found.append((step.name, part))
    return found


def names_in(expression: str) -> frozenset[str]:
    """Return what a condition looks at of an order. Raises what is wrong with it, as `compiled`."""
    return frozenset[str]().union(*[part.attributes for _, part in _parts(expression)])


def is_of_payment(expression: str) -> bool:
    """Tell whether a condition asks for payment by the name that it had. Raises what is wrong with it."""
    return PAYMENT in names_in(expression)


def problem_of(expression: str) -> Refusal | None:
    """Return why a condition cannot be used as it is written, or None."""
    try:
        compiled(expression)
    except Refusal as refusal:
        why = Phrase(refusal.message, **{f.name: getattr(refusal, f.name) for f in dataclasses.fields(refusal)})
        return errors.PromotionExpressionUnusable(
            why, ", ".join(name for name in NAMES if name != PAYMENT), field="when.expression"
        )
    return None


def seen(cart: Sequence[lots.Lot], facts: promoted.Facts) -> Surroundings:
    """Return what conditions see of a cart: of its goods those that promotions act on, at prices before promotions."""
    sold = [lot for lot in cart if lot.promotable and lot.quantity > 0]
    worth_minor, place, at = sum([lot.worth_minor for lot in sold]), facts.place, facts.local_at
    names: dict[str, Value] = {
        "goods": Fraction(worth_minor, 10 ** money.exponent(facts.currency)),
        "quantity": Fraction(sum([lot.quantity for lot in sold])),
        "skus": Fraction(len({lot.code for lot in sold})),
        "hour": Fraction(at.hour),
        "weekday": Fraction(at.isoweekday()),
        "day": Fraction(at.day),
        "month": Fraction(at.month),
        "currency": facts.currency,
        "channel": facts.channel,
        "country": place.country if place is not None else "",
        "region": place.region if place is not None else "",
        "postal_code": place.postal_code if place is not None else "",
        "location": facts.location,
        "payment_method": facts.payment_method,
        "payment_terms": facts.payment_terms,
        PAYMENT: facts.payment_terms,
        "is_known": bool(facts.customer),
    }
    return Surroundings(names, {}, {})


def _never(_: Surroundings) -> bool:
    return False
