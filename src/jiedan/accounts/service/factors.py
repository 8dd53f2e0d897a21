"""The second step of signing in: one-time codes of an app (RFC 6238), and recovery codes for the day it is lost.

The secret is sealed at rest and shown until a code of it was given; a code is taken once. Recovery codes are shown once
and kept as hashes.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.accounts import errors, events, queries, tables
from jiedan.accounts.service import credentials
from jiedan.accounts.values import StaffId
from jiedan.base import lazy
from jiedan.base.db import ReadTx, Tx
from jiedan.base.ids import TenantId
from jiedan.base.sealing import Place, SealBroken, Sealer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.twofactor import totp
else:  # loaded when the first code is asked for
    hashes = lazy.Deferred("cryptography.hazmat.primitives.hashes")
    totp = lazy.Deferred("cryptography.hazmat.primitives.twofactor.totp")

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
STEPS_APART_MAX = 1
"""So many steps earlier or later is right, too: clocks of phones differ."""

RECOVERY_CODES = 10
RECOVERY_GROUPS = 3
RECOVERY_GROUP_CHARACTERS = 4
PENDING_MAX = timedelta(minutes=5)
"""So long after the password the code may come."""


class Enrolment(NamedTuple):
    """What an app is told: `secret` to type, or `address` to scan (otpauth://…)."""

    secret: str
    address: str


class Factor(NamedTuple):
    """A person's app for one-time codes; it counts once it is confirmed."""

    sealed: bytes
    is_confirmed: bool
    codes_left: int
    """Recovery codes that are not used yet."""


class _Pending(msgspec.Struct):
    """Whose password was right, and when."""

    at: datetime
    password: bytes


async def factor(tx: ReadTx, *, staff_id: UUID) -> Factor | None:
    """Return a person's app for one-time codes, or None."""
    f, r = tables.StaffFactor, tables.RecoveryCode
    left = (
        sa.select(sa.func.count())
        .select_from(r)
        .where(r.tenant_id == tx.tenant, r.staff_id == f.staff_id, r.used_at.is_(None))
        .scalar_subquery()
    )
    wanted = sa.select(f.sealed, f.confirmed_at, left.label("left")).where(
        f.tenant_id == tx.tenant, f.staff_id == staff_id
    )
    found = (await tx.execute(wanted)).one_or_none()
    return None if found is None else Factor(found.sealed, found.confirmed_at is not None, found.left)


async def factor_for_update(tx: Tx, *, staff_id: UUID) -> Factor | None:
    """Return a person's app for one-time codes, or None, and lock the person: there may be no app yet to be locked.

    Raises StaffNotFound.
    """
    await queries.person_for_update(tx, staff_id)
    return await factor(tx, staff_id=staff_id)


async def begin(tx: Tx, sealer: Sealer, *, staff_id: StaffId) -> Enrolment:
    """Make a secret for a person's app; one that was never confirmed is replaced. Raises FactorExists."""
    f = tables.StaffFactor
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    sealed = sealer.seal(secret.encode(), place=_place(tx.tenant, staff_id))
    present = await factor_for_update(tx, staff_id=staff_id)
    if present is not None and present.is_confirmed:
        raise errors.FactorExists
    await tx.execute(sa.delete(f).where(f.tenant_id == tx.tenant, f.staff_id == staff_id))
    await tx.execute(
        sa.insert(f).values(
            tenant_id=tx.tenant, staff_id=staff_id, sealed=sealed, last_step=0, begun_at=tx.now, confirmed_at=None
        )
    )
    return await _enrolment(tx, staff_id, secret)


async def enrolment(tx: ReadTx, sealer: Sealer, *, staff_id: StaffId) -> Enrolment | None:
    """Return what an app is told that was not confirmed yet, or None."""
    present = await factor(tx, staff_id=staff_id)
    if present is None or present.is_confirmed:
        return None
    return await _enrolment(tx, staff_id, _opened(tx.tenant, sealer, staff_id, present.sealed))


async def confirm(tx: Tx, sealer: Sealer, *, staff_id: StaffId, code: str) -> list[str]:
    """Let the app count from now on and return the recovery codes, which are shown once.

    Raises FactorNotFound, FactorExists or CodeWrong.
    """
    present = await factor_for_update(tx, staff_id=staff_id)
    if present is None:
        raise errors.FactorNotFound
    if present.is_confirmed:
        raise errors.FactorExists
    await _take_step(tx, sealer, staff_id, present, code)
    f, r = tables.StaffFactor, tables.RecoveryCode
    await tx.execute(sa.update(f).where(f.tenant_id == tx.tenant, f.staff_id == staff_id).values(confirmed_at=tx.now))
    await tx.execute(sa.delete(r).where(r.tenant_id == tx.tenant, r.staff_id == staff_id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    rows = [{"tenant_id": tx.tenant, "staff_id": staff_id, "code_hash": _hash(code), "used_at": None} for code in codes]
    await tx.execute(sa.insert(r).values(rows))
    tx.emit(events.SecondFactorAdded(staff_id=staff_id))
    return codes


async def remove(tx: Tx, *, staff_id: StaffId) -> None:
    """Let a person sign in by password alone again. Raises FactorNotFound."""
    f, r = tables.StaffFactor, tables.RecoveryCode
    await tx.execute(sa.delete(r).where(r.tenant_id == tx.tenant, r.staff_id == staff_id))
    gone = await tx.execute(sa.delete(f).where(f.tenant_id == tx.tenant, f.staff_id == staff_id))
    if not gone.rowcount:
        raise errors.FactorNotFound
    tx.emit(events.SecondFactorRemoved(staff_id=staff_id))


async def check(tx: Tx, sealer: Sealer, *, staff_id: StaffId, code: str) -> None:
    """Take a code of the app, or a recovery code, once. Raises FactorNotFound or CodeWrong."""
    present = await factor_for_update(tx, staff_id=staff_id)
    if present is None or not present.is_confirmed:
        raise errors.FactorNotFound
    if _digits(code):
        await _take_step(tx, sealer, staff_id, present, code)
    else:
        await _take_recovery_code(tx, staff_id, code)


def pending(tenant: TenantId, sealer: Sealer, *, staff_id: StaffId, password_hash: str, now: datetime) -> str:
    """Return a token that says whose password was right, for the page that asks for the code."""
    content = msgspec.msgpack.encode(_Pending(now, _digest(password_hash)))
    sealed = sealer.seal(content, place=_pending_place(tenant, staff_id))
    return f"{staff_id.hex}.{base64.urlsafe_b64encode(sealed).decode()}"


def whose(token: str) -> StaffId:
    """Return whose token it claims to be. Raises SignInExpired."""
    try:
        return StaffId(UUID(token.partition(".")[0]))
    except ValueError as error:
        raise errors.SignInExpired from error


def check_pending(tenant: TenantId, sealer: Sealer, *, token: str, password_hash: str | None, now: datetime) -> None:
    """Make sure that the password was right a moment ago and still is. Raises SignInExpired."""
    try:
        sealed = base64.urlsafe_b64decode(token.partition(".")[2])
        opened = sealer.open(sealed, place=_pending_place(tenant, whose(token)))
        found = msgspec.msgpack.decode(opened, type=_Pending)
    except (binascii.Error, ValueError, SealBroken, msgspec.DecodeError) as error:
        raise errors.SignInExpired from error
    is_same = password_hash is not None and hmac.compare_digest(found.password, _digest(password_hash))
    if not is_same or not timedelta(0) <= now - found.at <= PENDING_MAX:
        raise errors.SignInExpired


async def _take_step(tx: Tx, sealer: Sealer, staff_id: StaffId, present: Factor, code: str) -> None:
    """Take the code of a step later than the last one that was taken. Raises CodeWrong."""
    app = _app(_opened(tx.tenant, sealer, staff_id, present.sealed))
    present_step = int(tx.now.timestamp()) // STEP_S
    steps = range(present_step - STEPS_APART_MAX, present_step + STEPS_APART_MAX + 1)
    given = _digits(code)
    right = [step for step in steps if hmac.compare_digest(app.generate(step * STEP_S).decode(), given)]
    f = tables.StaffFactor
    for step in right:
        taken = await tx.execute(
            sa.update(f)
            .where(f.tenant_id == tx.tenant, f.staff_id == staff_id, f.last_step < step)
            .values(last_step=step)
        )
        if taken.rowcount:
            return
    raise errors.CodeWrong(field="code")


async def _take_recovery_code(tx: Tx, staff_id: StaffId, code: str) -> None:
    r = tables.RecoveryCode
    of_person = (r.tenant_id == tx.tenant, r.staff_id == staff_id, r.used_at.is_(None))
    taken = await tx.execute(sa.update(r).where(*of_person, r.code_hash == _hash(code)).values(used_at=tx.now))
    if not taken.rowcount:
        raise errors.CodeWrong(field="code")
    left = (await tx.execute(sa.select(sa.func.count()).select_from(r).where(*of_person))).scalar_one()
    tx.emit(events.RecoveryCodeUsed(staff_id=staff_id, left=left))


async def _enrolment(tx: ReadTx, staff_id: StaffId, secret: str) -> Enrolment:
    person = await queries.person(tx, staff_id)
    merchant = await tx.load_one(queries.settings())
    address = _app(secret).get_provisioning_uri(person.email, merchant.name)
    return Enrolment(secret, address)


def _app(secret: str) -> "totp.TOTP":
    return totp.TOTP(base64.b32decode(secret), DIGITS, hashes.SHA1(), STEP_S)  # what RFC 6238 says and apps do


def _opened(tenant: TenantId, sealer: Sealer, staff_id: StaffId, sealed: bytes) -> str:
    return sealer.open(sealed, place=_place(tenant, staff_id)).decode()


def _place(tenant: TenantId, staff_id: StaffId) -> Place:
    return Place(tenant, "staff_factor", "sealed", str(staff_id))


def _pending_place(tenant: TenantId, staff_id: StaffId) -> Place:
    return Place(tenant, "staff_factor", "pending", str(staff_id))


def _digits(code: str) -> str:
    """Return the digits of an app's code; empty for what is none."""
    bare = "".join(code.split())
    return bare if bare.isascii() and bare.isdigit() else ""


def _recovery_code() -> str:
    return "-".join(
        "".join(secrets.choice(credentials.READABLE) for _ in range(RECOVERY_GROUP_CHARACTERS))
        for _ in range(RECOVERY_GROUPS)
    )


def _hash(code: str) -> bytes:
    bare = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(b"recovery:" + bare.encode()).digest()


def _digest(password_hash: str) -> bytes:
    return hashlib.sha256(password_hash.encode()).digest()
