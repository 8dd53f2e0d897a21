"""What can be done with carriers: set them up, take waybill numbers, keep what they say."""

from collections.abc import Mapping, Sequence

import msgspec

from jiedan.base import cards, sql
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken, Refusal
from jiedan.carriers import errors, events, queries
from jiedan.carriers.adapters import known
from jiedan.carriers.values import CARRIERS_MAX, Account, Consignment, Label, NewAccount, NewTrackingEvent

SQL = sql.load("jiedan.carriers", "service.sql")

_FIELDS = ("adapter", "name", "settings", "is_active")

EventKey = tuple[str, str, str, object]


def adapter_names() -> list[str]:
    """Return the names of all adapters of this installation."""
    return sorted(known.adapters())


async def save_carrier(tx: Tx, *, account: NewAccount) -> Account:
    """Set a carrier up, or change one. Raises UnknownAdapter, CarrierSettingsInvalid, TooManyCarriers.

    A way to write them all is not needed: a merchant has few.
    """
    settings = known.find(account.adapter).check(account.settings)
    found = await queries.carriers_for_update(tx)
    before = found.get(account.code)
    if before is None and len(found) >= CARRIERS_MAX:
        raise errors.TooManyCarriers(CARRIERS_MAX)
    version = 1 if before is None else before.version + 1
    made = Account(account.code, account.adapter, account.name, account.is_active, settings, version)
    changed = tuple(x for x in _FIELDS if before is None or getattr(before, x) != getattr(made, x))
    if before is not None and not changed:
        return before
    kept = await tx.sql(
        SQL["save_carriers"],
        codes=[made.code],
        adapters=[made.adapter],
        names=[made.name],
        are_active=[made.is_active],
        settings=[msgspec.json.encode(settings).decode()],
        versions=[version],
        at=tx.now,
    )
    if not kept:  # somebody else set up the same one in this very moment
        raise Overtaken
    tx.emit(
        events.CarrierSaved(
            merchant_id=tx.tenant, code=made.code, adapter=made.adapter, fields=changed, version=version
        )
    )
    return made


async def take_serials(tx: Tx, *, numbers: Mapping[str, int]) -> dict[str, list[int]]:
    """Take so many waybill serials of each carrier: rising, never given twice; what is not used is a gap."""
    codes = sorted(numbers)
    rows = await tx.sql(SQL["take_serials"], codes=codes, numbers=[numbers[code] for code in codes])
    return {code: list(range(after - numbers[code], after)) for code, after in rows}


async def make_label(account: Account, consignment: Consignment, *, serial: int) -> Label:
    """Let a carrier make the transport document of a parcel. Called outside any transaction.

    Raises what the adapter refuses: MakesNoLabels, NoSuchZone, TooHeavy.
    """
    return await known.find(account.adapter).label(account, consignment, serial=serial)


async def record_tracking(tx: Tx, *, events: Sequence[NewTrackingEvent]) -> list[bool | Refusal]:
    """Keep what carriers say: one outcome per event, in order: whether it was new, or NotAMoment.

    The same carrier, number, code and moment are the same event, within the set too. Card numbers in its words are
    masked. One statement.
    """
    fresh: dict[EventKey, NewTrackingEvent] = {}
    for event in events:
        if event.occurred_at <= tx.now:
            fresh.setdefault(_key(event), event)
    rows = await tx.sql(
        SQL["insert_tracking_events"],
        carriers=[x.carrier for x in fresh.values()],
        numbers=[x.number for x in fresh.values()],
        codes=[x.code for x in fresh.values()],
        occurred_at=[x.occurred_at for x in fresh.values()],
        states=[x.state for x in fresh.values()],
        descriptions=[cards.masked(x.description) for x in fresh.values()],
        places=[cards.masked(x.place) for x in fresh.values()],
        at=tx.now,
    )
    new = {tuple(row) for row in rows}
    outcomes: list[bool | Refusal] = []
    for event in events:
        key = _key(event)
        if event.occurred_at > tx.now:
            outcomes.append(errors.NotAMoment(event.occurred_at.isoformat(), field="occurred_at"))
        else:
            outcomes.append(key in new)
            new.discard(key)
    return outcomes


def _key(event: NewTrackingEvent) -> EventKey:
    return event.carrier, event.number, event.code, event.occurred_at


async def erase_tracking(tx: Tx, *, parcels: Sequence[tuple[str, str]]) -> None:
    """Wipe what carriers said, in words, of parcels by carrier and tracking number: a place leads to a person."""
    if parcels:
        known = sorted(set(parcels))
        await tx.sql_count(
            SQL["erase_tracking_events"],
            carriers=[carrier for carrier, _ in known],
            numbers=[number for _, number in known],
        )
