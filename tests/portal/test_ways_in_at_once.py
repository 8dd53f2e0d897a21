"""Two come in at once, or one while staff shut the door: nobody waits in a ring, and nobody for what has run out."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from jiedan.accounts.service import Passwords
from jiedan.base.db import Database, Scope, Tx
from jiedan.customers import errors, queries, rules, saving, service
from jiedan.customers.service import links, sessions
from jiedan.customers.tables import CustomerLink, CustomerSession
from jiedan.customers.values import Browser, CustomerId, Joining, Link, LinkPurpose
from jiedan.orders import service as orders
from jiedan.orders.tables import OrderLookUp
from tests.accounts.factories import CountingHasher
from tests.conftest import FakeClock
from tests.customers.factories import save, wang
from tests.patience import until_it_waits
from tests.portal import people
from tests.portal.factories import open_shop

BROWSER = Browser("192.0.2.7", "Firefox")


async def account(db: Database, scope: Scope, email: str = people.MEI) -> CustomerId:
    """Return a customer who comes in by links to an address."""
    (customer_id,) = await save(db, scope, [wang(email=email)])
    await db.write(scope, lambda tx: service.give_account(tx, customer_id=customer_id, email=email, password_hash=None))
    return customer_id


async def linked(db: Database, scope: Scope, customer_id: UUID) -> str:
    """Return the secret of a link into an account."""
    await db.write(scope, lambda tx: service.send_link(tx, customer_id=customer_id))
    return await people.mailed(db, scope)


async def stays(_tx: Tx, _customer_id: CustomerId) -> None:
    """Do nothing more when somebody comes in."""


async def test_who_comes_by_a_link_waits_for_staff_who_disable_the_account_and_they_for_nobody(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await open_shop(db, scope)
    customer_id = await account(db, scope)
    secret = await linked(db, scope, customer_id)
    tries = 0

    async def enter(tx: Tx) -> object:
        nonlocal tries
        tries += 1
        return await service.enter_by_link(tx, secret=secret, browser=BROWSER, replaced=None, then=stays)

    async with db.begin(scope) as tx:
        await queries.access_for_update(tx, customer_id)
        coming = asyncio.create_task(db.write(scope, enter))
        await until_it_waits(coming, owner)
        assert not coming.done()
        await service.set_access(tx, customer_id=customer_id, is_active=False)
    with pytest.raises(errors.LinkNotValid):
        await coming
    assert tries == 1, "nobody had to be stopped to get the other out of a ring"


async def test_who_joins_by_a_link_waits_for_staff_who_mail_another_and_they_for_nobody(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_shop(db, scope)
    (customer_id,) = await save(db, scope, [wang(email=people.MEI)])
    await db.write(scope, lambda tx: saving.write_terms(tx, {customer_id}))
    secret = await linked(db, scope, customer_id)
    use, uses = links.use, []

    async def counted(tx: Tx, *, secret: str, purpose: LinkPurpose) -> Link:
        uses.append(purpose)
        return await use(tx, secret=secret, purpose=purpose)

    monkeypatch.setattr(links, "use", counted)
    joining = service.join(
        db,
        Passwords(CountingHasher()),
        tenant=scope.tenant,
        secret=secret,
        joining=Joining("Mei", "", "en", ()),
        password="",
        browser=BROWSER,
        replaced=None,
        then=stays,
    )
    async with db.begin(scope) as tx:
        await queries.heads_for_update(tx, [customer_id])
        coming = asyncio.create_task(joining)
        await until_it_waits(coming, owner)
        assert not coming.done()
        await service.send_link(tx, customer_id=customer_id)
    with pytest.raises(errors.LinkNotValid):
        await coming
    assert uses == ["registration"], "nobody had to be stopped to get the other out of a ring"


async def test_sessions_and_links_that_ran_out_are_left_to_whoever_has_them_in_hand(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await open_shop(db, scope)
    customer_id = await account(db, scope)
    await linked(db, scope, customer_id)
    for _ in range(2):
        last = await db.write(scope, lambda tx: sessions.begin(tx, account_id=customer_id, browser=BROWSER))
    clock.advance(rules.SESSION_ABSOLUTE + timedelta(days=1))
    async with db.begin(scope) as tx:
        await sessions.note_seen(tx, session_id=last.session_id)
        held = (
            sa.select(CustomerLink.link_id).where(CustomerLink.tenant_id == tx.tenant).with_for_update(key_share=True)
        )
        (await tx.execute(held)).one()
        fresh = await db.write(scope, lambda tx: sessions.begin(tx, account_id=customer_id, browser=BROWSER))
    assert await left(db, scope, CustomerSession.session_id) == {last.session_id, fresh.session_id}
    assert len(await left(db, scope, CustomerLink.link_id)) == 1
    fresh = await db.write(scope, lambda tx: sessions.begin(tx, account_id=customer_id, browser=BROWSER))
    assert last.session_id not in await left(db, scope, CustomerSession.session_id)
    assert await left(db, scope, CustomerLink.link_id) == set()


async def test_look_ups_that_ran_out_are_left_to_whoever_tries_a_code(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await open_shop(db, scope)

    async def look_up(tx: Tx) -> object:
        return await orders.request_look_up(tx, number="SO-1", contact=people.MEI, network="")

    await db.write(scope, look_up)
    (old,) = await left(db, scope, OrderLookUp.look_up_id)
    clock.advance(timedelta(hours=1))
    async with db.begin(scope) as tx:
        held = (
            sa.select(OrderLookUp.look_up_id).where(OrderLookUp.tenant_id == tx.tenant).with_for_update(key_share=True)
        )
        (await tx.execute(held)).one()
        await db.write(scope, look_up)
    assert len(await left(db, scope, OrderLookUp.look_up_id)) == 2
    clock.advance(timedelta(hours=1))
    await db.write(scope, look_up)
    assert old not in await left(db, scope, OrderLookUp.look_up_id)


async def left(db: Database, scope: Scope, column: Any) -> set[UUID]:
    """Return the ids of the rows that are there."""
    async with db.read(scope) as tx:
        return set((await tx.execute(sa.select(column).where(column.class_.tenant_id == tx.tenant))).scalars())
