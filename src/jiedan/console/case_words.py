"""The words under which the page of a case shows what it knows."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_

FACTS: Mapping[str, str] = MappingProxyType(
    {
        "amount_minor": N_("Amount"),
        "expected_minor": N_("Expected"),
        "received_minor": N_("Received"),
        "balance_minor": N_("Balance"),
        "asked_minor": N_("Amount asked for"),
        "told_minor": N_("Said by the provider"),
        "problem": N_("What is wrong"),
        "operation": N_("Operation"),
        "failure": N_("Refused because"),
        "provider_ref": N_("Reference"),
        "key": N_("Idempotency key"),
        "parcel": N_("Parcel"),
        "carrier": N_("Carrier"),
        "tracking_number": N_("Tracking number"),
    }
)
"""What is told of a case, by the name under which its data has it."""

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "refund_under_way": N_(
            "The order was opened again while this money is on its way back, so its goods wait and the amount is due"
            " again. If the refund goes, the customer pays anew; if it fails, the money stays and pays for the order."
        )
    }
)
"""What is to be done about cases whose name does not say it, by kind."""

PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "amount": N_("the amount differs"),
        "currency": N_("the currency differs"),
        "beyond_ledger": N_("more than the payment holds"),
        "contradiction": N_("the provider contradicts what it said before"),
    }
)
