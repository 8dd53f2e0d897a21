"""The shipping methods at the checkout: which there are for the address, what each costs, and which one is marked.

The cheapest is marked at first, and stays so while nobody marks another: then it is whichever is the cheapest.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from jiedan.base.errors import Conflict, Refusal
from jiedan.base.i18n import N_
from jiedan.base.web.forms import Filled
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import Rejected
from jiedan.pricing.errors import ShippingMethodUnavailable, ShippingNotChosen
from jiedan.pricing.values import ShippingOffer

MARKED, FIRST = "shipping", "shipping_first"
"""The fields of the method that is marked, and of the one that is without anybody's choice."""

FIELD = "shipping_method"
"""What an order calls it."""

CODE_CHARACTERS_MAX = 100


@dataclasses.dataclass(eq=False)
class MethodChanged(Conflict):
    """The order would be sent by another method than the one that the page had marked."""

    code: ClassVar[str] = "shipping_method_changed"
    message: ClassVar[str] = N_("The shipping method that was marked is not offered any more for this order.")
    remedy: ClassVar[str] = N_("Look which one is marked below, and order again if it is all right.")


class Choice(NamedTuple):
    """The methods to choose from, the cheapest first, and which one is marked; `is_lost` where it is not as asked."""

    offers: Sequence[ShippingOffer] = ()
    marked: str = ""
    is_chosen: bool = False
    is_lost: bool = False

    @property
    def first(self) -> str:
        """The method that is taken where nobody chooses."""
        return self.offers[0].method if self.offers else ""


NOTHING = Choice()


def asked(form: Filled[Any]) -> str | None:
    """Return the method that somebody chose; None where the first one is as good, and where goods are collected."""
    if form.text("method") == "collect":
        return None
    marked = form.text(MARKED)[:CODE_CHARACTERS_MAX]
    return marked if marked and marked != form.text(FIRST) else None


def is_lost(planned: Plan | Rejected) -> bool:
    """Tell whether an order cannot be sent by the method that was chosen."""
    reasons = planned.reasons if isinstance(planned, Rejected) else ()
    return any(isinstance(reason, ShippingMethodUnavailable | ShippingNotChosen) for reason in reasons)


def of(plan: Plan, *, is_lost: bool) -> Choice:
    """Return the choice that an order has."""
    serving = [offer for offer in plan.offers if offer.serves]
    if plan.method is None:
        return Choice(is_lost=is_lost)
    return Choice(serving, plan.method.code, plan.method.is_chosen, is_lost)


def news(form: Filled[Any], choice: Choice) -> Refusal | None:
    """Return that another method is marked than the one that the page had; None where it is the same."""
    before = form.text(MARKED)
    return MethodChanged(field=MARKED) if before and choice.marked and before != choice.marked else None
