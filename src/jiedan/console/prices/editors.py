"""How rules of each kind are typed: their form, what it means, how a rule is written in it, and what its page shows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from jiedan.base.web.forms import Filled
from jiedan.console.prices import formula_form, plain, shipping_form, shipping_shown
from jiedan.console.prices.examples import RuleForm
from jiedan.console.prices.kinds import RuleType
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values.drafts import DraftRule, Rule, RuleKind


class Editor(NamedTuple):
    """How rules of one kind are typed. `shown` gets what was typed and which rows were asked for beside."""

    form: type[RuleForm]
    body_of: Callable[[RuleType, RuleForm, Reading, Rule | None], Rule]
    raw_of: Callable[[RuleType, DraftRule, Typing], dict[str, list[str]]]
    template: str
    shown: Callable[[Filled[Any], str], Mapping[str, Any]]


PLAIN = Editor(
    plain.PlainForm, plain.body_of, plain.raw_of, "console/price_rule.html", lambda _, __: {"is_too_large": False}
)

OWN: Mapping[RuleKind, Editor] = MappingProxyType(
    {
        "formula": Editor(
            formula_form.FormulaForm,
            formula_form.formula_of,
            formula_form.raw_of,
            "console/price_formula.html",
            formula_form.shown,
        ),
        "shipping_method": Editor(
            shipping_form.ShippingForm,
            shipping_form.method_of,
            shipping_shown.raw_of,
            "console/price_shipping.html",
            shipping_shown.shown,
        ),
    }
)
"""The kinds that are more than plain fields."""


def editor_of(of: RuleType) -> Editor:
    """Return how rules of a kind are typed."""
    return OWN.get(of.kind, PLAIN)
