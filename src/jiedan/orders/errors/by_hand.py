"""The ways prices and discounts by hand refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Told


@dataclasses.dataclass(eq=False)
class BeyondLimit(errors.Forbidden):
    """More is taken off by hand than the role of who decides may take off."""

    code: ClassVar[str] = "beyond_limit"
    message: ClassVar[str] = N_("Up to {off_percent}% is taken off by hand; you may decide about {limit_percent}%.")
    remedy: ClassVar[str] = N_("Ask somebody whose role may take off more.")

    off_percent: float
    limit_percent: float


@dataclasses.dataclass(eq=False)
class NotForApproval(errors.Conflict):
    """The hold is for something else than a price by hand."""

    code: ClassVar[str] = "not_for_approval"
    message: ClassVar[str] = N_("This hold does not wait for a price to be approved.")
    remedy: ClassVar[str] = N_("Lift it when its matter is settled.")

    hold: str


@dataclasses.dataclass(eq=False)
class LineNotPriced(errors.Invalid):
    """The line has no price by hand: a fee, a gift, a part of a kit, sold elsewhere, or named twice."""

    code: ClassVar[str] = "line_not_priced"
    message: ClassVar[str] = N_("The price of line {line} cannot be set by hand.")
    remedy: ClassVar[str] = N_("Name each line of goods or services once; fees, gifts and parts of kits have no price.")

    line: int


@dataclasses.dataclass(eq=False)
class LineNotMeasured(errors.Invalid):
    """The line says nothing of a piece made to measure, or not for a formula of this shop, or is named twice."""

    code: ClassVar[str] = "line_not_measured"
    message: ClassVar[str] = N_("Line {line} has no measures that can be changed.")
    remedy: ClassVar[str] = N_("Name each line of goods made to measure once; what was canceled stays as it is.")

    line: int


@dataclasses.dataclass(eq=False)
class PriceByHandStands(errors.Conflict):
    """A piece whose price was set by hand would cost what nobody has agreed to for its new measures."""

    code: ClassVar[str] = "price_by_hand_stands"
    message: ClassVar[str] = N_("The price of line {line} was set by hand.")
    remedy: ClassVar[str] = N_("Take it back to that of the rules, change the measures, and set it anew.")

    line: int


@dataclasses.dataclass(eq=False)
class FormulaNotKept(errors.Conflict):
    """The rules that priced a piece are not kept any more, or ask for something else for its goods now."""

    code: ClassVar[str] = "formula_not_kept"
    message: ClassVar[str] = N_("The formula that priced line {line} does not price it any more.")
    remedy: ClassVar[str] = N_("Set its price by hand.")

    line: int


@dataclasses.dataclass(eq=False)
class DiscountShareGrows(errors.Forbidden):
    """Discounts that stay as much as they are would take a larger part off a piece that costs less."""

    code: ClassVar[str] = "discount_share_grows"
    message: ClassVar[str] = N_("With these measures, discounts take a larger part off line {line} than before.")
    remedy: ClassVar[str] = N_("Set its price by hand, or ask somebody who may set prices by hand.")

    line: int


@dataclasses.dataclass(eq=False)
class NoPriceByRules(errors.Conflict):
    """Nobody knows what the line would cost without the price by hand."""

    code: ClassVar[str] = "no_price_by_rules"
    message: ClassVar[str] = N_("It is not known what line {line} ({sku}) costs by the rules.")
    remedy: ClassVar[str] = N_("Set its price by hand.")

    line: int
    sku: str


@dataclasses.dataclass(eq=False)
class PriceTooHigh(errors.Invalid):
    """The line would cost more than can be counted."""

    code: ClassVar[str] = "price_too_high"
    message: ClassVar[str] = N_("The price of line {line} is too high.")
    remedy: ClassVar[str] = N_("Give a lower price.")

    line: int


@dataclasses.dataclass(eq=False)
class PriceBelowDiscounts(errors.Invalid):
    """Promotions take more off the line than it would cost."""

    code: ClassVar[str] = "price_below_discounts"
    message: ClassVar[str] = N_("Promotions take more off line {line} than it would cost.")
    remedy: ClassVar[str] = N_("Give at least {least_minor} for each unit.")

    line: int
    least_minor: int
    currency: str

    def __post_init__(self) -> None:
        self.least_minor = Told.money(self.least_minor, self.currency)


@dataclasses.dataclass(eq=False)
class DiscountTooHigh(errors.Invalid):
    """A discount by hand is more than the goods cost, or is neither one amount nor one rate."""

    code: ClassVar[str] = "discount_too_high"
    message: ClassVar[str] = N_("This discount does not fit the goods.")
    remedy: ClassVar[str] = N_("Give either an amount up to what the goods cost, or a rate up to 100%.")


@dataclasses.dataclass(eq=False)
class PricesSetSince(errors.Conflict):
    """What an order costs was set by hand after it was placed, so no rules say it."""

    code: ClassVar[str] = "prices_set_since"
    message: ClassVar[str] = N_("Somebody has set prices of this order by hand since it was placed.")
    remedy: ClassVar[str] = N_("Its history tells who, and why.")


@dataclasses.dataclass(eq=False)
class MeasuresSetSince(errors.Conflict):
    """Pieces of an order are made to other measures than it was placed with, so nobody ordered that by any rules."""

    code: ClassVar[str] = "measures_set_since"
    message: ClassVar[str] = N_("Somebody has changed measures of this order since it was placed.")
    remedy: ClassVar[str] = N_("Its history tells who, and what they were.")
