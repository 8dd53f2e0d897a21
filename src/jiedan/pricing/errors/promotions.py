"""The ways pricing refuses a promotion that a merchant wrote."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class PromotionTextInvalid(errors.Invalid):
    """A name or code is missing or too long."""

    code: ClassVar[str] = "promotion_text_invalid"
    message: ClassVar[str] = N_("This text is missing, or too long.")
    remedy: ClassVar[str] = N_("Give 1 to {characters_max} characters.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class PromotionNumberInvalid(errors.Invalid):
    """A count, rate or priority is out of range."""

    code: ClassVar[str] = "promotion_number_invalid"
    message: ClassVar[str] = N_("{number} is out of range.")
    remedy: ClassVar[str] = N_("Give a whole number from {minimum} to {maximum}.")

    number: int
    minimum: int
    maximum: int


@dataclasses.dataclass(eq=False)
class PromotionAmountInvalid(errors.Invalid):
    """An amount is in no currency, or out of range."""

    code: ClassVar[str] = "promotion_amount_invalid"
    message: ClassVar[str] = N_("The amount {amount_minor} in {currency} cannot be used.")
    remedy: ClassVar[str] = N_("Give an ISO 4217 currency and an amount from {minimum} to {maximum} minor units.")

    currency: str
    amount_minor: int
    minimum: int
    maximum: int


@dataclasses.dataclass(eq=False)
class PromotionAmountMissing(errors.Invalid):
    """An offer or a step has no amount in any currency, or one has and another has not."""

    code: ClassVar[str] = "promotion_amount_missing"
    message: ClassVar[str] = N_("An amount is missing.")
    remedy: ClassVar[str] = N_("Give an amount in each currency that this promotion is offered in.")


@dataclasses.dataclass(eq=False)
class PromotionReductionUnclear(errors.Invalid):
    """An offer has both a rate and amounts, or neither."""

    code: ClassVar[str] = "promotion_reduction_unclear"
    message: ClassVar[str] = N_("It is not clear how much this takes off.")
    remedy: ClassVar[str] = N_("Give either a rate or amounts, not both.")


@dataclasses.dataclass(eq=False)
class PromotionTraitInvalid(errors.Invalid):
    """Goods are chosen by something they do not have, or both wanted and refused."""

    code: ClassVar[str] = "promotion_trait_invalid"
    message: ClassVar[str] = N_("Goods cannot be chosen by “{trait}”.")
    remedy: ClassVar[str] = N_("Give {kinds} followed by a code, and each of them only once.")

    trait: str
    kinds: str


@dataclasses.dataclass(eq=False)
class PromotionTooMany(errors.Invalid):
    """A list is too long."""

    code: ClassVar[str] = "promotion_too_many"
    message: ClassVar[str] = N_("There are more than {maximum} entries.")
    remedy: ClassVar[str] = N_("Split the promotion in two, or choose by category or tag.")

    maximum: int


@dataclasses.dataclass(eq=False)
class PromotionPeriodInvalid(errors.Invalid):
    """A promotion ends before it begins, or its times have no offset."""

    code: ClassVar[str] = "promotion_period_invalid"
    message: ClassVar[str] = N_("The promotion ends before it begins, or a time has no offset from UTC.")
    remedy: ClassVar[str] = N_("Give an end after the beginning, both like 2026-11-11T00:00:00+08:00.")


@dataclasses.dataclass(eq=False)
class PromotionHoursInvalid(errors.Invalid):
    """Weekly hours cannot be read, or are empty."""

    code: ClassVar[str] = "promotion_hours_invalid"
    message: ClassVar[str] = N_("These hours cannot be used.")
    remedy: ClassVar[str] = N_("Give two different times like 09:00 and 24:00, and weekdays from 1 (Monday) to 7.")


@dataclasses.dataclass(eq=False)
class PromotionTestInvalid(errors.Invalid):
    """A test of an attribute has no name, or not the values its operator takes."""

    code: ClassVar[str] = "promotion_test_invalid"
    message: ClassVar[str] = N_("The test of the attribute “{name}” cannot be used.")
    remedy: ClassVar[str] = N_(
        "Give a name without spaces and one value; several only with “in”, and no yes or no with <, ≤, > and ≥."
    )

    name: str


@dataclasses.dataclass(eq=False)
class PromotionConditionsContradict(errors.Invalid):
    """Conditions that no order can meet together."""

    code: ClassVar[str] = "promotion_conditions_contradict"
    message: ClassVar[str] = N_("No order can meet these conditions together.")
    remedy: ClassVar[str] = N_("Ask for a first order or for earlier orders, with a minimum not above the maximum.")


@dataclasses.dataclass(eq=False)
class PromotionStepsInvalid(errors.Invalid):
    """Steps do not rise, or a repeated offer has several."""

    code: ClassVar[str] = "promotion_steps_invalid"
    message: ClassVar[str] = N_("These steps cannot be used.")
    remedy: ClassVar[str] = N_(
        "Let each step begin later and take off more than the one before; one that repeats is alone and has amounts."
    )


@dataclasses.dataclass(eq=False)
class PromotionGoodsMisplaced(errors.Invalid):
    """Goods stand where the offer does not look, or lack where it does."""

    code: ClassVar[str] = "promotion_goods_misplaced"
    message: ClassVar[str] = N_("This offer does not look for goods here.")
    remedy: ClassVar[str] = N_("Choose a bundle's goods in its slots, and what is got from other goods under other.")


@dataclasses.dataclass(eq=False)
class PromotionUnitsUncounted(errors.Invalid):
    """A cap of units on an offer that does not count units one by one."""

    code: ClassVar[str] = "promotion_units_uncounted"
    message: ClassVar[str] = N_("This offer cannot be limited to a number of units.")
    remedy: ClassVar[str] = N_("Limit units of a rate, an amount per unit or a fixed price; limit others by orders.")


@dataclasses.dataclass(eq=False)
class PromotionThresholdMissing(errors.Invalid):
    """A gift for each time a threshold is reached, without a threshold."""

    code: ClassVar[str] = "promotion_threshold_missing"
    message: ClassVar[str] = N_("A gift for each time needs something that is reached several times.")
    remedy: ClassVar[str] = N_("Give a minimum spend or a minimum quantity, or one gift per order.")


@dataclasses.dataclass(eq=False)
class PromotionExpressionUnusable(errors.Invalid):
    """A free condition cannot be read, names what is not there, or is no condition."""

    code: ClassVar[str] = "promotion_expression_unusable"
    message: ClassVar[str] = N_("The free condition cannot be used: {why}")
    remedy: ClassVar[str] = N_("Compare {known} with numbers or with texts in quotes; join with and, or, not.")

    why: str
    known: str
