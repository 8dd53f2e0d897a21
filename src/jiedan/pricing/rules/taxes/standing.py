"""What a customer has to show for an order: of all that is kept of them, what holds at a moment. Pure."""

from datetime import datetime

from jiedan.base import vat
from jiedan.customers.values import CustomerBrief
from jiedan.pricing import values
from jiedan.pricing.rules.taxes import compiling


def status_of(buyer: CustomerBrief | None, at: datetime) -> values.TaxStatus:
    """Return what a customer shows who orders at a moment; nothing where nobody is known.

    Certificates are shown whatever place and time they are of: that one helps nothing is told. Of VAT numbers all that
    are in force, for wherever the order goes; who has one is a business.
    """
    if buyer is None:
        return values.NO_STATUS
    certificates = [
        values.Certificate(x.number, x.classes, x.places, x.from_at, x.until_at)
        for x in buyer.exemptions
        if x.kind == "exempt"
    ]  # fmt: skip
    numbers = sorted(
        x.number
        for x in buyer.exemptions
        if x.kind == "reverse_charge" and compiling.is_in_force(x.from_at, x.until_at, at)
    )  # fmt: skip
    return values.TaxStatus(
        tuple(sorted(certificates, key=_by_number)),
        tuple([_of(number) for number in numbers]),
        is_business=buyer.is_business or bool(numbers),
    )


def _by_number(certificate: values.Certificate) -> str:
    return certificate.number


def _of(kept: str) -> values.VatNumber:
    number, country = vat.read(kept)
    return values.VatNumber(number or kept, country)
