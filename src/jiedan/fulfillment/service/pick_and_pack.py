"""Work at the location: pick, put back, read notes, pack, open again."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.fulfillment import rules
from jiedan.fulfillment.service.working import work, work_once
from jiedan.fulfillment.values import Acknowledgement, FulfillmentId, Pack, ParcelId, Pick, PutBack, Unpack


async def pick_lines(tx: Tx, *, picks: Sequence[Pick]) -> list[FulfillmentId | Refusal]:
    """Count units as taken from the shelf, in part or whole: one outcome per pick, in order.

    Outcomes are the fulfillment's id, FulfillmentNotFound, LineNotReleased, WorkStopped, TooMuchToPick or KeyReused.
    """
    return await work_once(
        tx,
        operation="fulfillment.pick",
        wishes=picks,
        about="fulfillment_id",
        decide=lambda floor, wish, _: rules.pick(floor, wish),
        again=lambda wish, _: FulfillmentId(wish.fulfillment_id),
    )


async def put_back(tx: Tx, *, wishes: Sequence[PutBack]) -> list[FulfillmentId | Refusal]:
    """Count picked units that were withdrawn as back on the shelf: one outcome per wish, in order.

    Outcomes are the fulfillment's id, FulfillmentNotFound, LineNotReleased, TooMuchToPutBack or KeyReused.
    """
    return await work_once(
        tx,
        operation="fulfillment.put_back",
        wishes=wishes,
        about="fulfillment_id",
        decide=lambda floor, wish, _: rules.put_back(floor, wish),
        again=lambda wish, _: FulfillmentId(wish.fulfillment_id),
    )


async def acknowledge_notes(tx: Tx, *, wishes: Sequence[Acknowledgement]) -> list[FulfillmentId | Refusal]:
    """Keep who has read the notes of orders, and when: one outcome per wish, in order.

    Outcomes are the fulfillment's id, FulfillmentNotFound or NothingToAcknowledge.
    """
    return await work(
        tx, wishes=wishes, about="fulfillment_id", decide=lambda floor, wish, _: rules.acknowledge(floor, wish)
    )


async def pack_parcels(tx: Tx, *, packs: Sequence[Pack]) -> list[ParcelId | Refusal]:
    """Fill boxes with picked units: one outcome per box, in order.

    Outcomes are the parcel's id, FulfillmentNotFound, LineNotReleased, LineRepeated, WorkStopped, NotesUnread,
    NothingToPack, TooMuchToPack, WeightOutOfRange or KeyReused.
    """
    return await work_once(
        tx,
        operation="fulfillment.pack",
        wishes=packs,
        about="fulfillment_id",
        decide=lambda floor, wish, new_id: rules.pack(floor, wish, parcel_id=ParcelId(new_id)),
        again=lambda _, made: ParcelId(made),
    )


async def unpack_parcels(tx: Tx, *, wishes: Sequence[Unpack]) -> list[ParcelId | Refusal]:
    """Open parcels that have not left: one outcome per parcel: its id, ParcelNotFound or ParcelNotWaiting."""
    return await work(tx, wishes=wishes, about="parcel_id", decide=lambda floor, wish, _: rules.unpack(floor, wish))
