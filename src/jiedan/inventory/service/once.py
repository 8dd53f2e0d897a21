"""Do a create once per caller's key."""

from uuid import UUID

from jiedan.base import idempotency
from jiedan.base.db import Tx


async def new_subject(tx: Tx, *, operation: str, key: str | None, body: object) -> tuple[UUID, bool]:
    """Return the id to create under, and whether it is fresh; the same key and body lead to the same id again.

    Without a key every call is fresh. Raises KeyReused for a key that came with another body.
    """
    subject_id = tx.new_id()
    if key is None:
        return subject_id, True
    caller = f"{tx.actor.kind}:{tx.actor.id}"
    claim = idempotency.Claim(caller, idempotency.check_key(key), idempotency.fingerprint(body), subject_id)
    (verdict,) = await idempotency.claim_many(tx, operation=operation, claims=[claim])
    if isinstance(verdict, idempotency.Reused):
        raise idempotency.KeyReused(key)
    return verdict.subject_id, isinstance(verdict, idempotency.Fresh)
