"""Values of tax: rates by jurisdiction and class, who is exempt, what is asked and what is answered.

Amounts are minor units, rates parts per million.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

import msgspec

from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.pricing.values.carts import ANY_COUNTRY
from jiedan.pricing.values.lots import Place

TAX_NAME = "tax"
"""What a tax is called that was given no name."""

TAX_POSITION_MAX = 99
TAX_TEXT_CHARACTERS_MAX = 60
"""Of classes, names, numbers of certificates and VAT numbers."""

ARTICLE_CHARACTERS_MAX = 200
TAX_RATES_MAX = 100_000
TAX_RATES_OF_A_PLACE_MAX = 100
"""Rows of one tax and class that hold one postal code, at whatever time."""

TAX_AREAS_MAX = 20

TaxedKind = Literal["goods", "fee"]
TaxRounding = Literal["order", "line"]
FeeClass = Literal["own", "goods"]
ExemptPrice = Literal["net", "gross"]
WithoutRate = Literal["zero", "refuse"]
TaxTreatment = Literal["taxed", "exempt", "reverse_charge", "untaxed", "as_sold"]
"""What becomes of an amount: taxed at a rate (also of 0); freed by a certificate; owed by who buys; without a rate for
its class; or taxed by another system, which told the sum alone."""

TaxNoteCode = Literal[
    "certificate",
    "certificate_elsewhere",
    "certificate_not_begun",
    "certificate_not_needed",
    "certificate_other_class",
    "certificate_over",
    "goods_stay",
    "no_rate",
    "reverse_charge",
    "vat_number_domestic",
    "vat_number_elsewhere",
    "vat_number_unreadable",
]


class TaxRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One tax of a class of goods where they go to: a country (or `*`), a region of it, or a postal area of it.

    `postal` is a prefix (`94`) or a range (`94105..94110`). Taxes of different `component` add up; a compound one is
    levied on the price with the taxes of lower `position`. It holds from `from_at` on and ends before `until_at`.
    """

    tax_class: str
    rate_ppm: int
    country: str = ANY_COUNTRY
    region: str = ""
    postal: str = ""
    component: str = TAX_NAME
    is_compound: bool = False
    position: int = 0
    from_at: datetime | None = None
    until_at: datetime | None = None


