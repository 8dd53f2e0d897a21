"""Order labels of carriers: what is to be labeled is read, the carrier is asked outside any transaction, then kept."""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.carriers import errors as carrier_errors
from jiedan.carriers import queries as carriers
from jiedan.carriers import service as carrier_service
from jiedan.carriers.values import Account, Consignment, Label, Place
from jiedan.customers import rules as customer_rules
from jiedan.customers.values import Address
from jiedan.fulfillment import errors, rules, saving
from jiedan.fulfillment.rules import Floor
from jiedan.fulfillment.service.holding import hold
from jiedan.fulfillment.values import ParcelId
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location, LocationId
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId


class _Wanted(NamedTuple):
    """A parcel to be labeled."""

    parcel_id: ParcelId
    account: Account
    consignment: Consignment
    serial: int


async def order_labels(
    database: Database, scope: Scope, *, parcel_ids: Sequence[UUID], carrier: str
) -> list[ParcelId | Refusal]:
    """Order labels for packed parcels: one outcome per parcel, in order.

    Outcomes are the parcel's id, ParcelNotFound, ParcelNotWaiting, ParcelHasLabel, WeightMissing, AddressMissing, or
    what the carrier refuses. Raises CarrierNotFound, CarrierInactive. Two transactions, with the carrier in between.
    """
    wanted = await database.write(scope, lambda tx: _prepare(tx, parcel_ids, carrier))
    made = [x if isinstance(x, Refusal) else await _label(x) for x in wanted]
    return await database.write(scope, lambda tx: _keep(tx, made, carrier))


async def _prepare(tx: Tx, parcel_ids: Sequence[UUID], carrier: str) -> list[_Wanted | Refusal]:
    account = await carriers.carrier(tx, carrier)
    if not account.is_active:
        raise carrier_errors.CarrierInactive(carrier)
    floor = await hold(tx, parcel_ids=parcel_ids)
    hanging = await orders.details(tx, list(floor.orders))
    places = {x.location_id: x for x in await tx.load_one(stock.locations())}
    addresses = {key: x.addresses.get("ship_to") for key, x in hanging.items()}
    outcomes = [
        floor.attempt(functools.partial(_consignment, floor, parcel_id, addresses, places)) for parcel_id in parcel_ids
    ]
    count = sum(not isinstance(x, Refusal) for x in outcomes)
    serials = iter((await carrier_service.take_serials(tx, numbers={carrier: count}))[carrier] if count else ())
    return [
        x if isinstance(x, Refusal) else _Wanted(ParcelId(parcel_id), account, x, next(serials))
        for parcel_id, x in zip(parcel_ids, outcomes, strict=True)
    ]


def _consignment(
    floor: Floor, parcel_id: UUID, addresses: Mapping[OrderId, Address | None], places: Mapping[LocationId, Location]
) -> Consignment:
    found, parcel = floor.find_unlabeled(parcel_id)
    if parcel.weight_g is None:
        raise errors.WeightMissing(parcel.number)
    address = addresses.get(found.order_id)
    if address is None:
        raise errors.AddressMissing(floor.orders[found.order_id].order.number)
    origin = Place("", "", places[found.location_id].name)
    return Consignment(parcel.number, origin, _place(address), parcel.weight_g)


def _place(address: Address) -> Place:
    lines = (address.company, *customer_rules.written_place(address))
    return Place(
        address.country, address.postal_code, address.name, address.phone, tuple(x for x in lines if x.strip())
    )


async def _label(wanted: _Wanted) -> tuple[ParcelId, Label] | Refusal:
    try:
        made = await carrier_service.make_label(wanted.account, wanted.consignment, serial=wanted.serial)
        return wanted.parcel_id, made
    except Refusal as refusal:
        return refusal


async def _keep(tx: Tx, made: Sequence[tuple[ParcelId, Label] | Refusal], carrier: str) -> list[ParcelId | Refusal]:
    labels: dict[ParcelId, Label] = dict(x for x in made if not isinstance(x, Refusal))
    floor = await hold(tx, parcel_ids=labels)
    outcomes: list[ParcelId | Refusal] = []
    for x in made:
        if isinstance(x, Refusal):
            outcomes.append(x)
            continue
        parcel_id, label = x
        outcomes.append(floor.attempt(functools.partial(rules.put_label, floor, parcel_id, carrier, label.number)))
    await saving.save(tx, floor)
    kept = [x for x in outcomes if not isinstance(x, Refusal)]
    await saving.add_labels(tx, carrier, {parcel_id: labels[parcel_id] for parcel_id in kept})
    return outcomes
