"""The ways a draft is refused for what is to pay for it."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class WalletUnclear(errors.Invalid):
    """Neither or both ways to name a gift card, or one of them with credit or points; a number of points elsewhere."""

    code: ClassVar[str] = "wallet_unclear"
    message: ClassVar[str] = N_("It is not clear which wallet is to pay.")
    remedy: ClassVar[str] = N_(
        "Give a gift card its code or its wallet_id, and store credit and points neither; only points have a number."
    )


@dataclasses.dataclass(eq=False)
class WalletsNotTaken(errors.Invalid):
    """What was ordered elsewhere was paid there, and is not paid out of wallets now."""

    code: ClassVar[str] = "wallets_not_taken"
    message: ClassVar[str] = N_("Such an order is not paid out of wallets.")
    remedy: ClassVar[str] = N_("Leave the wallets out, and record how it was paid.")


@dataclasses.dataclass(eq=False)
class DraftKeepsNoCodes(errors.Invalid):
    """The code of a gift card is money: it is stored nowhere, in a saved draft neither."""

    code: ClassVar[str] = "draft_keeps_no_codes"
    message: ClassVar[str] = N_("A saved draft keeps no codes of gift cards.")
    remedy: ClassVar[str] = N_("Leave the code out, and place the order with it when it is ready.")
