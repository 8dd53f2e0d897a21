"""Passkeys: a device that knows its person signs them in, instead of password and second step.

A passkey opens the account for good, so the password is asked for before one is made. Signing in by one is not counted
by the throttle: there is nothing to guess, and whoever is locked out by somebody else's guesses still gets in.
"""

import hashlib
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from jiedan.accounts import errors, events, queries, rules, tables
from jiedan.accounts.service import ceremonies, history, sessions, sign_in
from jiedan.accounts.service.ceremonies import Asked, Challenge, Given, Party
from jiedan.accounts.service.passwords import Passwords
from jiedan.accounts.values import Passkey, PasskeyId, SignedIn, StaffId, Visitor
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.base.sealing import Sealer

PASSKEYS_PER_PERSON_MAX = 20


async def begin(
    database: Database,
    passwords: Passwords,
    *,
    tenant: TenantId,
    staff_id: StaffId,
    present: str,
    party: Party,
    sealer: Sealer,
    visitor: Visitor,
) -> Asked:
    """Make sure by the password that it is the person, and return what their device is asked for a passkey.

    Guesses at the password count as attempts to sign in. Raises PasswordWrong, SignInThrottled, PasswordsBusy.
    """
    await sign_in.prove(database, passwords, tenant=tenant, staff_id=staff_id, present=present, visitor=visitor)
    async with database.read(Scope(tenant)) as tx:
        person = await queries.person(tx, staff_id)
        k = tables.Passkey
        known = sa.select(k.credential_id).where(k.tenant_id == tx.tenant, k.staff_id == staff_id)
        credential_ids = (await tx.execute(known)).scalars().all()
        return ceremonies.ask_to_make(sealer, party, tenant=tenant, person=person, known=credential_ids, now=tx.now)


async def add(
    tx: Tx, sealer: Sealer, *, staff_id: StaffId, name: str, token: str, answer: str, party: Party
) -> Passkey:
    """Keep the passkey that a person's device has made. `token` and `answer` come from the browser.

    Raises NameInvalid, PasskeyExpired, PasskeyUnusable, PasskeyExists or TooMany.
    """
    history.refuse(rules.check_name(name, field="name"))
    challenge = ceremonies.challenge_of(sealer, token, staff_id=staff_id, now=tx.now)
    made = ceremonies.made(answer, challenge=challenge, party=party)
    await queries.person_for_update(tx, staff_id)
    if not await _spend(tx, challenge):
        raise errors.PasskeyExpired
    if len(await queries.passkeys(tx, staff_id=staff_id)) >= PASSKEYS_PER_PERSON_MAX:
        raise errors.TooMany(limit=PASSKEYS_PER_PERSON_MAX)
    passkey = Passkey(PasskeyId(tx.new_id()), name.strip(), made.is_synced, 1, tx.now, None)
    added = await tx.execute(
        pg.insert(tables.Passkey)
        .values(
            tenant_id=tx.tenant,
            passkey_id=passkey.passkey_id,
            staff_id=staff_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            uses=made.uses,
            name=passkey.name,
            is_synced=made.is_synced,
            version=1,
            created_at=tx.now,
            last_used_at=None,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "credential_id"])
        .returning(tables.Passkey.passkey_id)
    )
    if added.one_or_none() is None:
        raise errors.PasskeyExists
    tx.emit(events.PasskeyAdded(passkey_id=passkey.passkey_id, staff_id=staff_id))
    return passkey


async def rename(
    tx: Tx, *, staff_id: StaffId, passkey_id: UUID, name: str, expected_version: int | None = None
) -> Passkey:
    """Call one of a person's passkeys otherwise. Raises PasskeyNotFound, StaleVersion or NameInvalid."""
    before = await queries.passkey_for_update(tx, staff_id=staff_id, passkey_id=passkey_id)
    kind = events.PasskeyRenamed.kind
    await history.check_version(tx, subject_id=passkey_id, kind=kind, current=before.version, expected=expected_version)
    history.refuse(rules.check_name(name, field="name"))
    if name.strip() == before.name:
        return before
    k, version = tables.Passkey, before.version + 1
    await tx.execute(
        sa.update(k)
        .where(k.tenant_id == tx.tenant, k.passkey_id == passkey_id)
        .values(name=name.strip(), version=version)
    )
    tx.emit(
        events.PasskeyRenamed(passkey_id=passkey_id, staff_id=staff_id, version=version),
        private={"before": {"name": before.name}, "after": {"name": name.strip()}},
    )
    return await queries.passkey_for_update(tx, staff_id=staff_id, passkey_id=passkey_id)


