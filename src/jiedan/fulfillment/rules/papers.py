"""Which papers there are of an order, and why there are none. Pure."""

from collections.abc import Sequence

from jiedan.fulfillment.values import Document, Fulfillment, Parcel, Unprinted
from jiedan.orders.values import Lifecycle

Sheet = tuple[Fulfillment, Parcel | None]
"""A fulfillment, and one of its parcels where the paper is about that."""


def sheets(document: Document, lifecycle: Lifecycle, works: Sequence[Fulfillment]) -> list[Sheet]:
    """Return what a document is printed for of an order, in the order in which it was released and packed.

    Of a canceled order nothing is, even while its goods are still to be taken back from the location.
    """
    if lifecycle == "canceled":
        return []
    if document == "packing-slip":
        return [(work, parcel) for work in works for parcel in work.parcels if parcel.unpacked_at is None]
    if document == "pick-list":
        return [(work, None) for work in works if any(line.to_pick for line in work.lines)]
    return [(work, None) for work in works if any(line.wanted for line in work.lines)]


def why_none(document: Document, lifecycle: Lifecycle | None, works: Sequence[Fulfillment]) -> Unprinted:
    """Return why a document is printed for nothing of an order, which is None where it is unknown."""
    if lifecycle is None:
        return "unknown"
    if lifecycle == "canceled":
        return "canceled"
    if not any(line.wanted for work in works for line in work.lines):
        return "not_released"
    return "nothing_packed" if document == "packing-slip" else "nothing_to_pick"
