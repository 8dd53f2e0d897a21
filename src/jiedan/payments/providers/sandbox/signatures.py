"""Signed messages of the sandbox: `Sandbox-Signature: t=<unix seconds>,v1=<HMAC-SHA256 of "t.body", hex>`."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from jiedan.base.i18n import Phrase

HEADER = "sandbox-signature"
WINDOW = timedelta(minutes=5)
"""How far a message's time may be from ours, either way."""

_FORM = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, body: bytes, at: datetime) -> str:
    """Return the header that signs `body` at a moment."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(secret, seconds, body)}"


def problem(secret: str, header: str, body: bytes, *, now: datetime | None) -> str | None:
    """Return what is wrong with a signed message, None for a right one; compared in constant time.

    Without `now` any age will do.
    """
    match = _FORM.fullmatch(header)
    if match is None:
        return Phrase("the signature is missing or malformed")
    if not secret or not hmac.compare_digest(match[2], _digest(secret, int(match[1]), body)):
        return Phrase("the signature does not match")
    if now is not None and abs(now - datetime.fromtimestamp(int(match[1]), UTC)) > WINDOW:
        return Phrase("it is too old or from the future")
    return None


def _digest(secret: str, seconds: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