class TaxArea(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Countries between which business customers owe the tax themselves, and the article that says so."""

    code: str
    countries: tuple[str, ...]
    article: str


EUROPEAN_UNION = TaxArea(
    "EU",
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    ),
    "Art. 138, 196 Directive 2006/112/EC",
)


class TaxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a merchant charges tax; at home is where the merchant's settings say, unless `home_country` says otherwise.

    `fees`: a fee is taxed by its own class, or split over the classes of the goods by their value. `exempt_pays`: of
    prices that include tax, those who are exempt pay what is left without the tax of the merchant's home, or all.
    """

    rounding: TaxRounding = "order"
    fees: FeeClass = "own"
    without_rate: WithoutRate = "zero"
    exempt_pays: ExemptPrice = "net"
    reverse_charge: bool = False
    home_country: str = ""
    home_region: str = ""
    home_postal_code: str = ""
    areas: tuple[TaxArea, ...] = (EUROPEAN_UNION,)


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Why a customer pays no tax: the number of a paper, for which classes and where; empty means all.

    A place is a country, or a region of one as ISO 3166-2 writes it (`US-CA`).
    """

    number: str
    classes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None


class VatNumber(msgspec.Struct, frozen=True, omit_defaults=True):
    """A VAT number that the merchant trusts, with its prefix, and the country it is of; none where it cannot be read.

    The country alone is left of a customer who was forgotten.
    """

    number: str = ""
    country: str = ""


class TaxStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a customer has to show: certificates, and all VAT numbers that were in force when they ordered.

    Who `is_business` is a company whose tax number is known, or has a VAT number.
    """

    certificates: tuple[Certificate, ...] = ()
    vat_numbers: tuple[VatNumber, ...] = ()
    is_business: bool = False

    @property
    def has_papers(self) -> bool:
        """Whether there is anything that may free an order, here or elsewhere."""
        return bool(self.certificates or self.vat_numbers)


NO_STATUS = TaxStatus()
"""Of who has nothing to show, and who is not known."""


class Taxable(NamedTuple):
    """A line or a fee to be taxed: what it costs after all discounts, not below 0, with the tax or without."""

    amount_minor: int
    tax_class: str
    kind: TaxedKind = "goods"


class TaxPart(NamedTuple):
    """What one tax makes of one line or fee, and of how much of it (net).

    What is not taxed at a rate has neither name nor rate; then a single part tells why.
    """

    name: str
    rate_ppm: int
    minor: int
    base_minor: int = 0
    is_compound: bool = False
    treatment: TaxTreatment = "taxed"


class TaxedItem(NamedTuple):
    """A line or fee with its tax: net + the parts = gross. What is not taxed is a part of 0, which says why.

    `relief_minor` is tax contained in the price that an exempt customer is not asked for: amount − relief = gross
    where prices include tax.
    """

    net_minor: int
    tax_minor: int
    gross_minor: int
    parts: tuple[TaxPart, ...] = ()
    relief_minor: int = 0


class TaxRow(msgspec.Struct, frozen=True):
    """One row of the tax table of an order: what one tax at one rate makes of how much (net), or what is not taxed.

    Rows of `taxed` name the tax and its rate, which may be 0. Those of `exempt`, `reverse_charge` and `untaxed` (no
    rate is known for the class) have neither, and no tax; `as_sold` is what another system taxed, at rates it did not
    tell.
    """

    treatment: TaxTreatment
    name: str
    rate_ppm: int
    is_compound: bool
    base_minor: int
    tax_minor: int

    def told_in(self, locale: str) -> str:
        """Return what is charged, or why nothing is, in a language: `VAT 19%`, `Reverse charge`."""
        said = _UNTAXED.get(self.treatment)
        if said is not None:
            return i18n.gettext(locale, said)
        if self.name == TAX_NAME:
            return i18n.translate(locale, N_("Tax {rate}"), rate=self.rate)
        return f"{self.name} {self.rate}"

    @property
    def rate(self) -> str:
        """The rate as a percentage, exactly."""
        return f"{Decimal(self.rate_ppm).scaleb(-4).normalize():f}%"


_UNTAXED: Mapping[TaxTreatment, str] = {
    "exempt": N_("Tax exempt"),
    "reverse_charge": N_("Reverse charge"),
    "untaxed": N_("Not taxed"),
    "as_sold": N_("Taxed elsewhere"),
}


class TaxSum(NamedTuple):
    """One row of the tax table: all that one tax makes at one rate, and of what (net)."""

    name: str
    rate_ppm: int
    is_compound: bool
    base_minor: int
    minor: int


class TaxNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why tax is not charged, or why what the customer has shown does not help.

    `reference` is the number of the certificate or the VAT number, `classes` those it is about.
    """

    code: TaxNoteCode
    reference: str = ""
    classes: tuple[str, ...] = ()
    area: str = ""
    article: str = ""


class FoundRate(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which row of the table gave a class its rate."""

    tax_class: str
    component: str
    rate_ppm: int
    country: str
    region: str = ""
    postal: str = ""
    is_compound: bool = False


class Taxed(NamedTuple):
    """Items with their tax, in the order asked; Σ items = the sums of the order = the rows of the tax table."""

    items: tuple[TaxedItem, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int
    sums: tuple[TaxSum, ...] = ()
    notes: tuple[TaxNote, ...] = ()
    found: tuple[FoundRate, ...] = ()


class TaxQuestion(NamedTuple):
    """All that a tax service is told. Amounts in minor units of `currency`, with the tax or without."""

    currency: str
    items: tuple[Taxable, ...]
    place: Place
    status: TaxStatus
    at: datetime
    prices_include_tax: bool


class TaxService(Protocol):
    """Something that knows taxes: the merchant's own table, or answers of others gathered before."""

    def tax(self, question: TaxQuestion) -> Taxed:
        """Return the tax of what is asked. Raises CannotPrice where it cannot tell."""
