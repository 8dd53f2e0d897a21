"""The words and signs under which pages show statuses, states and reasons."""

from collections.abc import Mapping

from jiedan.base.i18n import N_
from jiedan.carriers.values import TrackingState
from jiedan.fulfillment.values import Document, Paper, ReprintReason, ShortReason, Unprinted
from jiedan.fulfillment.values.signs import METHOD_LABELS, PARCEL_SIGNS, STATUS_SIGNS

STATUSES = STATUS_SIGNS
PARCELS = PARCEL_SIGNS
METHODS = METHOD_LABELS

REASONS: Mapping[ShortReason, str] = {
    "not_found": N_("Not found"),
    "damaged": N_("Damaged"),
    "miscount": N_("Miscounted"),
}

REPRINTS: Mapping[ReprintReason, str] = {
    "jammed": N_("The printer jammed"),
    "unreadable": N_("Cannot be read"),
    "lost": N_("Lost"),
    "damaged": N_("Damaged"),
    "other": N_("Another reason"),
}

PAPERS: Mapping[Paper, str] = {"label": N_("Label"), "packing_slip": N_("Packing slip")}

GATE: Mapping[str, str] = {
    "releasable": N_("Can be released"),
    "on_hold": N_("On hold"),
    "terms_not_met": N_("Not paid yet"),
    "not_allocated": N_("Waits for stock"),
    "waits_for_all": N_("Waits until all of it is there"),
}
"""What keeps an order from being picked, by the codes of the release gate."""

GROUPS: Mapping[str, str] = {
    "packed": N_("Waiting to leave"),
    "under_way": N_("On its way"),
    "failed": N_("Could not be delivered"),
    "returned": N_("Comes back"),
    "delivered": N_("Delivered"),
}
"""The tabs of the list of shipments."""

REPORTS: Mapping[TrackingState, str] = {
    "in_transit": N_("On its way"),
    "out_for_delivery": N_("Out for delivery"),
    "failed": N_("Could not be delivered"),
    "returned": N_("Comes back"),
    "delivered": N_("Delivered"),
}

NOTES: Mapping[str, str] = {
    "delivery": N_("Delivery wish"),
    "packaging": N_("Packaging"),
    "customer": N_("From the customer"),
    "internal": N_("Internal"),
    "record": N_("For the record"),
}

UNPRINTED: Mapping[Unprinted, str] = {
    "unknown": N_("There is no such order."),
    "canceled": N_("The order is canceled."),
    "not_released": N_("No location was told to pick it yet."),
    "nothing_to_pick": N_("Nothing is left to be picked."),
    "nothing_packed": N_("No parcel is packed yet."),
}
"""Why there is no paper of an order, by code."""

DOCUMENTS: Mapping[Document, str] = {
    "pick-list": N_("Pick list"),
    "delivery-note": N_("Delivery note"),
    "packing-slip": N_("Packing slip"),
}


def with_asked(names: Mapping[str, str], asked: str | None) -> dict[str, str]:
    """Return names to choose from by code, with the one that is asked for though there is none of it any more."""
    return {**names, **({asked: asked} if asked and asked not in names else {})}
