"""What a customer has to show for an order: of all that is kept of them, what holds at a moment and a place. Pure."""

from datetime import datetime

from jiedan.base import vat
from jiedan.customers.values import CustomerBrief, TaxExemption
from jiedan.pricing import values
from jiedan.pricing.rules.taxes import compiling


def status_of(buyer: CustomerBrief | None, place: values.Place, at: datetime) -> values.TaxStatus:
    """Return what a customer shows who orders at a moment for a place; nothing where nobody is known.

    Certificates are shown whatever place and time they are of: that one helps nothing is told. Of several VAT numbers
    in force, the one of the country the goods go to is shown, else the first.
    """
    if buyer is None:
        return values.NO_STATUS
    certificates = tuple([
        values.Certificate(x.number, x.classes, x.places, x.from_at, x.until_at)
        for x in buyer.exemptions
        if x.kind == "exempt"
    ])  # fmt: skip
    numbers = [
        x
        for x in buyer.exemptions
        if x.kind == "reverse_charge" and compiling.is_in_force(x.from_at, x.until_at, at)
    ]  # fmt: skip
    shown = min(numbers, key=lambda x: (_country_of(x) != place.country, x.number), default=None)
    is_business = buyer.is_business or (buyer.kind == "company" and shown is not None)
    if shown is None:
        return values.TaxStatus(certificates, is_business=is_business)
    return values.TaxStatus(certificates, shown.number, is_business=is_business)


def _country_of(exemption: TaxExemption) -> str:
    return vat.read(exemption.number)[1]
