"""Browsers that staff want notices pushed to. Where one takes pushes is a secret: whoever knows may push."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.accounts import events as accounts
from jiedan.accounts import queries as people
from jiedan.base import ids, sql
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken
from jiedan.base.events import StoredEvent
from jiedan.base.sealing import Place, SealBroken, Sealer
from jiedan.notifications import errors, events, queries, rules
from jiedan.notifications.tables import PushSubscription
from jiedan.notifications.values import Device, Push

SQL = sql.load("jiedan.notifications.service", "devices.sql")

DEVICES_PER_PERSON_MAX = 20
"""Beyond that those are forgotten that told of themselves least lately."""

BROWSER_CHARACTERS_MAX = 200


async def add_device(
    tx: Tx, *, sealer: Sealer, staff_id: UUID, push: Push, browser: str, session_id: UUID | None = None
) -> Device:
    """Keep a browser for one of the staff; the same browser again is the same device, with its newest keys.

    It goes with the session that it is told of in. What is known already changes nothing.
    """
    endpoint_hash = hashlib.sha256(push.endpoint.encode()).digest()
    name = "".join(each for each in browser[:BROWSER_CHARACTERS_MAX] if each.isprintable())
    await people.person_for_update(tx, staff_id)  # of two who tell of one browser at once, the second finds it known
    known = await _known(tx, endpoint_hash, staff_id)
    is_as_known = known is not None and (known.browser, known.session_id) == (name, session_id)
    if is_as_known and _opened(sealer, tx.tenant, known) == push:
        return Device(known.subscription_id, known.browser, known.created_at)
    subscription_id = tx.new_id() if known is None else known.subscription_id
    taken = await tx.sql(SQL["take_from_others"], endpoint_hash=endpoint_hash, staff_id=staff_id)
    kept = await tx.sql(
        SQL["keep_device"],
        subscription_id=subscription_id,
        staff_id=staff_id,
        endpoint_hash=endpoint_hash,
        sealed=sealer.seal(msgspec.json.encode(push), place=place(tx.tenant, subscription_id)),
        browser=name,
        session_id=session_id,
        at=tx.now,
    )
    if not kept:  # somebody else signed in at this browser in this very moment
        raise Overtaken
    latest = sorted(await queries.devices(tx, staff_id=staff_id), key=lambda x: x.created_at, reverse=True)
    forgotten = [device.subscription_id for device in latest[DEVICES_PER_PERSON_MAX:]]
    if forgotten:
        await tx.sql(SQL["remove_devices"], staff_id=staff_id, subscription_ids=forgotten)
    gone = [*taken, *((staff_id, each) for each in forgotten)]
    tx.emit(*(events.DeviceRemoved(staff_id=whose, subscription_id=each) for whose, each in gone))
    tx.emit(events.DeviceAdded(staff_id=staff_id, subscription_id=subscription_id))
    return Device(subscription_id, name, tx.now)


async def remove_device(tx: Tx, *, staff_id: UUID, subscription_id: UUID) -> None:
    """Forget a browser of one of the staff. Raises DeviceNotFound."""
    await people.person_for_update(tx, staff_id)
    if not await tx.sql(SQL["remove_devices"], staff_id=staff_id, subscription_ids=[subscription_id]):
        raise errors.DeviceNotFound(subscription_id)
    tx.emit(events.DeviceRemoved(staff_id=staff_id, subscription_id=subscription_id))


async def follow_sessions(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    """Forget the browsers that were signed out; those that were signed in to again, by the same person, stay.

    Doing it again changes nothing.
    """
    told = [accounts.SessionsEnded.of(event) for event in stored]
    ended, followed = rules.ended_sessions(told)
    for staff_id in ids.in_order({event.staff_id for event in told}):
        await people.person_for_update(tx, staff_id)
    if followed:
        await tx.sql_count(SQL["follow_sessions"], session_ids=list(followed), follower_ids=list(followed.values()))
    gone = await tx.sql(SQL["remove_devices_of_sessions"], session_ids=sorted(ended)) if ended else []
    tx.emit(*(events.DeviceRemoved(staff_id=whose, subscription_id=each) for whose, each in gone))


async def _known(tx: Tx, endpoint_hash: bytes, staff_id: UUID) -> Any:
    """Return the row of a browser that one of the staff has, or None."""
    kept = PushSubscription
    wanted = sa.select(kept).where(
        kept.tenant_id == tx.tenant, kept.endpoint_hash == endpoint_hash, kept.staff_id == staff_id
    )
    return (await tx.execute(wanted)).one_or_none()


def _opened(sealer: Sealer, tenant: UUID, known: Any) -> Push | None:
    """Return where a browser takes pushes; None for what was sealed with another secret."""
    try:
        plain = sealer.open(known.sealed, place=place(tenant, known.subscription_id))
    except SealBroken:
        return None
    return msgspec.json.decode(plain, type=Push)


def place(tenant: UUID, subscription_id: UUID) -> Place:
    """Return where a browser's address and keys are sealed."""
    return Place(tenant, "push_subscription", "sealed", str(subscription_id))
