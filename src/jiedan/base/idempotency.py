"""Idempotency: the same key with the same body leads to the same thing, however often it is sent.

A command that creates claims the callers' keys before it locks anything else, in its own transaction: one sorted
insert; what did not return is read back. A refused command gives its keys back, so trying again later is meant to work.

Hot paths put `claim_statement` and `read_statement` into one pipeline and hand both answers to `settle`;
`claim_many` does the same for everybody else.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import errors, sql
from jiedan.base.db import LockRank, Tx
from jiedan.base.i18n import N_

SQL = sql.load("jiedan.base", "idempotency.sql")

KEY_CHARACTERS_MAX = 255
CALLER_CHARACTERS_MAX = 100
KEPT_DAYS = 30
EXPIRED_PER_SET_MAX = 1000
CLAIM_TRIES_MAX = 3
"""A key that neither inserts nor reads back was given back or expired in between: claim again, this often at most."""

StatementCall = tuple[sql.Statement, dict[str, Any]]
Rows = Sequence[tuple[Any, ...]]


@dataclasses.dataclass(eq=False)
class KeyInvalid(errors.Invalid):
    """A key is empty, too long, or holds characters that cannot travel in a header."""

    code: ClassVar[str] = "idempotency_key_invalid"
    message: ClassVar[str] = N_("The idempotency key is not valid.")
    remedy: ClassVar[str] = N_("Send 1 to {characters_max} printable characters without line breaks.")

    characters_max: int = KEY_CHARACTERS_MAX


@dataclasses.dataclass(eq=False)
class KeyReused(errors.Invalid):
    """The key was used before with another body."""

    code: ClassVar[str] = "idempotency_key_reused"
    message: ClassVar[str] = N_("The idempotency key {key} was used before with different content.")
    remedy: ClassVar[str] = N_("Use a new key for new content, or send the first content again.")

    key: str


@dataclasses.dataclass(eq=False)
class MadeBeforeIsGone(errors.Conflict):
    """The key and this content led to something before, which does not exist any more."""

    code: ClassVar[str] = "idempotency_made_before_is_gone"
    message: ClassVar[str] = N_("What the idempotency key {key} had made does not exist any more.")
    remedy: ClassVar[str] = N_("Use a new key to make it again.")

    key: str


class Claim(NamedTuple):
    """One wish to create: `caller`'s `key` for the body of this fingerprint, which would make `subject_id`."""

    caller: str
    key: str
    fingerprint: bytes
    subject_id: UUID


class Fresh(NamedTuple):
    """The key is ours now: create the subject."""

    subject_id: UUID


class Same(NamedTuple):
    """The same was asked before: answer with what it led to.

    `outcome` is what `record_outcomes` stored, if anything. `repeats` is the place in this batch of the claim that
    carries the same key; that one may yet be refused, and then so is this one. None when it was an earlier batch.
    """

    subject_id: UUID
    outcome: bytes | None
    repeats: int | None


class Reused(NamedTuple):
    """The key belongs to another body; `repeats` as in `Same`."""

    repeats: int | None


Verdict = Fresh | Same | Reused


def fingerprint(body: object) -> bytes:
    """Return the SHA-256 of `body` as canonical JSON: fields, keys and sets sorted; `body` is what msgspec encodes."""
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).digest()


def check_key(key: str, *, field: str = "Idempotency-Key") -> str:
    """Return `key` as it was given. Raises KeyInvalid, naming `field`, when it cannot be one."""
    if not 0 < len(key) <= KEY_CHARACTERS_MAX or not key.isprintable():
        raise KeyInvalid(field=field)
    return key


def key_of_header(header: str) -> str | None:
    """Return what stands in `Idempotency-Key`, None for nothing. Raises KeyInvalid, also for what is not ASCII."""
    if not header:
        return None
    if not header.isascii():
        raise KeyInvalid(field="Idempotency-Key")
    return check_key(header)


def key_of_row(key: str, number: int) -> str:
    """Return the key of row `number` of a request that came with `key`: no other row's, however long the key is."""
    of_row = f"{key}/{number}"
    if len(of_row) <= KEY_CHARACTERS_MAX:
        return of_row
    digest = hashlib.sha256(of_row.encode()).hexdigest()
    return f"{key[: KEY_CHARACTERS_MAX - len(digest) - 1]}#{digest}"


async def claim_many(tx: Tx, *, operation: str, claims: Sequence[Claim]) -> list[Verdict]:
    """Claim keys for `operation`: one verdict per claim, in order. One statement; a second when a key is not fresh.

    A key that another transaction is claiming right now is waited for. Within one batch a key belongs to the first
    claim that carries it. Raises ValueError for a key or caller over its cap: `check_key` refuses it at the door.
    """
    for _ in range(CLAIM_TRIES_MAX):
        tx.will_lock(LockRank.IDEMPOTENCY)
        statement, parameters = claim_statement(tx, operation=operation, claims=claims)
        claimed = await tx.sql(statement, **parameters)
        missing = _without(claims, claimed)
        existing: Rows = ()
        if missing:
            statement, parameters = read_statement(operation=operation, claims=missing)
            existing = await tx.sql(statement, **parameters)
        verdicts = settle(claims, claimed, existing)
        if verdicts is not None:
            return verdicts
        fresh = set(claimed)
        await give_back_many(tx, operation=operation, claims=[c for c in claims if (c.caller, c.key) in fresh])
    raise errors.Unavailable


