"""The carrier that people deal with themselves: they type its number, and know what it costs."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from jiedan.base.i18n import Phrase
from jiedan.carriers import errors
from jiedan.carriers.adapters import settings as reading
from jiedan.carriers.values import Account, Consignment, Label, Place, Quote, Transit


class HandSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where a number is followed (`https://…/{number}`), and how many days the way takes."""

    tracking_url: reading.Address = ""
    p50_days: reading.Days | None = None
    p90_days: reading.Days | None = None


class Hand:
    """Say what is known without asking anybody."""

    name: ClassVar[str] = "hand"

    def check(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they are kept. Raises CarrierSettingsInvalid."""
        made = reading.read(settings, HandSettings)
        reading.check_address(made.tracking_url)
        if (made.p50_days is None) != (made.p90_days is None) or (made.p50_days or 0) > (made.p90_days or 0):
            problem = Phrase("p50_days and p90_days come together, the first not above the second")
            raise errors.CarrierSettingsInvalid(problem, field="settings.p90_days")
        kept: dict[str, Any] = msgspec.to_builtins(made)
        return kept

    def quote(self, account: Account, consignment: Consignment) -> Quote:
        """Return a quote without a price: people know it."""
        return Quote(account.code, None, None, self.transit(account, consignment.destination))

    def transit(self, account: Account, destination: Place) -> Transit | None:  # noqa: ARG002 - everywhere alike
        """Return the days that were set, wherever it goes."""
        made = reading.read(account.settings, HandSettings)
        if made.p50_days is None or made.p90_days is None:
            return None
        return Transit(made.p50_days, made.p90_days)

    async def label(self, account: Account, consignment: Consignment, *, serial: int) -> Label:  # noqa: ARG002 - as above
        """Raise MakesNoLabels."""
        raise errors.MakesNoLabels(account.code)

    def tracking_url(self, account: Account, number: str) -> str | None:
        """Return the address that was set, with the number in it."""
        return reading.filled(reading.read(account.settings, HandSettings).tracking_url, number)
