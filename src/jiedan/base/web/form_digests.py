"""Digests of what forms said: equal for equal forms, and of no use to whoever has the database alone.

What is typed may be a secret short enough to guess, such as the code of a gift card or of a look-up; so the digest is
keyed with this installation's secret, whichever fields a form has. After the secret was changed a form is another one.
"""

import hashlib
import hmac


class FormDigests:
    """Make digests with this installation's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"forms:" + secret.encode()).digest()

    def of(self, fingerprint: bytes) -> bytes:
        """Return the digest of the fingerprint of a form, 32 bytes."""
        return hmac.digest(self._key, fingerprint, "sha256")