def claim_statement(tx: Tx, *, operation: str, claims: Sequence[Claim]) -> StatementCall:
    """Return the insert that claims keys; it answers the (caller, key) pairs that are fresh. First of a pipeline.

    Raises ValueError for a key or caller over its cap.
    """
    firsts = _firsts(claims)
    for claim in firsts:
        if len(claim.key) > KEY_CHARACTERS_MAX or len(claim.caller) > CALLER_CHARACTERS_MAX:
            message = f"key of {len(claim.key)} or caller of {len(claim.caller)} characters is over its cap"
            raise ValueError(message)
    return SQL["claim_keys"], {
        "operation": operation,
        "created_at": tx.now,
        "callers": [c.caller for c in firsts],
        "keys": [c.key for c in firsts],
        "fingerprints": [c.fingerprint for c in firsts],
        "subject_ids": [c.subject_id for c in firsts],
    }


def read_statement(*, operation: str, claims: Sequence[Claim]) -> StatementCall:
    """Return the read of what is stored under the keys of `claims`; in a pipeline it follows the claim."""
    return SQL["read_keys"], {"operation": operation, **_pairs(claims)}


def settle(claims: Sequence[Claim], claimed: Rows, existing: Rows) -> list[Verdict] | None:
    """Return the verdict of each claim from the answers of the claim and of the read; pure.

    None when a key is in neither answer: it was given back or expired between the two. The caller gives back what
    it has claimed, or rolls back, and starts over.
    """
    fresh = {(caller, key) for caller, key in claimed}
    stored = {(row[0], row[1]): row[2:] for row in existing}
    first_at: dict[tuple[str, str], int] = {}
    verdicts: list[Verdict] = []
    for index, claim in enumerate(claims):
        pair = (claim.caller, claim.key)
        first = first_at.setdefault(pair, index)
        if pair in fresh:
            verdicts.append(Fresh(claim.subject_id) if first == index else _repeat(claims, first, claim))
            continue
        if pair not in stored:
            return None
        digest, subject_id, outcome = stored[pair]
        verdicts.append(Same(subject_id, outcome, None) if digest == claim.fingerprint else Reused(None))
    return verdicts


async def give_back_many(tx: Tx, *, operation: str, claims: Sequence[Claim]) -> None:
    """Give back the keys of commands that were refused; only keys claimed in this transaction."""
    if claims:
        statement, parameters = give_back_statement(operation=operation, claims=claims)
        await tx.sql_count(statement, **parameters)


def give_back_statement(*, operation: str, claims: Sequence[Claim]) -> StatementCall:
    """Return the statement of `give_back_many`, for a pipeline."""
    return SQL["give_back_keys"], {"operation": operation, **_pairs(claims)}


async def record_outcomes(tx: Tx, *, operation: str, outcomes: Sequence[tuple[Claim, bytes]]) -> None:
    """Store what fresh claims led to, for commands whose answer cannot be read again from the subject."""
    await tx.sql_count(
        SQL["record_outcomes"],
        operation=operation,
        callers=[claim.caller for claim, _ in outcomes],
        keys=[claim.key for claim, _ in outcomes],
        outcomes=[outcome for _, outcome in outcomes],
    )


async def expire(tx: Tx) -> int:
    """Delete one bounded set of this tenant's keys older than `KEPT_DAYS`; return how many, 0 when none are left."""
    return await tx.sql_count(SQL["expire_keys"], before=tx.now - timedelta(days=KEPT_DAYS), limit=EXPIRED_PER_SET_MAX)


def _firsts(claims: Sequence[Claim]) -> list[Claim]:
    by_pair: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        by_pair.setdefault((claim.caller, claim.key), claim)
    return [by_pair[pair] for pair in sorted(by_pair)]


def _pairs(claims: Sequence[Claim]) -> dict[str, Any]:
    firsts = _firsts(claims)
    return {"callers": [c.caller for c in firsts], "keys": [c.key for c in firsts]}


def _without(claims: Sequence[Claim], claimed: Rows) -> list[Claim]:
    fresh = {(caller, key) for caller, key in claimed}
    return [claim for claim in claims if (claim.caller, claim.key) not in fresh]


def _repeat(claims: Sequence[Claim], first: int, claim: Claim) -> Verdict:
    if claims[first].fingerprint == claim.fingerprint:
        return Same(claims[first].subject_id, None, first)
    return Reused(first)
