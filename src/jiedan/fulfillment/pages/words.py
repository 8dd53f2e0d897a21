"""The words and signs under which pages show statuses, states and reasons."""

from collections.abc import Mapping

from jiedan.base.i18n import N_
from jiedan.fulfillment.values import ReprintReason, ShortReason
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

NOTES: Mapping[str, str] = {
    "delivery": N_("Delivery wish"),
    "packaging": N_("Packaging"),
    "customer": N_("From the customer"),
    "internal": N_("Internal"),
}

DOCUMENTS: Mapping[str, str] = {
    "pick-list": N_("Pick list"),
    "delivery-note": N_("Delivery note"),
    "packing-slip": N_("Packing slip"),
}
