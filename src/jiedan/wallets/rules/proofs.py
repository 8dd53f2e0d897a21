"""Gift cards that a page pays with, named without their codes: pure.

Whoever typed the code of a card gets a proof of it: the card's id and a signature over it, the merchant and what it is
to pay for, made with the installation's secret for this purpose alone. It is good for that alone; nothing is stored.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from jiedan.base.ids import TenantId
from jiedan.wallets.values import WalletId

SIGNATURE_BYTES = 16
_ID_BYTES = 16


def proof_of(secret: str, tenant: TenantId, subject: bytes, wallet_id: WalletId) -> str:
    """Return the proof that the code of a card was typed for `subject`: the id of a cart, or the digest of a form."""
    raw = wallet_id.bytes + _signature(secret, tenant, subject, wallet_id)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def card_of(secret: str, tenant: TenantId, subject: bytes, proof: str) -> WalletId | None:
    """Return the card that a proof is of, or None for one that was not made here, or for something else."""
    try:
        raw = base64.b64decode(proof + "=" * (-len(proof) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    if len(raw) != _ID_BYTES + SIGNATURE_BYTES:
        return None
    wallet_id = WalletId(UUID(bytes=raw[:_ID_BYTES]))
    is_right = hmac.compare_digest(raw[_ID_BYTES:], _signature(secret, tenant, subject, wallet_id))
    return wallet_id if is_right else None


def _signature(secret: str, tenant: TenantId, subject: bytes, wallet_id: WalletId) -> bytes:
    key = hashlib.sha256(b"gift card of a cart:" + secret.encode()).digest()
    return hmac.digest(key, tenant.bytes + subject + wallet_id.bytes, "sha256")[:SIGNATURE_BYTES]
