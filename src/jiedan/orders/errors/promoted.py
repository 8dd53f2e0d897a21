"""The ways a draft is refused for what it should have cost: its offers, its total."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class GiftNotOffered(errors.Invalid):
    """A SKU was chosen that no promotion gives."""

    code: ClassVar[str] = "gift_not_offered"
    message: ClassVar[str] = N_("{sku} is not offered as a gift.")
    remedy: ClassVar[str] = N_("Leave it out, or choose one of the gifts of a promotion.")

    sku: str


@dataclasses.dataclass(eq=False)
class GiftOfNoPromotion(errors.Invalid):
    """A gift was chosen of a promotion that gives none, or that there is not."""

    code: ClassVar[str] = "gift_of_no_promotion"
    message: ClassVar[str] = N_("There is no promotion {promotion} with gifts.")
    remedy: ClassVar[str] = N_("Leave it out, or name the promotion as the preview does.")

    promotion: str


@dataclasses.dataclass(eq=False)
class GiftNotOfPromotion(errors.Invalid):
    """A SKU was chosen of a promotion that gives others."""

    code: ClassVar[str] = "gift_not_of_promotion"
    message: ClassVar[str] = N_("“{promotion}” does not give {sku}.")
    remedy: ClassVar[str] = N_("Choose one of the gifts of this promotion.")

    sku: str
    promotion: str


@dataclasses.dataclass(eq=False)
class GiftChosenTwice(errors.Invalid):
    """Two gifts were chosen of one promotion."""

    code: ClassVar[str] = "gift_chosen_twice"
    message: ClassVar[str] = N_("More than one gift is chosen of “{promotion}”.")
    remedy: ClassVar[str] = N_("Choose one gift of each promotion.")

    promotion: str


@dataclasses.dataclass(eq=False)
class PromotionUsedUp(errors.Conflict):
    """Others were quicker: an offer that made the price is used up."""

    code: ClassVar[str] = "promotion_used_up"
    message: ClassVar[str] = N_("“{promotion}” was used up while this was being ordered.")
    remedy: ClassVar[str] = N_("Look at the new total, and order again if it suits.")

    promotion: str


@dataclasses.dataclass(eq=False)
class TotalRisen(errors.Conflict):
    """The order would cost more than whoever orders has seen."""

    code: ClassVar[str] = "total_risen"
    message: ClassVar[str] = N_("The total has risen since it was shown.")
    remedy: ClassVar[str] = N_("Look at the new total, and order again if it suits.")

    total_minor: int
    expected_total_minor: int
    currency: str
