"""The carrier with a rate sheet of one's own: zones by country and postal code, steps by weight, own labels."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from jiedan.base import money
from jiedan.base.i18n import Phrase
from jiedan.carriers import errors
from jiedan.carriers.adapters import paper
from jiedan.carriers.adapters import settings as reading
from jiedan.carriers.values import Account, Consignment, Label, Place, Quote, Transit

ZONES_MAX = 100
STEPS_MAX = 50
PREFIXES_MAX = 500
WEIGHT_G_MAX = 10_000_000
SERIAL_DIGITS = 10


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """What a parcel up to a weight costs."""

    up_to_g: Annotated[int, msgspec.Meta(ge=1, le=WEIGHT_G_MAX)]
    price_minor: Annotated[int, msgspec.Meta(ge=0, le=money.AMOUNT_MINOR_MAX)]


class Zone(msgspec.Struct, forbid_unknown_fields=True):
    """Where prices and times are alike: a country, or the postal codes in it that begin with one of `prefixes`."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
    p50_days: reading.Days
    p90_days: reading.Days
    steps: Annotated[list[Step], msgspec.Meta(min_length=1, max_length=STEPS_MAX)]
    prefixes: Annotated[list[str], msgspec.Meta(max_length=PREFIXES_MAX)] = msgspec.field(default_factory=list)


class RateSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The rate sheet, what waybill numbers begin with, and where they are followed."""

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    zones: Annotated[list[Zone], msgspec.Meta(min_length=1, max_length=ZONES_MAX)]
    prefix: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{0,10}$")] = ""
    tracking_url: reading.Address = ""


class Rates:
    """Read prices, times and numbers from the merchant's own sheet."""

    name: ClassVar[str] = "rates"

    def check(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they are kept. Raises CarrierSettingsInvalid."""
        made = reading.read(settings, RateSettings)
        reading.check_address(made.tracking_url)
        if not money.is_currency(made.currency):
            raise errors.CarrierSettingsInvalid(
                Phrase("{currency} is no currency", currency=made.currency), field="settings.currency"
            )
        codes: set[str] = set()
        for i, zone in enumerate(made.zones):
            problem = _problem(zone, codes)
            if problem:
                raise errors.CarrierSettingsInvalid(problem, field=f"settings.zones[{i}]")
            codes.add(zone.code)
        kept: dict[str, Any] = msgspec.to_builtins(made)
        return kept

    def quote(self, account: Account, consignment: Consignment) -> Quote:
        """Return the price of the first step that takes the weight. Raises NoSuchZone, TooHeavy."""
        made = reading.read(account.settings, RateSettings)
        place = consignment.destination
        zone = zone_of(made, place)
        if zone is None:
            raise errors.NoSuchZone(account.code, place.country, place.postal_code)
        for step in zone.steps:
            if consignment.weight_g <= step.up_to_g:
                transit = Transit(zone.p50_days, zone.p90_days)
                return Quote(account.code, step.price_minor, made.currency, transit, zone.code)
        raise errors.TooHeavy(account.code, consignment.weight_g, zone.steps[-1].up_to_g)

    def transit(self, account: Account, destination: Place) -> Transit | None:
        """Return the days of the zone of a place; None where the sheet has none."""
        zone = zone_of(reading.read(account.settings, RateSettings), destination)
        return None if zone is None else Transit(zone.p50_days, zone.p90_days)

    async def label(self, account: Account, consignment: Consignment, *, serial: int) -> Label:
        """Return a label on a page of 100 × 150 mm, under a number made of prefix, serial and check digit."""
        made = reading.read(account.settings, RateSettings)
        quote = self.quote(account, consignment)
        number = waybill_number(made.prefix, serial)
        document = paper.label(account.name, number, quote.zone or "", consignment)
        return Label(number, document, "application/pdf")

    def tracking_url(self, account: Account, number: str) -> str | None:
        """Return the address that was set, with the number in it."""
        return reading.filled(reading.read(account.settings, RateSettings).tracking_url, number)


def zone_of(made: RateSettings, place: Place) -> Zone | None:
    """Return the zone of a place: the longest postal prefix in its country wins, then the country as a whole."""
    code = place.postal_code.replace(" ", "").upper()
    best: tuple[int, Zone] | None = None
    for zone in made.zones:
        if zone.country != place.country:
            continue
        fits = [len(x) for x in zone.prefixes if code.startswith(x.replace(" ", "").upper())]
        length = max(fits, default=-1) if zone.prefixes else 0
        if length >= 0 and (best is None or length > best[0]):
            best = (length, zone)
    return None if best is None else best[1]


def waybill_number(prefix: str, serial: int) -> str:
    """Return the number of a waybill: prefix, ten digits, and the check digit of Luhn (ISO/IEC 7812-1) over them."""
    digits = f"{serial:0{SERIAL_DIGITS}d}"
    total = 0
    for i, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if i % 2 == 0 else 1)
        total += sum(divmod(doubled, 10))
    return f"{prefix}{digits}{-total % 10}"


def _problem(zone: Zone, codes: set[str]) -> str:
    if zone.code in codes:
        return Phrase("zone {zone} stands there twice", zone=zone.code)
    if zone.p50_days > zone.p90_days:
        return Phrase("p50_days must not be above p90_days")
    weights = [step.up_to_g for step in zone.steps]
    if weights != sorted(set(weights)):
        return Phrase("steps must rise by weight")
    return ""
