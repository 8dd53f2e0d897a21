"""Decide which cases the way of a parcel opens, and which it closes. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from jiedan.cases.values import NewCase
from jiedan.fulfillment.values import Parcel, ParcelId, ParcelState

SUBJECT_KIND = "parcel"
CASE_KINDS: Mapping[ParcelState, str] = {"failed": "delivery_failed", "returned": "parcel_returned"}
"""What a person has to look at, by where a parcel is."""

ARRIVED = "The parcel has arrived after all."


class Troubles(NamedTuple):
    """Cases to be opened, and the words that close others by kind and subject."""

    opened: tuple[NewCase, ...]
    settled: Mapping[tuple[str, str, UUID], str]


def troubles(before: Mapping[ParcelId, Parcel], changed: Iterable[Parcel]) -> Troubles:
    """Return what becomes of the cases of parcels: one that could not be delivered, or comes back, needs a person.

    A parcel that is on its way again may fail again, so a case stands until the goods have arrived.
    """
    opened: list[NewCase] = []
    settled: dict[tuple[str, str, UUID], str] = {}
    for parcel in changed:
        old = before.get(parcel.parcel_id)
        if old is None or old.state == parcel.state:
            continue
        if parcel.state in CASE_KINDS:
            data = {
                "parcel": parcel.number,
                "carrier": parcel.carrier or "",
                "tracking_number": parcel.tracking_number or "",
            }
            opened.append(NewCase(CASE_KINDS[parcel.state], SUBJECT_KIND, parcel.parcel_id, data))
        if parcel.state == "delivered" and old.is_under_way:
            settled.update(((kind, SUBJECT_KIND, parcel.parcel_id), ARRIVED) for kind in CASE_KINDS.values())
    return Troubles(tuple(opened), settled)
