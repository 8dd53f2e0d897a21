"""The throttle of sign-ins: so many attempts per account and per network within a window."""

import hashlib
from collections.abc import Mapping

from jiedan.accounts import events, rules
from jiedan.base import sql
from jiedan.base.db import ReadTx, Tx

SQL = sql.load("jiedan.accounts.service", "throttle.sql")

API_KEYS = "api_key:"
"""How API keys begin as callers."""


def account_subject(email: str) -> bytes:
    """Return the throttle's name for an account, known or not."""
    return hashlib.sha256(b"account:" + rules.email_key(email).encode()).digest()


def network_subject(network: str) -> bytes:
    """Return the throttle's name for a network; empty when none is known (a Unix socket), which is not counted."""
    return hashlib.sha256(b"network:" + network.encode()).digest() if network else b""


async def count(tx: Tx, *, account: bytes, network: bytes) -> int:
    """Count one attempt for both subjects (an empty network is not counted); return the seconds to wait, 0 to go on.

    The first attempt over a limit is recorded as an event.
    """
    limits = {account: rules.ATTEMPTS_PER_ACCOUNT_MAX}
    if network:
        limits[network] = rules.ATTEMPTS_PER_NETWORK_MAX
    return await count_within(tx, limits)


async def count_reset(tx: Tx, *, email: str, network: str) -> int:
    """Count one request for a reset link, known account or not; return the seconds to wait, 0 to go on."""
    limits = {
        hashlib.sha256(b"reset:" + account_subject(email)).digest(): rules.RESETS_PER_ACCOUNT_MAX,
    }
    if network:
        limits[hashlib.sha256(b"reset:" + network_subject(network)).digest()] = rules.RESETS_PER_NETWORK_MAX
    return await count_within(tx, limits)


def limits_of_codes(kind: str, *, caller: str, network: str) -> dict[bytes, int]:
    """Return what codes of a kind that nothing has count for, who tries them and from where, each with its limit.

    Behind an API key are all the customers of a shop, who share one server: the key alone counts, and more of them.
    """

    def subject(what: str, text: str) -> bytes:
        return hashlib.sha256(f"{kind} by {what}:{text}".encode()).digest()

    if caller.startswith(API_KEYS):
        return {subject("caller", caller): rules.CODES_PER_KEY_MAX}
    limits = {subject("caller", caller): rules.CODES_PER_CALLER_MAX}
    if network:
        limits[subject("network", network)] = rules.CODES_PER_NETWORK_MAX
    return limits


async def count_within(tx: Tx, limits: Mapping[bytes, int], *, times: int = 1) -> int:
    """Count attempts, one or so many `times`, for each subject (a hash) with its limit.

    Returns the seconds to wait, 0 to go on. The first attempt over a limit is recorded as an event.
    """
    before = tx.now - rules.THROTTLE_WINDOW
    counted = await tx.sql(SQL["count_attempts"], subjects=sorted(limits), times=times, at=tx.now, before=before)
    if any(limits[subject] < attempts <= limits[subject] + times for subject, attempts, _ in counted):
        tx.emit(events.SignInThrottled(merchant_id=tx.tenant))
    return max(
        rules.retry_after_s(attempts, limit=limits[subject], window_started_at=started_at, now=tx.now)
        for subject, attempts, started_at in counted
    )


async def wait_within(tx: ReadTx, limits: Mapping[bytes, int]) -> int:
    """Return how many seconds the next attempt of these subjects has to wait, 0 where it need not; nothing counts."""
    counted = await tx.sql(SQL["attempts"], subjects=sorted(limits), before=tx.now - rules.THROTTLE_WINDOW)
    return max(
        (
            rules.retry_after_s(attempts + 1, limit=limits[subject], window_started_at=started_at, now=tx.now)
            for subject, attempts, started_at in counted
        ),
        default=0,
    )


async def forgive(tx: Tx, *, account: bytes, network: bytes) -> None:
    """Forget the attempts of an account that proved itself, and the one of its network, in the order they are counted.

    An empty network is none.
    """
    steps = {account: SQL["forget_account"], **({network: SQL["forgive_network"]} if network else {})}
    for subject, statement in sorted(steps.items()):
        await tx.sql_count(statement, subject=subject)
