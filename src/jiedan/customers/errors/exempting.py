"""The ways tax exemptions of customers are refused."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class ExemptionNotFound(errors.NotFound):
    """No such tax exemption of this customer."""

    code: ClassVar[str] = "tax_exemption_not_found"
    message: ClassVar[str] = N_("This customer has no tax exemption {exemption}.")

    exemption: str


@dataclasses.dataclass(eq=False)
class ExemptionTextInvalid(errors.Invalid):
    """A number or tax class that is empty, or longer than those of tax rates."""

    code: ClassVar[str] = "tax_exemption_text_invalid"
    message: ClassVar[str] = N_("This is empty or has more than {characters_max} characters.")
    remedy: ClassVar[str] = N_("Write it as it stands on the certificate, or in the table of tax rates.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class ExemptionPlaceInvalid(errors.Invalid):
    """A place of a certificate that is neither a country nor a region of one."""

    code: ClassVar[str] = "tax_exemption_place_invalid"
    message: ClassVar[str] = N_("{place} is neither a country nor a region of one.")
    remedy: ClassVar[str] = N_("Write US for a country, or US-CA for a region of it.")

    place: str


@dataclasses.dataclass(eq=False)
class VatNumberInvalid(errors.Invalid):
    """A VAT number that no invoice could name."""

    code: ClassVar[str] = "vat_number_invalid"
    message: ClassVar[str] = N_("{number} is not a VAT number.")
    remedy: ClassVar[str] = N_("Write it with the letters of its country before it, like DE123456789.")

    number: str


@dataclasses.dataclass(eq=False)
class ExemptionPartNotAllowed(errors.Invalid):
    """What only a certificate says."""

    code: ClassVar[str] = "tax_exemption_part_not_allowed"
    message: ClassVar[str] = N_("This does not go with this kind of exemption.")
    remedy: ClassVar[str] = N_("A VAT number holds for all goods, wherever they go: leave places and tax classes out.")


@dataclasses.dataclass(eq=False)
class ExemptionPeriodInvalid(errors.Invalid):
    """An exemption that ends before it begins."""

    code: ClassVar[str] = "tax_exemption_period_invalid"
    message: ClassVar[str] = N_("The exemption ends before it begins.")
    remedy: ClassVar[str] = N_("Give an end after its beginning, or leave one of them out.")


@dataclasses.dataclass(eq=False)
class ExemptionDayInvalid(errors.Invalid):
    """A beginning or an end in a year that nobody means."""

    code: ClassVar[str] = "tax_exemption_day_invalid"
    message: ClassVar[str] = N_("This day is too long ago or too far ahead.")
    remedy: ClassVar[str] = N_("Give a day between 1900 and 2199, or leave it out.")


@dataclasses.dataclass(eq=False)
class CertificateNotFound(errors.NotFound):
    """No scan is kept with this exemption, or it is none of this customer."""

    code: ClassVar[str] = "tax_certificate_not_found"
    message: ClassVar[str] = N_("No scan is kept with the tax exemption {exemption}.")
    remedy: ClassVar[str] = N_("Look at the customer's tax exemptions: they say which have one.")

    exemption: str


@dataclasses.dataclass(eq=False)
class CertificateTooLarge(errors.Invalid):
    """A scan of more bytes than are kept."""

    code: ClassVar[str] = "tax_certificate_too_large"
    message: ClassVar[str] = N_("The scan has more than {bytes_max} bytes.")
    remedy: ClassVar[str] = N_("Scan it in gray, at a lower resolution, or only the pages that matter.")

    bytes_max: int


@dataclasses.dataclass(eq=False)
class CertificateUnreadable(errors.Invalid):
    """The bytes are of no kind of file that is kept, whatever its sender calls it."""

    code: ClassVar[str] = "tax_certificate_unreadable"
    message: ClassVar[str] = N_("This is neither a PDF nor a PNG or JPEG picture.")
    remedy: ClassVar[str] = N_("Send the scan as one of these. Another name does not make a file one of them.")
