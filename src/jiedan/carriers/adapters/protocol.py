"""What Jiedan asks of a carrier, and what it may rely on."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from jiedan.carriers.values import Account, Consignment, Label, Place, Quote, Transit


class Carrier(Protocol):
    """One who takes parcels. `name` never changes: accounts are stored under it."""

    name: ClassVar[str]

    def check(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they are kept. Raises CarrierSettingsInvalid, naming what is wrong."""
        ...

    def quote(self, account: Account, consignment: Consignment) -> Quote:
        """Return what the carrier asks for a parcel. Raises NoSuchZone, TooHeavy."""
        ...

    def transit(self, account: Account, destination: Place) -> Transit | None:
        """Return how long the way to a place takes; None where the carrier does not say, or does not go."""
        ...

    async def label(self, account: Account, consignment: Consignment, *, serial: int) -> Label:
        """Return the transport document of a parcel and its number.

        Asked again with the same reference and serial it returns the same number. Called outside any transaction, so it
        may go over the network. Raises MakesNoLabels, NoSuchZone, TooHeavy.
        """
        ...

    def tracking_url(self, account: Account, number: str) -> str | None:
        """Return where people follow a number; None when there is no such page."""
        ...
