"""Proof that a form was sent from our own page: a token made from the session, checked on every unsafe request.

The token is an HMAC of the session credential (signed in) or of a random cookie (before sign-in), so nothing is stored.
API keys need none: a browser never sends them by itself.
"""

import hashlib
import hmac
import secrets

FIELD = "csrf_token"
HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Csrf:
    """Make and check tokens with this installation's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"csrf:" + secret.encode()).digest()

    def token(self, holder: str) -> str:
        """Return the token of the session credential or visitor cookie `holder`."""
        return hmac.digest(self._key, holder.encode(), "sha256").hex()

    def is_right(self, token: str, holder: str) -> bool:
        """Tell whether `token` was made for `holder`."""
        return hmac.compare_digest(token.encode(), self.token(holder).encode())


def new_visitor() -> str:
    """Return a fresh value for the cookie of somebody not signed in."""
    return secrets.token_urlsafe(16)
