"""The words and signs under which statuses and states are shown, on whatever page."""

from collections.abc import Mapping
from typing import NamedTuple

from jiedan.base.i18n import N_
from jiedan.fulfillment.values.words import Method, ParcelState, Status


class Sign(NamedTuple):
    """How something is shown: `label` a message id, `tone` its color, `level` how far the circle is filled."""

    label: str
    tone: str = ""
    level: str = "empty"


STATUS_SIGNS: Mapping[Status, Sign] = {
    "released": Sign(N_("To pick"), "info", "empty"),
    "picking": Sign(N_("Being picked"), "info", "quarter"),
    "picked": Sign(N_("Picked"), "info", "half"),
    "packed": Sign(N_("Packed"), "info", "most"),
    "ready": Sign(N_("Ready to collect"), "warn", "most"),
    "partly_shipped": Sign(N_("Partly shipped"), "info", "most"),
    "shipped": Sign(N_("Shipped"), "ok", "most"),
    "delivered": Sign(N_("Delivered"), "ok", "full"),
    "collected": Sign(N_("Collected"), "ok", "full"),
    "stopped": Sign(N_("Stopped: put back"), "bad", "half"),
    "canceled": Sign(N_("Canceled")),
}

PARCEL_SIGNS: Mapping[ParcelState, Sign] = {
    "packed": Sign(N_("Packed"), "info", "quarter"),
    "shipped": Sign(N_("Shipped"), "info", "half"),
    "in_transit": Sign(N_("On its way"), "info", "half"),
    "out_for_delivery": Sign(N_("Out for delivery"), "info", "most"),
    "failed": Sign(N_("Could not be delivered"), "bad", "most"),
    "returned": Sign(N_("Comes back"), "bad", "half"),
    "delivered": Sign(N_("Delivered"), "ok", "full"),
    "unpacked": Sign(N_("Unpacked")),
}

METHOD_LABELS: Mapping[Method, str] = {"ship": N_("To be shipped"), "collect": N_("To be collected")}
