"""The ways a gift card is refused whose code was typed to pay with."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class GiftCardUnusable(errors.Invalid):
    """No card has the code, or one that pays for nothing any more: which of both, nobody is told who tries codes."""

    code: ClassVar[str] = "gift_card_unusable"
    message: ClassVar[str] = N_("No gift card with this code can pay.")
    remedy: ClassVar[str] = N_(
        "Check its 16 letters and digits. A card that is used up, over or blocked pays for nothing."
    )


@dataclasses.dataclass(eq=False)
class GiftCardTaken(errors.Conflict):
    """The card is to pay for this order already."""

    code: ClassVar[str] = "gift_card_taken"
    message: ClassVar[str] = N_("The gift card that ends with {last_four} pays already.")
    remedy: ClassVar[str] = N_("Type the code of another one, or go on without.")

    last_four: str


@dataclasses.dataclass(eq=False)
class TooManyCards(errors.Invalid):
    """More gift cards than pay for one order."""

    code: ClassVar[str] = "too_many_gift_cards"
    message: ClassVar[str] = N_("At most {cards_max} gift cards pay for one order.")
    remedy: ClassVar[str] = N_("Take one out first.")

    cards_max: int
