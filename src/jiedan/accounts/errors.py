"""The ways accounts refuses."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class MerchantNotFound(errors.NotFound):
    """No merchant of this installation has that slug or id."""

    code: ClassVar[str] = "merchant_not_found"
    message: ClassVar[str] = N_("There is no such merchant.")