async def remove(tx: Tx, *, staff_id: StaffId, passkey_id: UUID) -> None:
    """Let a passkey sign its person in no more. Raises PasskeyNotFound, also for somebody else's."""
    k = tables.Passkey
    gone = await tx.execute(
        sa.delete(k).where(k.tenant_id == tx.tenant, k.staff_id == staff_id, k.passkey_id == passkey_id)
    )
    if not gone.rowcount:
        raise errors.PasskeyNotFound
    tx.emit(events.PasskeyRemoved(passkey_id=PasskeyId(passkey_id), staff_id=staff_id))


async def enter(
    database: Database,
    *,
    token: str,
    answer: str,
    party: Party,
    sealer: Sealer,
    visitor: Visitor,
    replaced: str | None = None,
) -> tuple[TenantId, SignedIn]:
    """Sign in whoever's passkey has answered; the browser's former session (secret `replaced`) ends.

    Which merchant and which person, the answer says; the merchant is returned, too.
    Raises PasskeyExpired, or PasskeyRefused whatever was wrong.
    """
    challenge = ceremonies.challenge_of(sealer, token, staff_id=None, now=database.clock.now())
    given = ceremonies.given(answer)

    async def work(tx: Tx) -> SignedIn | None:
        if not await _is_of_somebody(tx, given, challenge, party):
            return None
        signed_in = await sessions.begin(tx, staff_id=given.staff_id, visitor=visitor, replaced=replaced)
        tx.emit(events.SignedIn(staff_id=given.staff_id, session_id=signed_in.session_id))
        return signed_in

    scope = Scope(given.tenant, Actor("staff", str(given.staff_id)), visitor.request_id)
    signed_in = await database.write(scope, work)
    if signed_in is None:
        raise errors.PasskeyRefused
    return given.tenant, signed_in


async def _is_of_somebody(tx: Tx, given: Given, challenge: Challenge, party: Party) -> bool:
    """Tell whether the answer is that of an active person's passkey, and note that it was used."""
    try:
        person = await queries.person_for_update(tx, given.staff_id)
    except errors.StaffNotFound:
        return False
    k = tables.Passkey
    of_person = (k.tenant_id == tx.tenant, k.staff_id == given.staff_id, k.credential_id == given.credential_id)
    found = (await tx.execute(sa.select(k.passkey_id, k.public_key, k.uses).where(*of_person))).one_or_none()
    if found is None or not person.is_active:
        return False
    proven = ceremonies.proven(given, public_key=found.public_key, challenge=challenge, party=party)
    if not await _spend(tx, challenge):
        return False
    if not rules.is_counted_on(found.uses, proven.uses):
        tx.emit(events.PasskeyDoubted(passkey_id=found.passkey_id, staff_id=given.staff_id))
        return False
    await tx.execute(
        sa.update(k).where(*of_person).values(uses=proven.uses, is_synced=proven.is_synced, last_used_at=tx.now)
    )
    return True


async def _spend(tx: Tx, challenge: Challenge) -> bool:
    """Take the answer to a challenge, once and in time; tell whether it was not taken before."""
    if challenge.expires_at <= tx.now:  # what would tell that it was taken may be gone by now
        return False
    c = tables.SpentChallenge
    await tx.execute(sa.delete(c).where(c.tenant_id == tx.tenant, c.expires_at <= tx.now))
    spent = await tx.execute(
        pg.insert(c)
        .values(
            tenant_id=tx.tenant,
            challenge_hash=hashlib.sha256(challenge.value).digest(),
            expires_at=challenge.expires_at,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "challenge_hash"])
        .returning(c.challenge_hash)
    )
    return spent.one_or_none() is not None
