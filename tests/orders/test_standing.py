"""Who may act is asked for in two places: by `accounts`, and by placement in its first statement. They say the same."""

import itertools
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import queries, tables
from jiedan.base.db import Database, Tx
from jiedan.base.events import Actor
from jiedan.orders.placement import load
from tests.accounts import factories
from tests.accounts.factories import Opened
from tests.conftest import FakeClock

MAKERS = ("nobody", "active", "disabled")
WHEN = (None, timedelta(days=-1), timedelta(days=1))
"""Of an expiry or a revocation: never, over, still to come."""


class Made(NamedTuple):
    """A credential, and whether it is good."""

    credential_id: UUID
    what: str
    is_good: bool


def moment(now: datetime, when: timedelta | None) -> datetime | None:
    return None if when is None else now + when


async def every_session(tx: Tx, people: dict[str, UUID]) -> list[Made]:
    """Begin a session for each person, expiry and end."""
    made = []
    for who, expires, has_ended in itertools.product(("active", "disabled"), WHEN[1:], (False, True)):
        session_id = tx.new_id()
        row = {"session_id": session_id, "staff_id": people[who], "secret_hash": session_id.bytes * 2}
        row |= {"created_at": tx.now, "last_seen_at": tx.now, "expires_at": tx.now + expires}
        await tx.execute(sa.insert(tables.StaffSession).values(tenant_id=tx.tenant, network="", user_agent="", **row))
        if has_ended:
            s = tables.StaffSession
            await tx.execute(sa.delete(s).where(s.tenant_id == tx.tenant, s.session_id == session_id))
        what = f"session of somebody {who}, expires {expires}, ended: {has_ended}"
        made.append(Made(session_id, what, who == "active" and not has_ended))
    return made


async def every_key(tx: Tx, people: dict[str, UUID]) -> list[Made]:
    """Make an API key by each maker, with each expiry and revocation."""
    made = []
    for maker, expires, revoked in itertools.product(MAKERS, WHEN, WHEN):
        key_id = tx.new_id()
        row = {"api_key_id": key_id, "secret_hash": key_id.bytes * 2, "created_by": people.get(maker)}
        row |= {"created_at": tx.now, "expires_at": moment(tx.now, expires), "revoked_at": moment(tx.now, revoked)}
        await tx.execute(
            sa.insert(tables.ApiKey).values(
                tenant_id=tx.tenant, name="Shop", hint="abcd", permissions=["orders:write"], last_used_at=None, **row
            )
        )
        what = f"key of {maker}, expires {expires}, revoked {revoked}"
        made.append(Made(key_id, what, maker != "disabled" and revoked is None))
    return made


async def everybody(db: Database, at: Opened) -> list[Made]:
    """Return every credential that a merchant may have given out, and one that it has not."""
    active = await factories.person(db, at, "sales")
    disabled = await factories.person(db, at, "finance")
    async with db.begin(at.scope) as tx:
        s = tables.Staff
        gone = sa.update(s).where(s.tenant_id == tx.tenant, s.staff_id == disabled).values(is_active=False)
        await tx.execute(gone)
        people: dict[str, UUID] = {"active": active, "disabled": disabled}
        made = [*await every_session(tx, people), *await every_key(tx, people)]
        return [*made, Made(tx.new_id(), "never given out", is_good=False)]


async def told(db: Database, at: Opened, credential_ids: list[UUID]) -> list[frozenset[UUID]]:
    """Return which credentials are good: as accounts say, and as placement reads."""
    async with db.read(at.scope) as tx:
        alive = await tx.load_one(queries.credentials_alive(credential_ids))
        ((*_, standing),) = await tx.sql(load.SQL["standing"], credential_ids=sorted(credential_ids), at=tx.now)
    return [alive, frozenset(standing)]


async def test_accounts_and_placement_say_the_same_of_every_credential(db: Database, clock: FakeClock) -> None:
    ours, theirs = await factories.opened(db), await factories.opened(db)
    made = {at: await everybody(db, at) for at in (ours, theirs)}
    all_ids = [x.credential_id for of in made.values() for x in of]
    for at in (ours, theirs):
        expected = {x.credential_id: x.what for x in made[at] if x.is_good}
        assert len(expected) == 2 + 6
        for alive in await told(db, at, all_ids):
            assert {expected.get(x, "somebody else's") for x in alive} == set(expected.values())
        assert await told(db, at, []) == [frozenset(), frozenset()]


async def test_who_may_act_may_do_something_and_nobody_else(db: Database) -> None:
    at = await factories.opened(db)
    keys = [x for x in await everybody(db, at) if x.what.startswith("key")]
    async with db.read(at.scope) as tx:
        may: dict[str, Any] = {
            x.what: await tx.load_one(queries.permissions_of(Actor("api_key", str(x.credential_id)))) for x in keys
        }
    assert {what for what, permissions in may.items() if permissions} == {x.what for x in keys if x.is_good}
